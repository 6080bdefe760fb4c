"""kill −9 under load: every acknowledged payment is found afterwards, and none is made twice."""

import asyncio
import os
import random
import signal
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.program import Server, run, running
from tests.faults.desk import Desk, desk_at, ready, until

pytestmark = pytest.mark.anyio

CUSTOMERS = 10
PAYERS = 20


async def _load(desk: Desk, customers: list[str], name: str, stop: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as payers:
        for number in range(PAYERS):
            payers.create_task(desk.pay_until(stop, customers, f"{name}-{number}"))


async def _total(desk: Desk, customers: list[str]) -> Decimal:
    return sum([Decimal(await desk.cash(customer)) for customer in customers], Decimal(0))


async def _under_load(desk: Desk, customers: list[str], name: str, harm: int, wait_s: float) -> None:
    """Let payments run, kill a process, and let the payers see what that looks like for a moment."""
    stop = asyncio.Event()
    before = len(desk.acknowledged)
    load = asyncio.create_task(_load(desk, customers, name, stop))
    await until(lambda: len(desk.acknowledged) >= before + 50)
    await asyncio.sleep(wait_s)
    os.kill(harm, signal.SIGKILL)
    await asyncio.sleep(0.3)
    stop.set()
    await load


def _postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def _assert_books_are_sound(server: Server) -> None:
    ended = run("audit", "--data", str(server.data), "--json")
    assert ended.code == 0, ended


async def _kill_server(data: Path, rounds: int) -> None:
    chance = random.Random(7)
    with running(["serve", "--port", "0"], data) as server:
        async with desk_at(server) as desk:
            customers = await desk.customers(CUSTOMERS)
    asked: Desk | None = None
    for number in range(rounds):
        with running(["serve", "--port", "0"], data) as server:
            async with desk_at(server) as desk:
                if asked is not None:
                    desk.asked, desk.acknowledged = asked.asked, asked.acknowledged
                    await desk.settle()
                    assert await _total(desk, customers) == CUSTOMERS * 1000
                desk.asked, desk.acknowledged = {}, {}
                await _under_load(desk, customers, f"round-{number}", server.process.pid, chance.random() / 4)
                assert desk.acknowledged
                asked = desk
    with running(["serve", "--port", "0"], data) as server:
        async with desk_at(server) as desk:
            assert asked is not None
            desk.asked, desk.acknowledged = asked.asked, asked.acknowledged
            await desk.settle()
            assert await _total(desk, customers) == CUSTOMERS * 1000
        _assert_books_are_sound(server)


async def _kill_postgres(data: Path, rounds: int) -> None:
    chance = random.Random(8)
    with running(["serve", "--port", "0"], data) as server:
        async with desk_at(server) as desk:
            customers = await desk.customers(CUSTOMERS)
            for number in range(rounds):
                await _under_load(desk, customers, f"round-{number}", _postmaster(data), chance.random() / 4)
                await ready(desk)
            assert desk.statuses.keys() <= {201, 503}
            await desk.settle()
            assert await _total(desk, customers) == CUSTOMERS * 1000
        _assert_books_are_sound(server)


async def test_a_killed_server_has_kept_every_acknowledged_payment(tmp_path: Path) -> None:
    await _kill_server(tmp_path / "data", rounds=2)


async def test_a_killed_database_costs_no_acknowledged_payment_and_no_restart(tmp_path: Path) -> None:
    await _kill_postgres(tmp_path / "data", rounds=2)


@pytest.mark.soak
async def test_fifty_killed_servers(tmp_path: Path) -> None:
    await _kill_server(tmp_path / "data", rounds=50)


@pytest.mark.soak
async def test_fifty_killed_databases(tmp_path: Path) -> None:
    await _kill_postgres(tmp_path / "data", rounds=50)
