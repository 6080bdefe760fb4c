"""Markets with their prices, as of one moment: what is told of a market never comes from two states of it.

Amounts are in minor units, odds in hundredths.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from evens.store.database import Database
from evens.store.exchange.matches import RunnerTotals, TradedRow, read_totals
from evens.store.exchange.queries import Level, MarketRow, read_books, read_market
from evens.store.sql_files import statements

_SQL: Final = statements("exchange", "queries")


@dataclass(frozen=True, slots=True)
class MarketPrices:
    """A market with its prices and what was traded, all of one moment. Runners without a match have no ``totals``."""

    market: MarketRow
    totals: Mapping[int, RunnerTotals]
    levels: Sequence[Level]
    traded: Sequence[TradedRow]


class PriceQueries:
    """Read-only questions about markets with their prices."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_markets(self, markets: Sequence[int], *, traded: bool = False) -> dict[int, MarketPrices]:
        """Return markets by their ids, all as of one moment; those that there are not are left out.

        What was traded at each price is read only if ``traded`` asks for it.
        """
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            rows = {row["id"]: read_market(row) for row in await wire.fetch(_SQL["markets_by_id"], list(markets))}
            books = await read_books(wire, list(rows))
            totals: dict[int, dict[int, RunnerTotals]] = {market: {} for market in rows}
            for each in await wire.fetch(_SQL["runner_totals"], list(rows)):
                totals[each["market"]][each["runner"]] = read_totals(each)
            volumes = {
                market: [TradedRow(*each) for each in await wire.fetch(_SQL["traded"], market, None)]
                for market in (rows if traded else ())
            }
        return {
            market: MarketPrices(row, totals[market], books[market].levels, volumes.get(market, ()))
            for market, row in rows.items()
        }
