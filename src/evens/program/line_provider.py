"""Starts and ends the line provider, as :mod:`evens.program.server` does for Evens."""

import asyncio
import secrets
import signal
import socket
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn
import uvloop

from evens.core.ledger.accounts import InvariantBroken
from evens.edges.cli.operations import LineServing, Location, OperationFailed
from evens.edges.http.protocol.bounded import bounded_by
from evens.edges.http.protocol.places import ConnectionLimits, Places
from evens.identity.keys import SECRET_BYTES, InstallationKeys
from evens.program.installation import Installation
from evens.program.listening import QuietServer, url_of
from evens.program.postgres import Postgres, own
from evens.program.server import ServerEnded
from evens.program.supervisor import Supervisor
from evens.store.embedded import OWNER_ROLE, PROVIDER_ROLE, attach
from evens.store.errors import MigrationNotAllowed
from evens.store.migrate import check_schema, migrate
from line_provider.app import create_app
from line_provider.provider import compose
from line_provider.store import SCHEMA

_GRACE_S: Final = 10
_POSTGRES: Final = "postgres"


def serve_line(
    location: Location,
    listener: socket.socket,
    *,
    of_evens: Path | None,
    simulate: int | None,
    ready: Callable[[LineServing], None],
) -> None:
    """Serve on ``listener`` until a signal. Raises what the database raises, and :class:`OperationFailed`."""
    started = time.monotonic()
    installation = Installation(location.data_dir)
    with _database(location, of_evens) as postgres:
        uvloop.run(_serve(postgres, installation, listener, simulate, ready, started))


@contextmanager
def _database(location: Location, of_evens: Path | None) -> Generator[Postgres]:
    """Provide the provider's own PostgreSQL, the one that is named, or that of a running Evens."""
    if of_evens is None:
        with own(location.data_dir, location.database_url) as postgres:
            if postgres.private is not None:
                postgres.app_dsn = postgres.private.dsn(PROVIDER_ROLE)
            yield postgres
        return
    running = attach(of_evens)
    if running is None:
        raise OperationFailed(f"No Evens runs on {of_evens}; start it first with: evens serve --data {of_evens}")
    # Evens keeps its own server alive.
    yield Postgres(running.dsn(OWNER_ROLE), running.dsn(PROVIDER_ROLE), of_evens)


async def _serve(
    postgres: Postgres,
    installation: Installation,
    listener: socket.socket,
    simulate: int | None,
    ready: Callable[[LineServing], None],
    started: float,
) -> None:
    # With a database that the operator provides, the role may not migrate: then its owner has done so before.
    if postgres.owner_dsn != postgres.app_dsn:
        await migrate(postgres.owner_dsn, SCHEMA)
    else:
        await _migrate_or_check(postgres.owner_dsn)
    key = installation.line_key()
    provider = await compose(postgres.app_dsn, _keys(installation), key, simulate=simulate)
    supervisor = Supervisor(InvariantBroken)
    if postgres.private is not None:
        supervisor.keep(_POSTGRES, postgres.keep_alive)
    for name, job in provider.jobs.items():
        supervisor.keep(name, job.run)
    config = uvicorn.Config(
        create_app(provider.services),
        interface="asgi3",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    config.http = bounded_by(Places(ConnectionLimits()))
    try:
        await _answer(QuietServer(config), listener, lambda: ready(_serving(installation, listener, started)))
    finally:
        supervisor.stop()
        for job in provider.jobs.values():
            job.stop()
        await supervisor.end(patience_s=_GRACE_S, at_once=(_POSTGRES,))
        await provider.close()


async def _migrate_or_check(dsn: str) -> None:
    try:
        await migrate(dsn, SCHEMA)
    except MigrationNotAllowed:
        await check_schema(dsn, SCHEMA)


def _keys(installation: Installation) -> InstallationKeys:
    held = installation.secrets()
    if not held:
        held = [secrets.token_bytes(SECRET_BYTES)]
        installation.write_secrets(held)
    return InstallationKeys(held[0])


def _serving(installation: Installation, listener: socket.socket, started: float) -> LineServing:
    return LineServing(url_of(listener), installation.folder, installation.line_key_file, time.monotonic() - started)


async def _answer(server: uvicorn.Server, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Answer requests until SIGINT or SIGTERM."""
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    answering = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(asked_to_stop.wait())
    try:
        await asyncio.to_thread(ready)
        await asyncio.wait([answering, stopping], return_when=asyncio.FIRST_COMPLETED)
        if not asked_to_stop.is_set():
            raise ServerEnded
    finally:
        stopping.cancel()
        server.should_exit = True
        await answering
