"""Sends subscribers what changed, in rounds: a burst of commands becomes one message.

A reader that has not yet received what was sent before is skipped. As soon as it has, it is sent one delta with
everything since.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import thread_time
from typing import Final

import structlog

from evens.edges.stream.metrics import StreamMetrics
from evens.edges.stream.reader import Recipient, Subscription
from evens.edges.stream.topic import Topic

_PAUSE_MAX_S: Final = 0.1
_WRITES_AT_ONCE: Final = 100
"""After so many writes other tasks get a turn: the single writer shares this thread."""

_log: Final = structlog.get_logger("evens.stream")


Subscriptions = dict[Topic, dict[Subscription, None]]
"""The subscriptions to each topic, in the order in which they were made."""


def pause_after(began: float, least_s: float = 0.0) -> float:
    """Return for how long to pause after a round of writes that began at this ``thread_time``, in seconds.

    A long round is followed by a pause as long, so that writing uses at most half of the thread's time.
    """
    return min(max(least_s, thread_time() - began), _PAUSE_MAX_S)


class Broadcaster:
    """Runs the rounds, at least ``pause_s`` apart. The hub maintains ``subscriptions``.

    ``on_failure`` is called with a topic whose messages could not be made. ``after_round`` is what belongs to each
    round besides: its time counts with that of the round.
    """

    def __init__(
        self, subscriptions: Subscriptions, metrics: StreamMetrics, pause_s: float, on_failure: Callable[[Topic], None]
    ) -> None:
        self._subscriptions = subscriptions
        self._metrics = metrics
        self._pause_s = pause_s
        self._on_failure = on_failure
        self._changed: dict[Topic, None] = {}
        self._wake = asyncio.Event()
        self.after_round: Callable[[], Awaitable[None]] | None = None

    def mark_changed(self, topic: Topic) -> None:
        """Have the next round send the subscribers of a topic what changed."""
        self._changed[topic] = None
        self._wake.set()

    def resume(self, reader: Recipient) -> None:
        """Send a reader that has caught up what it has missed."""
        waiting = list(reader.behind)
        reader.behind.clear()
        for subscription in waiting:
            try:
                self._send(subscription)
            except Exception:
                self._fail(subscription.topic)

    async def run(self) -> None:
        """Run round after round until cancelled."""
        # If an earlier run broke, some topics of its last round were not sent.
        for topic in self._subscriptions:
            self.mark_changed(topic)
        while True:
            await self._wake.wait()
            self._wake.clear()
            began = thread_time()
            await self.run_round()
            if self.after_round is not None:
                await self.after_round()
            await asyncio.sleep(pause_after(began, self._pause_s))

    async def run_round(self) -> None:
        """Send every subscriber what has changed since the last round."""
        topics, self._changed = self._changed, {}
        loop = asyncio.get_running_loop()
        for topic in topics:
            if topic.pause_s:
                now = loop.time()
                if now < topic.due_at:
                    self._changed[topic] = None
                    loop.call_later(topic.due_at - now, self._wake.set)
                    continue
                topic.due_at = now + topic.pause_s
            try:
                await self._broadcast(topic)
            except Exception:
                self._fail(topic)

    def _fail(self, topic: Topic) -> None:
        _log.exception("stream_topic_broke", channel=topic.key[0], id=topic.public_id)
        self._on_failure(topic)

    def _send(self, subscription: Subscription) -> None:
        """Send a subscriber what it has not been sent, unless its reader is behind."""
        topic, reader = subscription.topic, subscription.reader
        view = topic.view
        if view is None or subscription.held or subscription.seq == view.seq:
            return
        if reader.is_behind:
            if subscription not in reader.behind:
                reader.behind[subscription] = None
                self._metrics.conflated.inc()
            return
        subscription.seq = reader.deliver(topic, subscription.seq)

    async def _broadcast(self, topic: Topic) -> None:
        topic.next_round()
        subscriptions = self._subscriptions.get(topic, {})
        for count, subscription in enumerate(list(subscriptions), 1):
            if subscription in subscriptions:
                self._send(subscription)
            if count % _WRITES_AT_ONCE == 0:
                await asyncio.sleep(0)
        sent_seqs = [subscription.seq for subscription in subscriptions if subscription.seq is not None]
        # Whoever is held will be sent what came since they asked.
        if sent_seqs and not any(subscription.held for subscription in subscriptions):
            topic.forget(min(sent_seqs))
