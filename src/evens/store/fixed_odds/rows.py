"""Fixtures and markets as recorded, for loading and for whoever asks; and the core's markets made of them.

Tables and memory work out what bets return by the same code: :meth:`evens.core.fixed_odds.fixture.FixtureMarket.factor`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evens.core.fixed_odds.accumulator import Accumulator
from evens.core.fixed_odds.fixture import FixtureMarket
from evens.core.values.fixed_odds import (
    BetLeg,
    Factor,
    FixtureStage,
    FixtureStatus,
    LegResult,
    LineMarket,
    LineSelection,
    SelectionResult,
)
from evens.core.values.ids import BetId, CustomerId, FixtureId
from evens.store.fixed_odds.tables import BET_LEGS, FIXTURE_MARKETS, FIXTURES, SELECTIONS

if TYPE_CHECKING:
    import asyncpg

    from evens.store.database import Connection, Wire

    Wires = Wire | Connection

_MARKETS = f"{FIXTURE_MARKETS.select()} WHERE fixture = ANY ($1::bigint[]) ORDER BY fixture, since"
_SELECTIONS = f"{SELECTIONS.select()} WHERE fixture = ANY ($1::bigint[]) ORDER BY fixture, market, since"
_ARCHIVED = f"""
{FIXTURE_MARKETS.select(alias="m")}
JOIN evens.fixtures AS f ON f.id = m.fixture AND f.archived
WHERE m.fixture = ANY ($1::bigint[])
"""
_LEGS = f"{BET_LEGS.select()} WHERE bet = ANY ($1::bigint[]) ORDER BY bet, place"


@dataclass(frozen=True, slots=True)
class FixtureMarketRow:
    """A market as recorded, with its selections in their order, at odds in hundredths.

    ``results``, ``removals`` (selection, basis points, moment), ``cancelled`` (from, until), ``settlement`` and the
    rest are as in :class:`evens.core.fixed_odds.fixture.FixtureMarket`.
    """

    fixture: FixtureId
    key: str
    name: str
    winners: int
    group: str | None
    suspended: bool
    selections: tuple[LineSelection, ...]
    stage: FixtureStage
    settlement: int
    results: tuple[SelectionResult, ...]
    removals: tuple[tuple[str, int, int], ...]
    cancelled: tuple[tuple[int, int], ...]
    contradicted: bool

    def is_removed(self, selection: str) -> bool:
        """Return whether the selection was taken out."""
        return any(removed == selection for removed, _, _ in self.removals)

    def result(self, selection: str) -> SelectionResult | None:
        """Return how a selection ended; who is not named in a result has lost. ``None`` while there is no result."""
        if not self.results:
            return None
        found = next((result for result in self.results if result.selection == selection), None)
        return found or SelectionResult(self.key, selection, LegResult.LOST)


@dataclass(frozen=True, slots=True)
class FixtureRow:
    """A fixture as recorded, with its markets in their order. Times are in nanoseconds since 1970.

    ``suspended`` is what its provider says, ``held`` what an operator says. An archived one can no longer be corrected.
    """

    id: FixtureId
    source: str
    key: str
    version: int
    title: str
    sport: str | None
    competition: str | None
    starts_at: int | None
    deadline: int
    suspended: bool
    published_at: int
    held: bool
    status: FixtureStatus
    decided_at: int | None
    archived: bool
    markets: tuple[FixtureMarketRow, ...]


async def read_fixtures(wire: "Wires", rows: "Sequence[asyncpg.Record]") -> list[FixtureRow]:
    """Return the fixtures in rows of their table, each with its markets."""
    numbers = [row["id"] for row in rows]
    selections: dict[tuple[int, str], list[LineSelection]] = {}
    for row in await wire.fetch(_SELECTIONS, numbers):
        selection = LineSelection(row["key"], row["name"], row["odds"], row["suspended"])
        selections.setdefault((row["fixture"], row["market"]), []).append(selection)
    markets: dict[int, list[FixtureMarketRow]] = {number: [] for number in numbers}
    for row in await wire.fetch(_MARKETS, numbers):
        offered = selections.pop((row["fixture"], row["key"]), ())
        markets[row["fixture"]].append(read_market(row, tuple(offered)))
    if selections:
        raise ValueError(f"selections of markets that are not there: {', '.join(map(str, selections))}")
    return [
        FixtureRow(
            **{name: row[name] for name in FIXTURES.columns if name != "status"},
            status=FixtureStatus(row["status"]),
            markets=tuple(markets[row["id"]]),
        )
        for row in rows
    ]


def read_market(row: "asyncpg.Record", selections: tuple[LineSelection, ...]) -> FixtureMarketRow:
    """Return the market in a row of its table."""
    return FixtureMarketRow(
        row["fixture"],
        row["key"],
        row["name"],
        row["winners"],
        row["related_group"],
        row["suspended"],
        selections,
        FixtureStage(row["stage"]),
        row["settlement"],
        read_results(row["key"], row["results"]),
        tuple([(selection, bps, at) for selection, bps, at in json.loads(row["removals"])]),
        tuple([(since, until) for since, until in json.loads(row["cancelled"])]),
        row["contradicted"],
    )


def read_results(market: str, text: str) -> tuple[SelectionResult, ...]:
    """Return the results of a market as they are stored with it."""
    return tuple(
        [
            SelectionResult(market, selection, LegResult(result), places, tied)
            for selection, result, places, tied in json.loads(text)
        ]
    )


def market_of(row: FixtureMarketRow) -> FixtureMarket:
    """Return the market that a row describes, without bets."""
    line = LineMarket(row.key, row.name, row.selections, row.suspended, row.winners, row.group)
    market = FixtureMarket(line)
    market.stage, market.settlement, market.results = row.stage, row.settlement, row.results
    market.removals, market.cancelled = list(row.removals), list(row.cancelled)
    market.contradicted = row.contradicted
    return market


async def read_accumulators(wire: "Wires", rows: "Sequence[asyncpg.Record]") -> list[Accumulator]:
    """Return the accumulators in rows of their table as they are while they are open, with what is history of them."""
    legs: dict[int, list[BetLeg]] = {}
    for row in await wire.fetch(_LEGS, [row["id"] for row in rows]):
        leg = BetLeg(row["fixture"], row["market"], row["selection"], row["odds"])
        legs.setdefault(row["bet"], []).append(leg)
    archived = await _archived_markets(wire, [leg for on in legs.values() for leg in on])
    found: list[Accumulator] = []
    for row in rows:
        bet = Accumulator(
            BetId(row["id"]),
            CustomerId(row["customer"]),
            row["currency_number"],
            row["stake"],
            tuple(legs[row["id"]]),
            row["reserved"],
            row["placed_at"],
        )
        bet.settlement = row["settlement"]
        bet.decided = _decided(bet, archived)
        found.append(bet)
    return found


async def _archived_markets(
    wire: "Wires", legs: Iterable[BetLeg]
) -> Mapping[tuple[FixtureId, str], FixtureMarket]:
    numbers = list({leg.fixture: None for leg in legs})
    rows: list[Any] = await wire.fetch(_ARCHIVED, numbers) if numbers else []
    return {(row["fixture"], row["key"]): market_of(read_market(row, ())) for row in rows}


def _decided(bet: Accumulator, archived: Mapping[tuple[FixtureId, str], FixtureMarket]) -> dict[int, Factor]:
    """Return the factors of the legs whose fixtures are archived, by their place."""
    decided: dict[int, Factor] = {}
    for place, leg in enumerate(bet.legs):
        market = archived.get((leg.fixture, leg.market))
        factor = None if market is None else market.factor(leg.selection, leg.odds, bet.at)
        if factor is not None:
            decided[place] = factor
    return decided
