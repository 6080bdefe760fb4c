"""The event channel: one event of the sportsbook with all its markets.

An event is followed by its public id, which only the tables can turn into a number; until a view is loaded, the channel
does not know which fixture it will be about. So what happens to fixtures that nobody follows yet is shown to all views
while one is awaited, and each passes over what is not its own.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any, Final

from evens.core.events.every import Event
from evens.core.events.fixed_odds import FixtureArchived, FixtureEnded, FixtureStageFinished, SourceHeard
from evens.core.values.ids import FixtureId
from evens.edges.stream.changes import Changes
from evens.edges.stream.channel import Route
from evens.edges.stream.followed_events import SHOWN, FollowedEvents, changed_markets
from evens.edges.stream.messages import Code, StreamError
from evens.edges.stream.missed import Resumption
from evens.edges.stream.names import Names
from evens.identity.principal import Principal
from evens.store.fixed_odds.snapshots import EventSnapshots, EventsSnapshot

ID_LENGTH_MAX: Final = 300

_MAIN: Final = "main"
_AWAITED_S: Final = 60.0
"""For how long a view that was asked for may still be on its way."""


class EventView:
    """The state of one event, beginning with one that was read from the database.

    ``seq`` is the last command that changed it.
    """

    def __init__(self, snapshot: EventsSnapshot) -> None:
        (row,) = snapshot.fixtures
        self.seq = snapshot.seq
        self.fixture: Final = row.id
        self._events = FollowedEvents([row])
        self._head: dict[str, Any] = self._events.head(row.id)
        self._markets: dict[str, Any] = self._events.markets(row.id)
        self._head_changed_at = 0
        self._changes: Changes[str] = Changes()

    def apply(self, seq: int, at: int, event: Event) -> None:
        """Apply an event, if it is about this fixture."""
        if getattr(event, "fixture", self.fixture) != self.fixture or not self._events.apply(event):
            return
        head: dict[str, Any] = self._events.head(self.fixture)
        # Whether bets are taken on a market depends on whether the event has ended.
        keys = None if isinstance(event, FixtureEnded | FixtureStageFinished) else changed_markets(event)
        for key, market in self._events.markets(self.fixture, keys).items():
            if self._markets.get(key) != market:
                self._markets[key] = market
                self._changes.mark(key, seq)
                self.seq = seq
        if head != self._head:
            self._head, self._head_changed_at, self.seq = head, seq, seq

    def snapshot(self) -> dict[str, Any]:
        """Return the event with all its markets."""
        return {**self._fields(), "markets": list(self._markets.values())}

    def delta(self, since: int) -> dict[str, Any]:
        """Return what changed after ``since``: markets as they are now, and the other fields if one of them changed."""
        changed = set(self._changes.since(since))
        markets = [market for key, market in self._markets.items() if key in changed]
        return {**(self._fields() if self._head_changed_at > since else {}), "markets": markets}

    def forget(self, seq: int) -> None:
        """Drop the record of what changed at ``seq`` or before."""
        self._changes.forget(seq)

    def _fields(self) -> dict[str, Any]:
        """Return all but the markets; the id stands in every message already."""
        return {name: value for name, value in self._head.items() if name != "id"}


class EventChannel:
    """Implements :class:`evens.edges.stream.channel.Channel`. Anybody may follow an event."""

    name = "event"
    needs_credential = False
    pause_s = 0.0
    resumption: Resumption | None = None
    unknown_code = "event_unknown"
    unknown_detail = "There is no such event; check the id."

    def __init__(self, snapshots: EventSnapshots) -> None:
        self._snapshots = snapshots
        self._names = Names()
        self._numbers: dict[FixtureId, int] = {}
        self._awaited_until = 0.0
        self.routes: Mapping[type[Event], Route] = {
            **dict.fromkeys(SHOWN, self._route),
            SourceHeard: _to_all,
            FixtureArchived: self._forget,
        }

    def resolve(self, principal: Principal | None, public_id: str | None) -> tuple[int, str]:
        """Return a number for the event that an id may name."""
        if public_id is None:
            raise StreamError(Code.FIELD_MISSING, "The event channel takes the field id: an event's.", "id")
        if not 1 <= len(public_id) <= ID_LENGTH_MAX:
            raise StreamError(self.unknown_code, self.unknown_detail, "id")
        number = self._names.number_of(public_id)
        self._await()
        return number, public_id

    async def load(self, number: int) -> EventView | None:
        """Read an event with all its markets."""
        public_id = self._names.name_of(number)
        if public_id is None or "\0" in public_id or not public_id.isprintable():
            return None
        self._await()
        # A key of the main provider may itself have a colon.
        source, colon, key = public_id.partition(":")
        names = [(_MAIN, public_id), *([(source, key)] if colon and source != _MAIN else [])]
        snapshot = await self._snapshots.event(names)
        if snapshot is None:
            return None
        view = EventView(snapshot)
        self._numbers[view.fixture] = number
        return view

    def _await(self) -> None:
        self._awaited_until = time.monotonic() + _AWAITED_S

    def _route(self, event: Any) -> Iterable[int] | None:
        number = self._numbers.get(event.fixture)
        if number is not None:
            return (number,)
        return None if time.monotonic() < self._awaited_until else ()

    def _forget(self, event: Any) -> Iterable[int]:
        self._numbers.pop(event.fixture, None)
        return ()


def _to_all(_event: Any) -> None:
    """Return ``None``: any event may be from that source."""
