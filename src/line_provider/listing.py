"""The list of events as bytes with their ``ETag``, worked out once for everybody who asks the same.

What is answered is good until the next change, or until a deadline in it passes. So asking again costs one number.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from evens.edges.http.protocol.pagination import format_cursor
from line_provider.store import LineStore

_KEPT_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the list is wanted: from behind the place ``before``."""

    before: int
    sport: str | None
    active: bool | None
    limit: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The list as of a change, in JSON."""

    change: int
    good_until: int | None
    body: bytes
    etag: str


class Listing:
    """Answers lists. May raise ``StoreUnavailable``."""

    def __init__(self, store: LineStore, clock: Callable[[], int] = time.time_ns) -> None:
        self._store = store
        self._clock = clock
        self._kept: OrderedDict[Asked, Answer] = OrderedDict()

    async def answer(self, asked: Asked) -> Answer:
        """Return the list as it is now."""
        kept = self._kept.get(asked)
        if kept is not None:
            change, now = await self._store.last_change(), self._clock()
            if kept.change == change and (kept.good_until is None or now < kept.good_until):
                self._kept.move_to_end(asked)
                return kept
        answer = self._kept[asked] = await self._render(asked)
        if len(self._kept) > _KEPT_MAX:
            self._kept.popitem(last=False)
        return answer

    async def _render(self, asked: Asked) -> Answer:
        listed = await self._store.page(
            before=asked.before, sport=asked.sport, active=asked.active, now=self._clock(), limit=asked.limit
        )
        following = "null" if listed.is_last else f'"{format_cursor(listed.events[-1][0])}"'
        items = ",".join([document for _, document in listed.events])
        body = f'{{"items":[{items}],"next":{following},"change":{listed.change}}}'.encode()
        etag = tag_of(body)
        good_until = self._good_until(asked, listed.next_deadline)
        return Answer(listed.change, good_until, body, etag)

    def _good_until(self, asked: Asked, next_deadline: int | None) -> int | None:
        if asked.active is None:
            return None
        # Those that are not active grow when any deadline passes, one that is not listed too.
        return next_deadline if asked.active else self._clock()


def tag_of(body: bytes) -> str:
    """Return the ``ETag`` of a body."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def matches(if_none_match: str | None, etag: str) -> bool:
    """Return whether one of the tags that a client has is this one."""
    tags = [each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")]
    return "*" in tags or etag in tags
