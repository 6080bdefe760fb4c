"""What a customer's orders came to: settled bets, and those that were void, lapsed or cancelled.

Bets settle together here, as the position that they are in a market; what is rounded is rounded once, for the position.
So the profits of a market's single bets are shares of what was booked: each is what all bets up to it come to, rounded
down, less what was told of those before, and the last one has what is left. Their sum is what was booked, to the cent.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

import msgspec

from evens.core.values.betting import Side
from evens.core.values.moments import MOMENT_MAX, MOMENT_MIN
from evens.edges.betfair.calls import NAMES_MAX, Call, Names, Number, Operation, Params, TimeRange
from evens.edges.betfair.current import bets_of, check_ids, markets_of, read_span
from evens.edges.betfair.errors import ApiError
from evens.edges.betfair.own_bets import PERSISTENCES, SIDES
from evens.edges.betfair.wire.definition import MARKET_TYPE, describe_event_type
from evens.edges.betfair.wire.ids import (
    NO_EVENT_TYPE,
    event_id,
    event_type_id,
    format_bet,
    format_market,
    parse_market,
)
from evens.edges.betfair.wire.moments import format_moment
from evens.edges.betfair.wire.numbers import average_price, price_of, size_of
from evens.store.exchange.cleared import (
    EVENTS_MAX,
    ROLLED_UP_MAX,
    Cleared,
    ClearedConditions,
    Ending,
    TooManyOrders,
)
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


async def list_cleared_orders(call: Call[ClearedOrders]) -> dict[str, Any]:
    """Return cleared orders, or what they come to by market, event and so on."""
    asked, cleared = call.params, call.dialect.cleared
    check_ids(asked.bet_ids, asked.market_ids)
    skip, count = read_span(asked.from_record, asked.record_count)
    group = asked.group_by or "BET"
    try:
        conditions = await _conditions(call)
        if group == "BET":
            found = await cleared.page(call.customer, conditions, skip=skip, limit=count + 1)
        else:
            found = await cleared.groups(call.customer, conditions, group, NO_EVENT_TYPE, skip=skip, limit=count + 1)
    except TooManyOrders as error:
        many = f"At most {ROLLED_UP_MAX} orders and {EVENTS_MAX} markets are looked at; name a settledDateRange."
        raise ApiError("TOO_MUCH_DATA", many) from error
    rows = await call.dialect.bets.markets(list({each.first.market for each in found}))
    told = [_told(call, each, rows[each.first.market], group) for each in found[:count]]
    return {"clearedOrders": told, "moreAvailable": len(found) > count}


async def _conditions(call: Call[ClearedOrders]) -> ClearedConditions:
    """Return which orders are asked for. Ids of events follow from names, so their markets are found first."""
    asked = call.params
    since, until = (asked.settled_date_range or TimeRange()).moments()
    runners = [(parse_market(each.market_id) or 0, each.selection_id) for each in asked.runner_ids or ()]
    conditions = ClearedConditions(
        _ENDINGS[asked.bet_status],
        MOMENT_MIN if since is None else since,
        MOMENT_MAX if until is None else until,
        markets_of(asked.market_ids),
        bets_of(asked.bet_ids),
        asked.customer_order_refs or None,
        asked.customer_strategy_refs or None,
        None if asked.side is None else Side[asked.side],
        runners or None,
    )
    if not asked.event_type_ids and not asked.event_ids:
        return conditions
    types, events = frozenset(asked.event_type_ids or ()), frozenset(asked.event_ids or ())
    markets = [
        market
        for market, event_type, event in await call.dialect.cleared.events(call.customer, conditions)
        if (not types or event_type_id(event_type) in types) and (not events or event_id(event, market) in events)
    ]
    return replace(conditions, markets=markets)


_ENDINGS: Final[Mapping[BetStatus, Ending]] = {
    "SETTLED": "settled",
    "VOIDED": "void",
    "LAPSED": "lapsed",
    "CANCELLED": "cancelled",
}
_WITH_COMMISSION: Final = ("EVENT_TYPE", "EVENT", "MARKET")
_IN_MARKET: Final = ("MARKET", "RUNNER", "SIDE", "STRATEGY", "BET")
_ON_RUNNER: Final = ("RUNNER", "SIDE", "BET")


def _told(call: Call[ClearedOrders], cleared: Cleared, row: MarketRow, group: GroupBy) -> dict[str, Any]:
    """Return what is told of bets together, or of one bet; they have one currency."""
    currency = call.services.currencies.by_number(row.currency_number)
    first = cleared.first
    told: dict[str, Any] = {
        "eventTypeId": event_type_id(row.terms.event_type),
        "betCount": cleared.bets,
        "profit": size_of(cleared.profit_minor, currency),
    }
    if cleared.settled_at is not None:
        told["settledDate"] = format_moment(cleared.settled_at)
    if group != "EVENT_TYPE":
        told["eventId"] = event_id(row.terms.event, row.id)
    if group in _IN_MARKET:
        told["marketId"] = format_market(row.id)
    if group in _ON_RUNNER:
        told |= {"selectionId": first.runner, "handicap": 0.0}
    if group in ("SIDE", "BET"):
        told["side"] = SIDES[first.side]
    if group == "STRATEGY" and first.strategy_ref is not None:
        told["customerStrategyRef"] = first.strategy_ref
    is_over = call.params.bet_status in ("SETTLED", "VOIDED")
    if group in _WITH_COMMISSION and is_over:
        told["commission"] = size_of(cleared.commission_minor, currency)
    told["sizeSettled" if is_over else "sizeCancelled"] = size_of(cleared.size_minor, currency)
    if group == "BET":
        told |= _bet(cleared, row, is_settled=call.params.bet_status == "SETTLED")
    if call.params.include_item_description:
        told["itemDescription"] = _description(first, row, group)
    return told


def _bet(cleared: Cleared, row: MarketRow, *, is_settled: bool) -> dict[str, Any]:
    order = cleared.first
    told: dict[str, Any] = {
        "betId": format_bet(order.id),
        "placedDate": format_moment(order.placed_at),
        "persistenceType": PERSISTENCES[order.persistence],
        "orderType": "LIMIT",
        "priceRequested": price_of(order.odds),
        "priceReduced": bool(row.removals) and order.runner not in row.removals,
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


def _description(order: OrderRow, row: MarketRow, group: GroupBy) -> dict[str, Any]:
    terms = row.terms
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
        told["runnerDesc"] = terms.runners[order.runner - 1]
    return told


CLEARED: Final[Mapping[str, Operation[Any]]] = {"listClearedOrders": Operation(ClearedOrders, list_cleared_orders)}
