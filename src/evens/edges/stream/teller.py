"""Telling readers what changed: in rounds, so that a burst of commands is one message, and never to one who is behind.

A reader that has not taken what it got before is left alone until it has, and then gets everything since in one delta.
"""

import asyncio
from collections.abc import Callable
from time import thread_time
from typing import Final

import structlog

from evens.edges.stream.metrics import StreamMetrics
from evens.edges.stream.reader import Reader, Subscription
from evens.edges.stream.topic import Topic

_PAUSE_MAX_S: Final = 0.1
_WRITES_AT_ONCE: Final = 100
"""After so many writes others get their turn: the single writer shares this thread."""

_log: Final = structlog.get_logger("evens.stream")


Followers = dict[Topic, dict[Subscription, None]]
"""The subscriptions to each topic, in the order in which they came."""


class Teller:
    """Runs the rounds, at least ``pause_s`` apart. ``followers`` are kept by the hub, which hears of ``broke`` ones."""

    def __init__(
        self, followers: Followers, metrics: StreamMetrics, pause_s: float, broke: Callable[[Topic], None]
    ) -> None:
        self._followers = followers
        self._metrics = metrics
        self._pause_s = pause_s
        self._broke = broke
        self._changed: dict[Topic, None] = {}
        self._wake = asyncio.Event()

    def changed(self, topic: Topic) -> None:
        """Tell the followers of a topic in the next round."""
        self._changed[topic] = None
        self._wake.set()

    def resume(self, reader: Reader) -> None:
        """Tell a reader that has caught up what it has missed."""
        waiting = list(reader.behind)
        reader.behind.clear()
        for subscription in waiting:
            try:
                self._tell(subscription)
            except Exception:
                self._break(subscription.topic)

    async def run(self) -> None:
        """Tell, round after round, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            began = thread_time()
            await self.round()
            # A round that was much work is followed by as long a rest, so that telling never is more than half of it.
            await asyncio.sleep(min(max(self._pause_s, thread_time() - began), _PAUSE_MAX_S))

    async def round(self) -> None:
        """Tell every follower of what has changed since the last round."""
        topics, self._changed = self._changed, {}
        for topic in topics:
            try:
                await self._round_of(topic)
            except Exception:
                self._break(topic)

    def _break(self, topic: Topic) -> None:
        _log.exception("stream_topic_broke", channel=topic.key[0], id=topic.subject)
        self._broke(topic)

    def _tell(self, subscription: Subscription) -> None:
        """Tell a follower what it has not been told, unless it is behind."""
        topic, reader = subscription.topic, subscription.reader
        view = topic.view
        if view is None or subscription.seq == view.seq:
            return
        if reader.connection.is_behind:
            if subscription not in reader.behind:
                reader.behind[subscription] = None
                self._metrics.conflated.inc()
            return
        if subscription.seq is None:
            told, told_so_far = topic.snapshot(), self._metrics.snapshots
        else:
            told, told_so_far = topic.delta(subscription.seq), self._metrics.deltas
        reader.connection.write(told.frame)
        told_so_far.inc()
        subscription.seq = told.seq

    async def _round_of(self, topic: Topic) -> None:
        topic.next_round()
        followers = self._followers.get(topic, {})
        for place, subscription in enumerate(list(followers), 1):
            if subscription in followers:
                self._tell(subscription)
            if place % _WRITES_AT_ONCE == 0:
                await asyncio.sleep(0)
        told = [subscription.seq for subscription in followers if subscription.seq is not None]
        if told:
            topic.forget(min(told))
