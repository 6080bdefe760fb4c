"""Orders: placing, changing, taking back and looking at them."""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from evens.core.commands.exchange import CancelOrder, CancelOrders, ChangePersistence, PlaceOrder, ReplaceOrder
from evens.core.values.betting import Persistence, TimeInForce
from evens.core.values.ids import CustomerId, OrderId
from evens.core.values.public_ids import parse_order_id, parse_runner_id
from evens.edges.http.exchange.bodies import (
    ORDERS_PER_BATCH_MAX,
    CancelOrdersBody,
    OrderBatchBody,
    OrderBody,
    ReplaceOrderBody,
)
from evens.edges.http.exchange.known_markets import NO_RUNNER, KnownMarket, MarketIdText, refuse_unknown_market
from evens.edges.http.exchange.presenting import present_fill, present_order
from evens.edges.http.exchange.services import AnyCaller, ExchangeServices, reply
from evens.edges.http.exchange.shapes import Fill, Order, OrderResults, OrderStatus, PersistenceName
from evens.edges.http.protocol.access import (
    ME,
    OPERATORS,
    Caller,
    UserFilter,
    is_customer,
    resolve_bettor,
    resolve_customer,
)
from evens.edges.http.protocol.amounts import read_amount
from evens.edges.http.protocol.answering import answer, mark_replayed
from evens.edges.http.protocol.betting import SIDES
from evens.edges.http.protocol.booking import ItemBatch, begin_batch, book, submit_each
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import Problem, Refused, refuse_fields, refuse_not_found
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import BatchRoute, StrictRoute
from evens.edges.http.protocol.texts import AmountText, Text
from evens.store.exchange.matches import Fill as FillRow
from evens.store.exchange.queries import OrderRow

router = APIRouter(route_class=StrictRoute, tags=["Exchange: orders"])
batch_router = APIRouter(route_class=BatchRoute, tags=["Exchange: orders"])

MarketFilter = Annotated[MarketIdText | None, Query(description="Only in this market. Left out: in all.")]

_TIMES_IN_FORCE = {"gtc": TimeInForce.GOOD_TILL_CANCELLED, "fok": TimeInForce.FILL_OR_KILL}
_PERSISTENCES = {"lapse": Persistence.LAPSE, "persist": Persistence.PERSIST}


@router.post("/v1/exchange/orders", status_code=201, response_model=Order, responses=problems(402, 404, 409))
async def place_order(caller: AnyCaller, body: OrderBody, key: IdempotencyKey = None) -> Response:
    """Back or lay a runner. What is matched at once is in the answer; the rest waits in the book.

    An order that meets more than 500 others goes on with its rest a moment later; a fill-or-kill order does not.
    """
    market = await caller.services.markets.require(body.market_id)
    return await book(caller, make_order(caller, body, market), key)


@batch_router.post("/v1/exchange/orders/batch", response_model=OrderResults, responses=problems(404))
async def place_orders(caller: AnyCaller, body: OrderBatchBody, key: IdempotencyKey = None) -> Response:
    """Place up to 200 orders, in order, each on its own merits.

    Each result is an order or, with `code`, the problem of that order alone. A wrong value anywhere refuses them all.
    In markets with cross-matching each order counts as a request.
    """
    orders = await _read_orders(caller, body)
    await _count_searches(caller, [order for order in orders if order is not None])
    began_at = await begin_batch(caller, key, body)
    if began_at is not None:
        orders = await _read_orders(caller, body, began_at)
    placed = [(position, order) for position, order in enumerate(orders) if order is not None]
    results: list[object] = [_UNKNOWN_MARKET.document()] * len(orders)
    answers = await submit_each(caller, placed, key) if placed else []
    for (position, _), result in zip(placed, answers, strict=True):
        results[position] = result.body
    replayed = bool(answers) and all(result.replayed for result in answers)
    return answer({"results": results}, headers=mark_replayed(replayed))


@router.put("/v1/exchange/orders/{id}", response_model=Order, responses=problems(402, 404, 409))
async def replace_order(caller: AnyCaller, id: str, body: ReplaceOrderBody, key: IdempotencyKey = None) -> Response:
    """Change an order's odds or stake. A smaller stake keeps its place; all else makes a new order, which is shown.

    The new order keeps `client_ref` and `strategy_ref`, and both name each other. No less than the market's least stake
    is left unmatched. Another persistence alone changes nothing else.
    """
    if body.persistence is not None:
        return await _change_persistence(caller, id, body, body.persistence, key)
    if body.odds is None and body.stake is None:
        raise refuse_fields(("odds", "is required, or stake or persistence"))
    order, owner, stake_minor = await _find_own(caller, id, body.stake, "stake")
    return await book(caller, ReplaceOrder(owner, order, body.odds, stake_minor, body.market_version), key)


async def _change_persistence(
    caller: Caller[ExchangeServices], id: str, body: ReplaceOrderBody, persistence: PersistenceName, key: str | None
) -> Response:
    others = {"odds": body.odds, "stake": body.stake, "market_version": body.market_version}
    if given := [name for name, value in others.items() if value is not None]:
        raise refuse_fields(*((name, "cannot be changed together with persistence") for name in given))
    order, owner, _ = await _find_own(caller, id, None, "persistence")
    return await book(caller, ChangePersistence(owner, order, _PERSISTENCES[persistence]), key)


@router.delete("/v1/exchange/orders/{id}", response_model=Order, responses=problems(404, 409))
async def cancel_order(
    caller: AnyCaller,
    id: str,
    reduce_by: Annotated[AmountText | None, Query(description="How much to take back. Left out: all.")] = None,
    key: IdempotencyKey = None,
) -> Response:
    """Take back what is unmatched of an order, or a part of it that leaves no less than the market's least stake."""
    order, owner, by_minor = await _find_own(caller, id, reduce_by, "reduce_by")
    return await book(caller, CancelOrder(owner, order, by_minor), key)


@router.post("/v1/exchange/orders/cancel", response_model=Page[Order], responses=problems(404))
async def cancel_orders(
    caller: AnyCaller, body: CancelOrdersBody | None = None, key: IdempotencyKey = None
) -> Response:
    """Take back everything unmatched, in one market or in all. The list is always whole."""
    asked = body or CancelOrdersBody()
    market = None if asked.market_id is None else (await caller.services.markets.require(asked.market_id)).id
    return await book(caller, CancelOrders(resolve_bettor(caller.principal, asked.user_id), market), key)


@router.get("/v1/exchange/orders", response_model=Page[Order], responses=problems(404))
async def list_orders(
    caller: AnyCaller,
    page: AnyPage,
    market_id: MarketFilter = None,
    status: Annotated[OrderStatus | None, Query()] = None,
    client_ref: Annotated[Text | None, Query(description="Only those that you gave this name.")] = None,
    user_id: UserFilter = None,
) -> Response:
    """List a user's orders, newest first."""
    customer = resolve_customer(caller.principal, user_id or ME)
    market = None if market_id is None else (await caller.services.markets.require(market_id)).id
    rows = await caller.services.queries.orders(
        customer, market=market, status=status, client_ref=client_ref, before=page.before_id, limit=page.limit + 1
    )
    known = {row.market: await _market_of(caller, row) for row in rows}
    return answer(page_of(rows, page, lambda row: row.id, lambda row: present_order(row, known[row.market].currency)))


@router.get("/v1/exchange/matches", response_model=Page[Fill], responses=problems(404))
async def list_matches(
    caller: AnyCaller,
    page: AnyPage,
    market_id: MarketFilter = None,
    order_id: Annotated[str | None, Query(description="Only of this order.", min_length=1, max_length=64)] = None,
    user_id: UserFilter = None,
) -> Response:
    """List what was matched of your orders, newest first. Operators name a user, an order or a market."""
    queries, principal = caller.services.queries, caller.principal
    market = None if market_id is None else (await caller.services.markets.require(market_id)).id
    order = None if order_id is None else await _find_visible(caller, order_id)
    before, limit = page.before_id, page.limit + 1
    if market is not None and order is None and user_id is None and principal.role in OPERATORS:
        rows = await queries.market_fills(market, before=before, limit=limit)
    else:
        owner = None if order is None or is_customer(principal) or user_id is not None else order.customer
        customer = owner or resolve_customer(principal, user_id or ME)
        number = None if order is None else order.id
        rows = await queries.fills(customer, market=market, order=number, before=before, limit=limit)
    known = {row.market: await _market_of(caller, row) for row in rows}
    return answer(page_of(rows, page, lambda row: row.id, lambda row: present_fill(row, known[row.market].currency)))


@router.get("/v1/exchange/orders/{id}", response_model=Order, responses=problems(404))
async def read_order(caller: AnyCaller, id: str) -> Response:
    """Show an order."""
    row = await _find_visible(caller, id)
    return answer(present_order(row, (await _market_of(caller, row)).currency))


async def _read_orders(
    caller: Caller[ExchangeServices], body: OrderBatchBody, known_at: int | None = None
) -> list[PlaceOrder | None]:
    """Return what is to be placed, ``None`` for an order in a market that there is not. Raises a 422 for all.

    Nor is there one that was created after ``known_at``, so that a batch that comes again means what it meant.
    """
    orders: list[PlaceOrder | None] = []
    errors: list[tuple[str, str]] = []
    for position, item in enumerate(body.orders):
        try:
            market = await caller.services.markets.require(item.market_id)
            is_later = known_at is not None and market.created_at > known_at
            orders.append(None if is_later else make_order(caller, item, market))
        except Refused as refused:
            if refused.problem.code == _UNKNOWN_MARKET.code:
                orders.append(None)
            elif not refused.problem.errors:
                raise
            errors += [(f"orders[{position}].{each.field}", each.message) for each in refused.problem.errors]
    if errors:
        raise refuse_fields(*errors)
    return orders


async def _count_searches(caller: Caller[ExchangeServices], orders: Sequence[PlaceOrder]) -> None:
    """Count what is searched for sets beyond the request itself. Raises a 429."""
    markets = {order.market: await caller.services.markets.find(order.market) for order in orders}
    crossing = {market for market, known in markets.items() if known is not None and known.terms.cross_matching}
    if (searches := sum([order.market in crossing for order in orders])) > 1:
        caller.shared.throttle.check(caller.principal, searches - 1)


def make_order(caller: Caller[ExchangeServices], body: OrderBody, market: KnownMarket) -> PlaceOrder:
    """Return the command that a body asks for in a market."""
    if body.min_fill is not None and body.time_in_force != "fok":
        raise refuse_fields(("min_fill", "is only for time_in_force fok"))
    currency = market.currency
    return PlaceOrder(
        customer=resolve_bettor(caller.principal, body.user_id),
        market=market.id,
        runner=parse_runner_id(body.runner_id) or NO_RUNNER,
        side=SIDES[body.side],
        odds=body.odds,
        stake_minor=read_amount(body.stake, currency, "stake"),
        time_in_force=_TIMES_IN_FORCE[body.time_in_force],
        min_fill_minor=None if body.min_fill is None else read_amount(body.min_fill, currency, "min_fill"),
        persistence=_PERSISTENCES[body.persistence],
        market_version=body.market_version,
        client_ref=body.client_ref,
        strategy_ref=body.strategy_ref,
        orders_max=caller.services.settings.orders_max,
    )


async def _find_own(
    caller: Caller[ExchangeServices], id: str, amount: str | None, field: str
) -> tuple[OrderId, CustomerId, int | None]:
    """Return an order the caller may change, whose it is, and an amount in its currency.

    Where nothing has to be looked up, whether a user's order is there is for the house to say.
    """
    order, principal = parse_order_id(id), caller.principal
    if order is not None and amount is None and is_customer(principal) and principal.customer is not None:
        return order, principal.customer, None
    row = await _find_order(caller, id)
    if row.customer != principal.customer and principal.role not in OPERATORS:
        raise _refuse_unknown_order()
    currency = (await _market_of(caller, row)).currency
    return row.id, row.customer, None if amount is None else read_amount(amount, currency, field)


async def _find_order(caller: Caller[ExchangeServices], id: str) -> OrderRow:
    order = parse_order_id(id)
    row = None if order is None else await caller.services.queries.order(order)
    if row is None:
        raise _refuse_unknown_order()
    return row


async def _find_visible(caller: Caller[ExchangeServices], id: str) -> OrderRow:
    """Return an order that the caller may see. Raises a 404 for any other."""
    row = await _find_order(caller, id)
    if is_customer(caller.principal) and row.customer != caller.principal.customer:
        raise _refuse_unknown_order()
    return row


async def _market_of(caller: Caller[ExchangeServices], row: OrderRow | FillRow) -> KnownMarket:
    known = await caller.services.markets.find(row.market)
    assert known is not None
    return known


def _refuse_unknown_order() -> Exception:
    return refuse_not_found("order_unknown", "There is no such order; check the id.")


_UNKNOWN_MARKET: Problem = refuse_unknown_market().problem

ORDER_BATCH: Final = ItemBatch(PlaceOrder, ORDERS_PER_BATCH_MAX, _UNKNOWN_MARKET)

ENDPOINTS: Final = Endpoints(
    router, dict.fromkeys((PlaceOrder, ReplaceOrder, ChangePersistence, CancelOrder, CancelOrders), reply), Traffic.HOT
)
BATCH_ENDPOINTS: Final = Endpoints[ExchangeServices](batch_router, traffic=Traffic.BUSY)
