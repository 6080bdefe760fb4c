"""Old notices are deleted, unless a delivery of them is still pending."""

import asyncio

import pytest

from evens.edges.jobs.hourly import Hourly, purge_notices
from evens.store.deliveries import DeliveryStatus
from tests.jobs.conftest import DeliveryHarness, until
from tests.jobs.receiver import Receiver

pytestmark = pytest.mark.anyio

DAY_NS = 86_400 * 10**9
NOW = 1_800_000_000 * 10**9


async def count(harness: DeliveryHarness) -> tuple[int, int]:
    async with harness.database.connection() as connection:
        row = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM evens.outbox), (SELECT count(*) FROM evens.deliveries)"
        )
    assert row is not None
    return row[0], row[1]


async def test_notices_of_more_than_thirty_days_ago_are_deleted_with_their_deliveries(
    harness: DeliveryHarness, receiver: Receiver
) -> None:
    await harness.subscribe("whk_a", receiver)
    await harness.post(*["{}"] * 3, at=NOW - 31 * DAY_NS)
    await harness.post(*["{}"] * 2, at=NOW - 29 * DAY_NS)
    async with harness.delivering():
        await harness.wait_for("whk_a", *[DeliveryStatus.DELIVERED] * 5)

    assert await purge_notices(harness.outbox, now=NOW) == 3

    assert await count(harness) == (2, 2)


async def test_a_notice_that_is_still_due_is_kept_and_later_ones_are_not(
    harness: DeliveryHarness, receiver: Receiver
) -> None:
    await harness.subscribe("whk_a", receiver)
    await harness.post("{}", "{}", "{}", at=NOW - 31 * DAY_NS)
    async with harness.database.connection() as connection:
        await connection.execute("UPDATE evens.deliveries SET status = 'delivered' WHERE notice = 2")
        await connection.execute("UPDATE evens.deliveries SET status = 'given_up' WHERE notice = 3")

    assert await purge_notices(harness.outbox, now=NOW) == 2

    assert [delivery.notice for delivery in await harness.deliveries("whk_a")] == [1]


async def test_deliveries_of_a_removed_webhook_are_not_claimed(harness: DeliveryHarness, receiver: Receiver) -> None:
    await harness.subscribe("whk_a", receiver)
    await harness.post("{}", at=NOW - 31 * DAY_NS)
    await harness.outbox.unsubscribe("whk_a")
    assert await purge_notices(harness.outbox, now=NOW) == 1
    assert await count(harness) == (0, 0)


async def test_more_than_one_batch_is_purged(harness: DeliveryHarness, receiver: Receiver) -> None:
    await harness.post(*["{}"] * 2_500, at=NOW - 31 * DAY_NS)
    await harness.subscribe("whk_a", receiver)
    await harness.post("{}", at=NOW)
    assert await purge_notices(harness.outbox, now=NOW) == 2_500
    assert await count(harness) == (1, 1)


async def test_it_purges_at_once_and_stops_when_asked_to(harness: DeliveryHarness) -> None:
    async def is_purged() -> bool:
        return await count(harness) == (0, 0)

    await harness.post("{}", at=0)
    hourly = Hourly("notices", lambda: purge_notices(harness.outbox))
    running = asyncio.create_task(hourly.run())
    await until(is_purged)
    hourly.stop()
    await asyncio.wait_for(running, 10)


async def test_trouble_is_left_to_the_next_hour() -> None:
    attempts: list[str] = []

    async def stumble() -> None:
        attempts.append("stumbled")
        hourly.stop()
        raise ValueError

    hourly = Hourly("notices", stumble)
    await asyncio.wait_for(hourly.run(), 10)

    assert attempts == ["stumbled"]


async def test_the_application_cannot_delete_notices_by_itself(harness: DeliveryHarness) -> None:
    await harness.post("{}", at=NOW)
    async with harness.database.connection() as connection:
        privileges = await connection.fetchrow(
            "SELECT has_table_privilege('evens.outbox', 'DELETE'), has_table_privilege('evens.deliveries', 'DELETE')"
        )
    assert privileges == (False, False)
