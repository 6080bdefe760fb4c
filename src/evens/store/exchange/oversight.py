"""What operators read of a market: everybody's orders and positions, what each outcome would pay, and discounts.

As in :mod:`evens.store.exchange.queries`, amounts are in minor units and everything was written by the commands' own
transactions. Every method raises :class:`evens.store.errors.StoreUnavailable` while the database cannot be reached.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from evens.core.exchange.exposure import Stand
from evens.core.values.ids import CustomerId, MarketId
from evens.core.values.moments import MOMENT_MAX
from evens.store.database import Database
from evens.store.exchange.positions import PositionRow, read_bets
from evens.store.exchange.queries import OrderRow, read_market, read_order
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

_SQL: Final = statements("exchange", "oversight")
_QUERIES: Final = statements("exchange", "queries")
_MARKET: Final = _QUERIES["market"]
_ORDERS: Final = _QUERIES["order"].rpartition("WHERE")[0]
"""The statement for one order, without its condition: an order is read in one way."""

_STANDS_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Bettor:
    """A customer's matched bets in a market, by runner, and how much less commission they pay."""

    customer: CustomerId
    stands: Mapping[int, Stand]
    discount_bps: int


@dataclass(frozen=True, slots=True)
class Discount:
    """How much less commission a customer pays, in basis points."""

    customer: CustomerId
    discount_bps: int


class MarketOversight:
    """Read-only questions about everybody in a market."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def orders(
        self, market: MarketId, *, status: str | None = None, before: int = MOMENT_MAX, limit: int
    ) -> list[OrderRow]:
        """Return everybody's orders in a market, newest first. ``status`` is as for a customer's own orders."""
        return [read_order(row) for row in await self._fetch("market_orders", market, before, status, limit)]

    async def positions(self, number: MarketId, *, after: int = 0, limit: int) -> list[PositionRow]:
        """Return everybody's positions in a market as of one moment, in order of customers' ids, from behind ``after``.

        There are none in a market that does not exist.
        """
        stands: dict[CustomerId, dict[int, Stand]] = {}
        placed_at: dict[CustomerId, int] = {}
        discounts: dict[CustomerId, int] = {}
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            known = await wire.fetchrow(_MARKET, number)
            if known is None:
                return []
            market = read_market(known)
            for row in await wire.fetch(_SQL["market_positions"], number, after, limit):
                stand = Stand(row["stake"], row["value"], row["unmatched_back"], row["unmatched_liability"])
                stands.setdefault(row["customer"], {})[row["runner"]] = stand
                placed_at[row["customer"]] = row["placed_at"]
                discounts[row["customer"]] = row["discount_bps"]
            results = await wire.fetch(_SQL["market_results"], number, list(stands))
            booked = {row["customer"]: row for row in results}
            bets = await read_bets(wire, [market], [customer for customer in stands if customer not in booked])
        found: list[PositionRow] = []
        for customer, by_runner in stands.items():
            result = booked.get(customer)
            profit_minor, commission_minor = (result["profit"], result["commission"]) if result else (None, None)
            kept = bets.get((market.id, customer), {})
            found.append(
                PositionRow(
                    market,
                    customer,
                    placed_at[customer],
                    by_runner,
                    profit_minor,
                    commission_minor,
                    kept,
                    discounts[customer],
                )
            )
        return found

    async def bettors(self, market: MarketId) -> AsyncIterator[Bettor]:
        """Yield everybody with matched bets in a market, in order of their ids; some are read at a time."""
        after, stands, discount_bps = CustomerId(0), dict[int, Stand](), 0
        while True:
            rows = await self._fetch("market_stands", market, after, _STANDS_AT_ONCE)
            customer: CustomerId | None = None
            for row in rows:
                if customer is not None and row["customer"] != customer:
                    yield Bettor(customer, stands, discount_bps)
                    after, stands = customer, {}
                customer, discount_bps = row["customer"], row["commission_discount_bps"]
                stands[row["runner"]] = Stand(row["stake"], row["value"])
            if len(rows) < _STANDS_AT_ONCE:
                if customer is not None:
                    yield Bettor(customer, stands, discount_bps)
                return
            # The last one may go on in the next rows, and is read anew with them.
            stands = {}

    async def discounts(self, *, before: int = MOMENT_MAX, limit: int) -> list[Discount]:
        """Return who pays less commission, newest customer first, from before the one with id ``before``."""
        return [Discount(*row) for row in await self._fetch("discounts", before, limit)]

    async def discount(self, customer: CustomerId) -> Discount | None:
        """Return how much less commission a customer pays; ``None`` if there is no such customer."""
        rows = await self._fetch("discount", customer)
        return Discount(*rows[0]) if rows else None

    async def _fetch(self, name: str, *arguments: Any) -> "list[asyncpg.Record]":
        sql = _SQL[name].replace("{orders}", _ORDERS)
        async with self._database.connection() as connection:
            return await connection.fetch(sql, *arguments)
