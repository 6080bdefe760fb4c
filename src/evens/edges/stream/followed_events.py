"""Events of the sportsbook as the stream keeps them: in the core's own state, changed by the core's own rules.

What a provider says of an event is merged into what is known by one piece of code, which decides on bets too; here it
runs on events without bets and without money.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from evens.core.events.every import Event
from evens.core.events.fixed_odds import (
    ConflictClosed,
    FixtureEnded,
    FixtureHeld,
    FixtureStageFinished,
    LinePublished,
    MarketDecided,
    ResultContradicted,
    SelectionRemoved,
    SourceHeard,
)
from evens.core.fixed_odds.fixture import Fixture
from evens.core.fixed_odds.rules import RULES
from evens.core.fixed_odds.state import FixedOdds
from evens.core.ledger.accounts import Ledger
from evens.core.ledger.agenda import Agenda
from evens.core.values.fixed_odds import FixtureStatus
from evens.core.values.ids import FixtureId
from evens.core.values.moments import format_time
from evens.edges.http.sportsbook.presenting import STATUSES, event_id_of, present_market
from evens.store.fixed_odds.rows import FixtureRow, fixture_of, row_of

SHOWN: Final = (
    LinePublished,
    SelectionRemoved,
    FixtureHeld,
    FixtureEnded,
    MarketDecided,
    ResultContradicted,
    ConflictClosed,
    FixtureStageFinished,
    SourceHeard,
)
"""The events that change what is shown of an event."""


class FollowedEvents:
    """Events by the ids of their fixtures, as everybody may see them."""

    def __init__(self, rows: Iterable[FixtureRow]) -> None:
        # Nothing is taken off its agenda, and there is nothing in its ledger.
        self._book = FixedOdds(Ledger(), Agenda(), {}, {})
        for row in rows:
            self._book.add_fixture(fixture_of(row))
            if row.silent:
                self._book.silent[row.source] = None

    def apply(self, event: Event) -> list[FixtureId]:
        """Apply an event and return the fixtures that it is about; one about others does nothing."""
        if isinstance(event, SourceHeard):
            RULES.appliers[SourceHeard](self._book, event)
            return [fixture.id for fixture in self._book.fixtures.values() if fixture.source == event.source]
        fixture: FixtureId = getattr(event, "fixture")  # noqa: B009 - all events in SHOWN but the one above have it
        if fixture in self._book.fixtures or isinstance(event, LinePublished):
            RULES.appliers[type(event)](self._book, event)
            return [fixture]
        return []

    def drop(self, fixture: FixtureId) -> None:
        """Forget a fixture that can no longer change."""
        known = self._book.fixtures.get(fixture)
        if known is not None:
            self._book.drop_fixture(known)

    def is_new(self, fixture: FixtureId) -> bool:
        """Return whether an event has not ended."""
        known = self._book.fixtures.get(fixture)
        return known is not None and known.status is FixtureStatus.NEW

    def fixtures(self) -> Iterator[FixtureId]:
        """Yield every fixture, the oldest first."""
        return iter(sorted(self._book.fixtures))

    def head(self, fixture: FixtureId) -> dict[str, Any]:
        """Return all of an event but its markets."""
        return _head(self._row(self._book.fixtures[fixture], ()))

    def markets(self, fixture: FixtureId, keys: Iterable[str] | None = None) -> dict[str, Any]:
        """Return an event's markets by their keys: all, or these."""
        known = self._book.fixtures[fixture]
        row = self._row(known, known.markets if keys is None else keys)
        return {market.key: msgspec.to_builtins(present_market(row, market)) for market in row.markets}

    def first_market(self, fixture: FixtureId) -> tuple[int, Any]:
        """Return how many markets an event has, and the first of them; ``None`` if it has none."""
        known = self._book.fixtures[fixture]
        keys = list(known.markets)[:1]
        return len(known.markets), next(iter(self.markets(fixture, keys).values()), None)

    def _row(self, known: Fixture, keys: Iterable[str]) -> FixtureRow:
        return row_of(known, [known.markets[key] for key in keys], silent=known.source in self._book.silent)


def _head(row: FixtureRow) -> dict[str, Any]:
    return {
        "id": event_id_of(row),
        "title": row.title,
        "sport": row.sport,
        "competition": row.competition,
        "starts_at": None if row.starts_at is None else format_time(row.starts_at),
        "deadline": format_time(row.deadline),
        "status": STATUSES[row.status],
        "suspended": row.suspended or row.held or row.silent,
        "version": row.version,
    }


def changed_markets(event: Event) -> Mapping[str, None]:
    """Return the keys of the markets that an event changed."""
    if isinstance(event, LinePublished):
        return dict.fromkeys([market.key for market in event.line.markets])
    market = getattr(event, "market", None)
    return {} if market is None else {market: None}
