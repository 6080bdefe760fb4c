"""A million open bets: how long a start takes with them, what they cost in memory, and that nothing is left of them."""

import asyncio
import random
from typing import Final

from bench.accounts import load_in_a_fresh_process
from bench.environment import leading, new_database
from bench.report import AT_MOST, Report
from bench.sportsbook import BANK_MINOR, a_bet, new_fixtures, settle
from evens.core.commands.fixed_odds import FundHouse
from evens.store.embedded import APP_ROLE, Running

OPEN_BETS: Final = 1_000_000
BETTORS: Final = 100_000
"""Few bet twice on the same selection, so that nearly every bet stands by itself, which is what takes most memory."""
FIXTURES: Final = 1_000


async def run(server: Running, report: Report) -> None:
    """Start on a database before there are bets, with all of them open, and when they are settled."""
    draw = random.Random(13)
    name = await new_database(server)
    dsn = server.dsn(APP_ROLE, name)
    async with leading(dsn) as bench:
        customers = await bench.customers(BETTORS, 10**9)
        await bench.book([FundHouse("USD", BANK_MINOR)])
        first, *fixtures = await new_fixtures(bench, "event", FIXTURES + 1)
        # Whoever bets has one more account from then on, which is not what a bet costs.
        await bench.book([a_bet(draw, customer, first) for customer in customers])
        await settle(bench, first)
    before = await asyncio.to_thread(load_in_a_fresh_process, dsn)
    async with leading(dsn) as bench:
        await bench.book([a_bet(draw, draw.choice(customers), draw.choice(fixtures)) for _ in range(OPEN_BETS)])
    with_them = await asyncio.to_thread(load_in_a_fresh_process, dsn)
    async with leading(dsn) as bench:
        for fixture in fixtures:
            await settle(bench, fixture)
    settled = await asyncio.to_thread(load_in_a_fresh_process, dsn)
    report.add("open bets", OPEN_BETS, "bets")
    report.add("start with them", with_them["seconds"], "s", 15, AT_MOST)
    report.add("memory per open single", (with_them["bytes"] - before["bytes"]) / OPEN_BETS, "bytes", 400, AT_MOST)
    report.add("memory that all take once settled", (settled["bytes"] - before["bytes"]) / 1e6, "MB", 20, AT_MOST)
