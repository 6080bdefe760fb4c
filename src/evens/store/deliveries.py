"""Queues of deliveries in the database: what is due to whom, claiming it, and what became of it.

A schema that has such a queue has the tables ``webhooks`` (``id``, ``url``, ``removed_at``), ``deliveries``
(``notice``, ``webhook``, ``status``, ``attempts``, ``due_at``, ``last_error``, ``last_tried_at``) and one of notices
(``id``, ``topic``, ``at``, ``data``).
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from evens.store.database import Database

if TYPE_CHECKING:
    from evens.store.database import Connection

CLAIMS_MAX: Final = 100
"""Deliveries that can be claimed at once, over all webhooks."""

# Claimed rows stay due, at a later time: if the claimer ends without reporting an outcome, they are claimed again. The
# LIMIT over all webhooks is a literal: without it the planner expects a tenth of the table and reads all of it.
_CLAIM: Final = """
WITH taken AS MATERIALIZED (
    SELECT d.notice, w.id AS webhook, w.url
    FROM {schema}.webhooks AS w
    LEFT JOIN unnest($1::text[], $2::integer[]) AS lane (webhook, free) ON lane.webhook = w.id
    CROSS JOIN LATERAL (
        SELECT notice FROM {schema}.deliveries AS mine
        WHERE webhook = w.id AND status = 'due' AND due_at <= now(){turn}
        ORDER BY due_at LIMIT coalesce(lane.free, $3) FOR UPDATE SKIP LOCKED
    ) AS d
    WHERE w.removed_at IS NULL
    LIMIT 100
)
UPDATE {schema}.deliveries AS d SET attempts = d.attempts + 1, due_at = now() + $4::float8 * interval '1 second'
FROM taken JOIN {schema}.{notices} AS n ON n.id = taken.notice
WHERE d.notice = taken.notice AND d.webhook = taken.webhook
RETURNING d.notice, d.webhook, d.attempts, taken.url, n.topic, n.at, n.data
"""
# If a lease ended and another attempt claimed the row, only the outcome of that attempt counts.
_RECORD: Final = """
UPDATE {schema}.deliveries AS d
SET status = o.status, due_at = now() + o.wait_s * interval '1 second', last_error = o.error, last_tried_at = now()
FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::float8[], $6::text[])
    AS o (notice, webhook, attempt, status, wait_s, error)
WHERE d.notice = o.notice AND d.webhook = o.webhook AND d.attempts = o.attempt AND d.status = 'due'
"""
_REMOVE: Final = "UPDATE {schema}.webhooks SET removed_at = now() WHERE id = ANY ($1) AND removed_at IS NULL"
_OUTLOOK: Final = """
SELECT
    extract(epoch FROM now() - min(first.due_at))::float8 AS overdue_s,
    extract(epoch FROM min(next.due_at) - now())::float8 AS next_s
FROM {schema}.webhooks AS w
LEFT JOIN LATERAL (
    SELECT due_at FROM {schema}.deliveries WHERE webhook = w.id AND status = 'due' ORDER BY due_at LIMIT 1
) AS first ON true
LEFT JOIN LATERAL (
    SELECT due_at FROM {schema}.deliveries WHERE webhook = w.id AND status = 'due' AND due_at > now()
    ORDER BY due_at LIMIT 1
) AS next ON true
WHERE w.removed_at IS NULL
"""


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    DUE = "due"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


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


@dataclass(frozen=True, slots=True)
class DeliverySql:
    """The statements of a queue."""

    claim: str
    record: str
    remove: str
    outlook: str

    @classmethod
    def of(cls, schema: str, *, notices: str, turn: str = "") -> Self:
        """Return the statements for a schema whose notices are in this table.

        ``turn`` is a condition on a due delivery, ``mine``, without which it has to wait for others.
        """
        condition = f" AND {turn}" if turn else ""
        names = {"schema": schema, "notices": notices, "turn": condition}
        return cls(*(text.format(**names) for text in (_CLAIM, _RECORD, _REMOVE, _OUTLOOK)))


class DeliverySession:
    """Claims due deliveries and stores their outcomes, over one connection."""

    def __init__(self, connection: "Connection", sql: DeliverySql) -> None:
        self._connection = connection
        self._sql = sql

    async def claim(self, free: Mapping[str, int], most_each: int, lease_s: float) -> list[Claim]:
        """Take due deliveries, oldest first: as many as ``free`` says for a webhook, ``most_each`` if it says nothing.

        At most :data:`CLAIMS_MAX` are claimed at once, so ask again after that many. Nobody else can claim them for
        ``lease_s`` seconds; after that, those without an outcome are due again.
        """
        rows = await self._connection.fetch(self._sql.claim, list(free), list(free.values()), most_each, lease_s)
        return [Claim(*row) for row in rows]

    async def record(self, outcomes: Sequence[Outcome]) -> None:
        """Store how attempts ended. An outcome that comes after its lease, and after another attempt, is ignored."""
        await self._connection.execute(
            self._sql.record,
            [outcome.notice for outcome in outcomes],
            [outcome.webhook for outcome in outcomes],
            [outcome.attempt for outcome in outcomes],
            [outcome.status for outcome in outcomes],
            [outcome.wait_s for outcome in outcomes],
            [outcome.error for outcome in outcomes],
        )

    async def remove(self, webhooks: Sequence[str]) -> None:
        """Stop delivering to these webhooks."""
        await self._connection.execute(self._sql.remove, webhooks)

    async def outlook(self) -> Outlook:
        """Return how late deliveries are, and when the next is due, over all live webhooks."""
        row = await self._connection.fetchrow(self._sql.outlook)
        assert row is not None
        return Outlook(max(row["overdue_s"] or 0.0, 0.0), row["next_s"])


@asynccontextmanager
async def listening(
    database: Database, channels: Sequence[str], wake: Callable[[], None]
) -> AsyncGenerator["Connection"]:
    """Keep one connection; ``wake`` is called when something is said on the channels, or the connection is lost."""

    def hear(*_: object) -> None:
        wake()

    async with database.session() as connection:
        connection.add_termination_listener(hear)
        for channel in channels:
            await connection.add_listener(channel, hear)
        try:
            yield connection
        finally:
            connection.remove_termination_listener(hear)
            if not connection.is_closed():
                for channel in channels:
                    await connection.remove_listener(channel, hear)
