"""The deliverer with a real PostgreSQL and real receivers: at-least-once delivery, retries, and isolation."""

import asyncio

import asyncpg
import pytest
from standardwebhooks import Webhook

from evens.edges.jobs.deliverer import BACKOFF_S, Pace
from evens.edges.jobs.messages import Secrets
from evens.edges.jobs.sending import Sender
from evens.store.database import Database
from evens.store.deliveries import DeliverySession, DeliveryStatus, Outlook
from evens.store.wallets.notices import Topic
from tests.conftest import Dsns, Stage
from tests.jobs.conftest import DeliveryHarness, until
from tests.jobs.receiver import Receiver, Reply, Request

pytestmark = pytest.mark.anyio

DUE, DELIVERED, GIVEN_UP = DeliveryStatus.DUE, DeliveryStatus.DELIVERED, DeliveryStatus.GIVEN_UP

HURRIED = Pace(backoff_s=(0.05, 0.05))
_CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def never(_request: Request) -> Reply:
    await asyncio.Event().wait()
    return Reply()


async def test_a_deposit_is_delivered_as_a_notice(
    stage: Stage, harness: DeliveryHarness, receiver: Receiver, secrets: Secrets
) -> None:
    await harness.subscribe("whk_a", receiver)
    async with harness.delivering():
        # The writer hears of a new subscription a moment later, so the first deposits may go unannounced.
        async with asyncio.timeout(10):
            while not receiver.requests:
                await stage.customer(f"ann{stage.sequencer.house.seq}", USD=10_50)
                await asyncio.sleep(0.02)
        request = receiver.requests[0]
    notice = Webhook(secrets.secret_of("whk_a")).verify(request.body, dict(request.headers))
    assert notice["type"] == "account.funded"
    assert notice["data"]["balance"] == "10.50"
    assert notice["data"]["currency"] == "USD"


async def test_a_notice_is_sent_as_soon_as_it_is_written(harness: DeliveryHarness, receiver: Receiver) -> None:
    await harness.subscribe("whk_a", receiver)
    async with harness.delivering():
        await harness.post('{"n":1}')
        await receiver.received(1)
        # By now the deliverer rests until it is woken, or for half a minute.
        await harness.post('{"n":2}')
        await receiver.received(2)
        await harness.wait_for("whk_a", DELIVERED, DELIVERED)
    assert harness.attempts("delivered") == 2


async def test_notices_from_before_the_deliverer_started_are_delivered(
    harness: DeliveryHarness, receiver: Receiver
) -> None:
    await harness.subscribe("whk_a", receiver)
    await harness.post(*(f'{{"n":{n}}}' for n in range(20)))
    async with harness.delivering():
        await harness.wait_for("whk_a", *[DELIVERED] * 20)
    assert len({request.id for request in receiver.requests}) == 20


async def test_only_subscribers_of_the_topic_hear_of_it(harness: DeliveryHarness, receiver: Receiver) -> None:
    await harness.subscribe("whk_a", receiver)
    await harness.post("{}", topic=Topic.WITHDRAWAL_REQUESTED)
    await harness.post('{"mine":true}')
    async with harness.delivering():
        await harness.wait_for("whk_a", DELIVERED)
    assert ["mine" in request.body for request in receiver.requests] == [True]


async def test_a_failed_delivery_is_tried_again_the_same_until_it_succeeds(
    harness: DeliveryHarness, receiver: Receiver
) -> None:
    await harness.subscribe("whk_a", receiver)
    receiver.replies = [Reply(500), Reply(503)]
    await harness.post('{"n":1}')
    async with harness.delivering(HURRIED):
        (delivery,) = await harness.wait_for("whk_a", DELIVERED)
    assert delivery.attempts == 3
    assert delivery.last_error is None
    assert len({(request.id, request.body) for request in receiver.requests}) == 1
    assert (harness.attempts("failed"), harness.attempts("delivered")) == (2, 1)


async def test_after_the_last_wait_comes_one_more_attempt_and_then_it_is_given_up(
    harness: DeliveryHarness, receiver: Receiver
) -> None:
    await harness.subscribe("whk_a", receiver)
    receiver.replies = [Reply(500)] * 3
    await harness.post('{"n":1}')
    async with harness.delivering(HURRIED):
        (delivery,) = await harness.wait_for("whk_a", GIVEN_UP)
    assert delivery.attempts == 3
    assert delivery.last_error == "answered 500"
    assert harness.attempts("given_up") == 1


async def test_a_failed_delivery_waits_for_its_turn(harness: DeliveryHarness, receiver: Receiver) -> None:
    await harness.subscribe("whk_a", receiver)
    receiver.replies = [Reply(500)]
    await harness.post('{"n":1}')
    async with harness.delivering():
        delivery = await harness.tried("whk_a")
    assert delivery.status is DUE
    assert delivery.last_tried_at is not None
    assert 4 <= (delivery.due_at - delivery.last_tried_at).total_seconds() <= 6


def test_waits_grow_from_seconds_to_a_day_and_end() -> None:
    waits = [Pace().wait_s(failures) for failures in range(1, len(BACKOFF_S) + 2)]
    assert waits.pop() is None
    for wait_s, middle_s in zip(waits, BACKOFF_S, strict=True):
        assert wait_s is not None
        assert 0.8 * middle_s <= wait_s <= 1.2 * middle_s


def test_the_longest_wait_is_a_day_and_no_more() -> None:
    """Issue 8, 1: backoff to 24 h."""
    assert BACKOFF_S[-1] == max(BACKOFF_S) == 24 * 3600
    last = [Pace().wait_s(len(BACKOFF_S)) or 0 for _ in range(200)]
    assert 0.8 * 24 * 3600 <= min(last) < max(last) <= 24 * 3600


async def test_a_receiver_that_answers_410_is_sent_nothing_more(harness: DeliveryHarness, receiver: Receiver) -> None:
    async def is_removed() -> bool:
        webhook = await harness.outbox.webhook("whk_a")
        return webhook is not None and webhook.removed_at is not None

    await harness.subscribe("whk_a", receiver)
    receiver.replies = [Reply(410)]
    await harness.post('{"n":1}')
    async with harness.delivering():
        await harness.wait_for("whk_a", GIVEN_UP)
        await until(is_removed)
        await harness.post('{"n":2}')
    assert await harness.statuses("whk_a") == [GIVEN_UP]


async def test_what_is_due_to_a_removed_webhook_is_not_sent(harness: DeliveryHarness, receiver: Receiver) -> None:
    async with Receiver.open() as other:
        await harness.subscribe("whk_a", receiver)
        await harness.subscribe("whk_b", other)
        await harness.post('{"n":1}')
        await harness.outbox.unsubscribe("whk_a")
        async with harness.delivering():
            await harness.wait_for("whk_b", DELIVERED)
    assert receiver.requests == []


async def test_a_crash_between_sending_and_recording_repeats_the_message_under_its_id(
    harness: DeliveryHarness, receiver: Receiver
) -> None:
    await harness.subscribe("whk_a", receiver)
    receiver.behave = never
    await harness.post('{"n":1}')
    crashing = asyncio.create_task(harness.deliverer(Pace(lease_s=0.3)).run())
    await receiver.received(1)
    crashing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await crashing
    assert await harness.statuses("whk_a") == [DUE]

    receiver.behave = receiver.answer_in_turn
    async with harness.delivering():
        (delivery,) = await harness.wait_for("whk_a", DELIVERED)

    assert [request.id for request in receiver.requests] == [f"msg_{delivery.notice}"] * 2
    assert delivery.attempts == 2


async def test_a_receiver_that_hangs_does_not_delay_the_others(harness: DeliveryHarness, receiver: Receiver) -> None:
    async with Receiver.open() as slow:
        slow.behave = never
        await harness.subscribe("whk_a_slow", slow)
        await harness.subscribe("whk_b", receiver)
        async with harness.delivering(Pace(in_flight_max=2)) as deliverer:
            await harness.post(*(f'{{"n":{n}}}' for n in range(50)))
            await harness.wait_for("whk_b", *[DELIVERED] * 50)
            assert len(slow.requests) == 2
            deliverer.stop()
            slow.behave = slow.answer_in_turn
        assert await harness.statuses("whk_a_slow") == [DUE] * 50


async def test_a_receiver_that_fails_is_tried_one_at_a_time_until_it_recovers(
    harness: DeliveryHarness, receiver: Receiver
) -> None:
    under_way = 0
    most_under_way: list[int] = []
    is_broken = True

    async def struggle(_request: Request) -> Reply:
        nonlocal under_way
        under_way += 1
        most_under_way.append(under_way)
        await asyncio.sleep(0.005)
        under_way -= 1
        return Reply(500 if is_broken else 204)

    receiver.behave = struggle
    await harness.subscribe("whk_a", receiver)
    await harness.post('{"n":0}')
    async with harness.delivering(Pace(backoff_s=(0.2,) * 20)):
        await harness.tried("whk_a")
        await harness.post(*(f'{{"n":{n}}}' for n in range(1, 20)))
        await receiver.received(10)
        assert set(most_under_way) == {1}
        is_broken = False
        await harness.wait_for("whk_a", *[DELIVERED] * 20)
    assert max(most_under_way) > 1


async def test_what_falls_due_while_a_slow_database_is_asked_is_not_slept_through(
    harness: DeliveryHarness, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = DeliverySession.outlook

    async def look_slowly(session: DeliverySession) -> Outlook:
        await asyncio.sleep(0.1)
        return await look(session)

    monkeypatch.setattr(DeliverySession, "outlook", look_slowly)
    receiver.replies = [Reply(500)]
    await harness.subscribe("whk_a", receiver)
    async with harness.delivering(HURRIED):
        await harness.post('{"n":1}')
        await harness.wait_for("whk_a", DELIVERED)


async def test_more_webhooks_than_are_served_in_one_round_are_all_served(
    harness: DeliveryHarness, receiver: Receiver
) -> None:
    webhooks = [f"whk_{number:02}" for number in range(30)]
    for webhook in webhooks:
        await harness.subscribe(webhook, receiver)
    async with harness.delivering():
        await harness.post(*["{}"] * 8)
        for webhook in webhooks:
            await harness.wait_for(webhook, *[DELIVERED] * 8)
    assert len(receiver.requests) == 240


async def test_two_deliverers_share_the_work(harness: DeliveryHarness, receiver: Receiver) -> None:
    await harness.subscribe("whk_a", receiver)
    await harness.post(*(f'{{"n":{n}}}' for n in range(60)))
    async with harness.delivering(), harness.delivering():
        await harness.wait_for("whk_a", *[DELIVERED] * 60)
    assert len(receiver.requests) == 60
    assert len({request.id for request in receiver.requests}) == 60


async def test_the_deliverer_survives_a_broken_connection(
    harness: DeliveryHarness, receiver: Receiver, dsns: Dsns
) -> None:
    await harness.subscribe("whk_a", receiver)
    owner = await asyncpg.connect(dsns.owner)
    async with harness.delivering():
        await harness.post('{"n":1}')
        await harness.wait_for("whk_a", DELIVERED)
        await owner.execute(_CUT)
        await owner.close()
        database = await Database.open(dsns.app)
        await DeliveryHarness(database, harness.outbox, harness.sender).post('{"n":2}')
        await database.close()
        await receiver.received(2)
        await harness.wait_for("whk_a", DELIVERED, DELIVERED)


async def test_an_answer_is_recorded_even_if_the_database_was_away_when_it_came(
    harness: DeliveryHarness, receiver: Receiver, dsns: Dsns
) -> None:
    answered = asyncio.Event()

    async def wait(_request: Request) -> Reply:
        await answered.wait()
        return Reply()

    receiver.behave = wait
    await harness.subscribe("whk_a", receiver)
    await harness.post('{"n":1}')
    async with harness.delivering():
        await receiver.received(1)
        owner = await asyncpg.connect(dsns.owner)
        await owner.execute(_CUT)
        await owner.close()
        answered.set()
        await harness.wait_for("whk_a", DELIVERED)
    assert len(receiver.requests) == 1


async def test_stopping_lets_what_is_under_way_finish(harness: DeliveryHarness, receiver: Receiver) -> None:
    answered = asyncio.Event()

    async def wait(_request: Request) -> Reply:
        await answered.wait()
        return Reply()

    receiver.behave = wait
    await harness.subscribe("whk_a", receiver)
    await harness.post('{"n":1}')
    async with harness.delivering() as deliverer:
        await receiver.received(1)
        deliverer.stop()
        answered.set()
    assert await harness.statuses("whk_a") == [DELIVERED]


async def test_a_message_that_cannot_even_be_sent_counts_as_failed(
    harness: DeliveryHarness, receiver: Receiver, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stumble(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr(sender, "send", stumble)
    await harness.subscribe("whk_a", receiver)
    await harness.post('{"n":1}')
    async with harness.delivering(HURRIED):
        (delivery,) = await harness.wait_for("whk_a", GIVEN_UP)
    assert delivery.last_error == "could not be sent: LookupError"


async def test_how_late_deliveries_are_is_shown(harness: DeliveryHarness, receiver: Receiver) -> None:
    await harness.subscribe("whk_a", receiver)
    receiver.behave = never
    await harness.post(*["{}"] * 3)
    async with harness.delivering(Pace(in_flight_max=1)):
        await receiver.received(1)
        async with asyncio.timeout(10):
            while not harness.registry.get_sample_value("evens_webhook_overdue_seconds"):
                await harness.post("{}")
                await asyncio.sleep(0.02)
