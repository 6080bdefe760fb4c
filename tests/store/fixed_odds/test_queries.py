"""What is asked of the sportsbook's tables is what happened: fixtures, bets with what became of them, and money."""

import time

import pytest

from evens.core.commands.fixed_odds import (
    CashOutBet,
    DeclareResults,
    HearSource,
    HoldFixture,
    RemoveSelection,
    RollBackResults,
    SetBookLimits,
    SetStakeFactor,
    WantedLeg,
)
from evens.core.fixed_odds import settling
from evens.core.values.fixed_odds import BetEnd, BetLeg, FixtureStage, FixtureStatus, LegResult, SelectionResult
from evens.core.values.ids import AccountClass, BetId, CustomerId, FixtureId
from evens.store.database import Database
from evens.store.fixed_odds.queries import (
    AccumulatedRow,
    Exposure,
    ExposureRow,
    LimitsRow,
    SourceRow,
    SportsbookQueries,
)
from tests.conftest import Stage
from tests.store.fixed_odds.book import HOUR_NS, WON, Book, market

pytestmark = pytest.mark.anyio

DUEL = market("main", {"home": 300, "away": 150})


@pytest.fixture
def queries(database: Database) -> SportsbookQueries:
    """Return what is asked."""
    return SportsbookQueries(database)


@pytest.fixture
async def book(stage: Stage) -> Book:
    """Return a sportsbook with money."""
    book = Book(stage)
    await book.fund()
    return book


async def test_active_fixtures_are_those_that_one_can_bet_on(book: Book, queries: SportsbookQueries) -> None:
    first = await book.publish("first", DUEL)
    other = await book.publish("100% sure_thing", DUEL, source="other")
    held = await book.publish("held", DUEL)
    await book.publish("suspended", DUEL, suspended=True)
    await book.publish("late", DUEL, deadline=1)
    finished = await book.publish("finished", DUEL)
    await book.stage.submit(HoldFixture(held, True))
    await book.stage.submit(DeclareResults(finished, (SelectionResult("main", "home", WON),)))
    await book.calm()
    now = time.time_ns()

    assert [row.id for row in await queries.fixtures(active_at=now, limit=9)] == [other, first]
    assert await queries.fixtures(active_at=now + 2 * HOUR_NS, limit=9) == []
    assert [row.id for row in await queries.fixtures(active_at=now, before=other, limit=9)] == [first]
    found = await queries.fixtures(active_at=now, sport="FootBall", words="SURE thi", limit=9)
    assert [row.id for row in found] == [other]
    assert await queries.fixtures(active_at=now, sport="chess", limit=9) == []
    assert [row.key for row in await queries.fixtures(limit=2)] == ["finished", "late"]
    assert [row.key for row in await queries.overdue(now, limit=9)] == ["late"]
    assert [row.key for row in await queries.unfinished("other")] == ["100% sure_thing"]
    await book.stage.submit(HearSource("other", True))
    assert [row.id for row in await queries.fixtures(active_at=now, limit=9)] == [first]
    assert await queries.sources() == [SourceRow("main", 1, False), SourceRow("other", 1, True)]
    over = await queries.fixture("main", "finished")
    assert over is not None
    assert (over.id, over.status, over.markets[0].results[0].selection) == (finished, FixtureStatus.FINISHED, "home")
    assert (over.decided_at is not None, over.silent, over.archived) == (True, False, False)
    assert await queries.fixture("other", "finished") is None
    assert list(await queries.fixtures_by_id([first, FixtureId(10**9)])) == [first]


async def test_a_single_is_settled_when_its_customer_is_booked_and_open_again_when_that_is_taken_back(
    book: Book, queries: SportsbookQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "CUSTOMERS_PER_PART", 1)
    ann, bob = [await book.stage.customer(name, USD=100_00) for name in ("ann", "bob")]
    fixture = await book.publish("match", DUEL)
    bets = [await book.bet(who, 10_00, WantedLeg(fixture, "main", "home")) for who in (ann, bob)]
    on_away = await book.bet(ann, 10_00, WantedLeg(fixture, "main", "away"))

    assert await _states(queries, *bets, on_away) == [(None, ())] * 3
    await book.stage.submit(DeclareResults(fixture, (SelectionResult("main", "home", WON),)))
    await book.calm()
    assert [(at is not None, results) for at, results in await _states(queries, *bets)] == [(True, ("home",))] * 2
    assert [row.id for row in await queries.bets(ann, limit=9)] == [on_away, bets[0]]
    assert [row.id for row in await queries.bets(ann, before=on_away, limit=9)] == [bets[0]]
    assert await queries.bets(ann, is_open=True, limit=9) == []
    assert [row.id for row in await queries.bets(is_open=False, fixture=fixture, limit=2)] == [on_away, bets[1]]
    await book.stage.submit(RollBackResults(fixture))
    await book.calm()
    assert await _states(queries, *bets, on_away) == [(None, ())] * 3
    assert [row.id for row in await queries.bets(bob, is_open=True, limit=9)] == [bets[1]]
    assert await queries.bets(bob, fixture=FixtureId(10**9), limit=9) == []
    assert await queries.bet(BetId(10**9)) is None


async def _states(queries: SportsbookQueries, *bets: BetId) -> list[tuple[int | None, tuple[str, ...]]]:
    found: list[tuple[int | None, tuple[str, ...]]] = []
    for bet in bets:
        row = await queries.bet(bet)
        assert row is not None
        results = row.legs[0].fixture.markets[0].results
        found.append((row.ended_at, tuple([result.selection for result in results])))
    return found


async def test_bets_that_end_by_themselves_say_how(book: Book, queries: SportsbookQueries) -> None:
    ann = await book.stage.customer("ann", USD=100_00)
    race = await book.publish("race", market("win", {"a": 300, "b": 400, "c": 500}))
    match = await book.publish("match", DUEL)
    returned = await book.bet(ann, 1_00, WantedLeg(race, "win", "c"))
    cashed = await book.bet(ann, 10_00, WantedLeg(race, "win", "a"))
    both = await book.bet(ann, 2_00, WantedLeg(race, "win", "b"), WantedLeg(match, "main", "home"))
    expires_at = time.time_ns() + HOUR_NS
    await book.stage.submit(CashOutBet(cashed, ann, 9_50, expires_at, BetLeg(race, "win", "a", 300)))
    await book.stage.submit(RemoveSelection(race, "win", "c", 2_500))
    await book.calm()
    open_one = await queries.bet(both)
    assert open_one is not None
    assert [leg.fixture.markets[0].key for leg in open_one.legs] == ["win", "main"]
    assert open_one.legs[0].fixture.markets[0].removals[0][:2] == ("c", 2_500)
    once, on_race = AccumulatedRow(None, 1, 1, 2_00, 22_00), AccumulatedRow(race, 1, 1, 2_00, 22_00)
    assert (await queries.exposure(race)).accumulators == [once, on_race]
    assert (await queries.exposure()).accumulators == [once, AccumulatedRow(match, 1, 1, 2_00, 22_00), on_race]
    await book.stage.submit(DeclareResults(race, (SelectionResult("win", "a", WON),)))
    await book.calm()
    ended = {row.id: (row.end, row.returned_minor) for row in await queries.bets(ann, is_open=False, limit=9)}
    assert ended == {
        returned: (BetEnd.RETURNED, None),
        cashed: (BetEnd.CASHED_OUT, 9_50),
        both: (BetEnd.SETTLED, 0),
    }
    assert [row.id for row in await queries.bets(ann, fixture=match, limit=9)] == [both]


async def test_operators_see_what_can_be_lost_what_is_contradicted_and_what_the_house_has(
    book: Book, queries: SportsbookQueries
) -> None:
    stage = book.stage
    ann = await stage.customer("ann", USD=100_00)
    race = await book.publish("race", market("win", {"a": 300, "b": 400, "c": 500}))
    await book.bet(ann, 10_00, WantedLeg(race, "win", "a"))
    await stage.submit(RemoveSelection(race, "win", "c", 2_500))
    await book.calm()
    await book.bet(ann, 5_00, WantedLeg(race, "win", "a"))
    assert (await queries.exposure(race)).singles == [
        ExposureRow(race, "win", "a", 1, 0, 1, 10_00, 10_00 * 300),
        ExposureRow(race, "win", "a", 1, 1, 1, 5_00, 5_00 * 300),
    ]
    assert await queries.exposure() == await queries.exposure(race)
    balances = await queries.house_balances()
    # 10.00 at 2.50 after the removal, and 5.00 at 3.00.
    assert balances[1][AccountClass.ESCROW] == 25_00
    assert balances[1][AccountClass.BANK] == 10_000_00 - 25_00
    for winner in ("a", "b"):
        await stage.submit(DeclareResults(race, (SelectionResult("win", winner, LegResult.WON),)))
        await book.calm()
    (contradicted,) = await queries.contradicted(limit=9)
    (said,) = contradicted.markets
    assert [result.selection for result in said.contradiction] == ["b"]
    assert said.contradicted_at is not None
    assert (said.stage, [result.selection for result in said.results]) == (FixtureStage.NOTHING, ["a"])
    assert await queries.contradicted(before=race, limit=9) == []
    assert await queries.exposure() == Exposure([], [])


async def test_limits_and_factors_are_those_set_last(book: Book, queries: SportsbookQueries) -> None:
    ann = await book.stage.customer("ann")
    assert await queries.limits(1) is None
    assert (await queries.stake_factor(ann), await queries.stake_factor(CustomerId(10**9))) == (100, None)
    for limits in (SetBookLimits("USD", 5, 10), SetBookLimits("USD", 1_00, None, 500_00, 9_00, 250)):
        await book.stage.submit(limits)
    await book.stage.submit(SetStakeFactor(ann, 30))
    assert await queries.limits(1) == LimitsRow(1_00, None, 500_00, 9_00, 250)
    assert await queries.stake_factor(ann) == 30
