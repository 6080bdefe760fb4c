"""Against floods of registrations: so many a minute from one address, counted in memory."""

import math
import time
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from evens.edges.http.protocol.problem import Refused, problem

ADDRESSES_MAX: Final = 100_000
"""Most addresses that are counted at once; beyond it, new ones have to wait."""


class Throttle:
    """Lets an address through ``per_minute`` times in any minute."""

    def __init__(self, name: str, per_minute: int) -> None:
        self._item = RateLimitItemPerMinute(per_minute, namespace=name)
        self._storage = MemoryStorage()
        self._window = MovingWindowRateLimiter(self._storage)

    def check(self, address: str) -> None:
        """Count a request, or raise a 429 that says when to come again."""
        if len(self._storage.events) >= ADDRESSES_MAX:
            self._tidy()
        is_crowded = len(self._storage.events) >= ADDRESSES_MAX
        if is_crowded or not self._window.hit(self._item, address):
            wait_s = 1 if is_crowded else self._wait_s(address)
            detail = f"Too many requests of this kind from your address; try again in {wait_s} s."
            raise Refused(problem(429, "rate_limited", detail), {"Retry-After": str(wait_s)})

    def _wait_s(self, address: str) -> int:
        return max(1, math.ceil(self._window.get_window_stats(self._item, address).reset_time - time.time()))

    def _tidy(self) -> None:
        """Drop addresses that have not asked for a while: the storage empties such entries, but keeps them for ever."""
        for name in [name for name, hits in self._storage.events.items() if not hits]:
            self._storage.clear(name)
