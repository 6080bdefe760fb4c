"""Creating a webhook, repeating the request, and sending a test message."""

from collections.abc import Sequence

import pytest
from standardwebhooks import Webhook as Signature

from evens.edges.jobs.addresses import DestinationRefused, Destinations
from evens.edges.jobs.messages import Secrets
from evens.edges.jobs.sending import Sender
from evens.edges.jobs.webhooks import Webhooks
from evens.identity.errors import RequestDiffers
from evens.store.wallets.notices import Topic
from tests.jobs.conftest import DeliveryHarness
from tests.jobs.receiver import Receiver, Reply

pytestmark = pytest.mark.anyio

FUNDED, EMPTIED = [Topic.ACCOUNT_FUNDED], [Topic.ACCOUNT_EMPTIED]


@pytest.fixture
def webhooks(harness: DeliveryHarness) -> Webhooks:
    return Webhooks(harness.outbox, harness.sender)


async def test_messages_are_signed_with_the_secret_that_the_subscriber_was_given(
    harness: DeliveryHarness, webhooks: Webhooks, receiver: Receiver
) -> None:
    webhook, replayed = await webhooks.subscribe("operator:ann", url=receiver.url, topics=FUNDED, idempotency_key=None)
    assert not replayed
    assert webhook.created_by == "operator:ann"
    assert await webhooks.find(webhook.id) == webhook
    await harness.post('{"n":1}')
    async with harness.delivering():
        (request,) = await receiver.received(1)
    Signature(webhooks.secret_of(webhook)).verify(request.body, dict(request.headers))


async def test_the_same_request_under_the_same_key_makes_one_webhook(webhooks: Webhooks, receiver: Receiver) -> None:
    first, _ = await webhooks.subscribe("operator:ann", url=receiver.url, topics=FUNDED, idempotency_key="k")
    again, replayed = await webhooks.subscribe("operator:ann", url=receiver.url, topics=FUNDED, idempotency_key="k")
    other, _ = await webhooks.subscribe("operator:bob", url=receiver.url, topics=FUNDED, idempotency_key="k")
    assert replayed
    assert again == first
    assert webhooks.secret_of(again) == webhooks.secret_of(first)
    assert {webhook.id for webhook in await webhooks.page(after=None, limit=10)} == {first.id, other.id}


@pytest.mark.parametrize(("path", "topics"), [("", EMPTIED), ("/other", FUNDED)])
async def test_another_request_under_the_same_key_is_refused(
    webhooks: Webhooks, receiver: Receiver, path: str, topics: Sequence[Topic]
) -> None:
    await webhooks.subscribe("operator:ann", url=receiver.url, topics=FUNDED, idempotency_key="k")
    with pytest.raises(RequestDiffers):
        await webhooks.subscribe("operator:ann", url=receiver.url + path, topics=topics, idempotency_key="k")
    assert len(await webhooks.page(after=None, limit=10)) == 1


async def test_a_receiver_inside_the_operators_network_is_refused_and_nothing_is_stored(
    harness: DeliveryHarness, secrets: Secrets, receiver: Receiver
) -> None:
    webhooks = Webhooks(harness.outbox, Sender(Destinations(allow_private=False), secrets))
    with pytest.raises(DestinationRefused):
        await webhooks.subscribe(
            "operator:ann", url=f"https://localhost:{receiver.port}/", topics=FUNDED, idempotency_key=None
        )
    assert await webhooks.page(after=None, limit=10) == []


async def test_a_repeated_request_is_answered_even_if_the_receiver_cannot_be_found_now(
    harness: DeliveryHarness, secrets: Secrets
) -> None:
    names: list[Sequence[str]] = [["93.184.215.14"]]

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        if not names:
            raise OSError
        return names.pop()

    webhooks = Webhooks(harness.outbox, Sender(Destinations(allow_private=False, resolve=resolve), secrets))
    first, _ = await webhooks.subscribe("operator:ann", url="https://h.example/", topics=FUNDED, idempotency_key="k")
    again, replayed = await webhooks.subscribe(
        "operator:ann", url="https://h.example/", topics=FUNDED, idempotency_key="k"
    )
    assert (again, replayed) == (first, True)


async def test_an_id_of_a_wrong_form_is_not_found(webhooks: Webhooks) -> None:
    assert await webhooks.find("whk_\x00") is None
    assert await webhooks.find("whk_aaaaaaaaaaaaaaaa") is None


async def test_a_test_message_is_signed_sent_once_and_its_answer_returned(
    webhooks: Webhooks, receiver: Receiver
) -> None:
    webhook, _ = await webhooks.subscribe("operator:ann", url=receiver.url, topics=FUNDED, idempotency_key=None)
    trial = await webhooks.test(webhook)
    assert (trial.answer.status, trial.answer.error) == (204, None)
    assert 0 < trial.seconds < 10
    (request,) = receiver.requests
    sent = Signature(webhooks.secret_of(webhook)).verify(request.body, dict(request.headers))
    assert sent["type"] == "webhook.test"

    receiver.replies = [Reply(500)]
    assert (await webhooks.test(webhook)).answer.error == "answered 500"
    assert receiver.requests[1].id != request.id
