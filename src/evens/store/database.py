"""Connections for everything but the journal: a pool whose troubles all look the same."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Self

import asyncpg

from evens.store.errors import StoreUnavailable

APPLICATION_ROLE: Final = "evens_app"
"""The role that the application works under: it may look, and append through functions, but change nothing recorded."""

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    # The driver's classes are generic only in its type stubs.
    Connection = PoolConnectionProxy[asyncpg.Record]
    Wire = asyncpg.Connection[asyncpg.Record]
    _Pool = asyncpg.Pool[asyncpg.Record]

UNAVAILABLE: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
)
"""Errors that say nothing about the question and everything about the server or the way to it."""


def session_settings(application: str) -> Mapping[str, str]:
    """Return what every connection of Evens sets, whatever the server's defaults are."""
    return {
        "role": APPLICATION_ROLE,
        "application_name": application,
        "timezone": "UTC",
        "jit": "off",
        # A machine that vanishes says no good-bye: within half a minute its lock must be free for another leader.
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
        "tcp_user_timeout": "25000",
    }


class Database:
    """A bounded pool of connections under the application's role."""

    def __init__(self, pool: "_Pool") -> None:
        self._pool = pool

    @classmethod
    async def open(cls, dsn: str, *, connections_max: int = 10, command_timeout_s: float = 30) -> Self:
        """Return a pool for ``dsn`` (a ``postgresql://`` address). Connects only when first used."""
        pool = asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=connections_max,
            timeout=5,
            command_timeout=command_timeout_s,
            server_settings=dict(session_settings("evens")),
        )
        return cls(await pool)

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator["Connection"]:
        """Lend a connection. Raises :class:`StoreUnavailable` for any trouble with the server or the way to it."""
        try:
            async with self._pool.acquire(timeout=5) as connection:
                yield connection
        except ValueError:
            # An argument PostgreSQL has no room for is our mistake, although the driver files it under its own.
            raise
        except UNAVAILABLE as error:
            raise StoreUnavailable(f"The database cannot be reached: {error}") from error

    async def close(self) -> None:
        """Close every connection, waiting for those that are lent."""
        await self._pool.close()
