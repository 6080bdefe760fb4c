"""The outbox: who subscribed to what, which notices are due to whom, and what became of each delivery."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from evens.store.database import Database
from evens.store.encoding.tables import BY_DATABASE, Table, insertion

if TYPE_CHECKING:
    from evens.store.database import Connection

WEBHOOKS_MAX: Final = 100
"""Live webhooks that an installation may have. Each has its own share of the deliverer, so there must be a limit."""

CLAIMS_MAX: Final = 100
"""Deliveries that can be claimed at once, over all webhooks."""

OUTBOX: Final = Table(
    "outbox",
    columns={"id": "bigint", "seq": "bigint", "at": "bigint", "topic": "text", "data": "text"},
    key=("id",),
    initial={"id": BY_DATABASE},
)
POST_NOTICES: Final = insertion("post_notices", OUTBOX)
"""Stores notices, and a delivery of each for every live webhook that is subscribed to its topic."""

_CHANNELS: Final = ("evens_notices", "evens_topics")

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
_REMOVE: Final = "UPDATE evens.webhooks SET removed_at = now() WHERE id = ANY ($1) AND removed_at IS NULL"
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
# Claimed rows stay due, at a later time: if the claimer ends without reporting an outcome, they are claimed again. The
# LIMIT over all webhooks is a literal: without it the planner expects a tenth of the table and reads all of it.
_CLAIM: Final = """
WITH taken AS MATERIALIZED (
    SELECT d.notice, w.id AS webhook, w.url
    FROM evens.webhooks AS w
    LEFT JOIN unnest($1::text[], $2::integer[]) AS lane (webhook, free) ON lane.webhook = w.id
    CROSS JOIN LATERAL (
        SELECT notice FROM evens.deliveries
        WHERE webhook = w.id AND status = 'due' AND due_at <= now()
        ORDER BY due_at LIMIT coalesce(lane.free, $3) FOR UPDATE SKIP LOCKED
    ) AS d
    WHERE w.removed_at IS NULL
    LIMIT 100
)
UPDATE evens.deliveries AS d SET attempts = d.attempts + 1, due_at = now() + $4::float8 * interval '1 second'
FROM taken JOIN evens.outbox AS n ON n.id = taken.notice
WHERE d.notice = taken.notice AND d.webhook = taken.webhook
RETURNING d.notice, d.webhook, d.attempts, taken.url, n.topic, n.at, n.data
"""
# If a lease ended and another attempt claimed the row, only the outcome of that attempt counts.
_RECORD: Final = """
UPDATE evens.deliveries AS d
SET status = o.status, due_at = now() + o.wait_s * interval '1 second', last_error = o.error, last_tried_at = now()
FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::float8[], $6::text[])
    AS o (notice, webhook, attempt, status, wait_s, error)
WHERE d.notice = o.notice AND d.webhook = o.webhook AND d.attempts = o.attempt AND d.status = 'due'
"""
_OUTLOOK: Final = """
SELECT
    extract(epoch FROM now() - min(first.due_at))::float8 AS overdue_s,
    extract(epoch FROM min(next.due_at) - now())::float8 AS next_s
FROM evens.webhooks AS w
LEFT JOIN LATERAL (
    SELECT due_at FROM evens.deliveries WHERE webhook = w.id AND status = 'due' ORDER BY due_at LIMIT 1
) AS first ON true
LEFT JOIN LATERAL (
    SELECT due_at FROM evens.deliveries WHERE webhook = w.id AND status = 'due' AND due_at > now()
    ORDER BY due_at LIMIT 1
) AS next ON true
WHERE w.removed_at IS NULL
"""
_PURGE: Final = "SELECT reached, purged FROM evens.purge_notices($1, $2, $3)"

NOTICE_ID_MAX: Final = 2**63 - 1


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    DUE = "due"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


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


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that its claimer may attempt until the lease ends. ``attempt`` counts from 1; ``data`` is JSON."""

    notice: int
    webhook: str
    attempt: int
    url: str
    topic: str
    at: int
    data: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. ``wait_s`` is how long to wait before the next one, if still due."""

    notice: int
    webhook: str
    attempt: int
    status: DeliveryStatus
    wait_s: float
    error: str | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """How late the most overdue delivery is in seconds (0 if none is), and in how many seconds the next one is due."""

    overdue_s: float
    next_s: float | None


class DeliverySession:
    """Claims due deliveries and stores their outcomes, over one connection."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    async def claim(self, free: Mapping[str, int], most_each: int, lease_s: float) -> list[Claim]:
        """Take due deliveries, oldest first: as many as ``free`` says for a webhook, ``most_each`` if it says nothing.

        At most :data:`CLAIMS_MAX` are claimed at once, so ask again after that many. Nobody else can claim them for
        ``lease_s`` seconds; after that, those without an outcome are due again.
        """
        rows = await self._connection.fetch(_CLAIM, list(free), list(free.values()), most_each, lease_s)
        return [Claim(*row) for row in rows]

    async def record(self, outcomes: Sequence[Outcome]) -> None:
        """Store how attempts ended. An outcome that comes after its lease, and after another attempt, is ignored."""
        await self._connection.execute(
            _RECORD,
            [outcome.notice for outcome in outcomes],
            [outcome.webhook for outcome in outcomes],
            [outcome.attempt for outcome in outcomes],
            [outcome.status for outcome in outcomes],
            [outcome.wait_s for outcome in outcomes],
            [outcome.error for outcome in outcomes],
        )

    async def remove(self, webhooks: Sequence[str]) -> None:
        """Stop delivering to these webhooks."""
        await self._connection.execute(_REMOVE, webhooks)

    async def outlook(self) -> Outlook:
        """Return how late deliveries are, and when the next is due, over all live webhooks."""
        row = await self._connection.fetchrow(_OUTLOOK)
        assert row is not None
        return Outlook(max(row["overdue_s"] or 0.0, 0.0), row["next_s"])


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
            await connection.execute(_REMOVE, [webhook])

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

        def hear(*_: object) -> None:
            wake()

        async with self._database.connection() as connection:
            connection.add_termination_listener(hear)
            for channel in _CHANNELS:
                await connection.add_listener(channel, hear)
            try:
                yield DeliverySession(connection)
            finally:
                connection.remove_termination_listener(hear)
                if not connection.is_closed():
                    for channel in _CHANNELS:
                        await connection.remove_listener(channel, hear)

    async def purge(self, before: int, *, place: int, most: int) -> tuple[int | None, int]:
        """Delete notices recorded before ``before`` that nobody waits for, among the next ``most`` after ``place``.

        Returns the place to go on from (``None`` when done) and how many were deleted.
        """
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_PURGE, place, before, most)
        assert row is not None
        return row["reached"], row["purged"]
