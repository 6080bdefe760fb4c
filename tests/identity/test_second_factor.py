"""The second factor: setting it up, logging in with it, recovery codes, and operators who need one."""

import asyncio
import base64
import re

import pytest
from pyotp.totp import TOTP

from evens.core.values.ids import CustomerId
from evens.identity.errors import (
    SecondFactorRequired,
    SecondFactorSet,
    SecondFactorUnknown,
    SecondFactorWrong,
    TooManyAttempts,
    WrongCredentials,
)
from evens.identity.keys import InstallationKeys
from evens.identity.limits import IdentityLimits
from evens.identity.login_attempts import AttemptGuard, AttemptLimits
from evens.identity.passwords import Passwords
from evens.identity.principal import CONSOLE, Role
from evens.identity.second_factor import RECOVERY_CODES, SecondFactors
from evens.identity.service import Identity
from evens.identity.sessions import Device, Session
from evens.store.database import Database
from evens.store.identity import IdentityTables
from tests.identity.conftest import AddCustomer

pytestmark = pytest.mark.anyio

ADA = CustomerId(1)
PASSWORD = "correct horse"
PHONE, ELSEWHERE = Device("192.0.2.1", "Phone/1.0"), Device("198.51.100.7")


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Authenticator:
    """An app on somebody's phone."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._totp = TOTP(secret)
        self._clock = clock

    def next_code(self) -> str:
        """Wait for a code that was not shown before, and read it."""
        self._clock.now += 30
        return self._totp.at(self._clock.now)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def identity(store: IdentityTables, keys: InstallationKeys, passwords: Passwords, clock: Clock) -> Identity:
    guard = AttemptGuard(AttemptLimits(per_login_and_place=5, per_login=5))
    second_factors = SecondFactors(store, keys, guard=guard, clock=clock)
    limits = IdentityLimits(operators_need_second_factor=True)
    return Identity(store, keys, passwords=passwords, limits=limits, second_factors=second_factors)


@pytest.fixture
async def session(identity: Identity, add_customer: AddCustomer) -> Session:
    return await identity.register(await add_customer(ADA, "Ada"), "ada@example.com", PASSWORD)


@pytest.fixture
async def proposed(identity: Identity, session: Session, clock: Clock) -> Authenticator:
    return Authenticator((await identity.second_factors.propose(ADA, "Ada")).secret, clock)


@pytest.fixture
async def recovery_codes(identity: Identity, proposed: Authenticator) -> list[str]:
    return await identity.second_factors.confirm(ADA, proposed.next_code())


async def test_a_second_factor_counts_once_it_is_confirmed(identity: Identity, proposed: Authenticator) -> None:
    """Hold 19: second factor for everyone."""
    assert await identity.login("ada", PASSWORD)
    with pytest.raises(SecondFactorWrong):
        await identity.second_factors.confirm(ADA, "000000")
    assert not (await identity.second_factors.state_of(ADA)).is_set
    codes = await identity.second_factors.confirm(ADA, proposed.next_code())
    assert len(set(codes)) == RECOVERY_CODES
    state = await identity.second_factors.state_of(ADA)
    assert (state.is_set, state.recovery_codes_left) == (True, RECOVERY_CODES)
    with pytest.raises(SecondFactorRequired):
        await identity.login("ada", PASSWORD)
    assert await identity.login("ada", PASSWORD, code=proposed.next_code())


async def test_the_password_alone_and_the_code_alone_are_not_enough(
    identity: Identity, proposed: Authenticator, recovery_codes: list[str]
) -> None:
    with pytest.raises(WrongCredentials):
        await identity.login("ada", "wrong horse", code=proposed.next_code())
    for code in ("000000", "", "1", "recovery", "\ud800", recovery_codes[0][:-1]):
        with pytest.raises((SecondFactorWrong, TooManyAttempts)):
            await identity.login("ada", PASSWORD, code=code)


async def test_a_code_is_good_once_and_for_a_short_time(
    identity: Identity, proposed: Authenticator, recovery_codes: list[str], clock: Clock
) -> None:
    code = proposed.next_code()
    assert await identity.login("ada", PASSWORD, code=code)
    with pytest.raises(SecondFactorWrong):
        await identity.login("ada", PASSWORD, code=code)
    old = proposed.next_code()
    clock.now += 90
    with pytest.raises(SecondFactorWrong):
        await identity.login("ada", PASSWORD, code=old)


async def test_of_many_who_use_one_code_at_once_one_gets_in(
    identity: Identity, proposed: Authenticator, recovery_codes: list[str]
) -> None:
    code = proposed.next_code()
    answers = await asyncio.gather(
        *(identity.login("ada", PASSWORD, code=code) for _ in range(4)), return_exceptions=True
    )
    assert len([answer for answer in answers if isinstance(answer, Session)]) == 1


async def test_a_recovery_code_is_good_once_however_it_is_typed(
    identity: Identity, recovery_codes: list[str], database: Database
) -> None:
    """Hold 19: recovery codes."""
    first, second = recovery_codes[:2]
    assert await identity.login("ada", PASSWORD, code=first)
    assert await identity.login("ada", PASSWORD, code=f" {second.upper().replace('-', ' ')} ")
    for code in (first, second):
        with pytest.raises(SecondFactorWrong):
            await identity.login("ada", PASSWORD, code=code)
    assert (await identity.second_factors.state_of(ADA)).recovery_codes_left == RECOVERY_CODES - 2


async def test_codes_cannot_be_guessed(identity: Identity, proposed: Authenticator, recovery_codes: list[str]) -> None:
    for _ in range(5):
        with pytest.raises(SecondFactorWrong):
            await identity.login("ada", PASSWORD, code="000000")
    with pytest.raises(TooManyAttempts):
        await identity.login("ada", PASSWORD, code=proposed.next_code())


async def test_a_second_factor_is_removed_with_a_code_or_by_an_operator(
    identity: Identity, proposed: Authenticator, recovery_codes: list[str]
) -> None:
    with pytest.raises(SecondFactorSet):
        await identity.second_factors.propose(ADA, "Ada")
    with pytest.raises(SecondFactorRequired):
        await identity.second_factors.remove(ADA, None)
    await identity.second_factors.remove(ADA, recovery_codes[0])
    assert await identity.login("ada", PASSWORD)
    await identity.second_factors.propose(ADA, "Ada")
    await identity.second_factors.take_away(ADA)
    for attempt in (identity.second_factors.take_away(ADA), identity.second_factors.confirm(ADA, "000000")):
        with pytest.raises(SecondFactorUnknown):
            await attempt


async def test_a_reset_token_does_not_replace_the_second_factor(
    identity: Identity, proposed: Authenticator, recovery_codes: list[str]
) -> None:
    made = await identity.resets.make(CONSOLE, ADA)
    await identity.resets.use(made.token, "battery staple")
    with pytest.raises(SecondFactorRequired):
        await identity.login("ada", "battery staple")
    assert await identity.login("ada", "battery staple", code=proposed.next_code())


async def test_an_operator_acts_as_one_only_with_a_second_factor_where_it_is_required(
    identity: Identity, session: Session, clock: Clock
) -> None:
    """Hold 19: required for operators when configured."""
    await identity.set_role(ADA, Role.OPERATOR)
    without = await identity.login("ada", PASSWORD)
    assert (await identity.authenticate(without.access_token)).role is Role.CUSTOMER
    app = Authenticator((await identity.second_factors.propose(ADA, "Ada")).secret, clock)
    await identity.second_factors.confirm(ADA, app.next_code())
    refreshed = await identity.refresh(without.refresh_token)
    assert (await identity.authenticate(refreshed.access_token)).role is Role.CUSTOMER
    operator = await identity.login("ada", PASSWORD, code=app.next_code())
    assert (await identity.authenticate(operator.access_token)).role is Role.OPERATOR
    assert (await identity.authenticate((await identity.refresh(operator.refresh_token)).access_token)).role is (
        Role.OPERATOR
    )


async def test_the_database_has_no_secret_and_no_code(
    identity: Identity, session: Session, database: Database, clock: Clock
) -> None:
    proposal = await identity.second_factors.propose(ADA, "Ada")
    codes = await identity.second_factors.confirm(ADA, Authenticator(proposal.secret, clock).next_code())
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT f::text AS line FROM evens.second_factors AS f")
        rows += await connection.fetch("SELECT r::text AS line FROM evens.recovery_codes AS r")
    assert len(rows) == 1 + RECOVERY_CODES
    for secret in (proposal.secret, *codes):
        assert not any(secret in row["line"] or secret.encode().hex() in row["line"] for row in rows)
    assert proposal.secret not in repr(proposal)
    assert proposal.uri == f"otpauth://totp/Evens:Ada?secret={proposal.secret}&issuer=Evens"


async def test_a_second_factor_outlives_the_secret_that_encrypted_it(
    store: IdentityTables,
    keys: InstallationKeys,
    proposed: Authenticator,
    recovery_codes: list[str],
    clock: Clock,
) -> None:
    another = InstallationKeys(bytes(32))
    overlapping = SecondFactors(store, another, earlier=lambda: [keys], clock=clock)
    assert await overlapping.check(ADA, proposed.next_code())
    afterwards = SecondFactors(store, another, clock=clock)
    with pytest.raises(SecondFactorWrong):
        await afterwards.check(ADA, proposed.next_code())
    assert [await overlapping.seal_anew() for _ in range(2)] == [1, 0]
    assert await afterwards.check(ADA, proposed.next_code())
    assert await afterwards.seal_anew() == 0


async def test_a_recovery_code_carries_120_bits_of_chance(recovery_codes: list[str]) -> None:
    """They are stored as plain SHA-256, so nobody may be able to try them all."""
    decoded = [base64.b32decode(code.replace("-", "").upper()) for code in recovery_codes]
    assert [len(each) for each in decoded] == [15] * RECOVERY_CODES
    assert len(set(decoded)) == RECOVERY_CODES
    assert all(re.fullmatch(r"([a-z2-7]{4}-){5}[a-z2-7]{4}", code) for code in recovery_codes)


async def test_a_code_is_not_taken_before_its_time(
    identity: Identity, proposed: Authenticator, recovery_codes: list[str], clock: Clock
) -> None:
    """A code that somebody read from a phone whose clock is ahead would be good for longer."""
    code = proposed.next_code()
    clock.now -= 30
    with pytest.raises(SecondFactorWrong):
        await identity.login("ada", PASSWORD, code=code)
    clock.now += 60
    assert await identity.login("ada", PASSWORD, code=code)


async def test_a_password_with_a_code_behind_it_is_one_attempt_and_no_failed_one(
    store: IdentityTables, keys: InstallationKeys, passwords: Passwords, add_customer: AddCustomer, clock: Clock
) -> None:
    guard = AttemptGuard(AttemptLimits(per_login_and_place=2, per_login=2, per_place=2))
    second_factors = SecondFactors(store, keys, guard=AttemptGuard(), clock=clock)
    identity = Identity(store, keys, passwords=passwords, guard=guard, second_factors=second_factors)
    await identity.register(await add_customer(ADA, "Ada"), "ada@example.com", PASSWORD)
    phone = Authenticator((await second_factors.propose(ADA, "Ada")).secret, clock)
    await second_factors.confirm(ADA, phone.next_code())
    for _ in range(4):
        code = phone.next_code()
        assert await identity.login("ada", PASSWORD + code, device=PHONE, apart=(PASSWORD, code), end_oldest=True)
    for _ in range(2):
        with pytest.raises(WrongCredentials):
            await identity.login("ada", "wrong horse 000000", device=ELSEWHERE, apart=("wrong horse ", "000000"))
    with pytest.raises(TooManyAttempts):
        await identity.login("ada", "wrong horse 000000", device=ELSEWHERE, apart=("wrong horse ", "000000"))
