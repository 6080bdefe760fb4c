"""What the rehearsal of a command needs of the pools: one round, and who has a stake in it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from evens.core.pools.settling import StakesBooked
from evens.core.pools.state import Pool
from evens.core.state import House
from evens.core.values.ids import RoundId
from evens.core.values.pools import BookedStakes
from evens.store.pools.loading import load_rounds
from evens.store.pools.rows import read_pool
from evens.store.pools.tables import POOLS

if TYPE_CHECKING:
    from evens.store.database import Wire

_POOL: Final = f"{POOLS.select(alias='p')} JOIN evens.rounds AS r ON r.pool = p.id WHERE r.id = $1"


async def load_round(connection: "Wire", house: House, number: RoundId) -> set[int]:
    """Add a round to a house; return who holds accounts that it can move money between."""
    for row in await connection.fetch(_POOL, number):
        pool = read_pool(row)
        house.pools.add_pool(Pool(pool.id, pool.key, pool.currency_number, pool.terms, pool.last_code))
    await load_rounds(connection, house, number)
    known = house.pools.rounds.get(number)
    return set() if known is None else {number, *known.customers(), *known.corrected}


def holders_recalled(wanted: StakesBooked, recalled: tuple[BookedStakes, ...]) -> Iterator[int]:
    """Yield whose stakes were recalled."""
    return (booked.customer for booked in recalled)
