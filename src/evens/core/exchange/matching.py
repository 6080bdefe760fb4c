"""Placing, replacing and cancelling orders: every refusal first and alone, then the order, its matches, the money."""

from collections.abc import Iterator
from typing import Final

from evens.core.commands import CancelOrder, CancelOrders, PlaceOrder, ReleaseOrder, ReplaceOrder
from evens.core.events import Event, Matched, OrderPlaced, OrderReduced, OrderReleased, Rejected
from evens.core.exchange.book import Fill, Order
from evens.core.exchange.escrow import Held, Mover
from evens.core.exchange.exposure import unmatched
from evens.core.exchange.markets import Exchange, Market
from evens.core.limits import check_frozen
from evens.core.values.betting import Cause, MarketStatus, Side, Stage, TimeInForce
from evens.core.values.ids import AccountClass, account_id
from evens.core.values.odds import largest_stake_minor
from evens.core.values.reasons import Reason

MATCHES_PER_ORDER_MAX: Final = 500
"""Most waiting orders that one incoming order can be matched with; what it still wanted then lapses."""

ORDERS_PER_MARKET_MAX: Final = 1_000
"""Most orders with unmatched stake that a customer may have in a market."""

RETURN_CENTS_MAX: Final = 10**15
"""Largest stake times odds of one order."""

STAND_CENTS_MAX: Final = 8 * 10**18
"""Largest value of a customer's bets on one runner with which more may be placed; all of it fits a bigint."""

_MS_NS: Final = 1_000_000
_TAKING_ORDERS: Final = (MarketStatus.OPEN, MarketStatus.IN_PLAY)


def place_order(exchange: Exchange, command: PlaceOrder, seq: int, at: int) -> Iterator[Event]:
    """Reserve what an order may lose, match it with what waits, and let the rest wait."""
    market = _find(exchange, command.customer, command.market, command.runner)
    if isinstance(market, Rejected):
        yield market
        return
    yield from _place(exchange, market, command, None, seq, at)


def replace_order(exchange: Exchange, command: ReplaceOrder, seq: int, at: int) -> Iterator[Event]:
    """Shrink an order where it is, or take it back and place another one instead."""
    order = exchange.orders.get(command.order)
    if order is None or order.customer != command.customer:
        yield Rejected(Reason.ORDER_UNKNOWN if order is not None else Reason.ORDER_NOT_EXECUTABLE)
        return
    odds = order.odds if command.odds is None else command.odds
    stake_minor = _unmatched_of(command.stake_minor, order)
    if odds == order.odds and stake_minor <= 0:
        yield _all_matched(exchange, order)
    elif odds == order.odds and stake_minor == order.remaining_minor:
        yield Rejected(Reason.NOTHING_CHANGES)
    elif odds == order.odds and stake_minor < order.remaining_minor:
        yield from _cancel(exchange, [order], order.remaining_minor - stake_minor, at)
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
        )
        yield from _place(exchange, market, instead, order, seq, at)


def cancel_order(exchange: Exchange, command: CancelOrder, seq: int, at: int) -> Iterator[Event]:
    """Give back what is unmatched of an order, or the part of it that is asked for."""
    order = exchange.orders.get(command.order)
    if order is None or order.customer != command.customer:
        yield Rejected(Reason.ORDER_UNKNOWN if order is not None else Reason.ORDER_NOT_EXECUTABLE)
        return
    by_minor = order.remaining_minor if command.reduce_by_minor is None else command.reduce_by_minor
    yield from _cancel(exchange, [order], min(by_minor, order.remaining_minor), at)


def cancel_orders(exchange: Exchange, command: CancelOrders, seq: int, at: int) -> Iterator[Event]:
    """Give back all that is unmatched of a customer."""
    if command.market is not None and command.market not in exchange.markets:
        yield Rejected(Reason.MARKET_UNKNOWN)
        return
    markets = exchange.markets.values() if command.market is None else (exchange.markets[command.market],)
    orders = [
        order
        for market in markets
        if (position := market.positions.get(command.customer)) is not None
        for order in position.orders.values()
    ]
    if orders:
        yield from _cancel(exchange, orders, None, at)
    else:
        yield Rejected(Reason.NOTHING_CHANGES)


def release_order(exchange: Exchange, command: ReleaseOrder, seq: int, at: int) -> Iterator[Event]:
    """Let a delayed order enter the book, or lapse if the market does not take orders any more."""
    order = exchange.orders.get(command.order)
    if order is None or order.due_at is None or order.due_at > at:
        yield Rejected(Reason.ORDER_NOT_EXECUTABLE)
        return
    market = exchange.markets[order.market]
    fills, left_minor = _fills(market, order.runner, order.side, order.odds, order.remaining_minor)
    held = Held(exchange, market, _concerned(order.customer, fills), at)
    yield OrderReleased(order.id, market.id)
    if market.status not in _TAKING_ORDERS or market.stage is not Stage.NOTHING or _own(fills, order.customer):
        yield order.reduced(order.remaining_minor, Cause.LAPSED)
    else:
        yield from _execute(market, order, fills, left_minor, at)
    yield from held.align()


def _place(
    exchange: Exchange, market: Market, command: PlaceOrder, instead_of: Order | None, seq: int, at: int
) -> Iterator[Event]:
    """Place an order, taking back another one for it if there is one."""
    customer, runner, side, odds = command.customer, command.runner, command.side, command.odds
    stake_minor = command.stake_minor
    delayed = market.status is MarketStatus.IN_PLAY and market.terms.bet_delay_ms > 0
    refusal = _check_order(exchange, market, command, instead_of)
    fills: list[Fill] = []
    left_minor = stake_minor
    if refusal is None and not delayed:
        fills, left_minor = _fills(market, runner, side, odds, stake_minor)
        if _own(fills, customer):
            refusal = Rejected(Reason.SELF_MATCH)
    refusal = refusal or _check_funds(exchange, market, command, instead_of)
    if refusal is not None:
        yield refusal
        return
    held = Held(exchange, market, _concerned(customer, fills), at)
    if instead_of is not None:
        yield instead_of.reduced(instead_of.remaining_minor, Cause.CANCELLED)
    fill_or_kill = command.time_in_force is TimeInForce.FILL_OR_KILL
    yield OrderPlaced(
        seq,
        market.id,
        runner,
        customer,
        side,
        odds,
        stake_minor,
        command.persistence,
        command.time_in_force,
        (command.min_fill_minor or stake_minor) if fill_or_kill else 0,
        at + market.terms.bet_delay_ms * _MS_NS if delayed else None,
        command.client_ref,
    )
    if not delayed:
        yield from _execute(market, exchange.orders[seq], fills, left_minor, at)
    yield from held.align()


def _execute(market: Market, order: Order, fills: list[Fill], left_minor: int, at: int) -> Iterator[Event]:
    """Match an order that is in the book with what it was found to cross, and end what must not wait."""
    fill_or_kill = order.time_in_force is TimeInForce.FILL_OR_KILL
    # A delayed order may have shrunk below its least fill; it then asks for all that remains.
    if fill_or_kill and order.remaining_minor - left_minor < min(order.min_fill_minor, order.remaining_minor):
        yield order.reduced(order.remaining_minor, Cause.LAPSED)
        return
    for place, (maker, amount_minor) in enumerate(fills):
        yield Matched(
            at + place,
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
    if left_minor and (fill_or_kill or len(fills) == MATCHES_PER_ORDER_MAX):
        yield order.reduced(left_minor, Cause.LAPSED)


def _cancel(exchange: Exchange, orders: list[Order], by_minor: int | None, at: int) -> Iterator[Event]:
    """Take stake off orders of one customer (all that is unmatched if ``by_minor`` is ``None``) and release escrow."""
    customer = orders[0].customer
    markets = {order.market: exchange.markets[order.market] for order in orders}
    before = {market.id: market.exposure_minor(customer) for market in markets.values()}
    for order in orders:
        yield order.reduced(order.remaining_minor if by_minor is None else by_minor, Cause.CANCELLED)
    freed: dict[int, int] = {}
    for market in markets.values():
        minor = before[market.id] - market.exposure_minor(customer)
        freed[market.currency_number] = freed.get(market.currency_number, 0) + minor
    for place, (currency_number, minor) in enumerate(freed.items()):
        yield from Mover(exchange.ledger, currency_number, at + 2 * place).release(customer, minor)


def _find(exchange: Exchange, customer: int, market_id: int, runner: int) -> Market | Rejected:
    """Return the market if everything that the order names exists."""
    if customer not in exchange.customers:
        return Rejected(Reason.CUSTOMER_UNKNOWN)
    market = exchange.markets.get(market_id)
    if market is None:
        return Rejected(Reason.MARKET_UNKNOWN)
    if runner not in market.books:
        return Rejected(Reason.RUNNER_UNKNOWN)
    return market


def _check_order(exchange: Exchange, market: Market, command: PlaceOrder, instead_of: Order | None) -> Rejected | None:
    """Refuse what the customer, the market's state or its terms do not allow, in order of precedence."""
    if (frozen := check_frozen(exchange.frozen, command.customer)) is not None:
        return frozen
    if (refusal := check_taking_orders(market)) is not None:
        return refusal
    if command.market_version is not None and command.market_version < market.version:
        return Rejected(Reason.MARKET_VERSION_STALE, (("market_version", market.version),))
    if command.runner in market.removals:
        return Rejected(Reason.RUNNER_REMOVED)
    if command.odds not in market.terms.ladder:
        below, above = market.terms.ladder.nearest(command.odds)
        return Rejected(Reason.ODDS_OFF_LADDER, (("odds_below", below), ("odds_above", above)))
    return _check_stake(exchange, market, command, instead_of)


def _check_stake(exchange: Exchange, market: Market, command: PlaceOrder, instead_of: Order | None) -> Rejected | None:
    """Refuse too small or too large a stake, and one order too many."""
    terms, stake_minor = market.terms, command.stake_minor
    if instead_of is not None and stake_minor <= 0:
        return _all_matched(exchange, instead_of)
    if instead_of is None and stake_minor < terms.min_stake_minor:
        return Rejected(Reason.STAKE_TOO_SMALL, _amount_facts(exchange, market, "limit_minor", terms.min_stake_minor))
    position = market.positions.get(command.customer)
    stand = position.stands.get(command.runner) if position is not None else None
    if stake_minor * command.odds > RETURN_CENTS_MAX or (
        stand is not None and abs(stand.value_cents) > STAND_CENTS_MAX
    ):
        limit_minor = largest_stake_minor(RETURN_CENTS_MAX, command.odds)
        return Rejected(Reason.STAKE_TOO_LARGE, _amount_facts(exchange, market, "limit_minor", limit_minor))
    if command.min_fill_minor is not None and command.min_fill_minor > stake_minor:
        return Rejected(Reason.MIN_FILL_TOO_LARGE)
    if position is not None and instead_of is None and len(position.orders) >= ORDERS_PER_MARKET_MAX:
        return Rejected(Reason.ORDERS_LIMIT, (("orders_max", ORDERS_PER_MARKET_MAX),))
    return None


def check_taking_orders(market: Market) -> Rejected | None:
    """Refuse to bet in a market that is closed, suspended or occupied."""
    if market.status not in (*_TAKING_ORDERS, MarketStatus.SUSPENDED):
        return Rejected(Reason.MARKET_CLOSED)
    if market.stage is not Stage.NOTHING:
        return Rejected(Reason.MARKET_BUSY)
    if market.status is MarketStatus.SUSPENDED:
        return Rejected(Reason.MARKET_SUSPENDED)
    return None


def _check_funds(exchange: Exchange, market: Market, command: PlaceOrder, instead_of: Order | None) -> Rejected | None:
    """Refuse an order that may lose more than there is cash for, as if nothing of it were matched."""
    customer = command.customer
    back_minor, liability_cents = unmatched(command.side, command.odds, command.stake_minor)
    if instead_of is not None:
        old = unmatched(instead_of.side, instead_of.odds, instead_of.remaining_minor)
        back_minor, liability_cents = back_minor - old[0], liability_cents - old[1]
    needed_minor = market.exposure_with_minor(customer, command.runner, back_minor, liability_cents)
    needed_minor -= market.exposure_minor(customer)
    cash = account_id(customer, market.currency_number, AccountClass.CASH)
    available_minor = exchange.ledger.balance_minor(cash)
    if needed_minor <= available_minor:
        return None
    code = exchange.ledger.currencies_by_number[market.currency_number].code
    facts = (("currency", code), ("needed_minor", needed_minor), ("available_minor", available_minor))
    return Rejected(Reason.INSUFFICIENT_FUNDS, facts)


def _amount_facts(exchange: Exchange, market: Market, name: str, minor: int) -> tuple[tuple[str, int | str], ...]:
    code = exchange.ledger.currencies_by_number[market.currency_number].code
    return ("currency", code), (name, minor)


def _all_matched(exchange: Exchange, order: Order) -> Rejected:
    """Refuse to make an order's whole stake no more than what is matched of it already."""
    facts = _amount_facts(exchange, exchange.markets[order.market], "matched_minor", order.matched_minor)
    return Rejected(Reason.STAKE_TOO_SMALL, facts)


def _unmatched_of(stake_minor: int | None, order: Order) -> int:
    """Return what has to be unmatched so that the order's whole stake is what is asked for."""
    return order.remaining_minor if stake_minor is None else stake_minor - order.matched_minor


def _fills(market: Market, runner: int, side: Side, odds: int, stake_minor: int) -> tuple[list[Fill], int]:
    return market.books[runner].fills(side, odds, stake_minor, MATCHES_PER_ORDER_MAX)


def _own(fills: list[Fill], customer: int) -> bool:
    return any(maker.customer == customer for maker, _ in fills)


def _concerned(customer: int, fills: list[Fill]) -> dict[int, None]:
    return {customer: None, **{maker.customer: None for maker, _ in fills}}


def apply_order_placed(exchange: Exchange, event: OrderPlaced) -> None:
    """Let the order wait."""
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
        )
    )


def apply_order_released(exchange: Exchange, event: OrderReleased) -> None:
    """Let a delayed order into the book."""
    order = exchange.orders[event.order]
    order.due_at = None
    exchange.markets[event.market].books[order.runner].add(order)


def apply_matched(exchange: Exchange, event: Matched) -> None:
    """Turn unmatched stake of both orders into a bet at the maker's odds."""
    for order in (exchange.orders[event.maker], exchange.orders[event.taker]):
        order.matched_minor += event.stake_minor
        order.matched_value_cents += event.stake_minor * event.odds
        position = exchange.markets[event.market].positions[order.customer]
        position.match(event.runner, order.side, event.odds, event.stake_minor)
        exchange.reduce_order(order, event.stake_minor)


def apply_order_reduced(exchange: Exchange, event: OrderReduced) -> None:
    """Take unmatched stake off the order."""
    exchange.reduce_order(exchange.orders[event.order], event.by_minor)
