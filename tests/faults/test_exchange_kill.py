"""kill −9 while many bet: every acknowledged order is there once, in its place, and the money adds up."""

import asyncio
import os
import random
import signal
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.program import running
from tests.faults.bettors import CASH, FINAL_STATUSES, QUIET_RUNNER, Asked, Bettors, bettors_at
from tests.faults.desk import Desk, desk_at, ready, until
from tests.faults.intact import (
    Order,
    assert_books_are_sound,
    assert_intact,
    balance_of,
    orders_of,
    positions_of,
    settled,
    total_of,
)

pytestmark = pytest.mark.anyio

CUSTOMERS = 8
AT_ONCE = 20
ENDOWMENT = CUSTOMERS * Decimal(CASH)


async def _bet(desk: Desk, bettors: Bettors, name: str, stop: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as tasks:
        for number in range(AT_ONCE):
            tasks.create_task(bettors.bet_until(desk, stop, f"{name}-{number}"))


async def _under_load(desk: Desk, bettors: Bettors, name: str, harm: int, wait_s: float) -> None:
    """Let them bet, kill a process, and let them see what that looks like for a moment."""
    await bettors.queue_up(desk, name)
    stop = asyncio.Event()
    betting = asyncio.create_task(_bet(desk, bettors, name, stop))
    await until(lambda: len(bettors.answered) >= 100)
    await asyncio.sleep(wait_s)
    os.kill(harm, signal.SIGKILL)
    await asyncio.sleep(0.3)
    stop.set()
    await betting


async def _assert_nothing_happened(desk: Desk, bettors: Bettors) -> None:
    """Ask for everything again and look at all of it."""
    await bettors.ask_again(desk)
    bettors.forget()
    await assert_intact(desk, bettors)
    assert await total_of(desk, bettors.customers) == ENDOWMENT


async def _assert_the_queue_is_kept(desk: Desk, bettors: Bettors, name: str) -> None:
    """Lay to the first of those who wait for the quiet runner and to half of the second: nobody else is matched."""
    *others, taker = bettors.customers
    queue = [order for order in await _waiting(desk, others) if order["runner_id"] == QUIET_RUNNER]
    queue.sort(key=lambda order: order["placed_at"])
    first, second, *later = [Decimal(order["remaining"]) for order in queue]
    assert later
    half = (second / 2).quantize(Decimal("0.01"))

    order = bettors.order(taker, QUIET_RUNNER, "lay", "3.00", str(first + half))
    taken = await bettors.do(desk, f"{name}-taken", Asked("POST", "/v1/exchange/orders", order))

    assert Decimal(taken["matched"]) == first + half
    after = {order["id"]: Decimal(order["remaining"]) for order in await _waiting(desk, others)}
    assert [after.get(order["id"], 0) for order in queue] == [0, second - half, *later]


async def _waiting(desk: Desk, customers: Iterable[str]) -> list[Order]:
    """Return all orders of customers that have stake left to be matched."""
    return [order for customer in customers for order in await orders_of(desk, customer) if Decimal(order["remaining"])]


async def _assert_it_settles(desk: Desk, bettors: Bettors) -> None:
    """Settle the market: what anybody has now is what they had, their profit and their commission."""
    declared = await desk.post(f"/v1/exchange/markets/{bettors.market}/settle", {"winners": ["2"]})
    assert declared.status_code == 200, declared.text
    await settled(desk, bettors.market)
    profits = Decimal(0)
    for customer in bettors.customers:
        (position,) = await positions_of(desk, customer)
        profits += Decimal(position["profit"])
        balance = await balance_of(desk, customer)
        assert balance["escrow"] == 0
        assert balance["total"] == Decimal(CASH) + Decimal(position["profit"]) - Decimal(position["commission"])
    assert -CUSTOMERS * Decimal("0.01") < profits <= 0


async def _kill_server(data: Path, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    bettors: Bettors | None = None
    for number in range(rounds):
        with running(["serve", "--port", "0"], data) as server:
            async with desk_at(server) as desk:
                if bettors is None:
                    bettors = await bettors_at(desk, CUSTOMERS)
                else:
                    await _assert_nothing_happened(desk, bettors)
                    await _assert_the_queue_is_kept(desk, bettors, f"round-{number}")
                await _under_load(desk, bettors, f"round-{number}", server.process.pid, chance.random() / 4)
    assert bettors is not None
    with running(["serve", "--port", "0"], data) as server:
        async with desk_at(server) as desk:
            await _assert_nothing_happened(desk, bettors)
            await _assert_the_queue_is_kept(desk, bettors, "the-end")
            await _assert_it_settles(desk, bettors)
        assert_books_are_sound(server)


async def _kill_postgres(data: Path, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    with running(["serve", "--port", "0"], data) as server:
        async with desk_at(server) as desk:
            bettors = await bettors_at(desk, CUSTOMERS)
            for number in range(rounds):
                postmaster = int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0])
                await _under_load(desk, bettors, f"round-{number}", postmaster, chance.random() / 4)
                await ready(desk)
                await _assert_nothing_happened(desk, bettors)
                await _assert_the_queue_is_kept(desk, bettors, f"round-{number}")
            assert bettors.statuses.keys() <= FINAL_STATUSES | {503}
            await _assert_it_settles(desk, bettors)
        assert_books_are_sound(server)


async def test_a_killed_server_has_kept_every_acknowledged_order_in_its_place(tmp_path: Path) -> None:
    await _kill_server(tmp_path / "data", rounds=1, seed=0)


async def test_a_killed_database_costs_no_acknowledged_order_and_no_restart(tmp_path: Path) -> None:
    await _kill_postgres(tmp_path / "data", rounds=1, seed=0)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 6))
async def test_ten_killed_servers_while_many_bet(tmp_path: Path, seed: int) -> None:
    await _kill_server(tmp_path / "data", 10, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 6))
async def test_ten_killed_databases_while_many_bet(tmp_path: Path, seed: int) -> None:
    await _kill_postgres(tmp_path / "data", 10, seed)
