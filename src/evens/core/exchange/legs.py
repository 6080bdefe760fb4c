"""What waits on the runners of a market, as sets of cross-matched orders take it (:mod:`evens.core.exchange.crossing`).

Nothing here changes a book: an :class:`OrderQueue` remembers what a plan has taken from it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final, Protocol

from evens.core.exchange.book import Order
from evens.core.values.betting import Side
from evens.core.values.ids import HOUSE, HOUSE_ORDER, CustomerId, OrderId
from evens.core.values.odds import ODDS_UNIT, largest_stake_minor, reserve_minor, settle_minor, smallest_stake_minor

Level = tuple[int, int]
"""Odds, and the stake that waits at them in minor units."""


class VirtualOrder:
    """What stands for an order on the other side of a set: odds, and the legs, each an order and how much of it."""

    __slots__ = ("legs", "odds")
    id: Final[OrderId] = HOUSE_ORDER
    customer: Final[CustomerId] = CustomerId(HOUSE)

    def __init__(self, odds: int, legs: "tuple[Leg, ...]") -> None:
        self.odds = odds
        self.legs = legs


Leg = tuple[Order, int]
"""An order that waits, and how much of it is matched."""

CrossFill = tuple[Order | VirtualOrder, int]
"""An order that waits or a set, and how much of the incoming order's stake it matches."""


class Levels(Protocol):
    """The levels of one side of a runner, next to be matched first."""

    def level(self, place: int) -> Level | None:
        """Return a level by its place, the front's being 0; ``None`` if there are not so many."""
        ...


class LegQueue:
    """The levels of one side of a runner, next to be matched first, as far as they were looked at.

    ``ended`` tells that it was looked for one more than there are.
    """

    __slots__ = ("_levels", "_side", "_stakes", "_values", "ended", "odds")

    def __init__(self, levels: Levels, side: Side) -> None:
        self._levels = levels
        self._side = side
        self.odds: list[int] = []
        self.ended = False
        self._stakes = [0]
        self._values = [0]

    def look(self) -> bool:
        """Look at one more level; return whether there is one."""
        level = self._levels.level(len(self.odds))
        if level is None:
            self.ended = True
            return False
        odds, stake_minor = level
        self.odds.append(odds)
        self._stakes.append(self._stakes[-1] + stake_minor)
        self._values.append(self._values[-1] + stake_minor * odds)
        return True

    def is_behind(self, odds: int) -> bool:
        """Return whether what changes at these odds is behind all that was looked at."""
        if self.ended:
            return False
        return not self.odds or (odds > self.odds[-1] if self._side is Side.BACK else odds < self.odds[-1])

    def covered_minor(self) -> int:
        """Return the largest payout for which the levels that were looked at are enough, and all of them needed."""
        # With backs, one minor unit of stake more would return more than the payout.
        return reserve_minor(self._values[-1]) if self._side is Side.BACK else settle_minor(self._values[-1])

    def stake_minor(self, payout_minor: int) -> int:
        """Return the leg for a payout: of backs the largest stake that returns no more, of lays the least no less."""
        cents = payout_minor * ODDS_UNIT
        values = self._values
        if self._side is Side.BACK:
            place = bisect_right(values, cents) - 1
            if place == len(self.odds):
                return self._stakes[place]
            return self._stakes[place] + largest_stake_minor(cents - values[place], self.odds[place])
        place = max(bisect_left(values, cents) - 1, 0)
        return self._stakes[place] + smallest_stake_minor(cents - values[place], self.odds[place])


class OrderQueue:
    """The orders of one side of a runner, next to be matched first, and what a plan leaves of them."""

    __slots__ = ("_ahead", "_orders", "_place", "_taken_cents")

    def __init__(self, orders: Iterator[Order]) -> None:
        self._orders = orders
        # Those before the place are taken.
        self._ahead: list[Leg] = []
        self._place = 0
        self._taken_cents = 0

    def front(self) -> Leg | None:
        """Return the order that is matched next, and what is left of it."""
        return self._ahead[self._place] if self._look(1) else None

    def take(self, minor: int) -> list[Leg]:
        """Take stake from the front; return how much of which orders that is."""
        taken: list[Leg] = []
        while minor and self._look(1):
            order, left_minor = self._ahead[self._place]
            taken_minor = min(left_minor, minor)
            minor -= taken_minor
            self._taken_cents += taken_minor * order.odds
            taken.append((order, taken_minor))
            if taken_minor == left_minor:
                self._place += 1
            else:
                self._ahead[self._place] = order, left_minor - taken_minor
        return taken

    def count(self, minor: int, most: int) -> int:
        """Return of how many orders so much stake is, or more than ``most``, if of more."""
        number = 0
        while minor > 0 and number <= most and self._look(number + 1):
            minor -= self._ahead[self._place + number][1]
            number += 1
        return number

    def covered_minor(self, number: int) -> int:
        """Return a payout whose leg takes no more than so many orders, with what was taken before."""
        self._look(number)
        ahead = self._ahead[self._place : self._place + number]
        return settle_minor(self._taken_cents + sum([order.odds * minor for order, minor in ahead]))

    def _look(self, number: int) -> bool:
        while len(self._ahead) < self._place + number:
            order = next(self._orders, None)
            if order is None:
                return False
            self._ahead.append((order, order.remaining_minor))
        return True
