"""The feed with a real house on PostgreSQL, and a provider over loopback: from an event to paid bets."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from evens.core.commands.fixed_odds import ArchiveFixture, FundHouse, PlaceBet, WantedLeg
from evens.core.events.fixed_odds import FixtureArchived
from evens.core.fixed_odds import house_rules
from evens.core.values.fixed_odds import FixtureStatus, LegResult
from evens.core.values.ids import AccountClass, CustomerId, account_id
from evens.feeds.line.feed import LineFeed
from evens.program.in_process import InProcessGateway
from evens.program.line import LineParts, TableFixtures, open_line
from evens.settings import Settings
from evens.store.database import Database
from evens.store.fixed_odds.queries import SportsbookQueries
from evens.store.fixed_odds.rows import FixtureRow
from evens.store.wallets.queries import Queries
from tests.conftest import Stage
from tests.feeds.line.provider_stub import ProviderStub, event
from tests.feeds.line.reading import signed

pytestmark = pytest.mark.anyio


class Book:
    """A house that reads a provider."""

    def __init__(self, stage: Stage, database: Database, provider: ProviderStub) -> None:
        self.stage = stage
        self.provider = provider
        self.sportsbook = SportsbookQueries(database)
        settings = Settings(line_sources=f"main=evens+{provider.url}", line_keys="main=key")
        self.gateway = InProcessGateway(stage.inbox, Queries(database))
        parts = open_line(
            settings, self.gateway, TableFixtures(self.sportsbook), CollectorRegistry(), "http://127.0.0.1:9"
        )
        assert parts is not None
        self.parts: LineParts = parts
        self.feed: LineFeed = parts.feed

    async def deliver(self, body: bytes) -> None:
        """Have a message taken in."""
        result = await self.parts.intake.take(signed(body), body)
        assert result.intake.value == "taken"

    async def fixture(self) -> FixtureRow:
        """Return the only event, once nothing is under way."""
        await self.stage.at_rest()
        found = await self.sportsbook.fixture("main", "m-1")
        assert found is not None
        return found

    def cash(self, customer: CustomerId) -> int:
        """Return what a customer has."""
        house = self.stage.sequencer.house
        return house.ledger.balances.get(account_id(customer, 1, AccountClass.CASH), 0)


@asynccontextmanager
async def book(stage: Stage, database: Database) -> AsyncGenerator[Book]:
    """Open a house that reads a provider with one event."""
    async with ProviderStub().serving() as provider:
        provider.say("event_changed", event())
        opened = Book(stage, database, provider)
        try:
            await opened.feed.tick("main")
            yield opened
        finally:
            await opened.parts.close()


async def test_an_event_is_bet_on_settled_rolled_back_and_settled_anew(stage: Stage, database: Database) -> None:
    ann = await stage.customer("ann", USD=10_000)
    async with book(stage, database) as opened:
        await stage.submit(FundHouse("USD", 100_000))
        fixture = await opened.fixture()
        await stage.submit(PlaceBet(ann, "USD", 1_000, (WantedLeg(fixture.id, "main", "home", 210),)))
        finished = opened.provider.say("event_finished", event(version=2, status="FINISHED", winner="home"))
        for _ in range(3):
            await opened.deliver(finished)
        assert (await opened.fixture()).status is FixtureStatus.FINISHED
        assert opened.cash(ann) == 11_100
        opened.provider.say("result_rolled_back", event(version=3))
        again = event(version=4, status="FINISHED", winner="away")
        await opened.deliver(opened.provider.say("event_finished", again))
        row = await opened.fixture()
        assert [each.selection for each in row.markets[0].results if each.result is LegResult.WON] == ["away"]
        assert (opened.cash(ann), row.version) == (9_000, 4)


async def test_a_server_that_starts_again_finds_what_was_finished_meanwhile(stage: Stage, database: Database) -> None:
    ann = await stage.customer("ann", USD=10_000)
    async with book(stage, database) as opened:
        await stage.submit(FundHouse("USD", 100_000))
        fixture = await opened.fixture()
        await stage.submit(PlaceBet(ann, "USD", 1_000, (WantedLeg(fixture.id, "main", "home", 210),)))
        opened.provider.say("event_finished", event(version=2, status="FINISHED", winner="home"))
        later = Book(stage, database, opened.provider)
        for _ in range(2):
            await later.feed.tick("main")
        await later.fixture()
        assert opened.cash(ann) == 11_100
        await later.parts.close()


TAKEN_BACK = ("result_rolled_back", event(version=3))
CANCELLED = (
    "event_cancelled",
    event(
        version=3,
        status="FINISHED",
        winner="home",
        cancelled=[{"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "markets": []}],
    ),
)
AGAIN = ("event_changed", event(version=3, odds="1.50"))
OTHER = ("event_finished", event(version=3, status="FINISHED", winner="away"))
RENAMED = ("event_changed", event(version=3, status="FINISHED", winner="home", title="York v Leeds"))


@pytest.mark.parametrize("said", [TAKEN_BACK, CANCELLED, AGAIN, OTHER, RENAMED])
@pytest.mark.parametrize("is_told", [True, False])
async def test_what_is_said_of_an_event_that_is_history_makes_no_second_event_of_it(
    stage: Stage,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    said: tuple[str, dict[str, Any]],
    *,
    is_told: bool,
) -> None:
    monkeypatch.setattr(house_rules, "CORRECTION_WINDOW_NS", 0)
    async with book(stage, database) as opened:
        await opened.deliver(opened.provider.say("event_finished", event(version=2, status="FINISHED", winner="home")))
        fixture = await opened.fixture()
        archived = await stage.submit(ArchiveFixture(fixture.id))
        assert archived.events == (FixtureArchived(fixture.id),)
        if is_told:
            opened.gateway.committed([archived], 0.0)
        # Who is not told yet has the message under way while the event becomes history.
        await opened.deliver(opened.provider.say(*said))
        await opened.deliver(opened.provider.say("event_changed", event(version=4, odds="1.60")))
        await opened.feed.tick("main")
        assert stage.sequencer.house.fixed_odds.fixtures == {}
        assert await opened.fixture() == replace(fixture, archived=True)
        assert opened.feed.trouble() == {}
