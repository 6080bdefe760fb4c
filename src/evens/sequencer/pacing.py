"""Pacing: how many commands of the background lane go into a batch.

Whoever waits for an answer waits for the commits that come before, so background commands must not make these much
longer. Too few of them in a batch cost needless commits. So a batch has as many as make its commit take nine tenths
longer than one without them (:data:`LONGER_BY`). Commits vary, so whoever waits meanwhile waits at most about twice as
long, however fast or slow the disk is:

    commands in a batch = LONGER_BY × seconds of a commit without background commands
                          ÷ seconds that each of them makes it longer

Both times are means of what was measured, in which the latest batches count for most. By how much commits took longer
is measured of batches as a whole, so one with many background commands counts for more. Deciding them does not count by
itself: it is done while the batch before commits, and where it takes longer than that, that commit is heard of late,
and so measured as longer.

Example. Commits without background commands take 6 ms. Then come batches with 20 of them, which commit within 10 ms.
That is 4 ms more, 0.2 ms for each, so the next batches have 0.9 × 6 ÷ 0.2 = 27. On a slow disk that commits within
30 ms they would have 135, on a quick one with 1.6 ms 7, and so the least, 8.

A commit that takes far longer than those before counts as if it had taken twice as long: one that stalls does not make
the next batches large, while a disk that has become slow is known after some commits. Batches with chores of the
house's own are not measured: they take long for a reason that ends with them, and while only batches with background
commands follow, nobody would find out that it has ended.
"""

from typing import Final

BACKGROUND_MIN: Final = 8
"""How many background commands a batch has at least, if so many wait: also where callers fill batches, they go on."""

LONGER_BY: Final = 0.9
"""By which part of a commit background commands make it longer."""

_WEIGHT: Final = 0.125
"""What the latest measurement counts for in a mean."""


class Pacing:
    """Works out how many background commands go beside others. ``batch_max`` is how many commands fill a batch."""

    def __init__(self, batch_max: int) -> None:
        self._batch_max = batch_max
        self._commit_s: float | None = None
        self._added_s = 0.0
        self._background = 0.0

    def room_beside(self, commands: int) -> int:
        """Return how many background commands go beside so many others, :data:`BACKGROUND_MIN` at least."""
        paced = BACKGROUND_MIN
        if self._commit_s is not None and self._background:
            free = max(self._batch_max - commands, 0)
            longer_s = LONGER_BY * self._commit_s
            # Compared before it is divided: a mean of many zeros comes so near to it that the quotient overflows.
            fill = longer_s * self._background >= free * self._added_s
            paced = free if fill else int(longer_s * self._background / self._added_s)
        return max(paced, BACKGROUND_MIN)

    def committed(self, background: int, seconds: float) -> None:
        """Take note that the commit of a batch with so many background commands took so long."""
        usual_s = self._commit_s
        if not background:
            self._commit_s = seconds if usual_s is None else _mean(usual_s, min(seconds, 2 * usual_s))
        elif usual_s is not None:
            added_s = max(seconds - usual_s, 0)
            if not self._background:
                self._added_s, self._background = added_s, background
            else:
                self._added_s = _mean(self._added_s, added_s)
                self._background = _mean(self._background, background)


def _mean(before: float, latest: float) -> float:
    return before + _WEIGHT * (latest - before)
