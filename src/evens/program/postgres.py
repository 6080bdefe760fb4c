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
    Running,
    attach,
    has_database,
    start,
)
from evens.store.migrate import has_schema

_WATCH_EVERY_S: Final = 0.5
_RESTART_PAUSE_S: Final = 1.0

_NAME_THE_HOUSE: Final = (
    "Name the folder of the house with --data, or its database with DATABASE_URL; 'evens serve' begins a new house."
)

_log = structlog.get_logger(__name__)


class NoHouse(Exception):
    """There is no house where one was named. The message says what was looked for."""


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
        """Restart the private server whenever it dies, until cancelled. Does nothing for any other server.

        That it cannot be looked at does not mean that it is gone, so nothing is done then. What cannot be restarted is
        tried again, whatever the reason.
        """
        while self.private is not None:
            await asyncio.sleep(_WATCH_EVERY_S)
            try:
                is_alive = self.private.alive()
            except OSError as error:
                _log.warning("postgres_cannot_be_looked_at", error=str(error))
                continue
            if not is_alive:
                _log.error("postgres_died", log=str(self.private.log))
                await self._restart(self.private)

    async def _restart(self, dead: Running) -> None:
        """Start the server again, trying until it works."""
        while True:
            try:
                await asyncio.to_thread(lambda: dead.stop(keeps_address=True))
                self.private = await asyncio.to_thread(start, self.folder)
            except Exception as error:
                # Not only what the server's own errors foresee: there may be no descriptor, no memory, no thread.
                _log.error("postgres_does_not_start", error=str(error), kind=type(error).__name__)
                await asyncio.sleep(_RESTART_PAUSE_S)
            else:
                _log.info("postgres_restarted", pid=self.private.pid)
                return


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


def check_database(folder: Path) -> None:
    """Raise :class:`NoHouse` if a folder has no private database: whoever looks for a house there begins none."""
    if not has_database(folder):
        raise NoHouse(f"There is no database in {folder}. {_NAME_THE_HOUSE}")


async def check_house(postgres: Postgres) -> None:
    """Raise :class:`NoHouse` if a private database is not of Evens, but of a line provider."""
    if postgres.private is not None and not await has_schema(postgres.owner_dsn):
        raise NoHouse(f"The database in {postgres.folder} has no house. {_NAME_THE_HOUSE}")


def _private(folder: Path, running: Running) -> Postgres:
    return Postgres(running.dsn(OWNER_ROLE), running.dsn(APP_ROLE), folder, running)
