"""Cross-matching unit by unit: the sets that small books allow, and what customers win in every outcome."""

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


def leg(queue: Queue, side: Side, payout: int) -> int:
    """Return the stake from the front of a queue that returns this payout, rounded to the set's favour."""
    stakes = [odds for odds, stake in queue for _ in range(stake)]
    returned, count = 0, 0
    if side is Side.BACK:
        while count < len(stakes) and returned + stakes[count] <= 100 * payout:
            returned += stakes[count]
            count += 1
        return count
    while returned < 100 * payout:
        returned += stakes[count]
        count += 1
    return count


def best_step(others: Sequence[Queue], side: Side, ladder: Sequence[int]) -> tuple[int, int] | None:
    """Return the best odds of a set whose payout uses up a level on a runner, and the most stake with them.

    The queues are of levels, and a set takes from all of them. Only the first 16 such payouts count.
    """
    back = side is Side.BACK
    ends = [
        [sum(odds * stake for odds, stake in queue[: place + 1]) for place in range(len(queue))] for queue in others
    ]
    payouts = [[ceil(Fraction(end, 100)) if back else end // 100 for end in each] for each in ends]
    if not all(payouts):
        return None
    covered = min(each[-1] for each in payouts)
    found: list[tuple[int, int, int]] = []
    for payout in sorted({payout for each in payouts for payout in each if 0 < payout <= covered})[:16]:
        needed = payout - sum(leg(queue, side, payout) for queue in others)
        if back:
            place = bisect_right(ladder, floor(Fraction(100 * payout, max(needed, 1)))) - 1
            if place >= 0:
                found.append((ladder[place], payout, 100 * payout // ladder[place]))
        elif needed > 0:
            place = bisect_left(ladder, ceil(Fraction(100 * payout, needed)))
            if place < len(ladder):
                found.append((-ladder[place], payout, ceil(Fraction(100 * payout, ladder[place]))))
    if not found:
        return None
    odds, _, stake = max(found)
    return abs(odds), stake


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
