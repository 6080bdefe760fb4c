"""Orders over HTTP: one by one, beside a POST that checks the same body and books nothing, and in batches of 50."""

import itertools
import json
import random
from collections.abc import Callable, Sequence
from typing import Any, Final

import asyncpg

from bench.environment import leading, new_database
from bench.exchange import CASH_MINOR, CUSTOMERS, an_order, new_market
from bench.http import SECONDS, Asking, compare, serving
from bench.load import Load, drive, post
from bench.report import Report
from evens.core.values.betting import Side
from evens.core.values.ids import CustomerId, MarketId
from evens.core.values.odds import format_odds
from evens.store.embedded import APP_ROLE, OWNER_ROLE, Running

BATCH: Final = 50
BATCH_CONNECTIONS: Final = 8

_COUNT_ORDERS: Final = "SELECT count(*) FROM evens.orders"


async def run(server: Running, report: Report) -> None:
    """Measure single orders, the reference, and batches, all on one hot market."""
    name = await new_database(server)
    async with leading(server.dsn(APP_ROLE, name)) as bench:
        customers = await bench.customers(CUSTOMERS, CASH_MINOR)
        market = await new_market(bench)
    connection = await asyncpg.connect(server.dsn(OWNER_ROLE, name))
    async with serving(server, name) as (port, key):
        asked = {path: _singly(path, key, customers, market) for path in ("/bench/orders", "/v1/exchange/orders")}
        noop, orders = (await compare(port, asked)).values()
        before = await connection.fetchval(_COUNT_ORDERS)
        batches = await drive(port, _batches(key, customers, market), BATCH_CONNECTIONS, SECONDS)
        placed = await connection.fetchval(_COUNT_ORDERS) - before
    await connection.close()
    _check_all_placed(batches, placed)
    report.add("HTTP no-op POST of an order, same body, auth and checks", noop.per_s, "requests/s")
    report.add("HTTP single orders", orders.per_s, "requests/s")
    report.add("HTTP single orders, p99", orders.p99_ms, "ms")
    report.add("HTTP single orders ÷ no-op", orders.per_s / noop.per_s, "×", 0.4)
    report.add("HTTP orders in batches of 50", placed / batches.seconds, "orders/s", 3_000)


def _check_all_placed(batches: Load, placed: int) -> None:
    assert batches.statuses.keys() == {200}, batches.statuses
    assert placed == BATCH * len(batches.waits_s), (placed, len(batches.waits_s))


def _singly(path: str, token: str, customers: Sequence[CustomerId], market: MarketId) -> Asking:
    def asking(name: str) -> Callable[[], bytes]:
        numbers = itertools.count()
        draw = random.Random(name)

        def request() -> bytes:
            body = json.dumps(_order(draw, customers, market)).encode()
            return post(path, token, body, f"{path}-{name}-{next(numbers)}")

        return request

    return asking


def _batches(token: str, customers: Sequence[CustomerId], market: MarketId) -> Callable[[], bytes]:
    numbers = itertools.count()
    draw = random.Random("batches")

    def request() -> bytes:
        body = json.dumps({"orders": [_order(draw, customers, market) for _ in range(BATCH)]}).encode()
        return post("/v1/exchange/orders/batch", token, body, f"batch-{next(numbers)}")

    return request


def _order(draw: random.Random, customers: Sequence[CustomerId], market: MarketId) -> dict[str, Any]:
    order = an_order(draw, CustomerId(0), market)
    # Half of the customers back and the others lay, so that nobody is refused for meeting an order of their own.
    customer = draw.choice(customers[::2] if order.side is Side.BACK else customers[1::2])
    return {
        "user_id": f"usr_{customer}",
        "market_id": f"mkt_{order.market}",
        "runner_id": str(order.runner),
        "side": "back" if order.side is Side.BACK else "lay",
        "odds": format_odds(order.odds),
        "stake": f"{order.stake_minor / 100:.2f}",
    }
