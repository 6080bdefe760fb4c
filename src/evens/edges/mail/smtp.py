"""Delivers mail to a server that speaks SMTP."""

import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final

import aiosmtplib

from evens.edges.http.login.mails import Mail, MailFailed

_TIMEOUT_S: Final = 15


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed over. ``repr`` does not show the password.

    ``scheme`` is ``smtps`` for TLS from the beginning, ``smtp`` for STARTTLS or nothing, ``smtp+plain`` for no TLS.
    """

    scheme: str
    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)


class SmtpMailer:
    """Implements :class:`evens.edges.http.login.mails.Mailer`, with a connection for each mail."""

    def __init__(
        self,
        server: SmtpServer,
        sender: str,
        reset_url: str | None = None,
        *,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._ssl_context = ssl_context
        self._sender = sender
        self._reset_url = reset_url

    @property
    def reset_url(self) -> str | None:
        """The page on which people set a new password."""
        return self._reset_url

    async def send(self, mail: Mail) -> None:
        """Hand a mail over. Raises :class:`MailFailed`."""
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2].rstrip(">"))
        message.set_content(mail.text)
        server = self._server
        try:
            await aiosmtplib.send(
                message,
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=server.password,
                use_tls=server.scheme == "smtps",
                start_tls=server.scheme == "smtp",
                tls_context=self._ssl_context,
                timeout=_TIMEOUT_S,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise MailFailed(f"{server.host}:{server.port} says {error}") from error
