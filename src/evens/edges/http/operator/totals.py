"""The sums of all balances, remembered for some seconds: to read every account is too much for a request."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final

from evens.core.values.ids import AccountClass
from evens.store.wallets.queries import Queries

AGE_S_MAX: Final = 5.0
"""How old the sums may become, as long as it takes little time to work them out."""

_PAUSE_FACTOR: Final = 50
"""After working them out, the database is left alone for so many times as long as that took: 2 % of it, at most."""

_PAUSE_S_MAX: Final = 60.0

Totals = Mapping[tuple[int, AccountClass], int]
"""Minor units by currency number and account class."""


class RecentTotals:
    """Asks the database at most once in :data:`AGE_S_MAX`, however many want to know, and less often if it is slow."""

    def __init__(self, queries: Queries, clock: Callable[[], float] = time.monotonic) -> None:
        self._queries = queries
        self._clock = clock
        self._asking = asyncio.Lock()
        self._known: Totals | None = None
        self._good_until = 0.0

    async def get(self) -> Totals:
        """Return the totals as of some seconds ago at most. Raises ``StoreUnavailable``."""
        async with self._asking:
            if self._known is None or self._clock() > self._good_until:
                began = self._clock()
                self._known = await self._queries.totals()
                ended = self._clock()
                self._good_until = began + min(max(AGE_S_MAX, (ended - began) * _PAUSE_FACTOR), _PAUSE_S_MAX)
            return self._known
