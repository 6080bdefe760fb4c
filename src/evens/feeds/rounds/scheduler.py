"""The scheduler: keeps a round of each pool open, and has those that are due settled, with nobody watching.

A round locks by itself, in the house. Everything else is found from the tables, again and again: which round comes next
by the calendar, which is on a day that was closed late, which is locked and due. Each step is a command whose id
follows from the pool, the code and the step, so it is done once, whoever starts when. Sources are asked in tasks of
their own: rounds open in time, and no pool waits for another's. Steps that were missed are done in order of the codes;
rounds whose whole time has passed without a scheduler never were, since nobody could bet in them.

Example, a pool on the NASDAQ close:

=========================  =========================================================================
Friday 20:59:59Z           the house locks 20210312
Friday 21:00Z              20210315 is opened, the next session; it locks at 19:59:59Z: summer time
Friday 21:05Z              the sources are asked; they show Thursday's close: not yet
Friday 21:06Z              13,319.86 after 13,398.67: down
Friday 21:35Z              had nobody told by now, or had they differed: void, everybody has the stake back
=========================  =========================================================================
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence, Set
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

from evens.core.commands.pools import OpenRound, SettleRound, VoidRound
from evens.core.values.ids import RoundId
from evens.core.values.moments import SECOND_NS, format_time
from evens.core.values.pool_running import PoolRunning, parse_running
from evens.core.values.pools import RoundResult
from evens.feeds.rounds.calendar import Calendar, calendar_of, prepare
from evens.feeds.rounds.exchange_days import NoSession
from evens.feeds.rounds.following import is_foreseen, next_round
from evens.feeds.rounds.judge import Judge, Judged, RoundToJudge, has_session
from evens.feeds.rounds.metrics import RoundMetrics
from evens.feeds.rounds.oracle import is_past_grace
from evens.feeds.rounds.progress import LATE_NS, PoolProgress, PoolStep, progress_in_words
from evens.feeds.rounds.protocols import PoolToRun, RoundCommands, RoundTables, Step
from evens.sequencer.errors import KeyReused, NotBooked
from evens.store.errors import StoreUnavailable

TICK_S: Final = 1.0
ASK_EVERY_NS: Final = 15 * 10**9
"""How often a round's sources are asked while they do not know."""
POOLS_AT_ONCE: Final = 8
"""How many pools are looked at together."""
ASKED_AT_ONCE: Final = 4
"""Of how many rounds of one pool the sources are asked at once: no pool takes the places of others."""

_CLOSED: Final = "The exchange did not open on this day."
_NO_PRICE: Final = "No price could be had in time: {}"

_log: Final = structlog.get_logger(__name__)


class RoundScheduler:
    """Runs every pool. ``clock`` returns nanoseconds since 1970, and may be one that is ahead of time."""

    def __init__(
        self,
        tables: RoundTables,
        commands: RoundCommands,
        judge: Judge,
        metrics: RoundMetrics,
        clock: Callable[[], int],
    ) -> None:
        self._tables = tables
        self._commands = commands
        self._judge = judge
        self._metrics = metrics
        self._clock = clock
        self._stopping = asyncio.Event()
        self._trouble: dict[str, str] = {}
        self._asked_at: dict[int, int] = {}
        self._asking: dict[str, dict[RoundId, asyncio.Task[None]]] = {}
        self._blocked: dict[int, str] = {}
        self._begun = 0
        self._waits: dict[int, str] = {}
        self._jumped: set[int] = set()
        self._progress: dict[str, PoolProgress] = {}
        self._rounds_of: dict[str, set[RoundId]] = {}
        self._looked_at = 0
        metrics.watch(lambda: (self._clock() - self._watched_until()) / SECOND_NS)

    def in_words(self) -> str | None:
        """Return how far each pool is, for whoever asks whether the house is ready; ``None`` if there is no pool.

        A server that stands by runs none, and says nothing of them.
        """
        if not self._commands.is_open:
            return None
        return progress_in_words(self._progress, self._watched_until(), self._clock())

    def _watched_until(self) -> int:
        """Return until when somebody looked at the pools; where nobody did yet, that is awaited from now on."""
        if not self._commands.is_open:
            return self._clock()
        self._looked_at = self._looked_at or self._clock()
        return self._looked_at

    def trouble(self) -> dict[str, str]:
        """Return what is wrong with each pool, or waits for an operator; empty if all is well."""
        return dict(self._trouble)

    async def run(self) -> None:
        """Run the pools until :meth:`stop`."""
        try:
            while not self._stopping.is_set():
                await self.look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(TICK_S):
                        await self._stopping.wait()
        finally:
            await self._end()

    def stop(self) -> None:
        """Make :meth:`run` return."""
        self._stopping.set()

    async def tick(self) -> None:
        """Do what is due now, and wait until all sources that are asked for it have answered."""
        begun = -1
        while begun != self._begun:
            begun = self._begun
            await self.look()
            if tasks := self._tasks():
                await asyncio.wait(tasks)

    async def look(self) -> None:
        """Do what is due now, and begin to ask sources; never wait for them.

        What goes wrong with one pool is logged, and keeps no other from being run.
        """
        if not self._commands.is_open:
            self._stand_by()
            return
        try:
            pools = await self._tables.pools()
        except StoreUnavailable as error:
            self._complain("", str(error))
            return
        self._trouble.pop("", None)
        places = asyncio.Semaphore(POOLS_AT_ONCE)
        await asyncio.gather(*[self._run(pool, places) for pool in pools])
        self._looked_at = self._clock()

    def _stand_by(self) -> None:
        """Say nothing of any pool: another server runs them."""
        self._looked_at = 0
        if self._progress:
            self._progress.clear()
            self._metrics.stand_by()

    def _tasks(self) -> Sequence[asyncio.Task[None]]:
        return [task for tasks in self._asking.values() for task in tasks.values()]

    async def _end(self) -> None:
        """Ask nobody any more."""
        tasks = self._tasks()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, pool: PoolToRun, places: asyncio.Semaphore) -> None:
        async with places, self._fenced(pool):
            await self._step(pool, parse_running(pool.terms.running))

    @asynccontextmanager
    async def _fenced(self, pool: PoolToRun) -> AsyncGenerator[None]:
        """Keep what goes wrong with a pool from all others, and say what it waits for."""
        try:
            yield
        except (NotBooked, StoreUnavailable, NoSession) as error:
            self._fail(pool)
            self._complain(pool.key, str(error))
        except Exception as error:
            # What is wrong with one pool must not keep the others from being run.
            if self._trouble.get(pool.key) != repr(error):
                _log.exception("pool_broke", pool=pool.key)
            self._trouble[pool.key] = repr(error)
            self._fail(pool)

    async def _step(self, pool: PoolToRun, running: PoolRunning) -> None:
        """Do what a pool needs now, but for what its sources are asked: that is begun."""
        now = self._clock()
        await prepare(running, now)
        calendar = calendar_of(running)
        unsettled = await self._tables.unsettled(pool.id)
        self._metrics.show(pool.key, unsettled)
        due: list[RoundToJudge] = []
        for each in unsettled:
            if calendar.is_closed(each.code):
                await self._submit(pool, each.code, "closed", VoidRound(each.id, _CLOSED))
            elif each.is_locked and each.settles_at <= now:
                due.append(each)
        if not running.stopped and not any(
            not each.is_locked and each.locks_at > now and is_foreseen(calendar, each.code, now) for each in unsettled
        ):
            await self._open(pool, calendar, now)
        unsettled = await self._tables.unsettled(pool.id)
        self._ask_for(pool, due, {each.code for each in unsettled})
        self._show(pool, unsettled, now)
        self._tell(pool, unsettled)

    async def _open(self, pool: PoolToRun, calendar: Calendar, now: int) -> None:
        following, is_beside = next_round(calendar, pool.last_code, now)
        while await self._tables.has_round(pool.id, following.code):
            # An operator opened it long before its turn.
            following = calendar.next_after(following.code, now)
        opening = OpenRound(pool.id, following.code, following.locks_at, following.settles_at, is_beside)
        await self._submit(pool, following.code, "beside" if is_beside else "open", opening)

    def _tell(self, pool: PoolToRun, unsettled: Sequence[RoundToJudge]) -> None:
        waits_for = (self._waits[each.id] for each in unsettled if each.id in self._jumped and each.id in self._waits)
        if trouble := next(waits_for, ""):
            self._complain(pool.key, trouble)
        else:
            self._trouble.pop(pool.key, None)

    def _ask_for(self, pool: PoolToRun, due: Sequence[RoundToJudge], undecided: Set[str]) -> None:
        """Begin to ask the sources of rounds that are due, of few at once, those first that were not for longest."""
        tasks = self._asking.setdefault(pool.key, {})
        for each in sorted(due, key=lambda one: self._asked_at.get(one.id, 0)):
            if len(tasks) >= ASKED_AT_ONCE:
                break
            running = parse_running(each.terms.running)
            if each.id not in tasks and self._is_to_be_asked(each, running, undecided):
                self._asked_at[each.id] = self._clock()
                self._begun += 1
                tasks[each.id] = asyncio.create_task(self._ask(pool, each, running), name=f"round {each.code}")

    def _is_to_be_asked(self, due: RoundToJudge, running: PoolRunning, undecided: Set[str]) -> bool:
        now = self._clock()
        if (before := self._blocked.get(due.id)) is not None:
            # Its own close is known. When that of the round before is, too, it is settled at once.
            return before not in undecided or (
                due.id not in self._jumped and is_past_grace(running, due.settles_at, now)
            )
        return now - self._asked_at.get(due.id, 0) >= min(ASK_EVERY_NS, max(due.settles_at - due.locks_at, 10**9))

    async def _ask(self, pool: PoolToRun, due: RoundToJudge, running: PoolRunning) -> None:
        try:
            async with self._fenced(pool):
                await self._settle(pool, due, running)
                unsettled = await self._tables.unsettled(pool.id)
                self._show(pool, unsettled, self._clock())
                self._tell(pool, unsettled)
        finally:
            del self._asking[pool.key][due.id]

    async def _settle(self, pool: PoolToRun, due: RoundToJudge, running: PoolRunning) -> None:
        """Settle a round that is due, if its sources know; else remember what it waits for."""
        if not has_session(running, due.code):
            self._jumped.add(due.id)
            self._waits[due.id] = f"round {due.code} is an operator's own: settle it"
            return
        judged = await self._judge.judge(due, running)
        if judged.result is None and judged.needs_operator:
            # From then on it waits for a person, also if a source shows another day's price when that comes.
            self._jumped.add(due.id)
        if judged.result is None and due.id in self._jumped:
            self._waits[due.id] = f"round {due.code} waits for an operator: {judged.why}"
            return
        if judged.result is None and not is_past_grace(running, due.settles_at, self._clock()):
            until = format_time(due.settles_at + running.grace_s * SECOND_NS)
            self._waits[due.id] = f"round {due.code} waits for its price, and is void at {until}: {judged.why}"
            self._blocked.pop(due.id, None)
            if judged.waits_for:
                self._blocked[due.id] = judged.waits_for
            _log.info("round_waits", pool=pool.key, round=due.code, why=judged.why)
            return
        await self._decide(pool, due, judged)

    async def _decide(self, pool: PoolToRun, due: RoundToJudge, judged: Judged) -> None:
        if judged.result is None:
            step: Step = VoidRound(due.id, _NO_PRICE.format(judged.why), judged.evidence)
        elif judged.result is RoundResult.VOID:
            step = VoidRound(due.id, judged.why, judged.evidence)
        else:
            step = SettleRound(due.id, judged.result, judged.evidence)
        await self._submit(pool, due.code, "settle", step)
        self._forget(due.id)
        self._metrics.settled((self._clock() - due.settles_at) / 10**9)

    def _show(self, pool: PoolToRun, unsettled: Sequence[RoundToJudge], now: int) -> None:
        """Remember what comes next for a pool, what is overdue, and for what its rounds wait."""
        known = {each.id for each in unsettled}
        without = "" if unsettled else self._idle(pool)
        self._progress[pool.key] = PoolProgress(tuple([self._coming(each) for each in unsettled]), without)
        waiting = known & self._waits.keys()
        for_people = len(waiting & self._jumped)
        self._metrics.waiting(pool.key, len(waiting) - for_people, for_people, self._overdue_of(pool.key))
        self._rounds_of[pool.key], gone = known, self._rounds_of.get(pool.key, set()) - known
        for number in gone:
            self._forget(number)

    def _coming(self, each: RoundToJudge) -> PoolStep:
        waits = self._waits.get(each.id, "")
        if not each.is_locked:
            return PoolStep(f"lock {each.code}", each.locks_at, each.locks_at + LATE_NS, waits)
        late_at = each.settles_at + parse_running(each.terms.running).grace_s * SECOND_NS + LATE_NS
        return PoolStep(f"settle {each.code}", each.settles_at, late_at, waits)

    def _overdue_of(self, key: str) -> Callable[[], float]:
        return lambda: self._progress[key].overdue(self._clock()) if key in self._progress else 0

    @staticmethod
    def _idle(pool: PoolToRun) -> str:
        return "none, the pool is stopped" if parse_running(pool.terms.running).stopped else "open a round"

    def _fail(self, pool: PoolToRun) -> None:
        """Say of a pool that it could not be run; the log says why, since anybody may read this."""
        self._progress[pool.key] = PoolProgress(is_broken=True)
        self._metrics.waiting(pool.key, 0, 0, self._overdue_of(pool.key))

    def _forget(self, number: int) -> None:
        self._asked_at.pop(number, None)
        self._waits.pop(number, None)
        self._blocked.pop(number, None)
        self._judge.forget(RoundId(number))
        self._jumped.discard(number)

    async def _submit(self, pool: PoolToRun, code: str, what: str, step: Step) -> None:
        try:
            await self._commands.submit(step, f"{pool.key}/{code}/{what}")
        except KeyReused:
            # Another scheduler did this step, on what the sources told it.
            return
        _log.info("round_step", pool=pool.key, round=code, step=what)

    def _complain(self, pool: str, trouble: str) -> None:
        if self._trouble.get(pool) != trouble:
            _log.warning("pool_waits", pool=pool, why=trouble)
        self._trouble[pool] = trouble
