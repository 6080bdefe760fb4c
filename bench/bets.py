"""Bets over HTTP beside a POST that checks the same body and books nothing; events beside a GET of as many bytes."""

import itertools
import json
import random
from collections.abc import Callable, Sequence
from typing import Final

from bench.environment import leading, new_database
from bench.exchange import CASH_MINOR, CUSTOMERS
from bench.http import Asking, compare, serving
from bench.load import drive, get, post
from bench.report import Report
from bench.sportsbook import BANK_MINOR, SELECTIONS, new_fixtures
from evens.core.commands.fixed_odds import FundHouse
from evens.core.values.ids import CustomerId
from evens.store.embedded import APP_ROLE, Running

EVENTS: Final = 1_000

_LIST: Final = "/v1/sportsbook/events"


async def run(server: Running, report: Report) -> None:
    """Measure bets on one event and the first page of all events, each with its reference."""
    name = await new_database(server)
    async with leading(server.dsn(APP_ROLE, name)) as bench:
        customers = await bench.customers(CUSTOMERS, CASH_MINOR)
        await bench.book([FundHouse("USD", BANK_MINOR)])
        await new_fixtures(bench, "event", EVENTS)
    async with serving(server, name) as (port, key):
        asked = {path: _bets(path, key, customers) for path in ("/bench/bets", "/v1/sportsbook/bets")}
        noop, bets = (await compare(port, asked)).values()
        size = (await drive(port, lambda: get(_LIST, key), 1, 0)).bytes
        asked = {path: _pages(path, key) for path in (f"/bench/pages?size={size}", _LIST)}
        constant, events = (await compare(port, asked, status=200)).values()
    report.add("HTTP no-op POST of a bet, same body, auth and checks", noop.per_s, "requests/s")
    report.add("HTTP bets, all on one event", bets.per_s, "requests/s")
    report.add("HTTP bets, p99", bets.p99_ms, "ms")
    report.add("HTTP bets ÷ no-op", bets.per_s / noop.per_s, "×", 0.6)
    report.add(f"HTTP no-op GET of {size:,} bytes", constant.per_s, "requests/s")
    report.add("HTTP first page of 1,000 active events", events.per_s, "requests/s")
    report.add("HTTP first page of 1,000 active events ÷ no-op", events.per_s / constant.per_s, "×", 0.8)


def _bets(path: str, token: str, customers: Sequence[CustomerId]) -> Asking:
    def asking(name: str) -> Callable[[], bytes]:
        numbers = itertools.count()
        draw = random.Random(name)

        def request() -> bytes:
            body = {
                "event_id": "event-0",
                "selection": draw.choice(SELECTIONS),
                "amount": f"{draw.randint(200, 10_000) / 100:.2f}",
                "currency": "USD",
                "odds": "1.10",
                "user_id": f"usr_{draw.choice(customers)}",
            }
            return post(path, token, json.dumps(body).encode(), f"{path}-{name}-{next(numbers)}")

        return request

    return asking


def _pages(path: str, token: str) -> Asking:
    return lambda _name: lambda: get(path, token)
