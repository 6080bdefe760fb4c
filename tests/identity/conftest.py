"""Identity on a real PostgreSQL, with cheap password hashes."""

from collections.abc import Awaitable, Callable, Iterator

import pytest

from evens.core.values.ids import CustomerId
from evens.identity.keys import InstallationKeys
from evens.identity.login_attempts import AttemptGuard, AttemptLimits
from evens.identity.passwords import Argon2Cost, Passwords
from evens.identity.service import Identity
from evens.store.database import Database
from evens.store.identity import IdentityTables

CHEAP = Argon2Cost(memory_kib=8, passes=1)

AddCustomer = Callable[[CustomerId, str], Awaitable[CustomerId]]


@pytest.fixture
def keys() -> InstallationKeys:
    """Give the keys of one installation."""
    return InstallationKeys(bytes(range(32)))


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    """Hash cheaply."""
    passwords = Passwords(CHEAP)
    yield passwords
    passwords.close()


@pytest.fixture
def store(database: Database) -> IdentityTables:
    """Keep everything in this test's database."""
    return IdentityTables(database)


@pytest.fixture
def identity(store: IdentityTables, keys: InstallationKeys, passwords: Passwords) -> Identity:
    """Join it all, with room for three wrong passwords."""
    guard = AttemptGuard(AttemptLimits(per_login_and_place=3, per_login=5, per_place=6, window_s=300, slowed_s=0.01))
    return Identity(store, keys, passwords=passwords, guard=guard)


@pytest.fixture
def add_customer(database: Database) -> AddCustomer:
    """Register customers as the journal's projection does, under an id of the test's choice."""

    async def add(customer: CustomerId, username: str) -> CustomerId:
        async with database.connection() as connection:
            await connection.execute("SELECT evens.register_customers($1, $2, $3)", [customer], [username], [customer])
        return customer

    return add
