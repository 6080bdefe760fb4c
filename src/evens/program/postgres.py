"""The database of an installation: its own private PostgreSQL, or the one that ``DATABASE_URL`` names."""

import asyncio
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from evens.store.embedded import (
    APP_ROLE,
    OWNER_ROLE,
    DataDirectoryInUse,
    EmbeddedPostgresError,
    Running,
    attach,
    start,
)

_WATCH_EVERY_S: Final = 0.5
_RESTART_PAUSE_S: Final = 1.0

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Postgres:
    """How to reach the database. ``owner_dsn`` may change the schema, ``app_dsn`` only use it.

    ``private`` is set if it is our own server, which we started (and must keep alive) or found running.
    """

    owner_dsn: str
    app_dsn: str
    folder: Path
    private: Running | None = None

    async def keep_alive(self) -> None:
        """Restart the private server whenever it dies, until cancelled. Does nothing for any other server."""
        while self.private is not None:
            await asyncio.sleep(_WATCH_EVERY_S)
            if not self.private.alive():
                _log.error("postgres_died", log=str(self.private.log))
                await asyncio.to_thread(self._restart)

    def _restart(self) -> None:
        assert self.private is not None
        try:
            self.private.stop()
            self.private = start(self.folder)
            _log.info("postgres_restarted", pid=self.private.pid)
        except EmbeddedPostgresError as error:
            _log.error("postgres_does_not_start", error=str(error))


@contextmanager
def own(folder: Path, database_url: str | None) -> Generator[Postgres]:
    """Provide the database to a server: the private one is started, and stopped at the end.

    Raises :class:`evens.store.embedded.EmbeddedPostgresError`, whose message says what to do.
    """
    if database_url is not None:
        yield Postgres(database_url, database_url, folder)
        return
    postgres = _private(folder, start(folder))
    try:
        yield postgres
    finally:
        if postgres.private is not None:
            postgres.private.stop()


@contextmanager
def borrow(folder: Path, database_url: str | None) -> Generator[Postgres]:
    """Provide the database to a short operation: that of a running server, or one started for the duration."""
    with ExitStack() as stack:
        running = attach(folder) if database_url is None else None
        if running is None:
            try:
                owned = stack.enter_context(own(folder, database_url))
            except DataDirectoryInUse:
                # A server has started since we looked.
                running = attach(folder)
                if running is None:
                    raise
            else:
                yield owned
                return
        yield _private(folder, running)


def _private(folder: Path, running: Running) -> Postgres:
    return Postgres(running.dsn(OWNER_ROLE), running.dsn(APP_ROLE), folder, running)
