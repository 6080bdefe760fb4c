"""Loading the pools: their terms, the rounds that can still be corrected, and the stakes that are not booked.

What an open round commits to so far is not stored: it follows from its terms and its bets in their order.
"""

from typing import TYPE_CHECKING, Final

from evens.core.ledger.booking import Result
from evens.core.pools.round import Round
from evens.core.pools.state import Pool
from evens.core.state import House
from evens.core.values.commitments import commit_stake, commit_terms
from evens.core.values.ids import RoundId
from evens.core.values.pools import PoolSide, RoundStatus
from evens.store.pools.rows import RoundRow, read_pool, read_round
from evens.store.pools.tables import POOLS
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.store.database import Wire

_SQL: Final = statements("pools", "loading")
_STAKES_AT_ONCE: Final = 10_000


async def load_pools(connection: "Wire", house: House) -> None:
    """Fill the empty pools of a house that has its customers with what the tables have."""
    pools = house.pools
    for row in await connection.fetch(f"{POOLS.select()} ORDER BY id"):
        pool = read_pool(row)
        pools.add_pool(Pool(pool.id, pool.key, pool.currency_number, pool.terms, pool.last_code))
    await load_rounds(connection, house)


async def load_rounds(connection: "Wire", house: House, only: RoundId | None = None) -> None:
    """Add all rounds that can still be corrected, or only one, to a house that has its pools."""
    pools = house.pools
    rounds = [_round_of(house, read_round(row)) for row in await connection.fetch(_SQL["rounds"], only)]
    by_id = {loaded.id: loaded for loaded in rounds}
    async with connection.transaction():
        async for bet, customer, number, side, stake_minor in connection.cursor(
            _SQL["live_stakes"], only, prefetch=_STAKES_AT_ONCE
        ):
            loaded = by_id[number]
            loaded.sides[PoolSide(side)].keep(customer, bet, stake_minor)
            if loaded.status is RoundStatus.OPEN:
                loaded.link = commit_stake(loaded.link, bet, PoolSide(side), stake_minor)
    for number, customer, profit_minor in await connection.fetch(_SQL["to_correct"], only):
        by_id[number].corrected[customer] = Result(profit_minor, 0)
    for loaded in rounds:
        pools.add_round(loaded)


def _round_of(house: House, row: RoundRow) -> Round:
    """Return the round that a row describes, without its stakes, with their sums."""
    times = (row.opens_at, row.locks_at, row.settles_at)
    currency = house.ledger.currencies_by_number[row.currency_number].code
    link = commit_terms(row.pool_key, row.code, times, currency, row.terms)
    loaded = Round(row.id, row.pool, row.code, row.currency_number, row.terms, times, link)
    loaded.status, loaded.stage, loaded.commitment = row.status, row.stage, row.commitment
    loaded.settlement, loaded.result, loaded.decided_at = row.settlement, row.result, row.decided_at
    loaded.fee_minor, loaded.rounding_minor = row.fee_minor, row.rounding_minor
    for side, staked in ((PoolSide.UP, row.up), (PoolSide.DOWN, row.down)):
        loaded.sides[side].staked_minor, loaded.sides[side].bets = staked.staked_minor, staked.bets
    return loaded
