"""Bettors at a real server's exchange: they bet over HTTP, keep every answer, and ask for it all again afterwards."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.faults.desk import Desk

RUNNERS = ("1", "2", "3")
QUIET_RUNNER = "4"
"""Nobody bets on it by chance."""

ODDS = ("1.95", "1.98", "2.00", "2.02", "2.04")
CASH = "10000.00"
FINAL_STATUSES = frozenset({200, 201, 402, 409, 422})
"""What bettors can be told: done, or refused for good. A stake that is too small for what is matched is a 422."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that changes something."""

    method: str
    path: str
    body: dict[str, Any] | None = None


@dataclass(slots=True)
class Bettors:
    """Customers who bet in one market. They outlive the server, so whoever asks says at which desk.

    ``asked`` and ``answered`` are requests and their final answers by key; ``orders`` every order that an answer ever
    told of, as it was first told.
    """

    customers: list[str]
    market: str
    asked: dict[str, Asked] = field(default_factory=dict[str, Asked])
    answered: dict[str, httpx2.Response] = field(default_factory=dict[str, httpx2.Response])
    orders: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    statuses: Counter[int] = field(default_factory=Counter[int])

    async def ask(self, desk: Desk, key: str, asked: Asked) -> httpx2.Response:
        """Ask under a key and remember a final answer. Raises ``httpx2.HTTPError`` if there is no answer at all."""
        self.asked[key] = asked
        headers = {"Idempotency-Key": key}
        answer = await desk.http.request(asked.method, asked.path, json=asked.body, headers=headers)
        self.statuses[answer.status_code] += 1
        results = list(_results(answer))
        for order in results:
            if "id" in order:
                self.orders.setdefault(order["id"], order)
        if answer.status_code != 503 and all(each.get("status") != 503 for each in results):
            self.answered[key] = answer
        return answer

    async def do(self, desk: Desk, key: str, asked: Asked) -> dict[str, Any]:
        """Ask for something that is done, and return what is told of it."""
        answer = await self.ask(desk, key, asked)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    async def bet_until(self, desk: Desk, stop: asyncio.Event, name: str) -> None:
        """Place, change and take back orders, one request after another, until told to stop."""
        chance = random.Random(name)
        number = 0
        while not stop.is_set():
            asked = self._think_of(chance)
            try:
                refused = (await self.ask(desk, f"{name}-{number}", asked)).status_code == 503
            except httpx2.HTTPError:
                refused = True
            number += 1
            if refused:
                await asyncio.sleep(0.02)

    async def queue_up(self, desk: Desk, name: str) -> None:
        """Let three back the quiet runner, one behind the other; the first then takes less and keeps the place."""
        told: list[dict[str, Any]] = []
        for place, customer in enumerate(self.customers[:3]):
            order = self.order(customer, QUIET_RUNNER, "back", "3.00", f"{place + 2}.00")
            told.append(await self.do(desk, f"{name}-queue-{place}", Asked("POST", "/v1/exchange/orders", order)))
        smaller = Asked("PUT", f"/v1/exchange/orders/{told[0]['id']}", {"stake": "1.50"})
        await self.do(desk, f"{name}-queue-smaller", smaller)

    async def ask_again(self, desk: Desk, at_once: int = 50) -> None:
        """Ask for everything under the same keys: what was answered is told once more, the rest is done now."""
        keys = list(self.asked)
        for first in range(0, len(keys), at_once):
            await asyncio.gather(*(self._ask_again(desk, key) for key in keys[first : first + at_once]))

    async def _ask_again(self, desk: Desk, key: str) -> None:
        asked, first = self.asked[key], self.answered.get(key)
        answer = await self.ask(desk, key, asked)
        assert answer.status_code in FINAL_STATUSES, (key, answer.text)
        assert key in self.answered, (key, answer.text)
        if first is not None:
            assert answer.status_code == first.status_code, key
            assert answer.headers.get("Idempotency-Replayed") == "true", key
            assert answer.json() == first.json(), key

    def forget(self) -> None:
        """Forget which requests were made, and keep the orders that came of them."""
        self.asked, self.answered = {}, {}

    def order(
        self, customer: str, runner: str, side: str, odds: str, stake: str, time_in_force: str = "gtc"
    ) -> dict[str, str]:
        """Return the body of an order."""
        return {
            "market_id": self.market,
            "runner_id": runner,
            "side": side,
            "odds": odds,
            "stake": stake,
            "time_in_force": time_in_force,
            "user_id": customer,
        }

    def _think_of(self, chance: random.Random) -> Asked:
        thought = chance.random()
        if thought < 0.1:
            return Asked("POST", "/v1/exchange/orders/batch", {"orders": [self._any_order(chance) for _ in range(5)]})
        latest = [order["id"] for order in list(self.orders.values())[-50:] if order["runner_id"] != QUIET_RUNNER]
        if thought < 0.6 or not latest:
            return Asked("POST", "/v1/exchange/orders", self._any_order(chance))
        path = f"/v1/exchange/orders/{chance.choice(latest)}"
        if thought < 0.7:
            return Asked("DELETE", path)
        if thought < 0.8:
            return Asked("DELETE", f"{path}?reduce_by=0.37")
        if thought < 0.9:
            return Asked("PUT", path, {"odds": chance.choice(ODDS)})
        return Asked("PUT", path, {"stake": f"{chance.randrange(1, 6)}.50"})

    def _any_order(self, chance: random.Random) -> dict[str, str]:
        return self.order(
            chance.choice(self.customers),
            chance.choice(RUNNERS),
            chance.choice(("back", "lay")),
            chance.choice(ODDS),
            f"{chance.randrange(1, 6)}.{chance.randrange(100):02}",
            chance.choice(("gtc",) * 5 + ("fok",)),
        )


async def bettors_at(desk: Desk, count: int, name: str = "bettor", **market: Any) -> Bettors:
    """Open a market, and register customers who have money to bet in it."""
    customers = await desk.customers(count, CASH, name)
    return Bettors(customers, await open_market(desk, **market))


async def open_market(desk: Desk, **terms: Any) -> str:
    """Open a market and return its id."""
    runners = [{"name": f"runner {each}"} for each in (*RUNNERS, QUIET_RUNNER)]
    named = {"name": "Match odds", "starts_at": "2030-01-01T12:00:00Z", "runners": runners}
    market = await desk.post("/v1/exchange/markets", named | terms)
    assert market.status_code == 201, market.text
    return market.json()["id"]


def _results(answer: httpx2.Response) -> Iterator[dict[str, Any]]:
    body = answer.json()
    yield from body.get("results", [body])
