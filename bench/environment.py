"""The environment of a benchmark: a PostgreSQL of its own, a new database, and a sequencer that leads on it."""

import asyncio
import itertools
import os
import random
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg

from evens.core.commands.every import Command
from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.wallets import Deposit, RegisterCustomer
from evens.core.events.wallets import CustomerRegistered
from evens.core.receipts import Receipt
from evens.core.values.ids import CustomerId, Rail
from evens.program.gc_freezing import GcFreezer
from evens.sequencer.inbox import Inbox
from evens.sequencer.observer import Unobserved
from evens.sequencer.sequencer import Sequencer
from evens.store.embedded import APP_ROLE, OWNER_ROLE, Running, start
from evens.store.journal import PostgresJournal
from evens.store.migrate import migrate

ACTOR = "operator:bench"
CHUNK = 1_000

_numbers = itertools.count(1)


@contextmanager
def postgres() -> Generator[Running]:
    """Run a PostgreSQL in a temporary folder, with the settings that Evens gives it."""
    directory = Path(tempfile.mkdtemp(prefix="evens-bench-"))
    try:
        with start(directory) as server:
            yield server
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def new_database(server: Running) -> str:
    """Make an empty, migrated database and return its name."""
    name = f"bench_{next(_numbers)}"
    connection = await asyncpg.connect(server.dsn(OWNER_ROLE, "postgres"))
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    await migrate(server.dsn(OWNER_ROLE, name))
    return name


class Bench(Unobserved):
    """A leading sequencer and its inbox."""

    def __init__(self, dsn: str) -> None:
        self.inbox = Inbox(1_000_000)
        self.sequencer = Sequencer(PostgresJournal(dsn), self.inbox, time.time_ns, observer=self)
        self.led = asyncio.Event()
        self.load_s = 0.0

    def leading(self, seq: int, seconds: float) -> None:
        """Note that the sequencer leads, and how long loading took."""
        self.load_s = seconds
        self.led.set()

    def failed(self, error: Exception) -> None:
        """Raise the error, so that a benchmark never hides one."""
        raise error

    async def book(self, commands: Sequence[Command]) -> list[Receipt]:
        """Book commands in chunks and return their receipts."""
        receipts: list[Receipt] = []
        for first in range(0, len(commands), CHUNK):
            chunk = [(os.urandom(16), command) for command in commands[first : first + CHUNK]]
            answers = await asyncio.gather(*self.inbox.submit_all(chunk, actor=ACTOR))
            receipts += [receipt for receipt, _ in answers]
        return receipts

    async def customers(self, count: int, cash_minor: int, prefix: str = "c") -> list[CustomerId]:
        """Register customers with this much USD each and return their ids."""
        receipts = await self.book([RegisterCustomer(f"{prefix}{number}") for number in range(count)])
        ids = [
            event.customer for receipt in receipts for event in receipt.events if isinstance(event, CustomerRegistered)
        ]
        await self.book([Deposit(customer, "USD", cash_minor, Rail.DESK) for customer in ids])
        return ids


@asynccontextmanager
async def leading(dsn: str) -> AsyncGenerator[Bench]:
    """Run a sequencer on a database as a server would, with USD defined, until the end of the block."""
    bench = Bench(dsn)
    running = asyncio.create_task(bench.sequencer.run())
    await bench.led.wait()
    if "USD" not in bench.sequencer.house.ledger.currencies:
        await bench.book([DefineCurrency("USD", 2)])
    try:
        with GcFreezer():
            yield bench
    finally:
        bench.sequencer.stop()
        await running


@asynccontextmanager
async def fresh(server: Running) -> AsyncGenerator[Bench]:
    """Run a sequencer on a new database."""
    name = await new_database(server)
    async with leading(server.dsn(APP_ROLE, name)) as bench:
        yield bench


def pairs(customers: Sequence[CustomerId], count: int, seed: int) -> list[tuple[CustomerId, CustomerId]]:
    """Return payers and payees, drawn evenly."""
    draw = random.Random(seed)
    return [tuple(draw.sample(customers, 2)) for _ in range(count)]  # pyright: ignore[reportReturnType]
