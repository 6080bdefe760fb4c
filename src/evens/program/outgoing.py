"""What leaves the server: notices to webhooks, and mails."""

from evens.edges.jobs.addresses import Destinations
from evens.edges.jobs.messages import Secrets
from evens.edges.jobs.sending import Sender
from evens.edges.mail.smtp import SmtpMailer, SmtpServer
from evens.identity.keys import InstallationKeys
from evens.settings import Settings, parse_smtp_url


def sender_of(settings: Settings, keys: InstallationKeys) -> Sender:
    """Return what sends notices."""
    return Sender(Destinations(allow_private=settings.webhooks_allow_private), Secrets(keys))


def mailer_of(settings: Settings) -> SmtpMailer | None:
    """Return what sends mails, ``None`` if nobody said by which server."""
    if settings.smtp_url is None or settings.smtp_from is None:
        return None
    return SmtpMailer(SmtpServer(*parse_smtp_url(settings.smtp_url)), settings.smtp_from, settings.reset_url)
