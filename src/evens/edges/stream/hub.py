"""Who follows what: hears every commit, keeps a view of each thing that somebody follows, and lets go of the rest."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from evens.core.events.every import Event
from evens.core.events.exchange import OrderReleased
from evens.core.receipts import Receipt
from evens.edges.stream.messages import Code, StreamError, error
from evens.edges.stream.metrics import StreamMetrics
from evens.edges.stream.reader import Reader, Subscription
from evens.edges.stream.routing import keys_of
from evens.edges.stream.teller import Followers, Teller
from evens.edges.stream.topic import ACCOUNT, MARKET, Key, Topic
from evens.edges.stream.views import Views
from evens.store.errors import StoreUnavailable

_DETAILS: Final = {
    Code.MARKET_UNKNOWN: "There is no such market; check the id.",
    Code.CUSTOMER_UNKNOWN: "There is no such user; check the id.",
    Code.NOT_LEADING: "This server does not write now, so it hears no news; subscribe again in a moment.",
    Code.DATABASE_UNAVAILABLE: "The database cannot be reached; subscribe again in a moment.",
    Code.RESYNC: "The stream lost its place here; subscribe again.",
}

_log: Final = structlog.get_logger("evens.stream")


class Hub:
    """Implements :class:`evens.edges.gateway.Follower`. Only the server that writes has followers."""

    def __init__(self, views: Views, metrics: StreamMetrics, *, pause_s: float, subscriptions_max: int) -> None:
        self._views = views
        self._metrics = metrics
        self._subscriptions_max = subscriptions_max
        self._followers: Followers = {}
        self._topics: dict[Key, Topic] = {}
        self._loading: set[asyncio.Task[None]] = set()
        self._leads = False
        self.teller: Final = Teller(self._followers, metrics, pause_s, lambda topic: self._end(topic, Code.RESYNC))

    def committed(self, receipts: Sequence[Receipt]) -> None:
        """Take in what was committed."""
        if not self._topics:
            return
        for receipt in receipts:
            for event in receipt.events:
                self._hear(receipt.seq, receipt.at, event)

    def leading(self, seq: int) -> None:
        """Let things be followed from now on."""
        self._leads = True

    def idle(self, because: str) -> None:
        """End every subscription: what others write from now on is not heard here."""
        self._leads = False
        for topic in list(self._topics.values()):
            self._end(topic, Code.NOT_LEADING)

    def follow(self, reader: Reader, key: Key, subject: str) -> None:
        """Tell a reader of a thing from now on; ``subject`` is its public id. Raises :class:`StreamError`."""
        if not self._leads:
            raise StreamError(Code.NOT_LEADING, _DETAILS[Code.NOT_LEADING])
        if key in reader.subscriptions:
            raise StreamError(Code.ALREADY_SUBSCRIBED, "You are subscribed to this already.")
        if len(reader.subscriptions) >= self._subscriptions_max:
            raise StreamError(
                Code.SUBSCRIPTIONS_LIMIT, f"A connection can have {self._subscriptions_max} subscriptions at most."
            )
        topic = self._topics.get(key) or self._open(key, subject)
        subscription = Subscription(reader, topic)
        reader.subscriptions[key] = subscription
        self._followers[topic][subscription] = None
        self._metrics.subscriptions.labels(key[0]).inc()
        if topic.view is not None:
            self.teller.changed(topic)

    def leave(self, reader: Reader, key: Key) -> None:
        """Tell a reader of a thing no more. Raises :class:`StreamError`."""
        subscription = reader.drop(key)
        if subscription is None:
            raise StreamError(Code.NOT_SUBSCRIBED, "You are not subscribed to this.")
        followers = self._followers[subscription.topic]
        del followers[subscription]
        self._metrics.subscriptions.labels(key[0]).dec()
        if not followers:
            del self._followers[subscription.topic]
            del self._topics[key]

    def leave_all(self, reader: Reader) -> None:
        """Forget a reader."""
        for key in list(reader.subscriptions):
            self.leave(reader, key)

    def close(self) -> None:
        """Read no more pictures."""
        for task in self._loading:
            task.cancel()

    def _open(self, key: Key, subject: str) -> Topic:
        topic = self._topics[key] = Topic(key, subject)
        self._followers[topic] = {}
        # It hears from now on, so whatever the picture turns out not to contain has been kept.
        task = asyncio.create_task(self._load(topic))
        self._loading.add(task)
        task.add_done_callback(self._loading.discard)
        return topic

    async def _load(self, topic: Topic) -> None:
        try:
            view = await self._views.begin(topic.key, lambda: self._is_followed(topic))
            if not self._is_followed(topic):
                return
            if view is None:
                self._end(topic, Code.MARKET_UNKNOWN if topic.key[0] == MARKET else Code.CUSTOMER_UNKNOWN)
                return
            topic.begin(view)
            self.teller.changed(topic)
        except StoreUnavailable:
            self._end(topic, Code.DATABASE_UNAVAILABLE)
        except Exception:
            _log.exception("stream_topic_broke", channel=topic.key[0], id=topic.subject)
            self._end(topic, Code.RESYNC)

    def _is_followed(self, topic: Topic) -> bool:
        return topic in self._followers

    def _hear(self, seq: int, at: int, event: Event) -> None:
        self._views.hear(event)
        for key in keys_of(event):
            topic = self._topics.get(key)
            if topic is not None:
                self._pass_on(topic, seq, at, event)
        if isinstance(event, OrderReleased):
            # It does not say whose the order is, but their account knows.
            for topic in list(self._topics.values()):
                if topic.key[0] == ACCOUNT:
                    self._pass_on(topic, seq, at, event)

    def _pass_on(self, topic: Topic, seq: int, at: int, event: Event) -> None:
        try:
            if topic.hear(seq, at, event):
                self.teller.changed(topic)
        except Exception:
            _log.exception("stream_topic_broke", channel=topic.key[0], id=topic.subject)
            self._end(topic, Code.RESYNC)

    def _end(self, topic: Topic, code: Code) -> None:
        """End every subscription to a topic, and say why."""
        for subscription in list(self._followers.get(topic, {})):
            reader = subscription.reader
            self.leave(reader, topic.key)
            reader.tell(error(code, _DETAILS[code], channel=topic.key[0], id=topic.subject))
