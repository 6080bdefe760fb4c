"""Driving a sportsbook on a stage, and holding its tables against the house at every moment."""

import asyncio
import time

from evens.core.commands.every import Command
from evens.core.commands.fixed_odds import (
    CancelBets,
    CloseConflict,
    DeclareResults,
    DisputeFixture,
    FundHouse,
    HearSource,
    HoldFixture,
    PlaceBet,
    PublishLine,
    RemoveSelection,
    RollBackResults,
    SetBookLimits,
    SetStakeFactor,
    VoidBet,
    VoidFixture,
    WantedLeg,
)
from evens.core.commands.ledger import DefineCurrency
from evens.core.events.fixed_odds import BetPlaced, LinePublished
from evens.core.state import House
from evens.core.values.fixed_odds import BetLeg, LegResult, Line, LineMarket, LineSelection, SelectionResult
from evens.core.values.ids import BetId, CustomerId, FixtureId
from evens.store.journal import connect
from evens.store.loading import load_house
from tests.conftest import Stage

HOUR_NS = 3_600 * 10**9
WON = LegResult.WON
SOON_NS = 60 * 10**9

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


async def everything(book: Book) -> tuple[FixtureId, FixtureId]:
    """Let bets of five customers go through everything that can happen to them; return the fixtures."""
    stage = book.stage
    await book.fund()
    customers = [await stage.customer(f"c{number}", USD=1_000_00, EUR=1_000_00) for number in range(5)]
    race = await book.publish(
        "race",
        market("win", {"a": 300, "b": 400, "c": 500}),
        market("place", {"a": 150, "b": 200, "c": 250}, winners=2),
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
    leg = BetLeg(race, "each", "yes", 190)
    # A ruling ends an event once each of its markets has a result.
    last = DeclareResults(race, (SelectionResult("each", "yes", LegResult.VOID),), ruled=True)
    for command in (*_ends(race, match, single[1].at), VoidFixture(match), VoidBet(voided, customers[1], leg), last):
        await stage.submit(command)
        await book.calm()
    return race, match


def _ends(race: FixtureId, match: FixtureId, moment: int) -> list[Command]:
    """Return everything that can be said of how markets ended."""
    a_won, b_won = (SelectionResult("win", "a", WON),), (SelectionResult("win", "b", WON),)
    dead_heat = (SelectionResult("main", "home", WON, 1, 2), SelectionResult("main", "draw", WON, 1, 2))
    half_lost = SelectionResult("win", "a", LegResult.HALF_LOST)
    return [
        CancelBets(race, ("place",), moment - HOUR_NS, moment),
        DeclareResults(race, a_won, finished=False),
        DeclareResults(match, dead_heat),
        DeclareResults(race, b_won, finished=False),
        CloseConflict(race, "win"),
        DeclareResults(race, b_won, finished=False),
        DeclareResults(race, b_won, correction=True),
        RollBackResults(race, ("win",), ruled=True),
        RollBackResults(match),
        DeclareResults(match, (SelectionResult("main", "away", LegResult.HALF_WON),)),
        DeclareResults(race, (half_lost, SelectionResult("place", "b", WON)), ruled=True),
        CancelBets(race, ("win",), 0, moment, ruled=True),
        CancelBets(race, ("win",), 0, moment, restored=True, ruled=True),
        DisputeFixture(race),
        CloseConflict(race, "place"),
        CloseConflict(race, "each"),
        CloseConflict(race, "win"),
    ]


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
