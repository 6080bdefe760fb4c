"""The book of the installation's secrets: the fingerprint of the one in use, and of those that it replaced."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from evens.store.database import UNAVAILABLE, session_settings
from evens.store.errors import StoreUnavailable

_KNOWN: Final = """
SELECT fingerprint, since, until, until > now() AS counts FROM evens.secrets ORDER BY until DESC NULLS FIRST
"""
_BEGIN: Final = "INSERT INTO evens.secrets (fingerprint) VALUES ($1) ON CONFLICT DO NOTHING"
_RETIRE: Final = "UPDATE evens.secrets SET until = now() + $1 WHERE until IS NULL"
_USE: Final = """
INSERT INTO evens.secrets (fingerprint) VALUES ($1)
ON CONFLICT (fingerprint) DO UPDATE SET since = now(), until = NULL
"""


@dataclass(frozen=True, slots=True)
class KnownSecret:
    """A secret by its fingerprint. ``until`` is ``None`` for the one in use.

    ``counts``: what an earlier one made is still recognised.
    """

    fingerprint: str
    since: datetime
    until: datetime | None
    counts: bool | None


class SecretBook:
    """Reads and writes the book of the database at ``dsn``. Every method may raise :class:`StoreUnavailable`."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    async def known(self) -> list[KnownSecret]:
        """Return every secret that the database was used with, the one in use first; nothing if it was never used."""
        return await self._change()

    async def begin(self, fingerprint: str) -> list[KnownSecret]:
        """Use the secret with this fingerprint unless another one is in use; return all, the one in use first."""
        return await self._change((_BEGIN, fingerprint))

    async def replace(self, fingerprint: str, overlap: timedelta) -> list[KnownSecret]:
        """Use this secret from now on; what the one before it made counts for ``overlap``. Return all."""
        return await self._change((_RETIRE, overlap), (_USE, fingerprint))

    async def _change(self, *statements: tuple[str, object]) -> list[KnownSecret]:
        try:
            settings = dict(session_settings("evens secrets"))
            connection = await asyncpg.connect(self._dsn, timeout=10, server_settings=settings)
            try:
                async with connection.transaction():
                    for sql, value in statements:
                        await connection.execute(sql, value)
                    return [KnownSecret(*row) for row in await connection.fetch(_KNOWN)]
            finally:
                await connection.close()
        except UNAVAILABLE as error:
            raise StoreUnavailable(f"The database cannot be reached: {error}") from error
