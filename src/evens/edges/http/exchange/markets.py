"""Markets of the exchange: opening, watching and settling them."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from evens.core.commands.exchange import (
    CloseMarket,
    CreateMarket,
    ReinstateRunner,
    RemoveRunner,
    ResumeMarket,
    SettleMarket,
    SuspendMarket,
    TurnInPlay,
    VoidMarket,
)
from evens.core.values.betting import CROSSED_RUNNERS_MAX, MarketTerms, ReductionRule
from evens.core.values.money import SCALE_MAX, Currency, parse_amount
from evens.core.values.odds import Ladder
from evens.core.values.public_ids import parse_market_id, parse_runner_id
from evens.edges.http.exchange.bodies import MarketBody, RemoveRunnerBody, SettleBody, VoidBody
from evens.edges.http.exchange.known_markets import NO_RUNNER, refuse_unknown_market
from evens.edges.http.exchange.presenting import STATUSES, present_market
from evens.edges.http.exchange.receipts import MARKET_COMMANDS
from evens.edges.http.exchange.services import AnyVisitor, ExchangeServices, OperatorCaller, reply
from evens.edges.http.exchange.shapes import Market, MarketState, MarketStatusName
from evens.edges.http.protocol.access import Caller, Visitor
from evens.edges.http.protocol.amounts import read_amount, read_currency
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.booking import book, book_made
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import refuse_fields
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.texts import SearchWords
from evens.store.exchange.prices import MarketPrices

router = APIRouter(route_class=StrictRoute, tags=["Exchange: markets"])

_CHANGED = problems(404, 409)


@router.post("/v1/exchange/markets", status_code=201, response_model=Market)
async def create_market(caller: OperatorCaller, body: MarketBody, key: IdempotencyKey = None) -> Response:
    """Open a market; it takes orders at once."""

    async def make() -> CreateMarket:
        currency = read_currency(caller.shared, body.currency)
        return CreateMarket(currency.code, _read_terms(caller, body, currency))

    # What the body leaves out is as the house is set up now.
    return await book_made(caller, ("create market", body), make, key)


@router.get("/v1/exchange/markets", response_model=Page[Market])
async def list_markets(
    visitor: AnyVisitor,
    page: AnyPage,
    status: Annotated[MarketStatusName | None, Query()] = None,
    event: Annotated[str | None, Query(description="Only of this contest.", min_length=1, max_length=500)] = None,
    q: SearchWords = None,
) -> Response:
    """List markets with their best prices, newest first. Names of markets, contests and runners are searched."""
    exchange = visitor.services.queries
    statuses = None if status is None else [each for each, name in STATUSES.items() if name == status]
    rows = await exchange.markets(statuses=statuses, event=event, words=q, before=page.before_id, limit=page.limit + 1)
    # The rows only say which markets these are; everything that is told of them is of one moment.
    told = await visitor.services.prices.of_markets([row.id for row in rows[: page.limit]])
    return answer(page_of(rows, page, lambda row: row.id, lambda row: _present(visitor, told[row.id])))


@router.get("/v1/exchange/markets/{id}", response_model=Market, responses=problems(404))
async def read_market(visitor: AnyVisitor, id: str) -> Response:
    """Show a market with its best prices."""
    market = parse_market_id(id)
    told = {} if market is None else await visitor.services.prices.of_markets([market])
    if market not in told:
        raise refuse_unknown_market()
    return answer(_present(visitor, told[market]))


def _present(visitor: Visitor[ExchangeServices], prices: MarketPrices) -> Market:
    row = prices.market
    return present_market(visitor.services.markets.learn(row), row, prices.totals, prices.levels)


@router.post("/v1/exchange/markets/{id}/suspend", response_model=MarketState, responses=_CHANGED)
async def suspend_market(caller: OperatorCaller, id: str, key: IdempotencyKey = None) -> Response:
    """Stop orders for a while; what waits in the book keeps its place, and can be taken back."""
    return await book(caller, SuspendMarket((await caller.services.markets.require(id)).id), key)


@router.post("/v1/exchange/markets/{id}/resume", response_model=MarketState, responses=_CHANGED)
async def resume_market(caller: OperatorCaller, id: str, key: IdempotencyKey = None) -> Response:
    """Take orders again after a suspension."""
    return await book(caller, ResumeMarket((await caller.services.markets.require(id)).id), key)


@router.post("/v1/exchange/markets/{id}/in-play", response_model=MarketState, responses=_CHANGED)
async def turn_market_in_play(caller: OperatorCaller, id: str, key: IdempotencyKey = None) -> Response:
    """Begin in-play betting: orders that do not persist lapse, and new ones wait for the bet delay."""
    return await book(caller, TurnInPlay((await caller.services.markets.require(id)).id), key)


@router.post("/v1/exchange/markets/{id}/close", response_model=MarketState, responses=_CHANGED)
async def close_market(caller: OperatorCaller, id: str, key: IdempotencyKey = None) -> Response:
    """End betting for good; what is unmatched lapses."""
    return await book(caller, CloseMarket((await caller.services.markets.require(id)).id), key)


@router.post("/v1/exchange/markets/{id}/void", response_model=MarketState, responses=_CHANGED)
async def void_market(
    caller: OperatorCaller, id: str, body: VoidBody | None = None, key: IdempotencyKey = None
) -> Response:
    """Undo all bets: everybody has back what they staked."""
    return await book(caller, await read_void(caller, id, body), key)


@router.post("/v1/exchange/markets/{id}/settle", response_model=MarketState, responses=_CHANGED)
async def settle_market(caller: OperatorCaller, id: str, body: SettleBody, key: IdempotencyKey = None) -> Response:
    """Say who won. The bets are settled a part at a time; the market is `settled` when all of them are.

    Those who tie share the places that the clear winners leave. Whoever loses more than is in escrow for it, because
    fewer won than the market promised, owes the house the rest.
    """
    return await book(caller, await read_settlement(caller, id, body), key)


@router.post("/v1/exchange/markets/{id}/runners/{runner_id}/remove", response_model=MarketState, responses=_CHANGED)
async def remove_runner(
    caller: OperatorCaller, id: str, runner_id: str, body: RemoveRunnerBody, key: IdempotencyKey = None
) -> Response:
    """Take a runner out: bets on it are void, odds on the others shrink, and the market is suspended.

    Until the market is settled, the same with another reduction corrects it. `lent` is what customers cannot cover.
    """
    market = await caller.services.markets.require(id)
    command = RemoveRunner(market.id, parse_runner_id(runner_id) or NO_RUNNER, body.reduction_bps)
    return await book(caller, command, key)


@router.post("/v1/exchange/markets/{id}/runners/{runner_id}/reinstate", response_model=MarketState, responses=_CHANGED)
async def reinstate_runner(caller: OperatorCaller, id: str, runner_id: str, key: IdempotencyKey = None) -> Response:
    """Take a removal back, until the market is settled: all matched bets are what they were, and it is suspended.

    Orders that lapsed stay lapsed. `lent` is what customers cannot cover.
    """
    market = await caller.services.markets.require(id)
    return await book(caller, ReinstateRunner(market.id, parse_runner_id(runner_id) or NO_RUNNER), key)


async def read_settlement(caller: Caller[ExchangeServices], id: str, body: SettleBody) -> SettleMarket:
    """Return the result that an operator declares. Raises a 404 for a market that nobody knows."""
    market = await caller.services.markets.require(id)
    winners, tied = (
        tuple([parse_runner_id(runner) or NO_RUNNER for runner in named]) for named in (body.winners, body.tied)
    )
    # Operators name who won, so if these are fewer than the places, or nobody, that is what they mean.
    return SettleMarket(market.id, winners, body.dead_heat, body.correction, tied, True)


async def read_void(caller: Caller[ExchangeServices], id: str, body: VoidBody | None) -> VoidMarket:
    """Return what voids a market. Raises a 404 for one that nobody knows."""
    return VoidMarket((await caller.services.markets.require(id)).id, body is not None and body.correction)


def _read_terms(caller: Caller[ExchangeServices], body: MarketBody, currency: Currency) -> MarketTerms:
    settings, names = caller.services.settings, [runner.name for runner in body.runners]
    errors = [(f"runners[{place}].name", "is taken") for place, name in enumerate(names) if name in names[:place]]
    is_open = body.winners_min is not None and body.winners_min < body.winners
    if body.winners > len(names) or (body.winners == len(names) and not is_open):
        errors.append(("winners", "must be fewer than the runners, or as many with a lower `winners_min`"))
    if body.winners_min is not None and body.winners_min > body.winners:
        errors.append(("winners_min", "must not be more than `winners`"))
    if body.cross_matching and (body.winners > 1 or is_open):
        errors.append(("cross_matching", "takes a market of which exactly one runner wins"))
    if body.cross_matching and len(names) > CROSSED_RUNNERS_MAX:
        errors.append(("cross_matching", f"takes a market of at most {CROSSED_RUNNERS_MAX} runners"))
    if body.cross_matching and body.cover_removals:
        errors.append(("cover_removals", "has nothing to cover with `cross_matching`, where no runner can be removed"))
    if errors:
        raise refuse_fields(*errors)
    if body.min_stake is None:
        min_stake_minor = _scale(settings.min_stake, currency)
    else:
        min_stake_minor = read_amount(body.min_stake, currency, "min_stake")
    return MarketTerms(
        name=body.name,
        runners=tuple(names),
        winners=body.winners,
        starts_at=body.starts_at,
        min_stake_minor=min_stake_minor,
        commission_bps=settings.commission_bps if body.commission_bps is None else body.commission_bps,
        bet_delay_ms=body.bet_delay_seconds * 1000,
        event=body.event,
        ladder=_read_ladder(caller, body.ladder),
        winners_min=body.winners_min if is_open else None,
        reductions=ReductionRule.BET,
        cover_removals=body.cover_removals,
        every_reduction=body.cover_removals,
        event_type=body.event_type,
        competition=body.competition,
        country=body.country,
        venue=body.venue,
        market_type=body.market_type,
        cross_matching=body.cross_matching,
    )


def _read_ladder(caller: Caller[ExchangeServices], name: str) -> Ladder:
    ladders = caller.services.settings.ladders
    if name not in ladders:
        raise refuse_fields(("ladder", f"is not a ladder of this house; there are {', '.join(sorted(ladders))}"))
    return ladders[name]


def _scale(amount: str, currency: Currency) -> int:
    """Return an amount in a currency's minor units, rounded up where it has too few digits for it."""
    return -(-parse_amount(amount, SCALE_MAX) // 10 ** (SCALE_MAX - currency.scale))


ENDPOINTS: Final = Endpoints(router, dict.fromkeys((CreateMarket, *MARKET_COMMANDS), reply), Traffic.BUSY)
