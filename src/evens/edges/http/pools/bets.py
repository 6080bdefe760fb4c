"""Bets in pools."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from evens.core.commands.pools import PlacePoolBet
from evens.core.values.ids import CustomerId
from evens.core.values.pools import PoolSide
from evens.core.values.public_ids import parse_pool_bet_id
from evens.edges.http.pools.bodies import PoolBetBody, PoolKeyText, PoolPath, RoundCodeText
from evens.edges.http.pools.presenting import present_bet
from evens.edges.http.pools.services import AnyCaller, PoolServices, reply
from evens.edges.http.pools.shapes import PoolBet, SideName
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
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.booking import book
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import refuse_fields, refuse_not_found
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.store.pools.queries import PoolBetRow

router = APIRouter(route_class=StrictRoute, tags=["Pools: bets"])

SIDES: Final[dict[SideName, PoolSide]] = {"up": PoolSide.UP, "down": PoolSide.DOWN}


@router.post("/v1/pools/{pool}/bets", status_code=201, response_model=PoolBet, responses=problems(402, 404, 409))
async def place_pool_bet(caller: AnyCaller, pool: PoolPath, body: PoolBetBody, key: IdempotencyKey = None) -> Response:
    """Bet that the price closes up or down. The stake is held until the round is settled; what it pays, all decide."""
    return await book(caller, await make_pool_bet(caller, pool, body), key)


async def make_pool_bet(caller: AnyCaller, pool: str, body: PoolBetBody) -> PlacePoolBet:
    """Return what a request asks for. Raises a 404 for an unknown pool, a 422 that names what is wrong, or a 403."""
    known = await caller.services.pools.require(pool)
    if body.currency not in (None, known.currency.code):
        raise refuse_fields(("currency", f"must be the pool's, {known.currency.code}"))
    stake_minor = read_amount(body.amount, known.currency, "amount")
    customer = resolve_bettor(caller.principal, body.user_id)
    return PlacePoolBet(customer, known.id, SIDES[body.side], stake_minor, body.round)


@router.get("/v1/pools/bets", response_model=Page[PoolBet], responses=problems(404))
async def list_pool_bets(
    caller: AnyCaller,
    page: AnyPage,
    pool: Annotated[PoolKeyText | None, Query(description="Only in this pool.")] = None,
    round: Annotated[RoundCodeText | None, Query(description="Only in this round; with `pool`.")] = None,
    user_id: UserFilter = None,
) -> Response:
    """List a user's bets in pools, newest first; operators who name only a round see everybody's."""
    services = caller.services
    if round is not None and pool is None:
        raise refuse_fields(("pool", "is required with round"))
    known = None if pool is None else await services.pools.require(pool)
    number = None if pool is None or round is None else (await services.pools.round(pool, round)).id
    everybody = number is not None and user_id is None and caller.principal.role in OPERATORS
    customer: CustomerId | None = None if everybody else resolve_customer(caller.principal, user_id or ME)
    rows = await services.reads.bets(
        customer,
        pool=None if known is None or number is not None else known.id,
        in_round=number,
        before=page.before_id,
        limit=page.limit + 1,
    )
    currencies = caller.shared.currencies
    return answer(
        page_of(rows, page, lambda row: row.id, lambda row: present_bet(row, currencies.by_number(row.currency_number)))
    )


@router.get("/v1/pools/bets/{id}", response_model=PoolBet, responses=problems(404))
async def read_pool_bet(caller: AnyCaller, id: str) -> Response:
    """Show a bet in a pool."""
    row = await _find(caller, id)
    return answer(present_bet(row, caller.shared.currencies.by_number(row.currency_number)))


async def _find(caller: Caller[PoolServices], text: str) -> PoolBetRow:
    bet = parse_pool_bet_id(text)
    row = None if bet is None else await caller.services.reads.bet(bet)
    if row is None or (is_customer(caller.principal) and row.customer != caller.principal.customer):
        raise refuse_not_found("bet_unknown", "There is no such bet; check the id.")
    return row


ENDPOINTS: Final = Endpoints(router, {PlacePoolBet: reply}, Traffic.HOT)
