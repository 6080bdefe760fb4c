"""Cross-matching: orders on one side of all the runners of a market, of which exactly one wins, matched as a set.

Whoever lays every runner, each for a stake that returns the same *payout*, pays that once, whoever wins, and has
received all the stakes. So a back on one runner can be matched with waiting backs on all the others: the house lays
each of them at the odds that it asked for, and the new one at the best *virtual* odds with which all their stakes come
to no less than the payout. The same holds the other way round: the house backs every runner of a set of lays, where the
stakes come to no more than the payout. What the stakes and the payout differ by is the house's, whoever wins.

All amounts are whole minor units. For a payout of so many minor units,

- of backs, the *leg* on each runner is the largest stake from the front of its queue that returns no more than the
  payout, and the new order adds what is missing: ``stake ≥ payout − the other legs``, at the highest odds on the ladder
  at which that returns no more than the payout;
- of lays, it is the smallest stake that returns no less than the payout, and the new order has at most what is left:
  ``stake ≤ payout − the other legs``, at the lowest odds on the ladder at which that returns no less than the payout.

So in no outcome does the house pay more than it has received: with a set of backs it receives at least the payout in
stakes and pays at most the payout to the winner; with a set of lays it pays at most the payout in stakes and receives
at least the payout. In a dead heat it has the mean of some of these outcomes, so no less than the least of them.

The odds of the new order are the best that any payout allows (with the waiting orders at the front), and the payout the
largest with which they are had. It is looked for among :data:`PAYOUTS_TRIED` payouts around the largest that the orders
at the front cover. If none of these gives a set, as little as a minor unit waits at the front of some queue, and the
next order behind it is joined to it. At equal odds an order that waits on the same runner comes before a set. Once the
new order waits, itself, what waits on its own runner and what waits on the others may still make a set, of so little
that none of them could before: that is matched as well, each at its own odds.

Example: A, B and C. Bob waits to back B with 40.00 at 3.00, cid to back C with 10.00 at 6.00. Their chances are 1/3 and
1/6, so 2.00 is what completes them. Ann backs A with 50.00 at 1.80. The set pays 60.00 (cid's order covers no more):
ann is matched for 30.00 at 2.00, bob for 20.00 at 3.00, cid for 10.00 at 6.00; the stakes are 60.00. 20.00 of ann wait
at 1.80, 20.00 of bob at 3.00.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from evens.core.exchange.legs import CrossFill, LegQueue, VirtualOrder, orders_of, reset_depths, waiting, with_incoming
from evens.core.exchange.market import Market
from evens.core.values.betting import Side
from evens.core.values.ids import CustomerId, RunnerId
from evens.core.values.odds import (
    ODDS_UNIT,
    Ladder,
    largest_stake_minor,
    least_completing,
    most_completing,
    odds_above,
    odds_below,
    settle_minor,
    smallest_stake_minor,
)

PAYOUTS_TRIED: Final = 64
"""How many payouts are tried for a set: so many that rounding to minor units rarely costs a step of the ladder."""

ORDERS_JOINED: Final = 8
"""How many orders behind those at the front a set may take in, where these are too small for a set of their own."""


_ANY_STAKE_MINOR: Final = 10**15
"""More than any order's stake."""

Book = Mapping[tuple[RunnerId, Side], Sequence[tuple[int, int]]]
"""Odds and stakes that wait, by runner and side, next to be matched first."""


class _Set:
    """A set that was found: its odds for the incoming order, how much of it is matched, and for which payout."""

    __slots__ = ("odds", "payout_minor", "stake_minor")

    def __init__(self, odds: int, stake_minor: int, payout_minor: int) -> None:
        self.odds = odds
        self.stake_minor = stake_minor
        self.payout_minor = payout_minor

    def rivals(self, other: "_Set") -> bool:
        """Return whether this set has a larger payout at the same odds."""
        return self.odds == other.odds and self.payout_minor > other.payout_minor


def cross_fills(
    market: Market, runner: RunnerId, side: Side, odds: int, stake_minor: int, most: int
) -> tuple[list[CrossFill], int, bool]:
    """Return what an incoming order meets, how much of its stake is left, and whether it meets more.

    It meets waiting orders on its runner and sets, the best odds first. Each leg of a set counts as a match, of which
    there are at most ``most``. Nothing changes.
    """
    books = market.books
    plan = _Plan(
        market.terms.ladder,
        side,
        odds,
        waiting(books[runner], _other(side)),
        waiting(books[runner], side),
        [waiting(book, side) for other, book in books.items() if other != runner],
    )
    found: list[CrossFill] = []
    matches = 0
    meets = plan.next
    while True:
        fill = meets(stake_minor) if stake_minor or meets == plan.last else None
        if fill is None and meets == plan.last:
            return found, stake_minor, False
        if fill is None:
            meets = plan.last
            continue
        maker, amount_minor = fill
        matches += len(maker.legs) + (amount_minor > 0) if isinstance(maker, VirtualOrder) else 1
        if matches > most:
            return found, stake_minor, stake_minor > 0
        found.append(fill)
        stake_minor -= amount_minor


def offers(ladder: Ladder, side: Side, runner: RunnerId, runners: int, book: Book, most: int) -> list[tuple[int, int]]:
    """Return odds and stakes that orders on one side of a runner can have, sets among them: the best ``most`` odds.

    It is what an order of any size would be matched with, if each level of the book were one order.
    """
    every = [RunnerId(number) for number in range(1, runners + 1)]
    worst = ladder.odds[0] if side is Side.BACK else ladder.odds[-1]
    others = [_levels(book, other, side) for other in every if other != runner]
    plan = _Plan(ladder, side, worst, _levels(book, runner, _other(side)), iter(()), others)
    found: dict[int, int] = {}
    while (fill := plan.next(_ANY_STAKE_MINOR)) is not None:
        offer, stake_minor = fill
        if len(found) == most and offer.odds not in found:
            break
        found[offer.odds] = found.get(offer.odds, 0) + stake_minor
    return list(found.items())


def _levels(book: Book, runner: RunnerId, side: Side) -> Iterator[CrossFill]:
    return ((VirtualOrder(odds), stake_minor) for odds, stake_minor in book.get((runner, side), ()))


def _other(side: Side) -> Side:
    return Side.LAY if side is Side.BACK else Side.BACK


def owns_a_set(fills: Sequence[CrossFill], customer: CustomerId) -> bool:
    """Return whether a customer's incoming order would be in a set with orders of nobody else."""
    return any(
        isinstance(maker, VirtualOrder) and amount_minor and all(order.customer == customer for order, _ in maker.legs)
        for maker, amount_minor in fills
    )


def makers_of(fills: Sequence[CrossFill]) -> dict[CustomerId, None]:
    """Return whose waiting orders would be matched."""
    makers: dict[CustomerId, None] = {}
    for maker, _ in fills:
        orders = [order for order, _ in maker.legs] if isinstance(maker, VirtualOrder) else [maker]
        makers |= {order.customer: None for order in orders}
    return makers


class _Plan:
    """What an order on one side of a runner would be matched with, one fill after the other."""

    def __init__(
        self,
        ladder: Ladder,
        side: Side,
        odds: int,
        opposite: Iterator[CrossFill],
        beside: Iterator[CrossFill],
        others: Iterable[Iterator[CrossFill]],
    ) -> None:
        """Plan for odds or better, with what waits on the runner's two sides and on the same side of the others."""
        self._side = side
        self._limit = odds
        self._ladder = ladder
        self._real = LegQueue(opposite, _other(side))
        self._waiting = beside
        self._others = [LegQueue(other, side) for other in others]
        self._beside: LegQueue | None = None

    def next(self, stake_minor: int) -> CrossFill | None:
        """Return the best fill for what is left of the order, and take it from what waits."""
        real = self._real.front()
        if real is not None and self._better(self._limit, real[0].odds):
            real = None
        found = self._set(stake_minor, None if real is None else real[0].odds)
        if found is not None:
            legs = [leg for queue in self._others for leg in queue.take_leg(found.payout_minor)]
            return VirtualOrder(found.odds, orders_of(legs)), found.stake_minor
        if real is None:
            return None
        amount_minor = min(real[1], stake_minor)
        self._real.take(amount_minor)
        return real[0], amount_minor

    def last(self, stake_minor: int) -> CrossFill | None:
        """Return a set of the orders that wait once this one does, each at its own odds, and take it from them.

        There are some only where as little waits as a few minor units: what was too little before may do with this one.
        """
        if self._beside is None:
            self._beside = LegQueue(with_incoming(self._waiting, self._side, self._limit, stake_minor), self._side)
        queues = [*self._others, self._beside]
        payout_minor = self._waiting_set(queues)
        if payout_minor is None:
            return None
        legs = [leg for queue in queues for leg in queue.take_leg(payout_minor)]
        amount_minor = sum([minor for order, minor in legs if isinstance(order, VirtualOrder)])
        return VirtualOrder(self._limit, orders_of(legs)), amount_minor

    def _waiting_set(self, queues: list[LegQueue]) -> int | None:
        """Return the payout of a set of what waits in all queues."""
        if not reset_depths(queues):
            return None
        for joined in range(ORDERS_JOINED + 1):
            first, *others = [queue.last_odds() for queue in queues]
            best = self._best(others)
            complete = best is not None and not self._better(first, best)
            smallest = min(queues, key=LegQueue.most_minor)
            covered_minor = smallest.most_minor()
            if complete or joined:
                for payout_minor in range(covered_minor, max(covered_minor - PAYOUTS_TRIED, 0), -1):
                    legs_minor = [queue.leg_minor(payout_minor) for queue in queues]
                    total_minor = sum(legs_minor)
                    fits = total_minor >= payout_minor if self._side is Side.BACK else total_minor <= payout_minor
                    if fits and all(legs_minor):
                        return payout_minor
            if not complete and self._falls_short(queues, covered_minor):
                return None
            if not smallest.join():
                return None
        return None

    def _better(self, odds: int, than: int) -> bool:
        """Return whether whoever places the order rather has these odds than others."""
        return odds > than if self._side is Side.BACK else odds < than

    def _set(self, stake_minor: int, real_odds: int | None) -> _Set | None:
        """Return the best set at the order's odds or better, and at better odds than an order that waits."""
        if not reset_depths(self._others):
            return None
        for joined in range(ORDERS_JOINED + 1):
            best = self._best([queue.last_odds() for queue in self._others])
            acceptable = best is not None and self._acceptable(best, real_odds)
            smallest = min(self._others, key=LegQueue.most_minor)
            covered_minor = smallest.most_minor()
            if best is None or not (acceptable or joined):
                return None
            ends_minor = [self._ends_minor(stake_minor, odds) for odds in (best, self._limit)]
            most_minor = min(covered_minor, max(ends_minor))
            for end_minor in ends_minor:
                found = self._search(min(end_minor, covered_minor), most_minor, stake_minor, best, real_odds)
                if found is not None:
                    return found
            if not acceptable and self._falls_short(self._others, covered_minor, self._own_leg(covered_minor)):
                return None
            if max(ends_minor) <= covered_minor or not smallest.join():
                return None
        return None

    def _own_leg(self, payout_minor: int) -> int:
        """Return the order's leg for a payout at the odds that it asks for."""
        stake_of = largest_stake_minor if self._side is Side.BACK else smallest_stake_minor
        return stake_of(payout_minor * ODDS_UNIT, self._limit)

    def _falls_short(self, queues: list[LegQueue], payout_minor: int, more_minor: int = 0) -> bool:
        """Return whether legs for a payout miss a set by more than rounding can cost.

        Where one more of all orders misses it, no larger payout makes it good.
        """
        total_minor = more_minor + sum([queue.leg_minor(payout_minor) for queue in queues])
        missing_minor = payout_minor - total_minor if self._side is Side.BACK else total_minor - payout_minor
        return missing_minor > len(queues) + 1

    def _best(self, others: list[int]) -> int | None:
        """Return the best odds that the best odds of the others allow."""
        if self._side is Side.BACK:
            return self._ladder.at_most(most_completing(others))
        least = least_completing(others)
        return None if least is None else self._ladder.at_least(least)

    def _acceptable(self, odds: int, real_odds: int | None) -> bool:
        return not self._better(self._limit, odds) and (real_odds is None or self._better(odds, real_odds))

    def _ends_minor(self, stake_minor: int, odds: int) -> int:
        """Return the largest payout for which the order's stake is enough at these odds."""
        return settle_minor((stake_minor + 1) * odds - 1 if self._side is Side.BACK else stake_minor * odds)

    def _search(
        self, end_minor: int, most_minor: int, stake_minor: int, best: int, real_odds: int | None
    ) -> _Set | None:
        """Return the set with the best odds, and of these the one with the largest payout, among payouts near an end.

        Those above the end can only be had at odds that are not the best.
        """
        found: _Set | None = None
        below = range(end_minor, max(end_minor - PAYOUTS_TRIED, 0), -1)
        for payout_minor in chain(below, range(min(end_minor + PAYOUTS_TRIED, most_minor), end_minor, -1)):
            legs_minor = [queue.leg_minor(payout_minor) for queue in self._others]
            one = self._complete(payout_minor, payout_minor - sum(legs_minor), stake_minor) if all(legs_minor) else None
            if one is None or not self._acceptable(one.odds, real_odds):
                continue
            if found is None or self._better(one.odds, found.odds) or one.rivals(found):
                found = one
                if one.odds == best:
                    break
        return found

    def _complete(self, payout_minor: int, missing_minor: int, stake_minor: int) -> _Set | None:
        """Return the set of a payout, of which this much is missing, if the order's stake is enough."""
        cents = payout_minor * ODDS_UNIT
        if self._side is Side.BACK:
            needed_minor = max(missing_minor, 1)
            odds = self._ladder.at_most(odds_below(cents, needed_minor))
            if odds is None or needed_minor > stake_minor:
                return None
            return _Set(odds, min(stake_minor, largest_stake_minor(cents, odds)), payout_minor)
        odds = self._ladder.at_least(odds_above(cents, missing_minor)) if missing_minor > 0 else None
        if odds is None:
            return None
        least_minor = smallest_stake_minor(cents, odds)
        return _Set(odds, least_minor, payout_minor) if least_minor <= stake_minor else None
