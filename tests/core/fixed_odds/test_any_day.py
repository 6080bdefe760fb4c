"""Any day at a counter with a thin bank: two currencies, cash-outs, bets given back, weeks that pass, chores half done.

Whenever nothing is under way each customer has, cash and open stakes less debts together, what a list of their bets
says, worked out from scratch in fractions. The house is sound after every step, and every open accumulator is covered.
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
    HoldFixture,
    PlaceBet,
    PublishLine,
    RemoveSelection,
    RollBackResults,
    VoidBet,
    VoidFixture,
    WantedLeg,
    WithdrawFromHouse,
)
from evens.core.commands.wallets import Withdraw
from evens.core.events.every import Event
from evens.core.events.fixed_odds import (
    BetEnded,
    BetPlaced,
    BetsCancelled,
    LinePublished,
    MarketDecided,
    SelectionRemoved,
)
from evens.core.events.ledger import Rejected
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.values.fixed_odds import BetEnd, LegResult, Line, LineMarket, LineSelection, SelectionResult
from evens.core.values.ids import HOUSE, AccountClass, CustomerId, FixtureId, Rail
from tests.core.exchange.floor import SECOND_NS
from tests.core.fixed_odds.counter import FOR_EVER, Counter

SELECTIONS = ("home", "draw", "away")
MONEY = ("USD", "EUR")
CASH_MINOR = 20_000
BANK_MINOR = 15_000
WEEK_NS = 7 * 24 * 3600 * SECOND_NS
DEEDS = (
    *("bet", "bet", "bet", "bet", "double", "double", "double", "odds", "remove", "settle", "correct", "back", "back"),
    *("cancel", "cash out", "cash out", "give back", "hold", "void", "week", "fund", "draw", "spend"),
)

Step = tuple[str, int, int, int, int, LegResult, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(DEEDS),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(0, 1),
        st.integers(1, 5_000),
        st.sampled_from(list(LegResult)),
        st.sampled_from((0, 1, 3, 99, 99)),
    ),
    min_size=10,
    max_size=30,
)


class Day(Counter):
    """Three fixtures at a time; whichever is archived is followed by another."""

    def __init__(self) -> None:
        super().__init__()
        for code in MONEY:
            self.define(code)
            self.do(FundHouse(code, BANK_MINOR))
        for name in ("ann", "bob", "cid"):
            self.join(name, USD=CASH_MINOR, EUR=CASH_MINOR)
        self.put_in = dict.fromkeys(MONEY, BANK_MINOR + 3 * CASH_MINOR)
        self.spent_minor = dict.fromkeys([(person, code) for person in self.people.values() for code in MONEY], 0)
        self.now_at: dict[FixtureId, dict[str, int]] = {}
        self.open = [self.line(f"f{number}", 1, 200) for number in range(3)]

    def line(self, key: str, version: int, odds: int) -> FixtureId:
        """Publish a fixture whose selections have odds that rise from the first."""
        picks = tuple(LineSelection(name, name, odds + 35 * place) for place, name in enumerate(SELECTIONS))
        line = Line(key, FOR_EVER, markets=(LineMarket("main", "Main", picks),))
        (published, *_) = self.do(PublishLine("main", key, version, line))
        assert isinstance(published, LinePublished)
        if published.line.markets:
            self.now_at[published.fixture] = {pick.key: pick.odds for pick in picks}
        self.versions[key] = version
        self.fixtures[key] = published.fixture
        return published.fixture

    def key_of(self, fixture: FixtureId) -> str:
        """Return how the provider calls a fixture."""
        return next(key for key, known in self.fixtures.items() if known == fixture)

    def take(self, step: Step) -> None:
        """Do a step and some of the chores that come of it; what the rules refuse changes nothing."""
        what, number, pick, money, minor, ended, chores = step
        fixture, name, code = self.open[number], SELECTIONS[pick], MONEY[money]
        person = list(self.people.values())[pick]
        ends = [LegResult((ended + minor * place) % len(LegResult) + 1) for place in range(len(SELECTIONS))]
        results = tuple(SelectionResult("main", each, end) for each, end in zip(SELECTIONS, ends, strict=True))
        first = WantedLeg(fixture, "main", SELECTIONS[minor % 3])
        second = WantedLeg(self.open[(number + 1) % 3], "main", "home")
        commands: dict[str, Any] = {
            "bet": PlaceBet(person, code, minor, (first,)),
            "double": PlaceBet(person, code, minor, (first, second)),
            "remove": RemoveSelection(fixture, "main", name, minor),
            "settle": DeclareResults(fixture, results, finished=bool(money)),
            "correct": DeclareResults(fixture, results, correction=True, finished=False),
            "back": RollBackResults(fixture),
            "cancel": CancelBets(fixture, (), self.next_at - minor * 3_000),
            "hold": HoldFixture(fixture, bool(money)),
            "void": VoidFixture(fixture),
        }
        match what:
            case "odds":
                key = self.key_of(fixture)
                self.line(key, self.versions[key] + 1, 101 + minor)
            case "cash out" | "give back":
                self.end(what, minor)
            case "week":
                self.work()
                self.wait(WEEK_NS)
            case "fund":
                self.put_in[code] += minor
                self.do(FundHouse(code, minor))
            case "draw":
                left_minor = self.balance_minor(HOUSE, code, AccountClass.BANK)
                if left_minor > 0 and not isinstance(self.do(WithdrawFromHouse(code, left_minor))[0], Rejected):
                    self.put_in[code] -= left_minor
            case "spend":
                left_minor = self.balance_minor(person, code)
                if left_minor > 0 and not isinstance(
                    self.do(Withdraw(person, code, left_minor, Rail.DESK))[0], Rejected
                ):
                    self.put_in[code] -= left_minor
                    self.spent_minor[person, code] += left_minor
            case _:
                self.do(commands[what])
        self.some_chores(chores)
        self.check()

    def end(self, what: str, minor: int) -> None:
        """Cash out, or give back, one of the bets there have been; it may be over already."""
        bets = [event for event in self.happened() if isinstance(event, BetPlaced)]
        if not bets:
            return
        bet = bets[minor % len(bets)]
        single = bet.legs[0] if len(bet.legs) == 1 else None
        if what == "give back":
            self.do(VoidBet(bet.bet, bet.customer, single))
            return
        twin = Twin(self.happened())
        worth = Fraction(bet.stake_minor) * Fraction(95, 100)
        for leg in bet.legs:
            known = twin.factor(leg.fixture, leg.selection, leg.odds, bet.at)
            taken = twin.taken(leg.fixture, leg.odds, bet.at)
            worth *= known if known is not None else taken * 100 / self.now_at[leg.fixture][leg.selection]
        (first, *_) = self.do(self.cash_out(bet, floor(worth)))
        assert not (isinstance(first, Rejected) and first.reason is FixedOddsReason.QUOTE_EXPIRED)

    def some_chores(self, most: int) -> None:
        """Do so many of the chores."""
        for _ in range(most):
            chores = self.house.chores(self.next_at, 1)
            if not chores:
                return
            self.do(chores[0])

    def check(self) -> None:
        """The house is sound, and if nothing is under way everybody has what the bets say."""
        for number, fixture in enumerate(self.open):
            if fixture not in self.house.fixed_odds.fixtures:
                self.open[number] = self.line(f"f{len(self.fixtures)}", 1, 200)
        self.house.check()
        assert self.replayed().digest() == self.house.digest()
        book = self.house.fixed_odds
        for bet in book.accumulators.values():
            if bet.booked is None:
                full_minor = floor(bet.stake_minor * _product([Fraction(leg.odds, 100) for leg in bet.legs]))
                assert bet.reserved_minor >= full_minor - bet.stake_minor or bet.decided
        for code in MONEY:
            house = [self.balance_minor(HOUSE, code, kind) for kind in (AccountClass.BANK, AccountClass.ESCROW)]
            assert min(house) >= 0
        if not self.house.chores(self.next_at, 1):
            self.check_totals()

    def check_totals(self) -> None:
        """Compare everybody with the twin; customers and house have what was paid in and not paid out."""
        twin = Twin(self.happened())
        for code in MONEY:
            number = self.house.ledger.currencies[code].number
            everything = sum(
                self.balance_minor(HOUSE, code, kind)
                for kind in (AccountClass.BANK, AccountClass.ESCROW, AccountClass.RECEIVABLE)
            )
            for person in self.people.values():
                total_minor = sum(
                    self.balance_minor(person, code, kind)
                    for kind in (AccountClass.CASH, AccountClass.ESCROW, AccountClass.RECEIVABLE)
                )
                expected = CASH_MINOR - self.spent_minor[person, code] + twin.profit_minor(person, number)
                assert total_minor == expected
                everything += total_minor
            assert everything == self.put_in[code]

    def happened(self) -> list[Event]:
        """Return all that happened."""
        return [event for entry in self.history for event in entry.events]


class Twin:
    """What bets are worth, worked out from what was placed, declared, removed and cancelled, and from nothing else."""

    def __init__(self, happened: list[Event]) -> None:
        self.bets = [event for event in happened if isinstance(event, BetPlaced)]
        self.results = {event.fixture: event.results for event in happened if isinstance(event, MarketDecided)}
        self.removals = [event for event in happened if isinstance(event, SelectionRemoved)]
        self.windows = [event for event in happened if isinstance(event, BetsCancelled)]
        self.ended = {
            event.bet: event.returned_minor
            for event in happened
            if isinstance(event, BetEnded) and event.end in (BetEnd.CASHED_OUT, BetEnd.VOIDED)
        }

    def taken(self, fixture: FixtureId, odds: int, at: int) -> Fraction:
        """Return odds less what removals after the bet took off."""
        bps = sum(gone.reduction_bps for gone in self.removals if gone.fixture == fixture and gone.at > at)
        return 1 + (Fraction(odds, 100) - 1) * (1 - Fraction(min(bps, 9_000), 10_000))

    def factor(self, fixture: FixtureId, selection: str, odds: int, at: int) -> Fraction | None:
        """Return what a leg makes of the stake; ``None`` while that is not known."""
        if any((gone.fixture, gone.selection) == (fixture, selection) for gone in self.removals):
            return Fraction(1)
        if any(each.fixture == fixture and each.since <= at < each.until for each in self.windows):
            return Fraction(1)
        results = self.results.get(fixture)
        if not results:
            return None
        taken = self.taken(fixture, odds, at)
        return {
            LegResult.WON: taken,
            LegResult.LOST: Fraction(0),
            LegResult.VOID: Fraction(1),
            LegResult.HALF_WON: (taken + 1) / 2,
            LegResult.HALF_LOST: Fraction(1, 2),
        }[{result.selection: result.result for result in results}.get(selection, LegResult.LOST)]

    def profit_minor(self, customer: CustomerId, currency_number: int) -> int:
        """Return what somebody's bets have brought until now; open ones nothing yet."""
        profit_minor = 0
        for bet in self.bets:
            if (bet.customer, bet.currency_number) != (customer, currency_number):
                continue
            factors = [self.factor(leg.fixture, leg.selection, leg.odds, bet.at) for leg in bet.legs]
            if bet.bet in self.ended:
                profit_minor += self.ended[bet.bet] - bet.stake_minor
            elif 0 in factors:
                profit_minor -= bet.stake_minor
            elif None not in factors:
                known = [factor for factor in factors if factor is not None]
                profit_minor += floor(bet.stake_minor * _product(known)) - bet.stake_minor
        return profit_minor


def _product(factors: list[Fraction]) -> Fraction:
    result = Fraction(1)
    for factor in factors:
        result *= factor
    return result


@given(steps=STEPS)
@settings(max_examples=60, deadline=None)
def test_everybody_has_what_their_bets_are_worth_whenever_nothing_is_under_way(steps: list[Step]) -> None:
    day = Day()
    for step in steps:
        day.take(step)
    day.work()
    day.check()
    day.check_totals()
