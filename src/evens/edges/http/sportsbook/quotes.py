"""Cash-out quotes as opaque ids: what was offered, and until when.

The house works the amount out anew, so nobody gains by making one up.
"""

import base64
import re
from dataclasses import dataclass
from typing import Final

from evens.core.values.moments import MOMENT_MAX

_QUOTE: Final = re.compile(r"([1-9][0-9]{0,18})\.([1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Quote:
    """What a bet was worth, in minor units, and until when that is good, in nanoseconds since 1970."""

    amount_minor: int
    expires_at: int


def format_quote(quote: Quote) -> str:
    """Return the id of a quote."""
    written = f"{quote.amount_minor}.{quote.expires_at}"
    return base64.urlsafe_b64encode(written.encode("ascii")).decode("ascii").rstrip("=")


def parse_quote(text: str) -> Quote | None:
    """Return the quote with this id, ``None`` if it can be none."""
    try:
        written = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except ValueError:
        return None
    match = _QUOTE.fullmatch(written)
    quote = Quote(int(match[1]), int(match[2])) if match else None
    if quote is None or max(quote.amount_minor, quote.expires_at) > MOMENT_MAX or format_quote(quote) != text:
        return None
    return quote
