"""What the watcher needs from the server: finding markets, submitting commands, and alerting an operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from evens.core.values.betting import MarketStatus
from evens.core.values.ids import MarketId, RunnerId
from evens.core.values.reasons import Reason


@dataclass(frozen=True, slots=True)
class LiveMarket:
    """The current state of a market that is not archived.

    ``runners`` are names, numbered from 1; ``removed`` and ``winners`` are such numbers. ``winners`` count only while
    the status is :attr:`MarketStatus.SETTLED`.
    """

    id: MarketId
    event: str
    name: str
    runners: tuple[str, ...]
    removed: frozenset[int]
    status: MarketStatus
    winners: tuple[RunnerId, ...] = ()


class Markets(Protocol):
    """Finds markets."""

    async def find(self, event: str) -> Sequence[LiveMarket]:
        """Return the markets of the event with exactly this name, settled ones too unless they are archived.

        Raises :class:`evens.store.errors.StoreUnavailable`.
        """
        ...


class MarketCommands(Protocol):
    """Submits commands about markets.

    Each takes an idempotency key: submitted again with the same key, a command changes nothing and has the same answer,
    also after a restart. Each returns the reason of a refusal, or ``None`` if it was accepted. All raise
    :class:`evens.sequencer.errors.NotBooked` or :class:`evens.store.errors.StoreUnavailable` if there is no answer yet.
    """

    async def suspend(self, market: MarketId, *, key: str) -> Reason | None:
        """Submit :class:`evens.core.commands.exchange.SuspendMarket`."""
        ...

    async def settle(
        self, market: MarketId, winners: tuple[RunnerId, ...], *, dead_heat: bool, key: str
    ) -> Reason | None:
        """Submit :class:`evens.core.commands.exchange.SettleMarket`, never as a correction."""
        ...

    async def void(self, market: MarketId, *, key: str) -> Reason | None:
        """Submit :class:`evens.core.commands.exchange.VoidMarket`, never as a correction."""
        ...

    async def knows(self, key: str) -> bool:
        """Return whether a command was ever booked with this key; a refused one counts."""
        ...


class Alerts(Protocol):
    """Alerts an operator."""

    async def alert(self, market: LiveMarket, what: str) -> None:
        """Alert an operator to what is wrong with the results of a market, in a sentence or two."""
        ...
