"""The markets that lists and the menu are about, kept in memory: those whose result is not booked.

They are read whole once. After that this server hears of each market that changes, and reads those anew before the next
list. While another server writes, nothing is heard; what was read is then shared for :data:`SHARED_S`. What is made of
them is kept as long as they are the same.
"""

import asyncio
import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, TypeVar

from evens.core.events.exchange import (
    MarketArchived,
    MarketCreated,
    MarketStatusChanged,
    RemovalRevised,
    ResultDeclared,
    RunnerRemoved,
    StageFinished,
)
from evens.core.receipts import Receipt
from evens.core.values.betting import MarketStatus
from evens.core.values.ids import MarketId
from evens.store.exchange.betting import BettingQueries
from evens.store.exchange.queries import MarketRow

SHARED_S: Final = 0.25
"""How long markets count as they were read while nothing is heard of their changes."""

CHANGED_MAX: Final = 1_000
"""How many changed markets are read by themselves; if there are more, nobody asked for a list for long."""

MADE_MAX: Final = 128
"""How many things that were made of the markets are kept."""

T = TypeVar("T")

_CHANGING: Final = (
    MarketArchived,
    MarketCreated,
    MarketStatusChanged,
    RemovalRevised,
    ResultDeclared,
    RunnerRemoved,
    StageFinished,
)
_BOOKED: Final = (MarketStatus.SETTLED, MarketStatus.VOID)


class UnsettledMarkets:
    """Implements :class:`evens.edges.gateway.Follower`. One caller reads at a time, for all who wait meanwhile.

    ``removed_up_to`` of a row, which says how far a removal has come, may be behind.
    """

    def __init__(self, bets: BettingQueries, clock: Callable[[], float] = time.monotonic) -> None:
        self._bets = bets
        self._clock = clock
        self._rows: dict[int, MarketRow] = {}
        self._listed: Sequence[MarketRow] = ()
        self._made: dict[Hashable, Any] = {}
        self._changed: dict[MarketId, None] = {}
        self._is_told = False
        self._read_whole_at: float | None = None
        self._reading = asyncio.Lock()

    async def all(self) -> Sequence[MarketRow]:
        """Return the markets, oldest first. Raises :class:`evens.store.errors.StoreUnavailable`."""
        async with self._reading:
            if self._read_whole_at is None or (not self._is_told and self._clock() - self._read_whole_at > SHARED_S):
                await self._read_whole()
            elif self._changed:
                await self._read_changed()
            return self._listed

    async def made(self, key: Hashable, make: Callable[[Sequence[MarketRow]], T]) -> T:
        """Return what ``make`` makes of the markets, kept under ``key`` while they are the same. Nobody may change it.

        Raises :class:`evens.store.errors.StoreUnavailable`.
        """
        rows = await self.all()
        # What was asked for last is the last one.
        found = self._made[key] = self._made.pop(key) if key in self._made else make(rows)
        if len(self._made) > MADE_MAX:
            del self._made[next(iter(self._made))]
        return found

    def committed(self, receipts: Sequence[Receipt]) -> None:
        """Note which markets have changed; if they are many, all are read anew."""
        if self._read_whole_at is None:
            return
        for receipt in receipts:
            for event in receipt.events:
                if isinstance(event, _CHANGING):
                    self._changed[event.market] = None
        if len(self._changed) > CHANGED_MAX:
            self._read_whole_at = None
            self._changed.clear()

    def leading(self, seq: int) -> None:
        """Read everything anew, and hear of changes from now on."""
        self._is_told, self._read_whole_at = True, None

    def idle(self, because: str) -> None:
        """Hear that changes are not told."""
        self._is_told, self._read_whole_at = False, None

    async def _read_whole(self) -> None:
        self._changed.clear()
        # Whoever begins to lead, or ends, while it is read has it read once more.
        self._read_whole_at = self._clock()
        try:
            rows = await self._bets.unsettled_markets()
        except BaseException:
            self._read_whole_at = None
            raise
        self._rows = {row.id: row for row in rows}
        self._list(rows)

    async def _read_changed(self) -> None:
        changed, self._changed = self._changed, {}
        try:
            found = await self._bets.markets(list(changed))
        except BaseException:
            self._changed |= changed
            raise
        for market in changed:
            row = found.get(market)
            if row is None or row.archived or row.status in _BOOKED:
                self._rows.pop(market, None)
            else:
                self._rows[market] = row
        self._list(sorted(self._rows.values(), key=lambda row: row.id))

    def _list(self, rows: Sequence[MarketRow]) -> None:
        self._listed = rows
        self._made.clear()
