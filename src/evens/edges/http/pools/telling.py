"""What operators tell of closes, where a pool asks them: sources of kind manual."""

import time
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from evens.core.values.moments import format_time
from evens.core.values.pool_running import parse_running
from evens.core.values.pools import RoundStatus
from evens.edges.http.pools.bodies import CodePath, PoolPath, TellPriceBody
from evens.edges.http.pools.operating import PRICE
from evens.edges.http.pools.services import OperatorCaller, PoolServices
from evens.edges.http.pools.shapes import PriceTold
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import Refused, problem, refuse_fields
from evens.edges.http.protocol.strict import StrictRoute
from evens.store.pools import told_prices
from evens.store.pools.rows import RoundRow

router = APIRouter(route_class=StrictRoute, tags=["Pools: operators"])


@router.post(
    "/v1/pools/{pool}/rounds/{code}/price", status_code=201, response_model=PriceTold, responses=problems(404, 409)
)
async def tell_price(caller: OperatorCaller, pool: PoolPath, code: CodePath, body: TellPriceBody) -> Response:
    """Tell the close of a round that its pool asks an operator for. It counts as that source's answer, to the quorum.

    The price and the reason stand in the public proof. Until the round has a result it can be told anew.
    """
    row = await caller.services.pools.round(pool, code)
    source = _source(row, body.source)
    if not PRICE.fullmatch(body.price):
        raise refuse_fields(("price", "must be a decimal above 0 such as 15003.25"))
    if row.result is not None:
        raise Refused(problem(409, "round_settled", "This round has a result already; an operator can correct it."))
    now, who = time.time_ns(), caller.principal
    if row.status is RoundStatus.OPEN or (caller.services.schedule.runs and now < row.locks_at):
        raise Refused(problem(409, "round_not_locked", "People can still bet in this round; its close is not known."))
    told = told_prices.PriceTold(body.price, body.reason)
    await caller.services.reads.told.tell((row.pool, source, row.terms.symbol, row.code), told, who.scope, who.name)
    return answer(PriceTold(row.pool_key, row.code, source, body.price, body.reason, format_time(now)), 201)


def _source(row: RoundRow, named: str | None) -> str:
    """Return the source for which a price is told. Raises a 422 if the round has none, or none of this name."""
    manual = [source.name for source in parse_running(row.terms.running).sources if source.kind == "manual"]
    if not manual:
        raise refuse_fields(("price", "cannot be told: no source of this round is of the kind manual"))
    if named is None and len(manual) == 1:
        return manual[0]
    if named not in manual:
        raise refuse_fields(("source", f"must be one of {', '.join(manual)}"))
    return named


ENDPOINTS: Final[Endpoints[PoolServices]] = Endpoints(router, traffic=Traffic.USUAL)
