"""Messages in any order and repeatedly, through the feed's desk to the rules: everybody's money ends where it should.

Two customers bet on a fixture as soon as it is known. What the provider then says (odds, suspensions, results, results
taken back, cancellations and their end) comes in its right order to one house, and in any order to another.
"""

import asyncio
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from evens.core.commands.fixed_odds import HearSource, PlaceBet, WantedLeg
from evens.core.events.fixed_odds import BetPlaced, LinePublished
from evens.core.events.ledger import Rejected
from evens.feeds.line.desk import LineDesk
from evens.feeds.line.metrics import LineMetrics
from evens.feeds.line.protocols import Booked
from evens.feeds.line.record import Ask
from evens.feeds.line.sayings import Saying, Window
from evens.feeds.line.wanted import KnownFixture, canonical
from tests.core.fixed_odds.counter import Counter, open_counter
from tests.feeds.line.test_any_order import HEADER, MARKETS, SELECTIONS, market, results

COVERING = 2**61
"""The end of a time in which all bets of these tests were struck."""

FIRST = Saying("m-1", 0, header=HEADER, markets=tuple(market(key, 250, suspended=False) for key in MARKETS))


class RealHouse:
    """Implements the feeds' ``LineCommands`` and ``KnownFixtures`` by the rules alone, with one fixture."""

    def __init__(self) -> None:
        self.counter: Counter = open_counter()
        self.is_open = True

    async def submit(self, ask: Ask | HearSource) -> Booked:
        """Decide a command and all that comes of it."""
        first = self.counter.do(ask)[0]
        self.counter.work()
        if isinstance(first, Rejected):
            return Booked(first.reason)
        return Booked(fixture=first.fixture if isinstance(first, LinePublished) else None)

    async def find(self, source: str, key: str) -> KnownFixture | None:
        """Return nothing: the desk keeps what it has said."""
        return None

    async def unfinished(self, source: str) -> Sequence[KnownFixture]:
        """Return nothing."""
        return ()

    def bet(self) -> None:
        """Let ann and bob bet on every selection of every market."""
        (fixture,) = self.counter.house.fixed_odds.fixtures
        for place, key in enumerate(MARKETS):
            for name, customer in self.counter.people.items():
                for pick in SELECTIONS:
                    stake_minor = 100 * (place + 1) + len(name) + 7 * SELECTIONS.index(pick)
                    wants = PlaceBet(customer, "USD", stake_minor, (WantedLeg(fixture, key, pick),))
                    assert isinstance(self.counter.do(wants)[0], BetPlaced)

    def outcome(self) -> object:
        """Return what everybody has, and how each market ended."""
        (fixture,) = self.counter.house.fixed_odds.fixtures.values()
        self.counter.sound()
        money = {
            name: (self.counter.cash(name) - self.counter.owed(name), self.counter.escrow(name))
            for name in self.counter.people
        }
        return money, {key: (canonical(each.results), each.contradicted) for key, each in fixture.markets.items()}


@st.composite
def histories(draw: st.DrawFn) -> list[Saying]:
    """Draw what a provider says of the fixture after its first message, in the right order."""
    said: list[Saying] = []
    for order in range(1, draw(st.integers(1, 7)) + 1):
        key = draw(st.sampled_from(MARKETS))
        window = Window(key, 0, draw(st.sampled_from((5, COVERING))))
        kinds = [
            Saying("m-1", order, markets=(market(key, 200 + order, suspended=bool(order % 2)),)),
            Saying("m-1", order, stopped=(key,)),
            Saying("m-1", order, results={key: results(key, draw(st.sampled_from(SELECTIONS)))}),
            Saying("m-1", order, rolled_back=(key,)),
            Saying("m-1", order, cancelled=(window,)),
            Saying("m-1", order, restored=(window,)),
        ]
        said.append(draw(st.sampled_from(kinds)))
    return said


def play(said: Sequence[Saying]) -> object:
    """Return what a house comes to after these sayings, in the order in which they are given."""

    async def play_all() -> object:
        house = RealHouse()
        desk = LineDesk(house, house, LineMetrics(CollectorRegistry()))
        await desk.take("main", [FIRST])
        house.bet()
        for saying in said:
            await desk.take("main", [saying], patient=True)
        return house.outcome()

    return asyncio.run(play_all())


@given(st.data())
@settings(max_examples=60)
def test_any_order_and_repetition_leaves_everybody_what_the_right_order_would(data: st.DataObject) -> None:
    right = data.draw(histories())
    jumbled = data.draw(st.permutations([*right, FIRST, *data.draw(st.lists(st.sampled_from(right), max_size=4))]))
    assert play(jumbled) == play(right)


def test_bets_that_were_given_back_come_back_when_their_cancellation_is_taken_back() -> None:
    window = Window("main", 0, COVERING)
    right = [Saying("m-1", 1, cancelled=(window,)), Saying("m-1", 2, restored=(window,))]
    assert play(right) == play(right[::-1]) == play([])


def test_a_taking_back_that_comes_last_ends_the_contradiction_before_it() -> None:
    first, other, back, again = (
        Saying("m-1", 1, results={"main": results("main", "a")}),
        Saying("m-1", 2, results={"main": results("main", "b")}),
        Saying("m-1", 3, rolled_back=("main",)),
        Saying("m-1", 4, results={"main": results("main", "a")}),
    )
    assert play([first, other, again, back]) == play([first, other, back, again])
