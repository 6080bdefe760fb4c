"""One market kept naively: every bet and open order in a list, from what is said to have happened, and no escrow."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from evens.core.events.every import Event
from evens.core.events.exchange import (
    Matched,
    OrderPlaced,
    OrderReduced,
    PositionReduced,
    PositionSettled,
    ResultDeclared,
    RunnerRemoved,
    StageFinished,
)
from evens.core.values.ids import CustomerId, RunnerId
from tests.core.challenges.naive_stakes import NaiveBet, naive_bet, profit_minor, quick_most_lost_minor


@dataclass
class NaiveMarket:
    """Bets by customer, open orders by id, who was removed, and what each customer was said to have won.

    ``late`` is the runner whose removal is being carried out, ``reduced`` for whom that is done.
    """

    runners: int
    winners: int
    bets: dict[int, list[NaiveBet]] = field(default_factory=dict[int, list[NaiveBet]])
    placed: dict[int, OrderPlaced] = field(default_factory=dict[int, OrderPlaced])
    left_minor: dict[int, int] = field(default_factory=dict[int, int])
    removals: dict[int, int] = field(default_factory=dict[int, int])
    late: int | None = None
    reduced: set[int] = field(default_factory=set[int])
    booked: set[int] = field(default_factory=set[int])
    result: tuple[RunnerId, ...] | None = None
    profits_minor: dict[int, int] = field(default_factory=dict[int, int])

    def note(self, events: Iterable[Event]) -> None:
        """Take down what happened."""
        for event in events:
            match event:
                case OrderPlaced():
                    self.placed[event.order], self.left_minor[event.order] = event, event.stake_minor
                case OrderReduced():
                    self.left_minor[event.order] -= event.by_minor
                case Matched():
                    self._match(event)
                case RunnerRemoved():
                    self.removals[event.runner], self.late, self.reduced = event.reduction_bps, event.runner, set()
                case StageFinished():
                    self.late = None
                case PositionReduced():
                    self._reduce(event.customer)
                case ResultDeclared():
                    self.result, self.profits_minor = tuple(runner for runner, _ in event.shares), {}
                case PositionSettled():
                    self._settle(event)
                case _:
                    pass

    def may_lose_minor(self, customer: CustomerId) -> int:
        """Return what has to be in escrow for a customer: nothing once the first result is booked."""
        if customer in self.booked:
            return 0
        orders = [
            naive_bet(order.runner, order.side, order.odds, self.left_minor[id])
            for id, order in self.placed.items()
            if order.customer == customer and self.left_minor[id]
        ]
        gone = self.removals.keys() - ({self.late} if customer not in self.reduced else set())
        running = [RunnerId(runner) for runner in range(1, self.runners + 1) if runner not in gone]
        return quick_most_lost_minor(self.bets.get(customer, []), orders, running, self.winners)

    def _match(self, event: Matched) -> None:
        for id in (event.maker, event.taker):
            order = self.placed[id]
            self.left_minor[id] -= event.stake_minor
            assert self.left_minor[id] >= 0
            agreed = event.odds >= order.odds if order.side == 1 else event.odds <= order.odds
            assert agreed, f"{order} was matched at {event.odds}"
            bet = naive_bet(order.runner, order.side, event.odds, event.stake_minor)
            self.bets.setdefault(order.customer, []).append(bet)

    def _reduce(self, customer: CustomerId) -> None:
        """Void the bets on the runner removed last, and shrink what the others would return."""
        removed, reduction_bps = list(self.removals.items())[-1]
        self.reduced.add(customer)
        bets = self.bets.get(customer, [])
        self.bets[customer] = []
        for runner in {bet.runner for bet in bets} - {removed}:
            stake = sum((bet.stake for bet in bets if bet.runner == runner), Fraction(0))
            returned = sum((bet.returned for bet in bets if bet.runner == runner), Fraction(0))
            shrunk = Fraction(floor(returned * (10_000 - reduction_bps) / 100), 100)
            self.bets[customer].append(NaiveBet(runner, stake, shrunk))

    def _settle(self, event: PositionSettled) -> None:
        running = self.runners - len(self.removals)
        places = min(self.winners, running)
        expected = profit_minor(self.bets.get(event.customer, []), self.result, places) if self.result else 0
        assert event.profit_minor == expected
        self.profits_minor[event.customer] = event.profit_minor
        self.booked.add(event.customer)
