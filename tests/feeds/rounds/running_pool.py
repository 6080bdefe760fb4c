"""A pool on a real house with a clock of its own, and its scheduler: time is what a test says."""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry

from evens.core.commands.every import Command
from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.pools import CreatePool, PlacePoolBet
from evens.core.commands.wallets import Deposit, RegisterCustomer
from evens.core.events.pools import PoolCreated
from evens.core.events.wallets import CustomerRegistered
from evens.core.receipts import Receipt
from evens.core.values.ids import AccountClass, CustomerId, PoolId, Rail, account_id
from evens.core.values.pool_running import PoolRunning, format_running
from evens.core.values.pools import PoolSide, PoolTerms
from evens.feeds.rounds.judge import Judge
from evens.feeds.rounds.metrics import OracleMetrics, RoundMetrics
from evens.feeds.rounds.oracle import Oracle, open_oracle
from evens.feeds.rounds.protocols import Step
from evens.feeds.rounds.scheduler import RoundScheduler
from evens.feeds.rounds.sources.manual import OperatorWords, Words
from evens.program.in_process import InProcessGateway
from evens.program.rounds import GatewayRoundCommands, PoolTables
from evens.sequencer.inbox import Inbox
from evens.sequencer.sequencer import Sequencer
from evens.store.database import Database
from evens.store.journal import PostgresJournal
from evens.store.pools.queries import PoolQueries
from evens.store.pools.rows import RoundRow
from evens.store.wallets.queries import Queries
from tests.conftest import Dsns, Stage

CASH_MINOR = 10**15


class Killed(Exception):
    """The scheduler's process ended here."""


class MortalCommands(GatewayRoundCommands):
    """Books steps, and may be killed before or after one. ``steps`` are those that were submitted, by their keys.

    ``meets`` is awaited before each.
    """

    def __init__(self, gateway: InProcessGateway) -> None:
        super().__init__(gateway)
        self.steps: list[str] = []
        self.dies: Callable[[str], bool] = lambda moment: False
        self.meets: Callable[[str], Awaitable[object]] | None = None
        self.stands_by = False

    @property
    def is_open(self) -> bool:
        """Whether this server takes commands now."""
        return super().is_open and not self.stands_by

    async def submit(self, step: Step, key: str) -> None:
        """Book a step under its key."""
        if self.meets is not None:
            await self.meets(key)
        if self.dies(f"before {key}"):
            raise Killed
        await super().submit(step, key)
        self.steps.append(key)
        if self.dies(f"after {key}"):
            raise Killed


class RunningPool:
    """A pool called ``daily`` in USDC. ``now`` is the time, in nanoseconds since 1970."""

    def __init__(self, dsns: Dsns, database: Database, running: PoolRunning, now: int) -> None:
        self.dsns = dsns
        self.now = now
        self.words = OperatorWords()
        self.recorded: Words | None = None
        self.registry = CollectorRegistry()
        self.reads = PoolQueries(database)
        self._running = running
        self._inbox = Inbox(100_000)
        self._gateway = InProcessGateway(self._inbox, Queries(database))
        self._stage = Stage(dsns)
        self._stage.observer.gateways.append(self._gateway)
        self.sequencer = Sequencer(PostgresJournal(dsns.app), self._inbox, self.clock, observer=self._stage.observer)
        self.commands = MortalCommands(self._gateway)
        self.pool = PoolId(0)
        self.people: list[CustomerId] = []

    def clock(self) -> int:
        """Return the time."""
        return self.now

    def scheduler(self, ahead: int = 0) -> RoundScheduler:
        """Return a scheduler that has just been started, on a machine whose clock is so many nanoseconds ahead."""

        def clock() -> int:
            return self.now + ahead

        def oracle_of(running: PoolRunning, _pool: PoolId, key: str) -> Oracle:
            return open_oracle(
                running, OracleMetrics(CollectorRegistry()).of(key), self.recorded or self.words, None, clock
            )

        tables = PoolTables(self.reads)
        judge = Judge(tables, oracle_of, clock)
        self.registry = CollectorRegistry()
        return RoundScheduler(tables, self.commands, judge, RoundMetrics(self.registry), clock)

    def figure(self, name: str, **labels: str) -> float | None:
        """Return a figure of the scheduler that was started last."""
        return self.registry.get_sample_value(name, {"pool": "daily", **labels})

    async def open(self, people: int) -> None:
        """Begin the pool, for people with a lot of money."""
        await self._stage.leads()
        await self.submit(DefineCurrency("USDC", 6))
        terms = PoolTerms("Daily", "IXIC", 100, running=format_running(self._running))
        created = (await self.submit(CreatePool("daily", "USDC", terms))).events[0]
        assert isinstance(created, PoolCreated)
        self.pool = created.pool
        for number in range(people):
            registered = (await self.submit(RegisterCustomer(f"p{number}"))).events[0]
            assert isinstance(registered, CustomerRegistered)
            self.people.append(registered.customer)
            await self.submit(Deposit(registered.customer, "USDC", CASH_MINOR, Rail.DESK))

    async def submit(self, command: Command) -> Receipt:
        """Book a command."""
        receipt, _ = await self._inbox.submit(command, command_id=os.urandom(16), actor="operator:test", unseen=True)
        return receipt

    async def bets(self, *bets: tuple[int, PoolSide, int]) -> Sequence[Receipt]:
        """Book bets, each by somebody on a side, in the open round that locks first."""
        wanted = [PlacePoolBet(self.people[who], self.pool, side, minor) for who, side, minor in bets]
        return await asyncio.gather(*map(self.submit, wanted))

    async def calm(self) -> None:
        """Let the house do all that is due by now."""
        await self.submit(DefineCurrency("USDC", 6))
        while self.sequencer.house.agenda.long_work:
            await self.submit(DefineCurrency("USDC", 6))
        # The house in memory is ahead of the tables until this is answered.
        await self.submit(DefineCurrency("USDC", 6))

    async def tick(self, at: int, scheduler: RoundScheduler | None = None) -> None:
        """Let it be a time, and the scheduler do what is due."""
        self.now = at
        await self.calm()
        await (scheduler or self.scheduler()).tick()
        await self.calm()

    async def round(self, code: str) -> RoundRow:
        """Return a round."""
        row = await self.reads.round(self.pool, code)
        assert row is not None
        return row

    def has(self, who: int, kept: AccountClass = AccountClass.CASH) -> int:
        """Return what somebody has."""
        return self.sequencer.house.ledger.balance_minor(account_id(self.people[who], 1, kept))

    async def run(self) -> None:
        """Run the sequencer."""
        await self.sequencer.run()


@asynccontextmanager
async def running_pool(
    dsns: Dsns, database: Database, running: PoolRunning, now: int, people: int = 2
) -> AsyncGenerator[RunningPool]:
    """Run a pool on an empty database."""
    pool = RunningPool(dsns, database, running, now)
    task = asyncio.create_task(pool.run())
    await pool.open(people)
    try:
        yield pool
    finally:
        pool.sequencer.stop()
        await task
