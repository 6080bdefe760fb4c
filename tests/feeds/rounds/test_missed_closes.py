"""What is missed once costs one round: its own close is kept, and the next one is compared with that."""

import json
from decimal import Decimal
from itertools import pairwise

import pytest

from evens.core.commands.pools import OpenRound, SettleRound
from evens.core.values.moments import parse_time
from evens.core.values.pool_running import PoolRunning
from evens.core.values.pools import RoundResult, RoundStatus
from evens.feeds.rounds.calendar import Session, calendar_of
from evens.store.database import Database
from tests.conftest import Dsns
from tests.feeds.rounds.running_pool import RunningPool, running_pool

pytestmark = pytest.mark.anyio

RUNNING = PoolRunning(grace_s=600)
CALENDAR = calendar_of(RUNNING)
DAYS = [CALENDAR.session(f"202103{day}") for day in (11, 12, 15, 16, 17)]
THURSDAY, FRIDAY, MONDAY, TUESDAY, WEDNESDAY = DAYS
MORNING = parse_time("2021-03-11T15:00:00Z")
GRACE = RUNNING.grace_s * 10**9


def only(pool: RunningPool, session: Session, price: str) -> None:
    """Let the source show this close, and no earlier one."""
    for each in DAYS:
        pool.words.forget("IXIC", each)
    pool.words.say("desk", "IXIC", session, Decimal(price))


def said(evidence: str | None) -> dict[str, str]:
    return json.loads(evidence or "{}")


async def test_one_missed_close_makes_no_more_than_the_next_round_void(dsns: Dsns, database: Database) -> None:
    async with running_pool(dsns, database, RUNNING, MORNING) as pool:
        scheduler = pool.scheduler()
        await pool.tick(MORNING, scheduler)
        for session, price in ((THURSDAY, "100"), (FRIDAY, ""), (MONDAY, "102"), (TUESDAY, "103")):
            await pool.tick(session.locks_at, scheduler)
            if price:
                only(pool, session, price)
            await pool.tick(session.settles_at, scheduler)
            await pool.tick(session.settles_at + GRACE, scheduler)
        rounds = [await pool.round(each.code) for each in (FRIDAY, MONDAY, TUESDAY)]
        assert [each.result for each in rounds] == [RoundResult.VOID, RoundResult.VOID, RoundResult.UP]
        assert said(rounds[1].evidence)["price"] == "102"
        assert said(rounds[2].evidence)["reference"] == "102"


async def test_a_round_waits_for_the_result_of_the_one_before_and_is_compared_with_its_close(
    dsns: Dsns, database: Database
) -> None:
    async with running_pool(dsns, database, RUNNING, MORNING) as pool:
        scheduler = pool.scheduler()
        await pool.tick(MORNING, scheduler)
        only(pool, THURSDAY, "100")
        await pool.tick(THURSDAY.locks_at, scheduler)
        await pool.tick(THURSDAY.settles_at, scheduler)
        # Friday jumps, and waits for a person. Monday knows its own close, but not with what it is compared.
        only(pool, FRIDAY, "300")
        await pool.tick(FRIDAY.locks_at, scheduler)
        await pool.tick(FRIDAY.settles_at, scheduler)
        only(pool, MONDAY, "105")
        await pool.tick(MONDAY.locks_at, scheduler)
        await pool.tick(MONDAY.settles_at, scheduler)
        assert (await pool.round(MONDAY.code)).result is None
        # Its source shows another day by now: what it showed of Monday is kept.
        only(pool, TUESDAY, "1")
        friday = await pool.round(FRIDAY.code)
        await pool.submit(SettleRound(friday.id, RoundResult.UP, json.dumps({"by": "operator", "price": "110"})))
        await pool.tick(MONDAY.settles_at + 10**9, scheduler)
        monday = await pool.round(MONDAY.code)
        assert (monday.result, said(monday.evidence)["reference"]) == (RoundResult.DOWN, "110")


async def test_waiting_for_the_round_before_ends_with_the_grace(dsns: Dsns, database: Database) -> None:
    async with running_pool(dsns, database, RUNNING, MORNING) as pool:
        scheduler = pool.scheduler()
        await pool.tick(MORNING, scheduler)
        for session, price in ((THURSDAY, "100"), (FRIDAY, "300"), (MONDAY, "105"), (TUESDAY, "104")):
            await pool.tick(session.locks_at, scheduler)
            only(pool, session, price)
            await pool.tick(session.settles_at, scheduler)
            await pool.tick(session.settles_at + GRACE, scheduler)
        rounds = [await pool.round(each.code) for each in (FRIDAY, MONDAY, TUESDAY)]
        assert [each.result for each in rounds] == [None, RoundResult.VOID, RoundResult.DOWN]


@pytest.mark.parametrize("code", ["special", "20271126"])
async def test_a_round_with_a_code_out_of_turn_ends_no_pool(dsns: Dsns, database: Database, code: str) -> None:
    async with running_pool(dsns, database, RUNNING, MORNING) as pool:
        scheduler = pool.scheduler()
        await pool.tick(MORNING, scheduler)
        await pool.submit(OpenRound(pool.pool, code, MORNING + 60 * 10**9, MORNING + 60 * 10**9))
        for session, following in pairwise(DAYS):
            await pool.tick(session.locks_at, scheduler)
            assert (await pool.round(following.code)).status is RoundStatus.OPEN
        assert not scheduler.trouble() or "operator's own" in scheduler.trouble()["daily"]
