"""Orders: placing, changing, taking back and looking at them."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from evens.core.commands.exchange import CancelOrder, CancelOrders, PlaceOrder, ReplaceOrder
from evens.core.values.betting import Persistence, Side, TimeInForce
from evens.core.values.public_ids import parse_order_id, parse_runner_id
from evens.edges.http.exchange.bodies import CancelOrdersBody, MarketId, OrderBatchBody, OrderBody, ReplaceOrderBody
from evens.edges.http.exchange.known_markets import KnownMarket
from evens.edges.http.exchange.markets import NO_RUNNER, find_market, refuse_unknown_market
from evens.edges.http.exchange.presenting import present_order
from evens.edges.http.exchange.shapes import Order, OrderResults, OrderStatus
from evens.edges.http.protocol.access import ME, OPERATORS, AnyCall, Call, bettor, is_customer, whose
from evens.edges.http.protocol.amounts import read_amount
from evens.edges.http.protocol.answering import answer, mark_replayed
from evens.edges.http.protocol.booking import book, submit_each
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import Problem, Refused, refuse_fields, refuse_not_found
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import BatchRoute, StrictRoute
from evens.edges.http.protocol.texts import AmountText, UserId
from evens.store.exchange.queries import OrderRow

router = APIRouter(route_class=StrictRoute, tags=["Exchange: orders"])
batch_router = APIRouter(route_class=BatchRoute, tags=["Exchange: orders"])

WhoseFilter = Annotated[UserId | None, Query(description="Whose; left out, one's own.")]
MarketFilter = Annotated[MarketId | None, Query(description="Only in this market. Left out: in all.")]

_SIDES = {"back": Side.BACK, "lay": Side.LAY}
_TIMES_IN_FORCE = {"gtc": TimeInForce.GOOD_TILL_CANCELLED, "fok": TimeInForce.FILL_OR_KILL}
_PERSISTENCES = {"lapse": Persistence.LAPSE, "persist": Persistence.PERSIST}


@router.post("/v1/exchange/orders", status_code=201, response_model=Order, responses=problems(402, 404, 409))
async def place_order(call: AnyCall, body: OrderBody, key: IdempotencyKey = None) -> Response:
    """Back or lay a runner. What is matched at once is in the answer; the rest waits in the book."""
    market = await find_market(call, body.market_id)
    return await book(call, make_order(call, body, market), key)


@batch_router.post("/v1/exchange/orders/batch", response_model=OrderResults, responses=problems(404))
async def place_orders(call: AnyCall, body: OrderBatchBody, key: IdempotencyKey = None) -> Response:
    """Place up to 200 orders, in order, each on its own merits.

    Each result is an order or, with `code`, the problem of that order alone. A wrong value anywhere refuses them all.
    """
    orders = await _read_orders(call, body)
    placed = [(position, order) for position, order in enumerate(orders) if order is not None]
    results: list[object] = [_UNKNOWN_MARKET.document()] * len(orders)
    answers = await submit_each(call, placed, key) if placed else []
    for (position, _), told in zip(placed, answers, strict=True):
        results[position] = told.body
    replayed = bool(answers) and all(told.replayed for told in answers)
    return answer({"results": results}, headers=mark_replayed(replayed))


@router.put("/v1/exchange/orders/{id}", response_model=Order, responses=problems(402, 404, 409))
async def replace_order(call: AnyCall, id: str, body: ReplaceOrderBody, key: IdempotencyKey = None) -> Response:
    """Change an order's odds or stake. A smaller stake keeps its place; all else makes a new order, which is shown."""
    if body.odds is None and body.stake is None:
        raise refuse_fields(("odds", "is required, or stake"))
    order, owner, stake_minor = await _find_own(call, id, body.stake, "stake")
    return await book(call, ReplaceOrder(owner, order, body.odds, stake_minor), key)


@router.delete("/v1/exchange/orders/{id}", response_model=Order, responses=problems(404, 409))
async def cancel_order(
    call: AnyCall,
    id: str,
    reduce_by: Annotated[AmountText | None, Query(description="How much to take back. Left out: all.")] = None,
    key: IdempotencyKey = None,
) -> Response:
    """Take back what is unmatched of an order, or a part of it."""
    order, owner, by_minor = await _find_own(call, id, reduce_by, "reduce_by")
    return await book(call, CancelOrder(owner, order, by_minor), key)


@router.post("/v1/exchange/orders/cancel", response_model=Page[Order], responses=problems(404))
async def cancel_orders(call: AnyCall, body: CancelOrdersBody | None = None, key: IdempotencyKey = None) -> Response:
    """Take back everything unmatched, in one market or in all. The list is always whole."""
    asked = body or CancelOrdersBody()
    market = None if asked.market_id is None else (await find_market(call, asked.market_id)).id
    return await book(call, CancelOrders(bettor(call.principal, asked.user_id), market), key)


@router.get("/v1/exchange/orders", response_model=Page[Order], responses=problems(404))
async def list_orders(
    call: AnyCall,
    page: AnyPage,
    market_id: MarketFilter = None,
    status: Annotated[OrderStatus | None, Query()] = None,
    user_id: WhoseFilter = None,
) -> Response:
    """List a user's orders, newest first."""
    customer = whose(call.principal, user_id or ME)
    market = None if market_id is None else (await find_market(call, market_id)).id
    rows = await call.services.exchange.orders(
        customer, market=market, status=status, before=page.before_id, limit=page.limit + 1
    )
    known = {row.market: await _market_of(call, row) for row in rows}
    return answer(page_of(rows, page, lambda row: row.id, lambda row: present_order(row, known[row.market].currency)))


@router.get("/v1/exchange/orders/{id}", response_model=Order, responses=problems(404))
async def read_order(call: AnyCall, id: str) -> Response:
    """Show an order."""
    row = await _find_order(call, id)
    if is_customer(call.principal) and row.customer != call.principal.customer:
        raise _refuse_unknown_order()
    return answer(present_order(row, (await _market_of(call, row)).currency))


async def _read_orders(call: Call, body: OrderBatchBody) -> list[PlaceOrder | None]:
    """Return what is to be placed, ``None`` for an order in a market that there is not. Raises a 422 for all."""
    orders: list[PlaceOrder | None] = []
    errors: list[tuple[str, str]] = []
    for position, item in enumerate(body.orders):
        try:
            market = await find_market(call, item.market_id)
            orders.append(make_order(call, item, market))
        except Refused as refused:
            if refused.problem.code == _UNKNOWN_MARKET.code:
                orders.append(None)
            elif not refused.problem.errors:
                raise
            errors += [(f"orders[{position}].{each.field}", each.message) for each in refused.problem.errors]
    if errors:
        raise refuse_fields(*errors)
    return orders


def make_order(call: Call, body: OrderBody, market: KnownMarket) -> PlaceOrder:
    """Return the command that a body asks for in a market."""
    if body.min_fill is not None and body.time_in_force != "fok":
        raise refuse_fields(("min_fill", "is only for time_in_force fok"))
    currency = market.currency
    return PlaceOrder(
        customer=bettor(call.principal, body.user_id),
        market=market.id,
        runner=parse_runner_id(body.runner_id) or NO_RUNNER,
        side=_SIDES[body.side],
        odds=body.odds,
        stake_minor=read_amount(body.stake, currency, "stake"),
        time_in_force=_TIMES_IN_FORCE[body.time_in_force],
        min_fill_minor=None if body.min_fill is None else read_amount(body.min_fill, currency, "min_fill"),
        persistence=_PERSISTENCES[body.persistence],
        market_version=body.market_version,
        client_ref=body.client_ref,
    )


async def _find_own(call: Call, id: str, amount: str | None, field: str) -> tuple[int, int, int | None]:
    """Return an order the caller may change, whose it is, and an amount in its currency.

    Where nothing has to be looked up, whether a user's order is there is for the house to say.
    """
    order, principal = parse_order_id(id), call.principal
    if order is not None and amount is None and is_customer(principal) and principal.customer is not None:
        return order, principal.customer, None
    row = await _find_order(call, id)
    if row.customer != principal.customer and principal.role not in OPERATORS.roles:
        raise _refuse_unknown_order()
    currency = (await _market_of(call, row)).currency
    return row.id, row.customer, None if amount is None else read_amount(amount, currency, field)


async def _find_order(call: Call, id: str) -> OrderRow:
    order = parse_order_id(id)
    row = None if order is None else await call.services.exchange.order(order)
    if row is None:
        raise _refuse_unknown_order()
    return row


async def _market_of(call: Call, row: OrderRow) -> KnownMarket:
    known = await call.services.markets.find(row.market)
    assert known is not None
    return known


def _refuse_unknown_order() -> Exception:
    return refuse_not_found("order_unknown", "There is no such order; check the id.")


_UNKNOWN_MARKET: Problem = refuse_unknown_market().problem
