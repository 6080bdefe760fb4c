"""Limits that users set themselves on what is deposited for them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from evens.core.commands.wallets import SetDepositLimits
from evens.core.events.wallets import DepositLimitsSet
from evens.core.receipts import Receipt
from evens.core.values.deposit_limits import DepositLimit, Period, bounds
from evens.core.values.ids import CustomerId
from evens.core.values.moments import format_time
from evens.core.values.money import Currency, format_minor
from evens.core.values.public_ids import format_user_id
from evens.core.wallets.reasons import WalletReason
from evens.edges.http.protocol.access import (
    ME,
    OPERATORS,
    Caller,
    refuse_unknown_customer,
    resolve_customer,
)
from evens.edges.http.protocol.amounts import read_amount, read_currency
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.bodies import Body, example
from evens.edges.http.protocol.booking import book
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import refuse_forbidden
from evens.edges.http.protocol.receipts import reply_with
from evens.edges.http.protocol.refusals import Explanation, Facts, Refusal, currency_of
from evens.edges.http.protocol.shapes import Code, Time, UserIdentity
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.texts import AmountText, CurrencyCode
from evens.edges.http.wallets.services import AnyCaller, WalletServices

router = APIRouter(route_class=StrictRoute, tags=["Limits"])

PeriodName = Literal["day", "week", "month"]
_NAMES: Final[tuple[PeriodName, ...]] = ("day", "week", "month")

_Limit = Annotated[AmountText | None, Field(description="The most to be deposited. Left out or null: no limit.")]
_Sum = Annotated[str | None, Field(examples=["100.00"])]


class DepositLimitsBody(Body):
    """The most to be deposited in each period. A period that is left out has no limit."""

    day: _Limit = None
    week: _Limit = None
    month: _Limit = None


class LimitsBody(Body):
    """All deposit limits in one currency; they take the place of the ones before."""

    model_config = example(currency="USD", deposit={"day": "100.00", "week": "300.00"})

    currency: CurrencyCode | None = None
    deposit: DepositLimitsBody


@dataclass(frozen=True, slots=True)
class AmountByPeriod:
    """An amount for each period, in UTC: the calendar day, the week from Monday, the calendar month."""

    day: _Sum
    week: _Sum
    month: _Sum


@dataclass(frozen=True, slots=True)
class LimitChange:
    """A higher limit that waits for its 24 hours to pass."""

    period: PeriodName
    limit: Annotated[str | None, Field(description="`null`: there is no limit then.", examples=["300.00"])]
    effective_at: Time


@dataclass(frozen=True, slots=True)
class Limits:
    """A user's limits in one currency."""

    user_id: UserIdentity
    currency: Code
    deposit: Annotated[AmountByPeriod, Field(description="The limits that count now; `null` is no limit.")]
    raises: Annotated[Sequence[LimitChange], Field(description="Higher limits that do not count yet.")]
    deposited: Annotated[
        AmountByPeriod | None,
        Field(description="Gross deposits in the current periods. Only told when limits are looked at, not when set."),
    ]


_CurrencyQuery = Annotated[CurrencyCode | None, Query()]


@router.get("/v1/me/limits", response_model=Limits, responses=problems(404))
async def read_own_limits(caller: AnyCaller, currency: _CurrencyQuery = None) -> Response:
    """Show your own limits, and what was deposited in the current day, week and month."""
    return await _read(caller, ME, currency)


@router.get("/v1/users/{id}/limits", response_model=Limits, responses=problems(404))
async def read_limits(caller: AnyCaller, id: str, currency: _CurrencyQuery = None) -> Response:
    """Show a user's limits, and what was deposited for them in the current day, week and month."""
    return await _read(caller, id, currency)


@router.put("/v1/me/limits", response_model=Limits, responses=problems(404))
async def set_own_limits(caller: AnyCaller, body: LimitsBody, key: IdempotencyKey = None) -> Response:
    """Set your own limits in one currency. A lower limit counts at once, a higher one or none after 24 hours."""
    return await _set(caller, ME, body, key)


@router.put("/v1/users/{id}/limits", response_model=Limits, responses=problems(404))
async def set_limits(caller: AnyCaller, id: str, body: LimitsBody, key: IdempotencyKey = None) -> Response:
    """Set a user's limits at their wish; operators only, unless they are your own."""
    return await _set(caller, id, body, key)


async def _read(caller: Caller[WalletServices], user_id: str, code: str | None) -> Response:
    customer, currency = resolve_customer(caller.principal, user_id), read_currency(caller.shared, code)
    queries, now = caller.services.queries, time.time_ns()
    limits = await queries.deposit_limits(customer, currency.number)
    if limits is None:
        raise refuse_unknown_customer()
    deposited = [await queries.deposited_minor(customer, currency.number, bounds(period, now)[0]) for period in Period]
    return answer(_present(customer, currency, limits, now, _by_period(deposited, currency)))


async def _set(caller: Caller[WalletServices], user_id: str, body: LimitsBody, key: str | None) -> Response:
    customer, currency = resolve_customer(caller.principal, user_id), read_currency(caller.shared, body.currency)
    if customer != caller.principal.customer and caller.principal.role not in OPERATORS:
        raise refuse_forbidden("Only operators can set somebody else's limits.")
    day, week, month = (
        None if text is None else read_amount(text, currency, f"deposit.{name}")
        for name, text in (("day", body.deposit.day), ("week", body.deposit.week), ("month", body.deposit.month))
    )
    return await book(caller, SetDepositLimits(customer, currency.code, day, week, month), key)


def _as_set(services: WalletServices, receipt: Receipt) -> Limits:
    (event,) = receipt.events
    assert isinstance(event, DepositLimitsSet)
    currency = services.currencies.by_number(event.currency_number)
    return _present(event.customer, currency, event.limits, receipt.at, None)


def _present(
    customer: CustomerId,
    currency: Currency,
    limits: Sequence[DepositLimit],
    moment: int,
    deposited: AmountByPeriod | None,
) -> Limits:
    """Return the limits as they are at a moment."""
    return Limits(
        user_id=format_user_id(customer),
        currency=currency.code,
        deposit=_by_period([limit.at(moment) for limit in limits], currency),
        raises=[
            LimitChange(name, _format(limit.later_minor, currency), format_time(limit.later_at))
            for name, limit in zip(_NAMES, limits, strict=True)
            if limit.later_at is not None and limit.later_at > moment
        ],
        deposited=deposited,
    )


def _by_period(amounts_minor: Sequence[int | None], currency: Currency) -> AmountByPeriod:
    return AmountByPeriod(*[_format(minor, currency) for minor in amounts_minor])


def _format(minor: int | None, currency: Currency) -> str | None:
    return None if minor is None else format_minor(minor, currency.scale)


def _explain_deposit_limit(known: Facts, currencies: Currencies) -> Explanation:
    currency = currency_of(known, currencies)
    limit_minor, deposited_minor = int(known["limit_minor"]), int(known["deposited_minor"])
    limit = format_minor(limit_minor, currency.scale)
    available = format_minor(max(limit_minor - deposited_minor, 0), currency.scale)
    resets_at = format_time(int(known["resets_at"]))
    detail = (
        f"This user's limit is {limit} {currency.code} a {known['period']}; {available} {currency.code} more can be "
        f"deposited until {resets_at}."
    )
    members = {"currency": currency.code, "limit": limit, "available": available, "resets_at": resets_at}
    return detail, members


LIMIT_REFUSALS: Final = (
    Refusal(
        WalletReason.DEPOSIT_LIMIT,
        409,
        "This user's limit on deposits is reached.",
        explanations={"limit_minor": _explain_deposit_limit},
    ),
)

ENDPOINTS: Final = Endpoints(router, {SetDepositLimits: reply_with(200, _as_set)})
