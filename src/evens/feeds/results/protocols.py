"""What the watcher needs of the house: to find markets, to ask for changes, and to call an operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from evens.core.values.betting import MarketStatus
from evens.core.values.reasons import Reason


@dataclass(frozen=True, slots=True)
class LiveMarket:
    """A market that is not archived, as it stands.

    ``runners`` are names, numbered from 1; ``removed`` and ``winners`` are such numbers. ``winners`` count only while
    the status is :attr:`MarketStatus.SETTLED`.
    """

    id: int
    event: str
    name: str
    runners: tuple[str, ...]
    removed: frozenset[int]
    status: MarketStatus
    winners: tuple[int, ...] = ()


class Markets(Protocol):
    """Where markets are looked up."""

    async def find(self, event: str) -> Sequence[LiveMarket]:
        """Return the markets of the event of this very name, settled ones too unless they are archived.

        Raises :class:`evens.store.errors.StoreUnavailable`.
        """
        ...


class Desk(Protocol):
    """Where the house is asked for changes.

    Every method that asks for one takes a key: asked again under the same key, the house gives the answer it gave and
    does nothing more, also after a restart. Each returns why the house refuses, or ``None`` if it did what was asked.
    All raise :class:`evens.sequencer.errors.NotBooked` or :class:`evens.store.errors.StoreUnavailable` if there is no
    answer yet.
    """

    async def suspend(self, market: int, *, key: str) -> Reason | None:
        """Ask for :class:`evens.core.commands.exchange.SuspendMarket`."""
        ...

    async def settle(self, market: int, winners: tuple[int, ...], *, dead_heat: bool, key: str) -> Reason | None:
        """Ask for :class:`evens.core.commands.exchange.SettleMarket`, never as a correction."""
        ...

    async def void(self, market: int, *, key: str) -> Reason | None:
        """Ask for :class:`evens.core.commands.exchange.VoidMarket`, never as a correction."""
        ...

    async def knows(self, key: str) -> bool:
        """Return whether anything was ever asked under this key, whatever the answer was: a refusal counts."""
        ...


class Alerts(Protocol):
    """Where an operator is called."""

    async def alert(self, market: LiveMarket, what: str) -> None:
        """Tell an operator what is wrong with the results of a market, in a sentence or two."""
        ...
