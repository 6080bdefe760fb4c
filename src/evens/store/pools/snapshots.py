"""Snapshots: a round, or a pool with the rounds that matter now, as of one place in the journal."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evens.store.database import Database
from evens.store.pools.rows import PoolRow, RoundRow, read_pool, read_round
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.store.database import Connection

_SQL: Final = statements("pools", "queries")
_ROUND: Final = _SQL["rounds"].replace("{which}", "p.key = $1 AND r.code = $2")
_OPEN: Final = _SQL["rounds"].replace("{which}", "r.pool = $1 AND r.status = 1 ORDER BY r.id")
_LAST: Final = _SQL["rounds"].replace("{which}", "r.pool = $1 AND r.status > 1 ORDER BY r.code DESC LIMIT 2")


@dataclass(frozen=True, slots=True)
class RoundSnapshot:
    """A round as of the record ``seq``."""

    seq: int
    round: RoundRow


@dataclass(frozen=True, slots=True)
class PoolSnapshot:
    """A pool with its open rounds and the last two that are not open, as of the record ``seq``."""

    seq: int
    pool: PoolRow
    rounds: tuple[RoundRow, ...]


class PoolSnapshots:
    """Read-only. Every method raises :class:`evens.store.errors.StoreUnavailable` while there is no database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def round(self, key: str, code: str) -> RoundSnapshot | None:
        """Return the round of a pool with this code, if there is one."""
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            row = await wire.fetchrow(_ROUND, key, code)
            return None if row is None else RoundSnapshot(await _end(wire), read_round(row))

    async def pool(self, key: str) -> PoolSnapshot | None:
        """Return the pool with this key, if there is one."""
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            row = await wire.fetchrow(_SQL["pool"], key)
            if row is None:
                return None
            pool = read_pool(row)
            rows = [*await wire.fetch(_LAST, pool.id), *await wire.fetch(_OPEN, pool.id)]
            return PoolSnapshot(await _end(wire), pool, tuple(map(read_round, rows)))


async def _end(wire: "Connection") -> int:
    return (await wire.fetchval(_SQL["journal_end"])) or 0
