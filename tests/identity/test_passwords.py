"""Passwords: which are acceptable, the hash, and that hashing does not block the event loop."""

import asyncio
import threading
import time

import pytest

from evens.identity.errors import PasswordCommon, PasswordInvalid, PasswordsBusy
from evens.identity.passwords import Argon2Cost, Passwords, check_password
from tests.identity.conftest import CHEAP

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("password", ["ten chars!", "x" * 200, "пароль пароль", "🐎🔋📎🐎🔋📎🐎🔋📎🐎"])
async def test_a_password_needs_length_and_nothing_else(password: str, passwords: Passwords) -> None:
    assert (await passwords.verify(password, await passwords.hash(password))).matches


@pytest.mark.parametrize("password", ["", "nine char", "x" * 201, "nul\0nul\0nul", "half \ud800 a pair"])
async def test_a_password_against_the_rule_is_refused(password: str, passwords: Passwords) -> None:
    with pytest.raises(PasswordInvalid) as refusal:
        await passwords.hash(password)
    assert (refusal.value.field, refusal.value.code) == ("password", "password_invalid")


async def test_another_password_does_not_match(passwords: Passwords) -> None:
    stored = await passwords.hash("correct horse")
    assert not (await passwords.verify("correct horse ", stored)).matches
    assert not (await passwords.verify("Correct horse", stored)).matches


@pytest.mark.parametrize("password", ["short", "x" * 201, "nul\0nul\0nul", "half \ud800 a pair"])
async def test_a_password_against_the_rule_never_matches(password: str, passwords: Passwords) -> None:
    assert not (await passwords.verify(password, await passwords.hash("correct horse"))).matches


async def test_two_keyboards_spelling_of_the_same_letters_match(passwords: Passwords) -> None:
    stored = await passwords.hash("cafe\u0301 crème brûlée")
    assert (await passwords.verify("caf\u00e9 crème brûlée", stored)).matches


async def test_characters_are_counted_as_they_are_hashed() -> None:
    with pytest.raises(PasswordInvalid):
        check_password("e\u0301" * 9)
    assert check_password("e\u0301" * 10) == "\u00e9" * 10


async def test_the_stored_hash_is_argon2id_at_the_recommended_cost_with_a_salt_of_its_own() -> None:
    passwords = Passwords()
    first, second = await passwords.hash("correct horse"), await passwords.hash("correct horse")
    passwords.close()
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second


async def test_where_nothing_is_stored_nothing_matches(passwords: Passwords) -> None:
    assert not (await passwords.verify("correct horse", None)).matches
    assert not (await passwords.verify("correct horse", "plaintext?")).matches


async def test_an_unknown_login_takes_as_long_as_a_wrong_password() -> None:
    passwords = Passwords(threads=1)
    stored = await passwords.hash("correct horse")

    async def time_of(stored_hash: str | None) -> float:
        began = time.perf_counter()
        await passwords.verify("wrong horse", stored_hash)
        return time.perf_counter() - began

    known = min([await time_of(stored) for _ in range(5)])
    unknown = min([await time_of(None) for _ in range(5)])
    passwords.close()
    assert 0.4 < unknown / known < 2.5


async def test_a_hash_is_renewed_when_the_cost_has_changed(passwords: Passwords) -> None:
    dearer = Passwords(Argon2Cost(memory_kib=16, passes=1))
    verdict = await dearer.verify("correct horse", await passwords.hash("correct horse"))
    assert verdict.matches
    assert verdict.renewed_hash is not None
    assert "m=16,t=1" in verdict.renewed_hash
    again = await dearer.verify("correct horse", verdict.renewed_hash)
    dearer.close()
    assert again.matches
    assert again.renewed_hash is None


async def test_hashes_run_in_as_many_threads_as_there_may_be_and_no_more() -> None:
    passwords = Passwords(threads=2)
    await asyncio.gather(*(passwords.hash("correct horse") for _ in range(6)))
    threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("passwords")]
    passwords.close()
    assert len(threads) == 2


async def test_the_event_loop_goes_on_while_passwords_are_hashed() -> None:
    passwords = Passwords(Argon2Cost(memory_kib=19_456, passes=20), threads=1)
    hashing = asyncio.create_task(passwords.hash("correct horse"))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1
    passwords.close()
    assert turns > 10


async def test_beyond_what_may_wait_passwords_are_refused_and_later_taken_again() -> None:
    passwords = Passwords(CHEAP, threads=1, waiting_max=3)
    answers = await asyncio.gather(*(passwords.hash("correct horse") for _ in range(5)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, PasswordsBusy)]
    assert len(refused) == 2
    assert (refused[0].code, refused[0].retry_after_s) == ("overloaded", 1)
    assert await passwords.hash("correct horse")
    passwords.close()


@pytest.mark.parametrize("password", ["evens12345", "Evens2026!", "EVENSevens1", "xEvensEVENSevensx", "evensevens"])
async def test_the_name_of_the_product_makes_no_password(passwords: Passwords, password: str) -> None:
    """Whoever tries passwords of this program tries its name first."""
    with pytest.raises(PasswordCommon):
        await passwords.check_new(password)
    await passwords.check_new(f"{password} battery staple lamp")
