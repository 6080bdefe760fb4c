import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry

from evens.edges.jobs.addresses import Destinations
from evens.edges.jobs.deliverer import Deliverer, Pace
from evens.edges.jobs.messages import Secrets
from evens.edges.jobs.metrics import DeliveryMetrics
from evens.edges.jobs.sending import Sender
from evens.identity.keys import InstallationKeys
from evens.store.database import Database
from evens.store.deliveries import DeliveryStatus
from evens.store.outbox import Delivery, Outbox
from evens.store.wallets.notices import Topic
from tests.edges.conftest import TRUST
from tests.jobs.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

_POST = "SELECT evens.post_notices($1::bigint[], $2::bigint[], $3::text[], $4::text[])"


async def until(is_so: "Callable[[], Awaitable[bool]]") -> None:
    """Poll until a condition holds."""
    async with asyncio.timeout(10):
        while True:
            if await is_so():
                return
            await asyncio.sleep(0.01)


@pytest.fixture
def secrets() -> Secrets:
    return Secrets(InstallationKeys(bytes(range(32))))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver.open() as receiver:
        yield receiver


@pytest.fixture
async def sender(secrets: Secrets) -> AsyncIterator[Sender]:
    """A sender that may send to this machine."""
    async with Sender(Destinations(allow_private=True), secrets, ssl_context=TRUST) as sender:
        yield sender


@dataclass
class DeliveryHarness:
    """An outbox with its deliverer, and what tests do with them."""

    database: Database
    outbox: Outbox
    sender: Sender
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.metrics = DeliveryMetrics(self.registry)

    def deliverer(self, pace: Pace | None = None) -> Deliverer:
        return Deliverer(self.outbox, self.sender, self.metrics, pace)

    @asynccontextmanager
    async def delivering(self, pace: Pace | None = None) -> "AsyncGenerator[Deliverer]":
        deliverer = self.deliverer(pace)
        running = asyncio.create_task(deliverer.run())
        try:
            yield deliverer
        finally:
            deliverer.stop()
            await running

    async def subscribe(self, webhook: str, receiver: Receiver, topic: Topic = Topic.ACCOUNT_FUNDED) -> None:
        await self.outbox.subscribe(webhook, url=receiver.url, topics=[topic], created_by="operator:test", request="")

    async def post(self, *data: str, topic: Topic = Topic.ACCOUNT_FUNDED, at: int = 1_800_000_000_000_000_000) -> None:
        count = len(data)
        async with self.database.connection() as connection:
            await connection.execute(_POST, [1] * count, [at] * count, [topic] * count, list(data))

    async def deliveries(self, webhook: str) -> list[Delivery]:
        return await self.outbox.deliveries(webhook, list(DeliveryStatus), limit=200)

    async def statuses(self, webhook: str) -> list[DeliveryStatus]:
        return [delivery.status for delivery in await self.deliveries(webhook)]

    async def wait_for(self, webhook: str, *statuses: DeliveryStatus) -> list[Delivery]:
        """Wait until the webhook's deliveries have these statuses, newest first."""

        async def stand() -> bool:
            return await self.statuses(webhook) == list(statuses)

        await until(stand)
        return await self.deliveries(webhook)

    async def tried(self, webhook: str) -> Delivery:
        """Wait until an attempt at the webhook's newest delivery is recorded."""

        async def is_tried() -> bool:
            return (await self.deliveries(webhook))[0].last_tried_at is not None

        await until(is_tried)
        return (await self.deliveries(webhook))[0]

    def attempts(self, outcome: str) -> float:
        return self.registry.get_sample_value("evens_webhook_attempts_total", {"outcome": outcome}) or 0


@pytest.fixture
def harness(database: Database, sender: Sender) -> DeliveryHarness:
    return DeliveryHarness(database, Outbox(database), sender)
