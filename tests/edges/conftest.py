"""The house with its doors open: the real application over a real database, spoken to in-process."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI

from evens.console_settings import parse_two_operators
from evens.core.values.ids import CustomerId
from evens.edges.http.app import create_app
from evens.edges.http.challenges.links import ChallengeLinks
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.metrics import Metrics
from evens.edges.http.protocol.two_operators import Kind
from evens.edges.http.reads import Reads
from evens.edges.http.services import HttpSettings, Services, compose_services
from evens.edges.jobs.addresses import Destinations
from evens.edges.jobs.messages import Secrets
from evens.edges.jobs.sending import Sender
from evens.edges.jobs.webhooks import Webhooks
from evens.identity.keys import InstallationKeys
from evens.identity.passwords import Argon2Cost, Passwords
from evens.identity.principal import CONSOLE, Role
from evens.identity.service import Identity
from evens.program.chain import ChainParts, edge_of, open_chain
from evens.program.in_process import InProcessGateway
from evens.settings import Settings
from evens.store.database import Database
from evens.store.identity import IdentityTables
from evens.store.outbox import Outbox
from tests.cli.program import Ended, run
from tests.cli.terminal import at_terminal
from tests.conftest import Stage
from tests.settings import usual_settings

CHEAP = Argon2Cost(memory_kib=64, passes=1)

TRUST = ssl.create_default_context()
"""What senders of webhooks trust. Reading the machine's certificates takes longer than most tests: once is enough."""


@dataclass(slots=True)
class Caller:
    """Somebody with a credential, and the few ways in which they talk to the house."""

    http: httpx2.AsyncClient
    bearer: str | None = None
    customer: CustomerId | None = None
    username: str = ""

    @property
    def id(self) -> str:
        """The public id of the account they act for."""
        return f"usr_{self.customer}"

    async def get(self, path: str, **query: Any) -> httpx2.Response:
        return await self.http.get(path, params=query or None, headers=self._headers({}))

    async def post(
        self, path: str, body: Any = None, *, key: str | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        extra = dict(headers or {})
        if key is not None:
            extra["Idempotency-Key"] = key
        return await self.http.post(path, json=body, headers=self._headers(extra))

    async def put(self, path: str, body: Any = None, *, key: str | None = None) -> httpx2.Response:
        extra = {} if key is None else {"Idempotency-Key": key}
        return await self.http.put(path, json=body, headers=self._headers(extra))

    async def patch(self, path: str, body: Any = None, *, key: str | None = None) -> httpx2.Response:
        extra = {} if key is None else {"Idempotency-Key": key}
        return await self.http.patch(path, json=body, headers=self._headers(extra))

    async def delete(self, path: str, body: Any = None, *, key: str | None = None, **query: Any) -> httpx2.Response:
        extra = {} if key is None else {"Idempotency-Key": key}
        headers = self._headers(extra)
        return await self.http.request("DELETE", path, json=body, params=query or None, headers=headers)

    def _headers(self, extra: Mapping[str, str]) -> dict[str, str]:
        return {**extra, **({} if self.bearer is None else {"Authorization": f"Bearer {self.bearer}"})}


@dataclass(slots=True)
class OpenHouse:
    """A running house: the application, what it works with, and people to play with."""

    stage: Stage
    database: Database
    services: Services
    app: FastAPI
    http: httpx2.AsyncClient
    chain: ChainParts | None = None

    @property
    def nobody(self) -> Caller:
        """Somebody without a credential."""
        return Caller(self.http)

    async def someone(self, role: Role, name: str) -> Caller:
        """Return the holder of an API key that acts for no customer."""
        made = await self.services.identity.create_api_key(CONSOLE, role=role, name=name)
        return Caller(self.http, made.key, None, name)

    async def user(self, username: str, password: str) -> Caller:
        """Register somebody through the front door; they hold a session's access token."""
        body = {"username": username, "email": f"{username}@example.com", "password": password}
        answer = await self.http.post("/v1/auth/register", json=body)
        tokens = answer.json()
        return Caller(
            self.http, tokens["access_token"], CustomerId(int(tokens["user"]["id"].removeprefix("usr_"))), username
        )

    async def customer(self, username: str, **cash: int) -> Caller:
        """Register a customer with this much cash in each currency, in minor units."""
        customer = await self.stage.customer(username, **cash)
        made = await self.services.identity.create_api_key(CONSOLE, role=Role.CUSTOMER, customer=customer)
        return Caller(self.http, made.key, customer, username)


@dataclass(frozen=True)
class Desk:
    """Somebody at a terminal, with the address of the house and a key."""

    url: str
    caller: Caller

    @property
    def env(self) -> dict[str, str]:
        """What says where the house is, and who asks."""
        assert self.caller.bearer is not None
        return {"EVENS_URL": self.url, "EVENS_API_KEY": self.caller.bearer}

    async def call(self, *arguments: str) -> Ended:
        """Run a command to its end."""
        return await asyncio.to_thread(lambda: run(*arguments, env=self.env))

    async def look(self, *arguments: str, columns: int) -> str:
        """Run a command that must succeed in a terminal as wide as is said, and return what is to be seen."""

        def see() -> str:
            with at_terminal(*arguments, columns=columns, env=self.env) as terminal:
                assert terminal.ends() == 0, terminal.text
            return terminal.text

        return await asyncio.to_thread(see)

    async def ask(self, *arguments: str) -> Any:
        """Run a command that must succeed, and return its JSON document."""
        ended = await self.call(*arguments, "--json")
        assert ended.code == 0, ended
        return ended.document


def talking_to(app: FastAPI) -> httpx2.AsyncClient:
    """Return a client that calls the application directly."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://house")


@pytest.fixture
def settings() -> Settings:
    """What the house's operator has chosen; a folder of tests may choose otherwise."""
    return usual_settings()


@pytest.fixture
async def house(stage: Stage, database: Database, settings: Settings) -> AsyncIterator[OpenHouse]:
    """Open the doors of a house with USD, EUR and USDC."""
    reads = Reads.on(database)
    keys = InstallationKeys(bytes(32))
    passwords = Passwords(CHEAP)
    sender = Sender(Destinations(allow_private=True), Secrets(keys), ssl_context=TRUST)
    gateway = InProcessGateway(stage.inbox, reads.wallets)
    metrics, currencies = Metrics(), Currencies(await reads.wallets.currencies())
    chain = open_chain(settings, gateway, database, currencies, metrics.registry)
    services = compose_services(
        gateway,
        reads,
        Identity(IdentityTables(database), keys, passwords=passwords),
        Webhooks(Outbox(database), sender),
        challenge_links=ChallengeLinks(keys, "https://bets.example/"),
        metrics=metrics,
        currencies=currencies,
        chain=edge_of(chain, settings, reads.wallets),
        settings=HttpSettings(
            public_url="http://localhost",
            two_operators={Kind(kind): above for kind, above in parse_two_operators(settings.two_operators).items()},
        ),
    )
    gateway.leading(stage.sequencer.house.seq, 0)
    stage.observer.gateways.append(gateway)
    app = create_app(services)
    async with talking_to(app) as http:
        yield OpenHouse(stage, database, services, app, http, chain)
    await sender.close()
    services.identity.close()


@pytest.fixture
async def operator(house: OpenHouse) -> Caller:
    """Somebody who runs the house."""
    return await house.someone(Role.OPERATOR, "desk")


@pytest.fixture
async def ada(house: OpenHouse) -> Caller:
    """A customer with 100.00 USD."""
    return await house.customer("ada", USD=100_00)


@pytest.fixture
async def bob(house: OpenHouse) -> Caller:
    """A customer with nothing."""
    return await house.customer("bob")


@pytest.fixture
async def desk(house: OpenHouse, operator: Caller) -> AsyncIterator[Desk]:
    """Let the house listen, and an operator sit down at a terminal."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(house.app, log_level="error", lifespan="off"))
        served = asyncio.create_task(server.serve([listening]))
        yield Desk(f"http://127.0.0.1:{listening.getsockname()[1]}", operator)
        server.should_exit = True
        await served
