"""What users have at stake, what they pay for winning, and what they owe."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from evens.core.commands.exchange import SetCommissionDiscount
from evens.core.values.money import format_minor
from evens.core.values.public_ids import format_user_id
from evens.edges.http.exchange.bodies import CommissionDiscountBody
from evens.edges.http.exchange.orders import MarketFilter
from evens.edges.http.exchange.presenting import present_position
from evens.edges.http.exchange.services import AnyCaller, ExchangeServices, OperatorCaller, reply
from evens.edges.http.exchange.shapes import CommissionDiscount, Position, Receivable
from evens.edges.http.protocol.access import ME, Caller, UserFilter, resolve_customer
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.booking import book
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, format_cursor, page_of
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.store.exchange import queries as exchange_queries

router = APIRouter(route_class=StrictRoute, tags=["Exchange: positions"])


@router.get("/v1/exchange/positions", response_model=Page[Position], responses=problems(404))
async def list_positions(
    caller: AnyCaller, page: AnyPage, market_id: MarketFilter = None, user_id: UserFilter = None
) -> Response:
    """List what a user's bets bring, market by market, newest first."""
    customer = resolve_customer(caller.principal, user_id or ME)
    market = None if market_id is None else (await caller.services.markets.require(market_id)).id
    rows = await caller.services.queries.positions(customer, market, before=page.before_id, limit=page.limit + 1)
    markets = caller.services.markets
    return answer(
        page_of(rows, page, lambda row: row.market.id, lambda row: present_position(row, markets.learn(row.market)))
    )


@router.put("/v1/users/{id}/commission-discount", response_model=CommissionDiscount, responses=problems(404))
async def set_commission_discount(
    caller: OperatorCaller, id: str, body: CommissionDiscountBody, key: IdempotencyKey = None
) -> Response:
    """Take a part off every commission that a user pays from now on.

    In a market that was settled before, the discount at its first settlement still counts, also if it is corrected.
    """
    return await book(caller, SetCommissionDiscount(resolve_customer(caller.principal, id), body.discount_bps), key)


@router.get("/v1/receivables", response_model=Page[Receivable])
async def list_receivables(caller: OperatorCaller, page: AnyPage) -> Response:
    """List who owes the house, in order of users' ids.

    What one user owes in several currencies is never torn apart, so a page can be a little longer than its limit.
    """
    most = page.limit + len(caller.shared.currencies.all())
    rows = await caller.services.queries.receivables(after=page.after_id, limit=most + 1)
    end = min(page.limit, len(rows))
    while 0 < end < len(rows) and rows[end].customer == rows[end - 1].customer:
        end += 1
    following = format_cursor(rows[end - 1].customer) if end < len(rows) else None
    return answer(Page([_present(caller, row) for row in rows[:end]], following))


def _present(caller: Caller[ExchangeServices], row: exchange_queries.Receivable) -> Receivable:
    currency = caller.shared.currencies.by_number(row.currency_number)
    return Receivable(format_user_id(row.customer), currency.code, format_minor(row.owed_minor, currency.scale))


ENDPOINTS: Final = Endpoints(router, {SetCommissionDiscount: reply}, Traffic.BUSY)
