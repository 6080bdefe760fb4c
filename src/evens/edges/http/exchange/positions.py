"""What users have at stake, what they pay for winning, and what they owe."""

from fastapi import APIRouter
from starlette.responses import Response

from evens.core.commands.exchange import SetCommissionDiscount
from evens.core.values.money import format_minor
from evens.core.values.public_ids import format_user_id
from evens.edges.http.exchange.bodies import CommissionDiscountBody
from evens.edges.http.exchange.markets import find_market
from evens.edges.http.exchange.orders import MarketFilter, WhoseFilter
from evens.edges.http.exchange.presenting import present_position
from evens.edges.http.exchange.shapes import CommissionDiscount, Position, Receivable
from evens.edges.http.protocol.access import ME, AnyCall, Call, OperatorCall, whose
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.booking import book
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, format_cursor, page_of
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.store.exchange import queries as exchange_queries

router = APIRouter(route_class=StrictRoute, tags=["Exchange: positions"])


@router.get("/v1/exchange/positions", response_model=Page[Position], responses=problems(404))
async def list_positions(
    call: AnyCall, page: AnyPage, market_id: MarketFilter = None, user_id: WhoseFilter = None
) -> Response:
    """List what a user's bets bring, market by market, newest first."""
    customer = whose(call.principal, user_id or ME)
    market = None if market_id is None else (await find_market(call, market_id)).id
    rows = await call.services.exchange.positions(customer, market, before=page.before_id, limit=page.limit + 1)
    markets = call.services.markets
    return answer(
        page_of(rows, page, lambda row: row.market.id, lambda row: present_position(row, markets.learn(row.market)))
    )


@router.put("/v1/users/{id}/commission-discount", response_model=CommissionDiscount, responses=problems(404))
async def set_commission_discount(
    call: OperatorCall, id: str, body: CommissionDiscountBody, key: IdempotencyKey = None
) -> Response:
    """Take a part off every commission that a user pays from now on."""
    return await book(call, SetCommissionDiscount(whose(call.principal, id), body.discount_bps), key)


@router.get("/v1/receivables", response_model=Page[Receivable])
async def list_receivables(call: OperatorCall, page: AnyPage) -> Response:
    """List who owes the house, in order of users' ids.

    What one user owes in several currencies is never torn apart, so a page can be a little longer than its limit.
    """
    most = page.limit + len(call.services.currencies.all())
    rows = await call.services.exchange.receivables(after=page.after_id, limit=most + 1)
    end = min(page.limit, len(rows))
    while 0 < end < len(rows) and rows[end].customer == rows[end - 1].customer:
        end += 1
    following = format_cursor(rows[end - 1].customer) if end < len(rows) else None
    return answer(Page([_present(call, row) for row in rows[:end]], following))


def _present(call: Call, row: exchange_queries.Receivable) -> Receivable:
    currency = call.services.currencies.by_number(row.currency_number)
    return Receivable(format_user_id(row.customer), currency.code, format_minor(row.owed_minor, currency.scale))
