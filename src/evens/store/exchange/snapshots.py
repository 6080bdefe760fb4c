"""Snapshots: all that is shown of a market or an account as of one place in the journal, to follow it from there on.

Each is read in one transaction, so its ``seq`` says exactly which commands it contains. Amounts are in minor units,
odds in hundredths.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evens.core.values.betting import Side
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from evens.core.values.money import Currency
from evens.store.database import Database
from evens.store.exchange.absences import Absence, read_absence
from evens.store.exchange.matches import RunnerTotals, TradedRow, read_totals
from evens.store.exchange.queries import (
    Level,
    MarketRow,
    OrderRow,
    read_books,
    read_market,
    read_order,
)
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

    from evens.store.database import Connection

_CUSTOMERS: Final = statements("wallets", "customers")
_EXCHANGE: Final = statements("exchange", "queries")


@dataclass(frozen=True, slots=True)
class DelayedOrder:
    """An order that waits until it may enter the book."""

    id: OrderId
    runner: RunnerId
    side: Side
    odds: int
    remaining_minor: int


@dataclass(frozen=True, slots=True)
class MarketSnapshot:
    """A market with its book. Runners without a match have no ``totals``; ``delayed`` are not in ``levels``.

    ``at`` is when the command ``seq`` was recorded; ``traded`` is how much was matched, by runner and odds.
    """

    seq: int
    at: int
    market: MarketRow
    totals: Mapping[int, RunnerTotals]
    traded: Sequence[TradedRow]
    levels: Sequence[Level]
    delayed: Sequence[DelayedOrder]
    currencies: Sequence[Currency]


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    """A customer's balances by account id and open orders, and the currency number of every market that is live."""

    seq: int
    balances: Mapping[int, int]
    orders: Sequence[OrderRow]
    market_currencies: Mapping[int, int]
    currencies: Sequence[Currency]


class Snapshots:
    """Read-only. Every method raises :class:`evens.store.errors.StoreUnavailable` while there is no database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def market(self, market: MarketId) -> MarketSnapshot | None:
        """Return a market and its book, ``None`` if there is no such market."""
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            row = await wire.fetchrow(_EXCHANGE["market"], market)
            if row is None:
                return None
            book = (await read_books(wire, [market]))[market]
            totals = await wire.fetch(_EXCHANGE["runner_totals"], [market])
            traded = await wire.fetch(_EXCHANGE["traded"], market, None)
            delayed = await wire.fetch(_EXCHANGE["delayed_orders"], market)
            currencies = await wire.fetch(_CUSTOMERS["currencies"])
        return MarketSnapshot(
            book.seq,
            book.at,
            read_market(row),
            {each["runner"]: read_totals(each) for each in totals},
            [TradedRow(*each) for each in traded],
            book.levels,
            [_read_delayed(each) for each in delayed],
            _read_currencies(currencies),
        )

    async def account(self, customer: CustomerId) -> AccountSnapshot | None:
        """Return what a customer has and has asked for, ``None`` if there is no such customer."""
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            return await read_account(wire, customer)

    async def absence(self, customer: CustomerId, since: int, fills_max: int) -> Absence | None:
        """Return what happened to a customer's orders after a record, ``None`` if the journal has not got there."""
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            return await read_absence(wire, customer, since, fills_max)


async def read_account(wire: "Connection", customer: CustomerId) -> AccountSnapshot | None:
    """Return what a customer has and has asked for as the connection's transaction sees it.

    ``None`` if there is no such customer.
    """
    balances = await wire.fetch(_CUSTOMERS["balances"], customer)
    end = await wire.fetchrow(_EXCHANGE["journal_end"])
    orders = await wire.fetch(_EXCHANGE["open_orders"], customer)
    markets = await wire.fetch(_EXCHANGE["live_markets"])
    currencies = await wire.fetch(_CUSTOMERS["currencies"])
    if end is None or not balances:
        return None
    return AccountSnapshot(
        end["seq"],
        {row["account"]: row["balance"] for row in balances if row["account"] is not None},
        [read_order(row) for row in orders],
        {row["id"]: row["currency_number"] for row in markets},
        _read_currencies(currencies),
    )


def _read_delayed(row: "asyncpg.Record") -> DelayedOrder:
    return DelayedOrder(row["id"], row["runner"], Side(row["side"]), row["odds"], row["remaining"])


def _read_currencies(rows: "Sequence[asyncpg.Record]") -> list[Currency]:
    return [Currency(*row) for row in rows]
