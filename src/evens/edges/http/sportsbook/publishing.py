"""Creating events and changing their odds, by operators: at the line provider, which owns them, and not around it.

Evens sends what it is asked for to the provider, and takes the event that it answers into its own line at once. So an
event that an operator makes is like any other: it has the provider's versions, and whoever else reads the provider
sees it, too.
"""

import hashlib
import os
from collections.abc import Awaitable
from typing import Final

import structlog
from fastapi import APIRouter
from starlette.responses import Response

from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.values.public_ids import format_event_id
from evens.edges.http.protocol.access import Caller
from evens.edges.http.protocol.answering import answer, mark_replayed
from evens.edges.http.protocol.booking import do_once
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import TITLES, Refused, problem, refuse_fields
from evens.edges.http.protocol.strict import BatchRoute
from evens.edges.http.sportsbook.events import EventId, show_event
from evens.edges.http.sportsbook.line import IfTaken, LineView, Publishing, PublishResult
from evens.edges.http.sportsbook.line_bodies import EventChangeBody, NewEventBody
from evens.edges.http.sportsbook.line_reading import event_key, read_change, read_line
from evens.edges.http.sportsbook.services import OperatorCaller, SportsbookServices
from evens.edges.http.sportsbook.shapes import SportsbookEvent

router = APIRouter(route_class=BatchRoute, tags=["Sportsbook: events"])

_log: Final = structlog.get_logger(__name__)

_CODE_BYTES: Final = 8
_HOW: Final = (
    "Name a provider of the dialect `evens` in EVENS_LINE_SOURCES, and its key in EVENS_LINE_KEYS, "
    "to create and change events here."
)


@router.post("/v1/sportsbook/events", status_code=201, response_model=SportsbookEvent, responses=problems(409, 503))
async def create_event(caller: OperatorCaller, body: NewEventBody, key: IdempotencyKey = None) -> Response:
    """Have a line provider publish an event, which customers can bet on as soon as this answers.

    Without `id` it has one made of its title. Send it again under the same key if the answer was lost: it is the same
    event. Under a key that created it before, the event is shown as it is now.
    """
    services, line = caller.services, read_line(body)
    source = _publishing_source(services.line, body.source)
    name = body.id or event_key(body.title, _code(caller, key))
    # Under a key the request may have come before: an id that follows from the key can be nobody else's event, and one
    # that was chosen is this request's event as long as that is what was asked for.
    if_taken: IfTaken = "refuse" if key is None else "any" if body.id is None else "same"

    async def create() -> None:
        history = await services.reads.fixture(source, name)
        if history is not None and history.archived:
            # Its provider may have forgotten it, and the house takes nothing more that is said of it.
            raise Refused(problem(409, "event_exists", f"There was an event {name} already; choose another id."))
        await _published(services.line.create(source, name, line, if_taken), source)
        # The journal has what the provider published; that it was asked for, and by whom, is only known here.
        _log.info("event_created", fixture=format_event_id(source, name), by=caller.principal.scope)

    replayed = await do_once(caller, ("create event", body), create, key)
    shown = await show_event(services, format_event_id(source, name))
    return answer(shown, 201, mark_replayed(replayed))


@router.patch("/v1/sportsbook/events/{id:path}", response_model=SportsbookEvent, responses=problems(404, 409, 503))
async def change_event(
    caller: OperatorCaller, id: EventId, body: EventChangeBody, key: IdempotencyKey = None
) -> Response:
    """Have an event's line provider publish other odds, another title or deadline, or suspend parts of it.

    What is not named stays. Bets are taken at the new odds as soon as this answers. Under a key that it was changed
    with before, the event is shown as it is now.
    """
    services = caller.services
    event = await services.events.read(id)
    change = read_change(body, event)
    _check_publishes(services.line, event.source)

    async def publish() -> None:
        await _published(services.line.change(event.source, event.key, change), event.source)
        _log.info("event_changed", fixture=id, by=caller.principal.scope)

    replayed = await do_once(caller, ("change event", id, body), publish, key)
    return answer(await show_event(services, id), headers=mark_replayed(replayed))


def _publishing_source(line: LineView, named: str | None) -> str:
    """Return the provider that is to publish. Raises a 409 where it is only read, or a 422 for the name."""
    sources = line.sources()
    publishing = [name for name, publishes in sources.items() if publishes]
    if named is None and not publishing:
        raise _refuse_read_only("This house has no line provider that publishes what it is sent.")
    if named is None and len(publishing) > 1:
        raise refuse_fields(("source", f"must say which provider publishes it: {', '.join(publishing)}"))
    if named is not None and sources and named not in sources:
        raise refuse_fields(("source", f"is none of the line providers of this house: {', '.join(sources)}"))
    source = named or publishing[0]
    _check_publishes(line, source)
    return source


def _check_publishes(line: LineView, source: str) -> None:
    """Raise a 409 unless what comes from a provider can be changed there."""
    if not line.sources().get(source):
        raise _refuse_read_only(f"What comes from {source} is only read here.")


def _code(caller: Caller[SportsbookServices], key: str | None) -> str:
    """Return what tells an event from others of the same title: the same one under the same key."""
    if key is None:
        return os.urandom(_CODE_BYTES).hex()
    named = f"event\0{caller.principal.scope}\0{key}".encode()
    return hashlib.blake2b(named, digest_size=_CODE_BYTES).hexdigest()


async def _published(work: Awaitable[PublishResult], source: str) -> None:
    """Await that something is published. Raises the provider's refusal, a 409 where it is only read, or a 503."""
    result = await work
    match result.outcome:
        case Publishing.DONE:
            return
        case Publishing.NOT_ALLOWED:
            raise _refuse_read_only(f"Nothing can be published at the line provider {source}, which {result.detail}.")
        case Publishing.UNAVAILABLE:
            detail = (
                f"The line provider {source} {result.detail}, so that nobody knows whether this was published. "
                "Send it again in a moment, under the same Idempotency-Key; without one, look at the event first."
            )
            raise Refused(problem(503, FixedOddsReason.LINE_UNAVAILABLE.value, detail), {"Retry-After": "1"})
        case Publishing.REFUSED:
            raise _refuse(result)


def _refuse(result: PublishResult) -> Refused:
    """Return a provider's refusal as ours: its code and its sentence."""
    if result.errors:
        return refuse_fields(*result.errors, code=result.code)
    return Refused(problem(result.status if result.status in TITLES else 409, result.code, result.detail))


def _refuse_read_only(what: str) -> Refused:
    return Refused(problem(409, "line_read_only", f"{what} {_HOW}"))


ENDPOINTS: Final = Endpoints[SportsbookServices](router, traffic=Traffic.RARE)
