"""What happened to a customer's orders after a place in the journal, for clients that were away.

Matches have an index by customer. Orders that were taken back or lapsed are found by the money that this released: its
transfers name the records of the journal, which name the orders. One that held no money of its own is not found so, nor
one that was placed and is over before the earliest of :data:`ORDERS_MAX`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evens.core.events.exchange import OrderReduced
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX, CustomerId
from evens.core.values.moments import MOMENT_MIN
from evens.store.encoding.codec import decode
from evens.store.exchange.matches import Fill, read_fill
from evens.store.exchange.queries import OrderRow, read_order
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg
    from asyncpg.pool import PoolConnectionProxy

ORDERS_MAX: Final = 1_000
"""Most orders that are over which are returned, and records that are looked at for them; the latest."""

_SQL: Final = statements("exchange", "queries")


@dataclass(frozen=True, slots=True)
class Absence:
    """What was recorded up to ``seq``: fills, oldest first, and orders that are over, oldest first.

    ``market_currencies`` has the currency number of every market in them.
    """

    seq: int
    fills: Sequence[Fill]
    ended: Sequence[OrderRow]
    market_currencies: Mapping[int, int]


async def read_absence(
    wire: "PoolConnectionProxy[asyncpg.Record]", customer: CustomerId, since: int, fills_max: int
) -> Absence | None:
    """Return what happened after the record ``since`` as the connection's transaction sees it.

    ``None`` if the journal has not got there.
    """
    end = await wire.fetchrow(_SQL["journal_end"])
    if end is None or since > end["seq"]:
        return None
    at: int | None = await wire.fetchval(_SQL["recorded_at"], since)
    first = MOMENT_MIN if at is None else at + TRANSFERS_PER_COMMAND_MAX
    fills = [read_fill(row) for row in reversed(await wire.fetch(_SQL["fills_since"], customer, first, fills_max))]
    touched = {fill.order for fill in fills} | await _reduced(wire, customer, first)
    ended = await wire.fetch(_SQL["ended_orders"], customer, list(touched), since, ORDERS_MAX)
    orders = [read_order(row) for row in reversed(ended)]
    markets = {fill.market for fill in fills} | {order.market for order in orders}
    currencies = await wire.fetch(_SQL["market_currencies"], list(markets))
    return Absence(end["seq"], fills, orders, {row["id"]: row["currency_number"] for row in currencies})


async def _reduced(wire: "PoolConnectionProxy[asyncpg.Record]", customer: CustomerId, first: int) -> set[int]:
    """Return the customer's orders that stake was taken off since a moment, as far as it released money."""
    found: set[int] = set()
    for row in await wire.fetch(_SQL["releasing_records"], customer, first, ORDERS_MAX):
        _actor, _command, happened = decode(row["payload"])
        found.update(
            event.order for event in happened if isinstance(event, OrderReduced) and event.customer == customer
        )
        await asyncio.sleep(0)
    return found
