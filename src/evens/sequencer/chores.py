"""Chores: the commands that the house gives itself, made into submissions that nobody waits for.

Which commands those are follows from the house (:meth:`evens.core.state.House.chores`), so whoever loads it again finds
them again. Kept here is only what must not be tried again, and whose turn it is.

Each batch takes the next part of at most :data:`PARTS_PER_BATCH_MAX` long works, in turn, and what is due. Example: six
markets, A to F, are being settled. The first batch does a part of A, B, C and D, the second of E, F, A and B, the third
of C, D, E and F. Callers' commands come in the same batches, so none waits for longer than four parts.
"""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from evens.core.commands.every import Command
from evens.core.events.ledger import Rejected
from evens.core.receipts import Receipt
from evens.core.state import House
from evens.sequencer.errors import ChoreRefused
from evens.sequencer.inbox import HOUSE_ACTOR, Answer, Submission

PARTS_PER_BATCH_MAX: Final = 4
"""Most long works of which a part goes into one batch. Each part is as much work as hundreds of payments."""

LOOK_WAIT_S_MAX: Final = 1.0
"""Longest wait for a due time. The clock may jump over it, so it is read again after this long."""

_S_NS: Final = 10**9


class Chores:
    """Offers the chores of a house as they fall due.

    ``clock`` returns nanoseconds since 1970 (UTC). ``due_max`` is how many of those with a due time go into one batch;
    it should be as many as callers can bring about with one.

    A chore that was excluded is not offered again, not even when the house is loaded anew. A server that starts offers
    it again: it may run better rules.
    """

    def __init__(self, clock: Callable[[], int], due_max: int) -> None:
        self._clock = clock
        self._due_max = due_max
        self._excluded: set[Command] = set()
        self._turn = 0

    def wait_s(self, house: House) -> float | None:
        """Return how long there is surely nothing to do, in seconds; ``None`` if that is until somebody asks."""
        due_at = self._next_due_at(house)
        if due_at is None:
            return None
        # A second of the clock may not be a second of the timer. Whoever has waited this long reads the clock again.
        return min(max(due_at - self._now(house), 0) / _S_NS, LOOK_WAIT_S_MAX)

    def take(self, house: House) -> list[Submission]:
        """Return what has to be done now, some of it if it is much; the next call goes on."""
        due_at = self._next_due_at(house)
        if due_at is None or due_at > (now := self._now(house)):
            return []
        nobody: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        # Nobody waits for the answer: a cancelled future is passed over, and reports no exception as unretrieved.
        nobody.cancel()
        return [
            Submission(os.urandom(16), HOUSE_ACTOR, chore, True, nobody, not_before=now)
            for chore in self._offered(house, now)
        ]

    def exclude(self, chore: Command) -> None:
        """Do not offer a chore again."""
        self._excluded.add(chore)

    def refused(self, house: House, receipts: Iterable[Receipt]) -> Iterator[ChoreRefused]:
        """Exclude long work whose part was refused, and which would be offered for ever; yield each for the operator.

        What has a due time is offered once, and may well be refused: an order may be cancelled at the last moment.
        """
        for receipt in receipts:
            event = receipt.events[0]
            if isinstance(event, Rejected) and receipt.command in house.agenda.long_work:
                self.exclude(receipt.command)
                yield ChoreRefused(receipt.command, event.reason)

    def _offered(self, house: House, now: int) -> list[Command]:
        """Return the next parts of some long works, each in its turn, and then what is due."""
        # What is due leaves the agenda with this call, so none of it may be left out; long work stays on it.
        long_work = house.agenda.long_work
        chores = house.chores(now, len(long_work) + self._due_max)
        parts, due = chores[: len(long_work)], chores[len(long_work) :]
        if self._excluded:
            parts = [part for part in parts if part not in self._excluded]
            due = [chore for chore in due if chore not in self._excluded]
        if len(parts) > PARTS_PER_BATCH_MAX:
            first = self._turn % len(parts)
            self._turn = first + PARTS_PER_BATCH_MAX
            parts = (parts[first:] + parts[:first])[:PARTS_PER_BATCH_MAX]
        return [*parts, *due]

    def _next_due_at(self, house: House) -> int | None:
        agenda = house.agenda
        if not self._excluded or any(part not in self._excluded for part in agenda.long_work):
            return agenda.next_due_at()
        return agenda.next_scheduled_at()

    def _now(self, house: House) -> int:
        return max(self._clock(), house.at)
