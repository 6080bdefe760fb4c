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
class PoolStep:
    """Something to be done for a pool. Moments are nanoseconds since 1970; from ``late_at`` on it is overdue.

    ``waits`` says for what, where it cannot be done before that is there.
    """

    what: str
    due_at: int
    late_at: int
    waits: str = ""


@dataclass(frozen=True, slots=True)
class PoolProgress:
    """What is to be done for a pool, or in ``without`` why there is nothing; whether it ``is_broken``."""

    steps: tuple[PoolStep, ...] = ()
    without: str = ""
    is_broken: bool = False

    def overdue(self, now: int) -> int:
        """Return how many steps are overdue; a pool that cannot be run is one."""
        return 1 if self.is_broken else sum(step.late_at < now for step in self.steps)

    def in_words(self, now: int) -> str:
        """Return all of it as a phrase, the worst first."""
        if self.is_broken:
            return "overdue: it cannot be run; the log says why"
        late = ", ".join(f"{step.what}, due at {format_time(step.due_at)}" for step in self.steps if step.late_at < now)
        waits = "; ".join(step.waits for step in self.steps if step.waits)
        ahead = [step for step in self.steps if step.late_at >= now and not step.waits]
        coming = min(ahead, key=lambda step: step.due_at, default=None)
        following = "" if coming is None else f"next: {coming.what} at {format_time(coming.due_at)}"
        return "; ".join(each for each in (late and f"overdue: {late}", waits, following or self.without) if each)


def progress_in_words(pools: Mapping[str, PoolProgress], looked_at: int, now: int) -> str | None:
    """Return how all pools are, those that are overdue first; ``None`` where there is none.

    Nobody has looked since ``looked_at``. What has become overdue since then is told all the same.
    """
    said = [f"{key}: {each.in_words(now)}" for key, each in sorted(pools.items(), key=lambda one: -one[1].overdue(now))]
    if now - looked_at > STALLED_NS:
        said.insert(0, f"Nobody has looked at the pools since {format_time(looked_at)}")
    return ". ".join(said) + "." if said else None
