"""Topics: how a loaded view and buffered events join; the record of changes; WebSocket frames."""

from typing import Any

import pytest

from evens.core.events.every import Event
from evens.core.events.wallets import CustomerFrozen
from evens.core.values.ids import CustomerId
from evens.edges.stream.changes import Changes
from evens.edges.stream.protocol import frame
from evens.edges.stream.topic import Topic


class _RecordingView:
    """A view that records the seqs of its events."""

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.seqs: list[int] = []

    def apply(self, seq: int, at: int, event: Event) -> None:
        self.seq = seq
        self.seqs.append(seq)

    def snapshot(self) -> dict[str, Any]:
        return {"seqs": self.seqs}

    def delta(self, since: int) -> dict[str, Any]:
        return {"seqs": [seq for seq in self.seqs if seq > since]}

    def forget(self, seq: int) -> None:
        self.seqs = [each for each in self.seqs if each > seq]


def _apply(topic: Topic, *seqs: int) -> list[bool]:
    return [topic.apply(seq, 0, CustomerFrozen(CustomerId(1))) for seq in seqs]


def test_buffered_events_that_the_loaded_view_contains_are_dropped() -> None:
    topic, view = Topic(("market", 1), "mkt_1"), _RecordingView(5)
    assert _apply(topic, 3, 4, 5, 6) == [False] * 4
    topic.start(view)
    assert view.seqs == [6]
    assert _apply(topic, 7) == [True]
    assert view.seqs == [6, 7]


def test_an_event_reported_after_the_view_was_loaded_with_it_is_dropped() -> None:
    topic, view = Topic(("market", 1), "mkt_1"), _RecordingView(5)
    topic.start(view)
    assert _apply(topic, 4, 5, 6) == [False, False, True]
    assert view.seqs == [6]


def test_subscribers_at_the_same_seq_get_the_same_bytes() -> None:
    topic = Topic(("market", 1), "mkt_1")
    topic.start(_RecordingView(5))
    _apply(topic, 6)
    first = topic.delta(5)
    _apply(topic, 7)
    assert topic.delta(5) is first
    assert first.seq == 6
    topic.next_round()
    assert topic.delta(5).seq == 7
    assert topic.snapshot().seq == 7


def test_each_thing_changed_once_however_often_it_did() -> None:
    changes: Changes[str] = Changes()
    for seq, key in enumerate("abca", 1):
        changes.mark(key, seq)
    assert list(changes.since(0)) == ["a", "c", "b"]
    assert list(changes.since(2)) == ["a", "c"]
    assert list(changes.since(4)) == []
    changes.forget(3)
    assert list(changes.since(0)) == ["a"]


@pytest.mark.parametrize(
    ("length", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65_535, b"\x81\x7e\xff\xff"),
        (65_536, b"\x81\x7f" + (65_536).to_bytes(8, "big")),
    ],
)
def test_a_frame_has_its_length(length: int, head: bytes) -> None:
    message = b"x" * length
    assert frame(message) == head + message
