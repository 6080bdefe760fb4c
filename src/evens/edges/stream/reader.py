"""One client of the stream: its connection, who it says it is, and what it follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evens.edges.stream.messages import encode
from evens.edges.stream.metrics import StreamMetrics
from evens.edges.stream.protocol import Connection
from evens.edges.stream.topic import Key, Topic
from evens.identity.principal import Principal


@dataclass(slots=True)
class Credential:
    """What a client authenticated with, and whom it stands for."""

    token: str
    principal: Principal


@dataclass(slots=True, eq=False)
class Subscription:
    """A reader's place in a topic: ``seq`` is the last it was told of, ``None`` before its snapshot."""

    reader: "Reader"
    topic: Topic
    seq: int | None = None


class Reader:
    """A client, from its handshake to its end."""

    def __init__(self, connection: Connection, metrics: StreamMetrics) -> None:
        self.connection = connection
        self.credential: Credential | None = None
        self.subscriptions: dict[Key, Subscription] = {}
        self.behind: dict[Subscription, None] = {}
        """Subscriptions with news that wait until the reader has taken what it got before."""
        self.faults = 0
        """How often it asked for what makes no sense or is not its to have."""
        self._metrics = metrics

    def tell(self, document: Mapping[str, Any]) -> None:
        """Write a message that is for this reader alone."""
        self.connection.write(encode(document))
        self._metrics.sent.labels(document["type"]).inc()

    def drop(self, key: Key) -> Subscription | None:
        """Forget a subscription; return it if there was one."""
        subscription = self.subscriptions.pop(key, None)
        if subscription is not None:
            self.behind.pop(subscription, None)
        return subscription
