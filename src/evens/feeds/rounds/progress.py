"""How far each pool is, in words for whoever operates the house. Everybody may read them: no hosts, no secrets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from evens.core.values.moments import SECOND_NS, format_time

LATE_NS: Final = 60 * SECOND_NS
"""By how much a step may be late before it is called overdue: for an open round, for instance, its locking."""

STALLED_NS: Final = 60 * SECOND_NS
"""After how long without a look at the pools the scheduler itself is said to be late."""


@dataclass(frozen=True, slots=True)
class PoolProgress:
    """What comes next for a pool, and when (nanoseconds since 1970, 0 if that is not known).

    ``overdue`` is what should have been done long ago, ``waits`` for what a round waits; both are empty if all is well.
    """

    next_step: str = ""
    next_at: int = 0
    overdue: str = ""
    waits: str = ""

    def in_words(self) -> str:
        """Return all of it as a phrase, the worst first."""
        coming = f"next: {self.next_step} at {format_time(self.next_at)}" if self.next_at else self.next_step
        overdue = f"overdue: {self.overdue}" if self.overdue else ""
        return "; ".join(each for each in (overdue, self.waits, coming) if each)


def progress_in_words(pools: Mapping[str, PoolProgress], looked_at: int, now: int) -> str | None:
    """Return how all pools are, those that are overdue first; ``None`` where there is none."""
    said = [f"{key}: {each.in_words()}" for key, each in sorted(pools.items(), key=lambda pool: not pool[1].overdue)]
    if looked_at and now - looked_at > STALLED_NS:
        said.insert(0, f"Nobody has looked at the pools since {format_time(looked_at)}")
    return ". ".join(said) + "." if said else None
