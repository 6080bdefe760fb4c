"""Closing prices that operators told, for sources of kind manual. They are kept for ever; the last one counts."""

from dataclasses import dataclass
from typing import Final

from evens.core.values.ids import PoolId
from evens.store.database import Database
from evens.store.sql_files import statements

_SQL: Final = statements("pools", "told_prices")


@dataclass(frozen=True, slots=True)
class PriceTold:
    """What an operator said a session's close was, as a plain decimal above zero, and why."""

    price: str
    reason: str


class ToldPrices:
    """Keeps and finds what operators told. Raises ``StoreUnavailable``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tell(self, about: tuple[PoolId, str, str, str], told: PriceTold, scope: str, name: str) -> None:
        """Keep the price of a pool's source, a symbol and a session's code, told by somebody."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["tell"], *about, told.price, told.reason, scope, name)

    async def told(self, pool: PoolId, source: str, symbol: str, code: str) -> PriceTold | None:
        """Return what was told last, if anything was."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SQL["told"], pool, source, symbol, code)
        return None if row is None else PriceTold(row["price"], row["reason"])
