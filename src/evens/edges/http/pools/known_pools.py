"""Pools that were seen: their ids, currencies and keys never change, so a bet needs no query to find its pool."""

from dataclasses import dataclass

from evens.core.values.ids import PoolId
from evens.core.values.money import Currency
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.problem import Refused, refuse_not_found
from evens.store.pools.queries import PoolQueries
from evens.store.pools.rows import PoolRow, RoundRow


@dataclass(frozen=True, slots=True)
class KnownPool:
    """What never changes about a pool."""

    id: PoolId
    key: str
    currency: Currency


class KnownPools:
    """Finds pools by their keys, and rounds by their codes. There are few pools, so all that were seen are kept."""

    def __init__(self, reads: PoolQueries, currencies: Currencies) -> None:
        self._reads = reads
        self._currencies = currencies
        self._by_key: dict[str, KnownPool] = {}

    async def require(self, key: str) -> KnownPool:
        """Return the pool with this key. Raises a 404 if there is none, or ``StoreUnavailable``."""
        known = self._by_key.get(key)
        return known or self._learn(await self.read(key))

    async def read(self, key: str) -> PoolRow:
        """Return everything about a pool, as it is now. Raises as :meth:`require` does."""
        row = await self._reads.pool(key)
        if row is None:
            raise refuse_not_found("pool_unknown", "There is no such pool; check its key.")
        self._learn(row)
        return row

    async def round(self, key: str, code: str) -> RoundRow:
        """Return a round of a pool. Raises a 404 if there is no such pool or round, or ``StoreUnavailable``."""
        pool = await self.require(key)
        row = await self._reads.round(pool.id, code)
        if row is None:
            raise refuse_unknown_round()
        return row

    def _learn(self, row: PoolRow) -> KnownPool:
        known = KnownPool(row.id, row.key, self._currencies.by_number(row.currency_number))
        self._by_key[row.key] = known
        return known


def refuse_unknown_round() -> Refused:
    """Return the 404 for a code that is no round's."""
    return refuse_not_found("round_unknown", "The pool has no such round; check its code.")
