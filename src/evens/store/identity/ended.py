"""Listens for sessions that end and API keys that are revoked, wherever in the house that happens."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import asyncpg

from evens.store.database import UNAVAILABLE, session_settings
from evens.store.errors import StoreUnavailable

if TYPE_CHECKING:
    from evens.store.database import Wire

_CHANNEL: Final = "evens_credentials"
_ALIVE: Final = "alive"
_TIMEOUT_S: Final = 5.0


class EndedListener:
    """A connection on which the database tells of every credential that ends. Its methods raise StoreUnavailable."""

    def __init__(self, wire: "Wire") -> None:
        self._wire = wire
        self.hears = asyncio.Event()
        """Set when what this connection said itself has been heard on it."""

    async def ended_within(self, period: timedelta) -> list[UUID]:
        """Return the sessions that ended within the period before now."""
        with _translated():
            rows = await self._wire.fetch(
                "SELECT id FROM evens.sessions WHERE ended_at > now() - $1::interval", period, timeout=_TIMEOUT_S
            )
        return [row["id"] for row in rows]

    async def check(self) -> None:
        """Make sure that this connection still hears what is told; through some proxies it never does."""
        self.hears.clear()
        with _translated():
            await self._wire.execute(
                "SELECT pg_notify($1, $2 || pg_backend_pid())", _CHANNEL, f"{_ALIVE} ", timeout=_TIMEOUT_S
            )
            async with asyncio.timeout(_TIMEOUT_S):
                await self.hears.wait()


class EndedCredentials:
    """Opens connections that listen, beside the pool, which lends each connection only for a moment."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    @asynccontextmanager
    async def listen(self, heard: Callable[[str, str], None]) -> AsyncGenerator[EndedListener]:
        """Call ``heard`` with ``"session"`` or ``"key"`` and its id, for each that ends during the block."""
        with _translated():
            wire = await asyncpg.connect(
                self._dsn, timeout=_TIMEOUT_S, server_settings=dict(session_settings("evens credentials"))
            )
        listener = EndedListener(wire)

        def pass_on(_wire: object, _process: int, _channel: str, payload: object) -> None:
            kind, _, subject = str(payload).partition(" ")
            if kind != _ALIVE:
                heard(kind, subject)
            elif subject == str(wire.get_server_pid()):
                listener.hears.set()

        try:
            with _translated():
                await wire.add_listener(_CHANNEL, pass_on)
            yield listener
        finally:
            with suppress(*UNAVAILABLE):
                await wire.close(timeout=_TIMEOUT_S)


@contextmanager
def _translated() -> Generator[None]:
    """Turn the driver's errors into :class:`StoreUnavailable`."""
    try:
        yield
    except UNAVAILABLE as error:
        raise StoreUnavailable(f"The database cannot be reached: {error}") from error
