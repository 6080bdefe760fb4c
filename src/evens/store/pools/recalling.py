"""Reading what a correction needs of the past: stakes that were booked, and rounds that are history."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from evens.core.pools.results import RoundAsArchived
from evens.core.pools.settling import StakesBooked
from evens.core.values.pools import ArchivedRound, BookedStakes, PoolSide
from evens.store.pools.rows import read_round
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


async def _recall_round(connection: "Wire", wanted: RoundAsArchived) -> ArchivedRound | None:
    rows = await connection.fetch(_SQL["archived_round"], wanted.round)
    if not rows:
        return None
    row = read_round(rows[0])
    assert row.result is not None, f"round {row.id} is archived without a result"
    assert row.decided_at is not None, f"round {row.id} has no result"
    return ArchivedRound(
        pool=row.pool,
        code=row.code,
        terms=row.terms,
        times=(row.opens_at, row.locks_at, row.settles_at),
        commitment=row.commitment,
        result=row.result,
        settlement=row.settlement,
        decided_at=row.decided_at,
        fee_minor=row.fee_minor,
        rounding_minor=row.rounding_minor,
        sides=((row.up.staked_minor, row.up.bets), (row.down.staked_minor, row.down.bets)),
    )


RECALLS: Final[Mapping[type, Callable[["Wire", Any], Awaitable[object]]]] = {
    StakesBooked: _recall_stakes,
    RoundAsArchived: _recall_round,
}
