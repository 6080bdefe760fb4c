"""What Betfair's Exchange Stream reads when a client subscribes: markets to follow, and a customer's bets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evens.core.values.betting import Side
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from evens.core.values.moments import MOMENT_MAX
from evens.store.database import Database
from evens.store.exchange.queries import MarketRow, OrderRow, read_market, read_order
from evens.store.exchange.snapshots import AccountSnapshot, read_account
from evens.store.sql_files import statements

ENDED_MAX: Final = 1_000
"""Most orders of a customer that are over and are told; the latest."""

_SQL: Final = statements("exchange", "followed")


@dataclass(frozen=True, slots=True)
class MatchedBets:
    """What was matched of an order at some odds, and when last."""

    market: MarketId
    runner: RunnerId
    order: OrderId
    side: Side
    odds: int
    stake_minor: int
    matched_at: int
    strategy_ref: str | None


@dataclass(frozen=True, slots=True)
class BetsSnapshot:
    """A customer's account with the open orders; recent orders that are over; matched bets; and the markets of all."""

    account: AccountSnapshot
    ended: Sequence[OrderRow]
    matched: Sequence[MatchedBets]
    markets: Sequence[MarketRow]


class FollowedMarkets:
    """Read-only. Every method raises :class:`evens.store.errors.StoreUnavailable` while there is no database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def named(self, markets: Sequence[int]) -> list[MarketRow]:
        """Return markets by their ids; those that there are not are left out."""
        async with self._database.connection() as wire:
            return [read_market(row) for row in await wire.fetch(_SQL["named_markets"], list(markets))]

    async def unsettled(self, settled_since: int = MOMENT_MAX) -> list[MarketRow]:
        """Return the markets that are not settled, and those that have been settled since a moment."""
        async with self._database.connection() as wire:
            return [read_market(row) for row in await wire.fetch(_SQL["unsettled_markets"], settled_since)]

    async def bets(self, customer: CustomerId, settled_since: int) -> BetsSnapshot | None:
        """Return a customer's bets in markets that are not settled or were so since a moment.

        ``None`` if there is no such customer.
        """
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            account = await read_account(wire, customer)
            if account is None:
                return None
            ended = await wire.fetch(_SQL["recent_orders"], customer, settled_since, ENDED_MAX)
            orders = [read_order(row) for row in ended]
            markets = {order.market for order in (*account.orders, *orders)}
            markets |= {row["market"] for row in await wire.fetch(_SQL["markets_with_bets"], customer)}
            matched = await wire.fetch(_SQL["matched_bets"], customer, list(markets))
            rows = await wire.fetch(_SQL["named_markets"], list(markets))
        return BetsSnapshot(
            account,
            orders,
            [MatchedBets(row[0], row[1], row[2], Side(row[3]), *row[4:]) for row in map(tuple, matched)],
            [read_market(row) for row in rows],
        )
