"""Reading challenges that were settled by a result of their market which was corrected."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from evens.core.challenges.recalling import ChallengesBooked
from evens.core.events.challenges import BookedChallenge
from evens.core.values.ids import MarketId
from evens.store.challenges.rows import read_offered, read_settled
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.store.database import Wire

_SETTLED: Final = statements("challenges", "settled")


async def markets_to_recall(connection: "Wire") -> list[MarketId]:
    """Return the markets with challenges that were settled before the result which is booked now."""
    return [market for (market,) in await connection.fetch(_SETTLED["markets_to_recall"])]


async def _recall_challenges(connection: "Wire", wanted: ChallengesBooked) -> tuple[BookedChallenge, ...]:
    rows = await connection.fetch(
        _SETTLED["settled_before"], wanted.market, wanted.settlement, wanted.after, wanted.limit
    )
    recalled: list[BookedChallenge] = []
    for row in rows:
        settled = read_settled(row)
        assert settled is not None
        recalled.append(BookedChallenge(read_offered(row), row["acceptor"], settled))
    return tuple(recalled)


RECALLS: Final[Mapping[type, Callable[["Wire", Any], Awaitable[object]]]] = {ChallengesBooked: _recall_challenges}
