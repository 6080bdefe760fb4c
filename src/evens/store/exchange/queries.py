"""What the edges read of the exchange: markets, books, trades, orders, positions.

As in :mod:`evens.store.wallets.queries`, everything is written in the transaction of the command itself. Amounts are in
minor units, odds in hundredths, times in nanoseconds since 1970.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from evens.core.exchange.exposure import Stand
from evens.core.values.betting import MarketStatus, MarketTerms, Persistence, Side, Stage, TimeInForce
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from evens.core.values.moments import MOMENT_MAX, MOMENT_MIN
from evens.store.database import Database
from evens.store.exchange.matches import Fill, PartyTrade, RunnerTotals, TradedRow, read_fill, read_totals, read_trade
from evens.store.exchange.positions import PositionRow, read_bets
from evens.store.exchange.terms import read_terms
from evens.store.searching import LOOKED_THROUGH, search
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg
    from asyncpg.pool import PoolConnectionProxy

_SQL: Final = statements("exchange", "queries")


@dataclass(frozen=True, slots=True)
class MarketRow:
    """A market as recorded. ``removals`` are reductions in basis points by removed runner, ``shares`` parts of a win.

    ``removal_log``, ``removed_up_to`` and ``was_bps`` are as in :class:`evens.core.exchange.market.Market`. An archived
    market can no longer be corrected.
    """

    id: MarketId
    currency_number: int
    terms: MarketTerms
    created_at: int
    status: MarketStatus
    stage: Stage
    version: int
    turned_at: int | None
    settled_at: int | None
    removals: Mapping[int, int]
    removal_log: Sequence[tuple[Stage, RunnerId, int]]
    removed_up_to: int
    was_bps: int | None
    settlement: int
    shares: Mapping[int, int]
    parts: int
    archived: bool


@dataclass(frozen=True, slots=True)
class Level:
    """The sum of what waits in a book at one price on one side, and in how many orders."""

    runner: RunnerId
    side: Side
    odds: int
    waiting_minor: int
    orders: int


@dataclass(frozen=True, slots=True)
class Book:
    """All levels of a market as of a place in the journal, by runner, side and ascending odds."""

    seq: int
    at: int
    levels: Sequence[Level]


@dataclass(frozen=True, slots=True)
class Candle:
    """A summary of the trades in one interval of time."""

    opens_at: int
    first: int
    highest: int
    lowest: int
    last: int
    volume_minor: int
    trades: int


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as recorded. ``matched_value_cents`` is the sum of matched stakes times odds.

    ``replaces`` is the order in whose place it came, ``replaced_by`` the one that came in its own.
    """

    id: OrderId
    market: MarketId
    runner: RunnerId
    customer: CustomerId
    side: Side
    odds: int
    stake_minor: int
    remaining_minor: int
    matched_minor: int
    matched_value_cents: int
    cancelled_minor: int
    lapsed_minor: int
    persistence: Persistence
    time_in_force: TimeInForce
    due_at: int | None
    placed_at: int
    client_ref: str | None
    replaces: OrderId | None = None
    replaced_by: OrderId | None = None
    strategy_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Receivable:
    """The amount that a customer owes the house, because it had to be paid back when they no longer had it."""

    customer: CustomerId
    currency_number: int
    owed_minor: int


class ExchangeQueries:
    """Read-only questions to the exchange's tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def database(self) -> Database:
        """What is asked, for those who ask further questions of it."""
        return self._database

    async def market(self, market: MarketId) -> MarketRow | None:
        """Return one market."""
        rows = await self._fetch("market", market)
        return read_market(rows[0]) if rows else None

    async def markets(
        self,
        *,
        statuses: Sequence[MarketStatus] | None = None,
        event: str | None = None,
        words: str | None = None,
        before: int = MOMENT_MAX,
        limit: int,
    ) -> list[MarketRow]:
        """Return markets, or those with words that begin with ``words``, newest first, from before ``before``."""
        asked = before, None if statuses is None else list(statuses), event, limit
        if words is None:
            rows = await self._fetch("markets", *asked)
        else:
            rows = await search(
                partial(self._fetch, "newest_markets_about", *asked, words, LOOKED_THROUGH),
                partial(self._fetch, "markets_about", *asked, words),
                limit,
            )
        return [read_market(row) for row in rows]

    async def traded(self, market: MarketId, runner: RunnerId | None = None) -> list[TradedRow]:
        """Return how much was matched at each price, by runner and ascending odds; of one runner, if one is named."""
        return [TradedRow(*row) for row in await self._fetch("traded", market, runner)]

    async def runner_totals(self, markets: Sequence[int]) -> dict[int, dict[int, RunnerTotals]]:
        """Return volume and last odds by market and runner; runners without a match are left out."""
        totals: dict[int, dict[int, RunnerTotals]] = {market: {} for market in markets}
        for row in await self._fetch("runner_totals", list(markets)):
            totals[row["market"]][row["runner"]] = read_totals(row)
        return totals

    async def books(self, markets: Sequence[int]) -> dict[int, Book]:
        """Return the books of markets, all as of the same place in the journal."""
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            return await read_books(wire, markets)

    async def trades(
        self, market: MarketId, *, runner: RunnerId | None = None, before: int = MOMENT_MAX, limit: int
    ) -> list[PartyTrade]:
        """Return matches in a market, newest first, from before the one with id ``before``."""
        return [read_trade(row) for row in await self._fetch("trades", market, before, runner, limit)]

    async def fills(
        self,
        customer: CustomerId,
        *,
        market: MarketId | None = None,
        order: OrderId | None = None,
        before: int = MOMENT_MAX,
        limit: int,
    ) -> list[Fill]:
        """Return what was matched of a customer's orders, newest first, from before the fill ``before``."""
        return [read_fill(row) for row in await self._fetch("fills", customer, before, market, order, limit)]

    async def market_fills(self, market: MarketId, *, before: int = MOMENT_MAX, limit: int) -> list[Fill]:
        """Return what was matched of everybody's orders in a market, newest first, from before ``before``."""
        return [read_fill(row) for row in await self._fetch("market_fills", market, before, limit)]

    async def candles(
        self,
        market: MarketId,
        runner: RunnerId,
        interval_ns: int,
        *,
        since: int = MOMENT_MIN,
        before: int = MOMENT_MAX,
        limit: int,
    ) -> list[Candle]:
        """Return the intervals of ``interval_ns`` in which there were trades, newest first."""
        rows = await self._fetch("candles", market, runner, interval_ns, since, before, limit)
        return [Candle(*row) for row in rows]

    async def order(self, order: OrderId) -> OrderRow | None:
        """Return one order."""
        rows = await self._fetch("order", order)
        return read_order(rows[0]) if rows else None

    async def orders(
        self,
        customer: CustomerId,
        *,
        market: MarketId | None = None,
        status: str | None = None,
        client_ref: str | None = None,
        before: int = MOMENT_MAX,
        limit: int,
    ) -> list[OrderRow]:
        """Return a customer's orders, newest first. ``status`` is executable, complete, cancelled or lapsed."""
        rows = await self._fetch("orders", customer, before, market, status, limit, client_ref)
        return [read_order(row) for row in rows]

    async def orders_by_id(self, orders: Sequence[int]) -> list[OrderRow]:
        """Return orders by their ids, oldest first."""
        return [read_order(row) for row in await self._fetch("orders_by_id", list(orders))]

    async def positions(
        self, customer: CustomerId, market: MarketId | None = None, *, before: int = MOMENT_MAX, limit: int
    ) -> list[PositionRow]:
        """Return a customer's positions as of one moment, newest market first, or the one in a market."""
        stands: dict[int, dict[int, Stand]] = {}
        placed: dict[int, int] = {}
        discounts: dict[int, int] = {}
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            for row in await wire.fetch(_SQL["positions"], customer, market, before, limit):
                stand = Stand(row["stake"], row["value"], row["unmatched_back"], row["unmatched_liability"])
                stands.setdefault(row["market"], {})[row["runner"]] = stand
                placed[row["market"]] = row["placed_at"]
                discounts[row["market"]] = row["discount_bps"]
            held = {row["id"]: read_market(row) for row in await wire.fetch(_SQL["markets_by_id"], list(stands))}
            booked = {row["market"]: row for row in await wire.fetch(_SQL["results"], customer, list(stands))}
            bets = await read_bets(wire, [row for number, row in held.items() if number not in booked], [customer])
        found: list[PositionRow] = []
        for number, by_runner in stands.items():
            result = booked.get(number)
            profit_minor, commission_minor = (result["profit"], result["commission"]) if result else (None, None)
            kept = bets.get((number, customer), {})
            found.append(
                PositionRow(
                    held[number],
                    customer,
                    placed[number],
                    by_runner,
                    profit_minor,
                    commission_minor,
                    kept,
                    discounts[number],
                )
            )
        return found

    async def receivables(self, *, after: int = 0, limit: int) -> list[Receivable]:
        """Return who owes the house, in order of customers' ids, from behind ``after``."""
        return [Receivable(*row) for row in await self._fetch("receivables", after, limit)]

    async def _fetch(self, name: str, *arguments: Any) -> "list[asyncpg.Record]":
        async with self._database.connection() as connection:
            return await connection.fetch(_SQL[name], *arguments)


async def read_books(wire: "PoolConnectionProxy[asyncpg.Record]", markets: Sequence[int]) -> dict[int, Book]:
    """Return the books of markets as the connection's transaction sees them."""
    end = await wire.fetchrow(_SQL["journal_end"])
    assert end is not None
    levels: dict[int, list[Level]] = {market: [] for market in markets}
    for market, runner, side, odds, waiting_minor, orders in await wire.fetch(_SQL["book"], list(markets)):
        levels[market].append(Level(runner, Side(side), odds, waiting_minor, orders))
    return {market: Book(end["seq"], end["at"], found) for market, found in levels.items()}


def read_market(row: "asyncpg.Record") -> MarketRow:
    """Return the market in a row."""
    return MarketRow(
        row["id"],
        row["currency_number"],
        read_terms(row["terms"]),
        row["created_at"],
        MarketStatus(row["status"]),
        Stage(row["stage"]),
        row["version"],
        row["turned_at"],
        row["settled_at"],
        _pairs(row["removals"]),
        _read_log(row["removal_log"]),
        row["removed_up_to"],
        row["was_bps"],
        row["settlement"],
        _pairs(row["shares"]),
        row["parts"],
        row["archived"],
    )


def read_order(row: "asyncpg.Record") -> OrderRow:
    """Return the order in a row."""
    return OrderRow(
        row["id"],
        row["market"],
        row["runner"],
        row["customer"],
        Side(row["side"]),
        row["odds"],
        row["stake"],
        row["remaining"],
        row["matched"],
        row["matched_value"],
        row["cancelled"],
        row["lapsed"],
        Persistence(row["persistence"]),
        TimeInForce(row["time_in_force"]),
        row["due_at"],
        row["placed_at"],
        row["client_ref"],
        row["replaces"],
        row["replaced_by"],
        row["strategy_ref"],
    )


def _read_log(flat: Sequence[int]) -> list[tuple[Stage, RunnerId, int]]:
    triples = zip(flat[::3], flat[1::3], flat[2::3], strict=True)
    return [(Stage(stage), RunnerId(runner), moment) for stage, runner, moment in triples]


def _pairs(flat: Sequence[int]) -> dict[int, int]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
