"""The leaderboard: whose settled bets did best in a period, by a metric."""

import time
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from evens.core.values.moments import format_time
from evens.core.values.money import Currency, format_minor
from evens.core.values.records import (
    RANKED_OUTCOMES_MIN,
    RecordPeriod,
    RecordProduct,
    day_number,
    first_day,
    ranked_turnover_minor,
)
from evens.edges.http.protocol.amounts import read_currency
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.pagination import Limit
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.texts import CurrencyCode
from evens.edges.http.social.presenting import PERIODS, PRODUCTS, present_leader, present_since
from evens.edges.http.social.services import AnyVisitor, SocialServices
from evens.edges.http.social.shapes import Leaderboard, Minimum, PeriodName, ProductName
from evens.store.social.queries import Metric, SocialQueries

router = APIRouter(route_class=StrictRoute, tags=["Social"])

_PLACES: Final = 50

BoardName = tuple[Metric, RecordProduct, Currency, RecordPeriod]
"""Which board is meant, of the period that it is now."""


@router.get("/v1/leaderboard", response_model=Leaderboard)
async def read_leaderboard(
    visitor: AnyVisitor,
    period: Annotated[PeriodName, Query(description="Of the UTC day, week (from Monday) or month of now.")] = "week",
    metric: Annotated[
        Metric, Query(description="What to order by; `drawdown` from the smallest on, all others from the largest.")
    ] = Metric.PROFIT,
    product: Annotated[ProductName, Query()] = "all",
    currency: Annotated[CurrencyCode | None, Query()] = None,
    limit: Limit = _PLACES,
) -> Response:
    """Show the first places. Who does not want to be listed, or is frozen, is not.

    What people win of accounts of their own, in rings that come back to their start, or in void markets does not count.
    """
    board = metric, PRODUCTS[product], read_currency(visitor.shared, currency), PERIODS[period]

    async def make() -> bytes:
        _seq, shown = await read_board(visitor.services.reads, board, limit)
        return msgspec.json.encode(shown)

    content = await visitor.services.pages.get((*board, day_number(time.time_ns()), limit), make)
    return Response(content, 200, media_type="application/json")


async def read_board(reads: SocialQueries, board: BoardName, limit: int) -> tuple[int, Leaderboard]:
    """Return a board, and the place in the journal up to which it is known. Raises ``StoreUnavailable``."""
    metric, product, currency, period = board
    day = day_number(time.time_ns())
    seq, known_up_to = await reads.place()
    rows = await reads.leaders(metric, (product, currency.number, period, day), limit)
    return seq, Leaderboard(
        items=[present_leader(rank, row, currency) for rank, row in enumerate(rows, 1)],
        currency=currency.code,
        since=present_since(period, first_day(period, day)),
        as_of=format_time(known_up_to),
        minimum=Minimum(format_minor(ranked_turnover_minor(currency.scale), currency.scale), RANKED_OUTCOMES_MIN),
    )


ENDPOINTS: Final[Endpoints[SocialServices]] = Endpoints(router, traffic=Traffic.HOT)
