"""What operators take back or out when the line was wrong: results, bets of a time, selections."""

from collections.abc import Collection
from functools import partial
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from evens.core.commands.fixed_odds import CancelBets, RemoveSelection, RollBackResults
from evens.edges.http.protocol.access import Caller
from evens.edges.http.protocol.booking import book, book_made
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import refuse_fields
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.sportsbook.bodies import CancelBody, RemovalBody, RollbackBody
from evens.edges.http.sportsbook.events import EventId
from evens.edges.http.sportsbook.services import OperatorCaller, SportsbookServices, reply
from evens.edges.http.sportsbook.shapes import EventState
from evens.store.fixed_odds.rows import FixtureRow

router = APIRouter(route_class=StrictRoute, tags=["Sportsbook: events"])

_CHANGED: Final = problems(404, 409)


@router.post("/v1/sportsbook/events/{id:path}/rollback", response_model=EventState, responses=_CHANGED)
async def roll_back_event(
    caller: OperatorCaller, id: EventId, body: RollbackBody, key: IdempotencyKey = None
) -> Response:
    """Take results back: what was paid is reversed, and the bets are open again. Bets cashed out stay as they are."""
    return await book(caller, await read_roll_back(caller, id, body), key)


async def read_roll_back(caller: Caller[SportsbookServices], id: str, body: RollbackBody) -> RollBackResults:
    """Return what takes results back. Raises a 404 for an event that nobody knows."""
    event = await caller.services.events.require(id)
    return RollBackResults(event.id, tuple(body.markets or ()), ruled=True)


@router.post("/v1/sportsbook/events/{id:path}/cancel", response_model=EventState, responses=_CHANGED)
async def cancel_event_bets(
    caller: OperatorCaller, id: EventId, body: CancelBody, key: IdempotencyKey = None
) -> Response:
    """Void the bets struck in some time, when the odds were wrong; those that are settled are corrected.

    With `restored` that is taken back: the bets are bets again, except those cashed out or voided by themselves.
    """
    return await book_made(caller, ("cancel", id, body), partial(read_cancellation, caller, id, body), key)


async def read_cancellation(caller: Caller[SportsbookServices], id: str, body: CancelBody) -> CancelBets:
    """Return what voids the bets of a time. Raises a 404 for the event, or a 422 for a time that is none."""
    if body.until is not None and body.until <= body.since:
        raise refuse_fields(("to", "must be later than from"))
    event = await caller.services.events.require(id)
    markets = tuple(body.markets or ())
    until = body.until
    if body.restored and until is None:
        until = _end_of_cancelled(await caller.services.events.read(id), markets, body.since)
    return CancelBets(event.id, markets, body.since, until, body.restored, ruled=True)


def _end_of_cancelled(event: FixtureRow, markets: Collection[str], since: int) -> int | None:
    """Return when the time that began then ended; ``None`` if there is none. Raises a 422 if there are several."""
    named = [market for market in event.markets if not markets or market.key in markets]
    ends = {until for market in named for began, until in market.cancelled if began == since}
    if len(ends) > 1:
        raise refuse_fields(("to", "must be given: several cancellations began at from"))
    return next(iter(ends), None)


@router.post("/v1/sportsbook/events/{id:path}/remove", response_model=EventState, responses=_CHANGED)
async def remove_event_selection(
    caller: OperatorCaller, id: EventId, body: RemovalBody, key: IdempotencyKey = None
) -> Response:
    """Take a selection out: bets on it are void, bets struck before on the others of its market win less."""
    event = await caller.services.events.require(id)
    return await book(caller, RemoveSelection(event.id, body.market, body.selection, body.reduction_bps), key)


ENDPOINTS: Final = Endpoints(router, dict.fromkeys((RollBackResults, CancelBets, RemoveSelection), reply), Traffic.RARE)
