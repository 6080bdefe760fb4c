"""How the house stands: what it listens to, what it has and earns, what is at stake, and what contradicts itself."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from evens.core.values.ids import HOUSE, AccountClass, account_id
from evens.core.values.moments import format_datetime, format_time
from evens.core.values.money import format_minor
from evens.core.values.public_ids import format_market_id
from evens.edges.http.operator.services import OperatorCaller, OperatorServices
from evens.edges.http.operator.shapes import FeedState
from evens.edges.http.protocol.amounts import read_currency
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.pagination import read_digits
from evens.edges.http.protocol.shapes import Amount, Code, Page, SignedAmount
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.texts import CurrencyCode
from evens.store.console.customers import AtStake, ConsoleQueries

router = APIRouter(route_class=StrictRoute, tags=["House"])

_DAY_NS: Final = 86_400 * 10**9
_LISTED: Final = 50


@dataclass(frozen=True, slots=True)
class Stake:
    """What is at stake on one market, event or round."""

    product: Literal["exchange", "sportsbook", "pools"]
    id: Annotated[str, Field(examples=["mkt_42"])]
    label: str
    amount: Annotated[Amount, Field(description="Matched or staked by customers; on the sportsbook, the house's risk.")]


@dataclass(frozen=True, slots=True)
class FeesOfDay:
    """What the house has earned in commission and fees on a day (UTC), corrections taken off."""

    day: Annotated[str, Field(examples=["2026-11-28"])]
    fees: SignedAmount


@dataclass(frozen=True, slots=True)
class HouseOverview:
    """The house's own money in one currency, what is at stake, and its fees by day."""

    currency: Code
    bank: Annotated[SignedAmount, Field(description="What is free in the bank.")]
    reserved: Annotated[Amount, Field(description="What the house holds for open bets.")]
    owed_by_owner: Annotated[Amount, Field(description="What the owner has still to pay into the bank.")]
    fees: SignedAmount
    rounding: SignedAmount
    at_stake: Annotated[list[Stake], Field(description="By product; on each the largest first.")]
    fees_by_day: list[FeesOfDay]


@dataclass(frozen=True, slots=True)
class AnyConflict:
    """Something that an operator has to decide, because those who should know contradict each other."""

    product: Annotated[str, Field(description="`exchange`, `sportsbook`, `pools` or `challenges`.")]
    id: Annotated[str, Field(description="The market, event, pool or challenge.", examples=["mkt_42"])]
    label: str
    what: Annotated[str, Field(description="What contradicts what.")]


@router.get("/v1/feeds", response_model=Page[FeedState])
async def list_feeds(caller: OperatorCaller) -> Response:
    """Tell how everything is that this server listens to: line, results, oracle, chain, and webhooks. Always whole."""
    services = caller.services
    return answer(Page([*services.condition.feeds(), *await _webhooks(services.console)]))


@router.get("/v1/house/overview", response_model=HouseOverview)
async def read_house(
    caller: OperatorCaller,
    currency: Annotated[CurrencyCode | None, Query()] = None,
    days: Annotated[
        int, Field(ge=1, le=366), BeforeValidator(read_digits), Query(description="Of fees, today's last.")
    ] = 30,
) -> Response:
    """Show what the house has and earns in a currency, and where customers have most at stake."""
    known, services = read_currency(caller.shared, currency), caller.services
    accounts = await services.ledger.accounts_of([HOUSE])

    def own(kept: AccountClass) -> int:
        return accounts.get(account_id(HOUSE, known.number, kept), 0)

    def money(minor: int) -> str:
        return format_minor(minor, known.scale)

    today = time.time_ns() // _DAY_NS
    moments = [(day + 1) * _DAY_NS for day in range(today - days, today + 1)]
    held = await services.console.balances_at(account_id(HOUSE, known.number, AccountClass.FEES), moments)
    earned = [
        FeesOfDay(format_time(moment - _DAY_NS)[:10], money(after - before))
        for moment, before, after in zip(moments[1:], held, held[1:], strict=False)
    ]
    risks = [Stake("sportsbook", key, title, money(minor)) for key, title, minor in await services.risks(known.number)]
    shown = HouseOverview(
        currency=known.code,
        bank=money(own(AccountClass.BANK)),
        reserved=money(own(AccountClass.ESCROW)),
        owed_by_owner=money(-own(AccountClass.RECEIVABLE)),
        fees=money(own(AccountClass.FEES)),
        rounding=money(own(AccountClass.ROUNDING)),
        at_stake=[
            *_stakes("exchange", await services.console.matched_on_markets(_LISTED), known.number, known.scale),
            *risks,
            *_stakes("pools", await services.console.staked_on_rounds(_LISTED), known.number, known.scale),
        ],
        fees_by_day=earned,
    )
    return answer(shown)


@router.get("/v1/conflicts", response_model=Page[AnyConflict])
async def list_all_conflicts(caller: OperatorCaller) -> Response:
    """List what contradicts itself on any product, and so waits for an operator. The list is always whole."""
    return answer(Page([AnyConflict(*each) for each in await caller.services.conflicts()]))


async def _webhooks(console: ConsoleQueries) -> list[FeedState]:
    states: list[FeedState] = []
    for each in await console.webhooks():
        late = each.due_since is not None and each.attempts > 0
        states.append(
            FeedState(
                "webhooks",
                each.url,
                not late,
                None if each.delivered_at is None else format_datetime(each.delivered_at),
                each.lag_s,
                each.last_error if late else None,
                None if each.next_at is None else f"It is tried again at {format_datetime(each.next_at)}.",
            )
        )
    return states


def _stakes(product: Literal["exchange", "pools"], rows: Sequence[AtStake], number: int, scale: int) -> list[Stake]:
    return [
        Stake(
            product,
            row.label if row.market is None else format_market_id(row.market),
            row.label,
            format_minor(row.minor, scale),
        )
        for row in rows
        if row.currency_number == number and row.minor
    ]


ENDPOINTS: Final = Endpoints[OperatorServices](router, traffic=Traffic.RARE)
