"""What waits, for whom and how long: sources that differ for a while, a jump for a person; and what is said of it."""

from decimal import Decimal

import pytest

from evens.core.commands.pools import SettleRound
from evens.core.values.moments import parse_time
from evens.core.values.pool_running import PoolRunning, PriceSource
from evens.core.values.pools import PoolSide, RoundResult, RoundStatus
from evens.feeds.rounds.calendar import Session, calendar_of
from evens.feeds.rounds.progress import STALLED_NS
from evens.store.database import Database
from tests.conftest import Dsns
from tests.feeds.rounds.running_pool import CASH_MINOR, RunningPool, running_pool

pytestmark = pytest.mark.anyio

TWO = PoolRunning(quorum=2, sources=(PriceSource("one", "manual"), PriceSource("two", "manual")))
CALENDAR = calendar_of(TWO)
THURSDAY, FRIDAY, MONDAY = (CALENDAR.session(f"202103{day}") for day in (11, 12, 15))
MORNING = parse_time("2021-03-12T15:00:00Z")
MINUTE = 60 * 10**9
GRACE = TWO.grace_s * 10**9


def say(pool: RunningPool, one: str, two: str, session: Session = FRIDAY) -> None:
    """Let both sources have a price."""
    pool.words.say("one", "IXIC", session, Decimal(one))
    pool.words.say("two", "IXIC", session, Decimal(two))


async def begin(pool: RunningPool) -> None:
    """Open Friday's round, bet on both sides, lock it."""
    await pool.tick(MORNING)
    await pool.bets((0, PoolSide.UP, 1_000_000), (1, PoolSide.DOWN, 1_000_000))
    say(pool, "100", "100", THURSDAY)
    await pool.tick(FRIDAY.locks_at)


async def test_sources_that_differ_until_the_grace_is_over_make_the_round_void(dsns: Dsns, database: Database) -> None:
    async with running_pool(dsns, database, TWO, MORNING) as pool:
        await begin(pool)
        say(pool, "101", "140")
        scheduler = pool.scheduler()
        await pool.tick(FRIDAY.settles_at + MINUTE, scheduler)
        words = scheduler.in_words() or ""
        assert "round 20210312 waits for its price, and is void at 2021-03-12T21:35:00Z" in words
        assert "next: lock 20210315" in words
        assert scheduler.trouble() == {}
        assert pool.figure("evens_rounds_waiting", what="price") == 1
        assert pool.figure("evens_rounds_waiting", what="operator") == 0
        await pool.tick(FRIDAY.settles_at + GRACE - MINUTE, scheduler)
        assert (await pool.round("20210312")).result is None
        await pool.tick(FRIDAY.settles_at + GRACE, scheduler)
        void = await pool.round("20210312")
        assert void.status is RoundStatus.VOID
        assert "the sources differ" in (void.reason or "")
        assert (pool.has(0), pool.has(1)) == (CASH_MINOR, CASH_MINOR)
        assert "20210312" not in (scheduler.in_words() or "")
        assert pool.figure("evens_rounds_waiting", what="price") == 0


async def test_sources_that_agree_again_within_the_grace_decide(dsns: Dsns, database: Database) -> None:
    async with running_pool(dsns, database, TWO, MORNING) as pool:
        await begin(pool)
        say(pool, "101", "140")
        await pool.tick(FRIDAY.settles_at + MINUTE)
        say(pool, "101", "101.01")
        await pool.tick(FRIDAY.settles_at + 2 * MINUTE)
        assert (await pool.round("20210312")).result is RoundResult.UP


async def test_an_operator_who_has_spoken_is_heard_before_the_grace_is_over(dsns: Dsns, database: Database) -> None:
    async with running_pool(dsns, database, TWO, MORNING) as pool:
        await begin(pool)
        say(pool, "101", "140")
        await pool.tick(FRIDAY.settles_at + MINUTE)
        await pool.submit(SettleRound((await pool.round("20210312")).id, RoundResult.UP))
        await pool.tick(FRIDAY.settles_at + GRACE)
        assert (await pool.round("20210312")).result is RoundResult.UP


async def test_a_jump_waits_on_when_the_source_shows_nothing_any_more_and_is_overdue(
    dsns: Dsns, database: Database
) -> None:
    async with running_pool(dsns, database, TWO, MORNING) as pool:
        await begin(pool)
        say(pool, "10", "10")
        scheduler = pool.scheduler()
        await pool.tick(FRIDAY.settles_at, scheduler)
        assert pool.figure("evens_rounds_waiting", what="operator") == 1
        assert pool.figure("evens_pool_steps_overdue") == 0
        pool.words.forget("IXIC", FRIDAY)
        await pool.tick(FRIDAY.settles_at + GRACE + 2 * MINUTE, scheduler)
        assert (await pool.round("20210312")).status is RoundStatus.LOCKED
        words = scheduler.in_words() or ""
        assert "overdue: settle 20210312" in words
        assert "waits for an operator" in words
        assert pool.figure("evens_pool_steps_overdue") == 1
        await pool.submit(SettleRound((await pool.round("20210312")).id, RoundResult.DOWN))
        await pool.tick(FRIDAY.settles_at + GRACE + 3 * MINUTE, scheduler)
        assert "20210312" not in (scheduler.in_words() or "")
        assert pool.figure("evens_pool_steps_overdue") == 0


async def test_a_price_that_drops_back_within_the_limit_needs_nobody(dsns: Dsns, database: Database) -> None:
    async with running_pool(dsns, database, TWO, MORNING) as pool:
        await begin(pool)
        say(pool, "10", "10")
        scheduler = pool.scheduler()
        await pool.tick(FRIDAY.settles_at, scheduler)
        assert pool.figure("evens_rounds_waiting", what="operator") == 1
        say(pool, "101", "101")
        await pool.tick(FRIDAY.settles_at + GRACE + MINUTE, scheduler)
        assert (await pool.round("20210312")).result is RoundResult.UP
        assert pool.figure("evens_rounds_waiting", what="operator") == 0


async def test_a_stalled_scheduler_still_shows_what_becomes_overdue(dsns: Dsns, database: Database) -> None:
    async with running_pool(dsns, database, TWO, MORNING) as pool:
        scheduler = pool.scheduler()
        await pool.tick(MORNING, scheduler)
        unwatched = "evens_pools_unwatched_seconds"
        assert pool.registry.get_sample_value(unwatched) == 0
        # From here on nobody looks any more, though the process lives.
        pool.now = FRIDAY.locks_at + MINUTE + 1
        assert pool.registry.get_sample_value(unwatched) == (pool.now - MORNING) / 10**9
        assert pool.figure("evens_pool_steps_overdue") == 1
        words = scheduler.in_words() or ""
        assert "Nobody has looked at the pools since 2021-03-12T15:00:00Z" in words
        assert "overdue: lock 20210312, due at 2021-03-12T20:59:59Z" in words


async def test_a_scheduler_that_never_looked_is_missed_as_well(dsns: Dsns, database: Database) -> None:
    async with running_pool(dsns, database, TWO, MORNING) as pool:
        pool.scheduler()
        assert pool.registry.get_sample_value("evens_pools_unwatched_seconds") == 0
        pool.now = MORNING + STALLED_NS
        assert pool.registry.get_sample_value("evens_pools_unwatched_seconds") == STALLED_NS / 10**9


async def test_a_server_that_stands_by_shows_no_pool(dsns: Dsns, database: Database) -> None:
    async with running_pool(dsns, database, TWO, MORNING) as pool:
        scheduler = pool.scheduler()
        await pool.tick(MORNING, scheduler)
        assert pool.figure("evens_rounds_unsettled", status="open") is not None
        pool.commands.stands_by = True
        await scheduler.tick()
        pool.now = FRIDAY.locks_at + 2 * MINUTE
        assert pool.figure("evens_rounds_unsettled", status="open") is None
        assert pool.figure("evens_pool_steps_overdue") is None
        assert pool.registry.get_sample_value("evens_pools_unwatched_seconds") == 0


async def test_a_scheduler_that_looks_no_more_is_said_to_be_late(dsns: Dsns, database: Database) -> None:
    async with running_pool(dsns, database, TWO, MORNING) as pool:
        scheduler = pool.scheduler()
        assert scheduler.in_words() is None
        await pool.tick(MORNING, scheduler)
        assert scheduler.in_words() == "daily: next: lock 20210312 at 2021-03-12T20:59:59Z."
        pool.now = MORNING + STALLED_NS + 1
        assert "Nobody has looked at the pools since 2021-03-12T15:00:00Z" in (scheduler.in_words() or "")
