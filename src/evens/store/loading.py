"""Loading the house from the tables, which hold the whole live state: each product loads its part."""

from typing import TYPE_CHECKING, Final

from evens.core.state import House
from evens.store.challenges.loading import load_challenges
from evens.store.exchange.loading import load_exchange
from evens.store.fixed_odds.loading import load_fixed_odds
from evens.store.following.loading import load_following
from evens.store.journal_tables import HEAD
from evens.store.pools.loading import load_pools
from evens.store.wallets.loading import load_wallets

if TYPE_CHECKING:
    from evens.store.database import Wire

_HEAD: Final = HEAD.select("seq", "at")

_LOADERS: Final = (load_wallets, load_exchange, load_challenges, load_fixed_odds, load_pools, load_following)
"""In the order in which they need each other: markets are in customers' currencies, challenges are on markets."""


async def load_house(connection: "Wire") -> House:
    """Return the house as the tables have it. The caller makes sure that nobody writes meanwhile."""
    house = House()
    head = await connection.fetchrow(_HEAD)
    assert head is not None
    house.seq, house.at = head["seq"], head["at"]
    for load in _LOADERS:
        await load(connection, house)
    return house
