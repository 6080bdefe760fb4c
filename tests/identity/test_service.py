"""Identity as the edges use it: registering, logging in, refreshing, logging out, and bearer credentials."""

import asyncio

import pytest

from evens.core.values.ids import CustomerId
from evens.identity.errors import (
    CustomerUnknown,
    EmailInvalid,
    EmailTaken,
    NotASession,
    NotAuthenticated,
    PasswordInvalid,
    RefreshTokenInvalid,
    RequestDiffers,
    TooManyAttempts,
    WrongCredentials,
)
from evens.identity.keys import InstallationKeys
from evens.identity.login_attempts import AttemptGuard, AttemptLimits
from evens.identity.passwords import Argon2Cost, Passwords
from evens.identity.principal import CONSOLE, Principal, Profile, Role
from evens.identity.service import Identity
from evens.identity.sessions import Device, Session
from evens.store.database import Database
from evens.store.identity import IdentityTables
from tests.identity.conftest import AddCustomer

pytestmark = pytest.mark.anyio

ADA, BOB, NOBODY = CustomerId(1), CustomerId(2), CustomerId(99)
EMAIL, PASSWORD = "ada@example.com", "correct horse"
HERE, ELSEWHERE = Device("192.0.2.1"), Device("192.0.2.2")


@pytest.fixture
async def ada(add_customer: AddCustomer) -> CustomerId:
    return await add_customer(ADA, "Ada")


@pytest.fixture
async def session(identity: Identity, ada: CustomerId) -> Session:
    return await identity.register(ada, EMAIL, PASSWORD)


async def test_registering_begins_a_session(identity: Identity, session: Session) -> None:
    assert await identity.authenticate(session.access_token) == Principal(Role.CUSTOMER, ADA, "Ada")
    assert await identity.profile(ADA) == Profile(ADA, "Ada", EMAIL)


async def test_a_registration_repeated_after_a_lost_answer_gives_another_session(
    identity: Identity, session: Session
) -> None:
    again = await identity.register(ADA, EMAIL, PASSWORD)
    assert again.customer == session.customer
    assert again.refresh_token != session.refresh_token


async def test_a_registration_repeated_with_another_password_or_address_gives_nothing(
    identity: Identity, session: Session
) -> None:
    with pytest.raises(RequestDiffers) as refusal:
        await identity.register(ADA, EMAIL, "wrong horse")
    assert refusal.value.code == "idempotency_key_reused"
    with pytest.raises(RequestDiffers):
        await identity.register(ADA, "other@example.com", PASSWORD)
    assert await identity.login("ada", PASSWORD)


async def test_repeating_a_registration_is_no_way_to_guess_a_password(identity: Identity, session: Session) -> None:
    for _ in range(3):
        with pytest.raises(RequestDiffers):
            await identity.register(ADA, EMAIL, "wrong horse", device=HERE)
    with pytest.raises(TooManyAttempts):
        await identity.register(ADA, EMAIL, PASSWORD, device=HERE)
    with pytest.raises(TooManyAttempts):
        await identity.login(EMAIL, PASSWORD, device=HERE)


async def test_a_registration_many_times_at_once_records_one_login(identity: Identity, ada: CustomerId) -> None:
    sessions = await asyncio.gather(*(identity.register(ada, EMAIL, PASSWORD) for _ in range(3)))
    assert len({session.refresh_token for session in sessions}) == 3
    assert await identity.login("ada", PASSWORD)


async def test_of_two_who_register_one_address_at_once_one_gets_it(
    identity: Identity, ada: CustomerId, add_customer: AddCustomer
) -> None:
    bob = await add_customer(BOB, "Bob")
    answers = await asyncio.gather(
        identity.register(ada, EMAIL, PASSWORD),
        identity.register(bob, EMAIL.upper(), PASSWORD),
        return_exceptions=True,
    )
    assert len([answer for answer in answers if isinstance(answer, Session)]) == 1
    assert len([answer for answer in answers if isinstance(answer, EmailTaken)]) == 1


async def test_a_customer_whose_address_was_taken_meanwhile_registers_with_another(
    identity: Identity, session: Session, add_customer: AddCustomer
) -> None:
    bob = await add_customer(BOB, "Bob")
    with pytest.raises(EmailTaken):
        await identity.register(bob, EMAIL, PASSWORD)
    assert (await identity.register(bob, "bob@example.com", PASSWORD)).username == "Bob"


async def test_a_taken_address_is_refused_before_the_customer_is_registered(
    identity: Identity, session: Session
) -> None:
    with pytest.raises(EmailTaken):
        await identity.check_registration("bob", "ADA@example.com", PASSWORD)


async def test_a_repeated_registration_passes_the_check(identity: Identity, session: Session) -> None:
    await identity.check_registration("ada", EMAIL, PASSWORD)


async def test_what_is_no_address_or_password_is_refused_before_the_customer_is_registered(identity: Identity) -> None:
    with pytest.raises(EmailInvalid):
        await identity.check_registration("bob", "bob", PASSWORD)
    with pytest.raises(PasswordInvalid):
        await identity.check_registration("bob", "bob@example.com", "short")


async def test_who_is_no_customer_cannot_register_or_have_a_profile(identity: Identity) -> None:
    with pytest.raises(CustomerUnknown):
        await identity.register(NOBODY, EMAIL, PASSWORD)
    with pytest.raises(CustomerUnknown):
        await identity.record_email(NOBODY, EMAIL)
    with pytest.raises(CustomerUnknown):
        await identity.profile(NOBODY)


async def test_an_operators_customer_has_an_address_and_cannot_log_in(identity: Identity, ada: CustomerId) -> None:
    for _ in range(2):
        await identity.record_email(ada, EMAIL)
    assert await identity.profile(ada) == Profile(ADA, "Ada", EMAIL)
    with pytest.raises(WrongCredentials):
        await identity.login(EMAIL, PASSWORD)
    with pytest.raises(RequestDiffers):
        await identity.record_email(ada, "other@example.com")
    with pytest.raises(RequestDiffers):
        await identity.register(ada, EMAIL, PASSWORD)


async def test_an_operators_customer_cannot_have_anothers_address(
    identity: Identity, session: Session, add_customer: AddCustomer
) -> None:
    bob = await add_customer(BOB, "Bob")
    with pytest.raises(EmailTaken):
        await identity.check_email_free(EMAIL, "Bob")
    with pytest.raises(EmailTaken):
        await identity.record_email(bob, EMAIL)


async def test_a_customer_logs_in_by_username_or_address_in_any_case(identity: Identity, session: Session) -> None:
    for login in ("Ada", "ada", "ADA", EMAIL, "Ada@Example.COM"):
        again = await identity.login(login, PASSWORD)
        assert (again.customer, again.username) == (1, "Ada")
        assert await identity.authenticate(again.access_token) == Principal(Role.CUSTOMER, ADA, "Ada")


async def test_a_wrong_login_and_a_wrong_password_look_the_same(
    session: Session, store: IdentityTables, keys: InstallationKeys, passwords: Passwords
) -> None:
    identity = Identity(store, keys, passwords=passwords, guard=AttemptGuard(AttemptLimits(per_login=100)))
    for password in ("wrong horse", "correct horse ", "", "x" * 10_000, "correct\0horse", "\ud800" * 12):
        with pytest.raises(WrongCredentials) as refusal:
            await identity.login("ada", password)
        assert refusal.value.code == "wrong_credentials"
    for login in ("bob", "", "ada\0", "\ud800", "ada'; --", "%", "x" * 100_000):
        with pytest.raises(WrongCredentials) as refusal:
            await identity.login(login, PASSWORD)
        assert refusal.value.code == "wrong_credentials"


async def test_after_too_many_wrong_passwords_even_the_right_one_has_to_wait(
    identity: Identity, session: Session
) -> None:
    for login in ("ada", EMAIL, "ADA"):
        with pytest.raises(WrongCredentials):
            await identity.login(login, "wrong horse", device=HERE)
    for login in ("ada", EMAIL):
        with pytest.raises(TooManyAttempts):
            await identity.login(login, PASSWORD, device=HERE)


async def test_wrong_passwords_elsewhere_do_not_lock_the_owner_out(identity: Identity, session: Session) -> None:
    """Hold 4: failures count by login and address; from a known place the owner always gets in."""
    for _ in range(3):
        with pytest.raises(WrongCredentials):
            await identity.login("ada", "wrong horse", device=ELSEWHERE)
    with pytest.raises(TooManyAttempts):
        await identity.login("ada", PASSWORD, device=ELSEWHERE)
    assert await identity.login("ada", PASSWORD, device=HERE)
    for number in range(2):
        with pytest.raises(WrongCredentials):
            await identity.login("ada", "wrong horse", device=Device(f"198.51.100.{number}"))
    with pytest.raises(TooManyAttempts):
        await identity.login("ada", PASSWORD, device=Device("198.51.100.99"))
    assert await identity.login("ada", PASSWORD, device=HERE)


async def test_the_neighbours_of_a_known_ipv6_address_are_known_too(identity: Identity, session: Session) -> None:
    """Hold 4: with IPv6 a place is a /64 network."""
    assert await identity.login("ada", PASSWORD, device=Device("2001:db8:1:2::1"))
    for number in range(3):
        with pytest.raises(WrongCredentials):
            await identity.login("ada", "wrong horse", device=Device(f"2001:db8:1:2::{number}"))
    assert await identity.login("ada", PASSWORD, device=Device("2001:db8:1:2:ffff::9"))


async def test_a_login_that_looks_like_somebodys_id_does_not_count_against_them(
    identity: Identity, session: Session
) -> None:
    """Hold 4: what is typed and whose it is are counted apart."""
    for login in (str(ADA), f"customer:{ADA}", f"usr_{ADA}"):
        for _ in range(2):
            with pytest.raises(WrongCredentials):
                await identity.login(login, "wrong horse", device=HERE)
    assert await identity.login("ada", PASSWORD, device=Device("192.0.2.3"))
    for number, login in enumerate((str(ADA), f"customer:{ADA}", f"usr_{ADA}") * 2):
        with pytest.raises(WrongCredentials):
            await identity.login(login, "wrong horse", device=Device(f"198.51.100.{number}"))
    assert await identity.login("ada", PASSWORD, device=Device("198.51.100.99"))


async def test_guesses_made_at_once_are_limited_like_guesses_one_by_one(identity: Identity, session: Session) -> None:
    answers = await asyncio.gather(
        *(identity.login("ada", f"wrong horse {n}", device=HERE) for n in range(20)), return_exceptions=True
    )
    assert len([answer for answer in answers if isinstance(answer, WrongCredentials)]) == 3
    assert len([answer for answer in answers if isinstance(answer, TooManyAttempts)]) == 17


async def test_unknown_logins_count_against_the_address(identity: Identity, session: Session) -> None:
    for number in range(6):
        with pytest.raises(WrongCredentials):
            await identity.login(f"user{number}", PASSWORD, device=HERE)
    with pytest.raises(TooManyAttempts):
        await identity.login("ada", PASSWORD, device=HERE)
    assert await identity.login("ada", PASSWORD, device=ELSEWHERE)


async def test_a_password_is_hashed_anew_when_the_cost_has_changed(
    identity: Identity, session: Session, store: IdentityTables, keys: InstallationKeys
) -> None:
    dearer = Passwords(Argon2Cost(memory_kib=16, passes=1))
    await Identity(store, keys, passwords=dearer).login("ada", PASSWORD)
    dearer.close()
    stored = await store.login_of(ADA)
    assert stored is not None
    assert stored.password_hash is not None
    assert "m=16,t=1" in stored.password_hash
    assert await identity.login("ada", PASSWORD)


async def test_a_session_survives_a_restart(
    identity: Identity, session: Session, store: IdentityTables, keys: InstallationKeys, passwords: Passwords
) -> None:
    restarted = Identity(store, InstallationKeys(bytes(range(32))), passwords=passwords)
    assert await restarted.authenticate(session.access_token) == await identity.authenticate(session.access_token)
    assert await restarted.refresh(session.refresh_token)


async def test_logging_out_ends_access_and_refreshing(identity: Identity, session: Session) -> None:
    await identity.authenticate(session.access_token)
    await identity.logout(session.access_token)
    with pytest.raises(NotAuthenticated):
        await identity.authenticate(session.access_token)
    with pytest.raises(RefreshTokenInvalid):
        await identity.refresh(session.refresh_token)
    await identity.logout(session.access_token)


async def test_an_api_key_authenticates_until_it_is_revoked_and_cannot_log_out(identity: Identity) -> None:
    made = await identity.create_api_key(CONSOLE, role=Role.OPERATOR, name="desk")
    assert await identity.authenticate(made.key) == Principal(Role.OPERATOR, None, "desk")
    with pytest.raises(NotASession):
        await identity.logout(made.key)
    assert [key.id for key in await identity.list_api_keys(CONSOLE, limit=10)] == [made.shown.id]
    await identity.revoke_api_key(CONSOLE, made.shown.id)
    with pytest.raises(NotAuthenticated):
        await identity.authenticate(made.key)


async def test_what_is_no_credential_is_refused(identity: Identity) -> None:
    for bearer in ("", "evk_", "evr_", "\0", "a.b.c", "Bearer x", "\ud800"):
        with pytest.raises(NotAuthenticated):
            await identity.authenticate(bearer)


async def test_what_is_past_its_time_is_removed(identity: Identity, session: Session, database: Database) -> None:
    assert await identity.remove_expired() == 0
    async with database.connection() as connection:
        await connection.execute("UPDATE evens.refresh_tokens SET expires_at = now() - interval '1 second'")
    assert await identity.remove_expired() == 1
    with pytest.raises(RefreshTokenInvalid):
        await identity.refresh(session.refresh_token)
