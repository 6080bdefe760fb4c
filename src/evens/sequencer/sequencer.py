"""The single writer: one loop that takes the waiting commands, decides them in memory and commits them in batches.

A batch is one transaction, and nobody is answered before the commit of their own batch. While one batch commits, the
next one is prepared, so that PostgreSQL and the rules work at the same time:

1. **take**: what waits in the inbox, at most ``batch_max`` commands, behind the chores that the house gives itself;
   of its background lane as much as makes callers wait about twice as long at most (:mod:`evens.sequencer.pacing`);
2. **admit**: a command whose id is stored already gets its first receipt again; one whose id is under way waits for
   the same receipt;
3. **decide**: each command gets the next ``seq`` and a time ``at``, and the core makes events of it. The house in
   memory is now ahead of the disk;
4. **prepare**: receipts become journal records and rows, chained to what was prepared before;
5. **commit**, once the batch before has committed. What waits for that is sent first; then the callers are answered,
   in the order of the journal.

Callers who wait for their answers ask again all at once when a batch is answered. So many that come while nothing
commits are taken as two batches: the second is decided while the first commits, and they go on taking turns.

A command can be the condition of those that were submitted behind it, and can have one itself: they are decided only if
it is accepted, and all of them are in one batch. Whoever asks again under the same ids gets the same answers, and a
condition that was refused stays refused.

A command that depends on something that only the tables know (:attr:`evens.core.rules.Rules.recalls`) begins a batch of
its own. When everything before it is stored, that is read, and then the command is decided with it.

Example. Ann's transfer comes while batch 7 (seq 61 to 90) commits. It becomes seq 91 of batch 8: decided on balances
that batch 7 has not committed yet, prepared, and sent when batch 7 has committed. If that commit fails, or its outcome
is unknown, batch 8 is worth nothing either: both are dropped, the house is loaded again from the tables, and all
callers are told ``OutcomeUnknown``. They ask again with the same id and get the receipt that is stored, or are booked
now. There is no code that undoes anything.

Two things can be wrong with a command itself. The rules may break on it (a bug): it is put in quarantine, refused for
good, and what was decided before it is committed. Or the database refuses to store its batch (a value that does not
fit): each command of that batch is then tried alone, so that the one at fault is found and quarantined.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

from evens.core.events.ledger import Rejected
from evens.core.kernel import HandlerFailed, step
from evens.core.ledger.accounts import InvariantBroken
from evens.core.receipts import Receipt
from evens.core.state import House
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX
from evens.sequencer.chores import Chores
from evens.sequencer.errors import ClockBehind, CommandFailed, ConditionRefused, NotLeading, OutcomeUnknown
from evens.sequencer.grouping import groups
from evens.sequencer.inbox import HOUSE_ACTOR, Inbox, Submission
from evens.sequencer.journal import Journal, JournalLost
from evens.sequencer.observer import Observer, Unobserved
from evens.sequencer.pacing import Pacing
from evens.sequencer.publisher import refuse, release, replay
from evens.sequencer.quarantine import Quarantine
from evens.sequencer.steady_clock import DIFFERENCE_S

RETRY_WAIT_S: Final = 0.25
"""Pause between attempts to lead again after the journal was lost."""

CLOCK_WAIT_S: Final = 1.0
"""Pause between attempts to lead while the journal's last record is from the future."""


class _HouseBroken(Exception):
    """A handler failed after it had changed the house, so the house in memory must be loaded again."""


@dataclass(slots=True)
class _Batch:
    """What is committed together: submissions with their receipts, and those on which the rules broke meanwhile."""

    submissions: list[Submission] = field(default_factory=list[Submission])
    receipts: list[Receipt] = field(default_factory=list[Receipt])
    poisoned: list[tuple[Submission, HandlerFailed]] = field(default_factory=list[tuple[Submission, HandlerFailed]])
    stored: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it is on disk, just before its callers are answered."""


class Sequencer:
    """Puts the commands of an inbox into one order and books them in a journal.

    ``clock`` returns nanoseconds since 1970 (UTC); it may jump, the recorded times never go back. While the last record
    is more than ``ahead_s_max`` in its future, the sequencer does not lead.
    """

    def __init__(
        self,
        journal: Journal,
        inbox: Inbox,
        clock: Callable[[], int],
        *,
        batch_max: int = 1000,
        ahead_s_max: float = DIFFERENCE_S,
        observer: Observer | None = None,
    ) -> None:
        self._journal = journal
        self._inbox = inbox
        self._clock = clock
        self._batch_max = batch_max
        self._ahead_max = round(ahead_s_max * 10**9)
        self._observer: Observer = observer or Unobserved()
        self._house = House()
        self._in_flight: dict[bytes, Submission] = {}
        self._taken: list[list[Submission]] = []
        self._chores = Chores(clock, due_max=batch_max)
        self._quarantine = Quarantine(journal, self._chores, self._in_flight)
        self._pacing = Pacing(batch_max)
        self._stopping = False
        self._starting: asyncio.Task[bool] | None = None

    async def run(self) -> None:
        """Lead and write until :meth:`stop`, starting over whenever the journal was lost.

        Raises :class:`InvariantBroken` if the stored books contradict themselves: then nothing must be booked.
        """
        while not self._stopping:
            why = "it has lost its journal and is trying to reach it"
            wait_s = RETRY_WAIT_S
            try:
                if await self._start():
                    await self._write()
            except InvariantBroken:
                why = "the books contradict themselves; run 'evens audit'"
                raise
            except ClockBehind as behind:
                why, wait_s = str(behind), CLOCK_WAIT_S
            except ExceptionGroup as troubles:
                for trouble in troubles.exceptions:
                    self._observer.failed(trouble)
            except Exception as trouble:
                self._observer.failed(trouble)
            finally:
                self._give_up(why)
                await self._journal.resign()
            if not self._stopping:
                await asyncio.sleep(wait_s)

    def stop(self) -> None:
        """Refuse what still waits, let the commit under way finish, and end :meth:`run`."""
        self._stopping = True
        self._inbox.close("it is stopping")
        if self._starting is not None:
            self._starting.cancel()

    @property
    def house(self) -> House:
        """The live state, to look at and never to change. It may be ahead of what is committed."""
        return self._house

    async def _start(self) -> bool:
        """Lead and load; return ``False`` if told to stop meanwhile."""
        self._starting = asyncio.create_task(self._lead_and_load())
        try:
            await asyncio.wait([self._starting])
            return not self._starting.cancelled() and self._starting.result()
        finally:
            self._starting.cancel()
            self._starting = None

    async def _lead_and_load(self) -> bool:
        last_at = await self._journal.lead(lambda: self._idle("another server leads"))
        if last_at and last_at - self._clock() > self._ahead_max:
            raise ClockBehind(last_at)
        started = perf_counter()
        self._house = await self._journal.load()
        self._house.check()
        await self._quarantine.load()
        self._inbox.open()
        self._observer.leading(self._house.seq, perf_counter() - started)
        return True

    async def _write(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(self._watch())
            committing: asyncio.Task[None] | None = None
            before: _Batch | None = None
            while taken := await self._take():
                idle = committing is None or committing.done()
                self._taken = list(groups(taken, self._quarantine.suspects, idle=idle))
                while self._taken:
                    undecided = await self._admit(self._taken.pop(0))
                    while undecided:
                        recalled = None
                        if (wanted := self._house.recall(undecided[0].command)) is not None:
                            if committing is not None:
                                await committing
                            # Everything decided before is stored, nothing is under way.
                            recalled = await self._journal.recall(wanted)
                        batch, undecided = self._decide(undecided, recalled)
                        prepared = await self._prepare(batch)
                        if batch.receipts:
                            committing = tasks.create_task(self._commit(batch, prepared, before))
                            if before is not None:
                                await before.stored.wait()
                            before = batch
                        if batch.poisoned:
                            await self._set_aside(batch.poisoned, committing)
            if committing is not None:
                await committing
            watch.cancel()

    async def _take(self) -> list[Submission]:
        """Wait until there is something to do; return it, chores first, or nothing once the inbox is closed."""
        while self._inbox.closed_because is None:
            taken = await self._inbox.take(self._batch_max, self._chores.wait_s(self._house))
            # Whoever waits for these is answered even if what follows breaks.
            self._taken = [taken]
            taken += self._inbox.take_background(self._pacing.room_beside(len(taken)))
            if self._inbox.closed_because is None and (chores := self._chores.take(self._house)):
                return chores + taken
            if taken:
                return taken
        return []

    async def _watch(self) -> None:
        await self._journal.lost()
        raise JournalLost("the connection was closed")

    async def _admit(self, taken: list[Submission]) -> list[Submission]:
        """Return the commands that are new, in order; the others are answered, or wait for the one under way."""
        fresh: list[Submission] = []
        asked: list[bytes] = []
        in_flight = self._in_flight
        for submission in taken:
            command_id = submission.command_id
            leader = in_flight.get(command_id)
            if leader is not None:
                leader.follow(submission)
            elif command_id in self._quarantine:
                submission.is_refused = True
                refuse(submission, CommandFailed())
            elif submission.is_barred:
                refuse(submission, ConditionRefused())
            else:
                in_flight[command_id] = submission
                fresh.append(submission)
                if not submission.unseen:
                    asked.append(command_id)
        # An id that was committed before this line is visible to the look-up; one that was not is still in flight.
        if not asked or not (found := await self._journal.find(asked)):
            return fresh
        for command_id, receipt in found.items():
            asking = in_flight.pop(command_id)
            asking.is_refused = isinstance(receipt.events[0], Rejected) or asking.command != receipt.command
            replay(asking, receipt)
        return [each for each in fresh if each.command_id not in found and not self._quarantine.bar(each)]

    def _decide(self, submissions: list[Submission], recalled: object) -> tuple[_Batch, list[Submission]]:
        """Decide commands up to the next one that needs something of the past; return what is left, too.

        ``recalled`` is what the first one has to know of the past.
        """
        house, clock = self._house, self._clock
        batch = _Batch()
        undecided: list[Submission] = []
        for place, submission in enumerate(submissions):
            command = submission.command
            if place and house.recall(command) is not None:
                undecided = submissions[place:]
                break
            if submission.condition is not None and self._quarantine.bar(submission):
                continue
            seq = house.seq + 1
            at = max(clock(), house.at + TRANSFERS_PER_COMMAND_MAX, submission.not_before)
            try:
                events = step(house, command, seq, at, None if place else recalled)
            except HandlerFailed as failure:
                submission.is_refused = True
                batch.poisoned.append((submission, failure))
                if failure.house_intact:
                    continue
                break
            submission.is_refused = isinstance(events[0], Rejected)
            batch.submissions.append(submission)
            batch.receipts.append(Receipt(seq, at, submission.command_id, submission.actor, command, events))
        if batch.submissions and batch.submissions[0].actor == HOUSE_ACTOR:
            for refusal in self._chores.refused(house, batch.receipts):
                self._observer.failed(refusal)
        return batch, undecided

    async def _prepare(self, batch: _Batch) -> object:
        if not batch.receipts:
            return None
        try:
            return self._journal.prepare(batch.receipts)
        except (ValueError, OverflowError) as error:
            await self._quarantine.suspect(batch.submissions, error)
            raise

    async def _commit(self, batch: _Batch, prepared: object, before: _Batch | None) -> None:
        if before is not None:
            await before.stored.wait()
        started = perf_counter()
        try:
            await self._journal.append(prepared)
        except (ValueError, OverflowError) as error:
            await self._quarantine.suspect(batch.submissions, error)
            raise
        seconds = perf_counter() - started
        batch.stored.set()
        try:
            # What waits for this batch is sent first: the database works on it while these callers are answered.
            await asyncio.sleep(0)
        finally:
            # They are told even if the leading ends in this moment: the batch is stored.
            self._answer(batch, seconds)

    def _answer(self, batch: _Batch, seconds: float) -> None:
        """Tell the callers of a batch what came of it, which took so long to store, and then the observer."""
        for submission in batch.submissions:
            del self._in_flight[submission.command_id]
        self._quarantine.suspects.clear(batch.submissions)
        if batch.submissions[0].actor != HOUSE_ACTOR:
            self._pacing.committed(sum([submission.is_background for submission in batch.submissions]), seconds)
        release(zip(batch.submissions, batch.receipts, strict=True))
        self._observer.committed(batch.receipts, seconds)

    async def _set_aside(
        self, poisoned: list[tuple[Submission, HandlerFailed]], committing: asyncio.Task[None] | None
    ) -> None:
        """Quarantine commands on which the rules broke: they are refused from now on, and the operator can see them."""
        for submission, failure in poisoned:
            self._observer.failed(failure)
            await self._quarantine.set_aside(submission, repr(failure.__cause__))
        if not poisoned[-1][1].house_intact:
            # What was decided before the rules broke is sound; it is committed before the house is thrown away.
            if committing is not None:
                await committing
            raise _HouseBroken

    def _idle(self, because: str) -> None:
        self._inbox.close(because)
        self._observer.idle(because)

    def _give_up(self, why: str) -> None:
        if not self._stopping:
            self._idle(why)
        for submission in self._in_flight.values():
            refuse(submission, OutcomeUnknown())
        self._in_flight.clear()
        while self._taken:  # It was not looked at yet, so it was surely not booked.
            for submission in self._taken.pop():
                refuse(submission, NotLeading(why))
