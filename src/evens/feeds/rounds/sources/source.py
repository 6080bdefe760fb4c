"""What a source of prices is to the oracle, wherever its prices come from."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from evens.feeds.rounds.calendar import Session


@dataclass(frozen=True, slots=True)
class Quote:
    """A price as a source gives it, and what it is dated, in the form of :attr:`Session.observed_on`.

    ``reason`` is why a person said so; other sources give none.
    """

    price: Decimal
    observed_on: str
    reason: str = ""


class NotYet(Exception):
    """A source does not know the price yet. It is asked again; this is no failure. ``str()`` says what it shows."""


class PriceReader(Protocol):
    """A source of closing prices, with a name that no other source of the pool has."""

    @property
    def name(self) -> str:
        """The name under which evidence, logs and metrics speak of this source."""
        ...

    async def closing(self, symbol: str, session: Session) -> Quote:
        """Return the price of a symbol at the close of a session, with its date; the oracle compares the dates, too.

        Raises :class:`NotYet`, :class:`evens.feeds.upstream.SourceAway` for what may pass within seconds, and
        :class:`evens.feeds.upstream.SourceFailed`, which quotes nothing of what it read: evidence is public.
        """
        ...
