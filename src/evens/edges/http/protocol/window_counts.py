"""Counts for sliding windows, for the ``limits`` library: in memory, of a bounded size, and without a thread.

The library's own storage in memory starts a thread up to a hundred times a second, which goes through all that is
counted. Here time is divided into windows of a fixed length. Only two of them are kept, this one and the one before;
what is older is dropped as a whole. A sliding window that ends now is counted as all of the current window and a part
of the one before.

Example: with windows of 60 s, 90 requests in the window before and 20 in the first 15 s of this one make
90 × 45/60 + 20 = 87.5.
"""

import time
from collections.abc import Callable
from typing import Final

from limits.storage import Storage
from limits.storage.base import SlidingWindowCounterSupport

KEYS_MAX: Final = 100_000
"""How many keys are counted by themselves in one window; the others share one count."""

_OTHERS: Final = "others"


class WindowCounts(Storage, SlidingWindowCounterSupport):
    """Counts hits by key. Every limit that uses one instance has windows of the same length."""

    STORAGE_SCHEME = None

    def __init__(self, clock: Callable[[], float] = time.monotonic, keys_max: int = KEYS_MAX) -> None:
        super().__init__()
        self._clock = clock
        self._keys_max = keys_max
        self._window = 0
        self._current: dict[str, int] = {}
        self._previous: dict[str, int] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        """No error of its own."""
        return ValueError

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count ``amount`` hits if that leaves no more than ``limit`` in the last ``expiry`` seconds."""
        left_s = expiry - self._turn(expiry)
        key = self._counted_as(key)
        counted = self._current.get(key, 0) + amount
        if self._previous.get(key, 0) * left_s / expiry + counted > limit:
            return False
        self._current[key] = counted
        return True

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return the hits of the window before and how long they count, and those of this one and how long."""
        into_s = self._turn(expiry)
        key = self._counted_as(key)
        left_s = expiry - into_s
        return self._previous.get(key, 0), left_s, self._current.get(key, 0), left_s + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget a key."""
        self.clear(key)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count hits and return how many there are in the current window."""
        self._turn(expiry)
        key = self._counted_as(key)
        count = self._current[key] = self._current.get(key, 0) + amount
        return count

    def give_back(self, key: str, expiry: float) -> None:
        """Take back one hit of the current window, if there is one."""
        self._turn(expiry)
        key = self._counted_as(key)
        if self._current.get(key, 0):
            self._current[key] -= 1

    def get(self, key: str) -> int:
        """Return the hits in the current window."""
        return self._current.get(self._counted_as(key), 0)

    def get_expiry(self, key: str) -> float:
        """Return now: no key expires by itself."""
        return time.time()

    def check(self) -> bool:
        """Say that memory is there."""
        return True

    def reset(self) -> int | None:
        """Forget everything; return how much that was."""
        forgotten = len(self._current) + len(self._previous)
        self._current, self._previous = {}, {}
        return forgotten

    def clear(self, key: str) -> None:
        """Forget a key."""
        self._current.pop(key, None)
        self._previous.pop(key, None)

    def _turn(self, expiry: float) -> float:
        """Drop windows that have passed; return how many seconds of the current one have."""
        window, into_s = divmod(self._clock(), expiry)
        if window != self._window:
            self._previous = self._current if window == self._window + 1 else {}
            self._current = {}
            self._window = int(window)
        return into_s

    def _counted_as(self, key: str) -> str:
        is_known = key in self._current or key in self._previous or len(self._current) < self._keys_max
        return key if is_known else _OTHERS
