"""What operators see of a market: everybody's orders and positions, and what each outcome would pay."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import combinations, islice
from math import comb
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from evens.core.values.ids import RunnerId
from evens.core.values.money import format_minor
from evens.core.values.odds import commission_minor, settle_minor
from evens.core.values.public_ids import format_user_id, parse_runner_id
from evens.edges.http.exchange.known_markets import KnownMarket, refuse_unknown_market
from evens.edges.http.exchange.presenting import present_order, present_position
from evens.edges.http.exchange.services import AnyCaller, ExchangeServices, OperatorCaller
from evens.edges.http.exchange.shapes import CommissionDiscount, Order, OrderStatus, ProjectedOutcome, UserPosition
from evens.edges.http.protocol.access import Caller, refuse_unknown_customer, resolve_customer
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import refuse_fields
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.store.exchange.oversight import Bettor, Discount, MarketOversight
from evens.store.exchange.positions import PositionRow
from evens.store.exchange.queries import MarketRow

router = APIRouter(route_class=StrictRoute, tags=["Exchange: operators"])

OUTCOMES_MAX: Final = 200
"""How many outcomes are projected at once."""

_BETTORS_BETWEEN_OTHERS: Final = 500


@router.get("/v1/exchange/markets/{id}/orders", response_model=Page[Order], responses=problems(404))
async def list_market_orders(
    caller: OperatorCaller, id: str, page: AnyPage, status: Annotated[OrderStatus | None, Query()] = None
) -> Response:
    """List everybody's orders in a market, newest first."""
    known = await caller.services.markets.require(id)
    rows = await _oversight(caller).orders(known.id, status=status, before=page.before_id, limit=page.limit + 1)
    return answer(page_of(rows, page, lambda row: row.id, lambda row: present_order(row, known.currency)))


@router.get("/v1/exchange/markets/{id}/positions", response_model=Page[UserPosition], responses=problems(404))
async def list_market_positions(caller: OperatorCaller, id: str, page: AnyPage) -> Response:
    """List what everybody has at stake in a market, in order of users' ids."""
    known = await caller.services.markets.require(id)
    rows = await _oversight(caller).positions(known.id, after=page.after_id, limit=page.limit + 1)
    return answer(page_of(rows, page, lambda row: row.customer, lambda row: _present_position(row, known)))


@router.get("/v1/exchange/markets/{id}/payouts", response_model=Page[ProjectedOutcome], responses=problems(404))
async def project_payouts(
    caller: OperatorCaller,
    id: str,
    winners: Annotated[
        str | None, Query(description="Only if these win: runners' ids, separated by commas.", examples=["1,3"])
    ] = None,
) -> Response:
    """Tell what each outcome would pay, from what is matched now; the house pays none of it. The list is always whole.

    Without `winners`, every way in which as many runners win as the market has places.
    """
    known, row = await _find(caller, id)
    outcomes = [_read_winners(known, row, winners)] if winners is not None else _every_outcome(known, row)
    sums = [_Sums(outcome, known.terms.commission_bps) for outcome in outcomes]
    seen = 0
    async for bettor in _oversight(caller).bettors(known.id):
        for each in sums:
            each.add(bettor)
        seen += 1
        if seen % _BETTORS_BETWEEN_OTHERS == 0:
            # A market with very many bettors must not keep other requests waiting.
            await asyncio.sleep(0)
    return answer(Page([each.present(known.currency.scale) for each in sums]))


@router.get("/v1/commission-discounts", response_model=Page[CommissionDiscount])
async def list_commission_discounts(caller: OperatorCaller, page: AnyPage) -> Response:
    """List who pays less commission, newest users first."""
    rows = await _oversight(caller).discounts(before=page.before_id, limit=page.limit + 1)
    return answer(page_of(rows, page, lambda row: row.customer, _present_discount))


@router.get("/v1/users/{id}/commission-discount", response_model=CommissionDiscount, responses=problems(404))
async def read_commission_discount(caller: AnyCaller, id: str) -> Response:
    """Show what part of every commission a user does not pay: one's own to customers."""
    found = await _oversight(caller).discount(resolve_customer(caller.principal, id))
    if found is None:
        raise refuse_unknown_customer()
    return answer(_present_discount(found))


class _Sums:
    """What all bets come to if some runners win; bettors are added one by one."""

    def __init__(self, winners: Sequence[RunnerId], commission_bps: int) -> None:
        self._winners = winners
        self._commission_bps = commission_bps
        self._won_minor = self._lost_minor = self._commission_minor = 0
        self._winning = self._losing = 0

    def add(self, bettor: Bettor) -> None:
        """Add what a bettor would win or lose, rounded down as it is when it is booked."""
        cents = sum(stand.if_lose_cents for stand in bettor.stands.values())
        cents += sum(bettor.stands[runner].value_cents for runner in self._winners if runner in bettor.stands)
        profit_minor = settle_minor(cents)
        if profit_minor > 0:
            self._winning += 1
            self._won_minor += profit_minor
            self._commission_minor += commission_minor(profit_minor, self._commission_bps, bettor.discount_bps)
        elif profit_minor < 0:
            self._losing += 1
            self._lost_minor -= profit_minor

    def present(self, scale: int) -> ProjectedOutcome:
        """Return the sums."""
        return ProjectedOutcome(
            winners=[str(runner) for runner in self._winners],
            winning_users=self._winning,
            losing_users=self._losing,
            won=format_minor(self._won_minor, scale),
            lost=format_minor(self._lost_minor, scale),
            commission=format_minor(self._commission_minor, scale),
            paid=format_minor(self._won_minor - self._commission_minor, scale),
            rounding=format_minor(self._lost_minor - self._won_minor, scale),
        )


def _oversight(caller: Caller[ExchangeServices]) -> MarketOversight:
    return MarketOversight(caller.services.queries.database)


async def _find(caller: Caller[ExchangeServices], market_id: str) -> tuple[KnownMarket, MarketRow]:
    known = await caller.services.markets.require(market_id)
    row = await caller.services.queries.market(known.id)
    if row is None:
        raise refuse_unknown_market()
    return known, row


def _active(known: KnownMarket, row: MarketRow) -> list[RunnerId]:
    return [RunnerId(place) for place in range(1, len(known.terms.runners) + 1) if place not in row.removals]


def _every_outcome(known: KnownMarket, row: MarketRow) -> Iterable[Sequence[RunnerId]]:
    active = _active(known, row)
    places = min(known.terms.winners, len(active))
    if comb(len(active), places) > OUTCOMES_MAX:
        message = f"is required: {places} of {len(active)} runners can win in too many ways to show them all"
        raise refuse_fields(("winners", message))
    return list(islice(combinations(active, places), OUTCOMES_MAX))


def _read_winners(known: KnownMarket, row: MarketRow, text: str) -> Sequence[RunnerId]:
    active, places = _active(known, row), known.terms.winners
    named = [parse_runner_id(part.strip()) for part in text.split(",")]
    found = [runner for runner in named if runner in active]
    if len(found) != len(named) or len(set(found)) != len(found) or len(found) > places:
        ids = ", ".join(map(str, active))
        raise refuse_fields(("winners", f"must be up to {places} different runners of {ids}, separated by commas"))
    return [runner for runner in found if runner is not None]


def _present_position(position: PositionRow, known: KnownMarket) -> UserPosition:
    shown = present_position(position, known)
    return UserPosition(
        shown.market_id,
        shown.currency,
        shown.exposure,
        shown.runners,
        shown.profit,
        shown.commission,
        format_user_id(position.customer),
    )


def _present_discount(row: Discount) -> CommissionDiscount:
    return CommissionDiscount(format_user_id(row.customer), row.discount_bps)


ENDPOINTS: Final = Endpoints[ExchangeServices](router, traffic=Traffic.RARE)
