"""The NASDAQ's recorded closes as rounds with seeded stakes, run by the scheduler in simulated time.

A year of them has a tie, half days and a day of mourning; `make soak` runs all ten years.
"""

import random
from collections import Counter

import pytest

from evens.core.commands.pools import PlacePoolBet
from evens.core.events.ledger import Rejected
from evens.core.values.ids import HOUSE, AccountClass, PoolId, account_id
from evens.core.values.moments import parse_time
from evens.core.values.pool_running import PoolRunning, PriceSource
from evens.core.values.pools import PoolSide, RoundResult, RoundStage
from evens.feeds.rounds.calendar import calendar_of
from evens.store.auditing.audit import audit
from evens.store.database import Database
from evens.store.pools.queries import PoolQueries
from evens.store.pools.rows import RoundRow
from tests.conftest import Dsns
from tests.feeds.rounds.asking import CLOSES
from tests.feeds.rounds.running_pool import CASH_MINOR, running_pool

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(not CLOSES.exists(), reason="the recorded closes are not here")]

FULL_DAY_NS = 23_400 * 10**9
PEOPLE = 4


@pytest.mark.parametrize(
    ("year", "counted"),
    [
        pytest.param("2018", (251, 3, 134, 117, 0), id="a year"),
        pytest.param("", (2_380, 22, 1_346, 1_033, 1), id="ten years", marks=pytest.mark.soak),
    ],
)
async def test_every_session_pays_exactly_what_was_staked(
    dsns: Dsns, database: Database, year: str, counted: tuple[int, ...]
) -> None:
    running = PoolRunning(sources=(PriceSource("recorded", "file", url=str(CLOSES)),))
    calendar, draw = calendar_of(running), random.Random(20120719)
    days = [day for line in CLOSES.read_text().split()[1:] if (day := line.partition(",")[0]).startswith(year)]
    first = calendar.session(days[0].replace("-", ""))
    last = days[-1].replace("-", "")
    async with running_pool(dsns, database, running, first.locks_at - FULL_DAY_NS, PEOPLE) as pool:
        scheduler = pool.scheduler()
        session, halves = first, 0
        await pool.tick(pool.now, scheduler)
        while True:
            pool.now = session.locks_at - 10**6
            sides = [draw.choice(tuple(PoolSide)) for _ in range(PEOPLE)]
            stakes = [(who, side, draw.randint(1, 10**9)) for who, side in enumerate(sides)]
            for receipt in await pool.bets(*stakes):
                assert not isinstance(receipt.events[0], Rejected), session
            await pool.tick(session.locks_at, scheduler)
            late = PlacePoolBet(pool.people[0], pool.pool, PoolSide.UP, 1, session.code)
            assert isinstance((await pool.submit(late)).events[0], Rejected)
            await pool.tick(session.settles_at, scheduler)
            halves += session.closes_at % (24 * 3600 * 10**9) < parse_time("1970-01-01T19:00:00Z")
            if session.code == last:
                break
            session = calendar.next_after(session.code, session.settles_at)
        rounds = await _all_rounds(pool.reads, pool.pool)
        settled = [each for each in rounds if each.result is not None]
        assert all(each.stage is RoundStage.NOTHING for each in settled)
        results = Counter(each.result for each in settled)
        in_order = [results[each] for each in (RoundResult.UP, RoundResult.DOWN, RoundResult.VOID)]
        assert (len(settled), halves, *in_order) == counted
        # Only the first close of all has none before it.
        assert (settled[0].result is RoundResult.VOID) == (not year)
        tie = next(each for each in settled if each.code == "20181113")
        assert (tie.result, '"price":"7200.87"' in (tie.evidence or "")) == (RoundResult.DOWN, True)
        ledger = pool.sequencer.house.ledger
        house = sum(
            ledger.balance_minor(account_id(HOUSE, 1, kept)) for kept in (AccountClass.FEES, AccountClass.ROUNDING)
        )
        assert sum(pool.has(who) for who in range(PEOPLE)) + house == PEOPLE * CASH_MINOR
        assert house == sum(each.fee_minor + each.rounding_minor for each in settled)
        # What can no longer be corrected is forgotten: the house keeps a week, whatever it has run for.
        assert len(pool.sequencer.house.pools.rounds) < 10
    assert (await audit(dsns.app)).problems == []


async def _all_rounds(reads: PoolQueries, pool: PoolId) -> list[RoundRow]:
    found: list[RoundRow] = []
    while page := await reads.rounds(pool, before=found[-1].id if found else 2**62, limit=500):
        found += page
    return found[::-1]
