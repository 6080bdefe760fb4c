"""Snapshots: events as of one place in the journal, to follow them from there on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evens.store.database import Database
from evens.store.fixed_odds.rows import FixtureRow, read_fixtures
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.store.database import Connection

_SQL: Final = statements("fixed_odds", "reading")
_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class EventsSnapshot:
    """Fixtures with all their markets, as of the record ``seq``."""

    seq: int
    fixtures: tuple[FixtureRow, ...]


class EventSnapshots:
    """Read-only. Every method raises :class:`evens.store.errors.StoreUnavailable` while there is no database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def event(self, names: list[tuple[str, str]]) -> EventsSnapshot | None:
        """Return the fixture with the first of these names (source and key) that there is, or ``None``."""
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            for source, key in names:
                rows = await wire.fetch(_SQL["fixture"], source, key)
                if rows:
                    return EventsSnapshot(await _end(wire), tuple(await read_fixtures(wire, rows)))
        return None

    async def live(self) -> EventsSnapshot:
        """Return every fixture that can still change: those that are new, or whose results can be taken back."""
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            found: list[FixtureRow] = []
            last = 0
            while rows := await wire.fetch(_SQL["live_fixtures"], last, _AT_ONCE):
                found += await read_fixtures(wire, rows)
                last = rows[-1]["id"]
            return EventsSnapshot(await _end(wire), tuple(found))


async def _end(wire: "Connection") -> int:
    return (await wire.fetchval(_SQL["journal_end"])) or 0
