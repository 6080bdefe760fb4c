"""What the rehearsal of a command needs of the exchange: one market, and who has something in it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evens.core.exchange.recalling import PositionsBooked
from evens.core.state import House
from evens.core.values.betting import BookedPosition
from evens.core.values.ids import MarketId
from evens.store.exchange.loading import load_markets

if TYPE_CHECKING:
    from evens.store.database import Wire


async def load_market(connection: "Wire", house: House, market: MarketId) -> set[int]:
    """Add a market to a house; return who holds accounts that it can move money between."""
    await load_markets(connection, house.exchange, market)
    known = house.exchange.markets.get(market)
    if known is None:
        return set()
    return {market, *known.positions, *known.results, *known.corrected}


def holders_recalled(wanted: PositionsBooked, recalled: tuple[BookedPosition, ...]) -> Iterator[int]:
    """Yield whose positions were recalled."""
    return (booked.customer for booked in recalled)
