"""Placing orders: matching them with what waits in the book, and keeping escrow right.

An order names a runner, a side, odds and a stake, and asks for those odds *or better*: a back for higher odds, a lay
for lower ones. It is matched with waiting orders of the other side, the best odds first and at one price the oldest
first, each at the odds of the order that waited. What remains waits in the book, unless the order is fill-or-kill.

Deciding an order takes three steps, and nothing changes before the first two are done:

1. Every reason to refuse it is looked for, in the order of precedence (:mod:`evens.core.exchange.order_checks`). The
   last one is money: the exposure that the customer would have with the whole order unmatched, less what is in escrow
   already, must be there as cash. An order is never matched with one of the same customer, nor in one set with one.
2. The book says which waiting orders it meets, without changing (:meth:`evens.core.exchange.book.RunnerBook.fills`).
3. The events are yielded, and each is applied before the next: ``OrderPlaced``, a ``Matched`` for each order it meets,
   perhaps an ``OrderReduced`` for what must not wait. Then a transfer for everybody whose exposure has changed.

A match never needs more escrow than was reserved when the orders were placed, because exposure counts an unmatched
order as matched whenever that is worse (:mod:`evens.core.exchange.exposure`).

Example. Bob waits to lay 30.00 at 2.50, cid to lay 20.00 at 2.46. Ann backs 60.00 at 2.40. She is matched with bob for
30.00 at 2.50 and with cid for 20.00 at 2.46, and 10.00 wait at 2.40. The events are ``OrderPlaced`` (60.00),
``Matched`` (30.00 at 2.50), ``Matched`` (20.00 at 2.46), ``Transferred`` (60.00 from ann's cash to her escrow). Bob
can lose 45.00 and cid 29.20, as before, so nothing moves for them.

While a market is in-play, orders wait for its bet delay first: the order is placed outside of the book with a due time,
and ``ReleaseOrder`` carries out steps 2 and 3 when that has come.

An order that meets more than :data:`MATCHES_PER_ORDER_MAX` others is matched in parts. What remains after a part stays
outside of the book, where nobody can cross it, and ``ReleaseOrder`` goes on with it at once as long work, until it
meets nothing more and waits in the book like any other. Others may come between the parts. A fill-or-kill order must
have its least fill in the first part, since others could take the rest away from it; then it goes on like others, and
what finds nobody lapses. Example: 600 orders to lay 1.00 wait at 2.00. Ann backs 700.00 at 2.00: ``OrderPlaced`` (due
at once), 500 ``Matched``. The next command of the house's own is ``ReleaseOrder``: ``OrderReleased``, 100 ``Matched``,
and 100.00 wait in the book.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from evens.core.commands.exchange import PlaceOrder, ReleaseOrder
from evens.core.events.every import Event
from evens.core.events.exchange import Matched, OrderPlaced, OrderReduced, OrderReleased
from evens.core.events.ledger import Rejected
from evens.core.exchange.admitted import Prospect
from evens.core.exchange.book import Order
from evens.core.exchange.crossing import cross_fills, makers_of
from evens.core.exchange.escrow import EscrowChange
from evens.core.exchange.legs import CrossFill, VirtualOrder
from evens.core.exchange.market import Market
from evens.core.exchange.order_checks import Spending, check_cash, check_order, find_order_market
from evens.core.exchange.reasons import ExchangeReason
from evens.core.exchange.state import Exchange
from evens.core.values.betting import Cause, MarketStatus, Side, TimeInForce
from evens.core.values.ids import HOUSE, HOUSE_ORDER, CustomerId, MatchId, OrderId, RunnerId

MATCHES_PER_ORDER_MAX: Final = 500
"""Most waiting orders that an incoming order can be matched with in one part."""

_MS_NS: Final = 1_000_000


def place_order(exchange: Exchange, command: PlaceOrder, seq: int, at: int) -> Iterator[Event]:
    """Reserve what an order may lose, match it with what waits, and let the rest wait."""
    market = find_order_market(exchange, command.customer, command.market, command.runner)
    if isinstance(market, Rejected):
        yield market
        return
    foreseen = None if exchange.admitted is None else exchange.admitted.take(command, seq)
    yield from place(exchange, market, command, None, seq, at, foreseen)


def release_order(exchange: Exchange, command: ReleaseOrder, seq: int, at: int) -> Iterator[Event]:
    """Let a delayed order enter the book, or lapse if the market does not take orders any more."""
    order = exchange.orders.get(command.order)
    if order is None or order.due_at is None or order.due_at > at:
        yield Rejected(ExchangeReason.ORDER_NOT_EXECUTABLE)
        return
    market = exchange.markets[order.market]
    fills, left_minor, more, makers = _fills(
        exchange, market, order.runner, order.side, order.odds, order.remaining_minor
    )
    escrow = EscrowChange(exchange, market, {order.customer: None, **makers}, at)
    lapses = market.refuse_bets() is not None or order.customer in makers
    # A delayed order may have shrunk below its least fill; it then asks for all that remains.
    least_minor = min(order.min_fill_minor - order.matched_minor, order.remaining_minor)
    lapses = lapses or order.remaining_minor - left_minor < least_minor
    if lapses or not more:
        yield OrderReleased(order.id, market.id)
    if lapses:
        yield order.reduced(order.remaining_minor, Cause.LAPSED)
    else:
        yield from _execute(market, order, fills, left_minor, at, more=more)
    yield from escrow.align()


def place(
    exchange: Exchange,
    market: Market,
    command: PlaceOrder,
    instead_of: Order | None,
    seq: int,
    at: int,
    known: Prospect | None = None,
) -> Iterator[Event]:
    """Place an order, taking back another one for it if there is one. Its prospect may be ``known`` by now."""
    foreseen = foresee(exchange, market, command, instead_of) if known is None else known
    if isinstance(foreseen, Rejected):
        yield foreseen
        return
    fills, makers, left_minor, more, delayed, min_fill_minor, killed = foreseen
    customer, runner, side, odds = command.customer, command.runner, command.side, command.odds
    stake_minor = command.stake_minor
    escrow = EscrowChange(exchange, market, {customer: None, **makers}, at)
    if instead_of is not None:
        yield instead_of.reduced(instead_of.remaining_minor, Cause.CANCELLED)
    due_at = at + market.terms.bet_delay_ms * _MS_NS if delayed else None
    if more and not killed:
        due_at = at
    yield OrderPlaced(
        OrderId(seq),
        market.id,
        runner,
        customer,
        side,
        odds,
        stake_minor,
        command.persistence,
        command.time_in_force,
        min_fill_minor,
        due_at,
        command.client_ref,
        None if instead_of is None else instead_of.id,
        command.strategy_ref,
    )
    if killed:
        yield exchange.orders[OrderId(seq)].reduced(stake_minor, Cause.LAPSED)
    elif not delayed:
        yield from _execute(market, exchange.orders[OrderId(seq)], fills, left_minor, at, more=more)
    yield from escrow.align()


def foresee(
    exchange: Exchange,
    market: Market,
    command: PlaceOrder,
    instead_of: Order | None,
    spending: Spending | None = None,
) -> Prospect | Rejected:
    """Return what would become of an order now, or why it is refused; nothing changes.

    ``spending`` is as in :func:`evens.core.exchange.order_checks.check_cash`.
    """
    stake_minor = command.stake_minor
    delayed = market.status is MarketStatus.IN_PLAY and market.terms.bet_delay_ms > 0
    refusal = check_order(exchange, market, command, instead_of)
    fills: Sequence[CrossFill] = ()
    makers: Mapping[CustomerId, None] = {}
    left_minor, more = stake_minor, False
    if refusal is None and not delayed:
        fills, left_minor, more, makers = _fills(
            exchange, market, command.runner, command.side, command.odds, stake_minor
        )
        if command.customer in makers:
            refusal = Rejected(ExchangeReason.SELF_MATCH)
    refusal = refusal or check_cash(exchange, market, command, instead_of, spending)
    if refusal is not None:
        return refusal
    fill_or_kill = command.time_in_force is TimeInForce.FILL_OR_KILL
    min_fill_minor = (command.min_fill_minor or stake_minor) if fill_or_kill else 0
    killed = not delayed and stake_minor - left_minor < min_fill_minor
    return Prospect(fills, makers, left_minor, more, delayed, min_fill_minor, killed)


def _execute(
    market: Market, order: Order, fills: Sequence[CrossFill], left_minor: int, at: int, *, more: bool
) -> Iterator[Event]:
    """Match an order with what it was found to cross, and end what must not wait; ``more`` goes on in the next part."""
    match = at
    for maker, amount_minor in fills:
        yield Matched(
            MatchId(match),
            market.id,
            order.runner,
            maker.odds,
            amount_minor,
            maker.id,
            maker.customer,
            order.id,
            order.customer,
            order.side,
            order.odds,
        )
        match += 1
        if isinstance(maker, VirtualOrder):
            yield from _match_legs(market, maker, order.side, match)
            match += len(maker.legs)
    if left_minor and not more and order.time_in_force is TimeInForce.FILL_OR_KILL:
        yield order.reduced(left_minor, Cause.LAPSED)


def _match_legs(market: Market, virtual: VirtualOrder, side: Side, match: int) -> Iterator[Matched]:
    """Match the legs of a set with the house, which takes the side that their orders are not on."""
    house_side = Side.LAY if side is Side.BACK else Side.BACK
    for place, (order, amount_minor) in enumerate(virtual.legs):
        yield Matched(
            MatchId(match + place),
            market.id,
            order.runner,
            order.odds,
            amount_minor,
            order.id,
            order.customer,
            HOUSE_ORDER,
            CustomerId(HOUSE),
            house_side,
            order.odds,
        )


def _fills(
    exchange: Exchange, market: Market, runner: RunnerId, side: Side, odds: int, stake_minor: int
) -> tuple[Sequence[CrossFill], int, bool, Mapping[CustomerId, None]]:
    """Return what an incoming order meets in one part, how much is left, whether it meets more, and whose orders."""
    if (searches := market.searches) is not None:
        exchange.remember(market)
        crossed, left_minor, more = cross_fills(
            market, searches, runner, side, odds, stake_minor, MATCHES_PER_ORDER_MAX
        )
        return crossed, left_minor, more, makers_of(crossed)
    fills, left_minor = market.books[runner].fills(side, odds, stake_minor, MATCHES_PER_ORDER_MAX + 1)
    more = len(fills) > MATCHES_PER_ORDER_MAX
    if more:
        left_minor += fills.pop()[1]
    return fills, left_minor, more, {maker.customer: None for maker, _ in fills}


def meets(exchange: Exchange, market: Market, runner: RunnerId, side: Side, odds: int, stake_minor: int) -> bool:
    """Return whether an incoming order would be matched with anything."""
    if market.searches is None:
        return market.books[runner].crosses(side, odds)
    return bool(_fills(exchange, market, runner, side, odds, stake_minor)[0])


def apply_order_placed(exchange: Exchange, event: OrderPlaced) -> None:
    """Let the order wait."""
    exchange.markets[event.market].position(event.customer).bare = False
    exchange.add_order(
        Order(
            event.order,
            event.market,
            event.runner,
            event.customer,
            event.side,
            event.odds,
            event.stake_minor,
            event.persistence,
            event.time_in_force,
            event.min_fill_minor,
            event.due_at,
            client_ref=event.client_ref,
            strategy_ref=event.strategy_ref,
        )
    )


def apply_order_released(exchange: Exchange, event: OrderReleased) -> None:
    """Let a delayed order into the book."""
    order = exchange.orders[event.order]
    order.due_at = None
    exchange.agenda.finish(ReleaseOrder(order.id))
    exchange.markets[event.market].books[order.runner].add(order)


def apply_matched(exchange: Exchange, event: Matched) -> None:
    """Turn unmatched stake of both orders into a bet at the maker's odds; the house as one side has no order."""
    market = exchange.markets[event.market]
    if event.maker != HOUSE_ORDER != event.taker:
        orders = exchange.orders[event.maker], exchange.orders[event.taker]
    else:
        orders = (exchange.orders[event.maker or event.taker],)
    if orders[-1].due_at is not None:
        exchange.go_on_with(orders[-1])
    for order in orders:
        order.matched_minor += event.stake_minor
        order.matched_value_cents += event.stake_minor * event.odds
        position = market.positions[order.customer]
        position.match(event.runner, order.side, event.odds, event.stake_minor, market.since)
        exchange.reduce_order(order, event.stake_minor)


def apply_order_reduced(exchange: Exchange, event: OrderReduced) -> None:
    """Take unmatched stake off the order."""
    exchange.reduce_order(exchange.orders[event.order], event.by_minor)


def is_release_due(exchange: Exchange, command: ReleaseOrder) -> bool:
    """Return whether a delayed order is still there to be released; one that is matched in parts is long work."""
    return command.order in exchange.orders and command not in exchange.agenda.long_work
