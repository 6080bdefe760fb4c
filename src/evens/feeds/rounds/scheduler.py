"""The scheduler: keeps a round of each pool open, and has those that are due settled, with nobody watching.

A round locks by itself, in the house. Everything else is found from the tables, again and again: which round comes next
by the calendar, which is on a day that was closed late, which is locked and due. Each step is a command whose id
follows from the pool, the code and the step, so two schedulers, or one that is started again at any moment, do each
step once. After a time without a scheduler the steps that were missed are done in order of the codes; rounds whose
whole time has passed meanwhile never were, since nobody could bet in them.

Example, a pool on the NASDAQ close:

=========================  =========================================================================
Friday 20:59:59Z           the house locks 20210312
Friday 21:00Z              20210315 is opened, the next session; it locks at 19:59:59Z: summer time
Friday 21:05Z              the sources are asked; they show Thursday's close: not yet
Friday 21:06Z              13,319.86 after 13,398.67: down
Friday 21:35Z              had nobody told by now: void, everybody has the stake back
=========================  =========================================================================
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from evens.core.commands.pools import OpenRound, SettleRound, VoidRound
from evens.core.values.ids import PoolId
from evens.core.values.pool_running import PoolRunning, parse_running
from evens.core.values.pools import PoolTerms, RoundResult
from evens.feeds.rounds.calendar import calendar_of, prepare
from evens.feeds.rounds.exchange_days import NoSession
from evens.feeds.rounds.judge import Judge, RoundToJudge, has_session
from evens.feeds.rounds.metrics import RoundMetrics
from evens.feeds.rounds.oracle import is_past_grace
from evens.sequencer.errors import KeyReused, NotBooked
from evens.store.errors import StoreUnavailable

TICK_S: Final = 1.0
ASK_EVERY_NS: Final = 15 * 10**9
"""How often a round's sources are asked while they do not know."""

_CLOSED: Final = "The exchange did not open on this day."
_NO_PRICE: Final = "No price could be had in time: {}"

Step = OpenRound | SettleRound | VoidRound

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PoolToRun:
    """A pool as it is run. ``last_code`` is that of its last round, empty before the first."""

    id: PoolId
    key: str
    terms: PoolTerms
    last_code: str


class RoundTables(Protocol):
    """What the scheduler reads."""

    async def pools(self) -> Sequence[PoolToRun]:
        """Return every pool."""
        ...

    async def unsettled(self, pool: PoolId) -> Sequence[RoundToJudge]:
        """Return a pool's rounds without a result, in order of their codes."""
        ...


class RoundCommands(Protocol):
    """Where the scheduler's steps are booked."""

    @property
    def is_open(self) -> bool:
        """Whether this server takes commands now."""
        ...

    async def submit(self, step: Step, key: str) -> None:
        """Book a step, once for each key. Raises what :mod:`evens.sequencer.errors` lists."""
        ...


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

    def trouble(self) -> dict[str, str]:
        """Return what is wrong with each pool, or waits for an operator; empty if all is well."""
        return dict(self._trouble)

    async def run(self) -> None:
        """Run the pools until :meth:`stop`."""
        while not self._stopping.is_set():
            await self.tick()
            try:
                async with asyncio.timeout(TICK_S):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Make :meth:`run` return."""
        self._stopping.set()

    async def tick(self) -> None:
        """Do what is due now. What goes wrong with one pool is logged, and keeps no other from being run."""
        if not self._commands.is_open:
            return
        try:
            pools = await self._tables.pools()
        except StoreUnavailable as error:
            self._complain("", str(error))
            return
        self._trouble.pop("", None)
        for pool in pools:
            await self._run(pool)

    async def _run(self, pool: PoolToRun) -> None:
        try:
            waits_for = await self._step(pool, parse_running(pool.terms.running))
        except (NotBooked, StoreUnavailable, NoSession) as error:
            self._complain(pool.key, str(error))
        except Exception as error:
            # What is wrong with one pool must not keep the others from being run.
            if self._trouble.get(pool.key) != repr(error):
                _log.exception("pool_broke", pool=pool.key)
            self._trouble[pool.key] = repr(error)
        else:
            if waits_for:
                self._complain(pool.key, waits_for)
            else:
                self._trouble.pop(pool.key, None)

    async def _step(self, pool: PoolToRun, running: PoolRunning) -> str:
        """Do what a pool needs now; return what an operator has to do, if anything."""
        now = self._clock()
        await prepare(running, now)
        calendar = calendar_of(running)
        unsettled = await self._tables.unsettled(pool.id)
        locked = sum(each.is_locked for each in unsettled)
        self._metrics.show(pool.key, len(unsettled) - locked, locked)
        waits_for = ""
        for each in unsettled:
            if calendar.is_closed(each.code):
                await self._submit(pool, each.code, "closed", VoidRound(each.id, _CLOSED))
            elif each.is_locked and each.settles_at <= now:
                waits_for = await self._settle(pool, each, parse_running(each.terms.running), now) or waits_for
        if not any(not each.is_locked and each.locks_at > now for each in unsettled):
            following = calendar.next_after(pool.last_code or None, now)
            opening = OpenRound(pool.id, following.code, following.locks_at, following.settles_at)
            await self._submit(pool, following.code, "open", opening)
        return waits_for

    async def _settle(self, pool: PoolToRun, due: RoundToJudge, running: PoolRunning, now: int) -> str:
        """Settle a round that is due, if its sources know; return what an operator has to do, if anything."""
        if not has_session(running, due.code):
            return f"round {due.code} is an operator's own: settle it"
        if now - self._asked_at.get(due.id, 0) < min(ASK_EVERY_NS, max(due.settles_at - due.locks_at, 10**9)):
            return self._trouble.get(pool.key, "")
        self._asked_at[due.id] = now
        judged = await self._judge.judge(due, running)
        if judged.result is None and judged.needs_operator:
            return f"round {due.code} waits for an operator: {judged.why}"
        if judged.result is None and not is_past_grace(running, due.settles_at, now):
            _log.info("round_waits", pool=pool.key, round=due.code, why=judged.why)
            return ""
        if judged.result is None:
            step: Step = VoidRound(due.id, _NO_PRICE.format(judged.why), judged.evidence)
        elif judged.result is RoundResult.VOID:
            step = VoidRound(due.id, judged.why, judged.evidence)
        else:
            step = SettleRound(due.id, judged.result, judged.evidence)
        await self._submit(pool, due.code, "settle", step)
        self._asked_at.pop(due.id, None)
        self._metrics.settled((self._clock() - due.settles_at) / 10**9)
        return ""

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
