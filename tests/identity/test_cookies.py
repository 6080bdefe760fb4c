"""Sessions of browsers: what is remembered of a cookie, for how long, and what ends it."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from evens.core.values.ids import CustomerId
from evens.identity.cookies import PROGRAM, CookieSessions
from evens.identity.ended import Ended
from evens.identity.errors import NotAuthenticated
from evens.identity.keys import InstallationKeys
from evens.identity.principal import Role
from evens.identity.sessions import Device, Sessions
from evens.identity.tokens import LIFETIME_S, AccessTokens
from evens.store.database import Database
from evens.store.identity import IdentityTables, SessionRow
from tests.identity.conftest import AddCustomer

pytestmark = pytest.mark.anyio

BROWSER = Device(keeps_cookie=True)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Asked(IdentityTables):
    """Counts how often the store is asked about a cookie, and can hold its answer back."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.times = 0
        self.asked = asyncio.Event()
        self.answering = asyncio.Event()
        self.answering.set()

    async def use_cookie(self, cookie_hash: bytes, lifetime: timedelta | None) -> SessionRow | None:
        self.times += 1
        found = await super().use_cookie(cookie_hash, lifetime)
        self.asked.set()
        await self.answering.wait()
        return found


@pytest.fixture
def store(database: Database) -> Asked:
    """Keep everything in this test's database."""
    return Asked(database)


@pytest.fixture
async def token(store: Asked, keys: InstallationKeys, add_customer: AddCustomer) -> str:
    """The cookie of a new session of Ada's."""
    session = await Sessions(store, AccessTokens(keys), Ended()).begin(
        await add_customer(CustomerId(1), "Ada"), "Ada", role=Role.CUSTOMER, device=BROWSER
    )
    assert session.cookie is not None
    assert (session.access_token, session.refresh_token) == ("", "")
    assert session.cookie not in repr(session)
    return session.cookie


def sure() -> Ended:
    """Return what is sure to hear of every session that ends."""
    ended = Ended()
    ended.sure_from(time.monotonic() + 3600)
    return ended


def same(role: Role, _second_factor: bool) -> Role:
    return role


def cookies_of(store: Asked, ended: Ended, clock: Callable[[], float]) -> CookieSessions:
    return CookieSessions(store, ended, same, clock=clock, remembered_max=2)


async def test_a_cookie_is_looked_up_once_in_a_quarter_of_an_hour(store: Asked, token: str) -> None:
    clock, ended = Clock(), sure()
    cookies = cookies_of(store, ended, clock)
    assert cookies.remembered(token) is None
    for _ in range(3):
        assert (await cookies.authenticate(token)).name == "Ada"
    assert (store.times, cookies.take_renewed(token), cookies.take_renewed(token)) == (1, True, False)
    clock.now = LIFETIME_S + 1
    assert cookies.remembered(token) is None
    assert (await cookies.authenticate(token)).name == "Ada"
    assert (store.times, cookies.take_renewed(token)) == (2, True)


async def test_an_ended_session_leaves_the_memory_at_once(store: Asked, token: str) -> None:
    ended, clock = sure(), Clock()
    cookies = cookies_of(store, ended, clock)
    principal = await cookies.authenticate(token)
    assert principal.session is not None
    ended.session(principal.session)
    assert cookies.remembered(token) is None
    with pytest.raises(NotAuthenticated):
        await cookies.authenticate(token)


async def test_a_session_that_ends_while_it_is_looked_up_is_not_remembered(store: Asked, token: str) -> None:
    ended = sure()
    cookies = cookies_of(store, ended, Clock())
    session = await cookies.session_of(token)
    assert session is not None
    another = cookies_of(store, ended, Clock())
    store.asked.clear()
    store.answering.clear()
    looking = asyncio.create_task(another.authenticate(token))
    await store.asked.wait()
    ended.session(session)
    store.answering.set()
    with pytest.raises(NotAuthenticated):
        await looking
    assert another.remembered(token) is None


async def test_a_server_that_may_miss_ends_asks_the_database_each_time(store: Asked, token: str) -> None:
    ended = sure()
    cookies = cookies_of(store, ended, Clock())
    await cookies.authenticate(token)
    ended.unsure()
    assert cookies.remembered(token) is None
    session = (await cookies.authenticate(token)).session
    assert store.times == 2
    assert session is not None
    await store.end_session(session)
    with pytest.raises(NotAuthenticated):
        await cookies.authenticate(token)


async def test_a_session_in_use_does_not_end_and_one_out_of_use_does(
    store: Asked, token: str, database: Database
) -> None:
    cookies = cookies_of(store, Ended(), Clock())
    async with database.connection() as connection:
        await connection.execute("UPDATE evens.sessions SET expires_at = now() + interval '1 hour'")
        await cookies.authenticate(token)
        left = await connection.fetchval("SELECT expires_at - now() > interval '29 days' FROM evens.sessions")
        assert left
        await connection.execute("UPDATE evens.sessions SET expires_at = now()")
    with pytest.raises(NotAuthenticated):
        await cookies_of(store, Ended(), Clock()).authenticate(token)


@pytest.mark.parametrize("text", ["", "evc_", "evc_" + "a" * 42, "evc_" + "é" * 43, "evc_" + "a" * 43 + "\n"])
async def test_what_can_be_no_cookie_is_not_looked_up(store: Asked, text: str) -> None:
    with pytest.raises(NotAuthenticated):
        await cookies_of(store, Ended(), Clock()).authenticate(text)
    assert store.times == 0


async def test_a_programs_session_lasts_twelve_hours_and_ends_later_only_if_it_is_extended(
    store: Asked, keys: InstallationKeys, add_customer: AddCustomer, database: Database
) -> None:
    sessions, customer = Sessions(store, AccessTokens(keys), Ended()), await add_customer(CustomerId(1), "Ada")
    token = (await sessions.begin(customer, "Ada", device=Device(session_token=True))).cookie
    assert token is not None
    left = "SELECT extract(epoch FROM expires_at - now())::integer / 60 FROM evens.sessions"
    async with database.connection() as connection:
        assert await connection.fetchval(left) in (719, 720)
        await connection.execute("UPDATE evens.sessions SET expires_at = now() + interval '1 hour'")
        assert (await sessions.authenticate(token)).name == "Ada"
        assert await connection.fetchval(left) in (59, 60)
        await sessions.programs.extend(token)
        assert await connection.fetchval(left) in (719, 720)
        await connection.execute("UPDATE evens.sessions SET expires_at = now()")
    for refused in (sessions.programs.extend, sessions.authenticate, sessions.cookies.authenticate):
        with pytest.raises(NotAuthenticated):
            await refused(token)


async def test_one_kind_of_token_does_not_stand_for_another(store: Asked, token: str) -> None:
    programs = CookieSessions(store, Ended(), same, kind=PROGRAM)
    for text in (token, token.replace("evc_", "evs_")):
        with pytest.raises(NotAuthenticated):
            await programs.authenticate(text)
