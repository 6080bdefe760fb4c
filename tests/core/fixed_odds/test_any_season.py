"""Any season: fixtures with bets, removals, results that are corrected or taken back, and cancellations, at random.

In the end every market is decided, and each customer has what a list of bets, worked out from scratch in fractions,
says. At every step the house is sound, nobody's money comes from nowhere, and a replay of the events is the same house.
"""

from fractions import Fraction
from math import floor
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from evens.core.commands.fixed_odds import (
    CancelBets,
    DeclareResults,
    FundHouse,
    PlaceBet,
    PublishLine,
    RemoveSelection,
    RollBackResults,
    VoidFixture,
    WantedLeg,
)
from evens.core.events.every import Event
from evens.core.events.fixed_odds import BetPlaced, BetsCancelled, LinePublished, MarketDecided, SelectionRemoved
from evens.core.values.fixed_odds import LegResult, Line, LineMarket, LineSelection, SelectionResult
from evens.core.values.ids import CustomerId, FixtureId
from tests.core.exchange.floor import Floor

SELECTIONS = ("home", "draw", "away")
FOR_EVER = 2**62
CASH_MINOR = 1_000_000

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ("bet", "bet", "bet", "double", "odds", "remove", "settle", "correct", "back", "cancel", "restore")
        ),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(1, 5_000),
        st.sampled_from(list(LegResult)),
    ),
    max_size=25,
)


class Season:
    """Three fixtures with one market each, and three customers."""

    def __init__(self) -> None:
        self.floor = Floor()
        self.floor.define("USD", 2)
        self.people = [self._join(name) for name in ("ann", "bob", "cid")]
        self.floor.do(FundHouse("USD", 10**10))
        self.fixtures = [self.publish(f"f{number}", 200) for number in range(3)]
        self.versions = dict.fromkeys(range(3), 1)

    def _join(self, name: str) -> CustomerId:
        self.floor.join(name, USD=CASH_MINOR)
        return self.floor.people[name]

    def publish(self, key: str, odds: int, version: int = 1) -> FixtureId:
        """Publish a fixture whose selections have odds that rise from the first."""
        picks = tuple(LineSelection(name, name, odds + 35 * place) for place, name in enumerate(SELECTIONS))
        line = Line(key, FOR_EVER, markets=(LineMarket("main", "Main", picks),))
        published = self.floor.do(PublishLine("main", key, version, line))[0]
        assert isinstance(published, LinePublished)
        return published.fixture

    def take(self, step: tuple[str, int, int, int, LegResult]) -> None:
        """Do a step; what the rules refuse changes nothing."""
        what, number, pick, minor, ended = step
        fixture, name = self.fixtures[number], SELECTIONS[pick]
        # Every selection ends in some way, so that every bet counts.
        ends = [LegResult((ended + minor * place) % len(LegResult) + 1) for place in range(len(SELECTIONS))]
        results = tuple(SelectionResult("main", each, end) for each, end in zip(SELECTIONS, ends, strict=True))
        commands: dict[str, Any] = {
            "bet": PlaceBet(self.people[pick], "USD", minor, (WantedLeg(fixture, "main", SELECTIONS[minor % 3]),)),
            "double": PlaceBet(
                self.people[pick],
                "USD",
                minor,
                (WantedLeg(fixture, "main", name), WantedLeg(self.fixtures[(number + 1) % 3], "main", "home")),
            ),
            "remove": RemoveSelection(fixture, "main", name, minor),
            "settle": DeclareResults(fixture, results, finished=False),
            "correct": DeclareResults(fixture, results, correction=True, finished=False),
            "back": RollBackResults(fixture),
            "cancel": CancelBets(fixture, (), self.floor.next_at - minor * 3_000),
        }
        windows = standing_windows(self.happened(), fixture)
        if windows:
            since, until = windows[minor % len(windows)]
            commands["restore"] = CancelBets(fixture, (), since, until, restored=True)
        if what == "odds":
            self.versions[number] += 1
            self.publish_again(number, 101 + minor)
        elif what in commands:
            self.floor.do(commands[what])
        self.check()

    def publish_again(self, number: int, odds: int) -> None:
        """Let the odds of a fixture move."""
        picks = tuple(LineSelection(name, name, odds + 35 * place) for place, name in enumerate(SELECTIONS))
        line = Line(f"f{number}", FOR_EVER, markets=(LineMarket("main", "Main", picks),))
        self.floor.do(PublishLine("main", f"f{number}", self.versions[number], line))

    def check(self) -> None:
        """Finish what is under way; the house is sound, and its history leads to it."""
        self.floor.work()
        self.floor.house.check()
        assert self.floor.replayed().digest() == self.floor.house.digest()

    def happened(self) -> list[Event]:
        """Return all that happened."""
        return [event for entry in self.floor.history for event in entry.events]


def standing_windows(happened: list[Event], fixture: FixtureId) -> list[tuple[int, int]]:
    """Return the times in which bets on a fixture are void, those that were taken back left out."""
    windows: list[tuple[int, int]] = []
    for event in happened:
        if isinstance(event, BetsCancelled) and event.fixture == fixture:
            if event.restored:
                windows.remove((event.since, event.until))
            else:
                windows.append((event.since, event.until))
    return windows


def expected_minor(customer: CustomerId, happened: list[Event]) -> int:
    """Return what a customer ends with: the cash of the beginning, and each bet worked out from scratch."""
    results = {event.fixture: event.results for event in happened if isinstance(event, MarketDecided)}
    removals = [event for event in happened if isinstance(event, SelectionRemoved)]

    def factor(fixture: FixtureId, selection: str, odds: int, at: int) -> Fraction:
        gone = [removal for removal in removals if removal.fixture == fixture]
        if any(removal.selection == selection for removal in gone):
            return Fraction(1)
        if any(since <= at < until for since, until in standing_windows(happened, fixture)):
            return Fraction(1)
        left = 1 - Fraction(min(sum(removal.reduction_bps for removal in gone if removal.at > at), 9_000), 10_000)
        taken = 1 + (Fraction(odds, 100) - 1) * left
        said = {result.selection: result.result for result in results[fixture]}
        return {
            LegResult.WON: taken,
            LegResult.LOST: Fraction(0),
            LegResult.VOID: Fraction(1),
            LegResult.HALF_WON: (taken + 1) / 2,
            LegResult.HALF_LOST: Fraction(1, 2),
        }[said.get(selection, LegResult.LOST)]

    cash_minor = CASH_MINOR
    for event in happened:
        if isinstance(event, BetPlaced) and event.customer == customer:
            returned = Fraction(event.stake_minor)
            for leg in event.legs:
                returned *= factor(leg.fixture, leg.selection, leg.odds, event.at)
            cash_minor += floor(returned) - event.stake_minor
    return cash_minor


@given(steps=STEPS)
@settings(max_examples=120)
def test_everybody_ends_with_what_their_bets_are_worth_from_scratch(
    steps: list[tuple[str, int, int, int, LegResult]],
) -> None:
    season = Season()
    for step in steps:
        season.take(step)
    happened = season.happened()
    last = {event.fixture: event.results for event in happened if isinstance(event, MarketDecided)}
    for fixture in season.fixtures:
        if not last.get(fixture):
            season.floor.do(DeclareResults(fixture, (SelectionResult("main", "draw", LegResult.WON),)))
            season.check()
    for name, customer in season.floor.people.items():
        assert season.floor.cash(name) - season.floor.owed(name) == expected_minor(customer, season.happened())
        assert season.floor.escrow(name) == 0


def test_a_void_fixture_leaves_everybody_with_what_they_had() -> None:
    season = Season()
    for pick in range(3):
        season.take(("bet", 0, pick, 100 + pick, LegResult.WON))
    season.floor.do(VoidFixture(season.fixtures[0]))
    season.check()
    assert [season.floor.cash(name) for name in season.floor.people] == [CASH_MINOR] * 3
