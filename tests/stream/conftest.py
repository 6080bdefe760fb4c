"""A server with its stream for tests: the real server on a real database, with real sockets."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from evens.core.commands.every import Command
from evens.core.commands.exchange import CreateMarket
from evens.core.commands.wallets import Deposit, RegisterCustomer
from evens.core.receipts import Receipt
from evens.core.values.betting import MarketTerms
from evens.core.values.ids import CustomerId, MarketId, Rail
from evens.edges.http.app import create_app
from evens.edges.stream.stream import PATH, StreamSettings
from evens.identity.keys import InstallationKeys
from evens.identity.principal import CONSOLE, Role
from evens.program.postgres import Postgres
from evens.program.server import House, open_house, server_of
from evens.settings import Settings
from evens.store.database import Database
from evens.store.exchange.snapshots import Snapshots
from tests.conftest import Dsns
from tests.edges.conftest import Caller, talking_to
from tests.settings import usual_settings
from tests.stream.client import Client, connected

BET_DELAY_MS = 50
PATIENCE_S = 30
RUNNERS = ("Ann", "Bo", "Cy")

SETTINGS = StreamSettings(pause_s=0.005, heartbeat_s=0.1, stalled_after_s=1.0, connections_max=60, subscriptions_max=5)


@dataclass(slots=True)
class StreamServer:
    """A server with its stream, and what tests do with it."""

    house: House
    http: httpx2.AsyncClient
    server: uvicorn.Server
    port: int
    snapshots: Snapshots

    @property
    def url(self) -> str:
        """Where the stream is."""
        return f"ws://127.0.0.1:{self.port}{PATH}"

    def connected(self, **options: Any) -> AbstractAsyncContextManager[Client]:
        """Open a connection."""
        return connected(self.url, **options)

    async def book(self, command: Command) -> Receipt:
        """Book a command."""
        gateway = self.house.services.gateway
        receipt, _replayed = await gateway.submit(command, command_id=os.urandom(16), actor="operator:test")
        return receipt

    async def deposit(self, customer: CustomerId, amount_minor: int) -> int:
        """Give a customer USD; return the place of that in the journal."""
        return (await self.book(Deposit(customer, "USD", amount_minor, Rail.DESK))).seq

    async def customer(self, username: str, cash_minor: int = 10**9) -> Caller:
        """Register a customer with this much USD, in minor units."""
        customer = CustomerId((await self.book(RegisterCustomer(username))).seq)
        await self.deposit(customer, cash_minor)
        made = await self.house.services.identity.create_api_key(CONSOLE, role=Role.CUSTOMER, customer=customer)
        return Caller(self.http, made.key, customer, username)

    async def customers(self, count: int) -> list[CustomerId]:
        """Register customers with plenty of USD, and return their ids."""
        return [id_of(await self.customer(f"customer{number}")) for number in range(count)]

    async def someone(self, role: Role) -> Caller:
        """Return the holder of an API key that acts for no customer."""
        made = await self.house.services.identity.create_api_key(CONSOLE, role=role, name=role)
        return Caller(self.http, made.key, None, role)

    async def market(self, runners: tuple[str, ...] = RUNNERS, *, cross_matching: bool = False) -> MarketId:
        """Open a market and return its id."""
        terms = MarketTerms("Winner", runners, 1, 0, 100, bet_delay_ms=BET_DELAY_MS, cross_matching=cross_matching)
        return MarketId((await self.book(CreateMarket("USD", terms))).seq)

    async def wait_until_idle(self, market: MarketId) -> None:
        """Wait until a market has no delayed order and no work that is done in parts."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                snapshot = await self.snapshots.market(market)
                assert snapshot is not None
                if not snapshot.delayed and not snapshot.market.stage:
                    return

    def metric(self, name: str, **labels: str) -> float:
        """Return the current value of a metric of the stream."""
        registry = self.house.services.metrics.registry
        return registry.get_sample_value(f"evens_stream_{name}", labels) or 0.0


def id_of(who: Caller) -> CustomerId:
    """Return the id of the customer for whom somebody acts."""
    assert who.customer is not None
    return who.customer


async def until(holds: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if holds():
                return
            await asyncio.sleep(0.005)


@asynccontextmanager
async def opened(
    dsns: Dsns, settings: StreamSettings = SETTINGS, chosen: Settings | None = None
) -> AsyncGenerator[StreamServer]:
    """Start a server with its stream on a database; if another server leads there, this one stands by."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    database = await Database.open(dsns.app)
    postgres = Postgres(dsns.owner, dsns.app, Path())
    async with open_house(
        postgres, chosen or usual_settings(), InstallationKeys(bytes(32)), f"http://127.0.0.1:{port}", settings
    ) as house:
        app = create_app(house.services)
        server = server_of(house, app)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await house.opened()
        await until(lambda: server.started)
        async with talking_to(app) as http:
            yield StreamServer(house, http, server, port, Snapshots(database))
        server.should_exit = True
        await serving
    await database.close()


@pytest.fixture
def stream_settings() -> StreamSettings:
    """Return the settings of the stream; a test module may override them."""
    return SETTINGS


@pytest.fixture
async def streaming(dsns: Dsns, stream_settings: StreamSettings) -> AsyncIterator[StreamServer]:
    """Start a server with its stream."""
    async with opened(dsns, stream_settings) as streaming:
        yield streaming
