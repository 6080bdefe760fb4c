"""The sportsbook with its journal: bets of many callers, settling while others bet, odds that change all the time."""

import asyncio
import os
import random
import time
from collections.abc import Sequence
from time import perf_counter
from typing import Final

from bench.environment import ACTOR, Bench, fresh
from bench.exchange import CALLERS, CASH_MINOR, CUSTOMERS, Waits
from bench.report import AT_MOST, Report
from evens.core.commands.every import Command
from evens.core.commands.fixed_odds import DeclareResults, FundHouse, PlaceBet, PublishLine, WantedLeg
from evens.core.events.fixed_odds import BetPlaced, LinePublished
from evens.core.values.fixed_odds import (
    Acceptance,
    FixtureStage,
    LegResult,
    Line,
    LineMarket,
    LineSelection,
    SelectionResult,
)
from evens.core.values.ids import CustomerId, FixtureId
from evens.store.embedded import Running

SOURCE: Final = "main"
MARKET: Final = "main"
SELECTIONS: Final = ("home", "draw", "away")
DAY_NS: Final = 24 * 3600 * 10**9
BANK_MINOR: Final = 10**14
BETS: Final = 40_000
SETTLED_BETS: Final = 100_000
BETTORS: Final = 10_000
MOVING_FIXTURES: Final = 100
CHANGES_PER_S: Final = 1_050
"""How many changes are submitted a second: a little more than the target, which a steady pace would else just miss."""
CHANGING_S: Final = 5.0

_TICK_S: Final = 0.01


def a_line(title: str, draw: random.Random) -> Line:
    """Return a fixture with one market, open for a day, at odds that are drawn anew each time."""
    selections = tuple(LineSelection(key, key.title(), draw.randint(150, 600)) for key in SELECTIONS)
    deadline = time.time_ns() + DAY_NS
    return Line(title, deadline, "football", "League", markets=(LineMarket(MARKET, "Who wins", selections),))


async def new_fixtures(bench: Bench, prefix: str, count: int) -> list[FixtureId]:
    """Publish fixtures as a feed does and return their ids."""
    draw = random.Random(prefix)
    keys = [f"{prefix}-{number}" for number in range(count)]
    receipts = await bench.book([PublishLine(SOURCE, key, 1, a_line(key, draw)) for key in keys])
    published = [receipt.events[0] for receipt in receipts]
    return [event.fixture for event in published if isinstance(event, LinePublished)]


def a_bet(draw: random.Random, customer: CustomerId, fixture: FixtureId) -> PlaceBet:
    """Return a single at whatever odds there are."""
    leg = WantedLeg(fixture, MARKET, draw.choice(SELECTIONS))
    return PlaceBet(customer, "USD", draw.randint(200, 10_000), (leg,), Acceptance.ANY)


async def punt(
    bench: Bench, customers: Sequence[CustomerId], fixture: FixtureId, bets: int, seed: int
) -> tuple[float, Waits]:
    """Let callers bet, each waiting for its answer; return bets a second and waits."""
    waits = Waits([])

    async def call(number: int) -> None:
        draw = random.Random(seed * 1_000 + number)
        mine = customers[number::CALLERS]
        for _ in range(bets // CALLERS):
            bet = a_bet(draw, draw.choice(mine), fixture)
            asked = perf_counter()
            receipt, _ = await bench.inbox.submit(bet, command_id=os.urandom(16), actor=ACTOR)
            waits.seconds.append(perf_counter() - asked)
            assert isinstance(receipt.events[0], BetPlaced), receipt.events

    started = perf_counter()
    await asyncio.gather(*(call(number) for number in range(CALLERS)))
    return len(waits.seconds) / (perf_counter() - started), waits


async def settle(bench: Bench, fixture: FixtureId) -> None:
    """Decide a fixture, and wait until that is booked for everybody."""
    await bench.book([DeclareResults(fixture, (SelectionResult(MARKET, "home", LegResult.WON),))])
    market = bench.sequencer.house.fixed_odds.fixtures[fixture].markets[MARKET]
    while market.stage is not FixtureStage.NOTHING:
        # A commit passes for each part, and this costs no more than waiting for it.
        await bench.book([DeclareResults(fixture, (SelectionResult(MARKET, "home", LegResult.WON),))])


async def settling(bench: Bench, report: Report) -> None:
    """Settle a fixture of many singles, while bets on another wait for their answers."""
    draw = random.Random(7)
    fixture, other = await new_fixtures(bench, "settled", 2)
    bettors = await bench.customers(BETTORS, CASH_MINOR, prefix="bettor")
    await bench.book([a_bet(draw, bettors[number % BETTORS], fixture) for number in range(SETTLED_BETS)])
    elsewhere = asyncio.create_task(punt(bench, bettors, other, BETS // 4, seed=3))
    await asyncio.sleep(0.2)
    started = perf_counter()
    await settle(bench, fixture)
    settled_s = perf_counter() - started
    _rate, waits = await elsewhere
    report.add(
        "settling 100,000 singles of 10,000 bettors beside 50 callers", SETTLED_BETS / settled_s, "bets/s", 50_000
    )
    report.add("… p99 of bets elsewhere meanwhile", waits.p99_ms, "ms", 50, AT_MOST)


async def change_odds(bench: Bench, count: int, stop: asyncio.Event) -> float:
    """Change the odds of ``moving`` fixtures in turn, steadily; return how many were recorded a second."""
    draw = random.Random(11)
    answers: list[asyncio.Task[None]] = []
    started = perf_counter()

    async def submit(change: Command) -> None:
        receipt, _ = await bench.inbox.submit(change, command_id=os.urandom(16), actor=ACTOR)
        assert isinstance(receipt.events[0], LinePublished), receipt.events

    while not stop.is_set():
        while len(answers) < (perf_counter() - started) * CHANGES_PER_S:
            turn, number = divmod(len(answers), count)
            key = f"moving-{number}"
            change = PublishLine(SOURCE, key, turn + 2, a_line(key, draw))
            answers.append(asyncio.create_task(submit(change)))
        await asyncio.sleep(_TICK_S)
    await asyncio.gather(*answers)
    return len(answers) / (perf_counter() - started)


async def changing(bench: Bench, customers: Sequence[CustomerId], report: Report) -> None:
    """Change odds all the time, while callers bet on one of these fixtures."""
    fixture = (await new_fixtures(bench, "moving", MOVING_FIXTURES))[0]
    stop = asyncio.Event()
    changes = asyncio.create_task(change_odds(bench, MOVING_FIXTURES, stop))
    waits = Waits([])
    until = perf_counter() + CHANGING_S
    seed = 20
    while perf_counter() < until:
        seed += 1
        _rate, more = await punt(bench, customers, fixture, BETS // 10, seed)
        waits.seconds += more.seconds
    stop.set()
    report.add("changes of odds beside 50 callers who bet", await changes, "changes/s", 1_000)
    report.add("… p99 of their bets", waits.p99_ms, "ms", 50, AT_MOST)


async def run(server: Running, report: Report) -> None:
    """Measure bets on one fixture, settling beside other bets, and bets while odds change."""
    async with fresh(server) as bench:
        customers = await bench.customers(CUSTOMERS, CASH_MINOR)
        await bench.book([FundHouse("USD", BANK_MINOR)])
        (fixture,) = await new_fixtures(bench, "hot", 1)
        await punt(bench, customers, fixture, BETS // 4, seed=1)
        rate, waits = await punt(bench, customers, fixture, BETS, seed=2)
        report.add("bets, one fixture, 50 callers", rate, "bets/s", 8_000)
        report.add("… p99", waits.p99_ms, "ms")
        await changing(bench, customers, report)
        await settling(bench, report)
