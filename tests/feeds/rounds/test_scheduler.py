"""The scheduler on a real house: rounds open, lock and settle in time, once, whatever ends it and whenever."""

import asyncio
from collections.abc import Awaitable
from decimal import Decimal
from pathlib import Path

import pytest

from evens.core.commands.pools import ChangePool
from evens.core.events.ledger import Rejected
from evens.core.values.moments import parse_time
from evens.core.values.pool_running import PoolRunning, PriceSource, format_running
from evens.core.values.pools import PoolSide, PoolTerms, RoundResult, RoundStage, RoundStatus
from evens.feeds.rounds.calendar import calendar_of
from evens.store.auditing.audit import audit
from evens.store.database import Database
from tests.conftest import Dsns
from tests.feeds.rounds.running_pool import CASH_MINOR, Killed, RunningPool, running_pool

pytestmark = pytest.mark.anyio

MANUAL = PoolRunning()
CALENDAR = calendar_of(MANUAL)
THURSDAY, FRIDAY, MONDAY = (CALENDAR.session(f"202103{day}") for day in (11, 12, 15))
MORNING = parse_time("2021-03-12T15:00:00Z")
MS = 10**6
MOMENTS = (MORNING, FRIDAY.locks_at, FRIDAY.settles_at, MONDAY.locks_at, MONDAY.settles_at)


def closes(folder: Path) -> PoolRunning:
    """Return how a pool is run whose source is a file that has every close."""
    file = folder / "closes.csv"
    file.write_text("date,close\n2021-03-11,13398.67\n2021-03-12,13319.86\n2021-03-15,13459.71\n2021-03-16,13471.57\n")
    return PoolRunning(sources=(PriceSource("file", "file", url=str(file)),))


def say(pool: RunningPool, price: str, session: object = FRIDAY) -> None:
    assert session in (THURSDAY, FRIDAY, MONDAY)
    pool.words.say("desk", "IXIC", session, Decimal(price))  # pyright: ignore[reportArgumentType]


async def bet_both_ways(pool: RunningPool) -> None:
    for receipt in await pool.bets((0, PoolSide.UP, 1_000_000), (1, PoolSide.DOWN, 1_000_000)):
        assert not isinstance(receipt.events[0], Rejected)


async def test_a_round_opens_locks_and_settles_by_itself(dsns: Dsns, database: Database) -> None:
    async with running_pool(dsns, database, MANUAL, MORNING) as pool:
        await pool.tick(MORNING)
        opened = await pool.round("20210312")
        assert (opened.locks_at, opened.settles_at) == (FRIDAY.locks_at, FRIDAY.settles_at)
        assert opened.locks_at == parse_time("2021-03-12T20:59:59Z")
        pool.now = FRIDAY.locks_at - MS
        await bet_both_ways(pool)
        pool.now = FRIDAY.locks_at
        (late,) = await pool.bets((0, PoolSide.UP, 1))
        assert isinstance(late.events[0], Rejected)
        await pool.tick(FRIDAY.locks_at + 10**9)
        assert (await pool.round("20210312")).status is RoundStatus.LOCKED
        assert (await pool.round("20210315")).locks_at == parse_time("2021-03-15T19:59:59Z")
        say(pool, "13398.67", THURSDAY)
        await pool.tick(FRIDAY.settles_at)
        assert (await pool.round("20210312")).status is RoundStatus.LOCKED
        say(pool, "13319.86")
        await pool.tick(FRIDAY.settles_at + 60 * 10**9)
        settled = await pool.round("20210312")
        assert (settled.result, settled.stage) == (RoundResult.DOWN, RoundStage.NOTHING)
        late = [pool.registry.get_sample_value(f"evens_round_settlement_seconds_{each}") for each in ("count", "sum")]
        assert late == [1, 60]
        assert (pool.has(0), pool.has(1)) == (CASH_MINOR - 1_000_000, CASH_MINOR + 990_000)
        # Monday's reference is what Friday's round revealed.
        say(pool, "13459.71", MONDAY)
        await pool.tick(MONDAY.locks_at)
        await pool.tick(MONDAY.settles_at)
        assert (await pool.round("20210315")).result is RoundResult.UP
        assert '"reference":"13319.86"' in ((await pool.round("20210315")).evidence or "").replace(" ", "")
    assert (await audit(dsns.app)).problems == []


async def test_a_round_whose_price_never_comes_is_void_and_everybody_has_the_stake_back(
    dsns: Dsns, database: Database
) -> None:
    async with running_pool(dsns, database, MANUAL, MORNING) as pool:
        await pool.tick(MORNING)
        await bet_both_ways(pool)
        await pool.tick(FRIDAY.locks_at)
        grace = MANUAL.grace_s * 10**9
        await pool.tick(FRIDAY.settles_at + grace - MS)
        assert (await pool.round("20210312")).result is None
        await pool.tick(FRIDAY.settles_at + grace)
        void = await pool.round("20210312")
        assert (void.status, void.stage) == (RoundStatus.VOID, RoundStage.NOTHING)
        assert "No price could be had in time" in (void.reason or "")
        assert (pool.has(0), pool.has(1)) == (CASH_MINOR, CASH_MINOR)


async def test_a_day_on_which_the_exchange_is_closed_late_is_void_at_once(dsns: Dsns, database: Database) -> None:
    async with running_pool(dsns, database, MANUAL, MORNING) as pool:
        await pool.tick(MORNING)
        await bet_both_ways(pool)
        closed = PoolRunning(closed=("2021-03-12",))
        await pool.submit(ChangePool(pool.pool, PoolTerms("Daily", "IXIC", 100, running=format_running(closed))))
        await pool.tick(MORNING + 10**9)
        assert (await pool.round("20210312")).status is RoundStatus.VOID
        assert (pool.has(0), pool.has(1)) == (CASH_MINOR, CASH_MINOR)
        await pool.tick(MORNING + 2 * 10**9)
        assert (await pool.round("20210315")).status is RoundStatus.OPEN


async def test_a_jump_waits_for_an_operator_however_long(dsns: Dsns, database: Database) -> None:
    async with running_pool(dsns, database, MANUAL, MORNING) as pool:
        await pool.tick(MORNING)
        await bet_both_ways(pool)
        say(pool, "13398.67", THURSDAY)
        say(pool, "1339.80")
        await pool.tick(FRIDAY.locks_at)
        scheduler = pool.scheduler()
        await pool.tick(FRIDAY.settles_at + 2 * MANUAL.grace_s * 10**9, scheduler)
        assert (await pool.round("20210312")).status is RoundStatus.LOCKED
        assert "waits for an operator" in scheduler.trouble()["daily"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_scheduler_that_is_killed_at_any_step_and_the_next_one_do_each_step_once(
    dsns: Dsns, database: Database, tmp_path: Path, when: str
) -> None:
    async with running_pool(dsns, database, closes(tmp_path), MORNING) as pool:
        dead: set[str] = set()

        def dies(moment: str) -> bool:
            # Each step kills a scheduler once.
            is_new = moment.startswith(when) and moment not in dead
            dead.add(moment)
            return is_new

        pool.commands.dies = dies
        for at in MOMENTS:
            for _ in range(4):
                await _survive(pool, at)
                await _survive(pool, at)
            if at == MORNING:
                await bet_both_ways(pool)
        pool.commands.dies = lambda moment: False
        await pool.tick(MOMENTS[-1])
        results = [(await pool.round(code)).result for code in ("20210312", "20210315")]
        assert results == [RoundResult.DOWN, RoundResult.UP]
        assert (pool.has(0), pool.has(1)) == (CASH_MINOR - 1_000_000, CASH_MINOR + 990_000)
        assert [each.code for each in await pool.reads.rounds(pool.pool, limit=9)] == [
            "20210316",
            "20210315",
            "20210312",
        ]


async def _survive(pool: RunningPool, at: int) -> None:
    """Let a scheduler do what it gets to before it is killed."""
    scheduler = pool.scheduler()
    await pool.tick(at, scheduler)
    assert all(repr(Killed()) == trouble for trouble in scheduler.trouble().values())


async def test_two_schedulers_at_the_very_same_time_do_each_step_once(
    dsns: Dsns, database: Database, tmp_path: Path
) -> None:
    """Issue 9, 4: two schedulers do each step once, though their clocks and so their evidence differ."""
    async with running_pool(dsns, database, closes(tmp_path), MORNING) as pool:
        meeting: dict[str, asyncio.Barrier] = {}

        def meets(key: str) -> Awaitable[object]:
            # Neither books a step before the other has found it, too.
            return asyncio.wait_for(meeting.setdefault(key, asyncio.Barrier(2)).wait(), 30)

        pool.commands.meets = meets
        both = pool.scheduler(), pool.scheduler(MS)
        for at in MOMENTS:
            pool.now = at
            await pool.calm()
            await asyncio.gather(*[each.tick() for each in both])
            await pool.calm()
            assert [each.trouble() for each in both] == [{}, {}]
            if at == MORNING:
                await bet_both_ways(pool)
        assert {f"daily/{code}/{step}" for code in ("20210312", "20210315") for step in ("open", "settle")} < {*meeting}
        rounds = [await pool.round(code) for code in ("20210312", "20210315")]
        assert {each.stage for each in rounds} == {RoundStage.NOTHING}
        assert [len(await pool.reads.results(each.id)) for each in rounds] == [1, 1]
        assert [each.result for each in rounds] == [RoundResult.DOWN, RoundResult.UP]
        assert (pool.has(0), pool.has(1)) == (CASH_MINOR - 1_000_000, CASH_MINOR + 990_000)
        assert [each.code for each in await pool.reads.rounds(pool.pool, limit=9)] == [
            "20210316",
            "20210315",
            "20210312",
        ]
    assert (await audit(dsns.app)).problems == []


async def test_a_house_that_was_away_for_days_settles_what_was_open_and_goes_on_with_the_next_session(
    dsns: Dsns, database: Database, tmp_path: Path
) -> None:
    """Issue 9, 4: missed steps are caught up in order, late bets never get in."""
    async with running_pool(dsns, database, closes(tmp_path), MORNING) as pool:
        await pool.tick(MORNING)
        await bet_both_ways(pool)
        # Away before Friday's lock, back on Monday night.
        pool.now = MONDAY.settles_at + 3600 * 10**9
        (late,) = await pool.bets((0, PoolSide.UP, 5))
        assert isinstance(late.events[0], Rejected)
        await pool.tick(pool.now)
        friday = await pool.round("20210312")
        assert (friday.result, friday.stage) == (RoundResult.DOWN, RoundStage.NOTHING)
        assert (friday.up.staked_minor, friday.down.staked_minor) == (1_000_000, 1_000_000)
        assert (pool.has(0), pool.has(1)) == (CASH_MINOR - 1_000_000, CASH_MINOR + 990_000)
        # Nobody could bet on Monday, so there never was a round of it.
        rounds = await pool.reads.rounds(pool.pool, limit=9)
        assert [(each.code, each.status) for each in rounds] == [
            ("20210316", RoundStatus.OPEN),
            ("20210312", RoundStatus.SETTLED),
        ]
        (taken,) = await pool.bets((0, PoolSide.UP, 1_000_000))
        assert not isinstance(taken.events[0], Rejected)
        assert (await pool.round("20210316")).up.staked_minor == 1_000_000
    assert (await audit(dsns.app)).problems == []


async def test_rounds_of_a_minute_follow_each_other(dsns: Dsns, database: Database) -> None:
    minute = PoolRunning(
        calendar="every:60",
        lock_before_close_s=5,
        settle_after_close_s=1,
        sources=(PriceSource("walk", "simulated", seed=7),),
    )
    async with running_pool(dsns, database, minute, MORNING) as pool:
        scheduler = pool.scheduler()
        for second in range(190):
            await pool.tick(MORNING + second * 10**9, scheduler)
        rounds = await pool.reads.rounds(pool.pool, limit=10)
        assert [each.status for each in reversed(rounds)] == [RoundStatus.SETTLED] * 3 + [RoundStatus.OPEN]
