"""Changing orders that wait: taking them back, in part or whole, replacing them, and letting a customer's lapse."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from evens.core.commands.exchange import (
    CancelOrder,
    CancelOrders,
    ChangePersistence,
    LapseOrders,
    PlaceOrder,
    ReplaceOrder,
)
from evens.core.events.every import Event
from evens.core.events.exchange import PersistenceChanged
from evens.core.events.ledger import Rejected
from evens.core.exchange.book import Order
from evens.core.exchange.market import Market
from evens.core.exchange.matching import place
from evens.core.exchange.order_checks import check_remainder, refuse_all_matched
from evens.core.exchange.reasons import ExchangeReason
from evens.core.exchange.state import Exchange
from evens.core.ledger.mover import Mover
from evens.core.ledger.reasons import SharedReason
from evens.core.values.betting import Cause, Stage
from evens.core.values.ids import CustomerId

ORDERS_PER_PART: Final = 500
"""How many of a frozen customer's orders lapse in one part."""


def replace_order(exchange: Exchange, command: ReplaceOrder, seq: int, at: int) -> Iterator[Event]:
    """Shrink an order where it is, or take it back and place another one instead."""
    order = exchange.orders.get(command.order)
    if order is None or order.customer != command.customer:
        yield Rejected(ExchangeReason.ORDER_UNKNOWN if order is not None else ExchangeReason.ORDER_NOT_EXECUTABLE)
        return
    odds = order.odds if command.odds is None else command.odds
    stake_minor = _unmatched_of(command.stake_minor, order)
    if odds == order.odds and stake_minor <= 0:
        yield refuse_all_matched(exchange, order)
    elif odds == order.odds and stake_minor == order.remaining_minor:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    elif odds == order.odds and stake_minor < order.remaining_minor:
        yield from _reduce(exchange, order, order.remaining_minor - stake_minor, at)
    else:
        market = exchange.markets[order.market]
        instead = PlaceOrder(
            order.customer,
            order.market,
            order.runner,
            order.side,
            odds,
            stake_minor,
            order.time_in_force,
            order.min_fill_minor if 0 < order.min_fill_minor < order.remaining_minor else None,
            order.persistence,
            market_version=command.market_version,
            client_ref=order.client_ref,
            strategy_ref=order.strategy_ref,
        )
        yield from place(exchange, market, instead, order, seq, at)


def change_persistence(
    exchange: Exchange, command: ChangePersistence, seq: int, at: int
) -> Iterator[PersistenceChanged | Rejected]:
    """Let an order lapse or stay when its market turns in-play; not while the market lets orders lapse."""
    order = exchange.orders.get(command.order)
    if order is None or order.customer != command.customer:
        yield Rejected(ExchangeReason.ORDER_UNKNOWN if order is not None else ExchangeReason.ORDER_NOT_EXECUTABLE)
    elif exchange.markets[order.market].stage is not Stage.NOTHING:
        yield Rejected(ExchangeReason.MARKET_BUSY)
    elif order.persistence is command.persistence:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    else:
        yield PersistenceChanged(
            order.id,
            order.market,
            order.customer,
            command.persistence,
            order.remaining_minor,
            order.matched_minor,
            order.matched_value_cents,
            order.due_at,
        )


def apply_persistence_changed(exchange: Exchange, event: PersistenceChanged) -> None:
    """Remember what is to become of the order."""
    exchange.orders[event.order].persistence = event.persistence


def cancel_order(exchange: Exchange, command: CancelOrder, seq: int, at: int) -> Iterator[Event]:
    """Give back what is unmatched of an order, or the part of it that is asked for."""
    order = exchange.orders.get(command.order)
    if order is None or order.customer != command.customer:
        yield Rejected(ExchangeReason.ORDER_UNKNOWN if order is not None else ExchangeReason.ORDER_NOT_EXECUTABLE)
        return
    by_minor = order.remaining_minor if command.reduce_by_minor is None else command.reduce_by_minor
    yield from _reduce(exchange, order, min(by_minor, order.remaining_minor), at)


def cancel_orders(exchange: Exchange, command: CancelOrders, seq: int, at: int) -> Iterator[Event]:
    """Give back all that is unmatched of a customer."""
    if command.market is not None and command.market not in exchange.markets:
        yield Rejected(ExchangeReason.MARKET_UNKNOWN)
        return
    markets = exchange.markets.values() if command.market is None else (exchange.markets[command.market],)
    orders = list(_orders_of(command.customer, markets))
    if orders:
        yield from _cancel(exchange, orders, None, at)
    else:
        yield Rejected(SharedReason.NOTHING_CHANGES)


def lapse_orders(exchange: Exchange, command: LapseOrders, seq: int, at: int) -> Iterator[Event]:
    """Give back what is unmatched of the next orders of a frozen customer; the house asks until there are none."""
    orders = list(islice(_orders_of(command.customer, exchange.markets.values()), ORDERS_PER_PART))
    if orders and command.customer in exchange.frozen:
        yield from _cancel(exchange, orders, None, at, Cause.LAPSED)
    else:
        yield Rejected(SharedReason.NOTHING_CHANGES)


def _orders_of(customer: CustomerId, markets: Iterable[Market]) -> Iterator[Order]:
    for market in markets:
        position = market.positions.get(customer)
        if position is not None:
            yield from position.orders.values()


def _reduce(exchange: Exchange, order: Order, by_minor: int, at: int) -> Iterator[Event]:
    """Take stake off an order so that nothing waits any more, or no less than the market's least stake."""
    left_minor = order.remaining_minor - by_minor
    refusal = check_remainder(exchange, exchange.markets[order.market], left_minor) if left_minor else None
    if refusal is not None:
        yield refusal
    else:
        yield from _cancel(exchange, [order], by_minor, at)


def _cancel(
    exchange: Exchange, orders: list[Order], by_minor: int | None, at: int, cause: Cause = Cause.CANCELLED
) -> Iterator[Event]:
    """Take stake off orders of one customer (all that is unmatched if ``by_minor`` is ``None``) and release escrow."""
    customer = orders[0].customer
    markets = {order.market: exchange.markets[order.market] for order in orders}
    before = {market.id: market.exposure_minor(customer) for market in markets.values()}
    for order in orders:
        yield order.reduced(order.remaining_minor if by_minor is None else by_minor, cause)
    freed: dict[int, int] = {}
    for market in markets.values():
        minor = before[market.id] - market.exposure_minor(customer)
        freed[market.currency_number] = freed.get(market.currency_number, 0) + minor
    for number, (currency_number, minor) in enumerate(freed.items()):
        yield from Mover(exchange.ledger, currency_number, at + 2 * number).release(customer, minor)


def _unmatched_of(stake_minor: int | None, order: Order) -> int:
    """Return what has to be unmatched so that the order's whole stake is what is asked for."""
    return order.remaining_minor if stake_minor is None else stake_minor - order.matched_minor
