"""The form of e-mail addresses. Whether an address exists is not checked."""

import re
from typing import Final

from evens.identity.errors import EmailInvalid

LENGTH_MAX: Final = 254
"""Most characters that mail servers accept in an address (RFC 5321)."""

_LOCAL: Final = r"[^\s@\"(),:;<>\[\\\].]+(?:\.[^\s@\"(),:;<>\[\\\].]+)*"
_LABEL: Final = r"(?!-)[A-Za-z0-9\u0080-\U0010ffff-]{1,63}(?<!-)"
_ADDRESS: Final = re.compile(rf"(?P<local>{_LOCAL})@{_LABEL}(?:\.{_LABEL})+")
_LOCAL_LENGTH_MAX: Final = 64


def check_email(email: str) -> str:
    """Return the address as given. Raises :class:`EmailInvalid` if it cannot be one.

    One ``@``, a name of dot-separated words before it, a domain of at least two labels after it; letters of any
    script, and nothing that is quoted, blank or invisible.
    """
    if len(email) > LENGTH_MAX:
        raise EmailInvalid(f"must have at most {LENGTH_MAX} characters")
    match = _ADDRESS.fullmatch(email) if email.isprintable() else None
    if match is None or len(match["local"]) > _LOCAL_LENGTH_MAX:
        raise EmailInvalid('must be an e-mail address such as "ada@example.com"')
    return email
