"""Accounts: changing and resetting passwords, roles, one's own sessions, and keys that are bound to them."""

import asyncio

import pytest

from evens.core.values.ids import CustomerId
from evens.identity.errors import (
    CustomerUnknown,
    NotASession,
    NotAuthenticated,
    PasswordCommon,
    PasswordInvalid,
    PasswordWrong,
    RefreshTokenInvalid,
    ResetTokenInvalid,
    SessionUnknown,
    TooManyAttempts,
    TooManySessions,
    WrongCredentials,
)
from evens.identity.keys import InstallationKeys
from evens.identity.limits import IdentityLimits
from evens.identity.passwords import Passwords
from evens.identity.principal import CONSOLE, Principal, Role
from evens.identity.service import Identity
from evens.identity.sessions import Device, Session, format_session_id
from evens.store.database import Database
from evens.store.identity import IdentityTables
from tests.identity.conftest import AddCustomer

pytestmark = pytest.mark.anyio

ADA, BOB = CustomerId(1), CustomerId(2)
PASSWORD, ANOTHER = "correct horse", "battery staple"
PHONE = Device("192.0.2.1", "Phone/1.0")


@pytest.fixture
async def session(identity: Identity, add_customer: AddCustomer) -> Session:
    return await identity.register(await add_customer(ADA, "Ada"), "ada@example.com", PASSWORD, device=PHONE)


async def who(identity: Identity, session: Session) -> Principal:
    return await identity.authenticate(session.access_token)


async def test_a_password_is_changed_and_every_other_session_ends(identity: Identity, session: Session) -> None:
    """Hold 19: change password."""
    other = await identity.login("ada", PASSWORD)
    await identity.change_password(await who(identity, session), ADA, PASSWORD, ANOTHER)
    assert await who(identity, session)
    with pytest.raises(RefreshTokenInvalid):
        await identity.refresh(other.refresh_token)
    with pytest.raises(WrongCredentials):
        await identity.login("ada", PASSWORD)
    assert await identity.login("ada", ANOTHER)


async def test_a_password_is_not_changed_without_the_present_one(identity: Identity, session: Session) -> None:
    caller = await who(identity, session)
    for _ in range(3):
        with pytest.raises(PasswordWrong) as refusal:
            await identity.change_password(caller, ADA, "wrong horse", ANOTHER, device=Device("198.51.100.7"))
        assert refusal.value.field == "current"
    with pytest.raises(TooManyAttempts):
        await identity.change_password(caller, ADA, PASSWORD, ANOTHER, device=Device("198.51.100.7"))
    with pytest.raises(CustomerUnknown):
        await identity.change_password(caller, BOB, PASSWORD, ANOTHER)
    assert await identity.login("ada", PASSWORD)


@pytest.mark.parametrize(
    "password",
    ["1234567890", "Password123!", "qwertyuiop", "aaaaaaaaaaaa", "iloveyou123", "ada@example.com", "adaadaada1"],
)
async def test_a_common_password_is_refused_wherever_one_is_chosen(
    identity: Identity, session: Session, password: str
) -> None:
    """Hold 19: common passwords, and one's own name or address, are refused."""
    with pytest.raises(PasswordCommon) as refusal:
        await identity.check_registration("ada", "ada@example.com", password)
    assert refusal.value.field == "password"
    with pytest.raises(PasswordCommon) as refusal:
        await identity.change_password(await who(identity, session), ADA, PASSWORD, password)
    assert refusal.value.field == "new"
    made = await identity.resets.make(CONSOLE, ADA)
    with pytest.raises(PasswordCommon):
        await identity.resets.use(made.token, password)
    await identity.resets.use(made.token, ANOTHER)


async def test_a_reset_token_sets_a_password_once_and_ends_every_session(identity: Identity, session: Session) -> None:
    """Hold 19: reset by a token that an operator hands out."""
    made = await identity.resets.make(CONSOLE, ADA)
    assert (made.username, made.email) == ("Ada", "ada@example.com")
    with pytest.raises(PasswordInvalid):
        await identity.resets.use(made.token, "short")
    await identity.resets.use(made.token, ANOTHER)
    with pytest.raises(RefreshTokenInvalid):
        await identity.refresh(session.refresh_token)
    with pytest.raises(NotAuthenticated):
        await who(identity, session)
    assert await identity.login("ada", ANOTHER)
    with pytest.raises(ResetTokenInvalid):
        await identity.resets.use(made.token, "third password")


async def test_a_customer_without_a_password_gets_in_by_a_reset_token(
    identity: Identity, add_customer: AddCustomer
) -> None:
    """Hold 19: customers whom operators made or imported get in the same way, with or without an address."""
    for customer, username in ((ADA, "Ada"), (BOB, "Bob")):
        await add_customer(customer, username)
    await identity.record_email(BOB, "bob@example.com")
    for customer, login in ((ADA, "ada"), (BOB, "bob@example.com")):
        made = await identity.resets.make(CONSOLE, customer)
        await identity.resets.use(made.token, PASSWORD)
        assert (await identity.login(login, PASSWORD)).customer == customer


async def test_only_the_newest_reset_token_counts_and_only_for_a_day(
    identity: Identity, session: Session, database: Database
) -> None:
    first, second = await identity.resets.make(CONSOLE, ADA), await identity.resets.make(CONSOLE, ADA)
    async with database.connection() as connection:
        hours = await connection.fetchval(
            "SELECT round(extract(epoch FROM expires_at - now()) / 3600) FROM evens.reset_tokens"
        )
        assert hours == 24
    for token in (first.token, "", "evp_", "\ud800", f"evp_{'x' * 43}", session.refresh_token):
        with pytest.raises(ResetTokenInvalid):
            await identity.resets.use(token, ANOTHER)
    async with database.connection() as connection:
        await connection.execute("UPDATE evens.reset_tokens SET expires_at = now() - interval '1 second'")
    with pytest.raises(ResetTokenInvalid):
        await identity.resets.use(second.token, ANOTHER)
    with pytest.raises(CustomerUnknown):
        await identity.resets.make(CONSOLE, CustomerId(99))
    assert second.token not in repr(second)


async def test_a_reset_token_used_many_times_at_once_counts_once(identity: Identity, session: Session) -> None:
    made = await identity.resets.make(CONSOLE, ADA)
    answers = await asyncio.gather(
        *(identity.resets.use(made.token, f"{ANOTHER} {number}") for number in range(5)), return_exceptions=True
    )
    assert answers.count(ADA) == 1


async def test_a_password_change_takes_back_a_reset_token(identity: Identity, session: Session) -> None:
    made = await identity.resets.make(CONSOLE, ADA)
    await identity.change_password(await who(identity, session), ADA, PASSWORD, ANOTHER)
    with pytest.raises(ResetTokenInvalid):
        await identity.resets.use(made.token, "third password")


async def test_own_sessions_are_listed_with_where_they_began_and_ended_one_by_one(
    identity: Identity, session: Session, add_customer: AddCustomer
) -> None:
    """Hold 19: list and end own sessions."""
    laptop = await identity.login("ada", PASSWORD, device=Device("2001:db8::1", "x" * 1000))
    listed = await identity.list_sessions(ADA)
    assert [(each.address, each.client) for each in listed] == [
        ("2001:db8::1", "x" * 200),
        ("192.0.2.1", "Phone/1.0"),
    ]
    await add_customer(BOB, "Bob")
    phone = format_session_id(listed[1].id)
    for customer, session_id in ((BOB, phone), (ADA, "nonsense"), (ADA, f"ses_{0:032}")):
        with pytest.raises(SessionUnknown):
            await identity.end_session(customer, session_id)
    await identity.end_session(ADA, phone)
    with pytest.raises(NotAuthenticated):
        await who(identity, session)
    assert await who(identity, laptop)
    assert [each.id for each in await identity.list_sessions(ADA)] == [listed[0].id]


async def test_sessions_of_a_customer_are_limited_and_the_oldest_can_make_room(
    store: IdentityTables, keys: InstallationKeys, passwords: Passwords, session: Session
) -> None:
    """Hold 7: a cap on sessions, and a refusal that says what to do."""
    few = Identity(store, keys, passwords=passwords, limits=IdentityLimits(sessions_max=2))
    second = await few.login("ada", PASSWORD)
    with pytest.raises(TooManySessions, match="end_oldest") as refusal:
        await few.login("ada", PASSWORD)
    assert refusal.value.code == "sessions_limit"
    session = await few.refresh(session.refresh_token)
    assert await few.login("ada", PASSWORD, end_oldest=True)
    assert await who(few, session)
    with pytest.raises(RefreshTokenInvalid):
        await few.refresh(second.refresh_token)
    answers = await asyncio.gather(*(few.login("ada", PASSWORD) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [TooManySessions] * 3


async def test_a_key_that_is_bound_to_a_session_ends_with_it(
    identity: Identity, session: Session, store: IdentityTables, keys: InstallationKeys, passwords: Passwords
) -> None:
    """Hold 19: API keys made in a session can be bound to it."""
    caller = await who(identity, session)
    bound = await identity.create_api_key(caller, role=Role.CUSTOMER, bound_to_session=True)
    free = await identity.create_api_key(caller, role=Role.CUSTOMER)
    assert bound.shown.session == caller.session
    assert await identity.authenticate(bound.key)
    key = await identity.authenticate(free.key)
    with pytest.raises(NotASession):
        await identity.create_api_key(key, role=Role.CUSTOMER, bound_to_session=True)
    await identity.logout(session.access_token)
    (listed,) = [key for key in await identity.list_api_keys(CONSOLE, limit=9) if key.id == bound.shown.id]
    assert listed.revoked_at is not None
    with pytest.raises(NotAuthenticated):
        await Identity(store, keys, passwords=passwords).authenticate(bound.key)
    assert await identity.authenticate(free.key)


async def test_whatever_a_bound_key_makes_ends_with_the_session_too(identity: Identity, session: Session) -> None:
    """Hold 19: a key that is bound to a session makes no way around the session's end."""
    caller = await who(identity, session)
    first = await identity.create_api_key(caller, role=Role.CUSTOMER, bound_to_session=True)
    maker, made = await identity.authenticate(first.key), [first]
    for bound_to_session in (False, True):
        made.append(
            await identity.create_api_key(maker, role=Role.CUSTOMER, name="next", bound_to_session=bound_to_session)
        )
        maker = await identity.authenticate(made[-1].key)
    assert [new.shown.session for new in made] == [caller.session] * 3
    await identity.logout(session.access_token)
    for new in made:
        with pytest.raises(NotAuthenticated):
            await identity.authenticate(new.key)


async def test_a_key_that_is_bound_to_a_session_is_refused_once_it_has_expired(
    identity: Identity, session: Session, database: Database
) -> None:
    bound = await identity.create_api_key(await who(identity, session), role=Role.CUSTOMER, bound_to_session=True)
    async with database.connection() as connection:
        await connection.execute("UPDATE evens.sessions SET expires_at = now() - interval '1 second'")
    with pytest.raises(NotAuthenticated):
        await identity.authenticate(bound.key)


async def test_a_role_is_that_of_the_next_login_and_of_its_refreshes(identity: Identity, session: Session) -> None:
    await identity.set_role(ADA, Role.OPERATOR)
    with pytest.raises(RefreshTokenInvalid):
        await identity.refresh(session.refresh_token)
    operator = await identity.login("ada", PASSWORD)
    assert (await who(identity, operator)).role is Role.OPERATOR
    assert (await who(identity, await identity.refresh(operator.refresh_token))).role is Role.OPERATOR
    await identity.set_role(ADA, Role.OPERATOR)
    assert (await who(identity, operator)).role is Role.OPERATOR
    with pytest.raises(CustomerUnknown):
        await identity.set_role(CustomerId(99), Role.CUSTOMER)
