"""The order book of one runner: who waits at which odds, in which order they are matched.

Orders wait by price, and at one price by time. Reading never changes the book; :meth:`RunnerBook.add` and
:meth:`RunnerBook.take` do. Waiting lays are matched from the highest odds down, for a backer wants the highest; waiting
backs from the lowest up.
"""

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterator
from typing import Protocol

from evens.core.events.exchange import OrderReduced
from evens.core.values.betting import Cause, Persistence, Side, TimeInForce
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId


class Order:
    """An order with unmatched stake. Only what is matched and remains changes, and ``due_at`` when it is released.

    ``client_ref`` is its customer's own name for it, ``strategy_ref`` that of what it is a part of; an order that
    replaces it keeps both. Its persistence can be changed.

    While ``due_at`` is not ``None`` the order is not in the book.
    """

    __slots__ = (
        "client_ref",
        "customer",
        "due_at",
        "id",
        "market",
        "matched_minor",
        "matched_value_cents",
        "min_fill_minor",
        "odds",
        "persistence",
        "remaining_minor",
        "runner",
        "side",
        "strategy_ref",
        "time_in_force",
    )

    def __init__(
        self,
        id: OrderId,
        market: MarketId,
        runner: RunnerId,
        customer: CustomerId,
        side: Side,
        odds: int,
        remaining_minor: int,
        persistence: Persistence,
        time_in_force: TimeInForce,
        min_fill_minor: int,
        due_at: int | None,
        matched_minor: int = 0,
        matched_value_cents: int = 0,
        client_ref: str | None = None,
        strategy_ref: str | None = None,
    ) -> None:
        self.id = id
        self.market = market
        self.runner = runner
        self.customer = customer
        self.side = side
        self.odds = odds
        self.remaining_minor = remaining_minor
        self.persistence = persistence
        self.time_in_force = time_in_force
        self.min_fill_minor = min_fill_minor
        self.due_at = due_at
        self.matched_minor = matched_minor
        self.matched_value_cents = matched_value_cents
        self.client_ref = client_ref
        self.strategy_ref = strategy_ref

    def reduced(self, by_minor: int, cause: Cause) -> OrderReduced:
        """Return the fact that unmatched stake leaves this order."""
        return OrderReduced(
            self.id,
            self.market,
            self.runner,
            self.customer,
            self.side,
            self.odds,
            by_minor,
            cause,
            self.remaining_minor - by_minor,
            self.matched_minor,
            self.matched_value_cents,
            self.due_at,
        )

    def text(self) -> str:
        """Return everything about the order in one line."""
        text = (
            f"{self.id} {self.runner} {self.side} {self.odds} {self.matched_minor} {self.matched_value_cents} "
            f"{self.remaining_minor} {self.persistence} {self.time_in_force} {self.min_fill_minor} {self.due_at}"
        )
        if self.client_ref is not None:
            text = f"{text} {self.client_ref!r}"
        return text if self.strategy_ref is None else f"{text} in {self.strategy_ref!r}"


Fill = tuple[Order, int]
"""A waiting order, and how much of its stake an incoming one would match."""


class _Queue:
    """The waiting orders of one side: a level for each of the odds, the next to be matched at the end of ``keys``."""

    __slots__ = ("keys", "levels", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.keys: list[int] = []
        # An ordered dict, because the front of a plain one gets slow to find once much has been taken from it.
        self.levels: dict[int, OrderedDict[OrderId, Order]] = {}


class RunnerBook:
    """Waiting backs and lays on one runner."""

    __slots__ = ("_backs", "_lays")

    def __init__(self) -> None:
        self._backs = _Queue(-1)
        self._lays = _Queue(1)

    def add(self, order: Order) -> None:
        """Let an order wait behind all others at its odds."""
        queue = self._backs if order.side is Side.BACK else self._lays
        level = queue.levels.get(order.odds)
        if level is None:
            level = queue.levels[order.odds] = OrderedDict()
            insort(queue.keys, order.odds * queue.sign)
        level[order.id] = order

    def take(self, order: Order, by_minor: int) -> None:
        """Take stake off a waiting order, which leaves the book once none is left."""
        order.remaining_minor -= by_minor
        if order.remaining_minor == 0:
            self._remove(order)

    def give_back(self, order: Order, by_minor: int) -> None:
        """Undo :meth:`take` of an order that was the next to be matched at its odds, the latest first."""
        if order.remaining_minor:
            self.take(order, -by_minor)
            return
        order.remaining_minor = by_minor
        self.add(order)
        queue = self._backs if order.side is Side.BACK else self._lays
        queue.levels[order.odds].move_to_end(order.id, last=False)

    def fills(self, side: Side, odds: int, stake_minor: int, most: int) -> tuple[list[Fill], int]:
        """Return what an incoming order would match, best odds first, and how much of its stake none would match.

        After ``most`` fills the rest counts as matched by none.
        """
        queue = self._lays if side is Side.BACK else self._backs
        limit = odds * queue.sign
        found: list[Fill] = []
        levels = queue.levels
        for key in reversed(queue.keys):
            if key < limit:
                break
            for maker in levels[key * queue.sign].values():
                amount_minor = min(maker.remaining_minor, stake_minor)
                found.append((maker, amount_minor))
                stake_minor -= amount_minor
                if stake_minor == 0 or len(found) == most:
                    return found, stake_minor
        return found, stake_minor

    def crosses(self, side: Side, odds: int) -> bool:
        """Return whether an incoming order at these odds would be matched at all."""
        queue = self._lays if side is Side.BACK else self._backs
        return bool(queue.keys) and queue.keys[-1] >= odds * queue.sign

    def best(self, side: Side) -> int | None:
        """Return the odds of the order of this side that is matched next."""
        queue = self._backs if side is Side.BACK else self._lays
        return queue.keys[-1] * queue.sign if queue.keys else None

    def levels(self, side: Side) -> Iterator[tuple[int, int]]:
        """Yield the odds and waiting stake of a side, next to be matched first."""
        queue = self._backs if side is Side.BACK else self._lays
        for key in reversed(queue.keys):
            odds = key * queue.sign
            yield odds, sum(order.remaining_minor for order in queue.levels[odds].values())

    def orders(self, side: Side) -> Iterator[Order]:
        """Yield the waiting orders of a side, next to be matched first."""
        queue = self._backs if side is Side.BACK else self._lays
        for key in reversed(queue.keys):
            yield from queue.levels[key * queue.sign].values()

    def _remove(self, order: Order) -> None:
        queue = self._backs if order.side is Side.BACK else self._lays
        level = queue.levels[order.odds]
        del level[order.id]
        if not level:
            del queue.levels[order.odds]
            key = order.odds * queue.sign
            del queue.keys[bisect_left(queue.keys, key)]


class BookFollower(Protocol):
    """Whoever remembers what follows from a book hears of each change before anybody looks at the book again."""

    def changed(self, runner: int, side: Side, odds: int) -> None:
        """Hear that what waits at these odds is not the same any more."""
        ...


class SummedBook(RunnerBook):
    """A book that keeps the sum of each level, so that reading its levels does not depend on how many orders wait.

    It tells a follower of each change.
    """

    __slots__ = ("_follower", "_runner", "_sums")

    def __init__(self, runner: int, follower: BookFollower) -> None:
        super().__init__()
        self._runner = runner
        self._follower = follower
        self._sums: dict[tuple[Side, int], int] = {}

    def add(self, order: Order) -> None:
        """Let an order wait behind all others at its odds."""
        super().add(order)
        level = order.side, order.odds
        self._sums[level] = self._sums.get(level, 0) + order.remaining_minor
        self._follower.changed(self._runner, *level)

    def take(self, order: Order, by_minor: int) -> None:
        """Take stake off a waiting order, which leaves the book once none is left."""
        super().take(order, by_minor)
        level = order.side, order.odds
        self._sums[level] -= by_minor
        if not self._sums[level]:
            del self._sums[level]
        self._follower.changed(self._runner, *level)

    def level(self, side: Side, place: int) -> tuple[int, int] | None:
        """Return the odds and waiting stake of a level by its place, next to be matched first."""
        queue = self._backs if side is Side.BACK else self._lays
        if place >= len(queue.keys):
            return None
        odds = queue.keys[-1 - place] * queue.sign
        return odds, self._sums[side, odds]

    def levels(self, side: Side) -> Iterator[tuple[int, int]]:
        """Yield the odds and waiting stake of a side, next to be matched first."""
        queue = self._backs if side is Side.BACK else self._lays
        for key in reversed(queue.keys):
            odds = key * queue.sign
            yield odds, self._sums[side, odds]
