"""One client of the stream: its connection, its credential and its subscriptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from evens.edges.stream.messages import encode
from evens.edges.stream.metrics import StreamMetrics
from evens.edges.stream.protocol import Connection
from evens.edges.stream.topic import Key, Topic
from evens.identity.networks import UNKNOWN
from evens.identity.principal import Principal


@dataclass(slots=True)
class Credential:
    """The token that a client authenticated with, and the caller it belongs to."""

    token: str
    principal: Principal

    @property
    def subject(self) -> str | None:
        """What is told of when the credential ends: the session in hexadecimal, or the id of the API key."""
        session = self.principal.session
        return self.principal.key_id if session is None else session.hex


class Recipient(Protocol):
    """Whoever the hub sends things to: a client with its connection, or somebody who serves clients of their own."""

    subscriptions: "dict[Key, Subscription]"
    behind: "dict[Subscription, None]"
    """Subscriptions with changes that wait until what was sent before has been received."""

    @property
    def is_behind(self) -> bool:
        """Whether nothing more should be sent now."""
        ...

    def deliver(self, topic: Topic, since: int | None) -> int:
        """Send what changed of a topic after ``since``, everything if that is ``None``; return up to which ``seq``."""
        ...

    def write(self, frame: bytes) -> None:
        """Send an encoded message."""
        ...

    def send(self, document: Mapping[str, Any]) -> None:
        """Send a message that is for this recipient only."""
        ...

    def remove(self, key: Key) -> "Subscription | None":
        """Remove a subscription and return it, if there was one."""
        ...


@dataclass(slots=True, eq=False)
class Subscription:
    """A reader's subscription to a topic. ``seq`` is that of the last message sent, ``None`` before the snapshot.

    ``held`` is whether nothing is to be sent yet, because what the reader missed is still being read.
    """

    reader: Recipient
    topic: Topic
    seq: int | None = None
    held: bool = False


class Reader:
    """A client, from its handshake until its connection ends. Implements :class:`Recipient`."""

    def __init__(
        self, connection: Connection, metrics: StreamMetrics, address: str = UNKNOWN, cookie: str | None = None
    ) -> None:
        self.connection = connection
        self.address = address
        self.cookie = cookie
        """That of a browser's session, if one of our own pages connected with it."""
        self.credential: Credential | None = None
        self.subscriptions: dict[Key, Subscription] = {}
        self.behind: dict[Subscription, None] = {}
        """Subscriptions with changes that wait until the reader has received what was sent before."""
        self.faults = 0
        """How many of its requests were malformed or not permitted."""
        self._metrics = metrics

    @property
    def is_behind(self) -> bool:
        """Whether so much of what was written is still unsent that nothing more should be written."""
        return self.connection.is_behind

    def deliver(self, topic: Topic, since: int | None) -> int:
        """Send a snapshot of a topic, or what changed of it after ``since``; return its ``seq``."""
        if since is None:
            message, sent_count = topic.snapshot(), self._metrics.snapshots
        else:
            message, sent_count = topic.delta(since), self._metrics.deltas
        self.write(message.frame)
        sent_count.inc()
        return message.seq

    def write(self, frame: bytes) -> None:
        """Send an encoded message."""
        self.connection.write(frame)

    def send(self, document: Mapping[str, Any]) -> None:
        """Send a message to this reader only."""
        self.connection.write(encode(document))
        self._metrics.sent.labels(document["type"]).inc()

    def remove(self, key: Key) -> Subscription | None:
        """Remove a subscription and return it, if there was one."""
        subscription = self.subscriptions.pop(key, None)
        if subscription is not None:
            self.behind.pop(subscription, None)
        return subscription
