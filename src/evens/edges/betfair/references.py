"""Which references were used in this minute and in the one before, as far as this server can know it by itself.

A server that writes hears of every request, as no other one books anything meanwhile. Once it has written for long
enough, a reference that it has not heard of was not used, and the tables need not be asked. What is remembered are
hashes: two references with the same one make it look, and no more.
"""

from collections.abc import Callable, Sequence
from typing import Final

from evens.core.receipts import Receipt

REMEMBERED_MAX: Final = 500_000
"""Most references that are remembered of a minute; with more of them the tables are asked."""


class RecentReferences:
    """Implements :class:`evens.edges.gateway.Follower`.

    Windows of ``window_ns`` are numbered from 1970 on; ``clock`` returns nanoseconds since then.
    """

    def __init__(self, window_ns: int, clock: Callable[[], int]) -> None:
        self._window_ns = window_ns
        self._clock = clock
        self._used: dict[int, set[int]] = {}
        self._known_from: int | None = None

    def use(self, reference: tuple[str, str], window: int) -> None:
        """Note that a reference is used from now on; what lies before the window before is forgotten."""
        used = self._used.get(window)
        if used is None:
            used = self._used[window] = set()
            for known in [known for known in self._used if known < window - 1]:
                del self._used[known]
            if self._known_from is not None:
                # The clock may be set back to what is forgotten.
                self._known_from = max(self._known_from, window - 1)
        if len(used) >= REMEMBERED_MAX:
            used.clear()
            self._begin()
        used.add(hash(reference))

    def may_be_used(self, reference: tuple[str, str], window: int) -> bool:
        """Return whether a reference may have been used in a window, in this server or in another one."""
        known_from = self._known_from
        return known_from is None or window < known_from or hash(reference) in self._used.get(window, ())

    def committed(self, receipts: Sequence[Receipt]) -> None:
        """Do nothing: a reference is noted before it is booked."""

    def leading(self, seq: int) -> None:
        """Begin to know of every reference."""
        self._begin()

    def idle(self, because: str) -> None:
        """Know nothing of what other servers book."""
        self._known_from = None

    def _begin(self) -> None:
        """Know everything from the window after the next one on: clocks of other servers may be ahead."""
        self._known_from = self._clock() // self._window_ns + 2
