"""Records: a million settled bets of 100,000 customers, how soon they are kept, and how quickly leaders are shown."""

import asyncio
import random
from collections.abc import Callable, Sequence
from time import perf_counter, time_ns
from typing import Final

from bench.environment import Bench, leading, new_database
from bench.http import Asking, compare, serving
from bench.load import drive, get
from bench.report import AT_MOST, Report
from bench.sportsbook import BANK_MINOR, MARKET, a_bet, new_fixtures, settle
from evens.core.commands.fixed_odds import DeclareResults, FundHouse
from evens.core.commands.ledger import DefineCurrency
from evens.core.events.ledger import Rejected
from evens.core.values.fixed_odds import FixtureStage, LegResult, SelectionResult
from evens.core.values.ids import CustomerId
from evens.core.values.records import RecordPeriod, RecordProduct, day_number
from evens.edges.cli.api import Api
from evens.edges.cli.server_file import Target
from evens.store.console.journal import JournalQueries
from evens.store.database import Database
from evens.store.embedded import APP_ROLE, Running
from evens.store.social.keeping import RecordKeeping
from evens.store.social.queries import Metric, SocialQueries

SETTLED: Final = 1_000_000
BETTORS: Final = 100_000
FIXTURES: Final = 1_000
PLACES: Final = 50
"""How many places a leaderboard shows unless it is asked for more."""

_USD: Final = 1
_LEADERS: Final = "/v1/leaderboard"
_PROFILE: Final = "/v1/profiles/{}?currency=USD"


async def bet_and_settle(bench: Bench) -> list[CustomerId]:
    """Let everybody bet with the house, and settle all of it; return the customers."""
    draw = random.Random(13)
    customers = await bench.customers(BETTORS, 10**9)
    await bench.book([FundHouse("USD", BANK_MINOR)])
    fixtures = await new_fixtures(bench, "event", FIXTURES)
    size = SETTLED // FIXTURES
    for number, fixture in enumerate(fixtures):
        # Nobody bets twice on a fixture: several bets of one customer on a market are one outcome.
        bettors = [customers[place % BETTORS] for place in range(number * size, (number + 1) * size)]
        await bench.book([a_bet(draw, customer, fixture) for customer in bettors])
        await settle(bench, fixture)
    return customers


async def correct(bench: Bench) -> None:
    """Correct the result of the first fixture, and wait until that is booked for everybody."""
    fixture, known = next(iter(bench.sequencer.house.fixed_odds.fixtures.items()))
    away = (SelectionResult(MARKET, "away", LegResult.WON),)
    (receipt,) = await bench.book([DeclareResults(fixture, away, correction=True)])
    assert not isinstance(receipt.events[0], Rejected), receipt.events
    while known.markets[MARKET].stage is not FixtureStage.NOTHING:
        await bench.book([DefineCurrency("USD", 2)])


async def keep(database: Database) -> float:
    """Keep the records of everything that is settled; return how long that took."""
    keeping, journal = RecordKeeping(database), JournalQueries(database)
    while await journal.index_next():
        pass
    started = perf_counter()
    while await keeping.keep_next():
        pass
    return perf_counter() - started


async def slowest_leaderboard_ms(database: Database) -> float:
    """Return how long the slowest of all leaderboards takes, each asked for three times and not kept anywhere."""
    reads, day = SocialQueries(database), day_number(time_ns())
    slowest = 0.0
    for metric in Metric:
        for period in RecordPeriod:
            for product in (RecordProduct.ALL, RecordProduct.SPORTSBOOK):
                took: list[float] = []
                for _ in range(3):
                    asked = perf_counter()
                    rows = await reads.leaders(metric, (product, _USD, period, day), PLACES)
                    took.append(perf_counter() - asked)
                    assert len(rows) == PLACES or metric is Metric.SHARPE, (metric, period, len(rows))
                slowest = max(slowest, sorted(took)[1] * 1000)
    return slowest


async def run(server: Running, report: Report) -> None:
    """Settle, keep, correct one fixture, and ask for leaders and profiles."""
    name = await new_database(server)
    dsn = server.dsn(APP_ROLE, name)
    async with leading(dsn) as bench:
        customers = await bet_and_settle(bench)
        database = await Database.open(dsn)
        kept_s = await keep(database)
        report.add("settled bets of 100,000 customers, kept from nothing", SETTLED / kept_s, "bets/s")
        await correct(bench)
        report.add(f"… a correction of {SETTLED // FIXTURES:,} of them", await keep(database), "s")
        slowest_ms = await slowest_leaderboard_ms(database)
        report.add("slowest leaderboard, read from the tables", slowest_ms, "ms", 20, AT_MOST)
        await database.close()
    await over_http(server, name, customers, report)


async def over_http(server: Running, name: str, customers: Sequence[CustomerId], report: Report) -> None:
    """Measure the leaderboard and profiles beside constant pages of their sizes."""
    async with serving(server, name) as (port, key):
        for title, asking in (
            ("leaderboard", _pages(f"{_LEADERS}?period=all", key)),
            (f"profiles of the first {PLACES} places", _profiles(key, await asyncio.to_thread(_leaders, port, key))),
            ("profiles, somebody else's each time", _profiles(key, [f"c{number}" for number in range(len(customers))])),
        ):
            size = (await drive(port, asking("size"), 1, 0)).bytes
            constant = f"/bench/pages?size={size}"
            noop, read = (await compare(port, {constant: _pages(constant, key), title: asking}, status=200)).values()
            report.add(f"HTTP no-op GET of {size:,} bytes", noop.per_s, "requests/s")
            report.add(f"HTTP {title}", read.per_s, "requests/s")
            report.add(f"HTTP {title} ÷ no-op", read.per_s / noop.per_s, "×", 0.8)


def _pages(path: str, token: str) -> Asking:
    return lambda _name: lambda: get(path, token)


def _leaders(port: int, key: str) -> list[str]:
    """Return the usernames of the first places."""
    with Api(Target(f"http://127.0.0.1:{port}", key)) as api:
        return [each["username"] for each in api.get(_LEADERS, period="all")["items"]]


def _profiles(token: str, usernames: Sequence[str]) -> Asking:
    """Ask for the profile of any of these each time."""

    def asking(name: str) -> Callable[[], bytes]:
        draw = random.Random(name)
        return lambda: get(_PROFILE.format(draw.choice(usernames)), token)

    return asking
