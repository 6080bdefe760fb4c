"""The sportsbook in the tables: a house loaded at any place of the journal is the one that was there then."""

import pytest

from evens.core.commands.fixed_odds import (
    ArchiveFixture,
    CancelBets,
    CloseConflict,
    DeclareResults,
    HearSource,
    HoldFixture,
    RemoveSelection,
    RollBackResults,
    SetBookLimits,
    SetStakeFactor,
    VoidBet,
    VoidFixture,
    WantedLeg,
)
from evens.core.events.fixed_odds import BetEnded, BetReopened, FixtureArchived, SinglesSettled
from evens.core.fixed_odds import house_rules, recalling, settling
from evens.core.values.fixed_odds import BetLeg, LegResult, SelectionResult
from evens.core.values.ids import CustomerId, FixtureId
from evens.store.auditing import audit as audit_module
from evens.store.auditing.audit import audit
from evens.store.projections import PROJECTORS
from tests.conftest import Stage
from tests.store.fixed_odds.book import Book, market
from tests.store.fixed_odds.replaying import check_every_place, recorded

pytestmark = pytest.mark.anyio

WON = LegResult.WON
HOUR_NS = 3_600 * 10**9


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut everything into parts of two, so that every stage has a middle."""
    monkeypatch.setattr(settling, "CUSTOMERS_PER_PART", 2)
    monkeypatch.setattr(settling, "CONSIDERED_PER_PART", 2)
    monkeypatch.setattr(recalling, "RECALLED_PER_PART", 2)
    monkeypatch.setattr(recalling, "REOPENED_PER_PART", 2)


async def everything(book: Book) -> tuple[FixtureId, FixtureId]:
    """Let bets of five customers go through everything that can happen to them; return the fixtures."""
    stage = book.stage
    await book.fund()
    customers = [await stage.customer(f"c{number}", USD=1_000_00, EUR=1_000_00) for number in range(5)]
    race = await book.publish(
        "race", market("win", {"a": 300, "b": 400, "c": 500}), market("place", {"a": 150, "b": 200, "c": 250}, winners=2)
    )
    match = await book.publish("match", market("main", {"home": 210, "draw": 330, "away": 380}))
    await _bets(book, customers, race, match)
    await stage.submit(SetBookLimits("USD", 1, 500_00, 9_000_00, None, 400))
    await stage.submit(SetStakeFactor(customers[0], 50))
    await stage.submit(HearSource("main", True))
    await stage.submit(HearSource("main", False))
    await stage.submit(HoldFixture(match, True))
    await stage.submit(HoldFixture(match, False))
    await stage.submit(RemoveSelection(race, "win", "c", 2_500))
    await book.calm()
    await _bets(book, customers[2:], race, match, skip="c")
    # A market that is published without a selection keeps it, suspended; one that is new stands behind the others.
    await book.publish("race", market("win", {"b": 350, "a": 310}), market("each", {"yes": 190}))
    voided = await book.bet(customers[1], 5_00, WantedLeg(race, "each", "yes"))
    single = stage.sequencer.house.fixed_odds.fixtures[race].markets["each"].find(customers[1], voided)
    assert single is not None
    for commands in (
        [CancelBets(race, ("place",), single[1].at - HOUR_NS, single[1].at)],
        [DeclareResults(race, (SelectionResult("win", "a", WON),), finished=False)],
        [DeclareResults(match, (SelectionResult("main", "home", WON, 1, 2), SelectionResult("main", "draw", WON, 1, 2)))],
        [DeclareResults(race, (SelectionResult("win", "b", WON),), finished=False)],
        [CloseConflict(race, "win")],
        [DeclareResults(race, (SelectionResult("win", "b", WON),), finished=False)],
        [DeclareResults(race, (SelectionResult("win", "b", WON),), correction=True)],
        [RollBackResults(race, ("win",))],
        [RollBackResults(match)],
        [DeclareResults(match, (SelectionResult("main", "away", LegResult.HALF_WON),))],
        [DeclareResults(race, (SelectionResult("win", "a", LegResult.HALF_LOST), SelectionResult("place", "b", WON)))],
        [CancelBets(race, ("win",), 0, single[1].at)],
        [CancelBets(race, ("win",), 0, single[1].at, restored=True)],
        [VoidFixture(match)],
        [VoidBet(voided, customers[1], BetLeg(race, "each", "yes", 190))],
    ):
        for command in commands:
            await stage.submit(command)
        await book.calm()
    return race, match


async def _bets(
    book: Book, customers: list[CustomerId], race: FixtureId, match: FixtureId, skip: str | None = None
) -> None:
    """Place singles in two currencies, and accumulators of two and three legs."""
    for number, customer in enumerate(customers):
        runner = [name for name in ("a", "b", "c") if name != skip][number % (3 if skip is None else 2)]
        await book.bet(customer, 10_00 + number, WantedLeg(race, "win", runner))
        await book.bet(customer, 3_33, WantedLeg(race, "win", "a"), currency="EUR")
        await book.bet(customer, 4_00, WantedLeg(race, "place", "b"))
        await book.bet(customer, 7_00, WantedLeg(match, "main", ("home", "draw", "away")[number % 3]))
        await book.bet(customer, 2_00, WantedLeg(race, "win", runner), WantedLeg(match, "main", "home"))


async def test_a_house_loaded_after_any_command_is_the_one_that_was_there_then(stage: Stage) -> None:
    book = Book(stage)
    await everything(book)
    happened = [event for receipt in await recorded(stage.dsns) for event in receipt.events]
    kinds = {type(event) for event in happened}
    missing = {kind.__name__ for kind in PROJECTORS if kind.__module__.endswith("fixed_odds")} - {
        kind.__name__ for kind in kinds
    }
    assert missing == {"FixtureArchived"}
    assert any(isinstance(event, BetEnded) and event.settlement > 1 for event in happened)
    assert any(isinstance(event, BetReopened) for event in happened)
    assert max(event.settlement for event in happened if isinstance(event, SinglesSettled)) >= 5
    await check_every_place(stage)


@pytest.mark.parametrize("page", [7, 20_000])
async def test_the_audit_agrees_with_tables_of_bets_of_every_kind(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    book = Book(stage)
    race, match = await everything(book)
    monkeypatch.setattr(house_rules, "CORRECTION_WINDOW_NS", 0)
    monkeypatch.setattr(audit_module, "_PAGE", page)
    assert (await audit(stage.dsns.app)).problems == []
    for fixture in (match, race):
        archived = await stage.submit(ArchiveFixture(fixture))
        assert archived.events == (FixtureArchived(fixture),)
        await book.calm()
        assert (await audit(stage.dsns.app)).problems == []
