"""Pools and their rounds, as everybody may see them."""

import time
from typing import Annotated, Final, Literal

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from evens.core.values.money import format_minor
from evens.core.values.pools import PoolSide, RoundResult, RoundStatus
from evens.edges.http.pools.bets import SIDES
from evens.edges.http.pools.bodies import CodePath, PoolPath
from evens.edges.http.pools.presenting import pays_per_unit, present_pool, present_round
from evens.edges.http.pools.proofs import in_slices
from evens.edges.http.pools.services import AnyVisitor, PoolServices
from evens.edges.http.pools.shapes import PoolQuote, PoolShown, Proof, Round, RoundStatusName, SideName
from evens.edges.http.protocol.amounts import read_amount
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import Refused, problem
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.texts import SearchWords

router = APIRouter(route_class=StrictRoute, tags=["Pools"])

_STATUSES: Final[dict[RoundStatusName, RoundStatus]] = {
    "open": RoundStatus.OPEN,
    "locked": RoundStatus.LOCKED,
    "settled": RoundStatus.SETTLED,
    "void": RoundStatus.VOID,
}
_RUNNING: Final = RoundStatus.OPEN, RoundStatus.LOCKED
_NO_OPEN_ROUND: Final = "No round of this pool takes bets at the moment; the next one opens soon."


@router.get("/v1/pools", response_model=Page[PoolShown])
async def list_pools(visitor: AnyVisitor, q: SearchWords = None) -> Response:
    """List pools, by key. Keys, names and symbols are searched. The list is always whole."""
    rows = await visitor.services.reads.pools(q)
    currencies = visitor.shared.currencies
    return answer(Page([present_pool(row, currencies.by_number(row.currency_number)) for row in rows]))


@router.get("/v1/pools/{pool}", response_model=PoolShown, responses=problems(404))
async def read_pool(visitor: AnyVisitor, pool: PoolPath) -> Response:
    """Show a pool: its terms, how its rounds go, and where its prices come from."""
    row = await visitor.services.pools.read(pool)
    return answer(present_pool(row, visitor.shared.currencies.by_number(row.currency_number)))


@router.get("/v1/pools/rounds", response_model=Page[Round])
async def list_all_rounds(
    visitor: AnyVisitor,
    page: AnyPage,
    status: Annotated[
        RoundStatusName | Literal["running"] | None, Query(description="Only these; `running`: open or locked.")
    ] = None,
    q: SearchWords = None,
) -> Response:
    """List the rounds of all pools, newest first. Keys, names and symbols of the pools are searched."""
    wanted = _RUNNING if status == "running" else None if status is None else (_STATUSES[status],)
    services = visitor.services
    rows = await services.reads.rounds_of_all(wanted, q, before=page.before_id, limit=page.limit + 1)
    currencies = {row.pool_key: (await services.pools.require(row.pool_key)).currency for row in rows}
    return answer(page_of(rows, page, lambda row: row.id, lambda row: present_round(row, currencies[row.pool_key])))


@router.get("/v1/pools/{pool}/rounds/current", response_model=Round, responses=problems(404, 409))
async def read_current_round(visitor: AnyVisitor, pool: PoolPath) -> Response:
    """Show the round in which a bet without a round would be placed: the open one that locks first."""
    known = await visitor.services.pools.require(pool)

    async def make() -> bytes:
        row = await visitor.services.reads.current(known.id, time.time_ns())
        if row is None:
            raise Refused(problem(409, "no_open_round", _NO_OPEN_ROUND))
        return msgspec.json.encode(present_round(row, known.currency))

    content = await visitor.services.pages.get(known.id, make)
    return Response(content, 200, media_type="application/json")


@router.get("/v1/pools/{pool}/rounds", response_model=Page[Round], responses=problems(404))
async def list_rounds(
    visitor: AnyVisitor,
    pool: PoolPath,
    page: AnyPage,
    status: Annotated[RoundStatusName | None, Query(description="Only these.")] = None,
) -> Response:
    """List a pool's rounds, newest first."""
    known = await visitor.services.pools.require(pool)
    wanted = None if status is None else _STATUSES[status]
    rows = await visitor.services.reads.rounds(known.id, wanted, before=page.before_id, limit=page.limit + 1)
    return answer(page_of(rows, page, lambda row: row.id, lambda row: present_round(row, known.currency)))


@router.get("/v1/pools/{pool}/rounds/{code}", response_model=Round, responses=problems(404))
async def read_round(visitor: AnyVisitor, pool: PoolPath, code: CodePath) -> Response:
    """Show a round."""
    known = await visitor.services.pools.require(pool)
    return answer(present_round(await visitor.services.pools.round(pool, code), known.currency))


@router.get("/v1/pools/{pool}/rounds/{code}/quote", response_model=PoolQuote, responses=problems(404, 409))
async def quote_pool_bet(
    visitor: AnyVisitor,
    pool: PoolPath,
    code: CodePath,
    side: Annotated[SideName, Query(description="Which side you would bet on.")],
    amount: Annotated[
        str, Query(description="What you would stake: a decimal, as in a bet.", examples=["1.00"], max_length=40)
    ],
) -> Response:
    """Tell what a bet would return if its side won, with what is staked now and that bet. Later bets change it."""
    known = await visitor.services.pools.require(pool)
    row = await visitor.services.pools.round(pool, code)
    stake_minor, wanted = read_amount(amount, known.currency, "amount"), SIDES[side]
    result = RoundResult.UP if wanted is PoolSide.UP else RoundResult.DOWN
    if row.status is not RoundStatus.OPEN or time.time_ns() >= row.locks_at:
        raise Refused(problem(409, "round_locked", "It is too late to bet in this round."))
    pays = row.dividend(result, {wanted: stake_minor})
    return answer(
        PoolQuote(
            pool=row.pool_key,
            round=row.code,
            side=side,
            amount=format_minor(stake_minor, known.currency.scale),
            currency=known.currency.code,
            returns=format_minor(pays.returned_minor(wanted, stake_minor), known.currency.scale),
            pays_per_unit=pays_per_unit(row, wanted, stake_minor),
        )
    )


@router.get("/v1/pools/{pool}/rounds/{code}/proof", response_model=Proof, responses=problems(404, 503))
async def prove_round(visitor: AnyVisitor, pool: PoolPath, code: CodePath) -> Response:
    """Show what a round committed to at its lock and what was revealed at its settlement: every stake, every price.

    While people can bet, only the terms are shown.
    """
    known = await visitor.services.pools.require(pool)
    row = await visitor.services.pools.round(pool, code)
    content = await visitor.services.proofs.of(row, known.currency)
    headers = {"Content-Length": str(len(content))}
    return StreamingResponse(in_slices(content), 200, headers, media_type="application/json")


ENDPOINTS: Final[Endpoints[PoolServices]] = Endpoints(router, traffic=Traffic.HOT)
