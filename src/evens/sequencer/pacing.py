"""Pacing: how many commands of the background lane go into a batch.

Whoever waits for an answer waits for the commits that come before, so background commands must not make these much
longer. Too few of them in a batch cost needless commits. So a batch has as many as take about as long as a commit takes
without them, and whoever waits meanwhile waits at most about twice as long, however fast or slow the disk is:

    commands in a batch = seconds of a commit without background commands ÷ seconds that one of them adds to a batch

Both are means of what was measured, in which the latest batches count for most. What background commands add is their
part of the time for deciding and preparing the batch, and by how much its commit took longer than one without them. It
is measured of batches as a whole, so one with many of them counts for more.

Example. Commits without background commands take 6 ms. Then come batches with 20 of them: deciding and preparing takes
2 ms, the commit 8 ms. Together they add 2 + (8 - 6) = 4 ms, 0.2 ms each, so the next batches have 6 ÷ 0.2 = 30. On a
disk that commits within 1.6 ms it would be 8, on a slow one with 30 ms 150.

A commit that takes far longer than those before counts as if it had taken twice as long: one that stalls does not make
the next batches large, while a disk that has become slow is known after some commits.
"""

from typing import Final

BACKGROUND_MIN: Final = 8
"""How many background commands a batch has at least, if so many wait: also where callers fill batches, they go on."""

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
            # As many as would take no time at all fill the batch.
            paced = min(int(self._commit_s * self._background / self._added_s), free) if self._added_s else free
        return max(paced, BACKGROUND_MIN)

    def committed(self, commands: int, background: int, decide_s: float, commit_s: float) -> None:
        """Take note of a batch of so many commands, of them so many of the background lane.

        ``decide_s`` is how long deciding and preparing it took, ``commit_s`` its commit.
        """
        usual_s = self._commit_s
        if not background:
            self._commit_s = commit_s if usual_s is None else _mean(usual_s, min(commit_s, 2 * usual_s))
        elif usual_s is not None:
            added_s = decide_s * background / commands + max(commit_s - usual_s, 0)
            if not self._background:
                self._added_s, self._background = added_s, background
            else:
                self._added_s = _mean(self._added_s, added_s)
                self._background = _mean(self._background, background)


def _mean(before: float, latest: float) -> float:
    return before + _WEIGHT * (latest - before)
