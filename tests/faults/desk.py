"""An operator's desk at a real server: pays over HTTP, remembers what was acknowledged, and asks for it afterwards."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.cli.program import Server

CASH = "1000.00"


@dataclass(slots=True)
class Desk:
    """Payments made at a server. ``asked`` are all by key, ``acknowledged`` those that were answered with 201."""

    http: httpx2.AsyncClient
    asked: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    statuses: dict[int, int] = field(default_factory=dict[int, int])

    async def customers(self, count: int, cash: str = CASH, prefix: str = "c") -> list[str]:
        """Register customers with this much USD and return their ids."""
        ids: list[str] = []
        for number in range(count):
            user = await self.post("/v1/users", {"username": f"{prefix}{number}"})
            ids.append(user.json()["id"])
            deposit = await self.post("/v1/deposits", {"user_id": ids[-1], "amount": cash, "currency": "USD"})
            assert deposit.status_code == 201, deposit.text
        return ids

    async def post(self, path: str, body: dict[str, Any], key: str | None = None) -> httpx2.Response:
        """POST under a key."""
        return await self.http.post(path, json=body, headers={} if key is None else {"Idempotency-Key": key})

    async def pay(self, key: str, payer: str, payee: str, amount: str) -> httpx2.Response | None:
        """Pay under a key and remember what was answered; ``None`` if nothing was."""
        body = {"from_user_id": payer, "to_user_id": payee, "amount": amount, "currency": "USD"}
        self.asked[key] = body
        try:
            answer = await self.post("/v1/transfers", body, key)
        except httpx2.HTTPError:
            return None
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        if answer.status_code == 201:
            self.acknowledged[key] = answer.json()
        return answer

    async def pay_until(self, stop: asyncio.Event, customers: Sequence[str], name: str) -> None:
        """Pay between customers, one payment after another, until told to stop."""
        chance = random.Random(name)
        number = 0
        while not stop.is_set():
            payer, payee = chance.sample(customers, 2)
            answer = await self.pay(f"{name}-{number}", payer, payee, f"0.{chance.randrange(1, 99):02}")
            number += 1
            if answer is None or answer.status_code == 503:
                await asyncio.sleep(0.02)

    async def cash(self, customer: str) -> str:
        """Return a customer's cash in USD."""
        answer = await self.http.get(f"/v1/users/{customer}/balance", params={"currency": "USD"})
        assert answer.status_code == 200, answer.text
        return answer.json()["cash"]

    async def settle(self) -> None:
        """Ask for everything once more under the same keys: what was acknowledged is a replay, the rest is done now."""
        for key, body in self.asked.items():
            answer = await self.post("/v1/transfers", body, key)
            assert answer.status_code == 201, (key, answer.text)
            first = self.acknowledged.get(key)
            if first is not None:
                assert answer.headers.get("Idempotency-Replayed") == "true", key
                assert answer.json() == first, key
            self.acknowledged[key] = answer.json()
        transactions = [answer["id"] for answer in self.acknowledged.values()]
        assert len(set(transactions)) == len(self.asked)


@asynccontextmanager
async def desk_at(server: Server, connections: int = 100) -> AsyncGenerator[Desk]:
    """Open a desk with the server's own operator key."""
    # The server closes a connection that was idle for 5 s; whoever sends on it at that moment hears nothing.
    limits = httpx2.Limits(max_connections=connections, keepalive_expiry=2)
    headers = {"Authorization": f"Bearer {server.key}"}
    async with httpx2.AsyncClient(base_url=server.url, headers=headers, limits=limits, timeout=30) as http:
        yield Desk(http)


async def until(holds: Callable[[], bool], patience_s: float = 60) -> None:
    """Wait until something comes to hold."""
    async with asyncio.timeout(patience_s):
        while True:
            if holds():
                return
            await asyncio.sleep(0.01)


async def until_so(asks: Callable[[], Awaitable[bool]], patience_s: float = 60) -> None:
    """Wait until something one has to ask for comes to be so."""
    async with asyncio.timeout(patience_s):
        while True:
            if await asks():
                return
            await asyncio.sleep(0.01)


async def ready(desk: Desk, patience_s: float = 60) -> None:
    """Wait until the server says that it is ready."""
    async with asyncio.timeout(patience_s):
        while True:
            try:
                if (await desk.http.get("/readyz")).status_code == 200:
                    return
            except httpx2.HTTPError:
                pass
            await asyncio.sleep(0.05)
