"""Commits that come to a stop where a test wants them to: a trigger in the database waits for a lock the test holds."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from tests.faults.desk import until_so

if TYPE_CHECKING:
    from evens.store.database import Wire

LOCK: Final = 4711
_WAITING: Final = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted"
_WRITERS: Final = "SELECT pid FROM pg_stat_activity WHERE application_name = 'evens writer'"


@dataclass(frozen=True, slots=True)
class Place:
    """Where to stop: before a row is inserted into a table, or updated, if an SQL condition on ``new`` holds."""

    table: str
    event: str
    condition: str


@dataclass(frozen=True, slots=True)
class Stall:
    """A place at which commits stop for as long as this lasts."""

    owner: "Wire"

    async def reached(self) -> None:
        """Wait until a commit is stopped."""

        async def stopped() -> bool:
            return await self.owner.fetchval(_WAITING, LOCK) is not None

        await until_so(stopped)

    async def roll_back(self) -> None:
        """End the connection whose commit is stopped, as the database does when it notices that nobody is there."""
        waiting = await self.owner.fetchval(_WAITING, LOCK)
        assert waiting is not None
        assert await self.owner.fetchval("SELECT pg_terminate_backend($1, 10000)", waiting)

    async def ask(self, sql: str, *arguments: Any) -> Any:
        """Return what the tables say meanwhile."""
        return await self.owner.fetchval(sql, *arguments)


@asynccontextmanager
async def stalled(dsn: str, place: Place) -> AsyncGenerator[Stall]:
    """Stop commits at a place, as the database's owner. One that still waits at the end is let through."""
    owner = await asyncpg.connect(dsn)
    try:
        await owner.execute("SELECT pg_advisory_lock($1)", LOCK)
        await owner.execute(f"""
            CREATE FUNCTION public.stall() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF {place.condition} THEN
                    PERFORM pg_advisory_xact_lock_shared({LOCK});
                END IF;
                RETURN new;
            END
            $$;
            CREATE TRIGGER stall BEFORE {place.event} ON evens.{place.table}
                FOR EACH ROW EXECUTE FUNCTION public.stall();
        """)
        yield Stall(owner)
        await owner.execute("SELECT pg_advisory_unlock($1)", LOCK)
        await owner.execute(f"DROP TRIGGER stall ON evens.{place.table}; DROP FUNCTION public.stall()")
    finally:
        await owner.close()


async def cut_writers(dsn: str) -> int:
    """Cut every connection that a server writes through; return how many there were."""
    owner = await asyncpg.connect(dsn)
    try:
        writers = [row["pid"] for row in await owner.fetch(_WRITERS)]
        return sum([await owner.fetchval("SELECT pg_terminate_backend($1, 10000)", pid) for pid in writers])
    finally:
        await owner.close()
