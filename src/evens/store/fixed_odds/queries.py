"""What the edges and feeds read of the sportsbook.

Amounts are in minor units, odds in hundredths, times in nanoseconds since 1970.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from evens.core.values.fixed_odds import BetEnd, BetLeg, SelectionResult
from evens.core.values.ids import AccountClass, BetId, CustomerId, FixtureId
from evens.core.values.moments import MOMENT_MAX
from evens.store.database import Database
from evens.store.fixed_odds.rows import FixtureRow, MarketRow, read_fixtures, read_results
from evens.store.fixed_odds.tables import BET_LEGS
from evens.store.searching import LOOKED_THROUGH, search
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

    from evens.store.database import Connection

_SQL: Final = statements("fixed_odds", "queries")
_READING: Final = statements("fixed_odds", "reading")
_LEGS: Final = f"{BET_LEGS.select()} WHERE bet = ANY ($1::bigint[]) ORDER BY bet, place"
_ONE_BET: Final = _SQL["bets"].format(which="b.id = $1")
_IS_OPEN: Final = (
    "($1::boolean IS NULL OR (b.ended IS NULL AND coalesce(r.results, '[]') = '[]') = $1)"
    " AND b.id < $2{more} ORDER BY b.id DESC LIMIT $3"
)
_OF_CUSTOMER: Final = " AND b.customer = ${0}"
_ON_FIXTURE: Final = (
    " AND b.id IN (SELECT s.id FROM evens.bets AS s WHERE s.fixture = ${0}"
    " UNION ALL SELECT l.bet FROM evens.bet_legs AS l WHERE l.fixture = ${0})"
)


@dataclass(frozen=True, slots=True)
class LegRow:
    """A leg of a bet, with the fixture it is on; of its markets, only the one that the leg is on."""

    leg: BetLeg
    fixture: FixtureRow


@dataclass(frozen=True, slots=True)
class BetRow:
    """A bet as recorded.

    ``end`` and ``returned_minor`` are those of a bet that ended by itself, at ``ended_at``. Of a single for which a
    result was booked, ``ended_at`` is when, and its market has that result; the rest follows from its leg.
    """

    id: BetId
    customer: CustomerId
    currency_number: int
    stake_minor: int
    placed_at: int
    legs: tuple[LegRow, ...]
    end: BetEnd | None = None
    returned_minor: int | None = None
    ended_at: int | None = None


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """The open singles on a selection in a currency that were struck after ``removals`` removals in its market.

    ``value_cents`` is the sum of stake × odds.
    """

    fixture: FixtureId
    market: str
    selection: str
    currency_number: int
    removals: int
    bets: int
    staked_minor: int
    value_cents: int


@dataclass(frozen=True, slots=True)
class AccumulatedRow:
    """The open accumulators in a currency with a leg on ``fixture``; with ``None`` all that were asked for, each once.

    ``reserved_minor`` is what the house holds for them: the whole profit that each can make.
    """

    fixture: FixtureId | None
    currency_number: int
    bets: int
    staked_minor: int
    reserved_minor: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """What open bets come to, all as of one moment.

    ``singles`` are ordered by fixture, the newest first, market, currency and selection. ``accumulators`` begin with
    the rows that count each once; then come those of each fixture, the newest first.
    """

    singles: list[ExposureRow]
    accumulators: list[AccumulatedRow]


@dataclass(frozen=True, slots=True)
class LimitsRow:
    """What the house takes in a currency; ``None`` is no limit."""

    min_stake_minor: int = 1
    max_stake_minor: int | None = None
    max_payout_minor: int | None = None
    max_event_liability_minor: int | None = None
    cash_out_margin_bps: int = 500


@dataclass(frozen=True, slots=True)
class SportRow:
    """A sport, ``None`` for fixtures without one, and how many fixtures it has."""

    sport: str | None
    events: int


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source of fixtures: the newest version that came from it, and whether nothing is heard from it."""

    source: str
    version: int
    silent: bool


class SportsbookQueries:
    """Read-only questions to the sportsbook's tables. Lists are newest first, unless something else is said."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def fixture(self, source: str, key: str) -> FixtureRow | None:
        """Return the fixture that its provider calls this, the latest if an archived one was called so, too."""
        found = await self._fixtures("fixture", source, key)
        return found[0] if found else None

    async def fixtures(
        self,
        *,
        active_at: int | None = None,
        sport: str | None = None,
        words: str | None = None,
        before: int = MOMENT_MAX,
        limit: int,
    ) -> list[FixtureRow]:
        """Return fixtures; with ``active_at`` those that one can bet on then.

        ``sport`` is compared whatever its case; ``words`` begin words of the title, the competition or the sport.
        """
        asked = sport, words, before, limit
        if active_at is not None:
            return await self._fixtures("active_fixtures", *asked, active_at)
        if words is None:
            return await self._fixtures("fixtures", *asked)
        newest = partial(self._fixtures, "newest_fixtures_about", *asked, LOOKED_THROUGH)
        return list(await search(newest, partial(self._fixtures, "fixtures_about", *asked), limit))

    async def active_sports(self, active_at: int) -> list[SportRow]:
        """Return the sports of fixtures that one can bet on then, those with the most first."""
        async with self._database.connection() as connection:
            return [SportRow(*row) for row in await connection.fetch(_READING["active_sports"], active_at)]

    async def fixtures_by_id(self, fixtures: Sequence[FixtureId]) -> dict[FixtureId, FixtureRow]:
        """Return fixtures by their ids; unknown ones are left out."""
        return {row.id: row for row in await self._fixtures("fixtures_by_id", list(fixtures))}

    async def unfinished(self, source: str) -> list[FixtureRow]:
        """Return the fixtures of a source that have not ended, oldest first."""
        return await self._fixtures("unfinished_fixtures", source)

    async def overdue(self, now: int, *, limit: int) -> list[FixtureRow]:
        """Return fixtures past their deadline that have not ended, those that wait longest first."""
        return await self._fixtures("overdue_fixtures", now, limit)

    async def contradicted(self, *, before: int = MOMENT_MAX, limit: int) -> list[FixtureRow]:
        """Return the fixtures with a contradiction that no operator has decided."""
        return await self._fixtures("contradicted_fixtures", before, limit)

    async def contradictions(self, fixture: FixtureId) -> dict[str, tuple[SelectionResult, ...]]:
        """Return by market what its provider said last in contradiction to a result, since one was last taken back.

        Those that an operator has decided are among them.
        """
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["contradictions"], fixture)
        return {row["market"]: read_results(row["market"], row["results"]) for row in rows}

    async def bet(self, bet: BetId) -> BetRow | None:
        """Return one bet."""
        async with self._database.connection() as connection:
            found = await _read_bets(connection, await connection.fetch(_ONE_BET, bet))
        return found[0] if found else None

    async def bets_by_id(self, bets: Sequence[int]) -> list[BetRow]:
        """Return these bets, in no order."""
        sql = _SQL["bets"].format(which="b.id = ANY ($1::bigint[])")
        async with self._database.connection() as connection:
            return await _read_bets(connection, await connection.fetch(sql, bets))

    async def bets(
        self,
        customer: CustomerId | None = None,
        *,
        is_open: bool | None = None,
        fixture: FixtureId | None = None,
        before: int = MOMENT_MAX,
        limit: int,
    ) -> list[BetRow]:
        """Return bets of a customer or of all, with a leg on ``fixture``; ``is_open`` is those that are not over."""
        more, arguments = "", [is_open, before, limit]
        for condition, value in ((_OF_CUSTOMER, customer), (_ON_FIXTURE, fixture)):
            if value is not None:
                arguments.append(value)
                more += condition.format(len(arguments))
        sql = _SQL["bets"].format(which=_IS_OPEN.format(more=more))
        async with self._database.connection() as connection:
            return await _read_bets(connection, await connection.fetch(sql, *arguments))

    async def exposure(self, fixture: FixtureId | None = None) -> Exposure:
        """Return what open bets come to: all of them, or those with a leg on a fixture."""
        async with (
            self._database.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            singles = [ExposureRow(*row) for row in await connection.fetch(_SQL["exposure"], fixture)]
            accumulators = [AccumulatedRow(*row) for row in await connection.fetch(_SQL["accumulated"], fixture)]
        return Exposure(singles, accumulators)

    async def limits(self, currency_number: int) -> LimitsRow | None:
        """Return what the house takes in a currency, if that was ever set."""
        rows = await self._fetch("limits", currency_number)
        return LimitsRow(*rows[0]) if rows else None

    async def stake_factor(self, customer: CustomerId) -> int | None:
        """Return a customer's stake factor in per cent, 100 if it was never set; ``None`` for an unknown customer."""
        rows = await self._fetch("stake_factor", customer)
        return rows[0]["percent"] if rows else None

    async def sources(self) -> list[SourceRow]:
        """Return where fixtures came from, in order of the names."""
        return [SourceRow(*row) for row in await self._fetch("sources")]

    async def house_balances(self) -> dict[int, dict[AccountClass, int]]:
        """Return the house's own accounts by currency number, and what customers owe as ``EXTERNAL``."""
        balances: dict[int, dict[AccountClass, int]] = {}
        for row in await self._fetch("house_balances"):
            balances.setdefault(row["currency_number"], {})[AccountClass(row["account_class"])] = row["balance"]
        for row in await self._fetch("owed_by_customers"):
            balances.setdefault(row["currency_number"], {})[AccountClass.EXTERNAL] = row["owed"]
        return balances

    async def _fixtures(self, name: str, *arguments: Any) -> list[FixtureRow]:
        async with self._database.connection() as connection:
            return await read_fixtures(connection, await connection.fetch(_READING[name], *arguments))

    async def _fetch(self, name: str, *arguments: Any) -> "list[asyncpg.Record]":
        async with self._database.connection() as connection:
            return await connection.fetch(_SQL[name], *arguments)


async def _read_bets(connection: "Connection", rows: "Sequence[asyncpg.Record]") -> list[BetRow]:
    legs: dict[int, list[BetLeg]] = {
        row["id"]: [BetLeg(row["fixture"], row["market"], row["selection"], row["odds"])]
        for row in rows
        if row["fixture"] is not None
    }
    accumulators = [row["id"] for row in rows if row["fixture"] is None]
    for row in await connection.fetch(_LEGS, accumulators) if accumulators else ():
        leg = BetLeg(row["fixture"], row["market"], row["selection"], row["odds"])
        legs.setdefault(row["bet"], []).append(leg)
    fixtures = await _fixtures_of(connection, [leg for on in legs.values() for leg in on])
    return [_read_bet(row, legs[row["id"]], fixtures) for row in rows]


async def _fixtures_of(connection: "Connection", legs: Iterable[BetLeg]) -> Mapping[tuple[int, str], FixtureRow]:
    """Return, for each market that legs are on, its fixture with only this market."""
    pairs = list({(leg.fixture, leg.market): None for leg in legs})
    if not pairs:
        return {}
    rows = await connection.fetch(_READING["fixtures_by_id"], list({fixture for fixture, _ in pairs}))
    found = await read_fixtures(connection, rows, pairs)
    return {
        (fixture.id, market.key): replace(fixture, markets=(market,)) for fixture in found for market in fixture.markets
    }


def _read_bet(row: "asyncpg.Record", legs: Sequence[BetLeg], fixtures: Mapping[tuple[int, str], FixtureRow]) -> BetRow:
    on = tuple([LegRow(leg, fixtures[leg.fixture, leg.market]) for leg in legs])
    if row["booked_at"] is not None:
        (single,) = on
        (market,) = single.fixture.markets
        booked: MarketRow = replace(market, results=read_results(market.key, row["booked_results"]))
        on = (LegRow(single.leg, replace(single.fixture, markets=(booked,))),)
    return BetRow(
        row["id"],
        row["customer"],
        row["currency_number"],
        row["stake"],
        row["placed_at"],
        on,
        None if row["ended"] is None else BetEnd(row["ended"]),
        row["returned"],
        row["booked_at"] if row["ended"] is None else row["ended_at"],
    )
