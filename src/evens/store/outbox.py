"""The outbox: who subscribed to what, which notices are due to whom, and what became of each delivery."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from evens.store.database import Database
from evens.store.deliveries import DeliverySession, DeliverySql, DeliveryStatus, listening
from evens.store.encoding.tables import BY_DATABASE, Table, insertion

WEBHOOKS_MAX: Final = 100
"""Live webhooks that an installation may have. Each has its own share of the deliverer, so there must be a limit."""

OUTBOX: Final = Table(
    "outbox",
    columns={"id": "bigint", "seq": "bigint", "at": "bigint", "topic": "text", "data": "text"},
    key=("id",),
    initial={"id": BY_DATABASE},
)
POST_NOTICES: Final = insertion("post_notices", OUTBOX)
"""Stores notices, and a delivery of each for every live webhook that is subscribed to its topic."""

_CHANNELS: Final = ("evens_notices", "evens_topics")
_QUEUE: Final = DeliverySql.of("evens", notices="outbox")

_INSERT: Final = """
INSERT INTO evens.webhooks (id, url, topics, created_by, request)
SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM evens.webhooks WHERE removed_at IS NULL) < $6
ON CONFLICT (id) DO NOTHING
"""
_WEBHOOK: Final = (
    "SELECT id, url, topics, created_by, request, created_at, removed_at FROM evens.webhooks WHERE id = $1"
)
_WEBHOOKS: Final = """
SELECT id, url, topics, created_by, request, created_at, removed_at FROM evens.webhooks
WHERE $1::text IS NULL OR (created_at, id) < (SELECT w.created_at, w.id FROM evens.webhooks AS w WHERE w.id = $1)
ORDER BY created_at DESC, id DESC LIMIT $2
"""
_DELIVERIES: Final = """
SELECT d.notice, n.topic, n.at, d.status, d.attempts, d.due_at, d.last_tried_at, d.last_error
FROM unnest($2::text[]) AS wanted (status)
CROSS JOIN LATERAL (
    SELECT * FROM evens.deliveries
    WHERE webhook = $1 AND status = wanted.status AND notice < $3 ORDER BY notice DESC LIMIT $4
) AS d
JOIN evens.outbox AS n ON n.id = d.notice
ORDER BY d.notice DESC LIMIT $4
"""
_PURGE: Final = "SELECT reached, purged FROM evens.purge_notices($1, $2, $3)"

NOTICE_ID_MAX: Final = 2**63 - 1


class WebhookLimitReached(Exception):
    """There are :data:`WEBHOOKS_MAX` live webhooks already."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription. ``request`` is what was asked for when it was made; ``removed_at`` is ``None`` while it lives."""

    id: str
    url: str
    topics: Sequence[str]
    created_by: str
    request: str
    created_at: datetime
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one notice for one webhook so far. ``at`` is when it happened, in nanoseconds since 1970."""

    notice: int
    topic: str
    at: int
    status: DeliveryStatus
    attempts: int
    due_at: datetime
    last_tried_at: datetime | None
    last_error: str | None


class Outbox:
    """Webhooks and their deliveries. Every method raises ``StoreUnavailable`` while the database cannot be reached."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def subscribe(
        self, webhook: str, *, url: str, topics: Sequence[str], created_by: str, request: str
    ) -> tuple[Webhook, bool]:
        """Store a webhook under its id, unless that is taken; return the stored one, and whether it was new.

        Notices written from now on go to it. Raises :class:`WebhookLimitReached`.
        """
        async with self._database.connection() as connection:
            done = await connection.execute(_INSERT, webhook, url, topics, created_by, request, WEBHOOKS_MAX)
            row = await connection.fetchrow(_WEBHOOK, webhook)
        if row is None:
            raise WebhookLimitReached
        return Webhook(*row), done == "INSERT 0 1"

    async def webhooks(self, *, after: str | None = None, limit: int) -> list[Webhook]:
        """Return webhooks, removed ones too, newest first, from behind the one with id ``after``."""
        async with self._database.connection() as connection:
            return [Webhook(*row) for row in await connection.fetch(_WEBHOOKS, after, limit)]

    async def webhook(self, webhook: str) -> Webhook | None:
        """Return one webhook, live or removed."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_WEBHOOK, webhook)
        return None if row is None else Webhook(*row)

    async def unsubscribe(self, webhook: str) -> None:
        """Stop delivering to a webhook. What is still due to it will not be delivered."""
        async with self._database.connection() as connection:
            await connection.execute(_QUEUE.remove, [webhook])

    async def deliveries(
        self, webhook: str, statuses: Sequence[DeliveryStatus], *, before: int = NOTICE_ID_MAX, limit: int
    ) -> list[Delivery]:
        """Return a webhook's deliveries in these statuses, newest notice first, of notices before ``before``."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_DELIVERIES, webhook, statuses, before, limit)
        return [
            Delivery(notice, topic, at, DeliveryStatus(status), attempts, due_at, last_tried_at, last_error)
            for notice, topic, at, status, attempts, due_at, last_tried_at, last_error in rows
        ]

    @asynccontextmanager
    async def session(self, wake: Callable[[], None]) -> AsyncGenerator[DeliverySession]:
        """Keep one connection for claiming; ``wake`` is called when there may be more to claim, or it is lost."""
        async with listening(self._database, _CHANNELS, wake) as connection:
            yield DeliverySession(connection, _QUEUE)

    async def purge(self, before: int, *, place: int, most: int) -> tuple[int | None, int]:
        """Delete notices recorded before ``before`` that nobody waits for, among the next ``most`` after ``place``.

        Returns the place to go on from (``None`` when done) and how many were deleted.
        """
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_PURGE, place, before, most)
        assert row is not None
        return row["reached"], row["purged"]
