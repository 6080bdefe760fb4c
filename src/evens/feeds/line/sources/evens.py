"""A source that is an Evens line provider: pulled with an ETag, told by webhook, caught up with `/changes`.

What is pulled says where each event stands. Where that could hide something in between (a result that was taken back
and given anew, an event that is active no longer), everything since the last change seen is read in order.

The list of a large line, one of several pages, is read once. From then on what is pulled are the changes: they cost
what happens, and the list would cost the whole line every 3 s. Example: of 500 events with 60 markets each the list is
16 MB, and a changed price 33 KB.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, TypeVar
from urllib.parse import quote

import structlog

from evens.feeds.line.desk import LineDesk
from evens.feeds.line.dialects.evens import (
    ALIVE,
    Message,
    read_changes,
    read_events,
    translate_change,
    translate_event,
    translate_message,
    translate_webhook,
)
from evens.feeds.line.protocols import KnownFixtures
from evens.feeds.line.sayings import Saying, SayingInvalid
from evens.feeds.line.sharing import Document, NoShelf, Shelf
from evens.feeds.line.sources.publishing import EvensPublisher
from evens.feeds.upstream import Answer, SourceFailed, Upstream

PAGE: Final = "1000"
OVERDUE_MAX: Final = 200
"""How many events past their deadline are asked about at a time."""

_CLAIM_WAIT_S: Final = 0.1
_CLAIM_WAITS: Final = 10

_log: Final = structlog.get_logger(__name__)
T = TypeVar("T")


class EvensSource:
    """Implements :class:`evens.feeds.line.sources.source.LineSource`.

    ``webhook_url`` is where this server takes messages, and ``read_key`` returns the provider's key, with which that is
    registered; it raises ``OSError`` or ``ValueError`` while there is none. Without it, the provider is only read.
    """

    def __init__(
        self,
        name: str,
        upstream: Upstream,
        desk: LineDesk,
        fixtures: KnownFixtures,
        webhook_url: str,
        read_key: Callable[[], str] | None,
        *,
        shelf: Shelf | None = None,
        wall_clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._name = name
        self._upstream = upstream
        self._desk = desk
        self._fixtures = fixtures
        self._webhook_url = webhook_url
        self._read_key = read_key
        self._shelf = shelf or NoShelf()
        self._now = wall_clock
        self._secrets: tuple[str, ...] = ()
        self._etag: str | None = None
        self._page = b""
        self._is_large = False
        """Whether the list of active events was read, and has several pages."""
        self._taken: Mapping[str, bytes] = {}
        """The active events that were booked last, as they were written; what is the same needs no second look."""
        self._rulings = 0
        """How often operators had decided when the active events were asked for last."""
        self._cursor = 0
        self._ahead = set[int]()
        """Changes behind the cursor that messages told already, with others before them missing."""
        self._catching_up = asyncio.Lock()
        self._publisher = read_key and EvensPublisher(upstream, read_key, self._take_answer)

    @property
    def name(self) -> str:
        """The name under which its fixtures are known."""
        return self._name

    @property
    def publisher(self) -> EvensPublisher | None:
        """What publishes at the provider, if we have its key."""
        return self._publisher

    @property
    def has_missed(self) -> bool:
        """Return false: this provider does not know what we heard."""
        return False

    async def prepare(self) -> None:
        """Register our webhook. The same URL again is the same webhook, with the same secret."""
        if self._read_key is not None and not self._secrets:
            try:
                key = self._read_key()
            except (OSError, ValueError) as error:
                raise SourceFailed(f"has no key: {error}") from error
            answer = await self._upstream.put("/webhooks", {"url": self._webhook_url}, key)
            self._secrets = (self._understood(translate_webhook, answer.body),)

    def signing_secrets(self) -> Sequence[str]:
        """Return the webhook's secret, once it is registered."""
        return self._secrets

    @property
    def awaits_secrets(self) -> bool:
        """Whether the webhook may be registered at the provider, and its secret was not asked for yet."""
        return self._read_key is not None and not self._secrets

    def restart(self) -> None:
        """Begin from the first change."""
        self._cursor, self._etag, self._page, self._taken, self._is_large = 0, None, b"", {}, False
        self._ahead.clear()
        self._desk.forget(self._name)

    async def recover(self) -> bool:
        """Read everything since the last change seen."""
        await self._catch_up()
        return True

    async def reconcile(self) -> None:
        """Read everything since the last change seen, and ask about every open event past its deadline."""
        await self._catch_up()
        now = self._now()
        overdue = [each.key for each in await self._fixtures.unfinished(self._name) if each.line.deadline <= now]
        for key in overdue[:OVERDUE_MAX]:
            saying = await self._ask_about(key)
            if saying is not None:
                await self._desk.take(self._name, [saying])

    async def pull(self) -> int:
        """Read the active events, or of a large line what has changed."""
        # What an operator has decided about is read all the same: the house may have left out what was said of it.
        unread = self._desk.unread(self._name, self._rulings)
        if self._is_large and unread is not None and not unread:
            at = self._now()
            await self._catch_up()
            return at
        return await self._pull_list(unread)

    async def _pull_list(self, unread: Collection[str] | None) -> int:
        """Read the active events and take those that are not as they were; of ``unread`` each (``None``: of all)."""
        rulings = self._desk.rulings
        document = await self._shared_page()
        page = self._understood(read_events, document.body)
        active, is_large = {**page.events}, page.next is not None
        while page.next is not None:
            params = {"active": "true", "limit": PAGE, "after": page.next}
            answer = await self._upstream.get("/events", params)
            page = self._understood(read_events, answer.body)
            active |= page.events
        sayings: list[Saying] = []
        for key, said in active.items():
            if said != self._taken.get(key) or unread is None or key in unread:
                sayings += await self._wanted([self._understood(translate_event, said)])
                # Hundreds of large events take a second; others are served in between.
                await asyncio.sleep(0)
        if await self._is_gone(active.keys()) or any([await self._hides_something(each) for each in sayings]):
            await self._catch_up()
        await self._desk.take(self._name, sayings)
        self._taken, self._rulings, self._is_large = active, rulings, is_large
        return document.at

    async def hear(self, headers: Mapping[str, str], body: bytes) -> None:
        """Take a message; where one before it is missing, read what was missed first."""
        message = translate_message(body)
        if message.type == ALIVE or message.saying is None:
            if message.change > self._cursor:
                await self._catch_up()
            return
        saying = message.saying
        known = await self._desk.order_of(self._name, saying.key)
        if known is None:
            await self._meet(saying)
        else:
            await self._take_next(saying, *known)
        self._seen(message.change)

    async def close(self) -> None:
        """Close every connection."""
        await self._upstream.close()

    async def _take_next(self, saying: Saying, order: int, is_settled: bool) -> None:
        """Book what was said of an event that the house has; where something before it is missing, read that first."""
        if not is_settled or saying.order > order + 1:
            await self._catch_up()
        await self._desk.take(self._name, [saying], patient=True)

    async def _take_answer(self, event: bytes) -> None:
        """Book an event as the provider has just answered it, so that nothing newer can be known of it."""
        saying = self._understood(translate_event, event)
        known = await self._desk.order_of(self._name, saying.key)
        if known is None:
            await self._desk.take(self._name, [saying], patient=True)
        else:
            await self._take_next(saying, *known)

    async def _meet(self, said: Saying) -> None:
        """Ask about an event that the house does not have: the message may be older than what is true now."""
        saying = await self._ask_about(said.key)
        wanted = [] if saying is None else await self._wanted([saying])
        if not wanted:
            _log.info("line_event_unknown", source=self._name, fixture=said.key, version=said.order)
        await self._desk.take(self._name, wanted, patient=True)

    async def _ask_about(self, key: str) -> Saying | None:
        """Return where an event stands; ``None`` if the provider does not know it."""
        answer = await self._upstream.get(f"/events/{quote(key, safe='')}")
        if answer.is_unknown:
            _log.warning("line_event_gone", source=self._name, fixture=key)
            return None
        saying = self._understood(translate_event, answer.body)
        if await self._hides_something(saying):
            await self._catch_up()
        return saying

    async def _catch_up(self) -> None:
        """Read every change after the cursor, in order."""
        async with self._catching_up:
            has_more = True
            while has_more:
                answer = await self._upstream.get("/changes", {"after": str(self._cursor), "limit": PAGE})
                if answer.is_unknown:
                    raise SourceFailed("has no /changes; is it an Evens line provider?")
                page = self._understood(read_changes, answer.body)
                if page.last < self._cursor:
                    _log.warning("line_begins_anew", source=self._name, seen=self._cursor, last=page.last)
                    self._cursor = 0
                    self._ahead.clear()
                    continue
                await self._take_changes(page.changes)
                has_more = page.has_more
                if not has_more:
                    self._advance(page.last)

    async def _take_changes(self, changes: Sequence[bytes]) -> None:
        messages: list[Message] = []
        for change in changes:
            messages.append(self._understood(translate_change, change))
            await asyncio.sleep(0)
        sayings = [message.saying for message in messages if message.saying is not None]
        await self._desk.take(self._name, await self._wanted(sayings))
        if messages:
            self._advance(messages[-1].change)

    async def _wanted(self, sayings: Sequence[Saying]) -> list[Saying]:
        """Return the sayings without those of events that nobody has bet on and nobody can."""
        now = self._now()
        met = set[str]()
        wanted: list[Saying] = []
        for saying in sayings:
            can_be_bet_on = saying.status is None and saying.header is not None and saying.header.deadline > now
            if saying.key in met or can_be_bet_on or await self._desk.order_of(self._name, saying.key) is not None:
                met.add(saying.key)
                wanted.append(saying)
        return wanted

    async def _hides_something(self, saying: Saying) -> bool:
        """Return whether something in between decides what the saying means: a result that was taken back."""
        known = await self._desk.order_of(self._name, saying.key)
        return known is not None and saying.order > known[0] + 1 and bool(saying.results or saying.status)

    async def _is_gone(self, active: Collection[str]) -> bool:
        """Return whether an event that the house offers is active no longer."""
        return any(key not in active for key in await self._desk.offered(self._name, self._now()))

    async def _shared_page(self) -> Document:
        """Return the first page of active events, from another process if one has just read it."""
        for _ in range(_CLAIM_WAITS):
            shared = await self._shelf.read(self._name)
            if shared is not None:
                return shared
            if await self._shelf.claim(self._name):
                break
            await asyncio.sleep(_CLAIM_WAIT_S)
        at = self._now()
        answer = await self._upstream.get("/events", {"active": "true", "limit": PAGE}, etag=self._etag)
        document = Document(at, self._read_page(answer))
        await self._shelf.write(self._name, document)
        return document

    def _read_page(self, answer: Answer) -> bytes:
        if answer.is_unchanged and self._page:
            return self._page
        if answer.is_unknown:
            raise SourceFailed("has no /events; is it an Evens line provider?")
        self._understood(read_events, answer.body)
        # Kept only now: with the ETag of a page that could not be read, the next answer would be 304.
        self._page, self._etag = answer.body, answer.etag
        return answer.body

    def _seen(self, change: int) -> None:
        """Note a change that a message told, so that it is not read again."""
        if change > self._cursor:
            self._ahead.add(change)
            self._advance(self._cursor)

    def _advance(self, change: int) -> None:
        self._cursor = max(self._cursor, change)
        while self._cursor + 1 in self._ahead:
            self._cursor += 1
        self._ahead = {each for each in self._ahead if each > self._cursor}

    def _understood(self, translate: Callable[[bytes], T], body: bytes) -> T:
        try:
            return translate(body)
        except SayingInvalid as error:
            raise SourceFailed(f"said something that cannot be understood: {error}") from error
