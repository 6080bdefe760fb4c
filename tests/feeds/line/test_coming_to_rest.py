"""Whatever a provider says and operators decide, the feed asks for some commands and then for nothing more."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from evens.core.commands.every import Command
from evens.core.commands.fixed_odds import (
    CancelBets,
    CloseConflict,
    DeclareResults,
    DisputeFixture,
    HearSource,
    PlaceBet,
    RollBackResults,
    VoidFixture,
    WantedLeg,
)
from evens.core.events.fixed_odds import BetPlaced, LinePublished, MarketRuled, ResultContradicted
from evens.core.events.ledger import Rejected
from evens.core.values.fixed_odds import FixtureStatus, LegResult, Line, LineMarket, LineSelection, SelectionResult
from evens.core.values.ids import FixtureId
from evens.feeds.line.desk import LineDesk
from evens.feeds.line.metrics import LineMetrics
from evens.feeds.line.protocols import Booked
from evens.feeds.line.record import ASKS_MAX, Ask, FixtureRecord
from evens.feeds.line.sayings import EVERYTHING, Header, Saying, Window
from evens.feeds.line.wanted import KnownFixture
from tests.core.fixed_odds.counter import Counter, open_counter

HEADER = Header("Leeds v York", 4 * 10**18)
KEYS = ("m0", "m1", "m2")
ENDS = ("home", "away", "void")
WINDOWS = ((0, 5), (0, 2**61))
MOST_ASKS = 20
"""More than one saying about three markets can be worth."""


def market(key: str, odds: int = 200, *, suspended: bool = False) -> LineMarket:
    return LineMarket(key, key, (LineSelection("home", "Home", odds), LineSelection("away", "Away", 200)), suspended)


def ended(key: str, how: str) -> tuple[SelectionResult, ...]:
    """Return how a market ended: who has won, or that it is void."""
    if how == "void":
        return tuple([SelectionResult(key, each, LegResult.VOID) for each in ("home", "away")])
    return (SelectionResult(key, how, LegResult.WON),)


class RulesHouse:
    """Implements the feeds' ``LineCommands`` and ``KnownFixtures`` by the rules alone, with one fixture."""

    def __init__(self) -> None:
        self.counter: Counter = open_counter()
        self.is_open = True
        self.asked: list[Ask | HearSource] = []

    async def submit(self, ask: Ask | HearSource) -> Booked:
        """Decide a command and all that comes of it."""
        self.asked.append(ask)
        first = self.counter.do(ask)[0]
        self.counter.work()
        if isinstance(first, Rejected):
            return Booked(first.reason)
        return Booked(fixture=first.fixture if isinstance(first, LinePublished) else None)

    async def find(self, source: str, key: str) -> KnownFixture | None:
        """Return the fixture as the tables would have it."""
        fixture = self.counter.house.fixed_odds.by_key.get((source, key))
        if fixture is None:
            return None
        events = [event for entry in self.counter.history for event in entry.events]
        line = Line(
            fixture.title,
            fixture.deadline,
            suspended=fixture.suspended,
            markets=tuple(
                LineMarket(each.key, each.name, tuple(each.selections.values()), each.suspended, each.winners)
                for each in fixture.markets.values()
            ),
        )
        markets = fixture.markets.values()
        return KnownFixture(
            fixture.id,
            fixture.key,
            fixture.version,
            line,
            fixture.status,
            results={each.key: each.results for each in markets if each.results},
            cancelled=frozenset(Window(each.key, *window) for each in markets for window in each.cancelled),
            ruled={each.key: each.ruled for each in markets if each.ruled is not None},
            told={each.market: each.results for each in events if isinstance(each, ResultContradicted)},
        )

    async def unfinished(self, source: str) -> Sequence[KnownFixture]:
        """Return nothing."""
        return ()


class Table:
    """A provider's words, an operator, the desk between them and the rules of the house."""

    def __init__(self) -> None:
        self.house = RulesHouse()
        self.desk = LineDesk(self.house, self.house, LineMetrics(CollectorRegistry()))

    async def open(self) -> None:
        """Have the fixture published, and bet on."""
        await self.says(Saying("m-1", 1, header=HEADER, markets=tuple(market(key) for key in KEYS), is_version=True))
        for key in KEYS:
            for name, customer in self.house.counter.people.items():
                wants = PlaceBet(customer, "USD", 100 + len(name), (WantedLeg(self.fixture, key, "home"),))
                assert isinstance(self.house.counter.do(wants)[0], BetPlaced)

    @property
    def fixture(self) -> FixtureId:
        (fixture,) = self.house.counter.house.fixed_odds.fixtures
        return fixture

    async def says(self, saying: Saying) -> list[Ask | HearSource]:
        """Have a saying booked; return what was asked for it."""
        before = len(self.house.asked)
        await self.desk.take("main", [saying], patient=True)
        return self.house.asked[before:]

    def rules(self, command: Command) -> None:
        """Have an operator decide."""
        events = self.house.counter.do(command)
        self.house.counter.work()
        if isinstance(events[-1], MarketRuled):
            self.desk.ruled(self.fixture)

    async def restart(self) -> None:
        """Forget all that the desk knew."""
        self.desk = LineDesk(self.house, self.house, LineMetrics(CollectorRegistry()))


@dataclass(frozen=True)
class Ruling:
    """What an operator decides; the fixture is put in when that is done."""

    command: type[Command]
    rest: tuple[object, ...] = ()


@st.composite
def sayings(draw: st.DrawFn, order: int) -> Saying:
    """Draw what a provider says under this version: of some markets how they ended, in which times bets are void."""
    some = draw(st.lists(st.sampled_from(KEYS), unique=True))
    window = Window(draw(st.sampled_from((*KEYS, EVERYTHING))), *draw(st.sampled_from(WINDOWS)))
    has_window, is_restored = draw(st.booleans()), draw(st.booleans())
    return Saying(
        "m-1",
        order,
        header=HEADER,
        markets=tuple(market(key, 150 + order, suspended=draw(st.booleans())) for key in KEYS),
        whole=draw(st.booleans()),
        results={key: ended(key, draw(st.sampled_from(ENDS))) for key in some},
        rolled_back=tuple(draw(st.lists(st.sampled_from((*KEYS, EVERYTHING)), max_size=2, unique=True))),
        cancelled=(window,) if has_window and not is_restored else (),
        restored=(window,) if has_window and is_restored else (),
        status=draw(st.sampled_from((None, None, *FixtureStatus))),
        is_version=draw(st.booleans()),
    )


@st.composite
def rulings(draw: st.DrawFn) -> Ruling:
    """Draw what an operator decides."""
    some = tuple(draw(st.lists(st.sampled_from(KEYS), min_size=1, unique=True)))
    results = tuple(each for key in some for each in ended(key, draw(st.sampled_from(ENDS))))
    window = draw(st.sampled_from(WINDOWS))
    return draw(
        st.sampled_from(
            [
                Ruling(DeclareResults, (results, draw(st.booleans()), draw(st.booleans()), True)),
                Ruling(RollBackResults, (draw(st.sampled_from((some, ()))), True)),
                Ruling(VoidFixture, (True,)),
                Ruling(CancelBets, (some, *window, draw(st.booleans()), True)),
                Ruling(CloseConflict, (some[0],)),
            ]
        )
    )


@st.composite
def days(draw: st.DrawFn) -> list[Saying | Ruling | None]:
    """Draw a day: sayings in any order and repeatedly, operators' decisions, and starts of the server (``None``)."""
    said = [draw(sayings(order)) for order in range(2, draw(st.integers(3, 9)))]
    jumbled = draw(st.permutations([*said, *draw(st.lists(st.sampled_from(said), max_size=3))]))
    day: list[Saying | Ruling | None] = [*(said if draw(st.booleans()) else jumbled)]
    for other in draw(st.lists(st.one_of(rulings(), rulings(), st.none()), max_size=4)):
        day.insert(draw(st.integers(0, len(day))), other)
    return day


async def live(day: Iterable[Saying | Ruling | None]) -> None:
    """Live a day, and check after each step that the feed has come to rest."""
    table = Table()
    await table.open()
    last: Saying | None = None
    for step in day:
        match step:
            case None:
                await table.restart()
            case Ruling(command, rest):
                table.rules(command(table.fixture, *rest))  # pyright: ignore[reportCallIssue, reportArgumentType]
            case _:
                last = step
        if last is not None:
            asked = await table.says(last)
            assert len(asked) <= MOST_ASKS, asked
            assert not any(isinstance(each, DisputeFixture) for each in asked)
            assert await table.says(last) == []
        await table.desk.ask_again()
    table.house.counter.sound()


@given(days())
@settings(max_examples=150)
def test_the_feed_comes_to_rest_whatever_is_said_and_decided(day: list[Saying | Ruling | None]) -> None:
    asyncio.run(live(day))


WHOLE = Saying("m-1", 1, header=HEADER, markets=tuple(market(key) for key in KEYS), is_version=True)


def test_a_void_event_whose_market_had_a_result_taken_back_is_void_once() -> None:
    async def play() -> None:
        table = Table()
        await table.open()
        await table.says(replace(WHOLE, order=2, results={"m1": ended("m1", "home")}))
        await table.says(replace(WHOLE, order=3, rolled_back=("m1",), status=FixtureStatus.NEW))
        await table.says(replace(WHOLE, order=4, results={"m0": ended("m0", "void"), "m2": ended("m2", "void")}))
        assert len(await table.says(replace(WHOLE, order=5, status=FixtureStatus.VOID))) <= 2
        fixture = table.house.counter.house.fixed_odds.fixtures[table.fixture]
        assert fixture.status is FixtureStatus.VOID
        assert {key: each.results for key, each in fixture.markets.items()} == {
            key: ended(key, "void")[::-1] for key in KEYS
        }
        assert [table.house.counter.escrow(name) for name in table.house.counter.people] == [0, 0]

    asyncio.run(play())


class _Restless(FixtureRecord):
    """A record with a fault: it never believes that anything is booked."""

    def booked(self, ask: Ask, fixture: FixtureId | None = None) -> None:
        """Count what was asked, and note nothing else of results."""
        before = {**self._results}
        super().booked(ask, fixture)
        self._results = before


def test_a_record_that_comes_to_no_rest_stops_and_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evens.feeds.line.desk.FixtureRecord", _Restless)

    async def play() -> None:
        table = Table()
        await table.open()
        said = replace(WHOLE, order=2, results={"m1": ended("m1", "home")})
        assert len(await table.says(said)) == ASKS_MAX + 1
        assert isinstance(table.house.asked[-1], DisputeFixture)
        assert await table.says(said) == []
        assert await table.says(replace(said, order=3)) == []
        fixture = table.house.counter.house.fixed_odds.fixtures[table.fixture]
        assert all(each.contradicted for each in fixture.markets.values())

    asyncio.run(play())
