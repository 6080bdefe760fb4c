"""Prices that an operator says."""

from decimal import Decimal
from typing import Protocol

from evens.core.values.pool_running import PriceSource
from evens.feeds.rounds.calendar import Session
from evens.feeds.rounds.sources.source import NotYet, Quote


class Words(Protocol):
    """What operators said, for all pools of a house."""

    async def heard(self, source: str, symbol: str, session: Session) -> tuple[Decimal, str] | None:
        """Return the price of a symbol at a session's close and why it is that, if anybody said so."""
        ...


class OperatorWords:
    """Implements :class:`Words` in memory, for whoever has no tables."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str, str], Decimal] = {}

    def say(self, source: str, symbol: str, session: Session, price: Decimal) -> None:
        """Keep the price of a symbol at the close of a session; it replaces what was said before."""
        self._said[source, symbol, session.code] = price

    async def heard(self, source: str, symbol: str, session: Session) -> tuple[Decimal, str] | None:
        """Return what was said, if anything was."""
        price = self._said.get((source, symbol, session.code))
        return None if price is None else (price, "")

    def forget(self, symbol: str, session: Session) -> None:
        """Forget what was said of a session that is over."""
        for key in [key for key in self._said if key[1:] == (symbol, session.code)]:
            del self._said[key]


class ManualReader:
    """A source whose prices an operator says."""

    def __init__(self, source: PriceSource, words: Words) -> None:
        self._source = source
        self._words = words

    @property
    def name(self) -> str:
        """The source's name."""
        return self._source.name

    async def closing(self, symbol: str, session: Session) -> Quote:
        """Return what an operator said of a symbol's close."""
        said = await self._words.heard(self._source.name, symbol, session)
        if said is None:
            raise NotYet("waits for an operator's word")
        return Quote(said[0], session.observed_on, said[1])
