"""Loading the sportsbook: fixtures that can still be corrected, bets that are open, and what the house allows.

What the house holds in escrow for singles is not stored: it follows from them, exactly, in every stage.
"""

from typing import TYPE_CHECKING, Any, Final

from evens.core.fixed_odds.fixture import FixtureMarket
from evens.core.fixed_odds.state import BookLimits, FixedOdds
from evens.core.ledger.booking import Result
from evens.core.state import House
from evens.core.values.ids import FixtureId
from evens.store.fixed_odds.rows import fixture_of, read_accumulators, read_fixtures
from evens.store.fixed_odds.tables import BETS, BOOK_LIMITS, LINE_SOURCES, STAKE_FACTORS
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.store.database import Wire

_SQL: Final = statements("fixed_odds", "loading")
_FIXTURES: Final = statements("fixed_odds", "reading")["live_fixtures"]
_ACCUMULATORS: Final = f"{BETS.select()} WHERE fixture IS NULL AND ended IS NULL AND id > $1 ORDER BY id LIMIT $2"
_FIXTURES_AT_ONCE: Final = 1_000
_ACCUMULATORS_AT_ONCE: Final = 10_000
_GROUPS_AT_ONCE: Final = 20


async def load_fixed_odds(connection: "Wire", house: House) -> None:
    """Fill the empty sportsbook of a house that has its customers with what the tables have."""
    book = house.fixed_odds
    for number, *limits in await connection.fetch(f"{BOOK_LIMITS.select()} ORDER BY currency_number"):
        book.limits[number] = BookLimits(*limits)
    for customer, percent in await connection.fetch(f"{STAKE_FACTORS.select()} WHERE percent <> 100"):
        book.stake_factors[customer] = percent
    for source, _ in await connection.fetch(f"{LINE_SOURCES.select()} WHERE silent ORDER BY source"):
        book.silent[source] = None
    await _load_fixtures(connection, book)
    await load_singles(connection, book)
    last = 0
    while rows := await connection.fetch(_ACCUMULATORS, last, _ACCUMULATORS_AT_ONCE):
        for bet in await read_accumulators(connection, rows):
            book.add_accumulator(bet)
        last = rows[-1]["id"]


async def _load_fixtures(connection: "Wire", book: FixedOdds) -> None:
    last = 0
    while rows := await connection.fetch(_FIXTURES, last, _FIXTURES_AT_ONCE):
        for row in await read_fixtures(connection, rows):
            book.add_fixture(fixture_of(row))
        last = rows[-1]["id"]


async def load_singles(connection: "Wire", book: FixedOdds, only: FixtureId | None = None) -> None:
    """Load what is open on all fixtures, or on one, column by column: there may be a million singles."""
    touched: dict[tuple[int, str], FixtureMarket] = {}
    async with connection.transaction():
        async for row in connection.cursor(_SQL["open_singles"], only, prefetch=_GROUPS_AT_ONCE):
            market = _market(book, row)
            touched[row["fixture"], row["market"]] = market
            singles = market.book(row["currency_number"]).selections[row["selection"]]
            moments = [moment for _, _, moment in market.removals]
            columns = row["customers"], row["bets"], row["odds"], row["stakes"], row["ats"]
            singles.add_all(*columns, moments)
    for row in await connection.fetch(_SQL["booked_currencies"], only):
        _market(book, row).book(row["currency_number"])
    for row in await connection.fetch(_SQL["to_correct"], only):
        market = _market(book, row)
        market.book(row["currency_number"]).corrected[row["customer"]] = Result(row["profit"], 0)
    for market in touched.values():
        market.align_all()


def _market(book: FixedOdds, row: Any) -> FixtureMarket:
    return book.fixtures[row["fixture"]].markets[row["market"]]
