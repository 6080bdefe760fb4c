"""The Exchange Stream as a whole: accepts connections, runs the background tasks, and composes the parts."""

import asyncio
import os
import socket
import ssl
from collections.abc import Sequence
from time import thread_time
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from evens.core.events.exchange import MarketCreated
from evens.core.receipts import Receipt
from evens.edges.betfair.stream.accepting import Acceptor
from evens.edges.betfair.stream.bet_channel import NAME as BETS
from evens.edges.betfair.stream.bet_channel import BetChannel, BetView
from evens.edges.betfair.stream.bet_pictures import CustomerBets
from evens.edges.betfair.stream.bet_rows import BetProjection
from evens.edges.betfair.stream.client import Client
from evens.edges.betfair.stream.connection import LineConnection
from evens.edges.betfair.stream.feed import Feed
from evens.edges.betfair.stream.metrics import BetfairStreamMetrics
from evens.edges.betfair.stream.pictures import MarketPicture
from evens.edges.betfair.stream.price_channel import NAME as PRICES
from evens.edges.betfair.stream.price_channel import PriceChannel, PriceView
from evens.edges.betfair.stream.price_rows import Projection
from evens.edges.betfair.stream.serving import Serving, StreamLimits
from evens.edges.betfair.stream.statuses import Code
from evens.edges.betfair.stream.translation import bet_entries, market_entry
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.places import Places
from evens.edges.http.protocol.throttle import CallerThrottle
from evens.edges.stream.broadcaster import pause_after
from evens.edges.stream.credential_check import CredentialCheck
from evens.edges.stream.hub import Hub
from evens.edges.stream.metrics import StreamMetrics
from evens.edges.stream.running import run_beside
from evens.edges.stream.topic import View
from evens.identity.service import Identity
from evens.store.exchange.followed import FollowedMarkets
from evens.store.exchange.snapshots import Snapshots

_TOPICS_MAX: Final = 100_000
_WRITES_AT_ONCE: Final = 100
"""After so many clients other tasks get a turn: the single writer shares this thread."""

_log: Final = structlog.get_logger("evens.betfair.stream")


class BetfairStream:
    """Serves connections that :meth:`listen` accepts. :meth:`run` must be running meanwhile.

    Implements :class:`evens.edges.gateway.Follower`: it hears of commits for its hub and for markets that are new.
    """

    def __init__(
        self,
        snapshots: Snapshots,
        markets: FollowedMarkets,
        currencies: Currencies,
        identity: Identity,
        throttle: CallerThrottle,
        hub_metrics: StreamMetrics,
        registry: CollectorRegistry,
        settings: StreamLimits | None = None,
    ) -> None:
        self._settings = settings = settings or StreamLimits()
        self._metrics = BetfairStreamMetrics(registry)
        self._clients: dict[Client, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        channels = [PriceChannel(snapshots, currencies), BetChannel(snapshots, markets, currencies)]
        self._hub = Hub(channels, hub_metrics, pause_s=settings.pause_s, subscriptions_max=_TOPICS_MAX)
        self._hub.broadcaster.after_round = self._flush
        prices = Feed[MarketPicture, Projection](self._hub, PRICES, _draw_market, market_entry)
        bets = Feed[CustomerBets, BetProjection](self._hub, BETS, _draw_bets, bet_entries)
        self._serving = Serving(prices, bets, markets, identity, throttle, self._metrics, self._clients, settings)
        self._feeds = (prices, bets)
        self._metrics.kept.labels("mcm").set_function(lambda: prices.entries.bytes)
        self._metrics.kept.labels("ocm").set_function(lambda: bets.entries.bytes)
        self._credentials = CredentialCheck(self._clients, self, identity)

    def listen(self, listener: socket.socket, places: Places, context: ssl.SSLContext | None) -> Acceptor:
        """Accept connections from now on, with TLS if there is a context for it."""

        def connection(address: str) -> LineConnection:
            return LineConnection(address, self._accept, self._metrics.dropped.inc, self._settings.stalled_after_s)

        return Acceptor(listener, places, context, connection, self._metrics, self._settings.handshake_s)

    async def run(self) -> None:
        """Send clients what changed, and look after their credentials, until :meth:`stop`.

        Raises what went wrong if one of the background tasks ends. It can then be run again.
        """
        try:
            await run_beside(
                self._stopping,
                self._hub.broadcaster.run(),
                self._send(),
                self._credentials.run(self._settings.check_credentials_s),
            )
        finally:
            if self._stopping.is_set():
                await self._close()

    def stop(self) -> None:
        """Make :meth:`run` return, and close every connection."""
        self._stopping.set()

    def committed(self, receipts: Sequence[Receipt]) -> None:
        """Hear what was committed."""
        self._hub.committed(receipts)
        for receipt in receipts:
            for event in receipt.events:
                if isinstance(event, MarketCreated):
                    for client in list(self._clients):
                        client.market_created(event.market, event.terms)

    def leading(self, seq: int) -> None:
        """Hear that commits will be told."""
        self._hub.leading(seq)

    def idle(self, because: str) -> None:
        """Hear that no commits are told."""
        self._hub.idle(because)

    def end_credential(self, reader: Client, code: str, detail: str) -> None:
        """End the connection of a client whose credential has ended."""
        reader.fail(Code.INVALID_SESSION, f"{detail} Log in and connect again.")

    def _accept(self, connection: LineConnection) -> None:
        client = Client(self._serving, connection, f"{os.urandom(8).hex()}")
        self._clients[client] = None
        self._metrics.connections.inc()
        connection.resumed = lambda: self._serving.wake(client)
        task = asyncio.create_task(self._serve(client))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, client: Client) -> None:
        try:
            await client.serve()
        except Exception:
            _log.exception("betfair_stream_client_broke", connection=client.id)
            client.fail(Code.UNEXPECTED, "Something went wrong here; connect again.")
        finally:
            client.end()
            client.connection.close()
            del self._clients[client]
            self._metrics.connections.dec()

    async def _send(self) -> None:
        """Send clients what is not of new pictures, round after round: first images, heartbeats, what was conflated."""
        while True:
            await self._serving.wait_until_ready()
            began = thread_time()
            await self._flush()
            await asyncio.sleep(pause_after(began))

    async def _flush(self) -> None:
        """Send clients what there is for them. It is a part of the hub's rounds, so a long one has a pause as long."""
        for count, client in enumerate(self._serving.take_ready(), 1):
            client.flush()
            if count % _WRITES_AT_ONCE == 0:
                await asyncio.sleep(0)

    async def _close(self) -> None:
        self._hub.close()
        for feed in self._feeds:
            feed.close()
        for client in list(self._clients):
            client.connection.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _draw_market(view: View) -> MarketPicture:
    assert isinstance(view, PriceView)
    return view.picture()


def _draw_bets(view: View) -> CustomerBets:
    assert isinstance(view, BetView)
    return view.picture()
