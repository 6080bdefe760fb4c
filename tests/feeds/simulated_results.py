"""A simulated exchange for tests of the watcher: the real rules in memory, idempotency keys, and recorded alerts."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry

from evens.core.commands.every import Command
from evens.core.commands.exchange import CreateMarket, SettleMarket, SuspendMarket, VoidMarket
from evens.core.events.exchange import MarketCreated
from evens.core.events.ledger import Rejected
from evens.core.exchange.market import Market
from evens.core.values.betting import MarketStatus, MarketTerms
from evens.core.values.ids import MarketId, RunnerId
from evens.core.values.reasons import Reason
from evens.feeds.results.metrics import ResultsMetrics
from evens.feeds.results.protocols import LiveMarket
from evens.feeds.results.sources import OfficialResult, ResultSource, SourceFailed
from evens.feeds.results.watcher import ResultsWatcher
from tests.core.exchange.floor import Floor

CONFIRMATION_S = 60
SECOND_NS = 10**9
RUNNERS = ("Alpha", "Beta", "Gamma")


class Publisher:
    """A source whose results a test chooses."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.results: list[OfficialResult] = []
        self.failure: Exception | None = None
        self.asked = 0
        self._asked = asyncio.Condition()

    async def fetch(self) -> Sequence[OfficialResult]:
        async with self._asked:
            self.asked += 1
            self._asked.notify_all()
        if self.failure is not None:
            raise self.failure
        return list(self.results)

    async def was_asked(self, times: int) -> None:
        async with self._asked, asyncio.timeout(10):
            await self._asked.wait_for(lambda: self.asked >= times)

    def says(self, *winners: str, event: str = "derby", market: str | None = "Winner", dead_heat: bool = False) -> None:
        """Publish this result and no other from now on."""
        self.results = []
        self.adds(*winners, event=event, market=market, dead_heat=dead_heat)

    def adds(self, *winners: str, event: str = "derby", market: str | None = "Winner", dead_heat: bool = False) -> None:
        """Publish this result too; without winners, that the market is void."""
        self.results.append(OfficialResult(self.name, event, market, winners, not winners, dead_heat))

    def retracts(self) -> None:
        self.results = []

    def fails(self, why: str = "answered 503") -> None:
        self.failure = SourceFailed(why)


@dataclass
class SimulatedExchange:
    """The watcher's three protocols in one; every market has bets on it."""

    floor: Floor = field(default_factory=Floor)
    answers: dict[str, tuple[Command, Reason | None]] = field(default_factory=dict[str, tuple[Command, Reason | None]])
    commands: list[Command] = field(default_factory=list[Command])
    """The commands that were booked: repeats under one key count once."""
    alerts: list[tuple[MarketId, str]] = field(default_factory=list[tuple[MarketId, str]])
    lookups: list[str] = field(default_factory=list[str])
    command_error: Exception | None = None
    """Raised by every command, if set."""
    alert_error: Exception | None = None
    """Raised by every alert, if set."""

    def __post_init__(self) -> None:
        self.floor.define("USD")
        self.floor.join("ann", USD=100_000)
        self.floor.join("bob", USD=100_000)

    def open(
        self, event: str = "derby", name: str = "Winner", runners: Sequence[str] = RUNNERS, places: int = 1
    ) -> MarketId:
        """Open a market on which Ann has backed the first runner and Bob has laid it; return its id."""
        terms = MarketTerms(name, tuple(runners), places, starts_at=0, min_stake_minor=1, event=event)
        (created,) = self.floor.do(CreateMarket("USD", terms))
        assert isinstance(created, MarketCreated)
        self.floor.place("ann back 1000 @ 2.00", market=created.market)
        self.floor.place("bob lay 1000 @ 2.00", market=created.market)
        return created.market

    def status(self, market: MarketId) -> MarketStatus:
        return self.floor.house.exchange.markets[market].status

    def winners(self, market: MarketId) -> tuple[RunnerId, ...]:
        return tuple([runner for runner, _ in self.floor.house.exchange.markets[market].shares])

    def alerts_of(self, market: MarketId) -> list[str]:
        """Return the alerts about a market."""
        return [what for concerned, what in self.alerts if concerned == market]

    async def find(self, event: str) -> Sequence[LiveMarket]:
        self.lookups.append(event)
        markets = self.floor.house.exchange.markets.values()
        return [self._seen(market) for market in markets if market.terms.event == event]

    async def suspend(self, market: MarketId, *, key: str) -> Reason | None:
        return self._book(SuspendMarket(market), key)

    async def settle(
        self, market: MarketId, winners: tuple[RunnerId, ...], *, dead_heat: bool, key: str
    ) -> Reason | None:
        return self._book(SettleMarket(market, winners, dead_heat), key)

    async def void(self, market: MarketId, *, key: str) -> Reason | None:
        return self._book(VoidMarket(market), key)

    async def knows(self, key: str) -> bool:
        return key in self.answers

    async def alert(self, market: LiveMarket, what: str) -> None:
        if self.alert_error is not None:
            raise self.alert_error
        self.alerts.append((market.id, what))

    def _book(self, command: Command, key: str) -> Reason | None:
        if self.command_error is not None:
            raise self.command_error
        if key not in self.answers:
            event = self.floor.do(command)[0]
            self.answers[key] = command, event.reason if isinstance(event, Rejected) else None
            self.commands.append(command)
        known, answer = self.answers[key]
        assert known == command, "one key stands for one command"
        return answer

    def _seen(self, market: Market) -> LiveMarket:
        terms = market.terms
        return LiveMarket(
            id=market.id,
            event=terms.event or "",
            name=terms.name,
            runners=terms.runners,
            removed=frozenset(market.removals),
            status=market.status,
            winners=self.winners(market.id),
        )


@dataclass
class WatcherHarness:
    """A watcher with a clock that tests set, and its sources."""

    exchange: SimulatedExchange
    sources: Sequence[ResultSource]
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    now: int = 0

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Replace the watcher by a new one, which remembers nothing."""
        self.registry = CollectorRegistry()
        self.watcher = ResultsWatcher(
            self.sources,
            self.exchange,
            self.exchange,
            self.exchange,
            ResultsMetrics(self.registry),
            lambda: self.now,
            every_s=0,
            confirmation_s=CONFIRMATION_S,
        )

    async def poll(self, *, after_s: int = 0) -> None:
        """Poll after so much time, and do the work that follows from it."""
        self.now += after_s * SECOND_NS
        await self.watcher.poll()
        self.exchange.floor.work()

    async def poll_through(self, seconds: int = 2 * CONFIRMATION_S) -> None:
        """Poll every ten seconds for this long."""
        for _ in range(0, seconds, 10):
            await self.poll(after_s=10)

    def count(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0
