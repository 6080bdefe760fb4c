"""Reading stakes that were booked, for a round whose result is corrected."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from evens.core.pools.settling import StakesBooked
from evens.core.values.pools import BookedStakes, PoolSide
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.store.database import Wire

_SQL: Final = statements("pools", "loading")


async def _recall_stakes(connection: "Wire", wanted: StakesBooked) -> tuple[BookedStakes, ...]:
    rows = await connection.fetch(_SQL["stakes_booked"], wanted.round, wanted.settlement, wanted.after, wanted.limit)
    recalled: list[BookedStakes] = []
    for customer, returned_minor, bets, stakes, sides in rows:
        columns = zip(bets, stakes, map(PoolSide, sides), strict=True)
        recalled.append(BookedStakes(customer, tuple(columns), returned_minor))
    return tuple(recalled)


RECALLS: Final[Mapping[type, Callable[["Wire", Any], Awaitable[object]]]] = {StakesBooked: _recall_stakes}
