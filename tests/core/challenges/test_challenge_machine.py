"""Challenges against a naive count: anything in any order, and everybody has what the outcomes make of their bets."""

from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from math import floor

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from evens.core.commands.challenges import OfferChallenge, RuleChallenge
from evens.core.commands.every import Command
from evens.core.commands.exchange import RemoveRunner, ResumeMarket, SettleMarket, VoidMarket
from evens.core.commands.wallets import FreezeCustomer, Transfer, UnfreezeCustomer
from evens.core.events.challenges import (
    ChallengeAccepted,
    ChallengeClosed,
    ChallengeOffered,
    ChallengeResolved,
    ChallengeSettled,
)
from evens.core.events.every import Event
from evens.core.events.exchange import ResultDeclared, RunnerRemoved
from evens.core.events.ledger import Rejected
from evens.core.values.betting import Outcome, Side
from evens.core.values.ids import AccountClass, ChallengeId, CustomerId, RunnerId
from tests.core.challenges.ring import open_ring
from tests.core.exchange.floor import SECOND_NS

NAMES = ("ann", "bob", "cid", "dot")
CASH_MINOR = 2_000
RUNNERS = 3
PEOPLE = st.sampled_from(NAMES)
SIDES = st.sampled_from(list(Side))
ODDS = st.sampled_from(["1.01", "1.33", "2.00", "2.57", "3.33", "7.40"])
STAKES = st.sampled_from([3, 33, 100, 101, 250])
OUTCOMES = st.sampled_from(list(Outcome))
PICKS = st.integers(0, 50)
FEES = st.sampled_from([0, 0, 199, 5_000, 10_000])
WINNERS = st.lists(st.integers(1, RUNNERS).map(RunnerId), min_size=1, max_size=RUNNERS, unique=True)


@dataclass
class Bet:
    """A challenge as the two would write it down."""

    command: OfferChallenge
    acceptor: CustomerId | None = None
    outcome: Outcome | None = None
    over: bool = False

    def won(self, race: "Race | None") -> Fraction | None:
        """Return which part of the runner won, ``None`` if both have their stakes back."""
        if race is None:
            return None if self.outcome is Outcome.VOID else Fraction(self.outcome is Outcome.WON)
        if self.command.runner in race.removed or not race.winners:
            return None
        return Fraction(1, len(race.winners)) if self.command.runner in race.winners else Fraction(0)

    def earned(self, won: Fraction | None) -> dict[CustomerId, int]:
        """Return what both have more or less than before, the fee taken."""
        assert self.acceptor is not None
        if won is None:
            return {}
        stake_minor, odds = self.command.stake_minor, Decimal(self.command.odds) / 100
        profit_minor = int((stake_minor * (odds - 1)).to_integral_value(ROUND_FLOOR))
        backer, layer = self.command.customer, self.acceptor
        if self.command.side is Side.LAY:
            backer, layer = layer, backer
        exact = won * profit_minor - (1 - won) * stake_minor
        earned = {backer: floor(exact), layer: floor(-exact)}
        return {
            who: minor - floor(Fraction(max(minor, 0) * self.command.fee_bps, 10_000) + Fraction(1, 2))
            for who, minor in earned.items()
        }


@dataclass
class Race:
    """What is known of a market."""

    removed: set[int] = field(default_factory=set[int])
    winners: list[RunnerId] = field(default_factory=list[RunnerId])


class ChallengeMachine(RuleBasedStateMachine):
    """After each command the house does all that is due, so that everything that is decided is paid."""

    def __init__(self) -> None:
        super().__init__()
        self.ring = open_ring(*NAMES, "judge", cash_minor=CASH_MINOR)
        self.bets: dict[ChallengeId, Bet] = {}
        self.races = {self.ring.market: Race()}
        self.given = dict.fromkeys(self.ring.people.values(), 0)

    def do(self, command: Command) -> bool:
        """Try a command, do what is due, and write down what happened; return whether it was refused."""
        before = len(self.ring.history)
        refused = isinstance(self.ring.do(command)[0], Rejected)
        self.ring.work()
        for entry in self.ring.history[before:]:
            for event in entry.events:
                self.note(event, entry.command)
        return refused

    def note(self, event: Event, command: Command) -> None:
        """Write down what happened."""
        if isinstance(event, ChallengeOffered) and isinstance(command, OfferChallenge):
            self.bets[event.challenge] = Bet(command)
        elif isinstance(event, ChallengeAccepted):
            self.bets[event.challenge].acceptor = event.customer
        elif isinstance(event, ChallengeClosed):
            del self.bets[event.challenge]
        elif isinstance(event, ChallengeResolved):
            self.bets[event.challenge].outcome = event.outcome
        elif isinstance(event, ChallengeSettled):
            self.bets[event.challenge].over = True
            if isinstance(command, RuleChallenge):
                self.bets[event.challenge].outcome = command.outcome
        elif isinstance(event, RunnerRemoved):
            self.races[event.market].removed.add(event.runner)
        elif isinstance(event, ResultDeclared):
            self.races[event.market].winners = [runner for runner, _ in event.shares]

    def pick(self, drawn: int) -> ChallengeId:
        """Choose one of the latest challenges, seldom one that is over."""
        found = [bet for bet in sorted(self.bets) if drawn == 0 or not self.bets[bet].over]
        return found[-1 - drawn % min(len(found), 4)] if found else ChallengeId(1)

    @rule(
        name=PEOPLE,
        side=SIDES,
        stake_minor=STAKES,
        odds=ODDS,
        runner=st.integers(0, RUNNERS),
        fee_bps=FEES,
        further=st.sampled_from([1, 2, 3, 1, 2, 3, None]),
    )
    def offer(
        self, name: str, side: Side, stake_minor: int, odds: str, runner: RunnerId, fee_bps: int, further: int | None
    ) -> None:
        words = f"{name} {side.name.lower()} {stake_minor} @ {odds}"
        if runner:
            self.do(self.ring.challenge(words, runner=runner, fee_bps=fee_bps))
        else:
            self.do(self.ring.challenge(words, "judge", fee_bps=fee_bps, dispute_window_ms=1_000_000))
        if further is not None and self.bets:
            acceptor = NAMES[(NAMES.index(name) + further) % len(NAMES)]
            self.do(self.ring.accepts(acceptor, max(self.bets)))

    @precondition(lambda self: self.bets)
    @rule(name=PEOPLE, drawn=PICKS)
    def accept(self, name: str, drawn: int) -> None:
        self.do(self.ring.accepts(name, self.pick(drawn)))

    @precondition(lambda self: self.bets)
    @rule(name=PEOPLE, drawn=PICKS)
    def cancel(self, name: str, drawn: int) -> None:
        self.do(self.ring.cancels(name, self.pick(drawn)))

    @precondition(lambda self: self.bets)
    @rule(drawn=PICKS, outcome=OUTCOMES)
    def resolve(self, drawn: int, outcome: Outcome) -> None:
        self.do(self.ring.resolves("judge", self.pick(drawn), outcome))

    @precondition(lambda self: self.bets)
    @rule(name=PEOPLE, drawn=PICKS)
    def dispute(self, name: str, drawn: int) -> None:
        self.do(self.ring.disputes(name, self.pick(drawn)))

    @precondition(lambda self: self.bets)
    @rule(drawn=PICKS, outcome=OUTCOMES)
    def decide(self, drawn: int, outcome: Outcome) -> None:
        self.do(RuleChallenge(self.pick(drawn), outcome))

    @precondition(lambda self: self.running() > 1)
    @rule(runner=st.integers(1, RUNNERS).map(RunnerId))
    def remove(self, runner: RunnerId) -> None:
        self.do(RemoveRunner(self.ring.market, runner, 2_000))
        self.do(ResumeMarket(self.ring.market))

    @precondition(lambda self: self.running() > 0)
    @rule(winners=WINNERS)
    def settle(self, winners: list[RunnerId]) -> None:
        self.do(SettleMarket(self.ring.market, tuple(winners), dead_heat=True))
        self.go_on()

    @precondition(lambda self: self.running() > 1)
    @rule()
    def void(self) -> None:
        self.do(VoidMarket(self.ring.market))
        self.go_on()

    @precondition(lambda self: len(self.races) > 1)
    @rule(winners=st.one_of(st.just([]), WINNERS, WINNERS), drawn=PICKS)
    def correct(self, winners: list[RunnerId], drawn: int) -> None:
        market = sorted(self.races)[-2 - drawn % (len(self.races) - 1)]
        if winners:
            self.do(SettleMarket(market, tuple(winners), dead_heat=True, correction=True))
        else:
            self.do(VoidMarket(market, correction=True))

    def running(self) -> int:
        """Count the accepted challenges on the market that people bet on."""
        return sum(1 for bet in self.bets.values() if bet.command.market == self.ring.market and bet.acceptor)

    def go_on(self) -> None:
        """Open another market if the last one is decided."""
        if self.ring.house.exchange.markets[self.ring.market].settlement:
            self.ring.market = self.ring.create()
            self.races[self.ring.market] = Race()

    @rule(name=PEOPLE, frozen=st.booleans())
    def freeze(self, name: str, frozen: bool) -> None:
        self.do(FreezeCustomer(self.ring.people[name]) if frozen else UnfreezeCustomer(self.ring.people[name]))

    @rule(name=PEOPLE, minor=st.sampled_from([100, 1_000]))
    def spend(self, name: str, minor: int) -> None:
        payer, payee = self.ring.people[name], self.ring.people["judge"]
        if not self.do(Transfer(payer, payee, "USD", minor)):
            self.given[payer] -= minor
            self.given[payee] += minor

    @rule(seconds=st.sampled_from([1, 500, 1_000, 1_000, 4_000]))
    def wait(self, seconds: int) -> None:
        self.ring.wait(seconds * SECOND_NS)
        self.do(FreezeCustomer(CustomerId(0)))

    @invariant()
    def everybody_has_what_the_outcomes_make(self) -> None:
        self.ring.house.check()
        expected = {who: CASH_MINOR + given for who, given in self.given.items()}
        for bet in self.bets.values():
            race = None if bet.command.market is None else self.races[bet.command.market]
            if bet.over:
                for who, minor in bet.earned(bet.won(race)).items():
                    expected[who] += minor
        held = {
            who: self.ring.cash(name) + self.ring.escrow(name) - self.ring.owed(name)
            for name, who in self.ring.people.items()
        }
        assert held == expected
        kept = self.ring.house_has(AccountClass.FEES) + self.ring.house_has(AccountClass.ROUNDING)
        assert sum(held.values()) + kept == CASH_MINOR * len(held)

    def teardown(self) -> None:
        """Replay the history."""
        assert self.ring.replayed().digest() == self.ring.house.digest()


def test_whatever_happens_everybody_has_what_the_outcomes_make_of_their_bets() -> None:
    run_state_machine_as_test(ChallengeMachine, settings=settings(max_examples=200, stateful_step_count=40))
