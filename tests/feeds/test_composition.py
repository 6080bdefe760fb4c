"""The watcher on a real database: official results in a file settle a market."""

import json
import time
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from evens.core.commands.exchange import CreateMarket, PlaceOrder
from evens.core.events.exchange import MarketCreated
from evens.core.values.betting import MarketStatus, MarketTerms, Side
from evens.core.values.ids import MarketId, RunnerId
from evens.feeds.results.metrics import ResultsMetrics
from evens.feeds.results.watcher import ResultsWatcher
from evens.program.in_process import InProcessGateway
from evens.program.results import GatewayMarketCommands, LogAlerts, TableMarkets, open_sources
from evens.store.database import Database
from evens.store.exchange.queries import ExchangeQueries, MarketRow
from evens.store.wallets.queries import Queries
from tests.conftest import Stage

pytestmark = pytest.mark.anyio

EVENT = "Sheffield 18:26"


class House:
    """A market with a bet on it, a file of results, and a watcher of that file that settles at once."""

    def __init__(self, stage: Stage, database: Database, file: Path, market: MarketId) -> None:
        self.stage = stage
        self.file = file
        self.market = market
        self.exchange = ExchangeQueries(database)
        self.watcher = ResultsWatcher(
            open_sources({"stewards": str(file)}),
            TableMarkets(self.exchange),
            GatewayMarketCommands(InProcessGateway(stage.inbox, Queries(database))),
            LogAlerts(),
            ResultsMetrics(CollectorRegistry()),
            time.monotonic_ns,
            every_s=1,
            confirmation_s=0,
        )

    def publish(self, **result: object) -> None:
        """Write a file with this one result."""
        self.file.write_text(json.dumps({"event": EVENT, **result}) + "\n")

    async def row(self) -> MarketRow:
        """Return the market once nothing is under way in it."""
        await self.stage.at_rest()
        row = await self.exchange.market(self.market)
        assert row is not None
        return row


@pytest.fixture
async def house(stage: Stage, database: Database, tmp_path: Path) -> House:
    ann, bob = [await stage.customer(name, USD=10_000) for name in ("ann", "bob")]
    terms = MarketTerms("Winner", ("Fly", "Jet"), 1, 0, 100, event=EVENT)
    created = (await stage.submit(CreateMarket("USD", terms))).events[0]
    assert isinstance(created, MarketCreated)
    await stage.submit(PlaceOrder(ann, created.market, RunnerId(2), Side.LAY, 300, 1_000))
    await stage.submit(PlaceOrder(bob, created.market, RunnerId(2), Side.BACK, 300, 1_000))
    return House(stage, database, tmp_path / "results.jsonl", created.market)


async def test_an_official_result_settles_the_market_once(house: House) -> None:
    house.publish(winners=["jet"])
    await house.watcher.poll()
    await house.watcher.poll()
    row = await house.row()
    assert (row.status, row.shares) == (MarketStatus.SETTLED, {2: 1})
    await house.watcher.poll()
    assert (await house.row()).settlement == 1


async def test_a_result_that_fits_no_runner_suspends_the_market_for_an_operator(house: House) -> None:
    house.publish(winners=["Somebody else"])
    await house.watcher.poll()
    await house.watcher.poll()
    assert (await house.row()).status is MarketStatus.SUSPENDED
    house.publish(winners=["Fly"])
    await house.watcher.poll()
    await house.watcher.poll()
    assert (await house.row()).status is MarketStatus.SUSPENDED


async def test_an_event_that_is_off_voids_its_market(house: House) -> None:
    house.publish(void=True)
    await house.watcher.poll()
    await house.watcher.poll()
    assert (await house.row()).status is MarketStatus.VOID
