"""Composes a server, and starts and stops its parts in order."""

import asyncio
import signal
import socket
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, Protocol

import structlog
import uvicorn

from evens.core.commands.ledger import DefineCurrency
from evens.edges.http.challenges.links import ChallengeLinks
from evens.edges.http.challenges.services import ChallengeSettings
from evens.edges.http.exchange.services import ExchangeSettings
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.metrics import Metrics
from evens.edges.http.services import HttpSettings, Services, compose_services
from evens.edges.jobs.addresses import Destinations
from evens.edges.jobs.deliverer import Deliverer
from evens.edges.jobs.hourly import Hourly, purge_notices
from evens.edges.jobs.messages import Secrets
from evens.edges.jobs.metrics import DeliveryMetrics
from evens.edges.jobs.sending import Sender
from evens.edges.jobs.webhooks import Webhooks
from evens.edges.mail.smtp import SmtpMailer, SmtpServer
from evens.edges.stream.protocol import MESSAGE_BYTES_MAX, StreamProtocol
from evens.edges.stream.stream import Stream, StreamSettings
from evens.feeds.results.metrics import ResultsMetrics
from evens.feeds.results.watcher import ResultsWatcher
from evens.identity.keys import InstallationKeys
from evens.identity.service import Identity, IdentityLimits
from evens.program.gc_freezing import GcFreezer
from evens.program.in_process import InProcessGateway
from evens.program.log_observer import LogObserver
from evens.program.postgres import Postgres
from evens.program.results import GatewayMarketCommands, LogAlerts, TableMarkets, open_sources
from evens.sequencer.errors import NotBooked
from evens.sequencer.inbox import Inbox
from evens.sequencer.sequencer import Sequencer
from evens.settings import Settings, parse_currencies, parse_ladders, parse_origins, parse_smtp_url, parse_sources
from evens.store.challenges.queries import ChallengeQueries
from evens.store.database import Database
from evens.store.errors import StoreUnavailable
from evens.store.exchange.queries import ExchangeQueries
from evens.store.exchange.snapshots import Snapshots
from evens.store.identity import IdentityTables
from evens.store.identity.ended import EndedCredentials
from evens.store.journal import PostgresJournal
from evens.store.outbox import Outbox
from evens.store.wallets.queries import Queries

Application = Callable[..., Any]
"""An ASGI application."""

_GRACE_S: Final = 10
_CURRENCIES_PAUSE_S: Final = 0.1
_ACTOR: Final = "settings"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class House:
    """A running server's parts: what requests need, and when the server is ready for them."""

    services: Services
    stream: Stream
    observer: LogObserver
    opening: asyncio.Task[None]

    async def opened(self) -> None:
        """Wait until this server writes and knows its currencies, or stands by for another that does."""
        await self.observer.role_known.wait()
        if self.services.gateway.closed_because is None:
            await asyncio.wait([self.opening])


class _Job(Protocol):
    """Something that runs beside the requests until it is told to stop."""

    async def run(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Parts:
    """Everything that runs beside the requests, composed and not started yet."""

    database: Database
    services: Services
    observer: LogObserver
    sequencer: Sequencer
    sender: Sender
    stream: Stream
    jobs: tuple[_Job, ...]

    async def close(self) -> None:
        """Close every connection and end every thread."""
        self.services.identity.close()
        await self.sender.close()
        await self.database.close()


async def _compose(
    postgres: Postgres, settings: Settings, secret: bytes, public_url: str, streaming: StreamSettings
) -> _Parts:
    keys = InstallationKeys(secret)
    database = await Database.open(postgres.app_dsn)
    queries = Queries(database)
    inbox = Inbox(settings.inbox_capacity)
    gateway = InProcessGateway(inbox, queries)
    metrics = Metrics(queue_depth=lambda: gateway.waiting)
    currencies = Currencies()
    journal = PostgresJournal(postgres.app_dsn)
    identity = _identity(database, keys, settings)
    stream = Stream(Snapshots(database), currencies, identity, metrics.registry, streaming)
    gateway.follow(stream.hub)
    observer = LogObserver(metrics, gateway)
    outbox = Outbox(database)
    sender = Sender(Destinations(allow_private=settings.webhooks_allow_private), Secrets(keys))
    services = compose_services(
        gateway,
        queries,
        ExchangeQueries(database),
        identity,
        Webhooks(outbox, sender),
        challenges=ChallengeQueries(database),
        challenge_links=ChallengeLinks(keys, public_url),
        metrics=metrics,
        currencies=currencies,
        mailer=_mailer(settings),
        settings=HttpSettings(
            currency=settings.currency,
            exchange=ExchangeSettings(settings.commission_bps, settings.min_stake, parse_ladders(settings.ladders)),
            challenges=ChallengeSettings(settings.challenge_fee_bps, settings.challenge_dispute_window_s * 1000),
        ),
    )
    return _Parts(
        database=database,
        services=services,
        observer=observer,
        sequencer=Sequencer(journal, inbox, time.time_ns, batch_max=settings.batch_max, observer=observer),
        sender=sender,
        stream=stream,
        jobs=(
            stream,
            Deliverer(outbox, sender, DeliveryMetrics(metrics.registry)),
            Hourly("notices", lambda: purge_notices(outbox)),
            Hourly("sessions", identity.remove_expired),
            identity.watch(EndedCredentials(postgres.app_dsn)),
            *_result_jobs(services, settings),
        ),
    )


def _identity(database: Database, keys: InstallationKeys, settings: Settings) -> Identity:
    limits = IdentityLimits(settings.api_keys_max, settings.sessions_max, settings.operators_need_second_factor)
    return Identity(IdentityTables(database), keys, limits=limits)


def _mailer(settings: Settings) -> SmtpMailer | None:
    if settings.smtp_url is None or settings.smtp_from is None:
        return None
    return SmtpMailer(SmtpServer(*parse_smtp_url(settings.smtp_url)), settings.smtp_from, settings.reset_url)


def _result_jobs(services: Services, settings: Settings) -> tuple[_Job, ...]:
    sources = open_sources(parse_sources(settings.results_sources))
    if not sources:
        return ()
    watcher = ResultsWatcher(
        sources,
        TableMarkets(services.exchange.queries),
        GatewayMarketCommands(services.gateway),
        LogAlerts(),
        ResultsMetrics(services.metrics.registry),
        time.monotonic_ns,
        every_s=settings.results_every_s,
        confirmation_s=settings.results_confirmation_s,
    )
    return (watcher,)


@asynccontextmanager
async def open_house(
    postgres: Postgres, settings: Settings, secret: bytes, url: str, streaming: StreamSettings | None = None
) -> AsyncGenerator[House]:
    """Run the sequencer and the jobs on a migrated database until the end of the block.

    ``url`` is where this server listens: links lead there unless the settings have a public URL.
    ``streaming`` are the stream's settings; by default they follow from ``settings``.
    The house may still be loading, or standing by for another server, when the block begins: see :meth:`House.opened`.
    """
    streaming = streaming or StreamSettings(origins=parse_origins(settings.stream_origins))
    parts = await _compose(postgres, settings, secret, settings.public_url or url, streaming)
    opening = asyncio.create_task(_define_currencies(parts.services, parse_currencies(settings.currencies)))
    keeping = asyncio.create_task(postgres.keep_alive())
    stoppable = [asyncio.create_task(part.run()) for part in (parts.sequencer, *parts.jobs)]
    try:
        yield House(parts.services, parts.stream, parts.observer, opening)
    finally:
        for part in (*parts.jobs, parts.sequencer):
            part.stop()
        await asyncio.wait(stoppable, timeout=_GRACE_S)
        for task in (opening, keeping, *stoppable):
            task.cancel()
        await asyncio.gather(opening, keeping, *stoppable, return_exceptions=True)
        await parts.close()


def server_of(house: House, app: Application) -> uvicorn.Server:
    """Return what answers requests and streams, ready to serve."""
    config = uvicorn.Config(
        house.stream.before(app),
        interface="asgi3",
        ws=StreamProtocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
        ws_max_size=MESSAGE_BYTES_MAX,
        ws_per_message_deflate=False,
    )
    return _Server(config)


async def serve(
    house: House, app: Application, listener: socket.socket, *, ready: Callable[[], None], stopping: Callable[[], None]
) -> None:
    """Answer requests on ``listener`` until SIGINT or SIGTERM. ``ready`` and ``stopping`` run outside of the loop."""
    server = server_of(house, app)
    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked_to_stop.set)
    answering = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await house.opened()
        with GcFreezer() as freezer:
            await asyncio.to_thread(ready)
            await _first(asked_to_stop.wait(), _end_of(answering), freezer.run())
            await asyncio.to_thread(stopping)
    finally:
        server.should_exit = True
        await answering


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers, which would raise the signal again after it was handled."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Install no signal handlers."""
        yield


async def _define_currencies(services: Services, scales: dict[str, int]) -> None:
    """Learn the currencies as soon as they can be read, and define the missing ones as soon as this server writes.

    A currency's scale never changes: where the settings differ from the database, the database counts, and the log says
    so.
    """
    missing = dict(scales)
    while missing:
        try:
            known = await services.wallets.queries.currencies()
            services.currencies.learn(known)
            for currency in known:
                scale = missing.pop(currency.code, currency.scale)
                if scale != currency.scale:
                    _log.warning("currency_keeps_its_scale", code=currency.code, scale=currency.scale, asked=scale)
            for code, scale in missing.items():
                command_id = blake2b(f"currency\0{code}".encode(), digest_size=16).digest()
                await services.gateway.submit(DefineCurrency(code, scale), command_id=command_id, actor=_ACTOR)
        except (NotBooked, StoreUnavailable):
            await asyncio.sleep(_CURRENCIES_PAUSE_S)


async def _end_of(task: asyncio.Task[Any]) -> None:
    await asyncio.wait([task])


async def _first(*coroutines: Coroutine[Any, Any, Any]) -> None:
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
