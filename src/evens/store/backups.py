"""What a backup needs of the database: one moment that everything is copied at, and what the books were then."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import asyncpg

from evens.store.auditing.anchors import Anchor
from evens.store.database import OWN_NAMES, UNAVAILABLE
from evens.store.errors import StoreUnavailable

_CONTENTS: Final = """
SELECT pg_export_snapshot() AS name, h.seq, h.hash, (SELECT max(number) FROM evens.migrations) AS migration,
    current_setting('server_version') AS postgresql
FROM evens.head AS h
"""
_IN_USE: Final = "SELECT fingerprint FROM evens.secrets WHERE until IS NULL"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A moment of the database, by the name under which other sessions can look at it while it is held.

    ``anchor`` is where the journal ended, ``migration`` the newest one applied, ``secret`` the fingerprint of the
    secret in use, as far as the database knows it.
    """

    name: str
    anchor: Anchor
    migration: int
    postgresql: str
    secret: str | None


@asynccontextmanager
async def held_snapshot(owner_dsn: str) -> AsyncGenerator[Snapshot]:
    """Hold a snapshot during the block; nobody who writes waits for it. Raises :class:`StoreUnavailable`."""
    try:
        connection = await asyncpg.connect(owner_dsn, timeout=10, server_settings=OWN_NAMES)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                row = await connection.fetchrow(_CONTENTS)
                assert row is not None
                knows = await connection.fetchval("SELECT to_regclass('evens.secrets') IS NOT NULL")
                secret = await connection.fetchval(_IN_USE) if knows else None
                anchor = Anchor(row["seq"], row["hash"])
                yield Snapshot(row["name"], anchor, row["migration"], row["postgresql"], secret)
        finally:
            await connection.close()
    except UNAVAILABLE as error:
        raise StoreUnavailable(f"The database cannot be reached: {error}") from error


async def analyze(owner_dsn: str) -> None:
    """Let PostgreSQL look at what was loaded, so that it plans well from the first question on."""
    connection = await asyncpg.connect(owner_dsn, timeout=10, server_settings=OWN_NAMES)
    try:
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
