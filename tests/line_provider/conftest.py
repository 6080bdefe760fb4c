"""The line provider over a real database, spoken to in-process, with a receiver on loopback."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from evens.core.values.moments import SECOND_NS, format_time
from evens.identity.keys import InstallationKeys
from evens.store.embedded import PROVIDER_ROLE
from evens.store.migrate import migrate
from line_provider.app import create_app
from line_provider.provider import Provider, compose
from line_provider.store import SCHEMA
from tests.conftest import Dsns
from tests.edges.conftest import talking_to
from tests.jobs.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

KEY = "evl_test"


def in_s(seconds: float) -> str:
    return format_time(time.time_ns() + int(seconds * SECOND_NS))


@dataclass
class Line:
    """A provider and its operator."""

    provider: Provider
    http: httpx2.AsyncClient
    dsn: str

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        return await self.http.request(method, path, json=body, headers={"Authorization": f"Bearer {KEY}", **headers})

    async def publish(self, event_id: str, **more: Any) -> dict[str, Any]:
        form = more if {"selections", "markets"} & more.keys() else {"coefficient": "1.50", **more}
        answer = await self.ask("POST", "/events", {"id": event_id, "title": "Rain?", "deadline": in_s(60), **form})
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def change(self, event_id: str, **body: Any) -> httpx2.Response:
        return await self.ask("PATCH", f"/events/{event_id}", body)

    @asynccontextmanager
    async def working(self) -> "AsyncGenerator[None]":
        tasks = [asyncio.create_task(job.run()) for job in self.provider.jobs.values()]
        try:
            yield
        finally:
            for job in self.provider.jobs.values():
                job.stop()
            await asyncio.gather(*tasks)


@asynccontextmanager
async def provider_on(dsns: Dsns) -> "AsyncGenerator[tuple[Provider, str]]":
    """Open a provider on a database, whose address as the provider is yielded, too."""
    await migrate(dsns.owner, SCHEMA)
    dsn = dsns.owner.replace("evens_owner", PROVIDER_ROLE)
    provider = await compose(dsn, InstallationKeys(bytes(32)), KEY)
    yield provider, dsn
    await provider.close()


@pytest.fixture
async def line(dsns: Dsns) -> AsyncIterator[Line]:
    async with provider_on(dsns) as (provider, dsn), talking_to(create_app(provider.services)) as http:
        yield Line(provider, http, dsn)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver.open() as receiver:
        yield receiver
