"""One client's subscription to things of a feed: what it was sent, what it is to be sent next, and when."""

import asyncio
import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from evens.edges.betfair.stream.clocks import Clocks, Place
from evens.edges.betfair.stream.feed import Feed
from evens.edges.betfair.stream.statuses import line

UNAVAILABLE: Final = 503
"""The status of messages while nothing is heard of what is followed."""

SEGMENT: Final = 50
"""How many things an image in segments has in each."""

_END: Final = b"}\r\n"

P = TypeVar("P")
Q = TypeVar("Q", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a client asked for: how its messages are called, how often it is sent something, and its ``initialClk``.

    ``op`` and ``changes`` are ``mcm`` and ``mc`` for markets, ``ocm`` and ``oc`` for orders.
    """

    id: int | str | None
    op: str
    changes: str
    initial_clock: str
    conflate_ms: int
    heartbeat_ms: int
    in_segments: bool


class Subscribed(Generic[P, Q]):
    """Implements :class:`evens.edges.betfair.stream.feed.Follower` for one subscription.

    ``wake`` is called when there may be something to send; whoever hears it calls :meth:`messages`. ``since`` is where
    the client was, if it comes back. ``is_over`` says of a picture that nothing more is to be told of the thing.
    """

    def __init__(
        self,
        terms: Terms,
        projection: Q,
        feed: Feed[P, Q],
        clocks: Clocks,
        wake: Callable[[], None],
        since: Place | None,
        is_over: Callable[[P], bool],
    ) -> None:
        self.terms: Final = terms
        self._projection = projection
        self._feed = feed
        self._clocks = clocks
        self._wake = wake
        self._since = since
        self._is_over = is_over
        self._awaited: dict[int, None] = {}
        self._changed: dict[int, None] = {}
        self._sent: dict[int, tuple[int, P]] = {}
        self._followed: dict[int, None] = {}
        self._serial = 0
        self._begun = False
        self._due_at = 0.0
        self._heard_at = asyncio.get_running_loop().time()
        self._tells_degraded = False
        self._timers: dict[str, asyncio.TimerHandle] = {}
        named = {"op": terms.op} if terms.id is None else {"op": terms.op, "id": terms.id}
        self._before_clock = line(named)[: -len(_END)] + b',"clk":"'
        self._before_entries = b',"%b":[' % terms.changes.encode()

    @property
    def followed(self) -> int:
        """How many things are followed."""
        return len(self._followed)

    def begin(self, numbers: Iterable[int]) -> None:
        """Follow things from now on, and send their image once there is a picture of each."""
        found = list(numbers)
        self._awaited = dict.fromkeys(found)
        self._followed = dict.fromkeys(found)
        for number in found:
            self._feed.follow(number, self)
        # Nobody waits in silence for the image of things of which nothing is heard.
        self._tells_degraded = bool(self._awaited) and self._feed.is_degraded
        self._beat()
        self._wake()

    def add(self, number: int) -> None:
        """Follow one thing more, which the client is sent whole."""
        if number not in self._followed:
            self._followed[number] = None
            self._feed.follow(number, self)

    def end(self) -> None:
        """Follow nothing any more."""
        for number in self._followed:
            self._feed.unfollow(number, self)
        self._followed.clear()
        for timer in self._timers.values():
            timer.cancel()

    def changed(self, number: int) -> None:
        """Note that there is a new picture of a thing."""
        if self._awaited:
            self._awaited.pop(number, None)
        self._changed[number] = None
        if self.terms.conflate_ms:
            self._wake_when_due()
        else:
            self._wake()

    def unknown(self, number: int) -> None:
        """Go on without a thing that there is not."""
        self._awaited.pop(number, None)
        self._changed.pop(number, None)
        self._followed.pop(number, None)
        self._wake()

    def degraded(self) -> None:
        """Let the client know that nothing is heard."""
        self._tells_degraded = True
        self._wake()

    def messages(self) -> Iterable[bytes]:
        """Yield what is to be sent now, as lines."""
        now = asyncio.get_running_loop().time()
        if not self._begun:
            if not self._awaited:
                self._begun, self._tells_degraded = True, False
                self._due_at = now + self.terms.conflate_ms / 1000
                self._heard_at = now
                yield from self._image()
        elif self._changed and now >= self._due_at:
            entries = self._take()
            if entries:
                self._due_at = now + self.terms.conflate_ms / 1000
                self._heard_at = now
                self._tells_degraded = False
                yield self._message({}, entries)
        if self._tells_degraded or now - self._heard_at >= self.terms.heartbeat_ms / 1000:
            self._tells_degraded = False
            self._heard_at = now
            yield self._message({"ct": "HEARTBEAT"}, None)

    def _wake_when_due(self) -> None:
        loop = asyncio.get_running_loop()
        wait_s = self._due_at - loop.time()
        if not self._begun or wait_s <= 0:
            self._wake()
        elif "due" not in self._timers:
            self._timers["due"] = loop.call_later(wait_s, self._come_due)

    def _come_due(self) -> None:
        self._timers.pop("due", None)
        self._wake()

    def _beat(self) -> None:
        """Wake whenever the client has heard nothing for as long as it wants to hear nothing."""
        loop = asyncio.get_running_loop()
        wait_s = self._heard_at + self.terms.heartbeat_ms / 1000 - loop.time()
        if wait_s <= 0:
            self._wake()
            wait_s = self.terms.heartbeat_ms / 1000
        self._timers["beat"] = loop.call_later(wait_s, self._beat)

    def _image(self) -> Iterable[bytes]:
        terms, since = self.terms, self._since
        if since is not None and since.serial is not None:
            for number in self._followed:
                before = self._feed.as_of(number, since.serial)
                if before is not None:
                    self._sent[number] = before
        head: dict[str, Any] = {
            "ct": "SUB_IMAGE" if since is None else "RESUB_DELTA",
            "initialClk": terms.initial_clock,
            "conflateMs": terms.conflate_ms,
            "heartbeatMs": terms.heartbeat_ms,
        }
        entries = self._take()
        segments = [entries[place : place + SEGMENT] for place in range(0, len(entries), SEGMENT)]
        if not terms.in_segments or len(segments) < 2:
            yield self._message(head, entries)
            return
        for place, segment in enumerate(segments):
            kind = "SEG_START" if place == 0 else "SEG_END" if place == len(segments) - 1 else "SEG"
            clocked = {} if kind == "SEG_END" else {"clk": None, "initialClk": None}
            yield self._message({**head, "segmentType": kind, **clocked}, segment)

    def _take(self) -> list[bytes]:
        """Return the entries of everything that changed; the client then has the latest pictures."""
        changed, self._changed = self._changed, {}
        # Whatever changes later is not part of what the client can say that it has.
        self._serial = self._feed.serial
        entries: list[bytes] = []
        for number in changed:
            latest = self._feed.latest(number)
            if latest is None:
                continue
            entry = self._feed.entry(number, self._sent.get(number), self._projection)
            if entry:
                entries.append(entry)
            self._sent[number] = latest
            if self._is_over(latest[1]):
                del self._followed[number], self._sent[number]
                self._feed.unfollow(number, self)
        return entries

    def _message(self, head: dict[str, Any], entries: list[bytes] | None) -> bytes:
        at_ms = time.time_ns() // 1_000_000
        is_degraded = self._feed.is_degraded
        if entries is not None and not head and not is_degraded:
            # Nearly all messages are changes, and there is one for each client and picture: nothing is encoded anew.
            clock = self._clocks.clock(self._serial, at_ms).encode()
            parts = self._before_clock, clock, at_ms, self._before_entries, b",".join(entries)
            return b'%b%b","pt":%d%b%b]}\r\n' % parts
        fields: dict[str, Any] = {
            "op": self.terms.op,
            "id": self.terms.id,
            "clk": self._clocks.clock(self._serial, at_ms) if self._begun else None,
            "pt": at_ms,
            "status": UNAVAILABLE if is_degraded else None,
            **head,
        }
        message = line({name: value for name, value in fields.items() if value is not None})
        if entries is None:
            return message
        # The entries are encoded already, once for everybody who is sent them.
        return b"%b%b%b]%b" % (message[: -len(_END)], self._before_entries, b",".join(entries), _END)
