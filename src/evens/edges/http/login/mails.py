"""The mails that people get about their logins, and what sends them."""

from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import quote

from evens.core.values.moments import format_datetime
from evens.identity.resets import ResetToken

_SUBJECT: Final = "Set your password"

_TEXT: Final = """\
Hello {username},

{how}

It works once, until {expires_at}. When the new password is set, you are logged out everywhere.
If you did not ask for this, tell us; your password stays as it is.
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """A message in plain text to one address."""

    to: str
    subject: str
    text: str


class MailFailed(Exception):
    """A mail was not accepted for delivery; ``str()`` says why, as a part of a sentence."""


class Mailer(Protocol):
    """Delivers mails. ``reset_url`` is the page on which people set a new password, if there is one."""

    @property
    def reset_url(self) -> str | None:
        """The page's address."""
        ...

    async def send(self, mail: Mail) -> None:
        """Hand a mail over for delivery. Raises :class:`MailFailed`."""
        ...


def reset_mail(made: ResetToken, to: str, reset_url: str | None) -> Mail:
    """Return the mail that takes a reset token to its user. In a link it is a fragment, which no server logs."""
    if reset_url is None:
        how = f"set a new password with this token:\n\n    {made.token}"
    else:
        how = f"set a new password on this page:\n\n    {reset_url}#token={quote(made.token)}"
    until = format_datetime(made.expires_at)
    return Mail(to, _SUBJECT, _TEXT.format(username=made.username, how=how, expires_at=until))
