"""Cross-matching: orders on one side of all the runners of a market, of which exactly one wins, matched as a set.

Whoever lays every runner, each for a stake that returns the same *payout*, pays that once, whoever wins, and has
received all the stakes. So a back on one runner can be matched with waiting backs on all the others: the house lays
each of them at the odds that it asked for, and the new one at *virtual* odds with which all their stakes come to no
less than the payout. The same holds the other way round: the house backs every runner of a set of lays, where the
stakes come to no more than the payout. What the stakes and the payout differ by is the house's, whoever wins.

All amounts are whole minor units. For a payout of so many minor units,

- of backs, the *leg* on each other runner is the largest stake from the front of its queue that returns no more than
  the payout (perhaps none: then the house owes nothing there), and the new order adds what is missing, at least one
  minor unit, at the highest odds on the ladder at which that returns no more than the payout;
- of lays, it is the smallest stake that returns no less than the payout, and the new order has at most what is left,
  at the lowest odds on the ladder at which that returns no less than the payout.

So in no outcome does the house pay more than it has received: with a set of backs it receives at least the payout in
stakes and pays at most the payout to the winner; with a set of lays it pays at most the payout in stakes and receives
at least the payout. In a dead heat it has the mean of some of these outcomes, so no less than the least of them.

**One set after another.** An order's sets are steps from one payout to a larger one, and the legs of a step are what
the legs for the larger payout have more. What holds for each step holds for all together. Steps end where a level (all
orders at the same odds) is used up: the step with the best odds is next, the longest of these, so that a small level
comes together with what is behind it where that is better. If rounding to minor units may have cost it odds, the
:data:`PAYOUTS_TRIED` payouts below are tried as well. Where the rest of the order is too small for a step, the payout
is what that rest returns at the step's odds, or one of as many below. At equal odds an order that waits on the same
runner comes before a set. Odds never get better from one match of an order to the next.

**The same for all.** What can be had by sets (:mod:`evens.core.exchange.offering`) comes of the same search, which
knows nothing of whoever orders. A customer's own order is never a leg of a set of theirs: an order that would be in one
is refused, as one is that would be matched with their own on one runner.

**Bounds.** A search looks at :data:`LEVELS_AHEAD` levels ahead and works out no more than :data:`PAYOUTS_MAX` payouts,
each with a leg on each of the other runners (one fewer than :data:`evens.core.values.betting.CROSSED_RUNNERS_MAX` at
most). It remembers what it has found or not found until something is taken. The book keeps the sum of each level. An
order for which this is not enough goes on in its next part, like one that meets more orders than a record holds.

Example: A, B and C. Bob waits to back B with 40.00 at 3.00, cid to back C with 10.00 at 6.00. Their chances are 1/3 and
1/6, so 2.00 is what completes them. Ann backs A with 50.00 at 1.80. The set pays 60.00 (cid's order covers no more):
ann is matched for 30.00 at 2.00, bob for 20.00 at 3.00, cid for 10.00 at 6.00; the stakes are 60.00. 20.00 of ann wait
at 1.80, 20.00 of bob at 3.00.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from evens.core.exchange.legs import CrossFill, Leg, LegQueue, Level, OrderQueue, VirtualOrder
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
    reserve_minor,
    settle_minor,
    smallest_stake_minor,
    whole_times,
)

LEVELS_AHEAD: Final = 16
"""Among how many payouts at which a level is used up the best step is looked for."""

PAYOUTS_TRIED: Final = 24
"""How many payouts are tried for a step, so that rounding to minor units rarely costs odds."""

PAYOUTS_MAX: Final = 256
"""The most payouts whose legs are worked out for an order in one part, or for the prices of one side of a runner."""

PARTS_TRIED: Final = 4
"""How often a part of a step is looked for, where what is left of the order is too small for all of it."""

ANY_STAKE_MINOR: Final = 10**15
"""More than any order's stake."""


class CrossSet:
    """A step: its odds for the incoming order, how much of that is matched, and the payout and the rest it leads to."""

    __slots__ = ("missing_minor", "odds", "payout_minor", "stake_minor")

    def __init__(self, odds: int, stake_minor: int, payout_minor: int, missing_minor: int) -> None:
        self.odds = odds
        self.stake_minor = stake_minor
        self.payout_minor = payout_minor
        self.missing_minor = missing_minor


def cross_fills(
    market: Market, runner: RunnerId, side: Side, odds: int, stake_minor: int, most: int
) -> tuple[list[CrossFill], int, bool]:
    """Return what an incoming order meets, how much of its stake is left, and whether it may meet more.

    It meets waiting orders on its runner and sets, the best odds first. Each leg of a set counts as a match, of which
    there are at most ``most``. Nothing changes.
    """
    books = market.books
    others = [book for other, book in books.items() if other != runner]
    search = SetSearch(market.terms.ladder, side, odds, [book.levels(side) for book in others])
    queues = [OrderQueue(book.orders(side)) for book in others]
    opposite = OrderQueue(books[runner].orders(_other(side)))
    found: list[CrossFill] = []
    matches = 0
    while stake_minor:
        front = opposite.front()
        real_odds = None if front is None or search.better(odds, front[0].odds) else front[0].odds
        one = search.best(stake_minor, real_odds)
        if found and (search.exhausted or (matches == most and (one or real_odds))):
            return found, stake_minor, True
        if one is not None:
            whole = one
            one = _within(search, one, queues, stake_minor, real_odds, most - matches - 1)
            if one is None and found:
                return found, stake_minor, True
            if one is None:
                search.end()
                continue
            legs = [leg for queue, minor in zip(queues, search.take(one), strict=True) for leg in queue.take(minor)]
            found.append((VirtualOrder(one.odds, tuple(legs)), one.stake_minor))
            matches += len(legs) + 1
            stake_minor -= one.stake_minor
            if one is not whole:
                return found, stake_minor, stake_minor > 0
        elif front is not None and real_odds is not None:
            ((order, amount_minor),) = opposite.take(min(front[1], stake_minor))
            search.last = real_odds
            found.append((order, amount_minor))
            matches += 1
            stake_minor -= amount_minor
        else:
            break
    return found, stake_minor, False


def _within(
    search: "SetSearch", one: CrossSet, queues: Sequence[OrderQueue], stake_minor: int, real_odds: int | None, most: int
) -> CrossSet | None:
    """Return the set if it has no more than ``most`` legs, or one with fewer of the same orders."""
    legs, room = search.legs(one), most
    for queue, minor in zip(queues, legs, strict=True):
        room -= queue.count(minor, most)
    if room >= 0:
        return one
    each = whole_times(max(most, 0), len(queues))
    covered = [
        queue.covered_minor(each) for queue, minor in zip(queues, legs, strict=True) if queue.count(minor, each) > each
    ]
    return search.part(one, min(covered), stake_minor, real_odds) if each else None


def _other(side: Side) -> Side:
    return Side.LAY if side is Side.BACK else Side.BACK


def makers_of(fills: Iterable[CrossFill]) -> dict[CustomerId, None]:
    """Return whose waiting orders would be matched."""
    makers: dict[CustomerId, None] = {}
    for maker, amount_minor in fills:
        orders: Iterable[Leg] = maker.legs if isinstance(maker, VirtualOrder) else ((maker, amount_minor),)
        makers |= {order.customer: None for order, _ in orders}
    return makers


class SetSearch:
    """The sets that an order on one side of a runner can have with what waits on the others, the best odds first.

    ``last`` are the odds of its last match: none after it are better. ``exhausted`` tells that there may be more sets,
    but no more payouts are worked out.
    """

    def __init__(self, ladder: Ladder, side: Side, limit: int, others: Iterable[Iterator[Level]]) -> None:
        """Search for odds at the limit or better, with the levels on the same side of the other runners."""
        self._side = side
        self._limit = limit
        self._ladder = ladder
        self._queues = [LegQueue(levels, side) for levels in others]
        self._goes_on = all(queue.look() for queue in self._queues)
        # Payouts at which a level is used up, what the legs leave missing there, and the best odds on the way to there.
        self._marks: list[tuple[int, int, int]] = []
        self._marked_minor = 0
        self._payout_minor = 0
        self._missing_minor = 0
        self._next: CrossSet | None = None
        self._looked = False
        self._parts = 0
        self._payouts = 0
        self.last: int | None = None
        self.exhausted = False

    def better(self, odds: int, than: int) -> bool:
        """Return whether whoever places the order rather has these odds than others."""
        return odds > than if self._side is Side.BACK else odds < than

    def best(self, stake_minor: int, real_odds: int | None) -> CrossSet | None:
        """Return the next set for what is left of the order, if better than an order that waits on the same runner."""
        if not self._looked:
            self._next = self._step()
            self._looked = True
        one = self._next
        if one is None or not self._acceptable(one.odds, real_odds):
            return None
        if stake_minor >= one.stake_minor:
            return one
        cents = stake_minor * one.odds
        more_minor = reserve_minor(cents) if self._side is Side.BACK else settle_minor(cents)
        return self.part(one, self._payout_minor + more_minor, stake_minor, real_odds)

    def part(self, one: CrossSet, payout_minor: int, stake_minor: int, real_odds: int | None) -> CrossSet | None:
        """Return a set with a payout no larger than this, which is a part of another one."""
        if self._parts == PARTS_TRIED:
            return None
        self._parts += 1
        part = self._search(min(payout_minor, one.payout_minor), stake_minor, one.odds)
        return part if part is not None and self._acceptable(part.odds, real_odds) else None

    def legs(self, one: CrossSet) -> list[int]:
        """Return the stakes of a set's legs, one for each of the other runners."""
        start_minor, end_minor = self._payout_minor, one.payout_minor
        return [queue.stake_minor(end_minor) - queue.stake_minor(start_minor) for queue in self._queues]

    def take(self, one: CrossSet) -> list[int]:
        """Go on behind a set; return the stakes of its legs."""
        legs = self.legs(one)
        self._payout_minor, self._missing_minor = one.payout_minor, one.missing_minor
        self._marks = [mark for mark in self._marks if mark[0] > self._payout_minor]
        self._next, self._looked = None, False
        self.last = one.odds
        return legs

    def end(self) -> None:
        """Find no more sets."""
        self._next, self._looked = None, True

    def _acceptable(self, odds: int, real_odds: int | None) -> bool:
        return not self.better(self._limit, odds) and (real_odds is None or self.better(odds, real_odds))

    def _step(self) -> CrossSet | None:
        """Return the step with the best odds, and of these the longest, if the first level allows the limit at all."""
        while len(self._marks) < LEVELS_AHEAD and self._mark():
            if self.better(self._limit, self._marks[0][2]):
                return None
        if not self._marks:
            return None
        best: CrossSet | None = None
        for payout_minor, missing_minor, _ in self._marks:
            one = self._complete(payout_minor, missing_minor, ANY_STAKE_MINOR)
            if one is not None and (best is None or not self.better(best.odds, one.odds)):
                best = one
        highest = self._marks[0][2]
        if best is not None and not self.better(highest, best.odds):
            return best
        return self._search(self._marks[-1][0] if best is None else best.payout_minor, ANY_STAKE_MINOR, highest)

    def _mark(self) -> bool:
        """Find the next payout at which a level is used up; return whether there is one that can be worked out."""
        while self._goes_on:
            odds = self._best([queue.odds[-1] for queue in self._queues])
            covered = [queue.covered_minor() for queue in self._queues]
            payout_minor = min(covered)
            missing_minor = None if odds is None else self._missing(payout_minor)
            if odds is None or missing_minor is None:
                self._goes_on = False
                return False
            used_up = [queue for queue, minor in zip(self._queues, covered, strict=True) if minor == payout_minor]
            self._goes_on = all(queue.look() for queue in used_up)
            if payout_minor > self._marked_minor:
                self._marked_minor = payout_minor
                self._marks.append((payout_minor, missing_minor, odds))
                return True
        return False

    def _best(self, others: Sequence[int]) -> int | None:
        """Return the best odds that the odds of the others allow."""
        if self._side is Side.BACK:
            return self._ladder.at_most(most_completing(others))
        least = least_completing(others)
        return None if least is None else self._ladder.at_least(least)

    def _missing(self, payout_minor: int) -> int | None:
        """Return what the others' legs leave of a payout, or ``None`` if no more payouts are worked out."""
        if self._payouts == PAYOUTS_MAX:
            self.exhausted = True
            return None
        self._payouts += 1
        return payout_minor - sum([queue.stake_minor(payout_minor) for queue in self._queues])

    def _search(self, end_minor: int, stake_minor: int, enough: int) -> CrossSet | None:
        """Return the step to one of some payouts up to an end that has the best odds, the longest of these.

        The first whose odds are good enough is taken.
        """
        found: CrossSet | None = None
        for payout_minor in range(end_minor, max(end_minor - PAYOUTS_TRIED, self._payout_minor), -1):
            missing_minor = self._missing(payout_minor)
            if missing_minor is None:
                break
            one = self._complete(payout_minor, missing_minor, stake_minor)
            if one is not None and (found is None or self.better(one.odds, found.odds)):
                found = one
                if not self.better(enough, one.odds):
                    break
        return found

    def _complete(self, payout_minor: int, missing_minor: int, stake_minor: int) -> CrossSet | None:
        """Return the step to a payout, if the order's stake is enough."""
        more_minor, needed_minor = payout_minor - self._payout_minor, missing_minor - self._missing_minor
        cents, back = more_minor * ODDS_UNIT, self._side is Side.BACK
        if needed_minor >= more_minor:
            return None
        if back:
            needed_minor = max(needed_minor, 1)
            odds = self._ladder.at_most(odds_below(cents, needed_minor))
        else:
            odds = self._ladder.at_least(odds_above(cents, needed_minor)) if needed_minor > 0 else None
        if odds is None:
            return None
        if self.last is not None and self.better(odds, self.last):
            odds = self.last
        whole_minor = largest_stake_minor(cents, odds) if back else smallest_stake_minor(cents, odds)
        if (needed_minor if back else whole_minor) > stake_minor:
            return None
        return CrossSet(odds, min(stake_minor, whole_minor), payout_minor, missing_minor)
