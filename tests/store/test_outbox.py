"""Webhooks and their deliveries in PostgreSQL: who gets what, who may claim it, and who has the last word."""

import asyncio
from collections.abc import Sequence

import pytest

from evens.store.database import Database
from evens.store.deliveries import CLAIMS_MAX, Claim, DeliverySession, DeliveryStatus, Outcome, Outlook
from evens.store.outbox import WEBHOOKS_MAX, Outbox, Webhook, WebhookLimitReached

pytestmark = pytest.mark.anyio

DUE, DELIVERED, GIVEN_UP = DeliveryStatus.DUE, DeliveryStatus.DELIVERED, DeliveryStatus.GIVEN_UP
ALL = list(DeliveryStatus)
AT = 1_800_000_000_000_000_000


async def subscribe(
    database: Database, webhook: str, topics: Sequence[str] = ("account.funded",), request: str = "{}"
) -> tuple[Webhook, bool]:
    url = f"https://hooks.example/{webhook}"
    return await Outbox(database).subscribe(
        webhook, url=url, topics=topics, created_by="operator:test", request=request
    )


async def post(database: Database, *topics: str) -> None:
    count = len(topics)
    async with database.connection() as connection:
        await connection.execute(
            "SELECT evens.post_notices($1::bigint[], $2::bigint[], $3::text[], $4::text[])",
            [7] * count,
            [AT] * count,
            topics,
            [f'{{"n":{n}}}' for n in range(count)],
        )


def outcome(claim: Claim, status: DeliveryStatus, wait_s: float = 0, error: str | None = None) -> Outcome:
    return Outcome(claim.notice, claim.webhook, claim.attempt, status, wait_s, error)


async def claim(session: DeliverySession, most_each: int = 10, lease_s: float = 60, **free: int) -> list[Claim]:
    return await session.claim(free, most_each, lease_s)


async def test_a_webhook_is_kept_as_it_was_asked_for(database: Database) -> None:
    webhook, is_new = await subscribe(database, "whk_a", ["account.funded", "account.emptied"], '{"url": …}')
    assert is_new
    assert webhook.url == "https://hooks.example/whk_a"
    assert webhook.topics == ["account.funded", "account.emptied"]
    assert (webhook.created_by, webhook.request, webhook.removed_at) == ("operator:test", '{"url": …}', None)
    assert await Outbox(database).webhook("whk_a") == webhook
    assert await Outbox(database).webhook("whk_b") is None


async def test_the_same_id_again_gives_the_first_webhook(database: Database) -> None:
    first, _ = await subscribe(database, "whk_a", request="first")
    again, is_new = await subscribe(database, "whk_a", ["account.emptied"], request="second")
    assert not is_new
    assert again == first
    await Outbox(database).unsubscribe("whk_a")
    removed, is_new = await subscribe(database, "whk_a", request="first")
    assert not is_new
    assert removed.removed_at is not None


async def test_webhooks_are_listed_newest_first_and_page_by_page(database: Database) -> None:
    for name in "abc":
        await subscribe(database, f"whk_{name}")
    outbox = Outbox(database)
    await outbox.unsubscribe("whk_b")
    listed = await outbox.webhooks(limit=10)
    assert [(webhook.id, webhook.removed_at is None) for webhook in listed] == [
        ("whk_c", True),
        ("whk_b", False),
        ("whk_a", True),
    ]
    assert await outbox.webhooks(limit=2) == listed[:2]
    assert await outbox.webhooks(limit=2, after="whk_b") == listed[2:]
    assert await outbox.webhooks(limit=2, after="whk_x") == []


async def test_there_is_an_end_to_webhooks(database: Database) -> None:
    for number in range(WEBHOOKS_MAX):
        await subscribe(database, f"whk_{number}")
    with pytest.raises(WebhookLimitReached):
        await subscribe(database, "whk_more")
    _, is_new = await subscribe(database, "whk_0")
    assert not is_new
    await Outbox(database).unsubscribe("whk_5")
    _, is_new = await subscribe(database, "whk_more")
    assert is_new


async def test_a_notice_is_due_to_those_who_subscribed_to_its_topic_before(database: Database) -> None:
    await subscribe(database, "whk_a", ["account.funded"])
    await subscribe(database, "whk_b", ["account.funded", "account.emptied"])
    await post(database, "account.funded", "account.emptied")
    await subscribe(database, "whk_c", ["account.funded"])
    async with Outbox(database).session(lambda: None) as session:
        claims = await claim(session)
    assert sorted((claim.webhook, claim.topic) for claim in claims) == [
        ("whk_a", "account.funded"),
        ("whk_b", "account.emptied"),
        ("whk_b", "account.funded"),
    ]
    assert claims[0] == Claim(
        claims[0].notice,
        claims[0].webhook,
        1,
        f"https://hooks.example/{claims[0].webhook}",
        claims[0].topic,
        AT,
        claims[0].data,
    )


async def test_what_is_claimed_is_nobody_elses_until_its_lease_ends(database: Database) -> None:
    await subscribe(database, "whk_a")
    await post(database, "account.funded")
    async with Outbox(database).session(lambda: None) as session, Outbox(database).session(lambda: None) as other:
        assert len(await claim(session, lease_s=60)) == 1
        assert await claim(other) == []
        async with database.connection() as connection:
            await connection.execute("UPDATE evens.deliveries SET due_at = now()")
        assert [repeated.attempt for repeated in await claim(other)] == [2]


async def test_each_webhook_has_its_own_share_and_the_oldest_come_first(database: Database) -> None:
    await subscribe(database, "whk_a")
    await subscribe(database, "whk_b")
    await subscribe(database, "whk_c")
    for _ in range(4):
        await post(database, "account.funded")
    async with Outbox(database).session(lambda: None) as session:
        claims = await claim(session, most_each=2, whk_a=1, whk_b=0)
    assert sorted((claim.webhook, claim.notice) for claim in claims) == [("whk_a", 1), ("whk_c", 1), ("whk_c", 2)]


async def test_no_more_is_handed_out_at_once_than_promised(database: Database) -> None:
    await subscribe(database, "whk_a")
    await post(database, *["account.funded"] * (CLAIMS_MAX + 1))
    async with Outbox(database).session(lambda: None) as session:
        assert len(await claim(session, most_each=1000)) == CLAIMS_MAX
        assert len(await claim(session, most_each=1000)) == 1


async def test_an_outcome_says_what_happens_next(database: Database) -> None:
    await subscribe(database, "whk_a")
    await post(database, *["account.funded"] * 3)
    async with Outbox(database).session(lambda: None) as session:
        first, second, third = sorted(await claim(session), key=lambda claim: claim.notice)
        await session.record(
            [
                outcome(first, DELIVERED),
                outcome(second, DUE, 100, "answered 500"),
                outcome(third, GIVEN_UP, 0, "answered 410"),
            ]
        )
        outlook = await session.outlook()
    assert outlook.overdue_s == 0
    assert outlook.next_s is not None
    assert 90 < outlook.next_s <= 100
    newest_first = await Outbox(database).deliveries("whk_a", ALL, limit=10)
    assert [(item.status, item.attempts, item.last_error) for item in newest_first] == [
        (GIVEN_UP, 1, "answered 410"),
        (DUE, 1, "answered 500"),
        (DELIVERED, 1, None),
    ]
    assert all(item.last_tried_at is not None for item in newest_first)


async def test_an_outcome_that_comes_after_another_attempt_is_ignored(database: Database) -> None:
    await subscribe(database, "whk_a")
    await post(database, "account.funded")
    async with Outbox(database).session(lambda: None) as session:
        (late,) = await claim(session, lease_s=0)
        (later,) = await claim(session)
        await session.record([outcome(late, GIVEN_UP)])
        assert [item.status for item in await Outbox(database).deliveries("whk_a", ALL, limit=10)] == [DUE]
        await session.record([outcome(later, DELIVERED)])
        await session.record([outcome(later, DUE, 0, "too late")])
    (delivery,) = await Outbox(database).deliveries("whk_a", ALL, limit=10)
    assert (delivery.status, delivery.last_error) == (DELIVERED, None)


async def test_the_outlook_is_clear_when_nothing_is_due(database: Database) -> None:
    async with Outbox(database).session(lambda: None) as session:
        assert await session.outlook() == Outlook(0.0, None)
        await subscribe(database, "whk_a")
        assert await session.outlook() == Outlook(0.0, None)


async def test_the_outlook_tells_how_late_the_most_overdue_is(database: Database) -> None:
    await subscribe(database, "whk_a")
    await subscribe(database, "whk_gone")
    await post(database, "account.funded", "account.funded")
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE evens.deliveries SET due_at = now() - notice * interval '100 seconds' WHERE webhook = 'whk_a'"
        )
        await connection.execute("UPDATE evens.deliveries SET due_at = 'epoch' WHERE webhook = 'whk_gone'")
    await Outbox(database).unsubscribe("whk_gone")
    async with Outbox(database).session(lambda: None) as session:
        outlook = await session.outlook()
    assert 200 <= outlook.overdue_s < 210
    assert outlook.next_s is None


async def test_deliveries_are_listed_by_status_and_page_by_page(database: Database) -> None:
    await subscribe(database, "whk_a")
    await subscribe(database, "whk_b")
    await post(database, *["account.funded"] * 5)
    outbox = Outbox(database)
    async with outbox.session(lambda: None) as session:
        claims = await claim(session, whk_b=0)
        await session.record([outcome(claim, DELIVERED) for claim in claims if claim.notice % 2])
    assert [item.notice for item in await outbox.deliveries("whk_a", ALL, limit=10)] == [5, 4, 3, 2, 1]
    assert [item.notice for item in await outbox.deliveries("whk_a", [DELIVERED], limit=2)] == [5, 3]
    assert [item.notice for item in await outbox.deliveries("whk_a", [DELIVERED], before=3, limit=2)] == [1]
    assert [item.notice for item in await outbox.deliveries("whk_a", ALL, before=4, limit=2)] == [3, 2]
    assert [item.notice for item in await outbox.deliveries("whk_b", [DELIVERED], limit=2)] == []


async def test_whoever_has_a_desk_is_woken_by_notices_and_subscriptions(database: Database) -> None:
    woken = asyncio.Event()
    async with Outbox(database).session(woken.set):
        await subscribe(database, "whk_a")
        await asyncio.wait_for(woken.wait(), 10)
        woken.clear()
        await post(database, "account.funded")
        await asyncio.wait_for(woken.wait(), 10)


async def test_a_desk_gives_its_connection_back_as_it_was(database: Database) -> None:
    woken = asyncio.Event()
    async with Outbox(database).session(woken.set):
        pass
    await subscribe(database, "whk_a")
    async with database.connection() as connection:
        assert await connection.fetch("SELECT pg_listening_channels()") == []
    assert not woken.is_set()
