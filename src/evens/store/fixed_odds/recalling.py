"""Reading bets that were booked, for a market whose result is corrected or taken back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from evens.core.events.fixed_odds import BetPlaced, BookedAccumulator
from evens.core.fixed_odds.recalling import AccumulatorsBooked, SinglesBooked, SinglesReturned
from evens.core.values.fixed_odds import BetEnd, BookedSingles, OpenSingle
from evens.store.fixed_odds.rows import read_accumulators
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.store.database import Wire

_SQL: Final = statements("fixed_odds", "loading")


async def _recall_singles(connection: "Wire", wanted: SinglesBooked) -> tuple[BookedSingles, ...]:
    rows = await connection.fetch(
        _SQL["singles_booked"], wanted.fixture, wanted.market, wanted.settlement, *wanted.after, wanted.limit
    )
    return _singles(rows)


async def _recall_returned(connection: "Wire", wanted: SinglesReturned) -> tuple[BookedSingles, ...]:
    rows = await connection.fetch(
        _SQL["singles_returned"], wanted.fixture, wanted.market, *wanted.after, BetEnd.RETURNED, wanted.limit
    )
    return _singles(rows)


def _singles(rows: Sequence[Any]) -> tuple[BookedSingles, ...]:
    recalled: list[BookedSingles] = []
    for customer, currency_number, profit_minor, selections, bets, odds, stakes, ats in rows:
        columns = zip(bets or (), selections or (), odds or (), stakes or (), ats or (), strict=True)
        singles = tuple([OpenSingle(*single) for single in columns])
        recalled.append(BookedSingles(customer, currency_number, singles, sum(stakes or ()) + profit_minor))
    return tuple(recalled)


async def recall_accumulators(connection: "Wire", wanted: AccumulatorsBooked) -> tuple[BookedAccumulator, ...]:
    """Return the accumulators that are asked for as they are stored."""
    rows = await connection.fetch(
        _SQL["accumulators_booked"], wanted.fixture, wanted.market, wanted.after, wanted.limit
    )
    recalled: list[BookedAccumulator] = []
    for row, bet in zip(rows, await read_accumulators(connection, rows), strict=True):
        placed = BetPlaced(bet.bet, bet.customer, bet.currency_number, bet.stake_minor, bet.legs, 0, bet.at)
        decided = tuple(sorted(bet.decided.items()))
        recalled.append(BookedAccumulator(placed, bet.settlement, row["returned"], decided))
    return tuple(recalled)


RECALLS: Final[Mapping[type, Callable[["Wire", Any], Awaitable[object]]]] = {
    SinglesBooked: _recall_singles,
    SinglesReturned: _recall_returned,
    AccumulatorsBooked: recall_accumulators,
}
