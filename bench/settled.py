"""A week of settled markets: what a million booked positions cost a start and its memory, and correcting one market."""

import asyncio
from time import perf_counter
from typing import Final

import asyncpg

from bench.accounts import load_in_a_fresh_process
from bench.environment import Bench, leading, new_database
from bench.exchange import BETTORS, CASH_MINOR, ORDERS, new_market, trade
from bench.report import AT_MOST, Report
from evens.core.commands.every import Command
from evens.core.commands.exchange import PlaceOrder, SettleMarket
from evens.core.commands.ledger import DefineCurrency
from evens.core.values.betting import MarketStatus, Side
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.store.embedded import APP_ROLE, OWNER_ROLE, Running

POSITIONS: Final = 1_000_000
PER_MARKET: Final = 500
"""Bettors in each market of the week; the one that is corrected has :data:`bench.exchange.BETTORS`."""

_MARKETS_AT_ONCE: Final = 20


def bets(market: MarketId, customers: list[CustomerId]) -> list[Command]:
    """Return orders that leave each customer with a position: the first lays to all others."""
    layer, *backers = customers
    lay = PlaceOrder(layer, market, RunnerId(1), Side.LAY, 300, 1_000 * len(backers))
    return [lay, *[PlaceOrder(backer, market, RunnerId(1), Side.BACK, 300, 1_000) for backer in backers]]


async def rest(bench: Bench, markets: list[MarketId]) -> None:
    """Wait until markets are settled."""
    known = bench.sequencer.house.exchange.markets
    while any(known[market].status is not MarketStatus.SETTLED for market in markets):
        # A commit passes for each part, and asking for nothing new costs no more than waiting for it.
        await bench.book([DefineCurrency("USD", 2)])


async def fill(bench: Bench, customers: list[CustomerId]) -> None:
    """Settle markets until there are so many positions, the same customers betting in each."""
    for first in range(0, POSITIONS // PER_MARKET, _MARKETS_AT_ONCE):
        markets = [await new_market(bench) for _ in range(_MARKETS_AT_ONCE)]
        await bench.book([bet for market in markets for bet in bets(market, customers)])
        await bench.book([SettleMarket(market, (RunnerId(1 + first % 2),)) for market in markets])
        await rest(bench, markets)


async def correct(bench: Bench, report: Report) -> None:
    """Correct a market of many bettors, while orders on another market wait for their answers."""
    customers = await bench.customers(BETTORS, CASH_MINOR, prefix="bettor")
    market, other = await new_market(bench), await new_market(bench)
    await bench.book(bets(market, customers))
    await bench.book([SettleMarket(market, (RunnerId(1),))])
    await rest(bench, [market])
    elsewhere = asyncio.create_task(trade(bench, customers, other, ORDERS // 8, seed=5))
    await asyncio.sleep(0.2)
    started = perf_counter()
    await bench.book([SettleMarket(market, (RunnerId(2),), correction=True)])
    await rest(bench, [market])
    corrected_s = perf_counter() - started
    _rate, waits = await elsewhere
    report.add("correcting a market of 10,000 bettors beside 50 callers", corrected_s, "s")
    report.add("… p99 of orders elsewhere meanwhile", waits.p99_ms, "ms", 50, AT_MOST)
    started = perf_counter()
    await bench.book([SettleMarket(market, (RunnerId(1),), correction=True)])
    await rest(bench, [market])
    report.add("correcting a market of 10,000 bettors", perf_counter() - started, "s", 1, AT_MOST)


async def run(server: Running, report: Report) -> None:
    """Fill a database with settled markets, start on it with and without them, and correct one."""
    name = await new_database(server)
    dsn = server.dsn(APP_ROLE, name)
    async with leading(dsn) as bench:
        await fill(bench, await bench.customers(PER_MARKET, CASH_MINOR))
    with_them = await asyncio.to_thread(load_in_a_fresh_process, dsn)
    owner = await asyncpg.connect(server.dsn(OWNER_ROLE, name))
    await owner.execute("UPDATE evens.markets SET archived = true")
    await owner.close()
    without = await asyncio.to_thread(load_in_a_fresh_process, dsn)
    report.add("settled positions within a week", POSITIONS, "positions")
    more_bytes = with_them["bytes"] - without["bytes"]
    report.add("memory that they take", more_bytes / 1e6, "MB", 20, AT_MOST)
    report.add("memory per settled position", more_bytes / POSITIONS, "bytes")
    report.add("start with them takes longer by", with_them["seconds"] - without["seconds"], "s", 0.5, AT_MOST)
    async with leading(dsn) as bench:
        await correct(bench, report)
