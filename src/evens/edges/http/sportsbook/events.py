"""Events: what one can bet on; and what operators do to them when the line is silent or wrong."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Final, Literal

import msgspec
from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from evens.core.commands.fixed_odds import CloseConflict, DeclareResults, HoldFixture, VoidFixture
from evens.core.values.fixed_odds import LegResult, SelectionResult, has_too_many_winners
from evens.edges.http.protocol.access import Caller
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.booking import book, book_made
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import refuse_fields
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import BatchRoute, StrictRoute
from evens.edges.http.protocol.texts import SearchWords, Text
from evens.edges.http.sportsbook.bodies import ConflictBody, SettleEventBody
from evens.edges.http.sportsbook.line import refreshed
from evens.edges.http.sportsbook.presenting import present_conflicts, present_event
from evens.edges.http.sportsbook.services import AnyVisitor, OperatorCaller, SportsbookServices, reply
from evens.edges.http.sportsbook.shapes import Conflict, EventState, ResultName, Sport, SportsbookEvent

router = APIRouter(route_class=StrictRoute, tags=["Sportsbook: events"])
settle_router = APIRouter(route_class=BatchRoute, tags=["Sportsbook: events"])

EventId = Annotated[str, Path(description="The event's id, as its provider calls it.", examples=["ann-bo-2026"])]

_CHANGED: Final = problems(404, 409)
_RESULTS: Final[Mapping[ResultName, LegResult]] = {
    "won": LegResult.WON,
    "lost": LegResult.LOST,
    "void": LegResult.VOID,
    "half_won": LegResult.HALF_WON,
    "half_lost": LegResult.HALF_LOST,
}


@router.get("/v1/sportsbook/events", response_model=Page[SportsbookEvent])
async def list_events(
    visitor: AnyVisitor,
    page: AnyPage,
    status: Annotated[
        Literal["active", "all"], Query(description="`active`: one can bet on it, or on a part of it, now.")
    ] = "active",
    sport: Annotated[Text | None, Query(description="Only of this sport.")] = None,
    q: SearchWords = None,
) -> Response:
    """List events, newest first, never more than 3 seconds old; if a provider is not heard from, `stale` says so.

    Titles, competitions and sports are searched.
    """
    services, before = visitor.services, page.before_id

    async def make() -> bytes:
        asked_at = await refreshed(services.line)
        active_at = time.time_ns() if status == "active" else None
        rows = await services.reads.fixtures(
            active_at=active_at, sport=sport, words=q, before=before, limit=page.limit + 1
        )
        for row in rows:
            services.events.learn(row)
        shown = page_of(rows, page, lambda row: row.id, lambda row: present_event(row, services.line, asked_at))
        return msgspec.json.encode(shown)

    content = await services.pages.get((status, sport, q, before, page.limit), make)
    return Response(content, 200, media_type="application/json")


@router.get("/v1/sportsbook/sports", response_model=Page[Sport])
async def list_sports(visitor: AnyVisitor) -> Response:
    """List the sports that one can bet on now, those with the most events first. The list is always whole."""
    services = visitor.services

    async def make() -> bytes:
        rows = await services.reads.active_sports(time.time_ns())
        return msgspec.json.encode(Page([Sport(row.sport, row.events) for row in rows]))

    return Response(await services.pages.get("sports", make), 200, media_type="application/json")


@router.get("/v1/sportsbook/events/{id:path}", response_model=SportsbookEvent, responses=problems(404))
async def read_event(visitor: AnyVisitor, id: EventId) -> Response:
    """Show an event with all its markets, finished or not."""
    return answer(await show_event(visitor.services, id))


async def show_event(services: SportsbookServices, id: str) -> SportsbookEvent:
    """Return an event as it is now, never more than 3 seconds old. Raises a 404."""
    asked_at = await refreshed(services.line)
    row = await services.events.read(id)
    services.events.learn(row)
    return present_event(row, services.line, asked_at)


@router.post("/v1/sportsbook/events/{id:path}/suspend", response_model=EventState, responses=_CHANGED)
async def suspend_event(caller: OperatorCaller, id: EventId, key: IdempotencyKey = None) -> Response:
    """Take no bets on an event, whatever its provider says, until you resume it."""
    return await book(caller, HoldFixture((await caller.services.events.require(id)).id, held=True), key)


@router.post("/v1/sportsbook/events/{id:path}/resume", response_model=EventState, responses=_CHANGED)
async def resume_event(caller: OperatorCaller, id: EventId, key: IdempotencyKey = None) -> Response:
    """Take bets on an event again, unless its provider has suspended it."""
    return await book(caller, HoldFixture((await caller.services.events.require(id)).id, held=False), key)


@router.post("/v1/sportsbook/events/{id:path}/void", response_model=EventState, responses=_CHANGED)
async def void_event(caller: OperatorCaller, id: EventId, key: IdempotencyKey = None) -> Response:
    """Say that nothing of an event counts: singles are given back, accumulators go on with their other legs."""
    return await book(caller, await read_void(caller, id, None), key)


@settle_router.post("/v1/sportsbook/events/{id:path}/settle", response_model=EventState, responses=_CHANGED)
async def settle_event(
    caller: OperatorCaller, id: EventId, body: SettleEventBody, key: IdempotencyKey = None
) -> Response:
    """Say how an event ended, when its provider is silent or wrong. Bets are paid a part at a time.

    The event is finished once each of its markets has a result.
    """
    return await book_made(caller, ("settle event", id, body), partial(read_results, caller, id, body), key)


async def read_void(caller: Caller[SportsbookServices], id: str, body: None) -> VoidFixture:
    """Return what voids an event. Raises a 404 for one that nobody knows."""
    return VoidFixture((await caller.services.events.require(id)).id, ruled=True)


async def read_results(caller: Caller[SportsbookServices], id: str, body: SettleEventBody) -> DeclareResults:
    """Return the results that an operator declares. Raises a 404 for the event, or a 422 for what cannot be."""
    errors = [
        (f"results[{place}].dead_heat", "can only be given with the result `won`")
        for place, each in enumerate(body.results)
        if each.dead_heat is not None and each.result != "won"
    ]
    named = [(each.market, each.selection) for each in body.results]
    first = {pair: place for place, pair in reversed(list(enumerate(named)))}
    errors += [
        (f"results[{place}].selection", "is named twice") for place, pair in enumerate(named) if first[pair] != place
    ]
    if errors:
        raise refuse_fields(*errors)
    event = await caller.services.events.read(id)
    results = tuple(
        [SelectionResult(each.market, each.selection, _RESULTS[each.result], *each.share()) for each in body.results]
    )
    errors = [
        ("results", f"name more winners than the {market.winners} of {market.key}; who ties has a dead_heat")
        for market in event.markets
        if has_too_many_winners([each for each in results if each.market == market.key], market.winners)
    ]
    if errors:
        raise refuse_fields(*errors)
    return DeclareResults(event.id, results, body.correction, ruled=True)


@router.get("/v1/sportsbook/conflicts", response_model=Page[Conflict])
async def list_conflicts(caller: OperatorCaller, page: AnyPage) -> Response:
    """List markets whose provider said two different things. Settle with `correction`, or keep what stands.

    Conflicts of one event are never torn apart, so a page can be longer than its limit.
    """
    rows = await caller.services.reads.contradicted(before=page.before_id, limit=page.limit + 1)
    torn = page_of(rows, page, lambda row: row.id, present_conflicts)
    return answer(Page([conflict for conflicts in torn.items for conflict in conflicts], torn.next))


@router.post("/v1/sportsbook/conflicts/close", response_model=EventState, responses=_CHANGED)
async def close_conflict(caller: OperatorCaller, body: ConflictBody, key: IdempotencyKey = None) -> Response:
    """Keep a market's result as it stands, whatever its provider said later."""
    event = await caller.services.events.require(body.event_id)
    return await book(caller, CloseConflict(event.id, body.market), key)


ENDPOINTS: Final = Endpoints(router, dict.fromkeys((HoldFixture, VoidFixture, CloseConflict), reply), Traffic.HOT)
SETTLE_ENDPOINTS: Final = Endpoints(settle_router, {DeclareResults: reply}, Traffic.RARE)
