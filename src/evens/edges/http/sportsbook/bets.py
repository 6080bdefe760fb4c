"""Bets: taking them, looking at them, cashing them out, giving them back."""

import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from evens.core.commands.fixed_odds import CashOutBet, PlaceBet, VoidBet, WantedLeg
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.values.fixed_odds import Acceptance, BetLeg
from evens.core.values.ids import CustomerId
from evens.core.values.moments import SECOND_NS, format_time
from evens.core.values.money import format_minor
from evens.core.values.public_ids import parse_bet_id
from evens.edges.http.protocol.access import (
    ME,
    OPERATORS,
    Caller,
    UserFilter,
    is_customer,
    resolve_bettor,
    resolve_customer,
)
from evens.edges.http.protocol.amounts import read_money
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.booking import book, is_known
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, PageAsked, format_cursor
from evens.edges.http.protocol.problem import Refused, problem, refuse_fields, refuse_not_found
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.sportsbook.bodies import MAIN, WIN, BetBody, CashOutBody, EventIdText, LegBody
from evens.edges.http.sportsbook.deriving import bet_state, cash_out_value
from evens.edges.http.sportsbook.known_events import KnownEvent
from evens.edges.http.sportsbook.line import is_stale, refreshed
from evens.edges.http.sportsbook.presenting import present_bet
from evens.edges.http.sportsbook.quotes import Quote, format_quote, parse_quote
from evens.edges.http.sportsbook.refusals import LINE_UNAVAILABLE
from evens.edges.http.sportsbook.services import AnyCaller, OperatorCaller, SportsbookServices, reply
from evens.edges.http.sportsbook.shapes import AcceptName, Bet, BetStatusName, CashOutQuote
from evens.store.fixed_odds.queries import BetRow, LimitsRow

router = APIRouter(route_class=StrictRoute, tags=["Sportsbook: bets"])

QUOTE_NS: Final = 5 * SECOND_NS
"""How long a cash-out quote is good."""

_LOOKED_AT_MAX: Final = 2_000
"""How many bets are looked at for one page of those that ended in some way."""

_ACCEPTANCES: Final[Mapping[AcceptName, Acceptance]] = {
    "any": Acceptance.ANY,
    "better": Acceptance.BETTER,
    "none": Acceptance.NONE,
}


@router.post("/v1/sportsbook/bets", status_code=201, response_model=Bet, responses=problems(402, 404, 409))
async def place_bet(caller: AnyCaller, body: BetBody, key: IdempotencyKey = None) -> Response:
    """Bet on one selection, or with `legs` on several that all have to win. The odds taken stay with the bet."""
    line = caller.services.line
    asked_at = await refreshed(line)
    bet, events = await make_bet(caller, body)
    if any(is_stale(line, event.source, asked_at) for event in events) and not await is_known(caller, key):
        raise _refuse_unavailable()
    return await book(caller, bet, key)


@router.get("/v1/sportsbook/bets", response_model=Page[Bet], responses=problems(404))
async def list_bets(
    caller: AnyCaller,
    page: AnyPage,
    status: Annotated[BetStatusName | None, Query()] = None,
    event_id: Annotated[EventIdText | None, Query(description="Only with a leg on this event.")] = None,
    user_id: UserFilter = None,
) -> Response:
    """List a user's bets, newest first; operators who name only an event see everybody's.

    With a status of bets that are over, a page may be shorter than its limit though more follows: `next` tells.
    """
    event = None if event_id is None else await caller.services.events.require(event_id)
    everybody = event is not None and user_id is None and caller.principal.role in OPERATORS
    customer = None if everybody else resolve_customer(caller.principal, user_id or ME)
    found, following = await _read_page(caller.services, page, customer, event, status)
    currencies = caller.shared.currencies
    return answer(Page([present_bet(row, currencies) for row in found], following))


@router.get("/v1/sportsbook/bets/{id}", response_model=Bet, responses=problems(404))
async def read_bet(caller: AnyCaller, id: str) -> Response:
    """Show a bet."""
    return answer(present_bet(await _find(caller, id), caller.shared.currencies))


@router.get("/v1/sportsbook/bets/{id}/cash-out", response_model=CashOutQuote, responses=problems(404, 409))
async def quote_cash_out(caller: AnyCaller, id: str) -> Response:
    """Tell what a bet is worth at the present odds. The quote is good for 5 seconds, unless the odds change."""
    services = caller.services
    asked_at = await refreshed(services.line)
    row = await _find(caller, id)
    limits = await services.reads.limits(row.currency_number) or LimitsRow()
    now = time.time_ns()
    value_minor = None if _is_stale(services, row, asked_at) else cash_out_value(row, limits.cash_out_margin_bps, now)
    if value_minor is None:
        raise Refused(caller.shared.refusals.present(FixedOddsReason.CASH_OUT_UNAVAILABLE, ()))
    currency = caller.shared.currencies.by_number(row.currency_number)
    quote = Quote(value_minor, now + QUOTE_NS)
    amount = format_minor(value_minor, currency.scale)
    return answer(CashOutQuote(format_quote(quote), amount, currency.code, format_time(quote.expires_at)))


@router.post("/v1/sportsbook/bets/{id}/cash-out", response_model=Bet, responses=problems(404, 409))
async def cash_out_bet(caller: AnyCaller, id: str, body: CashOutBody, key: IdempotencyKey = None) -> Response:
    """Take what a quote offers instead of waiting for the result: exactly that amount, or nothing happens."""
    quote = parse_quote(body.quote_id)
    if quote is None:
        raise refuse_fields(("quote_id", "is not the id of a quote; ask for one"))
    services = caller.services
    asked_at = await refreshed(services.line)
    row = await _find(caller, id)
    if row.customer != caller.principal.customer and caller.principal.role not in OPERATORS:
        raise _refuse_unknown_bet()
    if _is_stale(services, row, asked_at) and not await is_known(caller, key):
        raise Refused(caller.shared.refusals.present(FixedOddsReason.CASH_OUT_UNAVAILABLE, ()))
    command = CashOutBet(row.id, row.customer, quote.amount_minor, quote.expires_at, _single_of(row))
    return await book(caller, command, key)


@router.post("/v1/sportsbook/bets/{id}/void", response_model=Bet, responses=problems(404, 409))
async def void_bet(caller: OperatorCaller, id: str, key: IdempotencyKey = None) -> Response:
    """Give the stake of an open bet back."""
    return await book(caller, await read_void(caller, id, None), key)


async def read_void(caller: Caller[SportsbookServices], id: str, body: None) -> VoidBet:
    """Return what gives a bet's stake back. Raises a 404 for a bet that nobody knows."""
    row = await _find(caller, id)
    return VoidBet(row.id, row.customer, _single_of(row))


async def make_bet(caller: Caller[SportsbookServices], body: BetBody) -> tuple[PlaceBet, Sequence[KnownEvent]]:
    """Return the bet that a request asks for, and the events of its legs. Raises a 422, or a 404 for an event."""
    legs = _read_legs(body)
    money = read_money(caller.shared, body.amount, body.currency)
    customer = resolve_bettor(caller.principal, body.user_id)
    events = [await caller.services.events.require(leg.event_id) for leg in legs]
    wanted = tuple(
        [WantedLeg(event.id, leg.market, leg.selection, leg.odds) for event, leg in zip(events, legs, strict=True)]
    )
    accept = _ACCEPTANCES[body.accept]
    return PlaceBet(customer, money.currency.code, money.amount_minor, wanted, accept), events


def _read_legs(body: BetBody) -> Sequence[LegBody]:
    """Return what a bet is on. Raises a 422 unless it is said in one of the two ways, and each leg once."""
    if body.legs is None:
        if body.event_id is None:
            raise refuse_fields(("event_id", "is required, or legs"))
        market, selection = body.market or MAIN, body.selection or WIN
        return [LegBody.model_construct(event_id=body.event_id, market=market, selection=selection, odds=body.odds)]
    own = {"event_id": body.event_id, "market": body.market, "selection": body.selection, "odds": body.odds}
    given = [(name, "cannot be given together with legs") for name, value in own.items() if value is not None]
    if given:
        raise refuse_fields(*given)
    legs = [(leg.event_id, leg.market, leg.selection) for leg in body.legs]
    errors = [(f"legs[{place}]", "is there already") for place, leg in enumerate(legs) if leg in legs[:place]]
    if errors:
        raise refuse_fields(*errors)
    return body.legs


async def _read_page(
    services: SportsbookServices,
    page: PageAsked,
    customer: CustomerId | None,
    event: KnownEvent | None,
    status: BetStatusName | None,
) -> tuple[list[BetRow], str | None]:
    """Return the bets of a page, and the cursor of the next. How a bet ended is no column that could be searched."""
    is_open = None if status is None else status == "open"
    fixture = None if event is None else event.id
    found: list[BetRow] = []
    before, looked_at = page.before_id, 0
    while True:
        rows = await services.reads.bets(
            customer, is_open=is_open, fixture=fixture, before=before, limit=page.limit + 1
        )
        for row in rows[: page.limit]:
            before = row.id
            if status in {None, "open"} or bet_state(row).status == status:
                found.append(row)
                if len(found) == page.limit:
                    more = row is not rows[-1]
                    return found, format_cursor(row.id) if more else None
        looked_at += len(rows)
        if len(rows) <= page.limit:
            return found, None
        if looked_at >= _LOOKED_AT_MAX:
            return found, format_cursor(before)


async def _find(caller: Caller[SportsbookServices], bet_id: str) -> BetRow:
    """Return a bet that the caller may see. Raises a 404 if there is none, also if it is somebody else's."""
    bet = parse_bet_id(bet_id)
    row = None if bet is None else await caller.services.reads.bet(bet)
    if row is None or (is_customer(caller.principal) and row.customer != caller.principal.customer):
        raise _refuse_unknown_bet()
    return row


def _single_of(row: BetRow) -> BetLeg | None:
    return row.legs[0].leg if len(row.legs) == 1 else None


def _is_stale(services: SportsbookServices, row: BetRow, at: int) -> bool:
    return any(is_stale(services.line, each.fixture.source, at) for each in row.legs)


def _refuse_unavailable() -> Refused:
    return Refused(problem(503, FixedOddsReason.LINE_UNAVAILABLE.value, LINE_UNAVAILABLE), {"Retry-After": "1"})


def _refuse_unknown_bet() -> Refused:
    return refuse_not_found("bet_unknown", "There is no such bet; check the id.")


ENDPOINTS: Final = Endpoints(router, dict.fromkeys((PlaceBet, CashOutBet, VoidBet), reply), Traffic.HOT)
