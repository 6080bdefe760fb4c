"""The sums of all balances, remembered for some seconds: reading every account is no price for a probe or a scrape."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final

from evens.core.values.ids import AccountClass
from evens.store.wallets.queries import Queries

AGE_S_MAX: Final = 5.0

Totals = Mapping[tuple[int, AccountClass], int]
"""Minor units by currency number and account class."""


class RecentTotals:
    """Asks the database at most once in :data:`AGE_S_MAX`, however many want to know."""

    def __init__(self, queries: Queries, clock: Callable[[], float] = time.monotonic) -> None:
        self._queries = queries
        self._clock = clock
        self._asking = asyncio.Lock()
        self._known: Totals | None = None
        self._known_at = 0.0

    async def get(self) -> Totals:
        """Return the totals as of some seconds ago at most. Raises ``StoreUnavailable``."""
        async with self._asking:
            if self._known is None or self._clock() - self._known_at > AGE_S_MAX:
                self._known = await self._queries.totals()
                self._known_at = self._clock()
            return self._known
