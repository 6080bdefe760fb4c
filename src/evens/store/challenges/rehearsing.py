"""What the rehearsal of a command needs of the challenges: one of them, or all that are on a market."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from evens.core.challenges.recalling import ChallengesBooked
from evens.core.events.challenges import BookedChallenge
from evens.core.state import House
from evens.core.values.ids import ChallengeId, MarketId
from evens.store.challenges.loading import add_challenges
from evens.store.exchange.rehearsing import load_market
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.store.database import Wire

_SETTLED: Final = statements("challenges", "settled")


async def load_market_with_challenges(connection: "Wire", house: House, market: MarketId) -> set[int]:
    """Add a market and the challenges on it; return who holds accounts that it can move money between."""
    holders = await load_market(connection, house, market)
    return holders | await _load(connection, house, None, market) if holders else holders


async def load_challenge(connection: "Wire", house: House, challenge: ChallengeId) -> set[int]:
    """Add a challenge, with the market that it is on; return who holds accounts that it can move money between."""
    market = await connection.fetchval("SELECT market FROM evens.challenges WHERE id = $1 AND status < 5", challenge)
    if market is not None:
        await load_market(connection, house, market)
    return await _load(connection, house, challenge, None)


async def _load(connection: "Wire", house: House, challenge: ChallengeId | None, market: MarketId | None) -> set[int]:
    rows = await connection.fetch(_SETTLED["can_still_change_of"], challenge, market)
    add_challenges(house, rows)
    return {holder for row in rows for holder in (row["id"], row["customer"], row["acceptor"]) if holder is not None}


def holders_recalled(wanted: ChallengesBooked, recalled: tuple[BookedChallenge, ...]) -> Iterator[int]:
    """Yield whose challenges were recalled, and the challenges, which hold accounts of their own."""
    for booked in recalled:
        yield from (booked.terms.challenge, booked.terms.customer, booked.acceptor)
