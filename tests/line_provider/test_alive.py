"""The sign of life comes every ten seconds, whatever happens, and at once for somebody new."""

import asyncio
from typing import Any, cast

import pytest

from line_provider import alive
from line_provider.alive import Alive
from tests.waiting import until

pytestmark = pytest.mark.anyio


class Webhook:
    """Somebody who wants to know."""

    id, url = "whk_1", "http://127.0.0.1:9"


class Provider:
    """A store with one webhook, and what is sent to it."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def webhooks(self) -> list[Webhook]:
        return [Webhook()]

    async def last_change(self) -> int:
        return 7

    async def send(self, _id: str, _url: str, message: Any) -> None:
        self.sent.append(message.body)


class Impatient:
    """Stands for ``asyncio``, whose first two waits are over at once; ``waits`` are the seconds of all."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    def timeout(self, seconds: float) -> asyncio.Timeout:
        self.waits.append(seconds)
        return asyncio.timeout(0 if len(self.waits) < 3 else 60)


async def test_it_comes_every_ten_seconds_and_at_once_for_somebody_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 8, 1: `alive` every 10 s."""
    provider, clock = Provider(), Impatient()
    sign = Alive(cast("Any", provider), cast("Any", provider))
    monkeypatch.setattr(alive, "asyncio", clock)
    running = asyncio.create_task(sign.run())
    await until(lambda: len(provider.sent) == 3)
    assert clock.waits == [10, 10, 10]
    sign.hurry()
    await until(lambda: len(provider.sent) == 4)
    sign.stop()
    await running
    assert all('"type":"alive"' in each and '"change":7' in each for each in provider.sent)
