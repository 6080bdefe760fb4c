"""The agenda: what the house has to do of itself, as commands that it gives itself (its *chores*).

There are two kinds. **Long work**, such as settling a market with a million positions, is cut into parts: the same
command is given again and again, and does the next part each time, until the work is finished. What has a **due time**,
such as releasing a delayed order, is given once when its time has come.

The agenda follows from the state of the products and is never stored: whoever loads a house puts the same things on it.

Example: market 7 is settled at 12:00:00 and begins long work, ``begin(AdvanceMarket(7))``. An in-play order 9 is
scheduled, ``schedule(12:00:05, 9, ReleaseOrder(9))``. From now until the market is settled, :meth:`Agenda.next_due_at`
is 0 ("at once"). When ``finish(AdvanceMarket(7))`` was called, it is 12:00:05.
"""

import heapq
from typing import Final

from evens.core.commands.every import Command

AT_ONCE: Final = 0
"""The due time of what has to be done without waiting for a moment, in nanoseconds since 1970."""


class Agenda:
    """Long work under way, and commands by their due time in nanoseconds since 1970."""

    __slots__ = ("_due", "long_work")

    def __init__(self) -> None:
        self.long_work: dict[Command, None] = {}
        """The commands that do the next part of some long work, in the order in which it was begun."""
        # The type's name decides between two commands that are due for one subject at one time.
        self._due: list[tuple[int, int, str, Command]] = []

    def begin(self, part: Command) -> None:
        """Let long work go on until it is finished; beginning it twice makes no difference."""
        self.long_work[part] = None

    def finish(self, part: Command) -> None:
        """End long work, if it is under way."""
        self.long_work.pop(part, None)

    def schedule(self, due_at: int, subject: int, chore: Command) -> None:
        """Give a command once ``due_at`` has come. At the same time, lower ids of subjects come first."""
        heapq.heappush(self._due, (due_at, subject, type(chore).__name__, chore))

    def pop_due(self, at: int) -> Command | None:
        """Take what is due first off the agenda and return it; ``None`` if nothing is due by ``at``."""
        return heapq.heappop(self._due)[3] if self._due and self._due[0][0] <= at else None

    def scheduled(self) -> list[tuple[int, Command]]:
        """Return everything that has a due time, in order, each with that time. It stays on the agenda."""
        return [(due_at, chore) for due_at, _, _, chore in sorted(self._due, key=lambda entry: entry[:3])]

    def next_scheduled_at(self) -> int | None:
        """Return the earliest due time; ``None`` if nothing has one."""
        return self._due[0][0] if self._due else None

    def next_due_at(self) -> int | None:
        """Return when there is something to do: :data:`AT_ONCE` during long work; ``None`` if there is nothing."""
        return AT_ONCE if self.long_work else self.next_scheduled_at()
