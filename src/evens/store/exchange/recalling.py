"""Reading positions and what was booked for them, for a market that is corrected."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from evens.core.exchange.recalling import PositionsBooked
from evens.core.values.betting import BookedPosition

if TYPE_CHECKING:
    from evens.store.database import Wire

_BOOKED: Final = """
SELECT s.customer, s.profit, s.commission, s.discount_bps, p.stands
FROM evens.settlements AS s
CROSS JOIN LATERAL (
    SELECT array_agg(ARRAY[each.runner, each.stake, each.value] ORDER BY each.runner) AS stands
    FROM evens.positions AS each
    WHERE each.market = s.market AND each.customer = s.customer AND (each.stake <> 0 OR each.value <> 0)
) AS p
WHERE s.market = $1 AND s.settlement = $2 AND s.customer > $3
ORDER BY s.customer LIMIT $4
"""


async def _recall_positions(connection: "Wire", wanted: PositionsBooked) -> tuple[BookedPosition, ...]:
    rows = await connection.fetch(_BOOKED, wanted.market, wanted.settlement, wanted.after, wanted.limit)
    return tuple(
        [
            BookedPosition(customer, profit, commission, discount_bps, tuple([tuple(stand) for stand in stands or ()]))
            for customer, profit, commission, discount_bps, stands in rows
        ]
    )


RECALLS: Final[Mapping[type, Callable[["Wire", Any], Awaitable[object]]]] = {PositionsBooked: _recall_positions}
