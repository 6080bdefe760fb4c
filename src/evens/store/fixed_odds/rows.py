"""Fixtures and markets as recorded, for loading and for whoever asks; and the core's markets made of them.

Tables and memory work out what bets return by the same code,
:meth:`evens.core.fixed_odds.fixture.FixtureMarket.factor`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from evens.core.fixed_odds.accumulator import Accumulator
from evens.core.fixed_odds.fixture import Fixture, FixtureMarket
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
from evens.store.fixed_odds.tables import BET_LEGS
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

    from evens.store.database import Connection, Wire

    Wires = Wire | Connection

_SQL: Final = statements("fixed_odds", "reading")
_LEGS: Final = f"{BET_LEGS.select()} WHERE bet = ANY ($1::bigint[]) ORDER BY bet, place"


@dataclass(frozen=True, slots=True)
class MarketRow:
    """A market as recorded. ``removals`` are (selection, reduction in basis points, at), ``cancelled`` (since, until).

    ``results`` stand if it is decided, ``settlement`` counts them; ``contradiction`` is what the provider said that is
    something else, until an operator decides, at the moment ``contradicted_at``; ``ruled`` is the version that an
    operator knew of who decided about it.
    """

    key: str
    name: str
    selections: tuple[LineSelection, ...]
    suspended: bool = False
    winners: int = 1
    group: str | None = None
    settlement: int = 0
    stage: FixtureStage = FixtureStage.NOTHING
    results: tuple[SelectionResult, ...] = ()
    removals: tuple[tuple[str, int, int], ...] = ()
    cancelled: tuple[tuple[int, int], ...] = ()
    contradiction: tuple[SelectionResult, ...] = ()
    contradicted_at: int | None = None
    ruled: int | None = None


@dataclass(frozen=True, slots=True)
class FixtureRow:
    """A fixture as recorded. ``silent`` is whether nothing is heard from its source.

    ``decided_at`` is when a market was decided last. An archived one can no longer be corrected.
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
    held: bool
    status: FixtureStatus
    silent: bool
    markets: tuple[MarketRow, ...]
    decided_at: int | None = None
    archived: bool = False


async def read_fixtures(
    wire: "Wires", rows: "Sequence[asyncpg.Record]", only: Iterable[tuple[int, str]] | None = None
) -> list[FixtureRow]:
    """Return the fixtures in rows that ``loading.sql`` selects, each with its markets, or ``only`` with these."""
    if only is None:
        numbers = [row["id"] for row in rows]
        market_rows = await wire.fetch(_SQL["markets"], numbers)
        selection_rows = await wire.fetch(_SQL["selections"], numbers)
    else:
        pairs = [list(column) for column in zip(*only, strict=True)] or [[], []]
        market_rows = await wire.fetch(_SQL["some_markets"], *pairs)
        selection_rows = await wire.fetch(_SQL["some_selections"], *pairs)
    selections: dict[tuple[int, str], list[LineSelection]] = {}
    for row in selection_rows:
        selection = LineSelection(row["key"], row["name"], row["odds"], row["suspended"])
        selections.setdefault((row["fixture"], row["market"]), []).append(selection)
    markets: dict[int, list[MarketRow]] = {row["id"]: [] for row in rows}
    for row in market_rows:
        offered = selections.pop((row["fixture"], row["key"]), ())
        markets[row["fixture"]].append(read_market(row, tuple(offered)))
    if selections:
        raise ValueError(f"selections of markets that are not there: {', '.join(map(str, selections))}")
    return [
        FixtureRow(
            row["id"],
            row["source"],
            row["key"],
            row["version"],
            row["title"],
            row["sport"],
            row["competition"],
            row["starts_at"],
            row["deadline"],
            row["suspended"],
            row["held"],
            FixtureStatus(row["status"]),
            row["silent"],
            tuple(markets[row["id"]]),
            row["decided_at"],
            row["archived"],
        )
        for row in rows
    ]


def read_market(row: "asyncpg.Record", selections: tuple[LineSelection, ...]) -> MarketRow:
    """Return the market in a row of its table with the contradiction that is open."""
    said = row["contradiction"]
    contradiction = () if said is None else read_results(row["key"], said)
    return MarketRow(
        row["key"],
        row["name"],
        selections,
        row["suspended"],
        row["winners"],
        row["related_group"],
        row["settlement"],
        FixtureStage(row["stage"]),
        read_results(row["key"], row["results"]),
        tuple([(selection, bps, at) for selection, bps, at in json.loads(row["removals"])]),
        tuple([(since, until) for since, until in json.loads(row["cancelled"])]),
        contradiction,
        row["contradicted_at"],
        row["ruled"],
    )


def read_results(market: str, text: str) -> tuple[SelectionResult, ...]:
    """Return the results of a market as they are stored with it."""
    return tuple(
        [
            SelectionResult(market, selection, LegResult(result), places, tied)
            for selection, result, places, tied in json.loads(text)
        ]
    )


def market_of(row: MarketRow) -> FixtureMarket:
    """Return the market that a row describes, without bets."""
    line = LineMarket(row.key, row.name, row.selections, row.suspended, row.winners, row.group)
    market = FixtureMarket(line)
    market.stage, market.settlement, market.results = row.stage, row.settlement, row.results
    market.removals, market.cancelled = list(row.removals), list(row.cancelled)
    market.contradicted, market.ruled = row.contradicted_at is not None, row.ruled
    return market


def fixture_of(row: FixtureRow) -> Fixture:
    """Return the fixture that a row describes, without bets."""
    fixture = Fixture(row.id, row.source, row.key)
    fixture.version, fixture.title = row.version, row.title
    fixture.sport, fixture.competition = row.sport, row.competition
    fixture.starts_at, fixture.deadline = row.starts_at, row.deadline
    fixture.suspended, fixture.held = row.suspended, row.held
    fixture.status, fixture.decided_at = row.status, row.decided_at
    fixture.markets = {market.key: market_of(market) for market in row.markets}
    return fixture


def row_of(fixture: Fixture, markets: Iterable[FixtureMarket], *, silent: bool) -> FixtureRow:
    """Return what :func:`fixture_of` makes of a row as a row again, with these of its markets.

    What its provider said in contradiction is left out; the market is suspended for that.
    """
    return FixtureRow(
        id=fixture.id,
        source=fixture.source,
        key=fixture.key,
        version=fixture.version,
        title=fixture.title,
        sport=fixture.sport,
        competition=fixture.competition,
        starts_at=fixture.starts_at,
        deadline=fixture.deadline,
        suspended=fixture.suspended,
        held=fixture.held,
        status=fixture.status,
        silent=silent,
        markets=tuple(
            [
                MarketRow(
                    key=market.key,
                    name=market.name,
                    selections=tuple(market.selections.values()),
                    suspended=market.suspended or market.contradicted,
                    stage=market.stage,
                    results=market.results,
                    removals=tuple(market.removals),
                )
                for market in markets
            ]
        ),
    )


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


async def _archived_markets(wire: "Wires", legs: Iterable[BetLeg]) -> Mapping[tuple[FixtureId, str], FixtureMarket]:
    numbers = list({leg.fixture: None for leg in legs})
    rows: list[Any] = await wire.fetch(_SQL["archived_markets"], numbers) if numbers else []
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
