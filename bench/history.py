"""A balance at a date, on an account with a million entries, every tenth of them back-dated."""

import random
from collections.abc import Iterator
from time import perf_counter

import asyncpg

from bench.environment import CHUNK, leading, new_database
from bench.report import AT_MOST, Report
from evens.core.commands.every import Command
from evens.core.commands.wallets import Deposit, Transfer
from evens.core.values.ids import AccountClass, CustomerId, Rail, account_id
from evens.store.embedded import APP_ROLE, Running

ENTRIES = 1_000_000
LOOK_UPS = 2_000
YEAR_NS = 365 * 86_400 * 10**9

_BALANCE_AT = "SELECT evens.balance_at($1, $2)"


async def run(server: Running, report: Report) -> None:
    """Build the history through the sequencer, then ask for balances at moments all over it."""
    dsn = server.dsn(APP_ROLE, await new_database(server))
    async with leading(dsn) as bench:
        busy, other = await bench.customers(2, 10**12)
        began = bench.sequencer.house.at
        commands = _history(busy, other, began)
        for _ in range(0, ENTRIES, 10 * CHUNK):
            await bench.book([next(commands) for _ in range(10 * CHUNK)])
        account = account_id(busy, 1, AccountClass.CASH)
        ended, live = bench.sequencer.house.at, bench.sequencer.house.ledger.balance_minor(account)
    waits_ms = await _look_up(dsn, account, began, ended, live)
    report.add("balance at a date, of a million entries, median", waits_ms[LOOK_UPS // 2], "ms")
    report.add("balance at a date, of a million entries, p99", waits_ms[LOOK_UPS * 99 // 100], "ms", 10, AT_MOST)


def _history(busy: CustomerId, other: CustomerId, began: int) -> Iterator[Command]:
    draw = random.Random(1)
    while True:
        for _ in range(9):
            payer, payee = (busy, other) if draw.random() < 0.5 else (other, busy)
            yield Transfer(payer, payee, "USD", draw.randrange(1, 100))
        yield Deposit(busy, "USD", draw.randrange(1, 100), Rail.IMPORT, began - draw.randrange(5 * YEAR_NS))


async def _look_up(dsn: str, account: int, began: int, ended: int, live: int) -> list[float]:
    draw = random.Random(2)
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval(_BALANCE_AT, account, ended + 1024) == live
    waits_ms: list[float] = []
    for number in range(LOOK_UPS):
        moment = began - draw.randrange(5 * YEAR_NS) if number % 2 else draw.randrange(began, ended)
        asked = perf_counter()
        await connection.fetchval(_BALANCE_AT, account, moment)
        waits_ms.append((perf_counter() - asked) * 1000)
    await connection.close()
    return sorted(waits_ms)
