"""A customer's own orders and matches within a market book, as the order and match projections ask for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from evens.core.values.betting import Persistence, Side
from evens.core.values.ids import OrderId
from evens.core.values.moments import MOMENT_MIN
from evens.core.values.money import Currency
from evens.edges.betfair.calls import Call, read_moment
from evens.edges.betfair.errors import ApiError
from evens.edges.betfair.wire.ids import format_bet, parse_bet
from evens.edges.betfair.wire.moments import format_moment
from evens.edges.betfair.wire.numbers import average_price, price_of, size_of
from evens.store.exchange.betting import OrderConditions, OrderFill
from evens.store.exchange.queries import MarketRow, OrderRow

OrderProjection = Literal["ALL", "EXECUTABLE", "EXECUTION_COMPLETE"]
MatchProjection = Literal["NO_ROLLUP", "ROLLED_UP_BY_PRICE", "ROLLED_UP_BY_AVG_PRICE"]

PERSISTENCES: Final[Mapping[Persistence, str]] = {Persistence.LAPSE: "LAPSE", Persistence.PERSIST: "PERSIST"}
SIDES: Final[Mapping[Side, str]] = {Side.BACK: "BACK", Side.LAY: "LAY"}

OWN_MAX: Final = 10_000
"""How many of one's orders, and of their matches, go into the books of one call."""

_IS_OPEN: Final[Mapping[OrderProjection, bool | None]] = {
    "ALL": None,
    "EXECUTABLE": True,
    "EXECUTION_COMPLETE": False,
}


@dataclass(frozen=True, slots=True)
class OwnBets:
    """What is told of own bets, by runner: members of a runner's book."""

    by_runner: Mapping[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    asked: tuple[str, ...] = ()

    def of(self, runner: int) -> dict[str, Any]:
        """Return the members for a runner, empty lists if there is nothing on it."""
        empty: dict[str, Any] = {name: {} if name == "matchesByStrategy" else [] for name in self.asked}
        return empty | self.by_runner.get(runner, {})


def open_only(projection: OrderProjection | None) -> bool | None:
    """Return whether a projection takes orders with unmatched stake, those without, or (``None``) both."""
    return None if projection is None else _IS_OPEN[projection]


def describe_sizes(order: OrderRow, market: MarketRow, currency: Currency) -> dict[str, float]:
    """Return what became of an order's stake. What was matched on a runner that was removed is void."""
    voided_minor = order.matched_minor if order.runner in market.removals else 0
    return {
        "sizeMatched": size_of(order.matched_minor - voided_minor, currency),
        "sizeRemaining": size_of(order.remaining_minor, currency),
        "sizeLapsed": size_of(order.lapsed_minor, currency),
        "sizeCancelled": size_of(order.cancelled_minor, currency),
        "sizeVoided": size_of(voided_minor, currency),
    }


def order_state(remaining_minor: int) -> str:
    """Return the status of an order of which so much remains."""
    return "EXECUTABLE" if remaining_minor else "EXECUTION_COMPLETE"


async def own_bets(call: Call[Any], rows: Sequence[MarketRow]) -> dict[int, OwnBets]:
    """Return own bets by market, as far as the call asks for them; nobody without an account has any."""
    asked = call.params
    if (asked.order_projection is None and asked.match_projection is None) or call.principal.customer is None:
        return {}
    bets, markets = call.dialect.bets, {row.id: row for row in rows}
    since = read_moment(asked.matched_since, "matchedSince")
    found, own = await bets.orders_with_fills(
        call.customer,
        OrderConditions(
            ids=None if asked.bet_ids is None else [parse_bet(bet) or 0 for bet in asked.bet_ids],
            markets=list(markets),
            strategy_refs=asked.customer_strategy_refs or None,
            by="placed" if since is None else "matched",
            since=MOMENT_MIN if since is None else since,
        ),
        limit=OWN_MAX + 1,
    )
    orders: dict[int, dict[OrderId, OrderRow]] = {market: {} for market in markets}
    for each in found:
        orders[each.order.market][each.order.id] = each.order
    fills: dict[int, list[OrderFill]] = {market: [] for market in markets}
    if max(len(found), len(own)) > OWN_MAX:
        many = f"A book tells at most {OWN_MAX} of one's orders and matches; name fewer markets, or betIds."
        raise ApiError("TOO_MUCH_DATA", many)
    for fill in own:
        fills[fill.market].append(fill)
    return {market: _of_market(call, row, orders[market], fills[market]) for market, row in markets.items()}


def _of_market(
    call: Call[Any], row: MarketRow, orders: Mapping[OrderId, OrderRow], own: Sequence[OrderFill]
) -> OwnBets:
    asked, currency = call.params, call.services.currencies.by_number(row.currency_number)
    is_open = open_only(asked.order_projection)
    names: list[str] = []
    by_runner: dict[int, dict[str, Any]] = {}
    if asked.order_projection is not None:
        names.append("orders")
        for order in orders.values():
            if is_open in (None, order.remaining_minor > 0):
                told = by_runner.setdefault(order.runner, {}).setdefault("orders", [])
                told.append(_order(order, row, currency))
    # With orders, matches are rolled up by their mean price unless something else is asked for.
    kind: MatchProjection = asked.match_projection or "ROLLED_UP_BY_AVG_PRICE"
    names.append("matches")
    for runner, told in _matches(own, orders, kind, currency).items():
        by_runner.setdefault(runner, {})["matches"] = told
    if asked.partition_matched_by_strategy_ref:
        names.append("matchesByStrategy")
        by_strategy: dict[str, list[OrderFill]] = {}
        for fill in own:
            by_strategy.setdefault(orders[fill.order].strategy_ref or "", []).append(fill)
        for strategy, of_strategy in by_strategy.items():
            for runner, told in _matches(of_strategy, orders, kind, currency).items():
                by_runner[runner].setdefault("matchesByStrategy", {})[strategy] = told
    return OwnBets(by_runner, tuple(names))


def _order(order: OrderRow, row: MarketRow, currency: Currency) -> dict[str, Any]:
    told: dict[str, Any] = {
        "betId": format_bet(order.id),
        "orderType": "LIMIT",
        "status": order_state(order.remaining_minor),
        "persistenceType": PERSISTENCES[order.persistence],
        "side": SIDES[order.side],
        "price": price_of(order.odds),
        "size": size_of(order.stake_minor, currency),
        "bspLiability": 0.0,
        "placedDate": format_moment(order.placed_at),
        "avgPriceMatched": average_price(order.matched_value_cents, order.matched_minor),
        **describe_sizes(order, row, currency),
    }
    if order.client_ref is not None:
        told["customerOrderRef"] = order.client_ref
    if order.strategy_ref is not None:
        told["customerStrategyRef"] = order.strategy_ref
    return told


def _matches(
    fills: Iterable[OrderFill], orders: Mapping[OrderId, OrderRow], kind: MatchProjection, currency: Currency
) -> dict[int, list[dict[str, Any]]]:
    """Return matches by runner: each by itself, or sums of each side by price or altogether."""
    found: dict[int, list[dict[str, Any]]] = {}
    sums: dict[tuple[int, Side, int], tuple[int, int]] = {}
    for fill in fills:
        side = orders[fill.order].side
        if kind == "NO_ROLLUP":
            told = {
                "betId": format_bet(fill.order),
                "matchId": str(fill.match),
                "side": SIDES[side],
                "price": price_of(fill.odds),
                "size": size_of(fill.stake_minor, currency),
                "matchDate": format_moment(fill.match),
            }
            found.setdefault(fill.runner, []).append(told)
        else:
            key = fill.runner, side, fill.odds if kind == "ROLLED_UP_BY_PRICE" else 0
            minor, value_cents = sums.get(key, (0, 0))
            sums[key] = minor + fill.stake_minor, value_cents + fill.stake_minor * fill.odds
    for (runner, side, _), (minor, value_cents) in sums.items():
        told = {"side": SIDES[side], "price": average_price(value_cents, minor), "size": size_of(minor, currency)}
        found.setdefault(runner, []).append(told)
    return found
