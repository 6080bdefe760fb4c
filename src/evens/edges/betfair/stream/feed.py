"""The pictures of everything that clients follow: one reader of the hub on behalf of all of them.

Theory of operation
-------------------
The hub delivers a picture of a thing whenever it changed, at most every 50 ms. Every picture gets the next *serial*, a
number that all things of a feed share. A client that is sent something is always sent the latest picture of all that it
follows; so what it knows follows from one serial: of each thing, the latest picture up to there. That serial is the
client's clock. A client that comes back with it is told the difference between the picture it had and the one now, as
long as the earlier one is kept: :data:`KEPT` pictures of a thing, and for :data:`LINGER_S` after its last client left.
After that, or from another process, it is sent the thing whole, which is just as right.

Entries are encoded once for all clients who have the same picture and ask for the same fields, as far as they are kept
(:mod:`evens.edges.betfair.stream.entries`).

While this server does not write, nothing is heard of any thing. The feed is *degraded* then, which clients are told,
and follows everything again as soon as it can. A picture says everything, so nothing is lost in between.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Protocol, TypeVar

from evens.edges.betfair.stream.entries import EntryCache
from evens.edges.stream.hub import Hub
from evens.edges.stream.messages import RETRIED, StreamError
from evens.edges.stream.reader import Subscription
from evens.edges.stream.topic import Key, Topic, View

KEPT: Final = 64
"""How many pictures of a thing are kept for clients that come back."""

LINGER_S: Final = 60.0
"""How long a thing is followed after its last client left."""

_RETRY_S: Final = 0.5

P = TypeVar("P")
Q = TypeVar("Q", bound=Hashable)


class Follower(Protocol):
    """A client's subscription, as the feed tells it of things by their numbers. Every call must be quick."""

    def changed(self, number: int) -> None:
        """Hear that there is a new picture."""
        ...

    def unknown(self, number: int) -> None:
        """Hear that there is no such thing."""
        ...

    def degraded(self) -> None:
        """Hear that the feed hears nothing for the time being."""
        ...


@dataclass(slots=True)
class _Thing(Generic[P]):
    """One thing that is followed: its followers, and its pictures with their serials."""

    followers: dict[Follower, None] = field(default_factory=dict[Follower, None])
    pictures: deque[tuple[int, P]] = field(default_factory=lambda: deque[tuple[int, P]](maxlen=KEPT))
    lingering: asyncio.TimerHandle | None = None


class Feed(Generic[P, Q]):
    """Implements :class:`evens.edges.stream.reader.Recipient` for one channel of a hub.

    ``draw`` makes a picture of a view. ``encode`` returns the entries, joined by commas, that lead from one picture to
    another under a projection, or to one from nothing; empty if nothing changed.
    """

    def __init__(
        self, hub: Hub, channel: str, draw: Callable[[View], P], encode: Callable[[P | None, P, Q], bytes]
    ) -> None:
        self.subscriptions: dict[Key, Subscription] = {}
        self.behind: dict[Subscription, None] = {}
        self.entries: Final = EntryCache[Q]()
        """What leads to the latest pictures."""
        self._hub = hub
        self._channel = channel
        self._draw = draw
        self._encode = encode
        self._things: dict[int, _Thing[P]] = {}
        self._lost: dict[int, None] = {}
        self._retrying: asyncio.TimerHandle | None = None
        self.serial: int = 0
        """That of the latest picture of anything."""

    @property
    def is_degraded(self) -> bool:
        """Whether there are things that nothing is heard of."""
        return bool(self._lost)

    def follow(self, number: int, follower: Follower) -> None:
        """Tell a follower of a thing from now on, beginning at once with the picture that there is, if there is one."""
        thing = self._things.get(number)
        if thing is None:
            thing = self._things[number] = _Thing[P]()
            thing.followers[follower] = None
            self._begin(number)
            return
        if thing.lingering is not None:
            thing.lingering.cancel()
            thing.lingering = None
        thing.followers[follower] = None
        if thing.pictures:
            follower.changed(number)

    def unfollow(self, number: int, follower: Follower) -> None:
        """Tell a follower nothing more of a thing."""
        thing = self._things.get(number)
        if thing is None or thing.followers.pop(follower, follower) is not None or thing.followers:
            return
        self.entries.forget(number)
        thing.lingering = asyncio.get_running_loop().call_later(LINGER_S, self._drop, number)

    def latest(self, number: int) -> tuple[int, P] | None:
        """Return the latest picture of a thing with its serial, ``None`` as long as there is none."""
        thing = self._things.get(number)
        return thing.pictures[-1] if thing is not None and thing.pictures else None

    def as_of(self, number: int, serial: int) -> tuple[int, P] | None:
        """Return the picture of a thing that clients had as of a serial, ``None`` if it is not kept."""
        thing = self._things.get(number)
        for known, picture in reversed(thing.pictures if thing is not None else ()):
            if known <= serial:
                return known, picture
        return None

    def entry(self, number: int, before: tuple[int, P] | None, projection: Q) -> bytes:
        """Return what leads from a picture, or from nothing, to the latest one, encoded; empty if nothing changed."""
        since, picture = (None, None) if before is None else before
        entry = self.entries.get(number, since, projection)
        if entry is None:
            entry = self._encode(picture, self._things[number].pictures[-1][1], projection)
            self.entries.put(number, since, projection, entry)
        return entry

    def close(self) -> None:
        """Stop waiting for anything."""
        if self._retrying is not None:
            self._retrying.cancel()
        for thing in self._things.values():
            if thing.lingering is not None:
                thing.lingering.cancel()

    # What follows is called by the hub.

    @property
    def is_behind(self) -> bool:
        """Whether nothing should be delivered now: never, since pictures are only looked at."""
        return False

    def deliver(self, topic: Topic, since: int | None) -> int:
        """Take a new picture of a thing, and tell its followers."""
        view = topic.view
        assert view is not None
        number = topic.key[1]
        thing = self._things[number]
        picture = self._draw(view)
        if not thing.pictures or thing.pictures[-1][1] is not picture:
            self.serial += 1
            thing.pictures.append((self.serial, picture))
            self.entries.forget(number)
            for follower in list(thing.followers):
                follower.changed(number)
        return view.seq

    def write(self, frame: bytes) -> None:
        """Refuse messages: this reader takes pictures."""
        raise TypeError("a feed takes pictures and no messages")

    def send(self, document: Mapping[str, Any]) -> None:
        """Hear that a subscription of this feed has ended."""
        self._has_ended(int(document["id"]), document["code"])

    def remove(self, key: Key) -> Subscription | None:
        """Remove a subscription and return it, if there was one."""
        return self.subscriptions.pop(key, None)

    def _begin(self, number: int) -> None:
        try:
            self._hub.subscribe(self, (self._channel, number), str(number))
        except StreamError as trouble:
            self._has_ended(number, trouble.code)
        else:
            self._lost.pop(number, None)

    def _has_ended(self, number: int, code: str) -> None:
        thing = self._things.get(number)
        if thing is None:
            return
        if code in RETRIED:
            was_degraded = self.is_degraded
            self._lost[number] = None
            if self._retrying is None:
                self._retrying = asyncio.get_running_loop().call_later(_RETRY_S, self._retry)
            if not was_degraded:
                self._tell_degraded()
            return
        del self._things[number]
        if thing.lingering is not None:
            # It would end whatever is followed under this number by then.
            thing.lingering.cancel()
        self.entries.forget(number)
        self._lost.pop(number, None)
        for follower in thing.followers:
            follower.unknown(number)

    def _tell_degraded(self) -> None:
        followers = {follower: None for thing in self._things.values() for follower in thing.followers}
        for follower in followers:
            follower.degraded()

    def _retry(self) -> None:
        self._retrying = None
        for number in list(self._lost):
            self._begin(number)

    def _drop(self, number: int) -> None:
        thing = self._things.pop(number, None)
        if thing is None:
            return
        self._lost.pop(number, None)
        if (self._channel, number) in self.subscriptions:
            self._hub.unsubscribe(self, (self._channel, number))
