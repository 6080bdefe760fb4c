"""What a customer's orders came to: settled bets, and those that were void, lapsed or cancelled.

Bets settle together here, as the position that they are in a market; what is rounded is rounded once, for the position.
So the profits of a market's single bets are shares of what was booked: each is what all bets up to it come to, rounded
down, less what was told of those before, and the last one has what is left. Their sum is what was booked, to the cent.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import msgspec

from evens.core.values.betting import MarketStatus, Side
from evens.core.values.moments import MOMENT_MAX, MOMENT_MIN
from evens.core.values.odds import ODDS_UNIT, settle_minor
from evens.edges.betfair.calls import NAMES_MAX, Call, Names, Number, Operation, Params, TimeRange
from evens.edges.betfair.current import bets_of, check_ids, markets_of, read_span
from evens.edges.betfair.own_bets import PERSISTENCES, SIDES
from evens.edges.betfair.wire.definition import MARKET_TYPE, describe_event_type
from evens.edges.betfair.wire.ids import event_id, event_type_id, format_bet, format_market
from evens.edges.betfair.wire.moments import format_moment
from evens.edges.betfair.wire.numbers import average_price, price_of, size_of
from evens.store.exchange.betting import Booked, OrderFill
from evens.store.exchange.queries import MarketRow, OrderRow

BetStatus = Literal["SETTLED", "VOIDED", "LAPSED", "CANCELLED"]
GroupBy = Literal["EVENT_TYPE", "EVENT", "MARKET", "RUNNER", "SIDE", "BET", "STRATEGY"]


class RunnerName(Params, kw_only=True, frozen=True):
    """A selection of a market."""

    market_id: str
    selection_id: Number
    handicap: float | None = None


class ClearedOrders(Params, kw_only=True, frozen=True):
    """Which orders, rolled up how, and which part of the list."""

    bet_status: BetStatus
    event_type_ids: Names | None = None
    event_ids: Names | None = None
    market_ids: Names | None = None
    runner_ids: Annotated[list[RunnerName], msgspec.Meta(max_length=NAMES_MAX)] | None = None
    bet_ids: Names | None = None
    customer_order_refs: Names | None = None
    customer_strategy_refs: Names | None = None
    side: Literal["BACK", "LAY"] | None = None
    settled_date_range: TimeRange | None = None
    group_by: GroupBy | None = None
    include_item_description: bool | None = None
    include_source_id: bool | None = None
    locale: str | None = None
    from_record: Number | None = None
    record_count: Number | None = None


@dataclass(frozen=True, slots=True)
class _Cleared:
    """An order of which something is over. ``at`` is when, ``None`` if that is not kept."""

    order: OrderRow
    row: MarketRow
    at: int | None
    size_minor: int
    profit_minor: int
    matched_at: int | None


async def list_cleared_orders(call: Call[ClearedOrders]) -> dict[str, Any]:
    """Return cleared orders, or what they come to by bet, market, event and so on."""
    asked = call.params
    check_ids(asked.bet_ids, asked.market_ids)
    skip, count = read_span(asked.from_record, asked.record_count)
    since, until = (asked.settled_date_range or TimeRange()).moments()
    span = (MOMENT_MIN if since is None else since, MOMENT_MAX if until is None else until)
    if asked.bet_status in ("SETTLED", "VOIDED"):
        found, booked = await _settled(call, span)
    else:
        found, booked = await _ended(call, span), {}
    fits = _conditions(asked)
    found = [each for each in found if fits(each)]
    told = _told(call, found, booked, asked.group_by or "BET")
    return {"clearedOrders": told[skip : skip + count], "moreAvailable": len(told) > skip + count}


async def _settled(call: Call[ClearedOrders], span: tuple[int, int]) -> tuple[list[_Cleared], dict[int, Booked]]:
    """Return matched bets in markets that were settled within a time, or those of them that were void."""
    bets, customer = call.dialect.bets, call.customer
    rows = {row.id: row for row in await bets.settled_markets(customer, *span, markets_of(call.params.market_ids))}
    orders = [order for order in await bets.orders_in(customer, list(rows)) if order.matched_minor]
    fills: dict[int, list[OrderFill]] = {}
    for fill in await bets.fills(customer, [order.id for order in orders]):
        fills.setdefault(fill.order, []).append(fill)
    booked = await bets.booked(customer, list(rows))
    wants_void = call.params.bet_status == "VOIDED"
    found: list[_Cleared] = []
    by_market: dict[int, list[OrderRow]] = {}
    for order in orders:
        by_market.setdefault(order.market, []).append(order)
    for market, row in rows.items():
        own = by_market.get(market, [])
        counted = [order for order in own if not _is_void(row, order)]
        profits = _profits(row, counted, booked.get(market))
        for order in own:
            if _is_void(row, order) == wants_void:
                matched_at = fills[order.id][-1].match
                profit_minor = profits.get(order.id, 0)
                found.append(_Cleared(order, row, row.settled_at, order.matched_minor, profit_minor, matched_at))
    return found, {} if wants_void else booked


async def _ended(call: Call[ClearedOrders], span: tuple[int, int]) -> list[_Cleared]:
    """Return orders of which something lapsed or was cancelled, by when they were placed: when it was is not kept."""
    cancelled = call.params.bet_status == "CANCELLED"
    orders = await call.dialect.bets.unmatched_ends(
        call.customer,
        cancelled=cancelled,
        since=span[0],
        until=span[1],
        markets=markets_of(call.params.market_ids),
        skip=0,
        limit=1_000_000,
    )
    rows = await call.dialect.bets.markets([order.market for order in orders])
    return [
        _Cleared(order, rows[order.market], None, order.cancelled_minor if cancelled else order.lapsed_minor, 0, None)
        for order in orders
    ]


def _is_void(row: MarketRow, order: OrderRow) -> bool:
    return row.status is MarketStatus.VOID or order.runner in row.removals


def _profits(row: MarketRow, orders: Sequence[OrderRow], booked: Booked | None) -> dict[int, int]:
    """Return the profit of each bet in a settled market, in minor units; their sum is what was booked."""
    if booked is None or not row.parts:
        return {}
    profits: dict[int, int] = {}
    cents = told_minor = 0
    for order in orders:
        sign = 1 if order.side is Side.BACK else -1
        share = row.shares.get(order.runner, 0)
        cents += sign * (share * order.matched_value_cents - row.parts * ODDS_UNIT * order.matched_minor)
        up_to_minor = settle_minor(cents, row.parts)
        profits[order.id] = up_to_minor - told_minor
        told_minor = up_to_minor
    if orders:
        profits[orders[-1].id] += booked.profit_minor - told_minor
    return profits


_VALUES: Final[Mapping[str, Callable[[_Cleared], object]]] = {
    "event_type_ids": lambda each: event_type_id(each.row.terms.event_type),
    "event_ids": lambda each: event_id(each.row.terms.event, each.row.id),
    "customer_order_refs": lambda each: each.order.client_ref,
    "customer_strategy_refs": lambda each: each.order.strategy_ref,
}


def _conditions(asked: ClearedOrders) -> Callable[[_Cleared], bool]:
    """Return whether an order fits what is asked for, as a function that compares it with no list."""
    wanted: list[tuple[Container[object], Callable[[_Cleared], object]]] = [
        (frozenset(values), value_of) for name, value_of in _VALUES.items() if (values := getattr(asked, name))
    ]
    if asked.bet_ids:
        wanted.append((frozenset(bets_of(asked.bet_ids) or ()), lambda each: each.order.id))
    if asked.side is not None:
        wanted.append(((asked.side,), lambda each: SIDES[each.order.side]))
    if asked.runner_ids:
        runners = frozenset((each.market_id, each.selection_id) for each in asked.runner_ids)
        wanted.append((runners, lambda each: (format_market(each.order.market), each.order.runner)))
    return lambda each: all(value_of(each) in values for values, value_of in wanted)


_KEYS: Final[Mapping[GroupBy, Callable[[_Cleared], object]]] = {
    "EVENT_TYPE": lambda each: event_type_id(each.row.terms.event_type),
    "EVENT": lambda each: event_id(each.row.terms.event, each.row.id),
    "MARKET": lambda each: each.row.id,
    "RUNNER": lambda each: (each.row.id, each.order.runner),
    "SIDE": lambda each: (each.row.id, each.order.runner, each.order.side),
    "STRATEGY": lambda each: (each.row.id, each.order.strategy_ref),
    "BET": lambda each: each.order.id,
}
_WITH_COMMISSION: Final = ("EVENT_TYPE", "EVENT", "MARKET")
_IN_MARKET: Final = ("MARKET", "RUNNER", "SIDE", "STRATEGY", "BET")
_ON_RUNNER: Final = ("RUNNER", "SIDE", "BET")


def _told(
    call: Call[ClearedOrders], found: Iterable[_Cleared], booked: Mapping[int, Booked], group: GroupBy
) -> list[dict[str, Any]]:
    groups: dict[object, list[_Cleared]] = {}
    for each in found:
        # Amounts of two currencies have no sum.
        groups.setdefault((_KEYS[group](each), each.row.currency_number), []).append(each)
    return [_group(call, members, booked, group) for members in groups.values()]


def _group(
    call: Call[ClearedOrders], members: Sequence[_Cleared], booked: Mapping[int, Booked], group: GroupBy
) -> dict[str, Any]:
    """Return what is told of bets together; they have one currency."""
    first, last = members[0], members[-1]
    row, currency = first.row, call.services.currencies.by_number(first.row.currency_number)
    size_minor = sum(each.size_minor for each in members)
    told: dict[str, Any] = {
        "eventTypeId": event_type_id(row.terms.event_type),
        "betCount": len(members),
        "profit": size_of(sum(each.profit_minor for each in members), currency),
    }
    if last.at is not None:
        told["settledDate"] = format_moment(max(each.at or 0 for each in members))
    if group != "EVENT_TYPE":
        told["eventId"] = event_id(row.terms.event, row.id)
    if group in _IN_MARKET:
        told["marketId"] = format_market(row.id)
    if group in _ON_RUNNER:
        told |= {"selectionId": first.order.runner, "handicap": 0.0}
    if group in ("SIDE", "BET"):
        told["side"] = SIDES[first.order.side]
    if group == "STRATEGY" and first.order.strategy_ref is not None:
        told["customerStrategyRef"] = first.order.strategy_ref
    is_over = call.params.bet_status in ("SETTLED", "VOIDED")
    if group in _WITH_COMMISSION and is_over:
        markets = {each.row.id for each in members}
        told["commission"] = size_of(
            sum(booked[market].commission_minor for market in markets if market in booked), currency
        )
    told["sizeSettled" if is_over else "sizeCancelled"] = size_of(size_minor, currency)
    if group == "BET":
        told |= _bet(first, is_settled=call.params.bet_status == "SETTLED")
    if call.params.include_item_description:
        told["itemDescription"] = _description(first, group)
    return told


def _bet(cleared: _Cleared, *, is_settled: bool) -> dict[str, Any]:
    order = cleared.order
    told: dict[str, Any] = {
        "betId": format_bet(order.id),
        "placedDate": format_moment(order.placed_at),
        "persistenceType": PERSISTENCES[order.persistence],
        "orderType": "LIMIT",
        "priceRequested": price_of(order.odds),
        "priceReduced": bool(cleared.row.removals) and order.runner not in cleared.row.removals,
    }
    if is_settled:
        told["betOutcome"] = "WON" if cleared.profit_minor > 0 else "LOST"
    if order.matched_minor:
        told["priceMatched"] = average_price(order.matched_value_cents, order.matched_minor)
    if cleared.matched_at is not None:
        told["lastMatchedDate"] = format_moment(cleared.matched_at)
    if order.client_ref is not None:
        told["customerOrderRef"] = order.client_ref
    if order.strategy_ref is not None:
        told["customerStrategyRef"] = order.strategy_ref
    return told


def _description(cleared: _Cleared, group: GroupBy) -> dict[str, Any]:
    terms = cleared.row.terms
    told: dict[str, Any] = {"eventTypeDesc": describe_event_type(terms)["name"]}
    if group != "EVENT_TYPE":
        told["eventDesc"] = terms.event or terms.name
    if group in _IN_MARKET:
        told |= {
            "marketDesc": terms.name,
            "marketType": terms.market_type or MARKET_TYPE,
            "marketStartTime": format_moment(terms.starts_at),
            "numberOfWinners": terms.winners,
        }
    if group in _ON_RUNNER:
        told["runnerDesc"] = terms.runners[cleared.order.runner - 1]
    return told


CLEARED: Final[Mapping[str, Operation[Any]]] = {"listClearedOrders": Operation(ClearedOrders, list_cleared_orders)}
