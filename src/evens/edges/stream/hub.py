"""The hub: receives every commit, keeps a view of each followed thing, and manages the subscriptions.

Theory of operation
-------------------
Followed things are *topics*; a topic is one market or one account, named by its channel and number. The first
subscription creates the topic, the last one to leave removes it. A topic has a *view*: the state that subscribers see,
and for each part of it the ``seq`` at which the part last changed. ``seq`` is a command's place in the journal, so it
grows with gaps: most commands change other things.

1. *Loading.* The view is read from the database in one transaction, which is as of some ``seq``. Commits that are
   reported while it is read are buffered. When the view arrives, buffered events up to its ``seq`` are dropped, since
   it contains them, and the later ones are applied. So none is missed and none is applied twice.
2. *Applying.* For each committed event, the channels' routes say which things it changed. The views of those that are
   followed apply it, and the changed topics are marked for the broadcaster. Nothing is sent yet.
3. *Broadcasting.* Every 50 ms the broadcaster goes through the changed topics. A new subscription is sent a snapshot
   with the view's ``seq``. Any other is sent a delta: all that changed after the ``seq`` it was last sent. The delta's
   ``prev_seq`` is that ``seq``, so a client can tell that it missed nothing. Subscriptions at the same ``seq`` share
   the encoded bytes.
4. *Conflation.* A delta has the new value of each part that changed, not the history of it. A reader whose write buffer
   is full is skipped. When the buffer has drained, it is sent one delta from its own ``seq``, however many rounds it
   has missed. A slow reader therefore costs a ``seq``, not a queue. A view forgets changes that every subscriber has
   been sent.

Example. Market 42 has 10.00 waiting at 2.50. Reader A subscribes, then reader B, and both are sent
``snapshot seq=1200 [2.50, 10.00]``. Command 1203 places another 5.00 at 2.50, and 1207 places 8.00 at 2.48. Both commit
before the next round, which sends A and B the same bytes: ``delta prev_seq=1200 seq=1207 [2.50, 15.00] [2.48, 8.00]``.
Now B's buffer is full. 1210 cancels the 8.00, and A is sent ``delta prev_seq=1207 seq=1210 [2.48, 0.00]``. 1215 takes
3.00 at 2.50, and A is sent ``delta prev_seq=1210 seq=1215 [2.50, 12.00]``. B's buffer drains, and B is sent
``delta prev_seq=1207 seq=1215 [2.50, 12.00] [2.48, 0.00]``: one message, and the same state as A's.

Only the server that writes the journal receives commits. When it stops writing, every subscription ends with
``not_leading``; when a view fails, its subscriptions end with ``resync``. In both cases clients subscribe again.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Final

import structlog

from evens.core.events.every import Event
from evens.core.receipts import Receipt
from evens.edges.stream.broadcaster import Broadcaster, Subscriptions
from evens.edges.stream.channel import Channel, Route
from evens.edges.stream.messages import Code, StreamError, error
from evens.edges.stream.metrics import StreamMetrics
from evens.edges.stream.missed import Resumption
from evens.edges.stream.reader import Recipient, Subscription
from evens.edges.stream.topic import Key, Topic
from evens.store.errors import StoreUnavailable

_DETAILS: Final = {
    Code.NOT_LEADING: "This server does not write now, so it has no changes to send; subscribe again in a moment.",
    Code.DATABASE_UNAVAILABLE: "The database cannot be reached; subscribe again in a moment.",
    Code.RESYNC: "The stream lost its place here; subscribe again.",
}

_LOADS_AT_ONCE: Final = 4
"""A rush of subscribers must leave the database's other connections to requests."""

_log: Final = structlog.get_logger("evens.stream")


class Hub:
    """Implements :class:`evens.edges.gateway.Follower`. Only the server that writes has subscribers."""

    def __init__(
        self, channels: Sequence[Channel], metrics: StreamMetrics, *, pause_s: float, subscriptions_max: int
    ) -> None:
        self._channels = {channel.name: channel for channel in channels}
        self._routes = _routes_by_event(channels)
        self._metrics = metrics
        self._subscriptions_max = subscriptions_max
        self._subscriptions: Subscriptions = {}
        self._topics: dict[Key, Topic] = {}
        self._loading: set[asyncio.Task[None]] = set()
        self._load_turns = asyncio.Semaphore(_LOADS_AT_ONCE)
        self._leads = False
        self._heard_seq = 0
        self._listening: list[asyncio.Future[None]] = []
        self.broadcaster: Final = Broadcaster(
            self._subscriptions, metrics, pause_s, lambda topic: self._end(topic, Code.RESYNC)
        )

    def committed(self, receipts: Sequence[Receipt]) -> None:
        """Apply what was committed."""
        if self._topics:
            for receipt in receipts:
                for event in receipt.events:
                    self._dispatch(receipt.seq, receipt.at, event)
        if receipts:
            self._hear(receipts[-1].seq)

    def changed(self, key: Key) -> None:
        """Send what changed of a thing of which no event tells."""
        topic = self._topics.get(key)
        if topic is not None and topic.view is not None:
            self.broadcaster.mark_changed(topic)

    def leading(self, seq: int) -> None:
        """Accept subscriptions from now on."""
        self._leads = True
        self._hear(seq)

    def idle(self, because: str) -> None:
        """End every subscription: this server does not receive what other servers commit from now on."""
        self._leads = False
        for topic in list(self._topics.values()):
            self._end(topic, Code.NOT_LEADING)

    def subscribe(self, reader: Recipient, key: Key, public_id: str, since: int | None = None) -> None:
        """Send a reader a snapshot of a thing, and its changes from then on. Raises :class:`StreamError`.

        With ``since``, the snapshot also tells what happened after that place in the journal.
        """
        resumption = self._channels[key[0]].resumption
        if since is not None and resumption is None:
            raise StreamError(Code.FIELD_UNKNOWN, "This channel begins with a snapshot; leave out seq.", "seq")
        if not self._leads:
            raise StreamError(Code.NOT_LEADING, _DETAILS[Code.NOT_LEADING])
        if key in reader.subscriptions:
            raise StreamError(Code.ALREADY_SUBSCRIBED, "You are subscribed to this already.")
        if len(reader.subscriptions) >= self._subscriptions_max:
            raise StreamError(
                Code.SUBSCRIPTIONS_LIMIT, f"A connection can have {self._subscriptions_max} subscriptions at most."
            )
        topic = self._topics.get(key) or self._open(key, public_id)
        subscription = Subscription(reader, topic)
        reader.subscriptions[key] = subscription
        self._subscriptions[topic][subscription] = None
        self._metrics.subscriptions.labels(key[0]).inc()
        if since is not None and resumption is not None:
            subscription.held = True
            self._begin(self._resume(subscription, resumption, since))
        elif topic.view is not None:
            self.broadcaster.mark_changed(topic)

    def unsubscribe(self, reader: Recipient, key: Key) -> None:
        """Send a reader no more of a thing. Raises :class:`StreamError`."""
        subscription = reader.remove(key)
        if subscription is None:
            raise StreamError(Code.NOT_SUBSCRIBED, "You are not subscribed to this.")
        subscriptions = self._subscriptions[subscription.topic]
        del subscriptions[subscription]
        self._metrics.subscriptions.labels(key[0]).dec()
        if not subscriptions:
            del self._subscriptions[subscription.topic]
            del self._topics[key]
            # Nobody waits for a view any more that will not come.
            subscription.topic.started.set()

    def unsubscribe_all(self, reader: Recipient) -> None:
        """Remove every subscription of a reader."""
        for key in list(reader.subscriptions):
            self.unsubscribe(reader, key)

    def end_credential(self, reader: Recipient, code: str, detail: str) -> None:
        """End the subscriptions of a reader that its credential no longer permits, and send it the reason."""
        for key, subscription in list(reader.subscriptions.items()):
            if self._channels[key[0]].needs_credential:
                self.unsubscribe(reader, key)
                reader.send(error(code, detail, channel=key[0], id=subscription.topic.public_id))

    def close(self) -> None:
        """Stop loading views."""
        for task in self._loading:
            task.cancel()

    def _open(self, key: Key, public_id: str) -> Topic:
        topic = self._topics[key] = Topic(key, public_id, self._channels[key[0]].pause_s)
        self._subscriptions[topic] = {}
        # The topic receives events from now on, so it has buffered whatever the loaded view will not contain.
        self._begin(self._load(topic))
        return topic

    def _begin(self, loading: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(loading)
        self._loading.add(task)
        task.add_done_callback(self._loading.discard)

    async def _load(self, topic: Topic) -> None:
        name, number = topic.key
        channel = self._channels[name]
        try:
            async with self._load_turns:
                if not self._is_followed(topic):
                    return
                view = await channel.load(number)
            if not self._is_followed(topic):
                return
            if view is None:
                self._end(topic, channel.unknown_code, channel.unknown_detail)
                return
            topic.start(view)
            self.broadcaster.mark_changed(topic)
        except StoreUnavailable:
            self._end(topic, Code.DATABASE_UNAVAILABLE)
        except Exception:
            self._fail(topic)

    async def _resume(self, subscription: Subscription, resumption: Resumption, since: int) -> None:
        """Send a reader the snapshot with what it missed.

        What it missed is read after the view, so that the view has a record of all that comes later than was read; and
        it is sent when everything that was read has been heard here, so that the snapshot contains it. Meanwhile the
        subscription is held, and nothing is forgotten.
        """
        topic, reader = subscription.topic, subscription.reader
        try:
            await topic.started.wait()
            if not self._is_followed(topic):
                return
            async with self._load_turns:
                missed = await resumption.read(topic.key[1], since)
            while missed is not None and self._heard_seq < missed.seq:
                heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._listening.append(heard)
                await heard
            view = topic.view
            if reader.subscriptions.get(topic.key) is not subscription or view is None:
                return
            if missed is None:
                self.unsubscribe(reader, topic.key)
                detail = "The journal has not got there; leave out seq."
                reader.send(error(Code.FIELD_INVALID, detail, field="seq", channel=topic.key[0], id=topic.public_id))
                return
            message = topic.resumed(missed.merged(view))
            reader.write(message.frame)
            self._metrics.snapshots.inc()
            subscription.seq, subscription.held = message.seq, False
            self.broadcaster.mark_changed(topic)
        except StoreUnavailable:
            self._end(topic, Code.DATABASE_UNAVAILABLE)
        except Exception:
            self._fail(topic)

    def _hear(self, seq: int) -> None:
        self._heard_seq = seq
        for heard in self._listening:
            if not heard.done():
                heard.set_result(None)
        self._listening.clear()

    def _is_followed(self, topic: Topic) -> bool:
        return topic in self._subscriptions

    def _dispatch(self, seq: int, at: int, event: Event) -> None:
        for channel, route in self._routes.get(type(event), ()):
            numbers = route(event)
            if numbers is None:
                for topic in list(self._topics.values()):
                    if topic.key[0] == channel:
                        self._apply(topic, seq, at, event)
                continue
            for number in numbers:
                topic = self._topics.get((channel, number))
                if topic is not None:
                    self._apply(topic, seq, at, event)

    def _apply(self, topic: Topic, seq: int, at: int, event: Event) -> None:
        try:
            if topic.apply(seq, at, event):
                self.broadcaster.mark_changed(topic)
        except Exception:
            self._fail(topic)

    def _fail(self, topic: Topic) -> None:
        _log.exception("stream_topic_broke", channel=topic.key[0], id=topic.public_id)
        self._end(topic, Code.RESYNC)

    def _end(self, topic: Topic, code: str, detail: str | None = None) -> None:
        """End every subscription to a topic, and send each reader the reason."""
        detail = _DETAILS[Code(code)] if detail is None else detail
        for subscription in list(self._subscriptions.get(topic, {})):
            reader = subscription.reader
            self.unsubscribe(reader, topic.key)
            reader.send(error(code, detail, channel=topic.key[0], id=topic.public_id))


def _routes_by_event(channels: Sequence[Channel]) -> dict[type[Event], list[tuple[str, Route]]]:
    """Return the routes of all channels by type of event, each with its channel's name."""
    routes: dict[type[Event], list[tuple[str, Route]]] = {}
    for channel in channels:
        for kind, route in channel.routes.items():
            routes.setdefault(kind, []).append((channel.name, route))
    return routes
