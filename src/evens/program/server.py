"""Composes a server, and starts and stops its parts in order."""

import asyncio
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import structlog
import uvicorn

from evens.core.ledger.accounts import InvariantBroken
from evens.edges.http.challenges.links import ChallengeLinks
from evens.edges.http.protocol.bounded import bounded_by
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.metrics import Metrics
from evens.edges.http.protocol.places import Places
from evens.edges.http.reads import Reads
from evens.edges.http.services import Services, compose_services
from evens.edges.jobs.addresses import Destinations
from evens.edges.jobs.deliverer import Deliverer
from evens.edges.jobs.following import Following
from evens.edges.jobs.messages import Secrets
from evens.edges.jobs.metrics import DeliveryMetrics
from evens.edges.jobs.sending import Sender
from evens.edges.jobs.webhooks import Webhooks
from evens.edges.mail.smtp import SmtpMailer, SmtpServer
from evens.edges.stream.channels import every_channel
from evens.edges.stream.leaderboard_channel import LOOK_EVERY_S, LeaderboardChannel
from evens.edges.stream.protocol import MESSAGE_BYTES_MAX, StreamProtocol
from evens.edges.stream.stream import Stream, StreamSettings
from evens.identity.keys import InstallationKeys
from evens.identity.limits import IdentityLimits
from evens.identity.service import Identity
from evens.program.auditing import AuditProcess
from evens.program.betfair import BetfairParts
from evens.program.chain import ChainParts, edge_of, open_chain
from evens.program.condition import FeedStates, condition_of
from evens.program.demo_entrance import DemoEntrance
from evens.program.descriptors import connection_limits
from evens.program.gc_freezing import GcFreezer
from evens.program.house_jobs import Job, house_chores
from evens.program.http_settings import http_settings
from evens.program.in_process import InProcessGateway
from evens.program.line import LineParts, TableFixtures, open_line
from evens.program.listening import QuietServer, trusted_proxies
from evens.program.log_observer import LogObserver
from evens.program.pool_file import PoolInFile
from evens.program.postgres import Postgres
from evens.program.results import result_jobs
from evens.program.rounds import RoundParts, open_books, open_rounds
from evens.program.supervisor import Supervisor
from evens.sequencer.inbox import Inbox
from evens.sequencer.sequencer import Sequencer
from evens.sequencer.steady_clock import SteadyClock
from evens.settings import Settings, parse_currencies, parse_origins, parse_smtp_url
from evens.store.database import Database
from evens.store.exchange.snapshots import Snapshots
from evens.store.fixed_odds.snapshots import EventSnapshots
from evens.store.identity import IdentityTables
from evens.store.journal import PostgresJournal
from evens.store.outbox import Outbox
from evens.store.pools.snapshots import PoolSnapshots

Application = Callable[..., Any]
"""An ASGI application."""

_GRACE_S: Final = 10
_OPENING: Final = "currencies"
_POSTGRES: Final = "postgres"
_COLLECTOR: Final = "collector"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class House:
    """A running server's parts: what requests need, when the server is ready for them, and what keeps it running.

    ``places`` are those of all connections from outside, whichever port they come to.
    """

    services: Services
    stream: Stream
    betfair: BetfairParts
    observer: LogObserver
    opening: asyncio.Task[None]
    supervisor: Supervisor
    places: Places

    async def opened(self) -> None:
        """Wait until this server writes and knows its currencies, or stands by for another that does."""
        await self.observer.role_known.wait()
        if self.services.gateway.closed_because is None:
            await asyncio.wait([self.opening])


@dataclass(frozen=True, slots=True)
class _Parts:
    """Everything that runs beside the requests, composed and not started yet."""

    database: Database
    services: Services
    observer: LogObserver
    sequencer: Sequencer
    sender: Sender
    stream: Stream
    betfair: BetfairParts
    supervisor: Supervisor
    jobs: Mapping[str, Job]
    line: LineParts | None
    chain: ChainParts | None

    async def close(self) -> None:
        """Close every connection and end every thread."""
        self.services.identity.close()
        await self.sender.close()
        if self.line is not None:
            await self.line.close()
        if self.chain is not None:
            await self.chain.close()
        await self.database.close()


async def _compose(
    postgres: Postgres, settings: Settings, keys: InstallationKeys, streaming: StreamSettings, *, demo: bool
) -> _Parts:
    database = await Database.open(postgres.app_dsn)
    reads = Reads.on(database)
    gateway = InProcessGateway(inbox := Inbox(settings.inbox_capacity), reads.wallets)
    supervisor, clock = Supervisor(InvariantBroken), SteadyClock(settings.clock_tolerance_s)
    metrics, currencies = _metrics(gateway, clock), Currencies()
    identity, observer = _identity(database, keys, settings), LogObserver(metrics, gateway)
    outbox, sender = Outbox(database), _sender(settings, keys)
    line = open_line(settings, gateway, TableFixtures(reads.sportsbook), metrics.registry, streaming.public_url)
    rounds = open_rounds(gateway, reads.pools, currencies, metrics.registry, settings.data)
    chain = open_chain(settings, gateway, database, currencies, metrics.registry)
    heard, audits = FeedStates(line, rounds, chain), AuditProcess(postgres.app_dsn, reads.journal)
    services = compose_services(
        gateway,
        reads,
        identity,
        Webhooks(outbox, sender),
        challenge_links=ChallengeLinks(keys, streaming.public_url),
        schedule=rounds.schedule,
        line=line and line.view,
        line_intake=line and line.intake,
        metrics=metrics,
        currencies=currencies,
        mailer=_mailer(settings),
        chain=edge_of(chain, settings, reads.wallets),
        settings=http_settings(settings, streaming.public_url),
        condition=condition_of(supervisor, clock, line, rounds, chain, heard, audits),
        demo=DemoEntrance(identity, gateway, reads.wallets) if demo else None,
    )
    stream, betfair, leaderboards = _streams(database, services, metrics, streaming, clock)
    return _Parts(
        database=database,
        services=services,
        observer=observer,
        sequencer=_sequencer(postgres, settings, inbox, clock, observer),
        sender=sender,
        stream=stream,
        betfair=betfair,
        supervisor=supervisor,
        jobs={
            **_talking(stream, betfair, leaderboards, Deliverer(outbox, sender, DeliveryMetrics(metrics.registry))),
            **house_chores(database, outbox, services, clock, postgres),
            **_feeds(services, settings, line, rounds, chain, heard),
        },
        line=line,
        chain=chain,
    )


def _metrics(gateway: InProcessGateway, clock: SteadyClock) -> Metrics:
    metrics = Metrics()
    metrics.show_clock(lambda: clock.off_s)
    metrics.show_queues(lambda: gateway.waiting, lambda: gateway.waiting_in_background)
    return metrics


def _sender(settings: Settings, keys: InstallationKeys) -> Sender:
    return Sender(Destinations(allow_private=settings.webhooks_allow_private), Secrets(keys))


def _talking(
    stream: Stream, betfair: BetfairParts, leaderboards: LeaderboardChannel, deliverer: Deliverer
) -> Mapping[str, Job]:
    """Return what talks to clients."""
    looking = Following("leaderboards", partial(leaderboards.look, stream.hub), LOOK_EVERY_S)
    return {"stream": stream, "leaderboards": looking, **betfair.jobs, "webhooks": deliverer}


def _streams(
    database: Database, services: Services, metrics: Metrics, settings: StreamSettings, clock: SteadyClock
) -> tuple[Stream, BetfairParts, LeaderboardChannel]:
    leaderboards = LeaderboardChannel(services.social.reads, services.currencies)
    snapshots = Snapshots(database), EventSnapshots(database), PoolSnapshots(database)
    channels = every_channel(*snapshots, services.currencies, leaderboards)
    stream = Stream(channels, services.identity, services.throttle, metrics.registry, services.login.cookies, settings)
    services.gateway.follow(stream.hub)
    return stream, BetfairParts.over(services, database, stream, metrics, clock), leaderboards


def _feeds(
    services: Services,
    settings: Settings,
    line: LineParts | None,
    rounds: RoundParts,
    chain: ChainParts | None,
    heard: FeedStates,
) -> Mapping[str, Job]:
    """Return what listens to the outside world."""
    results = heard.watch_results(result_jobs(services, settings))
    listening: dict[str, Job] = {**results, "rounds": rounds.scheduler}
    if line is not None:
        listening["line"] = line.feed
    if chain is not None:
        listening["chain"] = chain.job
    return listening


def _identity(database: Database, keys: InstallationKeys, settings: Settings) -> Identity:
    limits = IdentityLimits(settings.api_keys_max, settings.sessions_max, settings.operators_need_second_factor)
    return Identity(IdentityTables(database), keys, limits=limits)


def _mailer(settings: Settings) -> SmtpMailer | None:
    if settings.smtp_url is None or settings.smtp_from is None:
        return None
    return SmtpMailer(SmtpServer(*parse_smtp_url(settings.smtp_url)), settings.smtp_from, settings.reset_url)


def _sequencer(
    postgres: Postgres, settings: Settings, inbox: Inbox, clock: SteadyClock, observer: LogObserver
) -> Sequencer:
    return Sequencer(
        PostgresJournal(postgres.app_dsn),
        inbox,
        clock,
        batch_max=settings.batch_max,
        ahead_s_max=settings.clock_tolerance_s,
        observer=observer,
    )


@asynccontextmanager
async def open_house(
    postgres: Postgres,
    settings: Settings,
    keys: InstallationKeys,
    url: str,
    streaming: StreamSettings | None = None,
    *,
    demo: bool = False,
    pools: Sequence[PoolInFile] = (),
) -> AsyncGenerator[House]:
    """Run the sequencer and the jobs on a migrated database until the end of the block.

    ``url`` is where this server listens: links lead there unless the settings have a public URL.
    ``streaming`` are the stream's settings; by default they follow from ``settings``. A ``demo`` lets everybody in.
    ``pools`` are those of the file.
    The house may still be loading, or standing by for another server, when the block begins: see :meth:`House.opened`.
    """
    public_url = settings.public_url or url
    streaming = streaming or StreamSettings(origins=parse_origins(settings.stream_origins))
    streaming = replace(streaming, public_url=public_url)
    parts = await _compose(postgres, settings, keys, streaming, demo=demo)
    supervisor, jobs = parts.supervisor, parts.jobs
    currencies = parse_currencies(settings.currencies)
    opening = supervisor.keep(_OPENING, lambda: open_books(parts.services, currencies, pools), is_endless=False)
    if postgres.private is not None:
        supervisor.keep(_POSTGRES, postgres.keep_alive)
    supervisor.keep("sequencer", parts.sequencer.run)
    for name, job in jobs.items():
        supervisor.keep(name, job.run)
    try:
        places = Places(connection_limits(settings), trusted_proxies())
        yield House(parts.services, parts.stream, parts.betfair, parts.observer, opening, supervisor, places)
    finally:
        supervisor.stop()
        for part in (*jobs.values(), parts.sequencer):
            part.stop()
        await supervisor.end(patience_s=_GRACE_S, at_once=(_OPENING, _POSTGRES, _COLLECTOR))
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
    config.http = bounded_by(house.places, is_public_by_https=house.services.settings.is_public_by_https)
    return QuietServer(config)


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
        # What keeps it from opening may last, and must not keep it from ending.
        await _first(house.opened(), asked_to_stop.wait(), asyncio.wait([answering]))
        if asked_to_stop.is_set():
            return
        with GcFreezer() as freezer:
            house.supervisor.keep(_COLLECTOR, freezer.run)
            await asyncio.to_thread(ready)
            await _first(asked_to_stop.wait(), asyncio.wait([answering]))
            await asyncio.to_thread(stopping)
            if not asked_to_stop.is_set():
                # What ended it, if it was an exception, is raised below, where the task is awaited.
                _log.critical("server_ended_by_itself")
                raise ServerEnded
    finally:
        server.should_exit = True
        await answering


class ServerEnded(Exception):
    """What answers requests has ended although nobody asked it to, so the process must end, too."""

    def __init__(self) -> None:
        super().__init__("The server stopped answering by itself; see its log, and start it again.")


async def _first(*coroutines: Coroutine[Any, Any, Any]) -> None:
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
