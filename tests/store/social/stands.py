"""A stage on which records are kept, and the everyday ways to have some."""

import time
from typing import Any

import asyncpg

from evens.core.commands.exchange import CreateMarket, PlaceOrder, SettleMarket, VoidMarket
from evens.core.events.exchange import MarketCreated
from evens.core.values.betting import MarketTerms, Side
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.core.values.records import Figures, RecordPeriod, RecordProduct, day_number
from evens.store.console.journal import JournalQueries
from evens.store.database import Database
from evens.store.social.keeping import RecordKeeping
from evens.store.social.queries import SocialQueries
from tests.conftest import Stage
from tests.store.fixed_odds.book import Book

TABLES = "outcomes", "record_days", "record_figures", "payment_places"
USD = 1
"""The number of the first currency that a stage defines."""


class Stands(Book):
    """A stage with a keeper of records."""

    def __init__(self, stage: Stage, database: Database) -> None:
        super().__init__(stage)
        self.database = database
        self.keeping = RecordKeeping(database)
        self.queries = SocialQueries(database)

    async def keep(self, *, booked: bool = False) -> None:
        """Let everything be done that follows from what happened; ``booked`` if the house has done its part."""
        if not booked:
            await self.calm()
        while await JournalQueries(self.database).index_next():
            pass
        while await self.keeping.keep_next():
            pass

    async def market(self, commission_bps: int = 0, *, cross_matching: bool = False) -> MarketId:
        """Open a market with three runners in USD."""
        terms = MarketTerms("Winner", ("Ann", "Bo", "Cy"), 1, 0, 100, commission_bps, cross_matching=cross_matching)
        created = (await self.stage.submit(CreateMarket("USD", terms))).events[0]
        assert isinstance(created, MarketCreated)
        return created.market

    async def match(
        self, market: MarketId, backer: CustomerId, layer: CustomerId, odds: int, stake_minor: int, runner: int = 1
    ) -> None:
        """Let one customer back a runner against another one."""
        await self.stage.submit(PlaceOrder(layer, market, RunnerId(runner), Side.LAY, odds, stake_minor))
        await self.stage.submit(PlaceOrder(backer, market, RunnerId(runner), Side.BACK, odds, stake_minor))

    async def settle(self, market: MarketId, *winners: int, correction: bool = False) -> None:
        """Settle a market, or void it if nobody is named, and keep the records."""
        runners = tuple([RunnerId(winner) for winner in winners])
        command = SettleMarket(market, runners, correction=correction) if winners else VoidMarket(market)
        await self.stage.submit(command)
        await self.keep()

    async def figures(
        self, customer: CustomerId, product: RecordProduct = RecordProduct.ALL, period: RecordPeriod = RecordPeriod.DAY
    ) -> Figures | None:
        """Return a customer's figures in USD, of now."""
        rows = await self.queries.records(customer, USD, day_number(time.time_ns()))
        found = [row.figures for row in rows if (row.product, row.period) == (product, period)]
        return found[0] if found else None

    async def profit_minor(self, customer: CustomerId) -> int | None:
        """Return a customer's profit on the exchange."""
        figures = await self.figures(customer, RecordProduct.EXCHANGE)
        return None if figures is None else figures.profit_minor

    async def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row that is kept of records."""
        wire = await asyncpg.connect(self.stage.dsns.app)
        try:
            found = {name: await wire.fetch(f"SELECT * FROM evens.{name}") for name in TABLES}
        finally:
            await wire.close()
        return {name: sorted(tuple(map(repr, row)) for row in rows) for name, rows in found.items()}
