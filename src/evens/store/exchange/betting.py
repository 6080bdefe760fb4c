"""What customers' programs ask of the exchange's tables: markets that are not over, and own orders in many ways.

Amounts are in minor units, odds in hundredths, times in nanoseconds since 1970.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from evens.core.values.ids import CustomerId, MarketId, MatchId, OrderId, RunnerId
from evens.core.values.moments import MOMENT_MAX, MOMENT_MIN
from evens.store.database import Database
from evens.store.exchange.queries import MarketRow, OrderRow, read_market, read_order
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

_SQL: Final = statements("exchange", "betting")

OrderedBy = Literal["placed", "market", "matched"]


@dataclass(frozen=True, slots=True)
class OrderConditions:
    """Which orders are asked for, and in which order.

    ``is_open`` takes only those with unmatched stake, or only those without. ``since`` and ``until`` (both count) are
    of the placing or, ordered by ``matched``, of the latest match, which an order then must have.
    """

    ids: Sequence[int] | None = None
    markets: Sequence[int] | None = None
    is_open: bool | None = None
    client_refs: Sequence[str] | None = None
    strategy_refs: Sequence[str] | None = None
    since: int = MOMENT_MIN
    until: int = MOMENT_MAX
    by: OrderedBy = "placed"
    latest_first: bool = False

    def arguments(self) -> tuple[Any, ...]:
        """Return what the question takes, in its order."""
        ids, markets, client_refs = _list(self.ids), _list(self.markets), _list(self.client_refs)
        refs = client_refs, _list(self.strategy_refs)
        return ids, markets, self.is_open, *refs, self.by, self.since, self.until, self.latest_first


@dataclass(frozen=True, slots=True)
class CurrentOrder:
    """An order, and when something of it was matched last."""

    order: OrderRow
    matched_at: int | None


@dataclass(frozen=True, slots=True)
class OrderFill:
    """A match as the order has it. ``match`` is also when it was made."""

    order: OrderId
    match: MatchId
    odds: int
    stake_minor: int
    market: MarketId
    runner: RunnerId


class BettingQueries:
    """Read-only questions of programs to the exchange's tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def unsettled_markets(self) -> list[MarketRow]:
        """Return all markets whose result is not booked, oldest first."""
        return [read_market(row) for row in await self._fetch("unsettled_markets")]

    async def markets(self, markets: Sequence[int]) -> dict[int, MarketRow]:
        """Return markets by their ids; those that there are not are left out."""
        return {row["id"]: read_market(row) for row in await self._fetch("markets_named", list(markets))}

    async def traded_amounts(self, markets: Sequence[int]) -> dict[int, int]:
        """Return the stake of all bets by market, each bet counted once; markets without any are left out."""
        return {row["market"]: row["minor"] for row in await self._fetch("traded_amounts", list(markets))}

    async def available_amounts(self, markets: Sequence[int]) -> dict[int, int]:
        """Return the stake that waits by market; markets without any are left out."""
        return {row["market"]: row["minor"] for row in await self._fetch("available_amounts", list(markets))}

    async def current_orders(
        self, customer: CustomerId, asked: OrderConditions, *, skip: int = 0, limit: int
    ) -> list[CurrentOrder]:
        """Return orders that wait or were matched, in markets that are not settled."""
        return _read_current(await self._fetch("current_orders", customer, *asked.arguments(), skip, limit))

    async def orders_with_fills(
        self, customer: CustomerId, asked: OrderConditions, *, limit: int
    ) -> tuple[list[CurrentOrder], list[OrderFill]]:
        """Return :meth:`current_orders`, and what was matched of them, oldest first, as of one moment."""
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            orders = _read_current(await wire.fetch(_SQL["current_orders"], customer, *asked.arguments(), 0, limit))
            rows = await wire.fetch(_SQL["fills_of_orders"], customer, [each.order.id for each in orders], limit)
        return orders, [OrderFill(*row) for row in rows]

    async def markets_with_orders(
        self, customer: CustomerId, markets: Sequence[int], *, is_open: bool | None
    ) -> set[int]:
        """Return those of some markets in which a customer has orders that wait or were matched.

        ``is_open`` takes only orders with unmatched stake, or only those without.
        """
        return {row[0] for row in await self._fetch("markets_with_orders", customer, list(markets), is_open)}

    async def discount_bps(self, customer: CustomerId) -> int:
        """Return by how much a customer's commission rates are lowered."""
        rows = await self._fetch("discount", customer)
        return rows[0][0] if rows else 0

    async def _fetch(self, name: str, *arguments: Any) -> "list[asyncpg.Record]":
        async with self._database.connection() as connection:
            return await connection.fetch(_SQL[name], *arguments)


def _read_current(rows: "Sequence[asyncpg.Record]") -> list[CurrentOrder]:
    return [CurrentOrder(read_order(row), row["matched_at"]) for row in rows]


def _list(values: Sequence[Any] | None) -> list[Any] | None:
    return None if values is None else list(values)
