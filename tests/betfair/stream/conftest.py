"""The Exchange Stream of a real server on a real database, and clients with real sockets."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from evens.edges.betfair.stream.serving import StreamLimits
from evens.edges.betfair.stream.stream import BetfairStream
from evens.edges.stream.metrics import StreamMetrics
from evens.store.database import Database
from evens.store.exchange.followed import FollowedMarkets
from tests.betfair.stream.naive_client import MarketCopy
from tests.conftest import Dsns
from tests.stream.conftest import PATIENCE_S, StreamServer, opened

LIMITS = StreamLimits(pause_s=0.005, handshake_s=0.5, silent_s=1, stalled_after_s=1.0, connections_per_caller_max=3)

Message = dict[str, Any]

# It has no stubs.
stream_decode: Any = import_module("betfair_parser.spec.streaming").stream_decode


@dataclass(slots=True)
class LineClient:
    """A client with a socket, which reads and writes lines."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    markets: dict[str, MarketCopy] = field(default_factory=dict[str, MarketCopy])

    async def send(self, op: str, **fields: Any) -> None:
        """Send a request."""
        await self.send_raw(json.dumps({"op": op, **fields}).encode() + b"\r\n")

    async def send_raw(self, text: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(text)
        await self.writer.drain()

    async def receive(self) -> Message:
        """Return the next message; Betfair's strict decoder has to know every field of it."""
        async with asyncio.timeout(PATIENCE_S):
            text = await self.reader.readline()
        assert text.endswith(b"\r\n"), text
        stream_decode(text)
        return json.loads(text)

    async def ask(self, op: str, **fields: Any) -> Message:
        """Send a request and return its status."""
        await self.send(op, **fields)
        while (answer := await self.receive())["op"] != "status":
            pass
        return answer

    async def authenticate(self, session: str | None) -> Message:
        """Say who the client is."""
        return await self.ask("authentication", id=1, appKey="app", session=session)

    async def follow(self, **fields: Any) -> Message:
        """Subscribe to markets, and return the first message, applied."""
        status = await self.ask("marketSubscription", id=7, **fields)
        assert status["statusCode"] == "SUCCESS", status
        return await self.next_change()

    async def next_change(self) -> Message:
        """Return the next message that is no heartbeat, applied."""
        while (message := await self.receive()).get("ct") == "HEARTBEAT":
            pass
        for entry in message.get("mc", ()):
            self.markets.setdefault(entry["id"], MarketCopy()).take(entry)
        return message

    async def ended(self) -> list[Message]:
        """Return what comes until the server ends the connection."""
        found: list[Message] = []
        async with asyncio.timeout(PATIENCE_S):
            try:
                while text := await self.reader.readline():
                    found.append(json.loads(text))
            except ConnectionError:
                pass
        return found


@dataclass(slots=True)
class BetfairServer:
    """An Exchange Stream beside the server whose commits it tells of."""

    house: StreamServer
    stream: BetfairStream
    port: int
    registry: CollectorRegistry

    @asynccontextmanager
    async def connected(
        self, session: str | None = None, receive_buffer: int | None = None
    ) -> AsyncGenerator[LineClient]:
        """Open a connection, and authenticate if there is a session."""
        connection = socket.socket()
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.connect(("127.0.0.1", self.port))
        reader, writer = await asyncio.open_connection(sock=connection, limit=2**24)
        client = LineClient(reader, writer)
        try:
            assert set(await client.receive()) == {"op", "connectionId"}
            if session is not None:
                assert (await client.authenticate(session))["statusCode"] == "SUCCESS"
            yield client
        finally:
            writer.close()

    async def session(self, name: str = "ann") -> str:
        """Return the API key of a new customer, which is as good as a session."""
        return (await self.house.customer(name)).bearer or ""

    def metric(self, name: str, **labels: str) -> float:
        """Return the current value of a metric of the Exchange Stream."""
        return self.registry.get_sample_value(f"evens_betfair_stream_{name}", labels) or 0.0


@asynccontextmanager
async def betfair_beside(
    house: StreamServer, database: Database, limits: StreamLimits = LIMITS, context: ssl.SSLContext | None = None
) -> AsyncGenerator[BetfairServer]:
    """Run an Exchange Stream beside a server, in plain text unless there is a context for TLS."""
    registry, services = CollectorRegistry(), house.house.services
    stream = BetfairStream(
        house.snapshots,
        FollowedMarkets(database),
        services.currencies,
        services.identity,
        services.throttle,
        StreamMetrics(registry),
        registry,
        limits,
    )
    services.gateway.follow(stream)
    listener = socket.create_server(("127.0.0.1", 0))
    acceptor = stream.listen(listener, house.house.places, context)
    running = asyncio.create_task(stream.run())
    try:
        yield BetfairServer(house, stream, listener.getsockname()[1], registry)
    finally:
        acceptor.close()
        stream.stop()
        await running


@pytest.fixture
async def betfair(dsns: Dsns) -> AsyncIterator[BetfairServer]:
    """Start a server with its Exchange Stream."""
    database = await Database.open(dsns.app)
    async with opened(dsns) as house, betfair_beside(house, database) as betfair:
        yield betfair
    await database.close()
