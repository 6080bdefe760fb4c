"""The sportsbook in the tables: a house loaded at any place of the journal is the one that was there then."""

import pytest

from evens.core.commands.fixed_odds import ArchiveFixture
from evens.core.events.fixed_odds import BetEnded, BetReopened, FixtureArchived, SinglesSettled
from evens.core.fixed_odds import house_rules, recalling, settling
from evens.store.auditing import audit as audit_module
from evens.store.auditing.audit import audit
from evens.store.projections import PROJECTORS
from tests.conftest import Stage
from tests.store.fixed_odds.book import Book, everything
from tests.store.fixed_odds.replaying import check_every_place, recorded

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut everything into parts of two, so that every stage has a middle."""
    monkeypatch.setattr(settling, "CUSTOMERS_PER_PART", 2)
    monkeypatch.setattr(settling, "CONSIDERED_PER_PART", 2)
    monkeypatch.setattr(recalling, "RECALLED_PER_PART", 2)
    monkeypatch.setattr(recalling, "REOPENED_PER_PART", 2)


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
