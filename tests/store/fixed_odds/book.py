"""Driving a sportsbook on a stage, and holding its tables against the house at every moment."""

import asyncio
import time

from evens.core.commands.fixed_odds import FundHouse, PlaceBet, PublishLine, WantedLeg
from evens.core.commands.ledger import DefineCurrency
from evens.core.events.fixed_odds import BetPlaced, LinePublished
from evens.core.state import House
from evens.core.values.fixed_odds import Line, LineMarket, LineSelection, SelectionResult
from evens.core.values.ids import BetId, CustomerId, FixtureId
from evens.store.journal import connect
from evens.store.loading import load_house
from tests.conftest import Stage

HOUR_NS = 3_600 * 10**9
SOON_NS = 60 * 10**9
DAYS_30_NS = 30 * 24 * HOUR_NS

Odds = dict[str, int]


def market(key: str, odds: Odds, *, winners: int = 1, group: str | None = None, suspended: bool = False) -> LineMarket:
    """Return a market with these selections at these odds in hundredths."""
    selections = tuple([LineSelection(name, name.title(), price) for name, price in odds.items()])
    return LineMarket(key, key.title(), selections, suspended, winners, group)


class Book:
    """A stage with a bank, and the everyday ways to use the sportsbook."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.versions: dict[str, int] = {}

    async def fund(self, minor: int = 10_000_00) -> None:
        """Fill the bank, in two currencies."""
        for currency in ("USD", "EUR"):
            await self.stage.submit(FundHouse(currency, minor))

    async def publish(
        self, key: str, *markets: LineMarket, suspended: bool = False, source: str = "main", deadline: int | None = None
    ) -> FixtureId:
        """Publish what is new or has changed of a fixture."""
        version = self.versions[key] = self.versions.get(key, 0) + 1
        line = Line(
            f"{key} – Žižkov",
            time.time_ns() + HOUR_NS if deadline is None else deadline,
            sport="football",
            competition="cup",
            suspended=suspended,
            markets=markets,
        )
        receipt = await self.stage.submit(PublishLine(source, key, version, line))
        event = receipt.events[0]
        assert isinstance(event, LinePublished), event
        return event.fixture

    async def bet(self, customer: CustomerId, stake_minor: int, *legs: WantedLeg, currency: str = "USD") -> BetId:
        """Place a bet that is taken."""
        receipt = await self.stage.submit(PlaceBet(customer, currency, stake_minor, legs))
        event = receipt.events[0]
        assert isinstance(event, BetPlaced), event
        return event.bet

    async def loaded(self) -> House:
        """Return the house as the tables have it now."""
        wire = await connect(self.stage.dsns.app, "test")
        try:
            async with wire.transaction(isolation="repeatable_read", readonly=True):
                return await load_house(wire)
        finally:
            await wire.close()

    async def calm(self) -> None:
        """Let the house do all that it has to do soon, and hold the tables against it."""
        agenda = self.stage.sequencer.house.agenda
        async with asyncio.timeout(30):
            while (due_at := agenda.next_due_at()) is not None and due_at < time.time_ns() + SOON_NS:
                await self.stage.submit(DefineCurrency("USD", 2))
        await self.stage.submit(DefineCurrency("USD", 2))
        stored = await self.loaded()
        assert list(stored.lines()) == list(self.stage.sequencer.house.lines())
        stored.check()


def results(market: str, **by_selection: int) -> tuple[SelectionResult, ...]:
    """Return how the selections of a market ended."""
    return tuple([SelectionResult(market, name, result) for name, result in by_selection.items()])  # type: ignore[arg-type]
