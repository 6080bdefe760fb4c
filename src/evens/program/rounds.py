"""Connects the scheduler of rounds, their calendars and their sources to the tables, the gateway and the HTTP edge."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry

from evens.core.commands.pools import ChangePool, CreatePool
from evens.core.values.ids import PoolId
from evens.core.values.pool_running import PoolRunning, RunningInvalid, format_running, parse_running
from evens.core.values.pools import PoolTerms, RoundStatus
from evens.edges.cli.operations import RoundDays
from evens.edges.gateway import Gateway
from evens.edges.http.pools.counting import PoolFigures
from evens.edges.http.pools.schedule import NoSession, RoundTimes, Told
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.idempotency import command_id, random_command_id
from evens.edges.http.services import Services
from evens.feeds.rounds import exchange_days
from evens.feeds.rounds.calendar import Session, calendar_of, prepare
from evens.feeds.rounds.following import AHEAD_MAX, last_foreseen, next_round
from evens.feeds.rounds.judge import Judge, RoundToJudge, has_session
from evens.feeds.rounds.metrics import OracleMetrics, RoundMetrics
from evens.feeds.rounds.oracle import Oracle, open_oracle
from evens.feeds.rounds.protocols import PoolToRun, Step
from evens.feeds.rounds.scheduler import RoundScheduler
from evens.feeds.rounds.sources.manual import OperatorWords
from evens.feeds.rounds.sources.secrets import SECRETS_FOLDER, SecretFolder
from evens.program.currencies import define_currencies
from evens.program.pool_file import PoolInFile
from evens.store.pools.queries import PoolQueries
from evens.store.pools.rows import PoolRow, RoundRow

_ACTOR: Final = "rounds"
_NO_POOL: Final = PoolId(0)
_EVIDENCE_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class RoundParts:
    """What runs the pools: the job, and what the HTTP edge asks."""

    scheduler: RoundScheduler
    schedule: "EdgeSchedule"


def open_rounds(
    gateway: Gateway, reads: PoolQueries, currencies: Currencies, registry: CollectorRegistry, data: Path
) -> RoundParts:
    """Return what runs the pools of a house. Secrets of sources are files in a folder in ``data``."""
    metrics, secrets = OracleMetrics(registry), SecretFolder(data / SECRETS_FOLDER)

    def oracle_of(running: PoolRunning, pool: PoolId, key: str) -> Oracle:
        return open_oracle(running, metrics.of(key), RecordedWords(reads, pool), secrets)

    figures = PoolFigures(registry)
    gateway.follow(figures)

    def seen(row: RoundRow) -> None:
        figures.learn(row.id, row.pool_key, currencies.by_number(row.currency_number))

    tables = PoolTables(reads, seen)
    judge = Judge(tables, oracle_of, time.time_ns)
    commands = GatewayRoundCommands(gateway)
    scheduler = RoundScheduler(tables, commands, judge, RoundMetrics(registry), time.time_ns)
    return RoundParts(scheduler, EdgeSchedule(judge, oracle_of))


class PoolTables:
    """Implements :class:`evens.feeds.rounds.protocols.RoundTables` and ``RoundHistory`` on the tables.

    ``seen`` is told each round without a result that is read.
    """

    def __init__(self, reads: PoolQueries, seen: Callable[[RoundRow], None] = lambda row: None) -> None:
        self._reads = reads
        self._seen = seen

    async def pools(self) -> Sequence[PoolToRun]:
        """Return every pool."""
        return [PoolToRun(row.id, row.key, row.terms, row.last_code) for row in await self._reads.pools()]

    async def unsettled(self, pool: PoolId) -> Sequence[RoundToJudge]:
        """Return a pool's rounds without a result, in order of their codes."""
        rows = await self._reads.unsettled(pool)
        for row in rows:
            self._seen(row)
        return [_to_judge(row) for row in rows]

    async def has_round(self, pool: PoolId, code: str) -> bool:
        """Return whether a pool has, or had, a round with this code."""
        return await self._reads.round(pool, code) is not None

    async def evidence_before(self, pool: PoolId, code: str) -> Sequence[tuple[str, str]]:
        """Return code and evidence of the last decided rounds before one, the newest first."""
        rows = await self._reads.decided_before(pool, code, limit=_EVIDENCE_MAX)
        return [(row.code, row.evidence or "{}") for row in rows]

    async def is_undecided(self, pool: PoolId, code: str) -> bool:
        """Return whether there is a round with this code that has no result."""
        row = await self._reads.round(pool, code)
        return row is not None and row.result is None


class RecordedWords:
    """What operators told for one pool, from the table of it: :class:`evens.feeds.rounds.sources.manual.Words`."""

    def __init__(self, reads: PoolQueries, pool: PoolId) -> None:
        self._reads = reads
        self._pool = pool

    async def heard(self, source: str, symbol: str, session: Session) -> tuple[Decimal, str] | None:
        """Return what was told last of a session's close, and why it is that."""
        told = await self._reads.told.told(self._pool, source, symbol, session.code)
        return None if told is None else (Decimal(told.price), told.reason)


class GatewayRoundCommands:
    """Implements :class:`evens.feeds.rounds.protocols.RoundCommands` on the gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    @property
    def is_open(self) -> bool:
        """Whether this server takes commands now."""
        return self._gateway.closed_because is None

    async def submit(self, step: Step, key: str) -> None:
        """Book a step under its key."""
        await self._gateway.submit(step, command_id=command_id(_ACTOR, key), actor=_ACTOR)


class EdgeSchedule:
    """Implements :class:`evens.edges.http.pools.schedule.RoundSchedule`."""

    runs = True

    def __init__(self, judge: Judge | None, oracle_of: Callable[[PoolRunning, PoolId, str], Oracle]) -> None:
        self._judge = judge
        self._oracle_of = oracle_of

    def times(self, pool: PoolRow, code: str | None, now: int) -> RoundTimes:
        """Return when a round is by the pool's calendar."""
        calendar = calendar_of(parse_running(pool.terms.running))
        try:
            found = next_round(calendar, pool.last_code, now)[0] if code is None else calendar.session(code)
        except exchange_days.NoSession as error:
            raise NoSession(str(error)) from error
        self.check_code(pool, found.code, now)
        return RoundTimes(found.code, found.locks_at, found.settles_at)

    def check_code(self, pool: PoolRow, code: str, now: int) -> None:
        """Raise :class:`NoSession` for a code of which the calendar knows nothing, or that is too far ahead."""
        calendar = calendar_of(parse_running(pool.terms.running))
        try:
            calendar.session(code)
            last = last_foreseen(calendar, now).code
        except exchange_days.NoSession as error:
            raise NoSession(str(error)) from error
        if code > last:
            raise NoSession(f"is farther ahead than the next {AHEAD_MAX} rounds by the calendar, up to {last}")

    async def ask(self, asked: RoundRow) -> Told:
        """Ask a round's sources how it ended."""
        assert self._judge is not None, "what only checks files asks nobody"
        try:
            judged = await self._judge.judge(_to_judge(asked), parse_running(asked.terms.running))
        except exchange_days.NoSession as error:
            return Told(None, why=f"The sources know nothing of this round: its code {error}. Say up or down.")
        return Told(judged.result, judged.evidence, judged.why)

    async def check(self, running: PoolRunning) -> None:
        """Raise :class:`RunningInvalid` for an exchange that is none, and sources that cannot be read as told."""
        self._oracle_of(running, _NO_POOL, "")
        try:
            await prepare(running, time.time_ns())
        except exchange_days.NoSession as error:
            raise RunningInvalid("calendar", str(error)) from error


def schedule_of_files(data: Path) -> EdgeSchedule:
    """Return what checks pools before a server begins. It counts nothing, and reads no rounds."""
    metrics, words, secrets = OracleMetrics(CollectorRegistry()), OperatorWords(), SecretFolder(data / SECRETS_FOLDER)

    def oracle_of(running: PoolRunning, _pool: PoolId, key: str) -> Oracle:
        return open_oracle(running, metrics.of(key), words, secrets)

    return EdgeSchedule(None, oracle_of)


def round_days(text: str, closed: Sequence[str], code: str) -> RoundDays | None:
    """Return what an exchange's calendar says of a round: see :class:`evens.edges.cli.operations.RoundDays`."""
    try:
        running = replace(parse_running(text), early={})
        if running.interval_s is not None:
            return None
        late = replace(running, closed=tuple(sorted({*running.closed, *closed})))
        before = calendar_of(running).previous(code).code, calendar_of(late).previous(code).code
        return RoundDays(before, is_session=has_session(replace(running, closed=()), code))
    except (RunningInvalid, exchange_days.NoSession):
        return None


async def open_books(services: Services, scales: dict[str, int], pools: Sequence[PoolInFile]) -> None:
    """Define the currencies of the settings, then the pools of the file. Pools that are there get the file's terms.

    One that was of the file and is no longer is stopped. Terms of an earlier form are written anew.
    """
    await define_currencies(services, scales)
    known = {row.key: row for row in await services.pools.reads.pools()}
    commands: list[CreatePool | ChangePool] = []
    for pool in pools:
        row = known.pop(pool.key, None)
        # Whoever stopped a pool of the file goes on to stop it; one that the file names again is resumed.
        stopped = "operator" if row and parse_running(row.terms.running).stopped == "operator" else ""
        terms = _run(pool.terms, from_file=True, stopped=stopped)
        if row is None:
            commands.append(CreatePool(pool.key, pool.currency, terms))
        elif row.terms != terms:
            commands.append(ChangePool(row.id, terms))
    for row in known.values():
        running = parse_running(row.terms.running)
        left = {"stopped": "file"} if running.from_file and not running.stopped else {}
        terms = _run(row.terms, **left)
        # Terms that an earlier version wrote are written anew: a round commits to their form.
        if terms != row.terms:
            commands.append(ChangePool(row.id, terms))
    for command in commands:
        await services.gateway.submit(command, command_id=random_command_id(), actor=_ACTOR, unseen=True)


def _run(terms: PoolTerms, **how: Any) -> PoolTerms:
    """Return terms of a pool that is run otherwise."""
    return replace(terms, running=format_running(replace(parse_running(terms.running), **how)))


def _to_judge(row: RoundRow) -> RoundToJudge:
    return RoundToJudge(
        id=row.id,
        pool=row.pool,
        pool_key=row.pool_key,
        code=row.code,
        terms=row.terms,
        locks_at=row.locks_at,
        settles_at=row.settles_at,
        is_locked=row.status is not RoundStatus.OPEN,
    )
