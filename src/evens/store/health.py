"""Checking a database from the outside: whether its commits are durable, and whether its balances add up."""

from dataclasses import dataclass
from typing import Final

import asyncpg

from evens.store.database import OWN_NAMES, UNAVAILABLE
from evens.store.errors import StoreError, StoreUnavailable
from evens.store.migrate import check_schema

_LOOK: Final = """
SELECT current_setting('server_version') AS server_version,
    current_setting('fsync') AS fsync,
    current_setting('synchronous_commit') AS synchronous_commit,
    (SELECT seq FROM evens.head) AS records,
    (SELECT at FROM evens.head) AS last_at,
    NOT EXISTS (
        SELECT FROM evens.balances GROUP BY (account >> 4) & 1023 HAVING sum(balance) <> 0
    ) AS is_balanced,
    (SELECT count(*) FROM evens.quarantine) AS quarantined,
    (SELECT count(*) FROM evens.deliveries WHERE status = 'given_up') AS given_up
"""


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """What was found. ``schema_problem`` says what is wrong with the migrations, if anything.

    ``last_at`` is the time of the journal's last record, in nanoseconds since 1970; 0 without any.
    """

    server_version: str
    fsync: str
    synchronous_commit: str
    records: int = 0
    last_at: int = 0
    is_balanced: bool = True
    quarantined: int = 0
    given_up: int = 0
    schema_problem: str | None = None

    @property
    def is_durable(self) -> bool:
        """Whether what is committed survives a crash."""
        return self.fsync == "on" and self.synchronous_commit not in {"off", "local"}


async def look_at(dsn: str) -> DatabaseHealth:
    """Check the database. Raises :class:`StoreUnavailable` if it does not answer."""
    schema_problem: str | None = None
    try:
        await check_schema(dsn)
    except StoreUnavailable:
        raise
    except StoreError as error:
        schema_problem = str(error)
    try:
        connection = await asyncpg.connect(dsn, timeout=10, server_settings=OWN_NAMES)
        try:
            if schema_problem is None:
                row = await connection.fetchrow(_LOOK)
                assert row is not None
                return DatabaseHealth(**dict(row))
            names = "server_version", "fsync", "synchronous_commit"
            server, fsync, commit = [await connection.fetchval("SELECT current_setting($1)", name) for name in names]
            return DatabaseHealth(server, fsync, commit, schema_problem=schema_problem)
        finally:
            await connection.close()
    except UNAVAILABLE as error:
        raise StoreUnavailable(f"The database cannot be reached: {error}") from error
