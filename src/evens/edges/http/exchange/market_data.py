"""What happens in a market: its whole book, its trades, and those in brief."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from evens.core.values.ids import RunnerId
from evens.core.values.moments import MOMENT_MAX, MOMENT_MIN, SECOND_NS
from evens.core.values.public_ids import parse_runner_id
from evens.edges.http.exchange.known_markets import KnownMarket, RunnerIdText
from evens.edges.http.exchange.presenting import present_book, present_candle, present_party_trade, present_traded
from evens.edges.http.exchange.services import AnyGuest, AnyVisitor, ExchangeServices
from evens.edges.http.exchange.shapes import Book, Candle, IntervalName, PartyTrade, RunnerTraded
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of, read_digits
from evens.edges.http.protocol.problem import refuse_not_found
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.times import Moment

router = APIRouter(route_class=StrictRoute, tags=["Exchange: markets"])

DEPTH_MAX: Final = 1_000
_DEPTH_DEFAULT: Final = 10

_INTERVALS_NS: Final[Mapping[IntervalName, int]] = {
    "10s": 10 * SECOND_NS,
    "1m": 60 * SECOND_NS,
    "5m": 5 * 60 * SECOND_NS,
    "15m": 15 * 60 * SECOND_NS,
    "1h": 3600 * SECOND_NS,
    "1d": 24 * 3600 * SECOND_NS,
}


@router.get("/v1/exchange/markets/{id}/book", response_model=Book, responses=problems(404))
async def read_book(
    visitor: AnyVisitor,
    id: str,
    depth: Annotated[
        int,
        Field(ge=1, le=DEPTH_MAX),
        BeforeValidator(read_digits),
        Query(description="Most prices to show on each side."),
    ] = _DEPTH_DEFAULT,
) -> Response:
    """Show what waits at each price, as of one place in the journal."""
    known = await visitor.services.markets.require(id)
    books = await visitor.services.queries.books([known.id])
    return answer(present_book(known, books[known.id], depth))


@router.get("/v1/exchange/markets/{id}/trades", response_model=Page[PartyTrade], responses=problems(401, 404))
async def list_trades(
    guest: AnyGuest, id: str, page: AnyPage, runner: Annotated[RunnerIdText | None, Query()] = None
) -> Response:
    """List what was matched, newest first. What was matched of your own orders says of which."""
    known = await guest.services.markets.require(id)
    number = None if runner is None else _read_runner(known, runner)
    rows = await guest.services.queries.trades(known.id, runner=number, before=page.before_id, limit=page.limit + 1)
    viewer = None if guest.principal is None else guest.principal.customer
    return answer(
        page_of(rows, page, lambda row: row.trade.id, lambda row: present_party_trade(row, known.currency, viewer))
    )


@router.get("/v1/exchange/markets/{id}/traded", response_model=Page[RunnerTraded], responses=problems(404))
async def list_traded(visitor: AnyVisitor, id: str, runner: Annotated[RunnerIdText | None, Query()] = None) -> Response:
    """Show how much was matched on each runner at each price. The list is always whole."""
    known = await visitor.services.markets.require(id)
    number = None if runner is None else _read_runner(known, runner)
    rows = await visitor.services.queries.traded(known.id, number)
    return answer(Page(present_traded(rows, known, number)))


@router.get("/v1/exchange/markets/{id}/candles", response_model=Page[Candle], responses=problems(404))
async def list_candles(
    visitor: AnyVisitor,
    id: str,
    page: AnyPage,
    runner: Annotated[RunnerIdText, Query()],
    interval: Annotated[IntervalName, Query()],
    since: Annotated[Moment | None, Query(alias="from", description="Only trades from this time on.")] = None,
    before: Annotated[Moment | None, Query(alias="to", description="Only trades before this time.")] = None,
) -> Response:
    """List the stretches of time in which there were trades, newest first."""
    known = await visitor.services.markets.require(id)
    rows = await visitor.services.queries.candles(
        known.id,
        _read_runner(known, runner),
        _INTERVALS_NS[interval],
        since=MOMENT_MIN if since is None else since,
        before=min(page.before_id, MOMENT_MAX if before is None else before),
        limit=page.limit + 1,
    )
    return answer(
        page_of(rows, page, lambda candle: candle.opens_at, lambda candle: present_candle(candle, known.currency))
    )


def _read_runner(known: KnownMarket, text: str) -> RunnerId:
    runner = parse_runner_id(text)
    if runner is None or runner > len(known.terms.runners):
        raise refuse_not_found("runner_unknown", "This market has no such runner; the market shows their ids.")
    return runner


ENDPOINTS: Final = Endpoints[ExchangeServices](router, traffic=Traffic.BUSY)
