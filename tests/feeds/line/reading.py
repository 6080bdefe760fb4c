"""A feed that reads a provider in memory for a house without money, with a clock that tests move."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry
from standardwebhooks import Webhook

from evens.feeds.line.desk import LineDesk
from evens.feeds.line.feed import LineFeed
from evens.feeds.line.intake import LineIntake
from evens.feeds.line.metrics import LineMetrics
from evens.feeds.line.sharing import Shelf
from evens.feeds.line.sources.evens import EvensSource
from evens.feeds.upstream import Upstream
from tests.feeds.line.house_twin import HouseTwin
from tests.feeds.line.provider_stub import SECRET, ProviderStub

S = 10**9


class Clock:
    """Both clocks of a feed: nanoseconds that go on when told to."""

    def __init__(self) -> None:
        self.ns = 1_700_000_000 * S

    def __call__(self) -> int:
        return self.ns


@dataclass
class Reading:
    """A provider, the house, and what reads between them."""

    provider: ProviderStub
    house: HouseTwin
    feed: LineFeed
    intake: LineIntake
    clock: Clock
    desk: LineDesk
    registry: CollectorRegistry

    def figure(self, name: str, **labels: str) -> float | None:
        """Return a figure of the feed."""
        return self.registry.get_sample_value(name, labels)

    async def pass_s(self, seconds: float) -> None:
        """Let time pass, and the feed do what is due then."""
        self.clock.ns += round(seconds * S)
        await self.feed.tick("main")

    async def deliver(self, body: bytes) -> None:
        """Have a message of the provider taken in."""
        await self.intake.take(signed(body), body)

    @property
    def is_fresh(self) -> bool:
        """Whether the line was confirmed within 3 s."""
        as_of = self.feed.as_of("main")
        return as_of is not None and self.clock.ns - as_of <= 3 * S


def signed(body: bytes, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    """Return the headers of a signed message."""
    at = at or datetime.now(UTC)
    signature = Webhook(secret).sign("msg_1", at, body.decode())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
        "content-type": "application/json",
    }


def other_secret() -> str:
    """Return a secret that no provider has."""
    return "whsec_" + base64.b64encode(bytes(24)).decode()


def feed_of(
    provider: ProviderStub,
    house: HouseTwin,
    clock: Clock,
    shelf: Shelf | None = None,
    registry: CollectorRegistry | None = None,
) -> tuple[LineFeed, LineIntake, LineDesk]:
    """Return a feed that reads the provider for the house."""
    metrics = LineMetrics(registry or CollectorRegistry())

    async def sleep(_: float) -> None:
        await asyncio.sleep(0)

    desk = LineDesk(house, house, metrics, sleep)
    webhook = "http://127.0.0.1:9/v1/sportsbook/webhooks/line"
    source = EvensSource(
        "main", Upstream(provider.url), desk, house, webhook, lambda: "key", shelf=shelf, wall_clock=clock
    )
    feed = LineFeed([source], desk, house, metrics, clock=clock, wall_clock=clock)
    return feed, LineIntake(feed, metrics), desk


@asynccontextmanager
async def reading(house: HouseTwin | None = None, shelf: Shelf | None = None) -> AsyncGenerator[Reading]:
    """Read a provider that has one event, m-1, until the end of the block."""
    house, clock, registry = house or HouseTwin(), Clock(), CollectorRegistry()
    async with ProviderStub().serving() as provider:
        feed, intake, desk = feed_of(provider, house, clock, shelf, registry)
        try:
            yield Reading(provider, house, feed, intake, clock, desk, registry)
        finally:
            await feed.close()
