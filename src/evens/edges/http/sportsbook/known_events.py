"""Events by their public ids, remembered: every bet needs the number of what it is on first."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from evens.core.values.ids import FixtureId
from evens.core.values.public_ids import format_event_id
from evens.edges.http.protocol.problem import Refused, refuse_not_found
from evens.store.fixed_odds.queries import SportsbookQueries
from evens.store.fixed_odds.rows import FixtureRow

EVENTS_MAX: Final = 20_000
"""How many events are remembered; the one remembered first makes room for another."""

_MAIN: Final = "main"


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """What never changes about an event: its number, and how its provider calls it."""

    id: FixtureId
    source: str
    key: str

    @property
    def public_id(self) -> str:
        """How everybody outside calls it."""
        return format_event_id(self.source, self.key)


class KnownEvents:
    """Reads each event from the tables once."""

    def __init__(self, reads: SportsbookQueries) -> None:
        self._reads = reads
        self._by_id: OrderedDict[FixtureId, KnownEvent] = OrderedDict()
        self._by_name: dict[str, KnownEvent] = {}

    async def find(self, fixture: FixtureId) -> KnownEvent:
        """Return an event that is known to be there. Raises ``StoreUnavailable``."""
        known = self._by_id.get(fixture)
        return known or self.learn((await self._reads.fixtures_by_id([fixture]))[fixture])

    async def require(self, event_id: str) -> KnownEvent:
        """Return the event with this public id. Raises a 404 if there never was one, or ``StoreUnavailable``."""
        return self._by_name.get(event_id) or self.learn(await self.read(event_id))

    async def read(self, event_id: str) -> FixtureRow:
        """Return everything about the event with this public id, as it is now. Raises as :meth:`require` does."""
        # A key of the main provider may itself have a colon.
        source, colon, key = event_id.partition(":")
        row = await self._reads.fixture(_MAIN, event_id)
        if row is None and colon and source != _MAIN:
            row = await self._reads.fixture(source, key)
        if row is None:
            raise refuse_unknown_event(event_id)
        return row

    def learn(self, row: FixtureRow) -> KnownEvent:
        """Remember what a row tells."""
        known = KnownEvent(row.id, row.source, row.key)
        self._by_id[row.id] = known
        self._by_name[known.public_id] = known
        if len(self._by_id) > EVENTS_MAX:
            _, dropped = self._by_id.popitem(last=False)
            self._by_name.pop(dropped.public_id, None)
        return known


def refuse_unknown_event(event_id: str) -> Refused:
    """Return the 404 for an event that there is not; of several that were named it is this one."""
    return refuse_not_found("event_unknown", f"There is no such event as {event_id}; check the id.")
