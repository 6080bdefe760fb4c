"""Single transfers over HTTP, beside a POST that checks the same body and books nothing, on the same server."""

import asyncio
import itertools
import json
import random
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.environment import leading, new_database
from bench.load import Load, drive, post
from bench.report import Report
from evens.core.values.ids import CustomerId
from evens.store.embedded import APP_ROLE, OWNER_ROLE, Running

CONNECTIONS = 64
SECONDS = 6.0
TURNS = 3

Asking = Callable[[str], Callable[[], bytes]]
"""Takes a name that is different for each turn; returns the function that makes that turn's requests."""


@asynccontextmanager
async def serving(server: Running, database: str) -> AsyncGenerator[tuple[int, str]]:
    """Run Evens on a database, in a process of its own; yield its port and an operator's key."""
    async with serving_streams(server, database) as said:
        yield said.port, said.key


@dataclass(frozen=True, slots=True)
class Served:
    """The ports of HTTP and of Betfair's Exchange Stream, and an operator's key."""

    port: int
    stream: int
    key: str


@asynccontextmanager
async def serving_streams(server: Running, database: str) -> AsyncGenerator[Served]:
    """Run Evens on a database, in a process of its own, and yield where."""
    arguments = "-m", "bench.http_server", server.dsn(OWNER_ROLE, database), server.dsn(APP_ROLE, database)
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield Served(**json.loads(await process.stdout.readline()))
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def compare(port: int, asked: Mapping[str, Asking], status: int = 201) -> dict[str, Load]:
    """Measure several requests turn by turn, after a short warm-up, and return the best turn of each.

    Every answer has to have this status.
    """
    best: dict[str, Load] = {}
    for asking in asked.values():
        await drive(port, asking("warm"), CONNECTIONS, 1.0)
    for turn in range(TURNS):
        for name, asking in asked.items():
            load = await drive(port, asking(f"{turn}"), CONNECTIONS, SECONDS)
            assert load.statuses.keys() == {status}, load.statuses
            best[name] = max(best.get(name, load), load, key=lambda load: load.per_s)
    return best


async def run(server: Running, report: Report) -> None:
    """Measure transfers and the reference."""
    name = await new_database(server)
    async with leading(server.dsn(APP_ROLE, name)) as bench:
        customers = await bench.customers(1_000, 10**9)
    async with serving(server, name) as (port, key):
        asked = {path: _transfers(path, key, customers) for path in ("/bench/transfers", "/v1/transfers")}
        noop, transfers = (await compare(port, asked)).values()
    report.add("HTTP no-op POST, same body, auth and checks", noop.per_s, "requests/s")
    report.add("HTTP single transfers", transfers.per_s, "requests/s")
    report.add("HTTP single transfers, p99", transfers.p99_ms, "ms")
    report.add("HTTP single transfers ÷ no-op", transfers.per_s / noop.per_s, "×", 0.5)


def _transfers(path: str, token: str, customers: Sequence[CustomerId]) -> Asking:
    def asking(name: str) -> Callable[[], bytes]:
        numbers = itertools.count()
        draw = random.Random(name)

        def request() -> bytes:
            payer, payee = draw.sample(customers, 2)
            body = {"from_user_id": f"usr_{payer}", "to_user_id": f"usr_{payee}", "amount": "0.01", "currency": "USD"}
            return post(path, token, json.dumps(body).encode(), f"{path}-{name}-{next(numbers)}")

        return request

    return asking
