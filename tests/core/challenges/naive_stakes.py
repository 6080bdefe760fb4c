"""What a customer can lose, found by trying out every way a market can end: exact fractions, and no formula."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations
from math import ceil, floor

from evens.core.values.betting import Side
from evens.core.values.ids import RunnerId


@dataclass(frozen=True, slots=True)
class NaiveBet:
    """A bet on a runner, matched or not, as it would pay: ``stake`` is below zero for a layer."""

    runner: RunnerId
    stake: Fraction
    returned: Fraction

    def profit(self, winners: tuple[RunnerId, ...]) -> Fraction:
        """Return what it brings if exactly these runners win."""
        return (self.returned if self.runner in winners else Fraction(0)) - self.stake


def naive_bet(runner: RunnerId, side: Side, odds: int, stake_minor: int) -> NaiveBet:
    """Return the bet of one stake at some odds."""
    signed = stake_minor if side is Side.BACK else -stake_minor
    return NaiveBet(runner, Fraction(signed), Fraction(signed * odds, 100))


def every_end(runners: Iterable[RunnerId], winners: int, fewest: int | None = None) -> Iterator[tuple[RunnerId, ...]]:
    """Yield every choice of winners; all win where there are fewer runners than places."""
    running = tuple(runners)
    most = min(winners, len(running))
    least = most if fewest is None else min(fewest, most)
    return chain.from_iterable(combinations(running, count) for count in range(least, most + 1))


def every_choice(orders: list[NaiveBet]) -> Iterator[tuple[NaiveBet, ...]]:
    """Yield every subset of the orders."""
    return chain.from_iterable(combinations(orders, size) for size in range(len(orders) + 1))


def most_lost_minor(bets: list[NaiveBet], orders: list[NaiveBet], runners: Iterable[RunnerId], winners: int) -> int:
    """Return the most that can be lost over every end and every subset of orders being matched, rounded up."""
    worst = Fraction(0)
    for end in every_end(runners, winners):
        matched = sum((bet.profit(end) for bet in bets), Fraction(0))
        for choice in every_choice(orders):
            worst = min(worst, sum((order.profit(end) for order in choice), matched))
    return ceil(-worst)


def quick_most_lost_minor(
    bets: list[NaiveBet],
    orders: list[NaiveBet],
    runners: Iterable[RunnerId],
    winners: int,
    fewest: int | None = None,
) -> int:
    """Return the same without trying subsets: at each end, every order that would lose is matched."""
    worst = Fraction(0)
    for end in every_end(runners, winners, fewest):
        matched = sum((bet.profit(end) for bet in bets), Fraction(0))
        worst = min(worst, sum((min(order.profit(end), Fraction(0)) for order in orders), matched))
    return ceil(-worst)


def profit_minor(bets: list[NaiveBet], shares: Mapping[RunnerId, Fraction]) -> int:
    """Return the net profit, rounded down; who has only a share of a place wins on that part of the stake."""
    return floor(sum((shares.get(bet.runner, Fraction(0)) * bet.returned - bet.stake for bet in bets), Fraction(0)))


def covering_most_lost_minor(
    struck: Callable[[RunnerId, int], list[NaiveBet]],
    bets: list[NaiveBet],
    orders: list[NaiveBet],
    runners: Iterable[RunnerId],
    winners: int,
    fewest: int | None,
    reductions_bps: Iterable[int],
) -> int:
    """Return the most that can be lost if nobody or any one runner is removed, by any of these reductions.

    ``struck`` says what a removal makes of the bets. Where several win, it is asked for none and the greatest only.
    """
    running, tried = list(runners), set(reductions_bps) if winners == 1 else {0, 10_000}
    worst = quick_most_lost_minor(bets, orders, running, winners, fewest)
    for removed in running if len(running) > 1 else ():
        left = [runner for runner in running if runner != removed]
        waiting = [order for order in orders if order.runner != removed]
        for reduction_bps in tried:
            worst = max(worst, quick_most_lost_minor(struck(removed, reduction_bps), waiting, left, winners, fewest))
    return worst


def bends_bps(odds: Iterable[Fraction], beside: int = 0) -> set[int]:
    """Return the reductions in whole basis points next to which such odds come down to 1.01, and both extremes."""
    bends = {
        floor(10_000 * (1 - Fraction(101, 100) / each)) + more for each in odds for more in range(-beside, 2 + beside)
    }
    return {0, 10_000} | {bps for bps in bends if 0 <= bps <= 10_000}
