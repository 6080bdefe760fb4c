"""Databases that tests of the store share: a bare one, and one that an earlier build left."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.wallets import (
    Deposit,
    ExcludeCustomer,
    ReverseTransaction,
    SetDepositLimits,
    TagCustomer,
)
from evens.core.events.ledger import Transferred
from evens.core.values.ids import Rail
from evens.store.embedded import APP_ROLE, OWNER_ROLE, Running
from evens.store.migrate import migrate
from tests.conftest import Dsns, Stage
from tests.store.exchange.persisting import change_persistence
from tests.store.fixed_odds.book import Book, everything
from tests.store.following.circle import Circle, everything_followed
from tests.store.old_data import restore
from tests.store.pools.series import Series, everything_in_pools


@asynccontextmanager
async def new_database(postgres: Running, name: str) -> AsyncGenerator[Dsns]:
    """Make a database without any schema, and drop it in the end."""
    administrator = await asyncpg.connect(postgres.dsn(OWNER_ROLE, "postgres"))
    try:
        await administrator.execute(f"CREATE DATABASE {name}")
        yield Dsns(postgres.dsn(APP_ROLE, name), postgres.dsn(OWNER_ROLE, name))
        await administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await administrator.close()


@pytest.fixture
async def bare(postgres: Running) -> AsyncIterator[Dsns]:
    """Make a database without any schema."""
    async with new_database(postgres, "evens_bare") as dsns:
        yield dsns


@pytest.fixture
async def old(postgres: Running) -> AsyncIterator[Dsns]:
    """Make a database that an earlier build left, not yet migrated by this one."""
    async with new_database(postgres, "evens_old") as dsns:
        await restore(dsns.owner)
        yield dsns


@pytest.fixture
async def complete(upgraded: Dsns) -> Dsns:
    """Add what the earlier build did not know to its database, so that it has rows of every kind."""
    stage = Stage(upgraded)
    running = asyncio.create_task(stage.sequencer.run())
    await stage.leads()
    customer = await stage.customer("newcomer", USD=10_00)
    for limits in (SetDepositLimits(customer, "USD", 100_00, 200_00), SetDepositLimits(customer, "USD", 300_00)):
        await stage.submit(limits)
    booked = await stage.submit(Deposit(customer, "USD", 5_00, Rail.DESK))
    (paid,) = [event for event in booked.events if isinstance(event, Transferred)]
    await stage.submit(
        ReverseTransaction(paid.transfer, "mistake", paid.kind, paid.debit, paid.credit, paid.amount_minor)
    )
    await change_persistence(stage, customer)
    await stage.submit(TagCustomer(customer, ("card:4711", "team")))
    await stage.submit(ExcludeCustomer(customer, time.time_ns() + 10**18))
    await stage.submit(DefineCurrency("EUR", 2))
    await everything(Book(stage))
    await everything_in_pools(Series(stage))
    await everything_followed(Circle(stage))
    stage.sequencer.stop()
    await running
    return upgraded


@pytest.fixture
async def upgraded(old: Dsns) -> Dsns:
    """Bring the database that an earlier build left up to date."""
    await migrate(old.owner)
    return old
