"""The events channel: every event of the sportsbook that has not ended, each with its first market."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from evens.core.events.every import Event
from evens.core.events.fixed_odds import FixtureArchived
from evens.core.values.ids import FixtureId
from evens.edges.stream.changes import Changes
from evens.edges.stream.channel import Route
from evens.edges.stream.followed_events import SHOWN, FollowedEvents
from evens.edges.stream.messages import Code, StreamError
from evens.edges.stream.missed import Resumption
from evens.identity.principal import Principal
from evens.store.fixed_odds.snapshots import EventSnapshots, EventsSnapshot

ALL: Final = 0
"""The number of the only thing in the channel."""

ALL_ID: Final = "all"


class EventsView:
    """All events that have not ended, beginning with what was read from the database."""

    def __init__(self, snapshot: EventsSnapshot) -> None:
        self.seq = snapshot.seq
        self._events = FollowedEvents(snapshot.fixtures)
        self._names = {row.id: self._events.head(row.id)["id"] for row in snapshot.fixtures}
        self._shown = {
            fixture: self._show(fixture) for fixture in self._events.fixtures() if self._events.is_new(fixture)
        }
        self._changes: Changes[FixtureId] = Changes()

    def apply(self, seq: int, at: int, event: Event) -> None:
        """Apply an event."""
        if isinstance(event, FixtureArchived):
            self._events.drop(event.fixture)
            return
        for fixture in self._events.apply(event):
            shown = self._show(fixture) if self._events.is_new(fixture) else None
            if shown == self._shown.get(fixture):
                continue
            if shown is None:
                del self._shown[fixture]
            else:
                self._shown[fixture], self._names[fixture] = shown, shown["id"]
            self._changes.mark(fixture, seq)
            self.seq = seq

    def snapshot(self) -> dict[str, Any]:
        """Return every event, the oldest first."""
        return {"events": list(self._shown.values())}

    def delta(self, since: int) -> dict[str, Any]:
        """Return the events that changed after ``since`` as they are now, and the ids of those that have ended."""
        changed = sorted(self._changes.since(since))
        return {
            "events": [self._shown[fixture] for fixture in changed if fixture in self._shown],
            "ended": [self._names[fixture] for fixture in changed if fixture not in self._shown],
        }

    def forget(self, seq: int) -> None:
        """Drop the record of what changed at ``seq`` or before."""
        self._changes.forget(seq)

    def _show(self, fixture: FixtureId) -> dict[str, Any]:
        count, first = self._events.first_market(fixture)
        return {**self._events.head(fixture), "market": first, "markets": count}


class EventsChannel:
    """Implements :class:`evens.edges.stream.channel.Channel`. Anybody may follow the events."""

    name = "events"
    needs_credential = False
    pause_s = 0.0
    resumption: Resumption | None = None
    unknown_code = "event_unknown"
    unknown_detail = "There is no such list of events."

    def __init__(self, snapshots: EventSnapshots) -> None:
        self._snapshots = snapshots
        self.routes: Mapping[type[Event], Route] = dict.fromkeys((*SHOWN, FixtureArchived), _to_the_list)

    def resolve(self, principal: Principal | None, public_id: str | None) -> tuple[int, str]:
        """Return the number of the list, of which there is one."""
        if public_id not in (None, ALL_ID):
            raise StreamError(Code.FIELD_INVALID, "The events channel takes no id: it has all events.", "id")
        return ALL, ALL_ID

    async def load(self, number: int) -> EventsView | None:
        """Read every event that can still change."""
        return EventsView(await self._snapshots.live())


def _to_the_list(_event: Any) -> Iterable[int]:
    return (ALL,)
