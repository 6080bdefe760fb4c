"""A customer's orders in markets that are not settled, and what these markets can bring them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from evens.core.values.ids import MarketId
from evens.core.values.moments import MOMENT_MAX, MOMENT_MIN
from evens.core.values.money import Currency
from evens.core.values.odds import commission_minor, settle_minor
from evens.edges.betfair.calls import Call, Names, Number, Operation, Params, TimeRange
from evens.edges.betfair.errors import ApiError
from evens.edges.betfair.listings import WEIGHT_MAX
from evens.edges.betfair.own_bets import PERSISTENCES, SIDES, OrderProjection, describe_sizes, open_only, order_state
from evens.edges.betfair.wire.definition import percent_of
from evens.edges.betfair.wire.ids import format_bet, format_market, parse_bet, parse_market
from evens.edges.betfair.wire.moments import format_moment
from evens.edges.betfair.wire.numbers import average_price, price_of, size_of
from evens.store.exchange.betting import CurrentOrder, OrderConditions, OrderedBy
from evens.store.exchange.positions import PositionRow
from evens.store.exchange.queries import MarketRow

RECORDS_MAX: Final = 1000
IDS_MAX: Final = 250

_WEIGHT_OF_PROFIT: Final = 4

OrderBy = Literal["BY_BET", "BY_MARKET", "BY_MATCH_TIME", "BY_PLACE_TIME", "BY_SETTLED_TIME", "BY_VOID_TIME"]
SortDir = Literal["EARLIEST_TO_LATEST", "LATEST_TO_EARLIEST"]

_ORDERED: Final[Mapping[OrderBy, OrderedBy]] = {
    "BY_BET": "placed",
    "BY_PLACE_TIME": "placed",
    "BY_MARKET": "market",
    "BY_MATCH_TIME": "matched",
}


class CurrentOrders(Params, kw_only=True, frozen=True):
    """Which orders, in which order, and which part of the list."""

    bet_ids: Names | None = None
    market_ids: Names | None = None
    order_projection: OrderProjection | None = None
    customer_order_refs: Names | None = None
    customer_strategy_refs: Names | None = None
    placed_date_range: TimeRange | None = None
    date_range: TimeRange | None = None
    order_by: OrderBy | None = None
    sort_dir: SortDir | None = None
    from_record: Number | None = None
    record_count: Number | None = None
    include_item_description: bool | None = None
    include_source_id: bool | None = None


class ProfitAndLoss(Params, kw_only=True, frozen=True):
    """Which markets, and whether commission is taken off what they can bring."""

    market_ids: Names
    include_settled_bets: bool | None = None
    include_bsp_bets: bool | None = None
    net_of_commission: bool | None = None


def read_span(from_record: int | None, record_count: int | None, most: int = RECORDS_MAX) -> tuple[int, int]:
    """Return how many records to skip, and how many to tell (0 stands for as many as there can be)."""
    skip, count = from_record or 0, record_count or most
    if skip < 0 or not 0 < count <= most:
        raise ApiError("INVALID_INPUT_DATA", f"fromRecord is 0 or more, recordCount 1 to {most}.")
    return skip, count


def markets_of(ids: Sequence[str] | None) -> list[int] | None:
    """Return the numbers of markets that are named, 0 for what can be none; ``None`` if none is named."""
    return [parse_market(text) or 0 for text in ids] if ids else None


def bets_of(ids: Sequence[str] | None) -> list[int] | None:
    """Return the numbers of bets likewise."""
    return [parse_bet(text) or 0 for text in ids] if ids else None


def check_ids(*named: Sequence[str] | None) -> None:
    """Raise :class:`ApiError` if a call names more bets and markets than may be named."""
    if sum(len(ids or ()) for ids in named) > IDS_MAX:
        raise ApiError(
            "REQUEST_SIZE_EXCEEDS_LIMIT", f"betIds and marketIds have {IDS_MAX} together at most; name fewer."
        )


async def list_current_orders(call: Call[CurrentOrders]) -> dict[str, Any]:
    """Return orders that wait or were matched, in markets that are not settled."""
    asked = call.params
    check_ids(asked.bet_ids, asked.market_ids)
    by = _ORDERED.get(asked.order_by or "BY_BET")
    if by is None:
        raise ApiError("INVALID_INPUT_DATA", f"orderBy {asked.order_by} is of bets that are over; order by another.")
    skip, count = read_span(asked.from_record, asked.record_count)
    name = "placedDateRange" if asked.date_range is None else "dateRange"
    since, until = (asked.date_range or asked.placed_date_range or TimeRange()).moments(name)
    conditions = OrderConditions(
        ids=bets_of(asked.bet_ids),
        markets=markets_of(asked.market_ids),
        is_open=open_only(asked.order_projection),
        client_refs=asked.customer_order_refs or None,
        strategy_refs=asked.customer_strategy_refs or None,
        since=MOMENT_MIN if since is None else since,
        until=MOMENT_MAX if until is None else until,
        by=by,
        latest_first=asked.sort_dir == "LATEST_TO_EARLIEST",
    )
    found = await call.dialect.bets.current_orders(call.customer, conditions, skip=skip, limit=count + 1)
    rows = await call.dialect.bets.markets([each.order.market for each in found])
    currencies = call.services.currencies
    told = [
        _current(each, rows[each.order.market], currencies.by_number(rows[each.order.market].currency_number))
        for each in found[:count]
    ]
    if asked.include_item_description:
        for each, order in zip(found, told, strict=False):
            version = {"version": rows[each.order.market].version}
            order["currentItemDescription"] = {"marketVersion": version}
    return {"currentOrders": told, "moreAvailable": len(found) > count}


def _current(current: CurrentOrder, row: MarketRow, currency: Currency) -> dict[str, Any]:
    order = current.order
    told: dict[str, Any] = {
        "betId": format_bet(order.id),
        "marketId": format_market(order.market),
        "selectionId": order.runner,
        "handicap": 0.0,
        "priceSize": {"price": price_of(order.odds), "size": size_of(order.stake_minor, currency)},
        "bspLiability": 0.0,
        "side": SIDES[order.side],
        "status": order_state(order.remaining_minor),
        "persistenceType": PERSISTENCES[order.persistence],
        "orderType": "LIMIT",
        "placedDate": format_moment(order.placed_at),
        "averagePriceMatched": average_price(order.matched_value_cents, order.matched_minor),
        **describe_sizes(order, row, currency),
    }
    if current.matched_at is not None:
        told["matchedDate"] = format_moment(current.matched_at)
    if order.client_ref is not None:
        told["customerOrderRef"] = order.client_ref
    if order.strategy_ref is not None:
        told["customerStrategyRef"] = order.strategy_ref
    return told


async def list_market_profit_and_loss(call: Call[ProfitAndLoss]) -> list[dict[str, Any]]:
    """Return what matched bets bring in each market, runner by runner; without bets there, nothing."""
    asked = call.params
    if len(asked.market_ids) * _WEIGHT_OF_PROFIT > WEIGHT_MAX:
        raise ApiError("TOO_MUCH_DATA", f"marketIds has {WEIGHT_MAX // _WEIGHT_OF_PROFIT} at most; name fewer.")
    told: list[dict[str, Any]] = []
    for market in dict.fromkeys(markets_of(asked.market_ids) or ()):
        positions = await call.services.exchange.queries.positions(call.customer, MarketId(market), limit=1)
        is_net = bool(asked.net_of_commission)
        told += [_profits(call, each, is_net=is_net) for each in positions if each.profit_minor is None]
    return told


def _profits(call: Call[Any], position: PositionRow, *, is_net: bool) -> dict[str, Any]:
    row = position.market
    currency, terms = call.services.currencies.by_number(row.currency_number), row.terms
    all_lose_cents = sum(stand.if_lose_cents for stand in position.stands.values())

    def amount(cents: int) -> float:
        profit_minor = settle_minor(cents)
        if is_net:
            profit_minor -= commission_minor(max(profit_minor, 0), terms.commission_bps, position.discount_bps)
        return size_of(profit_minor, currency)

    profits: list[dict[str, Any]] = []
    for runner in range(1, len(terms.runners) + 1):
        stand = position.stands.get(runner)
        if runner in row.removals:
            continue
        if terms.winners == 1:
            value_cents = 0 if stand is None else stand.value_cents
            profits.append({"selectionId": runner, "ifWin": amount(all_lose_cents + value_cents)})
        else:
            win, lose = (0, 0) if stand is None else (stand.if_win_cents, stand.if_lose_cents)
            profits.append({"selectionId": runner, "ifWin": amount(win), "ifLose": amount(lose)})
    told: dict[str, Any] = {"marketId": format_market(row.id), "profitAndLosses": profits}
    if is_net:
        told["commissionApplied"] = percent_of(terms.commission_bps)
    return told


CURRENT: Final[Mapping[str, Operation[Any]]] = {
    "listCurrentOrders": Operation(CurrentOrders, list_current_orders),
    "listMarketProfitAndLoss": Operation(ProfitAndLoss, list_market_profit_and_loss),
}
