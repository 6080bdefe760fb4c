"""What can be subscribed to: one thing with its view, and everybody who follows it from some place on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from evens.core.events.every import Event
from evens.edges.stream.messages import encode

MARKET: Final = "market"
ACCOUNT: Final = "account"

Key = tuple[str, int]
"""A channel, and the market or customer in it."""


class View(Protocol):
    """A thing as its followers see it."""

    seq: int

    def apply(self, seq: int, at: int, event: Event) -> None:
        """Take in an event of the command ``seq``, recorded ``at``."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """Return all of it."""
        ...

    def delta(self, since: int) -> dict[str, Any]:
        """Return what changed after ``since``."""
        ...

    def forget(self, seq: int) -> None:
        """Forget when what changed at ``seq`` or before."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """A message, and the place in the journal that its reader is at once they have it."""

    frame: bytes
    seq: int


class Topic:
    """One thing that is followed. Messages are made once for all followers who are at the same place.

    While its picture is being read, what happens is kept; whatever the picture has already is then left out.
    """

    def __init__(self, key: Key, subject: str) -> None:
        self.key: Final = key
        self.subject: Final = subject
        self.view: View | None = None
        self._pictured = 0
        self._kept: list[tuple[int, int, Event]] = []
        self._snapshot: Told | None = None
        self._deltas: dict[int, Told] = {}

    def hear(self, seq: int, at: int, event: Event) -> bool:
        """Take in an event that concerns this thing; return whether there is something to tell now."""
        if self.view is None:
            self._kept.append((seq, at, event))
            return False
        # A commit can be seen in the tables before it is told of.
        if seq <= self._pictured:
            return False
        self.view.apply(seq, at, event)
        return True

    def begin(self, view: View) -> None:
        """Go on from a picture, whose seq is the view's."""
        self._pictured = view.seq
        for seq, at, event in self._kept:
            if seq > self._pictured:
                view.apply(seq, at, event)
        self._kept.clear()
        self.view = view

    def snapshot(self) -> Told:
        """Return the whole thing as it is now."""
        assert self.view is not None
        if self._snapshot is None or self._snapshot.seq != self.view.seq:
            self._snapshot = self._tell("snapshot", {"seq": self.view.seq}, self.view.snapshot)
        return self._snapshot

    def delta(self, since: int) -> Told:
        """Return what changed after ``since``, up to now or to when it was first asked for in this round."""
        told = self._deltas.get(since)
        if told is None:
            view = self.view
            assert view is not None
            places = {"prev_seq": since, "seq": view.seq}
            told = self._deltas[since] = self._tell("delta", places, lambda: view.delta(since))
        return told

    def next_round(self) -> None:
        """Make deltas anew from now on."""
        self._deltas.clear()

    def forget(self, seq: int) -> None:
        """Forget what every follower has been told."""
        assert self.view is not None
        self.view.forget(seq)
        self._snapshot = None

    def _tell(self, kind: str, places: dict[str, int], content: Callable[[], dict[str, Any]]) -> Told:
        head = {"type": kind, "channel": self.key[0], "id": self.subject, **places}
        return Told(encode({**head, **content()}), places["seq"])
