"""Credentials that end: every server hears of it, remembers it as long as tokens live, and asks while it is unsure."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from evens.core.values.ids import CustomerId
from evens.identity.ended import KEY, SESSION, SURE_S, Ended, EndedWatch
from evens.identity.errors import NotAuthenticated
from evens.identity.keys import InstallationKeys
from evens.identity.passwords import Passwords
from evens.identity.principal import CONSOLE, Principal, Role
from evens.identity.service import Identity
from evens.identity.sessions import Session
from evens.identity.store_protocol import Listener
from evens.identity.tokens import LIFETIME_S
from evens.store.database import Database
from evens.store.errors import StoreUnavailable
from evens.store.identity import IdentityTables
from evens.store.identity.ended import EndedCredentials
from tests.conftest import Dsns
from tests.identity.conftest import AddCustomer

pytestmark = pytest.mark.anyio

ADA = CustomerId(1)
PASSWORD = "correct horse"


@pytest.fixture
async def session(identity: Identity, add_customer: AddCustomer) -> Session:
    return await identity.register(await add_customer(ADA, "Ada"), "ada@example.com", PASSWORD)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while True:
            if holds():
                return
            await asyncio.sleep(0.005)


class Server:
    """Another server's identity, which hears of what ends."""

    def __init__(self, identity: Identity, watch: EndedWatch) -> None:
        self.identity = identity
        self.watch = watch
        self.told: list[tuple[str, str]] = []
        identity.follow_ended(lambda kind, subject: self.told.append((kind, subject)))

    @property
    def is_sure(self) -> bool:
        return self.identity.knows_what_ended


@asynccontextmanager
async def running(identity: Identity, dsns: Dsns) -> AsyncGenerator[Server]:
    watch = identity.watch(EndedCredentials(dsns.app))
    server = Server(identity, watch)
    task = asyncio.create_task(watch.run())
    await until(lambda: server.is_sure)
    yield server
    watch.stop()
    await task


@pytest.fixture
def another(store: IdentityTables, keys: InstallationKeys, passwords: Passwords) -> Callable[[], Identity]:
    """Start further servers on the same database."""
    return lambda: Identity(store, keys, passwords=passwords)


@pytest.fixture
async def elsewhere(another: Callable[[], Identity], dsns: Dsns) -> AsyncIterator[Server]:
    async with running(another(), dsns) as server:
        yield server


async def is_refused(identity: Identity, token: str) -> bool:
    try:
        await identity.authenticate(token)
    except NotAuthenticated:
        return True
    return False


async def test_a_token_that_was_logged_out_stays_out_after_a_restart(
    identity: Identity, session: Session, another: Callable[[], Identity], dsns: Dsns
) -> None:
    """Hold 5: an ended session is remembered over restarts, as soon as a server answers and once it is sure."""
    await identity.logout(session.access_token)
    restarted = another()
    assert await is_refused(restarted, session.access_token)
    async with running(restarted, dsns):
        assert await is_refused(restarted, session.access_token)


async def test_a_session_that_ends_on_one_server_ends_on_every_other(
    identity: Identity, session: Session, elsewhere: Server
) -> None:
    """Hold 5: an ended session is remembered on every server."""
    assert await elsewhere.identity.authenticate(session.access_token)
    await identity.logout(session.access_token)
    await until(lambda: bool(elsewhere.told))
    assert await is_refused(elsewhere.identity, session.access_token)
    assert elsewhere.is_sure


async def test_a_key_that_is_revoked_on_one_server_is_refused_by_every_other(
    identity: Identity, elsewhere: Server
) -> None:
    made = await identity.create_api_key(CONSOLE, role=Role.SERVICE, name="billing")
    assert await elsewhere.identity.authenticate(made.key)
    await identity.revoke_api_key(CONSOLE, made.shown.id)
    await until(lambda: (KEY, made.shown.id) in elsewhere.told)
    assert await is_refused(elsewhere.identity, made.key)


async def test_a_reused_refresh_token_ends_the_session_on_every_server(
    identity: Identity, session: Session, elsewhere: Server
) -> None:
    following = await identity.refresh(session.refresh_token)
    with pytest.raises(NotAuthenticated):
        await identity.refresh(session.refresh_token)
    await until(lambda: bool(elsewhere.told))
    assert await is_refused(elsewhere.identity, following.access_token)


async def test_freezing_a_customer_ends_their_sessions_and_keys_and_nobody_elses(
    identity: Identity, session: Session, elsewhere: Server, database: Database, add_customer: AddCustomer
) -> None:
    """Hold 13: whatever freezes a customer ends their sessions and keys, in the same transaction."""
    bob = await identity.register(await add_customer(CustomerId(2), "Bob"), "bob@example.com", PASSWORD)
    key = await identity.create_api_key(Principal(Role.CUSTOMER, ADA, "Ada"), role=Role.CUSTOMER)
    assert await elsewhere.identity.authenticate(key.key)
    async with database.connection() as connection:
        await connection.execute("SELECT evens.mark_frozen($1, $2)", [ADA], [True])
    await until(lambda: {kind for kind, _ in elsewhere.told} == {SESSION, KEY})
    for token in (session.access_token, key.key):
        assert await is_refused(identity, token)
        assert await is_refused(elsewhere.identity, token)
    with pytest.raises(NotAuthenticated):
        await identity.refresh(session.refresh_token)
    assert await elsewhere.identity.authenticate(bob.access_token)
    assert await identity.login("ada", PASSWORD)


async def test_a_server_that_lost_its_connection_asks_and_then_hears_again(
    identity: Identity, session: Session, elsewhere: Server, database: Database
) -> None:
    """Hold 5: a broken connection makes a server slower, not wrong."""
    async with database.connection() as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'evens credentials'"
            " AND datname = current_database()"
        )
    await identity.logout(session.access_token)
    await until(lambda: bool(elsewhere.told))
    assert await is_refused(elsewhere.identity, session.access_token)
    await until(lambda: elsewhere.is_sure)


class Clock:
    """A clock that stands still unless it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_ended_session_is_remembered_until_its_tokens_have_expired() -> None:
    """Hold 5: as long as its tokens live, and then no more."""
    clock = Clock()
    ended = Ended(clock=clock)
    first, second = uuid4(), uuid4()
    ended.session(first)
    clock.now += LIFETIME_S
    ended.session(second)
    assert ended.has_session(first)
    clock.now += LIFETIME_S
    ended.session(uuid4())
    assert not ended.has_session(first)
    assert ended.has_session(second)


def test_a_server_is_sure_for_a_while_after_it_was_heard() -> None:
    clock = Clock()
    ended = Ended(clock=clock)
    assert not ended.is_sure
    ended.sure_from(clock.now)
    clock.now += SURE_S - 1
    assert ended.is_sure
    clock.now += 2
    assert not ended.is_sure


class Deaf:
    """A connection on which nothing is ever heard, as through some proxies."""

    def __init__(self) -> None:
        self.opened = 0

    @asynccontextmanager
    async def listen(self, heard: Callable[[str, str], None]) -> AsyncGenerator[Listener]:
        self.opened += 1
        yield self

    async def ended_within(self, period: timedelta) -> list[UUID]:
        return []

    async def check(self) -> None:
        raise StoreUnavailable("nothing is heard")


async def test_a_server_that_hears_nothing_is_never_sure_and_tries_again() -> None:
    ended, deaf = Ended(), Deaf()
    watch = EndedWatch(deaf, ended, pause_s=0.001)
    task = asyncio.create_task(watch.run())
    await until(lambda: deaf.opened > 2)
    assert not ended.is_sure
    watch.stop()
    await task
