"""The routes on events, changes and webhooks. Reading is open; writing takes the key."""

from dataclasses import dataclass, field
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.security import HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from evens.core.values.moments import MOMENT_MAX
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import After, PageAsked, read_digits
from evens.edges.http.protocol.problem import Refused, problem, refuse_fields, refuse_not_found
from evens.edges.http.protocol.shapes import Time
from evens.edges.http.protocol.strict import BATCH_BYTES_MAX, BatchRequest, StrictRoute
from evens.edges.jobs.addresses import DestinationRefused
from evens.edges.jobs.sending import Sender
from line_provider.alive import Alive
from line_provider.bodies import Active, Cancellation, EventChange, NewEvent, Rollback, WebhookWanted
from line_provider.door import holds_key
from line_provider.listing import Asked, Listing, matches, tag_of
from line_provider.metrics import LineMetrics
from line_provider.publisher import Publisher
from line_provider.shapes import Change, Event
from line_provider.store import WEBHOOKS_MAX, LineStore, Webhook, WebhookLimitReached

LIMIT_MAX: Final = 1000
_LIMIT: Final = 100
_SCOPE: Final = "line"


class LineRequest(BatchRequest):
    """A request that may carry an event with many markets."""

    body_bytes_max = BATCH_BYTES_MAX


class LineRoute(StrictRoute):
    """A route that takes such requests."""

    request_class = LineRequest


@dataclass(frozen=True, slots=True)
class LineServices:
    """What the routes work with."""

    store: LineStore
    publisher: Publisher
    listing: Listing
    sender: Sender
    alive: Alive
    metrics: LineMetrics
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Events:
    """A part of the list of events, newest first, as of a change."""

    items: list[Event]
    next: Annotated[str | None, Query(description="Give it as `after` to get what follows.")]
    change: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes in their order. ``last`` is the newest there is."""

    items: list[Change]
    next: int | None
    last: int


@dataclass(frozen=True, slots=True)
class SignedWebhook:
    """A webhook with the secret that its messages are signed with."""

    id: str
    url: str
    secret: str
    created_at: Time


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Everybody who is told."""

    items: list[Webhook]


@dataclass(frozen=True, slots=True)
class Health:
    """How the service is."""

    status: str


_bearer = HTTPBearer(auto_error=False, scheme_name="Key", description="What DIR/line-provider.key has.")


async def _services(request: Request) -> LineServices:
    return request.app.state.services


Services = Annotated[LineServices, Depends(_services)]


async def _check_key(request: Request, services: Services) -> None:
    if not holds_key(request.headers.get("authorization"), services.key):
        detail = "Send the key of the line provider (in DIR/line-provider.key) as `Authorization: Bearer <key>`."
        challenge = {"WWW-Authenticate": 'Bearer realm="line-provider"'}
        raise Refused(problem(401, "not_authenticated", detail), challenge)


Digits = BeforeValidator(read_digits)
Limit = Annotated[int, Field(ge=1, le=LIMIT_MAX), Digits, Query(description="Most items to return.")]
EventPath = Annotated[str, Path(alias="id", examples=["m-1"])]
IfNoneMatch = Annotated[str | None, Header()]
WITH_KEY: Final = [Depends(_check_key), Depends(_bearer)]

router = APIRouter(route_class=LineRoute)


@router.get(
    "/events",
    response_model=Events,
    responses={304: {"description": "As it was at your `If-None-Match`."}, **problems(422, 503)},
)
async def list_events(
    services: Services,
    active: Annotated[
        Active | None, Query(description="True: new, not suspended as a whole, with the deadline ahead.")
    ] = None,
    sport: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    after: After = None,
    limit: Limit = _LIMIT,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """List events, newest first.

    A page of large events is shorter than its limit though more follows: `next` tells.
    """
    asked = Asked(PageAsked(limit, after).before_id, sport, None if active is None else active == "true", limit)
    found = await services.listing.answer(asked)
    headers = {"ETag": found.etag}
    if matches(if_none_match, found.etag):
        return Response(status_code=304, headers=headers)
    return Response(found.body, 200, headers, "application/json")


@router.post(
    "/events", response_model=Event, status_code=201, responses=problems(401, 409, 422, 503), dependencies=WITH_KEY
)
async def publish_event(services: Services, body: NewEvent) -> Response:
    """Publish an event: with one coefficient, with selections, or with markets. 409: the id is taken."""
    return answer(await services.publisher.create(body), 201)


@router.get("/events/{id}", response_model=Event, responses=problems(404, 503))
async def read_event(services: Services, event_id: EventPath, if_none_match: IfNoneMatch = None) -> Response:
    """Return an event."""
    body = (await services.publisher.document(event_id)).encode()
    etag = tag_of(body)
    if matches(if_none_match, etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(body, 200, {"ETag": etag}, "application/json")


@router.patch("/events/{id}", response_model=Event, responses=problems(401, 404, 409, 422, 503), dependencies=WITH_KEY)
async def change_event(services: Services, event_id: EventPath, body: EventChange) -> Response:
    """Change odds, deadline or suspension, remove runners, or give results. What is not named stays."""
    return answer(await services.publisher.change(event_id, body))


@router.post("/events/{id}/cancel", response_model=Event, responses=problems(401, 404, 422, 503), dependencies=WITH_KEY)
async def cancel_bets(services: Services, event_id: EventPath, body: Cancellation) -> Response:
    """Void the bets that were struck from one moment until before another, settled or not."""
    return answer(await services.publisher.cancel(event_id, body))


@router.post(
    "/events/{id}/rollback", response_model=Event, responses=problems(401, 404, 409, 422, 503), dependencies=WITH_KEY
)
async def roll_back_results(services: Services, event_id: EventPath, body: Rollback | None = None) -> Response:
    """Take results back: the event is new again."""
    return answer(await services.publisher.roll_back(event_id, body or Rollback()))


@router.get("/changes", response_model=Changes, responses=problems(422, 503))
async def list_changes(
    services: Services,
    after: Annotated[int, Field(ge=0, le=MOMENT_MAX), Digits, Query(description="The last change seen; 0: none.")] = 0,
    limit: Limit = _LIMIT,
) -> Response:
    """List changes in the order in which they were made: everything since, for whoever missed a message.

    A page of large events is shorter than its limit though more follows: `next` tells.
    """
    last, shown = await services.store.changes(after, limit)
    return answer(Changes(shown, shown[-1].change if shown and shown[-1].change < last else None, last))


@router.put("/webhooks", response_model=SignedWebhook, responses=problems(401, 409, 422, 503), dependencies=WITH_KEY)
async def subscribe(services: Services, body: WebhookWanted) -> Response:
    """Send every message from now on to a URL. The same URL again is the same webhook with the same secret."""
    try:
        await services.sender.destinations.check(body.url)
    except DestinationRefused as error:
        raise refuse_fields(("url", str(error))) from error
    webhook_id = services.sender.secrets.ids_of(_SCOPE, body.url)[0]
    try:
        made = await services.store.subscribe(webhook_id, body.url)
    except WebhookLimitReached as error:
        detail = f"There are {WEBHOOKS_MAX} webhooks already; delete one first."
        raise Refused(problem(409, "webhook_limit_reached", detail)) from error
    services.alive.hurry()
    secret = services.sender.secrets.secret_of(made.id)
    return answer(SignedWebhook(made.id, made.url, secret, made.created_at))


@router.get("/webhooks", response_model=Webhooks, responses=problems(401, 503), dependencies=WITH_KEY)
async def list_webhooks(services: Services) -> Response:
    """List everybody who is told."""
    return answer(Webhooks(await services.store.webhooks()))


@router.delete("/webhooks/{id}", status_code=204, responses=problems(401, 404, 503), dependencies=WITH_KEY)
async def unsubscribe(services: Services, webhook_id: Annotated[str, Path(alias="id")]) -> Response:
    """Send nothing more to a webhook."""
    if not await services.store.unsubscribe(webhook_id):
        raise refuse_not_found("webhook_unknown", "There is no webhook with this id; GET /webhooks lists them.")
    return Response(status_code=204)


@router.get("/healthz", response_model=Health)
async def check_health() -> Response:
    """Say that the process answers."""
    return answer(Health("ok"))


@router.get("/readyz", response_model=Health, responses=problems(503))
async def check_readiness(services: Services) -> Response:
    """Say whether the database answers."""
    await services.store.last_change()
    return answer(Health("ready"))


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"description": "Metrics.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def read_metrics(services: Services) -> Response:
    """Tell Prometheus."""
    return Response(services.metrics.render(), media_type=CONTENT_TYPE_LATEST)
