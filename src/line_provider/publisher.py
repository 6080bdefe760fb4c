"""Doing what is asked: the rules, within one transaction of the store. The API and the simulator both come here."""

import time
import uuid
from collections.abc import Callable
from typing import Final

from evens.edges.http.protocol.problem import Refused, problem, refuse_not_found
from line_provider.bodies import Cancellation, EventChange, NewEvent, Rollback
from line_provider.rules import cancelled, changed, created, rolled_back
from line_provider.shapes import Event
from line_provider.store import Decide, EventExists, EventUnknown, LineStore

Clock = Callable[[], int]
"""Tells the time in nanoseconds since 1970."""

_UNKNOWN: Final = "There is no event with this id; GET /events lists what there is."


class Publisher:
    """Changes events. Everything may raise :class:`Refused` (404, 409, 422) and the store's ``StoreUnavailable``."""

    def __init__(self, store: LineStore, clock: Clock = time.time_ns) -> None:
        self._store = store
        self._clock = clock

    async def create(self, body: NewEvent) -> Event:
        """Publish an event, under an id of its own if none is given."""
        now = self._clock()
        event = created(body, body.id or str(uuid.uuid4()), now)
        try:
            return await self._store.create(event, now)
        except EventExists as error:
            detail = f"There is an event {event.id} already, and it stays as it is; PATCH changes it."
            raise Refused(problem(409, "event_exists", detail)) from error

    async def change(self, event_id: str, body: EventChange) -> Event:
        """Change an event."""
        now = self._clock()
        return await self._do(event_id, lambda event: changed(event, body, now), now)

    async def cancel(self, event_id: str, body: Cancellation) -> Event:
        """Void the bets of a time."""
        now = self._clock()
        return await self._do(event_id, lambda event: cancelled(event, body, now), now)

    async def roll_back(self, event_id: str, body: Rollback) -> Event:
        """Take results back."""
        return await self._do(event_id, lambda event: rolled_back(event, body), self._clock())

    async def document(self, event_id: str) -> str:
        """Return an event as JSON."""
        document = await self._store.event(event_id)
        if document is None:
            raise refuse_not_found("event_unknown", _UNKNOWN)
        return document

    async def _do(self, event_id: str, decide: Decide, now: int) -> Event:
        try:
            return await self._store.change(event_id, decide, now)
        except EventUnknown as error:
            raise refuse_not_found("event_unknown", _UNKNOWN) from error
