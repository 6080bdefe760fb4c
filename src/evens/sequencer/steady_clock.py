"""A clock that tells the time of day and never jumps, since what is recorded can never go back.

Theory of operation
-------------------
A wall clock may jump: somebody sets it, or a time server errs for a moment. Were a jump forward believed for a single
command, every later record would have to follow it, and the journal would be ahead for as long as the jump was wide.
The monotonic clock cannot be set. So the wall clock is believed once, at the start, and from then on only where the
monotonic clock agrees:

- The time is that of the start plus what the monotonic clock has counted since, suspension of the machine included
  where the system can tell.
- A small difference, up to ``tolerance_s``, is taken up slowly, by a thousandth of the time that passes: this is how
  time servers correct a clock that goes wrong by little.
- A larger difference is a jump. It is not followed, but told: :attr:`SteadyClock.trouble` names it until the two agree
  again. Nobody here can know which of the two is right. If it is the wall clock, starting the server again accepts it.

Example. At 12:00:00 the clock jumps to 13:00:00, and the monotonic clock has counted 0.01 s. The time is 12:00:00.01,
and the trouble says that the clock is 3600 s ahead. At 12:03 somebody sets the clock right: the trouble is over, and
nothing was recorded with a wrong time.
"""

import time
from collections.abc import Callable
from typing import Final

DIFFERENCE_S: Final = 5
"""How far apart clocks may be, unless the operator chooses otherwise."""

_S: Final = 10**9
_LOOK_EVERY: Final = _S // 100
"""How long the monotonic clock alone is asked: looking at both for each command would cost twice as much."""

_TAKEN_UP: Final = 1_000
"""A difference is taken up by one part of so many of the time that passes."""


def uptime_ns() -> int:
    """Return nanoseconds since some moment, which never jump; the machine's sleep counts where the system can tell."""
    return time.clock_gettime_ns(_UPTIME)


_UPTIME: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SteadyClock:
    """Returns nanoseconds since 1970 (UTC) when called; a later call never returns less.

    ``wall`` and ``monotonic`` return nanoseconds. ``tolerance_s`` is the largest difference that is no jump.
    """

    def __init__(
        self,
        tolerance_s: float = DIFFERENCE_S,
        *,
        wall: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], int] = uptime_ns,
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._tolerance = round(tolerance_s * _S)
        self._told = wall()
        self._looked_at = monotonic()
        self._jump = 0

    def __call__(self) -> int:
        """Return the time."""
        passed = self._monotonic() - self._looked_at
        return self._told + passed if passed < _LOOK_EVERY else self._look(passed)

    @property
    def off_s(self) -> float:
        """How far the wall clock is ahead after a jump that was not followed, in seconds; 0 if there was none."""
        self()
        return self._jump / _S

    @property
    def trouble(self) -> str | None:
        """What is wrong with the wall clock, as a sentence; ``None`` if nothing is."""
        off_s = self.off_s
        if not off_s:
            return None
        where = "ahead of" if off_s > 0 else "behind"
        return (
            f"The machine's clock has jumped, and is {abs(off_s):.1f} s {where} the time that this server goes by. "
            "Set it right; if it is right now, start the server again."
        )

    def _look(self, passed: int) -> int:
        """Compare the two clocks, and take up a small difference."""
        self._told += passed
        self._looked_at += passed
        off = self._wall() - self._told
        if abs(off) > self._tolerance:
            self._jump = off
        else:
            self._jump = 0
            most = passed // _TAKEN_UP
            self._told += min(max(off, -most), most)
        return self._told
