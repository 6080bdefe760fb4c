"""A market with 20 runners in which orders come, are taken and are taken back, over HTTP, at a pace.

Every order changes the book of one runner. As many wait at the end as in the beginning, so what a page holds of the
book does not grow.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

import httpx2

from evens.core.values.betting import Side
from evens.core.values.ids import CustomerId
from evens.core.values.odds import CLASSIC, format_odds

RUNNERS: Final = 20
MARKED: Final = RUNNERS
"""The runner whose best price carries marks: amounts that stand there once, for a moment."""

_MIDDLE: Final = CLASSIC.odds.index(300)
_DEPTH: Final = 8
_WAITING: Final = 400
_BATCH: Final = 50
_FIRST_MARK: Final = 900_000
_RETRIES: Final = 10


class MarketTraffic:
    """Places orders of customers as an operator: layers up to 3.00, backers from 3.10, takers of the lays at 3.00."""

    def __init__(self, http: httpx2.AsyncClient, customers: Sequence[CustomerId]) -> None:
        self._http = http
        self._layers = customers[::2]
        self._backers = customers[1::2]
        self._draw = random.Random(20)
        self._waiting: deque[str] = deque()
        self._marks = 0
        self.market = ""
        self.answered_at: dict[str, float] = {}
        """By mark: when its order was answered, in milliseconds since 1970."""

    async def open(self) -> None:
        """Open the market, with something waiting on both sides of each runner."""
        terms = {
            "name": "Twenty at Ashford",
            "starts_at": "2040-01-01T12:00:00Z",
            "runners": [{"name": f"Runner {number}"} for number in range(1, RUNNERS + 1)],
        }
        self.market = (await self.post("/v1/exchange/markets", terms))["id"]
        # Takers meet these first, and never take them up: what waits behind them can always be taken back.
        for runner in range(1, RUNNERS):
            await self._place(runner, Side.LAY, 0, "1000000.00")
        while len(self._waiting) < _WAITING:
            await self._place_somewhere()

    async def run(self, per_s: float, seconds: float) -> int:
        """Change the book so often, whether answers come or not; return how often it was changed."""
        clock = asyncio.get_running_loop().time
        started = clock()
        count = int(per_s * seconds)
        async with asyncio.TaskGroup() as asking:
            for number in range(count):
                await asyncio.sleep(max(0.0, started + number / per_s - clock()))
                asking.create_task(self._change())
        return count

    async def mark(self, seconds: float) -> None:
        """Let a new amount stand so long at the best price to back of the marked runner."""
        self._marks += 1
        amount = f"{(_FIRST_MARK + self._marks) / 100:.2f}"
        order = await self._place(MARKED, Side.LAY, 1, amount)
        self.answered_at[amount] = time.time() * 1000
        await asyncio.sleep(seconds)
        await self._take_back(order)

    async def burst(self, count: int) -> None:
        """Place orders as fast as they are taken."""
        for _ in range(0, count, _BATCH):
            orders = [self._somewhere() for _ in range(_BATCH)]
            answer = await self.post("/v1/exchange/orders/batch", {"orders": orders})
            self._waiting.extend(each["id"] for each in answer["results"])

    async def place_of(self, customer: str) -> None:
        """Give a customer a bet that is matched, and one that waits."""
        for runner, side, ticks in ((1, Side.BACK, 0), (2, Side.LAY, -3)):
            await self.post("/v1/exchange/orders", self._order(customer, runner, side, ticks, "10.00"))

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """Post, and return the answer, which has to be a yes."""
        return (await self._ask("POST", path, body)).json()

    async def _change(self) -> None:
        chance = self._draw.random()
        if chance < 0.1:
            backer = f"usr_{self._draw.choice(self._backers)}"
            runner = self._draw.randrange(1, RUNNERS)
            await self.post("/v1/exchange/orders", self._order(backer, runner, Side.BACK, 0, "2.00"))
        elif len(self._waiting) < _WAITING:
            await self._place_somewhere()
        else:
            await self._take_back(self._waiting.popleft())

    async def _place_somewhere(self) -> None:
        self._waiting.append((await self.post("/v1/exchange/orders", self._somewhere()))["id"])

    def _somewhere(self) -> dict[str, Any]:
        draw = self._draw
        runner = draw.randint(1, RUNNERS)
        stake = f"{draw.randint(200, 5_000) / 100:.2f}"
        ticks = round(draw.triangular(0, _DEPTH, 0))
        if draw.random() < 0.5:
            return self._order(f"usr_{draw.choice(self._layers)}", runner, Side.LAY, -ticks, stake)
        return self._order(f"usr_{draw.choice(self._backers)}", runner, Side.BACK, 2 + ticks, stake)

    async def _place(self, runner: int, side: Side, ticks: int, stake: str) -> str:
        order = self._order(f"usr_{self._layers[0]}", runner, side, ticks, stake)
        return (await self.post("/v1/exchange/orders", order))["id"]

    def _order(self, customer: str, runner: int, side: Side, ticks: int, stake: str) -> dict[str, Any]:
        return {
            "user_id": customer,
            "market_id": self.market,
            "runner_id": str(runner),
            "side": "back" if side is Side.BACK else "lay",
            "odds": format_odds(CLASSIC.odds[_MIDDLE + ticks]),
            "stake": stake,
        }

    async def _take_back(self, order: str) -> None:
        await self._ask("DELETE", f"/v1/exchange/orders/{order}")

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx2.Response:
        """Ask until there is an answer: in an hour of it a busy machine may once have no connection to spare."""
        headers = {"Idempotency-Key": str(uuid4())}
        answer = await self._http.request(method, path, json=body, headers=headers)
        for _ in range(_RETRIES):
            if answer.status_code != 503:
                break
            await asyncio.sleep(int(answer.headers["Retry-After"]))
            answer = await self._http.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer
