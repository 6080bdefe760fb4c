"""Webhooks: who hears of what, what became of each delivery, and a trial."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import AfterValidator, Field
from starlette.responses import Response

from evens.core.values.moments import format_datetime, format_time
from evens.edges.http.operator.services import OperatorCaller, OperatorServices
from evens.edges.http.protocol.access import Caller
from evens.edges.http.protocol.answering import answer, mark_replayed
from evens.edges.http.protocol.bodies import Body
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import Refused, problem, refuse_fields, refuse_not_found
from evens.edges.http.protocol.shapes import Page, Time
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.jobs.addresses import URL_LENGTH_MAX, DestinationRefused
from evens.store import outbox
from evens.store.deliveries import DeliveryStatus
from evens.store.outbox import WEBHOOKS_MAX, WebhookLimitReached
from evens.store.wallets.notices import Topic

router = APIRouter(route_class=StrictRoute, tags=["Webhooks"])

_MICROSECOND_NS: Final = 1000

WebhookId = Annotated[str, Field(examples=["whk_mfzwizltoq3w6yti"])]
Url = Annotated[str, Field(examples=["https://ads.example.com/evens"])]
# From JSON a topic comes as text, which the strictness of bodies would not take for one.
TopicName = Annotated[Topic, Field(strict=False, examples=["account.funded"])]

TOPICS_IN_WORDS: Final = (
    "`transaction.recorded`: any change of somebody's cash. `deposit.completed`: money came in, also over the chain "
    "rail. `withdrawal.requested`, `.completed`, `.rejected`. `account.funded`, `account.emptied`: a balance left "
    "zero, or is zero. `customer.registered`. Rounds of pools: `round.opened`, `round.locked`, `round.settled` and "
    "`round.void` (the result is said, its booking begins), `round.corrected` (another result replaces it)."
)


def _refuse_repeats(topics: list[Topic]) -> list[Topic]:
    if len(set(topics)) != len(topics):
        raise ValueError("must not name a topic twice")
    return topics


class WebhookBody(Body):
    """Where notices are to be sent, and which ones. The URL must lead to the public internet, by https."""

    url: Annotated[str, Field(min_length=1, max_length=URL_LENGTH_MAX, examples=["https://ads.example.com/evens"])]
    topics: Annotated[
        list[TopicName],
        Field(min_length=1, description=TOPICS_IN_WORDS),
        AfterValidator(_refuse_repeats),
    ]


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription to notices."""

    id: WebhookId
    url: Url
    topics: list[str]
    created_by: str
    created_at: Time
    removed_at: Annotated[Time | None, Field(description="By an operator, or because the receiver answered 410.")]


@dataclass(frozen=True, slots=True)
class CreatedWebhook:
    """A new subscription, with the secret to check its messages with, which only this answer shows."""

    id: WebhookId
    url: Url
    topics: list[str]
    secret: Annotated[str, Field(description="As https://www.standardwebhooks.com says.", examples=["whsec_…"])]
    created_at: Time


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one notice for one webhook."""

    id: Annotated[str, Field(description="The `webhook-id` that it is sent with.", examples=["msg_17"])]
    topic: str
    status: DeliveryStatus
    attempts: int
    occurred_at: Time
    last_attempt_at: Time | None
    next_attempt_at: Annotated[Time | None, Field(description="Null once nothing will be tried any more.")]
    last_error: Annotated[str | None, Field(examples=["answered 503"])]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a test message led to."""

    delivered: bool
    status: Annotated[int | None, Field(description="Of the receiver's answer.", examples=[204])]
    error: Annotated[str | None, Field(examples=["did not answer within 10 s"])]
    milliseconds: float


@router.post("/v1/webhooks", status_code=201, response_model=CreatedWebhook, responses=problems(409))
async def create_webhook(caller: OperatorCaller, body: WebhookBody, key: IdempotencyKey = None) -> Response:
    """Send notices on these topics to this URL from now on. This answer, and its replays, alone show the secret.

    Messages are signed as the Standard Webhooks say, and sent at least once: `webhook-id` tells repeats. Their order is
    not promised; `timestamp` is when it happened. What is not answered with 2xx within 10 s is sent again after 5 s,
    30 s, 5 min, 30 min, 2, 6, 12 and 24 hours; 410 ends the subscription.
    """
    webhooks = caller.services.webhooks
    try:
        made, replayed = await webhooks.subscribe(
            caller.principal.scope, url=body.url, topics=body.topics, idempotency_key=key
        )
    except DestinationRefused as error:
        raise refuse_fields(("url", str(error)), code="url_refused") from error
    except WebhookLimitReached as error:
        detail = f"There are {WEBHOOKS_MAX} webhooks; remove one first."
        raise Refused(problem(409, "webhooks_limit", detail)) from error
    created = CreatedWebhook(
        made.id, made.url, list(made.topics), webhooks.secret_of(made), format_datetime(made.created_at)
    )
    return answer(created, 201, mark_replayed(replayed))


@router.get("/v1/webhooks", response_model=Page[Webhook])
async def list_webhooks(caller: OperatorCaller, page: AnyPage) -> Response:
    """List webhooks, removed ones too, newest first."""
    webhooks = caller.services.webhooks
    if page.after is not None and not webhooks.is_id(page.after):
        raise refuse_fields(("after", "is not the `next` of a page; begin without it"))
    found = await webhooks.page(after=page.after, limit=page.limit + 1)
    shown = [_present(webhook) for webhook in found[: page.limit]]
    return answer(Page(shown, shown[-1].id if len(found) > page.limit else None))


@router.get("/v1/webhooks/{id}", response_model=Webhook, responses=problems(404))
async def read_webhook(caller: OperatorCaller, id: str) -> Response:
    """Show a webhook."""
    return answer(_present(await _find(caller, id)))


@router.delete("/v1/webhooks/{id}", status_code=204, responses=problems(404))
async def remove_webhook(caller: OperatorCaller, id: str) -> Response:
    """Send nothing to it any more, for good."""
    await caller.services.webhooks.remove(await _find(caller, id))
    return Response(status_code=204)


@router.get("/v1/webhooks/{id}/deliveries", response_model=Page[Delivery], responses=problems(404))
async def list_deliveries(
    caller: OperatorCaller,
    id: str,
    page: AnyPage,
    status: Annotated[DeliveryStatus | None, Query(description="Only those that stand so.")] = None,
) -> Response:
    """List what became of the notices of the last 30 days, newest first."""
    before = page.before_id
    webhook = await _find(caller, id)
    found = await caller.services.webhooks.deliveries(webhook, status, before=before, limit=page.limit + 1)
    return answer(page_of(found, page, lambda delivery: delivery.notice, _present_delivery))


@router.post("/v1/webhooks/{id}/test", response_model=Trial, responses=problems(404, 409))
async def test_webhook(caller: OperatorCaller, id: str) -> Response:
    """Send a `webhook.test` message now, once, and tell what the receiver answered."""
    webhook = await _find(caller, id)
    if webhook.removed_at is not None:
        raise Refused(problem(409, "webhook_removed", "This webhook was removed; make a new one."))
    trial = await caller.services.webhooks.test(webhook)
    received = trial.answer
    return answer(Trial(received.error is None, received.status, received.error, round(trial.seconds * 1000, 1)))


async def _find(caller: Caller[OperatorServices], webhook_id: str) -> outbox.Webhook:
    webhook = await caller.services.webhooks.find(webhook_id)
    if webhook is None:
        raise refuse_not_found("webhook_unknown", "There is no such webhook; check the id.")
    return webhook


def _present(webhook: outbox.Webhook) -> Webhook:
    return Webhook(
        id=webhook.id,
        url=webhook.url,
        topics=list(webhook.topics),
        created_by=webhook.created_by,
        created_at=format_datetime(webhook.created_at),
        removed_at=None if webhook.removed_at is None else format_datetime(webhook.removed_at),
    )


def _present_delivery(delivery: outbox.Delivery) -> Delivery:
    return Delivery(
        id=f"msg_{delivery.notice}",
        topic=delivery.topic,
        status=delivery.status,
        attempts=delivery.attempts,
        occurred_at=format_time(delivery.at),
        last_attempt_at=None if delivery.last_tried_at is None else format_datetime(delivery.last_tried_at),
        next_attempt_at=format_datetime(delivery.due_at) if delivery.status is DeliveryStatus.DUE else None,
        last_error=delivery.last_error,
    )


ENDPOINTS: Final = Endpoints[OperatorServices](router, traffic=Traffic.RARE)
