"""Single transfers over HTTP, beside a POST that checks the same body and books nothing, on the same server."""

import asyncio
import itertools
import json
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence

from bench.load import Load, drive, post
from bench.report import Report
from bench.stage import leading, new_database
from evens.store.embedded import APP_ROLE, OWNER_ROLE, Running

CONNECTIONS = 64
SECONDS = 6.0
TURNS = 3


async def run(server: Running, report: Report) -> None:
    """Measure both routes turn by turn, and compare the best turn of each."""
    name = await new_database(server)
    async with leading(server.dsn(APP_ROLE, name)) as bench:
        customers = await bench.customers(1_000, 10**9)
    arguments = "-m", "bench.http_server", server.dsn(OWNER_ROLE, name), server.dsn(APP_ROLE, name)
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        said = json.loads(await process.stdout.readline())
        noop, transfers = await _measure(said["port"], said["key"], customers)
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()
    report.add("HTTP no-op POST, same body, auth and checks", noop.per_s, "requests/s")
    report.add("HTTP single transfers", transfers.per_s, "requests/s")
    report.add("HTTP single transfers, p99", transfers.p99_ms, "ms")
    report.add("HTTP single transfers ÷ no-op", transfers.per_s / noop.per_s, "×", 0.5)


async def _measure(port: int, token: str, customers: Sequence[int]) -> tuple[Load, Load]:
    noops: list[Load] = []
    transfers: list[Load] = []
    for path, loads in (("/bench/noop", noops), ("/v1/transfers", transfers)):
        await drive(port, _requests(path, token, customers, "warm"), CONNECTIONS, 1.0)
        loads.clear()
    for turn in range(TURNS):
        for path, loads in (("/bench/noop", noops), ("/v1/transfers", transfers)):
            load = await drive(port, _requests(path, token, customers, f"{turn}"), CONNECTIONS, SECONDS)
            assert load.statuses.keys() == {201}, load.statuses
            loads.append(load)
    return max(noops, key=lambda load: load.per_s), max(transfers, key=lambda load: load.per_s)


def _requests(path: str, token: str, customers: Sequence[int], name: str) -> Callable[[], bytes]:
    numbers = itertools.count()
    draw = random.Random(name)

    def request() -> bytes:
        payer, payee = draw.sample(customers, 2)
        body = {"from_user_id": f"usr_{payer}", "to_user_id": f"usr_{payee}", "amount": "0.01", "currency": "USD"}
        return post(path, token, json.dumps(body).encode(), f"{path}-{name}-{next(numbers)}")

    return request
