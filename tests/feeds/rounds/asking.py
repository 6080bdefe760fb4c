"""A session, sources that answer as a test says, and a short way to ask."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from prometheus_client import CollectorRegistry

from evens.core.values.pool_running import PoolRunning, PriceSource
from evens.feeds.rounds.calendar import Session, calendar_of
from evens.feeds.rounds.metrics import OracleMetrics
from evens.feeds.rounds.oracle import Oracle
from evens.feeds.rounds.sources.source import PriceReader, Quote
from evens.feeds.rounds.verdicts import Rule

CLOSES = Path(__file__).resolve().parents[4] / "shared" / "data" / "nasdaq_composite_close_2012_2021.csv"
"""Recorded by others; tests that need it are skipped where it is not."""

FRIDAY = calendar_of(PoolRunning()).session("20210312")
MINUTE = calendar_of(PoolRunning(calendar="every:60")).session("20261128T095959")
USUAL = Rule(quorum=1, tolerance_bps=10, jump_bps=2_000)

Saying = Quote | Exception | Callable[[], Quote]


def quote(price: str, day: str = FRIDAY.observed_on) -> Quote:
    return Quote(Decimal(price), day)


class Said:
    """A source that says one thing after the other, and the last one for ever."""

    def __init__(self, name: str, *sayings: Saying, hangs: bool = False) -> None:
        self.name = name
        self.asked = 0
        self._sayings = list(sayings)
        self._hangs = hangs

    async def closing(self, symbol: str, session: Session) -> Quote:
        self.asked += 1
        if self._hangs:
            await asyncio.Event().wait()
        saying = self._sayings.pop(0) if len(self._sayings) > 1 else self._sayings[0]
        if isinstance(saying, Exception):
            raise saying
        return saying if isinstance(saying, Quote) else saying()


class Asking:
    """An oracle of some sources with metrics of its own; ``clock`` is the moment of every answer."""

    def __init__(self, *readers: PriceReader, rule: Rule = USUAL, deadline_s: float = 10.0) -> None:
        self.registry = CollectorRegistry()
        self.now = FRIDAY.settles_at
        self.metrics = OracleMetrics(self.registry).of("ny-daily")
        self.oracle = Oracle(readers, rule, self.metrics, lambda: self.now, deadline_s=deadline_s)

    def count(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


def http_source(url: str, kind: str = "http_json", price: str = "close", date: str = "date") -> PriceSource:
    return PriceSource("ny", kind, url, price, date)
