"""What the house takes and what it can lose: limits, stake factors, exposure."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from evens.core.commands.fixed_odds import SetBookLimits, SetStakeFactor
from evens.core.values.money import Currency
from evens.core.values.public_ids import format_user_id
from evens.edges.http.protocol.access import refuse_unknown_customer, resolve_customer
from evens.edges.http.protocol.amounts import read_amount, read_currency
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.booking import book
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import refuse_fields
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.texts import CurrencyCode
from evens.edges.http.sportsbook.bodies import EventIdText, LimitsBody, StakeFactorBody
from evens.edges.http.sportsbook.presenting import present_exposure, present_limits
from evens.edges.http.sportsbook.services import OperatorCaller, reply
from evens.edges.http.sportsbook.shapes import BookExposure, BookLimits, StakeFactor
from evens.store.fixed_odds.queries import LimitsRow

router = APIRouter(route_class=StrictRoute, tags=["Sportsbook: operators"])


@router.get("/v1/sportsbook/exposure", response_model=BookExposure, responses=problems(404))
async def list_exposure(
    caller: OperatorCaller,
    event_id: Annotated[EventIdText | None, Query(description="Only of this event.")] = None,
) -> Response:
    """Tell what open bets can cost: singles market by market, accumulators event by event, and what is reserved."""
    services = caller.services
    fixture = None if event_id is None else (await services.events.require(event_id)).id
    exposure = await services.reads.exposure(fixture)
    named = [row.fixture for row in (*exposure.singles, *exposure.accumulators) if row.fixture is not None]
    fixtures = await services.reads.fixtures_by_id(list(dict.fromkeys(named)))
    return answer(present_exposure(exposure, fixtures, caller.shared.currencies))


@router.get("/v1/sportsbook/limits", response_model=BookLimits)
async def read_book_limits(
    caller: OperatorCaller, currency: Annotated[CurrencyCode | None, Query()] = None
) -> Response:
    """Show what the house takes in a currency."""
    known = read_currency(caller.shared, currency)
    return answer(present_limits(await caller.services.reads.limits(known.number) or LimitsRow(), known))


@router.put("/v1/sportsbook/limits", response_model=BookLimits)
async def set_book_limits(caller: OperatorCaller, body: LimitsBody, key: IdempotencyKey = None) -> Response:
    """Say what the house takes in a currency from now on, all limits at once; bets that were taken stand."""
    currency = read_currency(caller.shared, body.currency)
    least = 1 if body.min_stake is None else read_amount(body.min_stake, currency, "min_stake")
    most = _read(body.max_stake, currency, "max_stake")
    if most is not None and most < least:
        raise refuse_fields(("max_stake", "must not be less than min_stake"))
    command = SetBookLimits(
        currency=currency.code,
        min_stake_minor=least,
        max_stake_minor=most,
        max_payout_minor=_read(body.max_payout, currency, "max_payout"),
        max_event_liability_minor=_read(body.max_event_liability, currency, "max_event_liability"),
        cash_out_margin_bps=body.cash_out_margin_bps,
    )
    return await book(caller, command, key)


@router.get("/v1/users/{id}/stake-factor", response_model=StakeFactor, responses=problems(404))
async def read_stake_factor(caller: OperatorCaller, id: str) -> Response:
    """Show which part of the largest stake a user may stake."""
    customer = resolve_customer(caller.principal, id)
    percent = await caller.services.reads.stake_factor(customer)
    if percent is None:
        raise refuse_unknown_customer()
    return answer(StakeFactor(format_user_id(customer), percent))


@router.put("/v1/users/{id}/stake-factor", response_model=StakeFactor, responses=problems(404, 409))
async def set_stake_factor(
    caller: OperatorCaller, id: str, body: StakeFactorBody, key: IdempotencyKey = None
) -> Response:
    """Let a user stake a part of the largest stake, or more than it, from now on."""
    return await book(caller, SetStakeFactor(resolve_customer(caller.principal, id), body.percent), key)


def _read(amount: str | None, currency: Currency, field: str) -> int | None:
    return None if amount is None else read_amount(amount, currency, field)


ENDPOINTS: Final = Endpoints(router, dict.fromkeys((SetBookLimits, SetStakeFactor), reply), Traffic.RARE)
