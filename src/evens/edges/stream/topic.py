"""One thing that clients follow, such as one market: its current view and the messages made from it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from evens.core.events.every import Event
from evens.edges.stream.messages import encode

Key = tuple[str, int]
"""A channel's name, and the number of the thing in it."""


class View(Protocol):
    """The current state of a thing as its subscribers see it, with a record of what changed when."""

    @property
    def seq(self) -> int:
        """The last command that changed the thing, as far as subscribers see it."""
        ...

    def apply(self, seq: int, at: int, event: Event) -> None:
        """Apply an event of the command ``seq``, recorded ``at``."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state."""
        ...

    def delta(self, since: int) -> dict[str, Any]:
        """Return what changed after ``since``."""
        ...

    def forget(self, seq: int) -> None:
        """Drop the record of what changed at ``seq`` or before: every subscriber has been sent it."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """An encoded message, and the ``seq`` of the state that a subscriber has after receiving it."""

    frame: bytes
    seq: int


class Topic:
    """One thing that is followed. A message is encoded once for all subscribers that are at the same ``seq``.

    While the view is being loaded from the database, events are buffered; those that the view already contains are
    dropped when it starts. ``pause_s`` is how far apart its messages are at least, and ``due_at`` when the next may be
    sent, by the clock of the event loop.
    """

    def __init__(self, key: Key, public_id: str, pause_s: float = 0.0) -> None:
        self.key: Final = key
        self.pause_s: Final = pause_s
        self.due_at = 0.0
        self.public_id: Final = public_id
        self.view: View | None = None
        self.started: Final = asyncio.Event()
        self._loaded_seq = 0
        self._buffered: list[tuple[int, int, Event]] = []
        self._snapshot: Message | None = None
        self._deltas: dict[int, Message] = {}

    def apply(self, seq: int, at: int, event: Event) -> bool:
        """Apply or buffer an event of this thing; return whether subscribers now have something to receive."""
        if self.view is None:
            self._buffered.append((seq, at, event))
            return False
        # The database can show a commit before the commit is reported here.
        if seq <= self._loaded_seq:
            return False
        self.view.apply(seq, at, event)
        return True

    def start(self, view: View) -> None:
        """Begin with a view that was loaded as of ``view.seq``, and apply the buffered events that came after it."""
        self._loaded_seq = view.seq
        for seq, at, event in self._buffered:
            if seq > self._loaded_seq:
                view.apply(seq, at, event)
        self._buffered.clear()
        self.view = view
        self.started.set()

    def snapshot(self) -> Message:
        """Return the whole state as it is now."""
        assert self.view is not None
        if self._snapshot is None or self._snapshot.seq != self.view.seq:
            self._snapshot = self._encode("snapshot", {"seq": self.view.seq}, self.view.snapshot)
        return self._snapshot

    def resumed(self, missed: dict[str, Any]) -> Message:
        """Return the whole state as it is now, with what one client missed."""
        view = self.view
        assert view is not None
        return self._encode("snapshot", {"seq": view.seq}, lambda: {**view.snapshot(), **missed})

    def delta(self, since: int) -> Message:
        """Return what changed after ``since``, up to the moment at which it was first asked for in this round."""
        delta = self._deltas.get(since)
        if delta is None:
            view = self.view
            assert view is not None
            seqs = {"prev_seq": since, "seq": view.seq}
            delta = self._deltas[since] = self._encode("delta", seqs, lambda: view.delta(since))
        return delta

    def next_round(self) -> None:
        """Encode deltas anew from now on."""
        self._deltas.clear()

    def forget(self, seq: int) -> None:
        """Drop the record of changes that every subscriber has been sent."""
        assert self.view is not None
        self.view.forget(seq)
        self._snapshot = None

    def _encode(self, kind: str, seqs: dict[str, int], content: Callable[[], dict[str, Any]]) -> Message:
        head = {"type": kind, "channel": self.key[0], "id": self.public_id, **seqs}
        return Message(encode({**head, **content()}), seqs["seq"])
