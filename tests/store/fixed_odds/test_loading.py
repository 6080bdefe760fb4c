"""The sportsbook in the tables: a house loaded at any place of the journal is the one that was there then."""

import pytest

from evens.core.commands.fixed_odds import ArchiveFixture, CancelBets, DeclareResults, RollBackResults, WantedLeg
from evens.core.events.fixed_odds import BetEnded, BetReopened, FixtureArchived, SinglesSettled
from evens.core.events.ledger import Rejected
from evens.core.fixed_odds import house_rules, recalling, settling
from evens.core.values.fixed_odds import LegResult, SelectionResult
from evens.core.values.ids import AccountClass, account_id
from evens.store.auditing import audit as audit_module
from evens.store.auditing.audit import audit
from evens.store.projections import PROJECTORS
from tests.conftest import Stage
from tests.store.fixed_odds.book import WON, Book, everything, market
from tests.store.fixed_odds.replaying import check_every_place, recorded

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut everything into parts of two, so that every stage has a middle."""
    monkeypatch.setattr(settling, "CUSTOMERS_PER_PART", 2)
    monkeypatch.setattr(settling, "CONSIDERED_PER_PART", 2)
    monkeypatch.setattr(recalling, "RECALLED_PER_PART", 2)
    monkeypatch.setattr(recalling, "REOPENED_PER_PART", 2)


@pytest.mark.parametrize("at_once", [1, 7, 10_000])
async def test_a_house_loaded_after_any_batch_is_the_one_that_was_there_then(stage: Stage, at_once: int) -> None:
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
    await check_every_place(stage, at_once)
    assert (await audit(stage.dsns.app)).problems == []


@pytest.mark.parametrize("at_once", [1, 10_000])
async def test_bets_that_come_back_are_the_same_wherever_the_house_is_loaded(stage: Stage, at_once: int) -> None:
    book = Book(stage)
    await book.fund()
    customers = [await stage.customer(f"c{number}", USD=100_00) for number in range(5)]
    match = await book.publish("match", market("main", {"home": 210, "away": 380}))
    home, away = WantedLeg(match, "main", "home"), WantedLeg(match, "main", "away")
    early = [await book.bet(customer, 10_00, home) for customer in customers]
    early.append(await book.bet(customers[0], 2_00, away))
    late = await book.bet(customers[0], 5_00, home)
    single = stage.sequencer.house.fixed_odds.fixtures[match].markets["main"].find(customers[0], late)
    assert single is not None
    window = 0, single[1].at
    won = (SelectionResult("main", "home", WON),)
    for command in (
        CancelBets(match, (), *window),
        CancelBets(match, (), *window, restored=True),
        CancelBets(match, (), *window),
        DeclareResults(match, won),
        # Of five customers one is in the result; all are in the correction.
        CancelBets(match, (), *window, restored=True),
        RollBackResults(match),
        DeclareResults(match, won),
    ):
        assert not isinstance((await stage.submit(command)).events[0], Rejected)
        await book.calm()
    ledger = stage.sequencer.house.ledger
    cash = [ledger.balance_minor(account_id(customer, 1, AccountClass.CASH)) for customer in customers]
    assert cash == [100_00 + 11_00 - 2_00 + 5_50, *[111_00] * 4]
    await check_every_place(stage, at_once)
    assert (await audit(stage.dsns.app)).problems == []


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


async def test_an_accumulator_keeps_what_it_has_to_know_of_fixtures_that_are_archived(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house_rules, "CORRECTION_WINDOW_NS", 0)
    book = Book(stage)
    await book.fund()
    ann = await stage.customer("ann", USD=100_00)
    fixtures = [await book.publish(key, market("main", {"home": 200, "away": 180})) for key in ("one", "two", "three")]
    bet = await book.bet(ann, 10_00, *[WantedLeg(fixture, "main", "home") for fixture in fixtures])
    half = (SelectionResult("main", "home", LegResult.HALF_WON),)
    await stage.submit(DeclareResults(fixtures[0], half))
    await book.calm()
    assert (await stage.submit(ArchiveFixture(fixtures[0]))).events == (FixtureArchived(fixtures[0]),)
    await book.calm()
    assert stage.sequencer.house.fixed_odds.accumulators[bet].decided == {0: (3_000_000, 2_000_000)}
    for command in (
        DeclareResults(fixtures[1], half),
        DeclareResults(fixtures[2], half),
        RollBackResults(fixtures[2]),
        DeclareResults(fixtures[2], half),
        DeclareResults(fixtures[2], (SelectionResult("main", "home", WON),), correction=True),
    ):
        await stage.submit(command)
        await book.calm()
    ended = [event for receipt in await recorded(stage.dsns) for event in receipt.events if isinstance(event, BetEnded)]
    assert [(event.settlement, event.returned_minor) for event in ended] == [(1, 33_75), (3, 33_75), (4, 45_00)]
    assert (await audit(stage.dsns.app)).problems == []
    for fixture in fixtures[1:]:
        await stage.submit(ArchiveFixture(fixture))
    await book.calm()
    assert (await audit(stage.dsns.app)).problems == []
