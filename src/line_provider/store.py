"""The only SQL of the line provider: its events, their changes in order, and who is told of them.

A change is one transaction: the event's row is locked, decided upon, and then one statement takes the next number,
writes the event, the change and a delivery for every live webhook. The row with the number is locked last and until the
commit, so changes become visible in the order of their numbers, without a gap.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from evens.core.values.moments import format_datetime, format_time, parse_time
from evens.store.database import Database
from evens.store.deliveries import DeliverySession, DeliverySql, DeliveryStatus, Outcome, listening
from evens.store.migrate import Schema
from line_provider.shapes import Change, Event, Topic

if TYPE_CHECKING:
    from evens.store.database import Connection

ROLE: Final = "line_provider"
SCHEMA: Final = Schema("line_provider", "line_provider", 0x6576_656E_7303, (ROLE,), "evens line-provider")
PAGE_BYTES: Final = 4 * 1024 * 1024
"""After so many bytes of events a page ends, of events or of changes, however many were asked for."""

_AT_ONCE: Final = 50
"""How many rows are asked for at a time, because each can take more than a page."""

CHANNEL: Final = "line_provider_changes"
WEBHOOKS_MAX: Final = 20
KEPT_NS: Final = 3600 * 1_000_000_000
"""How long a change stays that a later one of the same event contains."""

_QUEUE: Final = DeliverySql.of(
    "line_provider",
    notices="changes",
    turn=(
        "NOT EXISTS (SELECT FROM line_provider.deliveries AS earlier WHERE earlier.webhook = mine.webhook "
        "AND earlier.event = mine.event AND earlier.status = 'due' AND earlier.notice < mine.notice)"
    ),
)
# What waits while its receiver was down is due again when that takes something else, and the attempt is not counted.
_RELEASE: Final = """
UPDATE line_provider.deliveries SET due_at = now(), attempts = greatest(attempts - 1, 0)
WHERE webhook = ANY ($1) AND status = 'due' AND due_at > now() + interval '30 seconds'
    AND last_tried_at < now() - interval '60 seconds'
"""
_LOCKED: Final = "SELECT document FROM line_provider.events WHERE id = $1 FOR UPDATE"
_NEXT: Final = "UPDATE line_provider.head SET change = change + 1 RETURNING change"
_NEW: Final = """
INSERT INTO line_provider.events (id, first, status, suspended, sport, deadline, document)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING
"""
_UPDATE: Final = """
UPDATE line_provider.events SET status = $2, suspended = $3, sport = $4, deadline = $5, document = $6 WHERE id = $1
"""
_TELL: Final = """
WITH told AS (INSERT INTO line_provider.changes (id, event, topic, at, data) VALUES ($1, $2, $3, $4, $5))
INSERT INTO line_provider.deliveries (notice, webhook, event)
SELECT $1, id, $2 FROM line_provider.webhooks WHERE removed_at IS NULL
"""
_EVENT: Final = "SELECT document FROM line_provider.events WHERE id = $1"
_PAGE: Final = """
SELECT h.change, e.first, e.deadline, e.document FROM line_provider.head AS h LEFT JOIN LATERAL (
    SELECT first, deadline, document FROM line_provider.events
    WHERE first < $1 AND ($2::text IS NULL OR sport = $2)
        AND ($3::boolean IS NULL OR (status = 'NEW' AND NOT suspended AND deadline > $4) = $3)
    ORDER BY first DESC LIMIT $5
) AS e ON true
"""
_CHANGES: Final = """
SELECT h.change AS last, c.id, c.topic, c.at, c.data FROM line_provider.head AS h LEFT JOIN LATERAL (
    SELECT id, topic, at, data FROM line_provider.changes WHERE id > $1 ORDER BY id LIMIT $2
) AS c ON true
"""
_SUBSCRIBE: Final = """
INSERT INTO line_provider.webhooks (id, url)
SELECT $1, $2 WHERE (SELECT count(*) FROM line_provider.webhooks WHERE removed_at IS NULL AND id <> $1) < $3
ON CONFLICT (id) DO UPDATE SET removed_at = NULL
RETURNING id, url, created_at
"""
_WEBHOOKS: Final = (
    "SELECT id, url, created_at FROM line_provider.webhooks WHERE removed_at IS NULL ORDER BY created_at DESC, id"
)
_COMPACT: Final = """
DELETE FROM line_provider.changes WHERE id IN (
    SELECT c.id FROM line_provider.changes AS c
    WHERE c.at < $1 AND c.topic IN ('event_changed', 'bet_stop')
        AND EXISTS (SELECT FROM line_provider.changes AS later WHERE later.event = c.event AND later.id > c.id)
    ORDER BY c.id LIMIT 1000
)
"""

Decide = Callable[[Event], tuple[Event, Topic] | None]
"""From an event to what becomes of it, or ``None`` if nothing does."""


class EventExists(Exception):
    """Another event has this id."""


class EventUnknown(Exception):
    """There is no event with this id."""


class WebhookLimitReached(Exception):
    """There are :data:`WEBHOOKS_MAX` live webhooks already."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A part of the list as of a change: the events' JSON, each with the place it has in the list.

    ``next_deadline`` is the first that passes, in nanoseconds since 1970; ``is_last`` says that no more follows.
    """

    change: int
    events: Sequence[tuple[int, str]]
    next_deadline: int | None
    is_last: bool


@dataclass(frozen=True, slots=True)
class Webhook:
    """Who is told."""

    id: str
    url: str
    created_at: str


class LineStore:
    """Events, changes and webhooks. Every method raises ``StoreUnavailable`` while the database cannot be reached."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, event: Event, now: int) -> Event:
        """Store a new event and return it with its version and change. Raises :class:`EventExists`."""
        async with self._database.connection() as connection, connection.transaction():
            change = await connection.fetchval(_NEXT)
            event = replace(event, version=1, change=change)
            document = msgspec.json.encode(event).decode()
            done = await connection.execute(_NEW, event.id, change, *_columns(event), document)
            if done != "INSERT 0 1":
                # The number that was taken is given back with everything else.
                raise EventExists
            await _tell(connection, event, Topic.EVENT_CHANGED, now, document)
        return event

    async def change(self, event_id: str, decide: Decide, now: int) -> Event:
        """Do to an event what ``decide`` says, and return it; a refusal of its changes nothing.

        Raises :class:`EventUnknown`, and what ``decide`` raises.
        """
        async with self._database.connection() as connection, connection.transaction():
            document = await connection.fetchval(_LOCKED, event_id)
            if document is None:
                raise EventUnknown
            event = msgspec.json.decode(document, type=Event)
            changed = decide(event)
            if changed is None:
                return event
            after, topic = changed
            change = await connection.fetchval(_NEXT)
            after = replace(after, version=event.version + 1, change=change, updated_at=format_time(now))
            document = msgspec.json.encode(after).decode()
            await connection.execute(_UPDATE, event_id, *_columns(after), document)
            await _tell(connection, after, topic, now, document)
        return after

    async def event(self, event_id: str) -> str | None:
        """Return an event as JSON."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_EVENT, event_id)

    async def page(self, *, before: int, sport: str | None, active: bool | None, now: int, limit: int) -> Listed:
        """Return events, newest first, from behind the place ``before``: what is there at one moment.

        There are at most ``limit``, and fewer where they would take more than :data:`PAGE_BYTES`.
        """
        events: list[tuple[int, str]] = []
        deadlines: list[int] = []
        left = PAGE_BYTES
        async with (
            self._database.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            while True:
                rows = await connection.fetch(_PAGE, before, sport, active, now, _AT_ONCE)
                change = rows[0]["change"]
                room = limit - len(events)
                for row in rows:
                    is_last = row["first"] is None
                    if is_last or room <= 0 or left <= 0:
                        return Listed(change, events, min(deadlines, default=None), is_last)
                    before = row["first"]
                    events.append((before, row["document"]))
                    deadlines += [row["deadline"]] if row["deadline"] > now else []
                    room, left = room - 1, left - len(row["document"])
                if len(rows) < _AT_ONCE:
                    return Listed(change, events, min(deadlines, default=None), is_last=True)

    async def last_change(self) -> int:
        """Return the number of the last change."""
        async with self._database.connection() as connection:
            return await connection.fetchval("SELECT change FROM line_provider.head")

    async def changes(self, after: int, limit: int) -> tuple[int, list[Change]]:
        """Return the number of the last change, and the changes behind ``after`` in order.

        There are at most ``limit``, and fewer where they would take more than :data:`PAGE_BYTES`.
        """
        found: list[Change] = []
        left = PAGE_BYTES
        async with self._database.connection() as connection:
            while True:
                rows = await connection.fetch(_CHANGES, after, min(limit - len(found), _AT_ONCE))
                for row in rows:
                    if row["id"] is None or left <= 0:
                        return rows[0]["last"], found
                    event = _event_in(row["data"])
                    found.append(Change(row["id"], Topic(row["topic"]), format_time(row["at"]), event))
                    after, left = row["id"], left - len(row["data"])
                if len(found) == limit:
                    return rows[0]["last"], found

    async def subscribe(self, webhook: str, url: str) -> Webhook:
        """Store a webhook, or revive it. Changes from now on go to it. Raises :class:`WebhookLimitReached`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SUBSCRIBE, webhook, url, WEBHOOKS_MAX)
        if row is None:
            raise WebhookLimitReached
        return _webhook(*row)

    async def webhooks(self) -> list[Webhook]:
        """Return the live webhooks, newest first."""
        async with self._database.connection() as connection:
            return [_webhook(*row) for row in await connection.fetch(_WEBHOOKS)]

    async def unsubscribe(self, webhook: str) -> bool:
        """Send nothing more to a webhook; return whether it was live."""
        async with self._database.connection() as connection:
            return await connection.execute(_QUEUE.remove, [webhook]) == "UPDATE 1"

    async def compact(self, now: int) -> None:
        """Delete old changes that later ones of the same event contain, with what is still due of them."""
        while True:
            async with self._database.connection() as connection:
                if await connection.execute(_COMPACT, now - KEPT_NS) == "DELETE 0":
                    return

    @asynccontextmanager
    async def session(self, wake: Callable[[], None]) -> AsyncGenerator[DeliverySession]:
        """Keep one connection for claiming; ``wake`` is called when there may be more to claim, or it is lost."""
        async with listening(self._database, [CHANNEL], wake) as connection:
            yield _Session(connection, _QUEUE)


class _Session(DeliverySession):
    """A session that brings forward what waits for a receiver which has just taken something."""

    async def record(self, outcomes: Sequence[Outcome]) -> None:
        """Store how attempts ended."""
        await super().record(outcomes)
        well = list({each.webhook for each in outcomes if each.status is DeliveryStatus.DELIVERED})
        if well:
            await self._connection.execute(_RELEASE, well)


def _columns(event: Event) -> tuple[str, bool, str | None, int]:
    return event.status.value, event.suspended, event.sport, parse_time(event.deadline)


async def _tell(connection: "Connection", event: Event, topic: Topic, now: int, document: str) -> None:
    data = f'{{"change":{event.change},"event":{document}}}'
    await connection.execute(_TELL, event.change, event.id, topic.value, now, data)


class _Data(msgspec.Struct):
    change: int
    event: Event


def _event_in(data: str) -> Event:
    return msgspec.json.decode(data, type=_Data).event


def _webhook(webhook: str, url: str, created_at: datetime) -> Webhook:
    return Webhook(webhook, url, format_datetime(created_at))
