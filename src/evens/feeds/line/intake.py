"""Taking providers' messages in: whose it is, by its signature, and then to the source."""

from collections.abc import Iterable, Mapping
from typing import Final

import structlog
from standardwebhooks import Webhook

from evens.feeds.line.feed import LineFeed
from evens.feeds.line.metrics import LineMetrics
from evens.feeds.line.sayings import SayingInvalid
from evens.feeds.upstream import SourceFailed

_HEADERS: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")

_log: Final = structlog.get_logger(__name__)


class NotSigned(Exception):
    """No source of ours has signed the message, or it was signed too long ago."""


class LineIntake:
    """Finds the source whose secret signed a message, and has it heard."""

    def __init__(self, feed: LineFeed, metrics: LineMetrics) -> None:
        self._feed = feed
        self._metrics = metrics

    async def take(self, headers: Mapping[str, str], body: bytes) -> None:
        """Take a message, and return once what it says is durable or was known. Names of headers are in lower case.

        Raises :class:`NotSigned`, :class:`evens.feeds.line.sayings.SayingInvalid` for what cannot be understood, and,
        for the provider to try again, :class:`evens.feeds.upstream.SourceFailed`,
        :class:`evens.sequencer.errors.NotBooked` or :class:`evens.store.errors.StoreUnavailable`.
        """
        given, sources = _signature(headers), self._feed.sources.values()
        source = next((each for each in sources if _has_signed(each.signing_secrets(), given, body)), None)
        if source is None and given and any(each.awaits_secrets for each in sources):
            # After a start, and while another server leads: the provider must not take it for refused.
            self._metrics.heard("unjudged")
            raise SourceFailed("the secret with which messages are signed is not known yet")
        if source is None:
            self._metrics.heard("unsigned")
            raise NotSigned
        self._feed.heard(source.name)
        try:
            await source.hear(headers, body)
        except SayingInvalid as error:
            _log.warning("line_message_refused", source=source.name, error=str(error))
            self._metrics.heard("refused")
            raise
        self._metrics.heard("booked")


def _signature(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return the headers that sign a message, none if one is missing or cannot be a part of a signature."""
    given = {name: headers.get(name, "") for name in _HEADERS}
    return given if all(value and value.isascii() for value in given.values()) else {}


def _has_signed(secrets: Iterable[str], given: Mapping[str, str], body: bytes) -> bool:
    return bool(given) and any(_verifies(secret, given, body) for secret in secrets)


def _verifies(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except Exception:
        # The library raises its own error for a wrong signature, and others for what is none at all.
        return False
    return True
