"""What Betfair's Exchange Stream reads when a client subscribes: which markets there are to follow."""

from collections.abc import Sequence
from typing import Final

from evens.core.values.moments import MOMENT_MAX
from evens.store.database import Database
from evens.store.exchange.queries import MarketRow, read_market
from evens.store.sql_files import statements

_SQL: Final = statements("exchange", "followed")


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
