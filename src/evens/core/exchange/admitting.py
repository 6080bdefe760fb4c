"""Admitting orders: finding out whether several orders of one customer in a market can all be placed.

Programs place orders that only make sense together: one hedges another. So the house can be asked whether all of them
would be accepted, each placed on what those before it leave; the first that would not is named, with its reason.

Orders are placed one after the other, and each changes what the next finds: the book, what its customer has at stake,
and how much cash is left. So they are tried out. What a decision about the customer's next order depends on is changed
as placing would change it, and changed back before anything is said:

- the waiting orders that are met give the stake that would be matched, and get it back in reverse order;
- of what the customer has at stake a copy is changed, which takes the place of the real one meanwhile;
- what remains of each order waits in the book, and is taken out of it again;
- no money moves: what the orders tried out so far need counts as spent.

What else placing would change, such as what the customers of the orders met have at stake, no refusal depends on. The
house takes one command after the other, so nobody sees it between.

Example. Red runs against Blue, bob waits to lay Red for 10.00 at 3.00, and cid to lay Blue for 10.00 at 2.00. Ann has
10.00. She wants to back Red for 10.00 at 3.00, Blue for 10.00 at 2.00, and Red for 10.00 more at 4.00. The first takes
all her cash. The second needs none; matched, it hedges the first, for she loses nothing whoever wins, and her 10.00 are
free for the third. All are admitted. Had cid not waited, the second would hedge nothing yet, so the third is refused:
order 2, insufficient_funds, and none of them is placed.
"""

from collections.abc import Iterator, Sequence

from evens.core.commands.exchange import AdmitOrders, PlaceOrder
from evens.core.events.every import Event
from evens.core.events.exchange import OrdersAdmitted
from evens.core.events.ledger import Rejected
from evens.core.exchange.admitted import Admitted, Prospect
from evens.core.exchange.book import Order
from evens.core.exchange.exposure import NO_LESS, unmatched
from evens.core.exchange.legs import VirtualOrder
from evens.core.exchange.market import Market
from evens.core.exchange.matching import foresee
from evens.core.exchange.order_checks import find_order_market
from evens.core.exchange.state import Exchange
from evens.core.rules import LeftChanged
from evens.core.values.betting import TimeInForce
from evens.core.values.ids import CustomerId, OrderId
from evens.core.values.odds import reserve_minor


def admit_orders(exchange: Exchange, command: AdmitOrders, seq: int, at: int) -> Iterator[Event]:
    """Refuse orders if one of them would be refused after those before it: the fact ``order`` is its place, from 0."""
    first = command.orders[0]
    prospects: list[Prospect] = []
    refused = _first_refused(exchange, command.orders, prospects)
    if refused is None:
        exchange.admitted = Admitted(seq, command.orders, prospects)
        yield OrdersAdmitted(first.market, first.customer, len(command.orders))
        return
    place, refusal = refused
    yield Rejected(refusal.reason, (("order", place), *refusal.facts))


def _first_refused(
    exchange: Exchange, orders: Sequence[PlaceOrder], prospects: list[Prospect]
) -> tuple[int, Rejected] | None:
    """Return the place and the refusal of the first order that would be refused; ``prospects`` get those before it."""
    trial: _Trial | None = None
    try:
        for place, order in enumerate(orders):
            market = find_order_market(exchange, order.customer, order.market, order.runner)
            if isinstance(market, Rejected):
                return place, market
            trial = trial or _Trial(market, order.customer)
            foreseen = foresee(exchange, market, order, None, trial)
            if isinstance(foreseen, Rejected):
                return place, foreseen
            prospects.append(foreseen)
            try:
                trial.place(order, foreseen)
            except Exception as error:
                raise LeftChanged(repr(error)) from error
        return None
    finally:
        if trial is not None:
            trial.undo()


class _Trial:
    """Orders of one customer tried out in a market; whoever makes one has to :meth:`undo` it.

    Implements :class:`evens.core.exchange.order_checks.Spending`: together, exposure grows by no more than what each
    order by itself can lose, so it is worked out only where cash is short.
    """

    def __init__(self, market: Market, customer: CustomerId) -> None:
        self._market = market
        self._customer = customer
        self._before_minor = market.exposure_minor(customer)
        self._real = market.positions.get(customer)
        self._met: list[tuple[Order, int]] = []
        self._waiting: list[Order] = []
        self._placed = 0
        # A bare position is covered again from the first order on, and may need more than that.
        self.most_minor = NO_LESS if self._real is not None and self._real.bare else 0
        if self._real is not None:
            market.positions[customer] = self._real.copy()

    @property
    def minor(self) -> int:
        """How much less cash there would be; below zero if the orders free money."""
        return self._market.exposure_minor(self._customer) - self._before_minor

    def place(self, command: PlaceOrder, foreseen: Prospect) -> None:
        """Let an order meet what it was found to meet, and wait with what remains."""
        market, runner, side = self._market, command.runner, command.side
        self._placed += 1
        back_minor, liability_cents = unmatched(side, command.odds, command.stake_minor)
        self.most_minor += max(back_minor, reserve_minor(liability_cents))
        position = market.position(self._customer)
        position.bare = False
        position.exposure_minor = None
        if foreseen.killed:
            return
        for maker, amount_minor in foreseen.fills:
            for order, minor in maker.legs if isinstance(maker, VirtualOrder) else ((maker, amount_minor),):
                market.books[order.runner].take(order, minor)
                self._met.append((order, minor))
            position.match(runner, side, maker.odds, amount_minor, market.since)
        outside = foreseen.delayed or foreseen.more
        if not foreseen.left_minor or (not outside and command.time_in_force is TimeInForce.FILL_OR_KILL):
            return
        position.reserve(runner, side, command.odds, foreseen.left_minor)
        order = self._remainder(command, foreseen)
        position.orders[order.id] = order
        if not outside:
            market.books[runner].add(order)
            self._waiting.append(order)

    def undo(self) -> None:
        """Leave the market as it was."""
        market = self._market
        try:
            for order in self._waiting:
                market.books[order.runner].take(order, order.remaining_minor)
            for maker, amount_minor in reversed(self._met):
                market.books[maker.runner].give_back(maker, amount_minor)
            if self._real is not None:
                market.positions[self._customer] = self._real
            else:
                market.positions.pop(self._customer, None)
        except Exception as error:
            raise LeftChanged(repr(error)) from error

    def _remainder(self, command: PlaceOrder, foreseen: Prospect) -> Order:
        """Return what remains of an order, under an id below those of all real ones."""
        return Order(
            OrderId(-self._placed),
            command.market,
            command.runner,
            command.customer,
            command.side,
            command.odds,
            foreseen.left_minor,
            command.persistence,
            command.time_in_force,
            foreseen.min_fill_minor,
            None,
        )
