"""Connections for everything but the journal: a pool that raises one error for all problems with the server."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final, Self

import asyncpg

from evens.store.errors import StoreUnavailable

APPLICATION_ROLE: Final = "evens_app"
"""The application's role: it may read, and append through functions, but it may not change what is recorded."""

OWN_NAMES: Final = {"search_path": "pg_catalog, pg_temp"}
"""Settings of sessions whose role may be the owner: what others put into the schema ``public`` must not run as it."""

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    # The driver's classes are generic only in its type stubs.
    Connection = PoolConnectionProxy[asyncpg.Record]
    Wire = asyncpg.Connection[asyncpg.Record]
    _Pool = asyncpg.Pool[asyncpg.Record]

_TIMEOUT_S: Final = 5
"""How long a connection may take to be made, to be had and to be given back."""

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
"""Errors that have to do with the server or the connection, not with the statement."""


def session_settings(application: str, role: str = APPLICATION_ROLE) -> Mapping[str, str]:
    """Return the settings of every connection under a role, whatever the server's defaults are."""
    return {
        "role": role,
        "application_name": application,
        "timezone": "UTC",
        "jit": "off",
        # A machine that loses power closes no connection. Within half a minute its lock must be free for another.
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
        "tcp_user_timeout": "25000",
    }


async def _keep_session(_connection: "Wire") -> None:
    """Leave the session as it is when a connection comes back to the pool.

    The driver itself ends a transaction that was left open. Its other question, which resets the whole session, took a
    third of the time of a short read (bench/RESULTS.md); only :meth:`Database.session` leaves anything to reset.
    """


async def _reset(connection: "Connection") -> None:
    """End what a session has left behind; a connection that does not answer is closed, which ends it as well."""
    try:
        await connection.reset(timeout=_TIMEOUT_S)
    except BaseException as error:
        # One that was lost is the pool's again already.
        with suppress(*UNAVAILABLE):
            connection.terminate()
        if not isinstance(error, UNAVAILABLE):
            raise


class Database:
    """A bounded pool of connections under one role, Evens' own if none is named."""

    def __init__(self, pool: "_Pool") -> None:
        self._pool = pool

    @classmethod
    async def open(
        cls,
        dsn: str,
        *,
        connections_max: int = 10,
        command_timeout_s: float = 30,
        application: str = "evens",
        role: str = APPLICATION_ROLE,
    ) -> Self:
        """Return a pool for ``dsn`` (a ``postgresql://`` address). Connects only when first used."""
        pool = asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=connections_max,
            timeout=_TIMEOUT_S,
            command_timeout=command_timeout_s,
            server_settings=dict(session_settings(application, role)),
            reset=_keep_session,
        )
        return cls(await pool)

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator["Connection"]:
        """Lend a connection. Raises :class:`StoreUnavailable` for any problem with the server or the connection.

        What outlasts a transaction (a lock of the session, ``LISTEN``, a setting) needs :meth:`session`.
        """
        try:
            async with self._pool.acquire(timeout=_TIMEOUT_S) as connection:
                yield connection
        except ValueError:
            # For an argument that does not fit its type the driver raises an InterfaceError that is also a ValueError.
            # That is a mistake of the caller, not a problem with the server.
            raise
        except UNAVAILABLE as error:
            raise StoreUnavailable(f"The database cannot be reached: {error}") from error

    @asynccontextmanager
    async def session(self) -> AsyncGenerator["Connection"]:
        """Lend a connection whose locks, subscriptions and settings end with the block. Raises as ``connection``."""
        async with self.connection() as connection:
            try:
                yield connection
            finally:
                await _reset(connection)

    async def close(self) -> None:
        """Close every connection, waiting for those that are lent."""
        await self._pool.close()
