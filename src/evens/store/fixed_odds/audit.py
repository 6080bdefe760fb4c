"""Auditing the sportsbook: a fixture with its markets and what was booked is compared when it is archived.

A bet is compared when it has ended, or its market's result stands, and all its fixtures are archived: until then a
correction can change it. So what is remembered is what is live, and a week of history.
"""

import json
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from evens.core.values.fixed_odds import FixtureStage
from evens.store.auditing.differences import compare
from evens.store.auditing.expected_rows import ExpectedRows, check_parents, compare_keys
from evens.store.auditing.product import Page
from evens.store.encoding.rows import Rows
from evens.store.encoding.tables import Table
from evens.store.fixed_odds.tables import (
    BET_LEGS,
    BETS,
    BOOK_LIMITS,
    CHANGE_BETS,
    CHANGE_FIXTURES,
    CHANGE_MARKETS,
    CONFLICTS,
    DECIDE_MARKETS,
    FIXTURE_MARKETS,
    FIXTURES,
    HEAR_SOURCES,
    LINE_SOURCES,
    MARKET_RESULTS,
    PLACE_BETS,
    PLACE_LEGS,
    POST_CONFLICTS,
    PUBLISH_FIXTURES,
    PUBLISH_MARKETS,
    SELECTIONS,
    SET_BOOK_LIMITS,
    SET_STAKE_FACTORS,
    SETTLE_SINGLES,
    SINGLES_SETTLED,
    STAKE_FACTORS,
)

if TYPE_CHECKING:
    from evens.store.auditing.product import Check
    from evens.store.database import Wire

_SETTINGS: Final = {BOOK_LIMITS: SET_BOOK_LIMITS, STAKE_FACTORS: SET_STAKE_FACTORS, LINE_SOURCES: HEAR_SOURCES}
"""Small tables of which every row can change at any time, each with what writes it."""


class FixedOddsAudit:
    """What the sportsbook's tables should hold. Implements ``ProductAudit``."""

    tables = (
        FIXTURES,
        FIXTURE_MARKETS,
        SELECTIONS,
        MARKET_RESULTS,
        CONFLICTS,
        BETS,
        BET_LEGS,
        SINGLES_SETTLED,
        BOOK_LIMITS,
        STAKE_FACTORS,
        LINE_SOURCES,
    )

    def __init__(self) -> None:
        self._fixtures = ExpectedRows(FIXTURES)
        self._markets = ExpectedRows(FIXTURE_MARKETS)
        self._selections = ExpectedRows(SELECTIONS)
        self._results = ExpectedRows(MARKET_RESULTS)
        self._settled = ExpectedRows(SINGLES_SETTLED)
        self._conflicts = ExpectedRows(CONFLICTS)
        self._of_fixtures = (self._fixtures, self._markets, self._selections, self._results, self._settled)
        self._bets = ExpectedRows(BETS)
        self._legs = ExpectedRows(BET_LEGS)
        self._on_fixture: dict[int, list[int]] = {}
        self._live_legs: dict[int, int] = {}
        self._settings: dict[Table, dict[Any, tuple[Any, ...]]] = {table: {} for table in _SETTINGS}

    async def compare_page(self, wire: "Wire", page: Page) -> None:
        """Compare the conflicts of a page, the fixtures archived in it, and the bets that are history then."""
        rows = page.rows
        await compare_keys(wire, PUBLISH_FIXTURES, rows, page.seqs)
        await compare_keys(wire, PLACE_BETS, rows, page.seqs)
        await compare_keys(wire, POST_CONFLICTS, rows, page.moments)
        self._conflicts.insert(POST_CONFLICTS, rows)
        await self._conflicts.compare_rest(wire)
        for table, write in _SETTINGS.items():
            self._settings[table].update((row[0], tuple(row)) for row in rows.of(write))
        self._add_fixtures(rows)
        self._add_bets(rows)
        archived = {fixture for fixture, changes in rows.of(CHANGE_FIXTURES) if json.loads(changes).get("archived")}
        for expected in self._of_fixtures:
            await expected.compare(wire, archived)
        over = self._history(rows, archived)
        await self._bets.compare(wire, over)
        await self._legs.compare(wire, over)

    def remaining(self) -> Iterable["Check"]:
        """Return the checks of what can still change."""
        for expected in (*self._of_fixtures, self._bets, self._legs):
            yield expected.compare_rest
        for table in (FIXTURE_MARKETS, SELECTIONS, MARKET_RESULTS, SINGLES_SETTLED):
            yield partial(check_parents, table=table, parents=FIXTURES)
        yield partial(check_parents, table=BET_LEGS, parents=BETS)
        for table in _SETTINGS:
            yield partial(self._compare_settings, table=table)

    def _add_fixtures(self, rows: Rows) -> None:
        self._fixtures.insert(PUBLISH_FIXTURES, rows)
        self._fixtures.patch(CHANGE_FIXTURES, rows)
        for row in rows.of(PUBLISH_MARKETS):
            self._publish(dict(zip(PUBLISH_MARKETS.columns, row, strict=True)))
        for fixture, market, changes in rows.of(CHANGE_MARKETS):
            _change_market(self._markets.row(fixture, market), json.loads(changes))
        self._results.insert(DECIDE_MARKETS, rows)
        self._settled.insert(SETTLE_SINGLES, rows)

    def _publish(self, said: dict[str, Any]) -> None:
        """Make or change a market as the SQL function does."""
        selections = json.loads(said.pop("selections"))
        fixture, market, since = said["fixture"], said["key"], said.pop("since")
        lists: dict[str, Any] = {"results": [], "removals": [], "cancelled": []}
        self._markets.row_or_new((fixture, market), since=since, **lists).update(said)
        named = {key for key, *_ in selections}
        for fields in self._selections.group(fixture):
            if fields["market"] == market and fields["key"] not in named:
                fields["suspended"] = True
        for place, (key, name, odds, suspended) in enumerate(selections, 1):
            fields = self._selections.row_or_new((fixture, market, key), since=since + place)
            fields.update(name=name, odds=odds, suspended=suspended)

    def _add_bets(self, rows: Rows) -> None:
        self._bets.insert(PLACE_BETS, rows)
        self._legs.insert(PLACE_LEGS, rows)
        fixture_at = list(PLACE_BETS.columns).index("fixture")
        for row in rows.of(PLACE_BETS):
            if row[fixture_at] is not None:
                self._on_fixture.setdefault(row[fixture_at], []).append(row[0])
                self._live_legs[row[0]] = 1
        for bet, _place, fixture, *_ in rows.of(PLACE_LEGS):
            self._on_fixture.setdefault(fixture, []).append(bet)
            self._live_legs[bet] = self._live_legs.get(bet, 0) + 1
        self._bets.set(CHANGE_BETS, rows)

    def _history(self, rows: Rows, archived: Iterable[int]) -> set[int]:
        """Return the bets that can no longer change."""
        touched = {row[0] for row in rows.of(CHANGE_BETS)}
        for fixture in archived:
            for bet in self._on_fixture.pop(fixture, ()):
                self._live_legs[bet] -= 1
                touched.add(bet)
        over = {bet for bet in touched if not self._live_legs.get(bet) and self._is_over(bet)}
        for bet in over:
            del self._live_legs[bet]
        return over

    def _is_over(self, bet: int) -> bool:
        fields = self._bets.row(bet)
        return fields["ended"] is not None or fields["fixture"] is not None

    async def _compare_settings(self, wire: "Wire", table: Table) -> None:
        (key,) = table.key
        stored = await wire.fetch(f"{table.select()} ORDER BY {key}")
        expected = self._settings[table]
        compare(table.name, [expected[each] for each in sorted(expected)], stored)


def _change_market(fields: dict[str, Any], changed: dict[str, Any]) -> None:
    """Change a market as the SQL function does."""
    if changed.get("results") == fields["results"]:
        changed.pop("contradicted")
    if "results" in changed:
        earlier = FixtureStage.RECALLING if fields["results"] else FixtureStage.DECIDED
        fields["stage"] = earlier if changed["results"] else FixtureStage.REOPENING
    if "removed" in changed:
        fields["removals"] = [*fields["removals"], changed.pop("removed")]
    if "voided" in changed:
        fields["cancelled"] = [*fields["cancelled"], changed.pop("voided")]
    if "restored" in changed:
        restored = changed.pop("restored")
        fields["cancelled"] = [window for window in fields["cancelled"] if window != restored]
    fields.update(changed)
