"""One market kept naively: every bet and open order in a list, from what is said to have happened, and no escrow."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from evens.core.events.every import Event
from evens.core.events.exchange import (
    CoverLifted,
    Matched,
    OrderPlaced,
    OrderReduced,
    PositionReduced,
    PositionSettled,
    RemovalRevised,
    ResultDeclared,
    RunnerRemoved,
    StageFinished,
)
from evens.core.values.betting import ReductionRule, Stage
from evens.core.values.ids import CustomerId, RunnerId
from tests.core.challenges.naive_stakes import (
    NaiveBet,
    bends_bps,
    covering_most_lost_minor,
    naive_bet,
    profit_minor,
    quick_most_lost_minor,
)

Shares = Mapping[RunnerId, Fraction]


@dataclass
class NaiveMarket:
    """Bets by customer with what was removed before them, open orders by id, removals, and what each has won.

    ``removals`` are in the order in which they were begun, each with its number; ``before`` what they were before the
    change that is being carried out, ``reduced`` for whom that is done. ``expected`` is the result that was asked for.
    """

    runners: int
    winners: int
    rule: ReductionRule = ReductionRule.POSITION
    fewest: int | None = None
    covers: bool = False
    every_reduction: bool = True
    bets: dict[int, list[tuple[int, NaiveBet]]] = field(default_factory=dict[int, list[tuple[int, NaiveBet]]])
    placed: dict[int, OrderPlaced] = field(default_factory=dict[int, OrderPlaced])
    left_minor: dict[int, int] = field(default_factory=dict[int, int])
    begun: int = 0
    removals: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    before: dict[int, tuple[int, int]] | None = None
    reduced: set[int] = field(default_factory=set[int])
    bare: set[int] = field(default_factory=set[int])
    uncovered: set[int] = field(default_factory=set[int])
    turned: bool = False
    booked: set[int] = field(default_factory=set[int])
    expected: Shares | None = None
    worked_out: dict[str, int] = field(default_factory=dict[str, int])
    profits_minor: dict[int, int] = field(default_factory=dict[int, int])

    def note(self, events: Iterable[Event]) -> None:
        """Take down what happened."""
        for event in events:
            self._note_bets(event)
            self._note_removals(event)

    def _note_bets(self, event: Event) -> None:
        match event:
            case OrderPlaced():
                self.placed[event.order], self.left_minor[event.order] = event, event.stake_minor
                self.bare.discard(event.customer)
            case OrderReduced():
                self.left_minor[event.order] -= event.by_minor
            case Matched():
                self._match(event)
            case ResultDeclared():
                self._declare(event)
            case PositionSettled():
                self._settle(event)
            case _:
                pass

    def _note_removals(self, event: Event) -> None:
        match event:
            case RunnerRemoved():
                self._change({**self.removals, event.runner: (self.begun, event.reduction_bps)})
                self.begun += 1
            case RemovalRevised():
                left = {runner: it for runner, it in self.removals.items() if runner != event.runner}
                if event.stage is Stage.REDUCING:
                    left[event.runner] = self.removals[event.runner][0], dict(event.removals)[event.runner]
                self._change(left)
            case StageFinished():
                self.before = None
                self.turned = bool(self.uncovered)
            case PositionReduced():
                self._reduce(event.customer)
            case CoverLifted():
                self.uncovered.add(event.customer)
            case _:
                pass

    def may_lose_minor(self, customer: CustomerId, more: Iterable[NaiveBet] = ()) -> int:
        """Return what has to be in escrow for a customer: nothing once the first result is booked.

        ``more`` are open orders beside those that were heard of.
        """
        if customer in self.booked:
            return 0
        orders = [*more] + [
            naive_bet(order.runner, order.side, order.odds, self.left_minor[id])
            for id, order in self.placed.items()
            if order.customer == customer and self.left_minor[id]
        ]
        gone = self._removals_for(customer)
        running = [RunnerId(runner) for runner in range(1, self.runners + 1) if runner not in gone]
        bets = self._bets_of(customer, gone)
        if not self.covers or self.turned or customer in self.bare | self.uncovered:
            return quick_most_lost_minor(bets, orders, running, self.winners, self.fewest)
        known = repr((self.bets.get(customer), orders, gone))
        if known not in self.worked_out:
            self.worked_out[known] = covering_most_lost_minor(
                lambda removed, bps: self._bets_of(customer, {**gone, removed: (self.begun, bps)}),
                bets,
                orders,
                running,
                self.winners,
                self.fewest,
                self._bends_bps(customer, gone),
            )
        return self.worked_out[known]

    def _bends_bps(self, customer: int, removals: dict[int, tuple[int, int]]) -> set[int]:
        """Return the reductions to try: beyond the extremes those that matter where a runner was backed and laid."""
        if not self.every_reduction:
            return {0, 10_000}
        held = self.bets.get(customer, [])
        sides = {(bet.runner, bet.stake > 0) for _, bet in held}
        hedged = [(begun, bet) for begun, bet in held if (bet.runner, bet.stake < 0) in sides]
        return bends_bps(self._reduced(bet, begun, removals) / bet.stake for begun, bet in hedged)

    def _change(self, removals: dict[int, tuple[int, int]]) -> None:
        self.before, self.removals, self.reduced = self.removals, removals, set()

    def _reduce(self, customer: CustomerId) -> None:
        if self.rule is ReductionRule.POSITION:
            reduction_bps = list(self.removals.values())[-1][1]
            removed = list(self.removals)[-1]
            shrunk = [
                NaiveBet(bet.runner, bet.stake, Fraction(floor(bet.returned * (10_000 - reduction_bps) / 100), 100))
                for bet in self._bets_of(customer, self._removals_for(customer))
                if bet.runner != removed
            ]
            self.bets[customer] = [(self.begun, bet) for bet in shrunk]
        self.reduced.add(customer)
        if self.covers:
            self.bare.add(customer)

    def _removals_for(self, customer: int) -> dict[int, tuple[int, int]]:
        return self.removals if self.before is None or customer in self.reduced else self.before

    def _bets_of(self, customer: int, removals: dict[int, tuple[int, int]]) -> list[NaiveBet]:
        """Return a customer's bets as removals leave them, one for each runner and rounded down to a cent."""
        sums: dict[RunnerId, tuple[Fraction, Fraction]] = {}
        for begun, bet in self.bets.get(customer, []):
            if bet.runner not in removals:
                stake, returned = sums.get(bet.runner, (Fraction(0), Fraction(0)))
                sums[bet.runner] = stake + bet.stake, returned + self._reduced(bet, begun, removals)
        return [NaiveBet(runner, stake, Fraction(floor(back * 100), 100)) for runner, (stake, back) in sums.items()]

    def _reduced(self, bet: NaiveBet, begun: int, removals: dict[int, tuple[int, int]]) -> Fraction:
        if self.rule is ReductionRule.POSITION:
            return bet.returned
        odds = bet.returned / bet.stake
        for place, reduction_bps in sorted(removals.values()):
            left = Fraction(10_000 - reduction_bps, 10_000)
            if place < begun:
                continue
            odds = max(odds * left, Fraction(101, 100)) if self.winners == 1 else 1 + (odds - 1) * left
        return odds * bet.stake

    def _match(self, event: Matched) -> None:
        for id in (event.maker, event.taker):
            order = self.placed[id]
            self.left_minor[id] -= event.stake_minor
            assert self.left_minor[id] >= 0
            agreed = event.odds >= order.odds if order.side == 1 else event.odds <= order.odds
            assert agreed, f"{order} was matched at {event.odds}"
            bet = naive_bet(order.runner, order.side, event.odds, event.stake_minor)
            self.bets.setdefault(order.customer, []).append((self.begun, bet))

    def _declare(self, event: ResultDeclared) -> None:
        declared = {runner: Fraction(share, event.parts) for runner, share in event.shares} if event.parts else None
        assert declared == self.expected
        self.profits_minor = {}

    def _settle(self, event: PositionSettled) -> None:
        bets = self._bets_of(event.customer, self._removals_for(event.customer))
        assert event.profit_minor == (0 if self.expected is None else profit_minor(bets, self.expected))
        self.profits_minor[event.customer] = event.profit_minor
        self.booked.add(event.customer)
