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
comes together with what is behind it where that is better. Where rounding to minor units has cost the best of them
odds, as small orders in front can make it, larger payouts are tried, each at least twice the one before; then some
payouts just below the best. Where the rest of the order is too small for a step, the payout is what that rest returns
at the step's odds, or one of as many below. At equal odds an order that waits on the same runner comes before a set.
Odds never get better from one match of an order to the next.

**The same for all.** What can be had by sets (:mod:`evens.core.exchange.offering`) comes of the same search, which
knows nothing of whoever orders. A customer's own order is never a leg of a set of theirs: an order that would be in one
is refused, as one is that would be matched with their own on one runner.

**Bounds.** A search (:mod:`evens.core.exchange.set_search`) looks some levels ahead and works out at most 256 payouts,
each with a leg on each of the other runners (one fewer than :data:`evens.core.values.betting.CROSSED_RUNNERS_MAX` at
most). The market remembers what was worked out of its books until a level changes that was looked at
(:mod:`evens.core.exchange.payouts`), so that a second order costs little, whatever its odds and stake. The book keeps
the sum of each level. An order for which this is not enough goes on in its next part, like one that meets more orders
than a record holds.

Example: A, B and C. Bob waits to back B with 40.00 at 3.00, cid to back C with 10.00 at 6.00. Their chances are 1/3 and
1/6, so 2.00 is what completes them. Ann backs A with 50.00 at 1.80. The set pays 60.00 (cid's order covers no more):
ann is matched for 30.00 at 2.00, bob for 20.00 at 3.00, cid for 10.00 at 6.00; the stakes are 60.00. 20.00 of ann wait
at 1.80, 20.00 of bob at 3.00.
"""

from collections.abc import Iterable, Sequence

from evens.core.exchange.legs import CrossFill, Leg, OrderQueue, VirtualOrder
from evens.core.exchange.market import Market
from evens.core.exchange.payouts import SearchMemory
from evens.core.exchange.set_search import CrossSet, SetSearch
from evens.core.values.betting import Side
from evens.core.values.ids import CustomerId, RunnerId
from evens.core.values.odds import whole_times


def cross_fills(
    market: Market, searches: SearchMemory, runner: RunnerId, side: Side, odds: int, stake_minor: int, most: int
) -> tuple[list[CrossFill], int, bool]:
    """Return what an incoming order meets, how much of its stake is left, and whether it may meet more.

    It meets waiting orders on its runner and sets, the best odds first. Each leg of a set counts as a match, of which
    there are at most ``most``. Nothing changes.
    """
    books = market.books
    others = [book for other, book in books.items() if other != runner]
    search = SetSearch(market.terms.ladder, side, odds, searches.payouts(runner, side))
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
    search: SetSearch, one: CrossSet, queues: Sequence[OrderQueue], stake_minor: int, real_odds: int | None, most: int
) -> CrossSet | None:
    """Return the set if it has no more than ``most`` legs, or one with fewer of the same orders."""
    legs = search.legs(one)
    counts = [queue.count(minor, most) for queue, minor in zip(queues, legs, strict=True)]
    if sum(counts) <= most:
        return one
    # Queues that need few of the matches leave the others more.
    each, left = 0, max(most, 0)
    for place, count in enumerate(sorted(counts)):
        each = whole_times(left, len(queues) - place)
        if count > each:
            break
        left -= count
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
