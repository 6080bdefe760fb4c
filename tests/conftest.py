"""What every test can use: a real PostgreSQL for each process of the run, and an empty database for each test."""

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from evens.core.commands.every import Command
from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.wallets import Deposit, RegisterCustomer
from evens.core.events.wallets import CustomerRegistered
from evens.core.receipts import Receipt
from evens.core.values.ids import CustomerId, Rail
from evens.program.in_process import InProcessGateway
from evens.sequencer.inbox import Inbox
from evens.sequencer.observer import Unobserved
from evens.sequencer.sequencer import Sequencer
from evens.store.database import Database
from evens.store.embedded import APP_ROLE, OWNER_ROLE, Running, start
from evens.store.journal import PostgresJournal
from tests.databases import Databases
from tests.folders import passable_folder
from tests.introspection import remember_types

settings.register_profile(
    "default", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.register_profile("soak", settings.get_profile("default"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# A shell that runs the tests in the background lets them ignore Ctrl-C, and what they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

remember_types()

_RECURSION_LIMIT = sys.getrecursionlimit()

_LONG_TESTS = (
    "feeds/rounds/test_ten",
    "feeds/chain/test_deaths",
    "program/test_four",
    "faults/test_sportsbook_kill",
    "faults",
    "demo",
    "cli",
    "stream",
    "betfair",
    "edges/protocol",
)
"""Where tests take seconds each, the longest first."""


def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are processors: many tests wait for a database, or for what they have killed."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of every later search for garbage, and search less often.

    A run holds a few million objects that live to its end; looking at them took an eighth of its processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put long tests first where several processes share the run, so that none is left alone with one at the end.

    In a single process the order stays as it is, and what is quickly tested is told first.
    """
    # Libraries that tests import raise it; a test of deep nesting would end the process then.
    sys.setrecursionlimit(_RECURSION_LIMIT)
    if hasattr(config, "workerinput"):
        items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    """Return where a test stands among the long ones; all others come after them."""
    places = enumerate(_LONG_TESTS)
    return next((number for number, each in places if item.nodeid.startswith(f"tests/{each}")), len(_LONG_TESTS))


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Return an empty folder. Not pytest's own, which PostgreSQL could not pass through when tests run as root."""
    with passable_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, which is what the product runs on."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Running]:
    """Start the PostgreSQL of this process."""
    with passable_folder() as folder, start(folder) as server:
        yield server


@pytest.fixture(scope="session")
def databases(postgres: Running) -> Databases:
    """Return migrated databases that are used again and again."""
    databases = Databases(postgres)
    asyncio.run(databases.make_template())
    return databases


@dataclass(frozen=True, slots=True)
class Dsns:
    """The addresses of one database: as the application, and as its owner."""

    app: str
    owner: str


@pytest.fixture
async def dsns(postgres: Running, databases: Databases) -> AsyncIterator[Dsns]:
    """Lend a migrated, empty database."""
    name = await databases.lend()
    yield Dsns(postgres.dsn(APP_ROLE, name), postgres.dsn(OWNER_ROLE, name))
    await databases.take_back(name)


@pytest.fixture
async def database(dsns: Dsns) -> AsyncIterator[Database]:
    """Open a pool under the application's role on a migrated, empty database."""
    database = await Database.open(dsns.app)
    yield database
    await database.close()


class Stage:
    """A sequencer that leads on a real journal, and the everyday ways to use it."""

    def __init__(self, dsns: Dsns, clock: Callable[[], int] = time.time_ns) -> None:
        self.dsns = dsns
        self.inbox = Inbox(100_000)
        self.observer = _Recorder()
        self.sequencer = Sequencer(PostgresJournal(dsns.app), self.inbox, clock, observer=self.observer)

    async def submit(self, command: Command, key: str | None = None, actor: str = "operator:test") -> Receipt:
        """Book a command and return its receipt; the same ``key`` asks for the same thing again."""
        command_id = os.urandom(16) if key is None else key.encode().ljust(16, b"\0")
        receipt, _replayed = await self.inbox.submit(command, command_id=command_id, actor=actor)
        return receipt

    async def customer(self, username: str, **cash: int) -> CustomerId:
        """Register a customer with this much cash in each currency, in minor units; return the id."""
        receipt = await self.submit(RegisterCustomer(username))
        registered = receipt.events[0]
        assert isinstance(registered, CustomerRegistered)
        for currency, amount_minor in cash.items():
            await self.submit(Deposit(registered.customer, currency, amount_minor, Rail.DESK))
        return registered.customer

    async def at_rest(self) -> None:
        """Wait until the house has done what it does of itself, and that is stored."""
        while self.sequencer.house.agenda.long_work:
            await self.submit(DefineCurrency("USD", 2))
        # The house in memory is ahead of the tables. What was decided before this is committed before it is answered.
        await self.submit(DefineCurrency("USD", 2))

    async def leads(self) -> None:
        """Wait until the sequencer leads."""
        await asyncio.wait_for(self.observer.led.wait(), 30)


class _Recorder(Unobserved):
    """Writes down what it hears, and passes it on to ``gateways``, as a server's observer does."""

    def __init__(self) -> None:
        self.led = asyncio.Event()
        self.idled = asyncio.Event()
        self.failures: list[Exception] = []
        self.gateways: list[InProcessGateway] = []

    def committed(self, receipts: Sequence[Receipt], seconds: float) -> None:
        for gateway in self.gateways:
            gateway.committed(receipts, seconds)

    def leading(self, seq: int, seconds: float) -> None:
        for gateway in self.gateways:
            gateway.leading(seq, seconds)
        self.led.set()

    def idle(self, because: str) -> None:
        for gateway in self.gateways:
            gateway.idle(because)
        self.led.clear()
        self.idled.set()

    def failed(self, error: Exception) -> None:
        self.failures.append(error)


@pytest.fixture
async def stage(dsns: Dsns) -> AsyncIterator[Stage]:
    """Run a sequencer on an empty database with USD, EUR and USDC defined."""
    stage = Stage(dsns)
    running = asyncio.create_task(stage.sequencer.run())
    await stage.leads()
    for code, scale in (("USD", 2), ("EUR", 2), ("USDC", 6)):
        await stage.submit(DefineCurrency(code, scale))
    yield stage
    stage.sequencer.stop()
    await running
