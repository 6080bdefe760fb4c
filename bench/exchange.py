"""The exchange with its journal: orders of many callers, restoring a book, settling while others bet."""

import asyncio
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from bench.environment import ACTOR, Bench, fresh, leading, new_database
from bench.report import AT_MOST, Report
from evens.core.commands.every import Command
from evens.core.commands.exchange import CancelOrder, CreateMarket, PlaceOrder, SettleMarket
from evens.core.events.exchange import MarketCreated, OrderPlaced
from evens.core.values.betting import MarketStatus, MarketTerms, ReductionRule, Side
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from evens.core.values.odds import CLASSIC
from evens.store.embedded import APP_ROLE, Running

CUSTOMERS: Final = 500
CASH_MINOR: Final = 10**12
CALLERS: Final = 50
ORDERS: Final = 40_000
COVER_TURNS: Final = 3
OPEN_ORDERS: Final = 10_000
SETTLED_ORDERS: Final = 100_000
BETTORS: Final = 10_000
RUNNERS: Final = ("Ann", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal")

_MIDDLE: Final = CLASSIC.odds.index(300)


@dataclass(slots=True)
class Waits:
    """How long callers waited for their answers."""

    seconds: list[float]

    @property
    def p99_ms(self) -> float:
        """The 99th percentile."""
        return sorted(self.seconds)[len(self.seconds) * 99 // 100] * 1000


async def new_market(bench: Bench, *, cover_removals: bool = False) -> MarketId:
    """Create a market as HTTP does and return its id."""
    terms = MarketTerms(
        "Race",
        RUNNERS,
        1,
        0,
        200,
        500,
        reductions=ReductionRule.BET,
        cover_removals=cover_removals,
        every_reduction=cover_removals,
    )
    (receipt,) = await bench.book([CreateMarket("USD", terms)])
    created = receipt.events[0]
    assert isinstance(created, MarketCreated)
    return created.market


def an_order(draw: random.Random, customer: CustomerId, market: MarketId, away: float = 6.0) -> PlaceOrder:
    """Return an order around a middle price; the further ``away`` on average, the fewer are matched at once."""
    side = draw.choice((Side.BACK, Side.LAY))
    ticks = round(draw.gauss(away, 8))
    odds = CLASSIC.odds[_MIDDLE + (ticks if side is Side.BACK else -ticks)]
    return PlaceOrder(customer, market, RunnerId(draw.randint(1, len(RUNNERS))), side, odds, draw.randint(200, 10_000))


async def trade(
    bench: Bench, customers: Sequence[CustomerId], market: MarketId, orders: int, seed: int
) -> tuple[float, Waits]:
    """Let callers place (70 %) and cancel (30 %), each waiting for its answer; return commands a second and waits."""
    waits = Waits([])

    async def call(number: int) -> None:
        draw = random.Random(seed * 1_000 + number)
        mine = customers[number::CALLERS]
        waiting: list[tuple[CustomerId, OrderId]] = []
        for _ in range(orders // CALLERS):
            command: Command
            if waiting and draw.random() < 0.3:
                command = CancelOrder(*waiting.pop(draw.randrange(len(waiting))))
            else:
                command = an_order(draw, draw.choice(mine), market)
            asked = perf_counter()
            receipt, _ = await bench.inbox.submit(command, command_id=os.urandom(16), actor=ACTOR)
            waits.seconds.append(perf_counter() - asked)
            placed = receipt.events[0]
            if isinstance(placed, OrderPlaced):
                waiting.append((placed.customer, placed.order))

    started = perf_counter()
    await asyncio.gather(*(call(number) for number in range(CALLERS)))
    return len(waits.seconds) / (perf_counter() - started), waits


async def covering(bench: Bench, customers: Sequence[CustomerId], report: Report) -> None:
    """Compare orders on markets of which exposure covers removals with orders on others, in turn."""
    rates: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(COVER_TURNS):
        for covers in (False, True):
            market = await new_market(bench, cover_removals=covers)
            rate, _waits = await trade(bench, customers, market, ORDERS // 2, seed=10 + turn)
            rates[covers].append(rate)
    report.add("orders where exposure covers removals ÷ others", max(rates[True]) / max(rates[False]), "×", 0.9)


async def settling(bench: Bench, report: Report) -> None:
    """Settle a market of many matched orders, while orders on another market wait for their answers."""
    draw = random.Random(7)
    market, other = await new_market(bench), await new_market(bench)
    exchange = bench.sequencer.house.exchange
    customers = await bench.customers(BETTORS, CASH_MINOR, prefix="bettor")
    backers, layers = customers[::2], customers[1::2]
    # Each lay is followed by a back at the same price and stake, so every order is matched.
    commands: list[Command] = []
    for number in range(SETTLED_ORDERS // 2):
        runner, odds, stake = RunnerId(draw.randint(1, len(RUNNERS))), CLASSIC.odds[_MIDDLE], draw.randint(200, 10_000)
        commands.append(PlaceOrder(layers[number % len(layers)], market, runner, Side.LAY, odds, stake))
        commands.append(PlaceOrder(backers[number % len(backers)], market, runner, Side.BACK, odds, stake))
    await bench.book(commands)
    assert not any(position.orders for position in exchange.markets[market].positions.values())
    started = perf_counter()
    await bench.book([SettleMarket(market, (RunnerId(1),))])
    elsewhere = asyncio.create_task(trade(bench, customers, other, ORDERS // 8, seed=3))
    while exchange.markets[market].status is not MarketStatus.SETTLED:
        await bench.book([an_order(draw, customers[0], other)])
    settled_s = perf_counter() - started
    _rate, waits = await elsewhere
    report.add("settling 100,000 matched orders of 10,000 bettors", SETTLED_ORDERS / settled_s, "orders/s", 5_000)
    report.add("… p99 of orders elsewhere meanwhile", waits.p99_ms, "ms", 50, AT_MOST)


async def restoring(server: Running, report: Report) -> None:
    """Start on a database with many open orders."""
    name = await new_database(server)
    draw = random.Random(9)
    async with leading(server.dsn(APP_ROLE, name)) as bench:
        customers = await bench.customers(CUSTOMERS, CASH_MINOR)
        market = await new_market(bench)
        while len(bench.sequencer.house.exchange.orders) < OPEN_ORDERS:
            await bench.book([an_order(draw, draw.choice(customers), market, away=25) for _ in range(1_000)])
    async with leading(server.dsn(APP_ROLE, name)) as bench:
        report.add("open orders restored", len(bench.sequencer.house.exchange.orders), "orders", OPEN_ORDERS)
        report.add("start with them", bench.load_s, "s", 2, AT_MOST)


async def run(server: Running, report: Report) -> None:
    """Measure orders on one hot market, settling beside other orders, and a start with a full book."""
    async with fresh(server) as bench:
        customers = await bench.customers(CUSTOMERS, CASH_MINOR)
        market = await new_market(bench)
        await trade(bench, customers, market, ORDERS // 4, seed=1)
        rate, waits = await trade(bench, customers, market, ORDERS, seed=2)
        report.add("orders, one hot market, 50 callers, 30 % cancels", rate, "orders/s", 4_000)
        report.add("… p99", waits.p99_ms, "ms", 25, AT_MOST)
        await covering(bench, customers, report)
        await settling(bench, report)
    await restoring(server, report)
