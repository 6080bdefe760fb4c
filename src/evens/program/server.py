"""A server from its beginning to its end: everything that runs beside the requests, started and stopped in order."""

import asyncio
import signal
import socket
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import structlog
import uvicorn

from evens.core.commands import DefineCurrency
from evens.edges.http.app import create_app
from evens.edges.http.currencies import Currencies
from evens.edges.http.metrics import Metrics
from evens.edges.http.presenting import Presenter
from evens.edges.http.readiness import ReadinessProbe
from evens.edges.http.services import HttpSettings, Services
from evens.edges.jobs.addresses import Destinations
from evens.edges.jobs.deliverer import Deliverer
from evens.edges.jobs.messages import Secrets
from evens.edges.jobs.metrics import DeliveryMetrics
from evens.edges.jobs.purging import Purger
from evens.edges.jobs.sending import Sender
from evens.identity.keys import InstallationKeys
from evens.identity.service import Identity
from evens.program.narrator import Narrator
from evens.program.postgres import Postgres
from evens.sequencer.errors import NotBooked
from evens.sequencer.inbox import Inbox
from evens.sequencer.sequencer import Sequencer
from evens.settings import Settings, parse_currencies
from evens.store.errors import StoreUnavailable
from evens.store.identity import IdentityTables
from evens.store.journal import PostgresJournal
from evens.store.outbox import Outbox
from evens.store.pool import Database
from evens.store.queries import Queries

_GRACE_S: Final = 10
_CURRENCIES_PAUSE_S: Final = 0.1
_ACTOR: Final = "settings"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class House:
    """A server's insides while they run: what requests use, and when it is time to let them in."""

    services: Services
    narrator: Narrator
    opening: asyncio.Task[None]

    async def opened(self) -> None:
        """Wait until this server writes and knows its currencies, or stands by for another that does."""
        await self.narrator.settled.wait()
        if self.services.inbox.closed_because is None:
            await asyncio.wait([self.opening])


@asynccontextmanager
async def open_house(postgres: Postgres, settings: Settings, secret: bytes) -> AsyncGenerator[House]:
    """Run the sequencer and the jobs on a migrated database until the end of the block.

    The house may still be loading, or standing by for another server, when the block begins: readiness tells.
    """
    keys = InstallationKeys(secret)
    database = await Database.open(postgres.app_dsn)
    queries = Queries(database)
    inbox = Inbox(settings.inbox_capacity)
    metrics = Metrics(queue_depth=lambda: len(inbox))
    narrator = Narrator(metrics)
    journal = PostgresJournal(postgres.app_dsn)
    sequencer = Sequencer(journal, inbox, time.time_ns, batch_max=settings.batch_max, observer=narrator)
    identity = Identity(IdentityTables(database), keys)
    currencies = Currencies()
    outbox = Outbox(database)
    webhook_secrets = Secrets(keys)
    sender = Sender(Destinations(allow_private=settings.webhooks_allow_private), webhook_secrets)
    deliverer = Deliverer(outbox, sender, DeliveryMetrics(metrics.registry))
    purger = Purger(outbox)
    services = Services(
        inbox=inbox,
        queries=queries,
        identity=identity,
        currencies=currencies,
        presenter=Presenter(currencies, queries),
        metrics=metrics,
        settings=HttpSettings(currency=settings.currency),
        readiness=ReadinessProbe(queries, totals, inbox),
    )
    writing = asyncio.create_task(sequencer.run())
    opening = asyncio.create_task(_define_currencies(inbox, queries, currencies, parse_currencies(settings.currencies)))
    keeping = asyncio.create_task(postgres.keep_alive())
    delivering = [asyncio.create_task(deliverer.run()), asyncio.create_task(purger.run())]
    try:
        yield House(services, narrator, opening)
    finally:
        deliverer.stop()
        purger.stop()
        sequencer.stop()
        await asyncio.wait([writing, *delivering], timeout=_GRACE_S)
        tasks = writing, opening, keeping, *delivering
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        identity.close()
        await sender.close()
        await database.close()


async def serve(
    house: House, listener: socket.socket, *, ready: Callable[[], None], stopping: Callable[[], None]
) -> None:
    """Answer requests on ``listener`` until SIGINT or SIGTERM. ``ready`` and ``stopping`` run outside of the loop."""
    config = uvicorn.Config(
        create_app(house.services),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
        ws_max_size=64 * 1024,
    )
    server = _Server(config)
    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked_to_stop.set)
    answering = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await house.opened()
        await asyncio.to_thread(ready)
        await _first(asked_to_stop.wait(), _end_of(answering))
        await asyncio.to_thread(stopping)
    finally:
        server.should_exit = True
        await answering


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers, which would raise the signal again after it has been dealt with."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals alone."""
        yield


async def _define_currencies(inbox: Inbox, queries: Queries, currencies: Currencies, scales: dict[str, int]) -> None:
    """Learn the currencies as soon as they can be read, and define the missing ones as soon as this server writes.

    A currency's scale is part of the books: where the settings differ, the books win, and the log says so.
    """
    missing = dict(scales)
    while missing:
        try:
            known = await queries.currencies()
            currencies.learn(known)
            for currency in known:
                scale = missing.pop(currency.code, currency.scale)
                if scale != currency.scale:
                    _log.warning("currency_keeps_its_scale", code=currency.code, scale=currency.scale, asked=scale)
            for code, scale in missing.items():
                command_id = blake2b(f"currency\0{code}".encode(), digest_size=16).digest()
                await inbox.submit(DefineCurrency(code, scale), command_id=command_id, actor=_ACTOR)
        except (NotBooked, StoreUnavailable):
            await asyncio.sleep(_CURRENCIES_PAUSE_S)


async def _end_of(task: asyncio.Task[Any]) -> None:
    await asyncio.wait([task])


async def _first(*coroutines: Coroutine[Any, Any, Any]) -> None:
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
