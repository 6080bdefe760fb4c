"""What waits on the runners of a market, as sets of cross-matched orders take it (:mod:`evens.core.exchange.crossing`).

Nothing here changes a book: a queue remembers what a plan has taken from it.
"""

from collections.abc import Iterator
from typing import Final

from evens.core.exchange.book import Order, RunnerBook
from evens.core.values.betting import Side
from evens.core.values.ids import HOUSE, HOUSE_ORDER, CustomerId, OrderId
from evens.core.values.odds import ODDS_UNIT, largest_stake_minor, settle_minor, smallest_stake_minor


class VirtualOrder:
    """What stands for an order on the other side of a set: odds, and the legs, each an order and how much of it."""

    __slots__ = ("legs", "odds")
    id: Final[OrderId] = HOUSE_ORDER
    customer: Final[CustomerId] = CustomerId(HOUSE)

    def __init__(self, odds: int, legs: "tuple[Leg, ...]" = ()) -> None:
        self.odds = odds
        self.legs = legs


Leg = tuple[Order, int]
"""An order that waits, and how much of it belongs to a set."""

CrossFill = tuple[Order | VirtualOrder, int]
"""An order that waits or a set, and how much of the incoming order's stake it matches."""


class LegQueue:
    """The orders that wait on one side of a runner, as far as they were looked at, and what a plan leaves of each."""

    __slots__ = ("_orders", "_side", "depth", "left")

    def __init__(self, orders: Iterator[CrossFill], side: Side) -> None:
        self._orders = orders
        self._side = side
        self.left: list[CrossFill] = []
        self.depth = 1
        """How many of them a set may take from."""

    def front(self) -> CrossFill | None:
        """Return the order that is matched next, and what is left of it."""
        return self.left[0] if self.left or self._look(1) else None

    def join(self) -> bool:
        """Let a set take from one more order; return whether there is one."""
        if not self._look(self.depth + 1):
            return False
        self.depth += 1
        return True

    def last_odds(self) -> int:
        """Return the odds of the last order that a set may take from."""
        return self.left[self.depth - 1][0].odds

    def most_minor(self) -> int:
        """Return the largest payout for which the orders of this depth are enough."""
        covered = sum([order.odds * minor for order, minor in self.left[: self.depth]])
        # With backs, one minor unit of stake more would return more than the payout.
        return settle_minor(covered + self.last_odds() - 1 if self._side is Side.BACK else covered)

    def leg(self, payout_minor: int) -> list[CrossFill]:
        """Return how much of which orders is the leg for a payout."""
        cents, legs = payout_minor * ODDS_UNIT, list[CrossFill]()
        stake_of = largest_stake_minor if self._side is Side.BACK else smallest_stake_minor
        for order, left_minor in self.left[: self.depth]:
            stake_minor = min(left_minor, stake_of(cents, order.odds))
            if stake_minor <= 0:
                break
            legs.append((order, stake_minor))
            cents -= stake_minor * order.odds
            if stake_minor < left_minor:
                break
        return legs

    def leg_minor(self, payout_minor: int) -> int:
        """Return the stake of the leg for a payout."""
        return sum([minor for _, minor in self.leg(payout_minor)])

    def take(self, minor: int) -> None:
        """Take stake from the front."""
        while minor:
            order, left_minor = self.left[0]
            taken_minor = min(left_minor, minor)
            minor -= taken_minor
            if taken_minor == left_minor:
                del self.left[0]
            else:
                self.left[0] = order, left_minor - taken_minor

    def take_leg(self, payout_minor: int) -> list[CrossFill]:
        """Take the leg for a payout from the front."""
        leg = self.leg(payout_minor)
        self.take(sum([minor for _, minor in leg]))
        return leg

    def _look(self, count: int) -> bool:
        while len(self.left) < count:
            order = next(self._orders, None)
            if order is None:
                return False
            self.left.append(order)
        return True


def waiting(book: RunnerBook, side: Side) -> Iterator[CrossFill]:
    """Yield the orders that wait on one side of a runner, next to be matched first."""
    return ((order, order.remaining_minor) for order in book.orders(side))


def with_incoming(queue: Iterator[CrossFill], side: Side, odds: int, stake_minor: int) -> Iterator[CrossFill]:
    """Yield what waits on one side of a runner, and in its place what would wait of an incoming order."""
    incoming = (VirtualOrder(odds), stake_minor) if stake_minor else None
    for order, left_minor in queue:
        if incoming is not None and (order.odds > odds if side is Side.BACK else order.odds < odds):
            yield incoming
            incoming = None
        yield order, left_minor
    if incoming is not None:
        yield incoming


def reset_depths(queues: list[LegQueue]) -> bool:
    """Let sets take from the order at the front of each queue only; return whether there is one everywhere."""
    for queue in queues:
        queue.depth = 1
    return all(queue.front() is not None for queue in queues)


def orders_of(legs: list[CrossFill]) -> tuple[Leg, ...]:
    """Return the legs without that of an order that is not placed yet."""
    return tuple([(order, minor) for order, minor in legs if isinstance(order, Order)])
