"""Publishing at an Evens line provider, as the owner of its key. What it answers is taken into the house at once.

An answer can be lost after the event is published. The same id again is refused by the provider then, so whoever asks
again says what an event that is there already means (:data:`evens.feeds.line.sources.source.IfTaken`).
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from evens.core.values.fixed_odds import Line, LineChange
from evens.feeds.line.dialects.evens_writing import EVENT_EXISTS, event_change, is_event, new_event, refusal_of
from evens.feeds.line.sayings import SayingInvalid
from evens.feeds.line.sources.source import IfTaken, PublishNotAllowed, PublishRefused
from evens.feeds.upstream import SourceFailed, Upstream

Take = Callable[[bytes], Awaitable[None]]
"""Takes an event into the house, as the provider answered it, and returns once it is there."""


class EvensPublisher:
    """Implements :class:`evens.feeds.line.sources.source.LinePublisher`.

    ``read_key`` returns the provider's key; it raises ``OSError`` or ``ValueError`` while there is none.
    """

    def __init__(self, upstream: Upstream, read_key: Callable[[], str], take: Take) -> None:
        self._upstream = upstream
        self._read_key = read_key
        self._take = take

    async def create(self, key: str, line: Line, if_taken: IfTaken) -> None:
        """Publish a new fixture under a key."""
        event = await self._find(key, line, if_taken)
        try:
            event = event or await self._write("POST", "/events", new_event(key, line))
        except PublishRefused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                raise SourceFailed("has no /events; is it an Evens line provider?") from refused
            # The same request may have come twice at once, so that the other one has just published it.
            event = await self._find(key, line, if_taken) if refused.code == EVENT_EXISTS else None
            if event is None:
                raise
        await self._take(event)

    async def change(self, key: str, change: LineChange) -> None:
        """Publish other odds, another title or another deadline of a fixture, or suspend parts of it."""
        await self._take(await self._write("PATCH", f"/events/{quote(key, safe='')}", event_change(change)))

    async def _write(self, method: str, path: str, body: dict[str, Any]) -> bytes:
        try:
            key = self._read_key()
        except (OSError, ValueError) as error:
            raise PublishNotAllowed(f"has no key here: {error}") from error
        answer = await self._upstream.write(method, path, body, key)
        if answer.is_refusal:
            raise refusal_of(answer)
        return answer.body

    async def _find(self, key: str, line: Line, if_taken: IfTaken) -> bytes | None:
        """Return the event that is there already, if it may be taken for the one that is to be published."""
        if if_taken == "refuse":
            return None
        found = await self._upstream.get(f"/events/{quote(key, safe='')}")
        if found.is_unknown:
            return None
        try:
            return found.body if if_taken == "any" or is_event(found.body, key, line) else None
        except SayingInvalid as error:
            raise SourceFailed(f"said something that cannot be understood: {error}") from error
