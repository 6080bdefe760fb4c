"""Cross-matching by trying everything: the sets that small books allow, and what customers win in every outcome."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import ceil, floor

from evens.core.events.every import Event
from evens.core.events.exchange import Matched
from evens.core.values.betting import Side
from evens.core.values.ids import HOUSE, HOUSE_ORDER

Queue = Sequence[tuple[int, int]]
"""Odds and stakes that wait on one side of a runner, next to be matched first."""


def leg(queue: Queue, side: Side, payout: int) -> int | None:
    """Return the stake from the front of a queue that returns this payout, rounded to the set's favour.

    ``None`` if all that waits returns less, and of backs one minor unit more would still return no more.
    """
    stakes = [odds for odds, stake in queue for _ in range(stake)]
    returned, count = 0, 0
    if side is Side.BACK:
        while count < len(stakes) and returned + stakes[count] <= 100 * payout:
            returned += stakes[count]
            count += 1
        exhausted = count == len(stakes)
        return None if exhausted and (not stakes or returned + stakes[-1] <= 100 * payout) else count
    while returned < 100 * payout:
        if count == len(stakes):
            return None
        returned += stakes[count]
        count += 1
    return count


def sets_left(queues: Sequence[Queue], side: Side) -> list[int]:
    """Return every payout for which the queues of all runners make a set."""
    found: list[int] = []
    payout = 1
    while True:
        legs = [leg(queue, side, payout) for queue in queues]
        if any(each is None for each in legs):
            return found
        total = sum(each or 0 for each in legs)
        if all(legs) and ((total >= payout) if side is Side.BACK else (total <= payout)):
            found.append(payout)
        payout += 1


def best_odds(others: Sequence[Queue], side: Side, stake: int, ladder: Sequence[int]) -> int | None:
    """Return the best odds that an order of this stake can have in a set with the orders at the others' fronts."""
    fronts = [queue[:1] for queue in others]
    best: int | None = None
    for payout in range(1, 10**9):
        legs = [leg(queue, side, payout) for queue in fronts]
        if any(each is None for each in legs):
            return best
        missing = payout - sum(each or 0 for each in legs)
        if not all(legs):
            continue
        if side is Side.BACK:
            missing = max(missing, 1)
            place = bisect_right(ladder, floor(Fraction(100 * payout, missing))) - 1
            if place >= 0 and missing <= stake:
                best = max(ladder[place], best or 0)
        elif missing > 0:
            # The more of the missing stake is there, the better the odds.
            place = bisect_left(ladder, ceil(Fraction(100 * payout, min(missing, stake))))
            if place < len(ladder):
                best = min(ladder[place], best or ladder[-1])
    raise AssertionError("no payout was too large")


@dataclass
class Bets:
    """Every customer's bets: runner, side, odds and stake. ``of_house`` counts matches with the house."""

    runners: int
    bets: dict[int, list[tuple[int, Side, int, int]]] = field(
        default_factory=dict[int, list[tuple[int, Side, int, int]]]
    )
    of_house: int = 0

    def note(self, events: Iterable[Event]) -> None:
        """Take down what was matched."""
        for event in events:
            if not isinstance(event, Matched):
                continue
            maker_side = Side.LAY if event.taker_side is Side.BACK else Side.BACK
            sides = (
                (event.taker, event.taker_customer, event.taker_side),
                (event.maker, event.maker_customer, maker_side),
            )
            for order, customer, side in sides:
                assert (order == HOUSE_ORDER) == (customer == HOUSE)
                if order == HOUSE_ORDER:
                    self.of_house += 1
                else:
                    self.bets.setdefault(customer, []).append((event.runner, side, event.odds, event.stake_minor))

    def profit(self, customer: int, shares: dict[int, Fraction]) -> Fraction:
        """Return what a customer wins if each runner wins this share, in minor units."""
        profit = Fraction(0)
        for runner, side, odds, stake in self.bets.get(customer, []):
            won = stake * (shares.get(runner, Fraction(0)) * Fraction(odds, 100) - 1)
            profit += won if side is Side.BACK else -won
        return profit

    def house_profits(self) -> list[Fraction]:
        """Return what the house wins in every outcome, dead heats among them, if nothing were rounded."""
        every = range(1, self.runners + 1)
        ties = [tied for count in every for tied in combinations(every, count)]
        return [
            -sum((self.profit(customer, shares_of(tied)) for customer in self.bets), start=Fraction(0)) for tied in ties
        ]


def shares_of(tied: Sequence[int]) -> dict[int, Fraction]:
    """Return the shares of those who tie for the only place."""
    return {runner: Fraction(1, len(tied)) for runner in tied}


def booked_minor(profit: Fraction) -> int:
    """Return what is booked of a profit."""
    return floor(profit)
