"""Real days of the NASDAQ through scheduler and proof: a tie, a half day behind a holiday, a day that closed late.

The closes are those of the index. Each proof is held against the calendar, as the command does it.
"""

import json
from decimal import Decimal
from typing import Any

import pytest

from evens.core.commands.pools import ChangePool, OpenRound
from evens.core.values.moments import parse_time
from evens.core.values.money import Currency
from evens.core.values.pool_running import PoolRunning, format_running
from evens.core.values.pools import PoolSide, PoolTerms
from evens.edges.cli.pools.committed_round import CLOSED, Proof, Published, earlier_codes, had_session
from evens.edges.cli.pools.verifying import check_proof
from evens.edges.http.pools.proofs import Proofs
from evens.feeds.rounds.calendar import calendar_of
from evens.program.rounds import round_days
from evens.store.database import Database
from tests.conftest import Dsns
from tests.feeds.rounds.running_pool import RunningPool, running_pool

pytestmark = pytest.mark.anyio

RUNNING = PoolRunning(grace_s=600)
CLOSES = {
    "20181109": "7406.9",
    "20181112": "7200.87",
    "20181113": "7200.87",
    "20181120": "6908.82",
    "20181121": "6972.25",
    "20181123": "6938.98",
    "20250107": "19489.68",
    "20250108": "19478.88",
    "20250110": "19161.63",
}
LOCKS = {
    "20181112": "2018-11-12T20:59:59Z",
    "20181113": "2018-11-13T20:59:59Z",
    "20181121": "2018-11-21T20:59:59Z",
    "20181123": "2018-11-23T17:59:59Z",
    "20250108": "2025-01-08T20:59:59Z",
    "20250110": "2025-01-10T20:59:59Z",
}


async def played(pool: RunningPool, code: str) -> None:
    """Have people bet both ways in the open round, and the scheduler lock and settle it."""
    session, scheduler = calendar_of(RUNNING).session(code), pool.scheduler()
    await pool.bets((0, PoolSide.UP, 700), (1, PoolSide.DOWN, 333))
    await pool.tick(session.locks_at, scheduler)
    await pool.tick(session.settles_at, scheduler)
    assert session.locks_at == parse_time(LOCKS[code])


async def proof_of(pool: RunningPool, code: str) -> Proof:
    """Return a round's proof."""
    return json.loads(await Proofs(pool.reads).of(await pool.round(code), Currency(1, "USDC", 6)))


async def begun(pool: RunningPool, at: str) -> None:
    """Tell the closes, and let the first round open."""
    for code, price in CLOSES.items():
        pool.words.say("desk", "IXIC", calendar_of(RUNNING).session(code), Decimal(price))
    await pool.tick(parse_time(at))


async def shown(pool: RunningPool, code: str, closed: tuple[str, ...] = ()) -> str:
    """Return how a round ended, whose proof holds by the calendar, with the proof before that anybody finds."""
    proof = await proof_of(pool, code)
    before = None
    for earlier in earlier_codes(proof):
        if await pool.reads.round(pool.pool, earlier) is not None:
            found = await proof_of(pool, earlier)
            before = before or (found if had_session(found) else None)
    days = round_days(proof["committed"]["running"], closed, code)
    assert days is not None
    published = Published(frozenset(closed), frozenset(days.before), days.is_session)
    checks = check_proof(proof, "daily", code, before, published)
    assert [each.text for each in checks if not each.holds] == []
    reason = proof["results"][0]["reason"]
    return str(reason or proof["results"][0]["result"])


@pytest.mark.parametrize(
    ("at", "codes", "results"),
    [
        ("2018-11-12T15:00:00Z", ("20181112", "20181113"), ["down", "down"]),
        ("2018-11-21T15:00:00Z", ("20181121", "20181123"), ["up", "down"]),
    ],
    ids=["a tie", "a half day behind a holiday"],
)
async def test_real_days_are_proven(
    dsns: Dsns, database: Database, at: str, codes: tuple[str, ...], results: list[str]
) -> None:
    async with running_pool(dsns, database, RUNNING, parse_time(at)) as pool:
        await begun(pool, at)
        for code in codes:
            await played(pool, code)
        assert [await shown(pool, code) for code in codes] == results
        last = await proof_of(pool, codes[-1])
        assert last["results"][0]["evidence"]["before"] == {"round": codes[0], "date": _day(codes[0])}


async def test_a_day_that_closed_late_is_proven_and_passed_over(dsns: Dsns, database: Database) -> None:
    at = "2025-01-08T15:00:00Z"
    async with running_pool(dsns, database, RUNNING, parse_time(at)) as pool:
        await begun(pool, at)
        await played(pool, "20250108")
        # The calendar's makers know that day by now. Whoever ran a pool in that week had a round open on it.
        locks_at, settles_at = parse_time("2025-01-09T20:59:59Z"), parse_time("2025-01-09T21:05:00Z")
        await pool.submit(OpenRound(pool.pool, "20250109", locks_at, settles_at, beside=True))
        await pool.bets((0, PoolSide.UP, 700), (1, PoolSide.DOWN, 333))
        closed = PoolRunning(grace_s=600, closed=("2025-01-09",))
        terms = PoolTerms("Daily", "IXIC", 100, running=format_running(closed))
        await pool.submit(ChangePool(pool.pool, terms))
        await pool.tick(parse_time("2025-01-09T15:00:00Z"))
        await pool.tick(parse_time("2025-01-09T15:00:01Z"))
        await played(pool, "20250110")
        assert await shown(pool, "20250108") == "down"
        assert await shown(pool, "20250109", ("2025-01-09",)) == CLOSED
        assert await shown(pool, "20250110", ("2025-01-09",)) == "down"


@pytest.mark.parametrize("left_out", ["before", "by"])
async def test_what_the_committed_form_demands_cannot_be_left_out(
    dsns: Dsns, database: Database, left_out: str
) -> None:
    at = "2018-11-12T15:00:00Z"
    async with running_pool(dsns, database, RUNNING, parse_time(at)) as pool:
        await begun(pool, at)
        await played(pool, "20181112")
        proof = await proof_of(pool, "20181112")
    result: dict[str, Any] = proof["results"][0]
    if left_out == "before":
        del result["evidence"]["before"]
    else:
        result.update(result="void", reason="No price.", evidence={})
    told = {each.text for each in check_proof(proof, "daily", "20181112") if not each.holds}
    expected = {
        "before": "It is not said where the reference is from.",
        "by": "It is not said who made the round void.",
    }
    assert expected[left_out] in told
    # Rounds of the first form had no such duty; what they committed to says that they are of it.
    proof["committed"]["running"] = proof["committed"]["running"].replace('"form":2,', "")
    told = {each.text for each in check_proof(proof, "daily", "20181112") if not each.holds}
    assert expected[left_out] not in told
    assert any("give the commitment" in each for each in told)


def _day(code: str) -> str:
    return f"{code[:4]}-{code[4:6]}-{code[6:]}"
