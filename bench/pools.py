"""Pools: bets of many callers in one round, settling a round while others bet, and both over HTTP beside no-ops."""

import asyncio
import itertools
import json
import os
import random
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Final

from bench.environment import ACTOR, Bench, fresh, leading, new_database
from bench.exchange import CALLERS, CASH_MINOR, CUSTOMERS, Waits
from bench.http import Asking, compare, serving
from bench.load import drive, get, post
from bench.report import AT_MOST, Report
from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.pools import CreatePool, LockRound, OpenRound, PlacePoolBet, SettleRound
from evens.core.events.pools import PoolBetPlaced, PoolCreated, RoundOpened
from evens.core.values.ids import CustomerId, PoolId, RoundId
from evens.core.values.pools import PoolSide, PoolTerms, RoundResult, RoundStage
from evens.store.embedded import APP_ROLE, Running

BETS: Final = 40_000
SETTLED_STAKES: Final = 100_000
BETTORS: Final = 10_000
FLOW_CONNECTIONS: Final = 8
"""How many bet while the current round is read."""
DAY_NS: Final = 24 * 3600 * 10**9
KEY: Final = "ndx-daily"

_FIRST: Final = "20261127"
_SECOND: Final = "20261130"
_BETS_PATH: Final = f"/v1/pools/{KEY}/bets"
_CURRENT: Final = f"/v1/pools/{KEY}/rounds/current"


async def new_pool(bench: Bench) -> PoolId:
    """Create a pool and return its id."""
    (receipt,) = await bench.book([CreatePool(KEY, "USD", PoolTerms("NASDAQ Composite, daily", "IXIC", 100))])
    created = receipt.events[0]
    assert isinstance(created, PoolCreated), created
    return created.pool


async def new_round(bench: Bench, pool: PoolId, code: str) -> RoundId:
    """Open a round for a day and return its id."""
    locks_at = time.time_ns() + DAY_NS
    (receipt,) = await bench.book([OpenRound(pool, code, locks_at, locks_at)])
    opened = receipt.events[0]
    assert isinstance(opened, RoundOpened), opened
    return opened.round


def a_bet(draw: random.Random, customer: CustomerId, pool: PoolId, code: str) -> PlacePoolBet:
    """Return a bet on one of the sides."""
    return PlacePoolBet(customer, pool, draw.choice((PoolSide.UP, PoolSide.DOWN)), draw.randint(200, 10_000), code)


async def punt(
    bench: Bench, customers: Sequence[CustomerId], pool: PoolId, code: str, bets: int, seed: int
) -> tuple[float, Waits]:
    """Let callers bet in a round, each waiting for its answer; return bets a second and waits."""
    waits = Waits([])

    async def call(number: int) -> None:
        draw = random.Random(seed * 1_000 + number)
        mine = customers[number::CALLERS]
        for _ in range(bets // CALLERS):
            bet = a_bet(draw, draw.choice(mine), pool, code)
            asked = perf_counter()
            receipt, _ = await bench.inbox.submit(bet, command_id=os.urandom(16), actor=ACTOR)
            waits.seconds.append(perf_counter() - asked)
            assert isinstance(receipt.events[0], PoolBetPlaced), receipt.events

    started = perf_counter()
    await asyncio.gather(*(call(number) for number in range(CALLERS)))
    return len(waits.seconds) / (perf_counter() - started), waits


async def settle(bench: Bench, number: RoundId) -> None:
    """Settle a round, and wait until that is booked for everybody."""
    await bench.book([LockRound(number), SettleRound(number, RoundResult.UP)])
    known = bench.sequencer.house.pools.rounds[number]
    while known.stage is not RoundStage.NOTHING:
        # A commit passes for each part, and this costs no more than waiting for it.
        await bench.book([DefineCurrency("USD", 2)])


async def settling(bench: Bench, pool: PoolId, settled: RoundId, report: Report) -> None:
    """Settle a round of many stakes, while bets in another wait for their answers."""
    draw = random.Random(7)
    bettors = await bench.customers(BETTORS, CASH_MINOR, prefix="bettor")
    stakes = [a_bet(draw, bettors[number % BETTORS], pool, _FIRST) for number in range(SETTLED_STAKES)]
    before = _staked(bench, settled)
    await bench.book(stakes)
    assert _staked(bench, settled) - before == len(stakes)
    elsewhere = asyncio.create_task(punt(bench, bettors, pool, _SECOND, BETS // 4, seed=3))
    await asyncio.sleep(0.2)
    started = perf_counter()
    await settle(bench, settled)
    settled_s = perf_counter() - started
    _rate, waits = await elsewhere
    settled_stakes = _staked(bench, settled)
    report.add(f"settling {settled_stakes:,} stakes beside 50 callers", settled_stakes / settled_s, "stakes/s", 50_000)
    report.add("… p99 of bets elsewhere meanwhile", waits.p99_ms, "ms", 50, AT_MOST)


def _staked(bench: Bench, number: RoundId) -> int:
    return sum(side.bets for side in bench.sequencer.house.pools.rounds[number].sides.values())


async def run(server: Running, report: Report) -> None:
    """Measure bets in one round, settling beside other bets, and both ways of asking over HTTP."""
    async with fresh(server) as bench:
        customers = await bench.customers(CUSTOMERS, CASH_MINOR)
        pool = await new_pool(bench)
        settled = await new_round(bench, pool, _FIRST)
        await new_round(bench, pool, _SECOND)
        await punt(bench, customers, pool, _SECOND, BETS // 4, seed=1)
        rate, waits = await punt(bench, customers, pool, _SECOND, BETS, seed=2)
        report.add("bets in one round, 50 callers", rate, "bets/s", 8_000)
        report.add("… p99", waits.p99_ms, "ms")
        await settling(bench, pool, settled, report)
    await over_http(server, report)


async def over_http(server: Running, report: Report) -> None:
    """Measure bets in one round, and reading that round while others bet, each with its reference."""
    name = await new_database(server)
    async with leading(server.dsn(APP_ROLE, name)) as bench:
        customers = await bench.customers(CUSTOMERS, CASH_MINOR)
        await new_round(bench, await new_pool(bench), _FIRST)
    async with serving(server, name) as (port, key):
        asked = {path: _bets(path, key, customers) for path in (f"/bench/pools/{KEY}/bets", _BETS_PATH)}
        noop, bets = (await compare(port, asked)).values()
        size = (await drive(port, lambda: get(_CURRENT, key), 1, 0)).bytes
        pages = {path: _pages(path, key) for path in (f"/bench/pages?size={size}", _CURRENT)}
        async with _flowing(port, _bets(_BETS_PATH, key, customers)):
            constant, current = (await compare(port, pages, status=200)).values()
    report.add("HTTP no-op POST of a bet in a pool, same body, auth and checks", noop.per_s, "requests/s")
    report.add("HTTP bets in pools, all in one round", bets.per_s, "requests/s")
    report.add("HTTP bets in pools, p99", bets.p99_ms, "ms")
    report.add("HTTP bets in pools ÷ no-op", bets.per_s / noop.per_s, "×", 0.6)
    report.add(f"HTTP no-op GET of {size:,} bytes while bets flow", constant.per_s, "requests/s")
    report.add("HTTP current round while bets flow", current.per_s, "requests/s")
    report.add("HTTP current round ÷ no-op", current.per_s / constant.per_s, "×", 0.8)


@asynccontextmanager
async def _flowing(port: int, asking: Asking) -> AsyncGenerator[None]:
    """Let a few connections bet until the end of the block."""
    is_over = False

    async def flow() -> None:
        for turn in itertools.count():
            if is_over:
                return
            load = await drive(port, asking(f"flow-{turn}"), FLOW_CONNECTIONS, 1.0)
            assert load.statuses.keys() == {201}, load.statuses

    bets = asyncio.create_task(flow())
    try:
        yield
    finally:
        is_over = True
        await bets


def _bets(path: str, token: str, customers: Sequence[CustomerId]) -> Asking:
    def asking(name: str) -> Callable[[], bytes]:
        numbers = itertools.count()
        draw = random.Random(name)

        def request() -> bytes:
            body = {
                "side": draw.choice(("up", "down")),
                "amount": f"{draw.randint(200, 10_000) / 100:.2f}",
                "currency": "USD",
                "user_id": f"usr_{draw.choice(customers)}",
            }
            return post(path, token, json.dumps(body).encode(), f"{path}-{name}-{next(numbers)}")

        return request

    return asking


def _pages(path: str, token: str) -> Asking:
    return lambda _name: lambda: get(path, token)
