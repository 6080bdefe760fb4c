"""Betfair's dialect: placeOrders beside our own batches, a thousand clients of the Exchange Stream, and logging in."""

import asyncio
import itertools
import json
import random
import secrets
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import asyncpg
import httpx2

from bench.betfair_subscribers import PROBE_SIZE, Subscribers, unverified
from bench.environment import leading, new_database
from bench.exchange import CASH_MINOR, CUSTOMERS, an_order, new_market
from bench.http import SECONDS, TURNS, Served, serving_streams
from bench.load import Load, drive, post
from bench.report import AT_MOST, Report
from bench.stream import Traders
from evens.core.commands.exchange import PlaceOrder
from evens.core.values.betting import Side
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.core.values.odds import format_odds
from evens.edges.http.app import create_app
from evens.identity.keys import InstallationKeys
from evens.identity.principal import Principal, Role
from evens.program.betfair_stream import listen_for_betfair, serving_betfair
from evens.program.logs import configure
from evens.program.postgres import Postgres
from evens.program.server import House, open_house, server_of
from evens.settings import Settings
from evens.store.embedded import APP_ROLE, OWNER_ROLE, Running

BATCH: Final = 50
BATCH_CONNECTIONS: Final = 8
BETTORS: Final = 32
SUBSCRIBERS: Final = 1_000
CONNECTIONS_PER_CALLER: Final = 10
PACED_PER_S: Final = 500
PROBES: Final = 50
PROBE_EVERY_S: Final = 0.2
WARM_S: Final = 2.0
"""For how long others trade before the first probe: the first commit of a server takes a quarter of a second."""
LOGINS: Final = 20

_PLACE: Final = "/exchange/betting/json-rpc/v1"
_OWN: Final = "/v1/exchange/orders/batch"
_SECRET: Final = bytes(32)
_COUNT_ORDERS: Final = "SELECT count(*) FROM evens.orders"


async def run(server: Running, report: Report) -> None:
    """Measure all three. The server with the subscribers is in this process, and the other one is not."""
    configure("error", Path("/dev/null"))
    name = await new_database(server)
    async with leading(server.dsn(APP_ROLE, name)) as bench:
        customers = await bench.customers(CUSTOMERS, CASH_MINOR)
        streamed, *markets = [await new_market(bench) for _ in range(1 + 2 * (TURNS + 1))]
    async with serving_streams(server, name) as served:
        await _placing(served, server.dsn(OWNER_ROLE, name), customers, markets, report)
        await _logging_in(served, markets[0], report)
    await _streaming(server, name, customers, streamed, report)


async def _placing(
    served: Served, dsn: str, customers: Sequence[CustomerId], markets: Sequence[MarketId], report: Report
) -> None:
    """Compare placeOrders of 50 with our own batches of 50, turn by turn, by the same customers.

    Each turn has a market of its own, so that nobody comes to the most orders that may wait in one.
    """
    keys = [await _api_key(served, customer) for customer in customers[:BETTORS]]
    fresh, asked = iter(markets), {_OWN: _own_batches, _PLACE: _betfairs}
    best: dict[str, float] = {}
    connection = await asyncpg.connect(dsn)
    for prepare in asked.values():
        await drive(served.port, prepare(keys, next(fresh)), BATCH_CONNECTIONS, 1.0)
    for _ in range(TURNS):
        for path, prepare in asked.items():
            request = prepare(keys, next(fresh))
            before = await connection.fetchval(_COUNT_ORDERS)
            load = await drive(served.port, request, BATCH_CONNECTIONS, SECONDS)
            placed = await connection.fetchval(_COUNT_ORDERS) - before
            _check_all_placed(load, placed)
            best[path] = max(best.get(path, 0.0), placed / load.seconds)
    await connection.close()
    report.add("HTTP orders in own batches of 50", best[_OWN], "orders/s")
    report.add("… by Betfair's placeOrders of 50", best[_PLACE], "orders/s")
    report.add("… placeOrders ÷ own batches", best[_PLACE] / best[_OWN], "×", 0.9)


def _check_all_placed(load: Load, placed: int) -> None:
    assert load.statuses.keys() == {200}, load.statuses
    assert placed == BATCH * len(load.waits_s), (placed, len(load.waits_s))


async def _api_key(served: Served, customer: CustomerId) -> str:
    body = {"role": "customer", "user_id": f"usr_{customer}", "name": "bench"}
    headers = {"Authorization": f"Bearer {served.key}"}
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{served.port}", headers=headers) as http:
        return (await http.post("/v1/api-keys", json=body)).json()["key"]


def _orders(draw: random.Random, market: MarketId, side: Side) -> list[PlaceOrder]:
    """Return orders of one side, as a customer's own orders are not matched with each other."""
    orders = (an_order(draw, CustomerId(0), market) for _ in itertools.count())
    return list(itertools.islice((order for order in orders if order.side is side), BATCH))


def _batches(
    keys: Sequence[str], market: MarketId, write: Callable[[str, Sequence[PlaceOrder], str], bytes]
) -> Callable[[], bytes]:
    """Return what makes requests: half of the customers back and the others lay."""
    numbers, draw = itertools.count(), random.Random("batches")
    made_for = secrets.token_hex(4)

    def request() -> bytes:
        number = next(numbers)
        bettor = number % len(keys)
        return write(
            keys[bettor], _orders(draw, market, (Side.BACK, Side.LAY)[bettor % 2]), f"bench-{made_for}-{number}"
        )

    return request


def _own_batches(keys: Sequence[str], market: MarketId) -> Callable[[], bytes]:
    def write(key: str, orders: Sequence[PlaceOrder], reference: str) -> bytes:
        told = [
            {
                "market_id": f"mkt_{market}",
                "runner_id": str(order.runner),
                "side": order.side.name.lower(),
                "odds": format_odds(order.odds),
                "stake": f"{order.stake_minor / 100:.2f}",
            }
            for order in orders
        ]
        return post(_OWN, key, json.dumps({"orders": told}).encode(), reference)

    return _batches(keys, market, write)


def _betfairs(keys: Sequence[str], market: MarketId) -> Callable[[], bytes]:
    def write(key: str, orders: Sequence[PlaceOrder], reference: str) -> bytes:
        instructions = [
            {
                "selectionId": order.runner,
                "side": order.side.name,
                "orderType": "LIMIT",
                "limitOrder": {"price": order.odds / 100, "size": order.stake_minor / 100, "persistenceType": "LAPSE"},
            }
            for order in orders
        ]
        params = {"marketId": f"1.{market}", "instructions": instructions, "customerRef": reference}
        call = {"jsonrpc": "2.0", "method": "SportsAPING/v1.0/placeOrders", "params": params, "id": 1}
        body = json.dumps(call).encode()
        head = (
            f"POST {_PLACE} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-application: bench\r\nx-authentication: {key}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    return _batches(keys, market, write)


async def _logging_in(served: Served, market: MarketId, report: Report) -> None:
    """Measure from the login with a password to the first image of a market, each time on a new connection."""
    url, waits_s = f"http://127.0.0.1:{served.port}", list[float]()
    person = {"username": "bettor", "email": "bettor@example.com", "password": secrets.token_urlsafe(16)}
    async with httpx2.AsyncClient(base_url=url, timeout=30) as http:
        (await http.post("/v1/auth/register", json=person)).raise_for_status()
        for _ in range(LOGINS):
            began = perf_counter()
            form = {name: person[name] for name in ("username", "password")}
            told = (await http.post("/api/login", data=form, headers={"X-Application": "bench"})).json()
            await _first_image(served.stream, told["token"], market)
            waits_s.append(perf_counter() - began)
    report.add("Betfair's login to the first image, median", sorted(waits_s)[LOGINS // 2] * 1000, "ms", 200, AT_MOST)


async def _first_image(port: int, session: str, market: MarketId) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=unverified(), limit=2**24)
    asked: list[dict[str, Any]] = [
        {"op": "authentication", "id": 1, "appKey": "bench", "session": session},
        {"op": "marketSubscription", "id": 2, "marketFilter": {"marketIds": [f"1.{market}"]}},
    ]
    await reader.readline()
    for request in asked:
        writer.write(json.dumps(request).encode() + b"\r\n")
        assert b'"SUCCESS"' in await reader.readline()
    assert b'"SUB_IMAGE"' in await reader.readline()
    writer.close()


async def _streaming(
    server: Running, name: str, customers: Sequence[CustomerId], market: MarketId, report: Report
) -> None:
    """Measure from before the commit of an order until each subscriber has the price that it made."""
    listener = socket.create_server(("127.0.0.1", 0))
    settings, url = Settings(betfair_stream_port=0), f"http://127.0.0.1:{listener.getsockname()[1]}"
    stream = listen_for_betfair(settings, "127.0.0.1", 0)
    postgres = Postgres(server.dsn(OWNER_ROLE, name), server.dsn(APP_ROLE, name), Path())
    async with (
        open_house(postgres, settings, InstallationKeys(_SECRET), url) as house,
        serving_betfair(house.betfair.stream, settings, stream, house.places),
    ):
        http = server_of(house, create_app(house.services))
        answering = asyncio.create_task(http.serve(sockets=[listener]))
        await house.opened()
        console = Principal(Role.ADMIN, None, "bench")
        keys = [
            (await house.services.identity.create_api_key(console, role=Role.CUSTOMER, customer=customer)).key
            for customer in customers[: SUBSCRIBERS // CONNECTIONS_PER_CALLER]
        ]
        async with Subscribers.started(stream.getsockname()[1], market, keys * CONNECTIONS_PER_CALLER) as subscribers:
            waits_ms = await _probe(house, customers, market, subscribers)
        http.should_exit = True
        await answering
    report.add(
        f"Exchange Stream with {SUBSCRIBERS:,} subscribers, 500 orders/s: commit to received, median",
        waits_ms[len(waits_ms) // 2],
        "ms",
    )
    report.add("… p99", waits_ms[len(waits_ms) * 99 // 100], "ms", 250, AT_MOST)


async def _probe(
    house: House, customers: Sequence[CustomerId], market: MarketId, subscribers: Subscribers
) -> list[float]:
    """Place an order now and then where nobody else does, while others trade; return the sorted waits."""
    traders = Traders(house, customers, market)
    await traders.trade_paced(PACED_PER_S, WARM_S)
    trading = asyncio.create_task(traders.trade_paced(PACED_PER_S, PROBES * PROBE_EVERY_S))
    decided_at: dict[int, int] = {}
    for probe in range(1, PROBES + 1):
        order = PlaceOrder(customers[0], market, RunnerId(1), Side.LAY, 101, PROBE_SIZE * 100)
        decided_at[probe] = (await traders.book(order)).at
        await asyncio.sleep(PROBE_EVERY_S)
    await trading
    heard = await subscribers.heard(PROBES)
    assert all(len(heard[probe]) == SUBSCRIBERS for probe in decided_at)
    return sorted((at - decided_at[probe]) / 1e6 for probe, times in heard.items() for at in times)
