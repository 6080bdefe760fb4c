"""The limits on attempts: what counts, for whom, how long, and that they cannot be circumvented."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest
from limits.storage import MemoryStorage

from evens.identity.errors import TooManyAttempts
from evens.identity.login_attempts import SLOWED_MAX, AttemptGuard, AttemptLimits

pytestmark = pytest.mark.anyio

LIMITS = AttemptLimits(per_login_and_place=3, per_login=6, per_place=5, window_s=300, slowed_s=0.01)


@pytest.fixture
def guard() -> AttemptGuard:
    return AttemptGuard(LIMITS)


async def fail(guard: AttemptGuard, login: str, address: str | None, times: int = 1) -> None:
    for _ in range(times):
        async with guard.attempt(login, address) as attempt:
            attempt.failed()


async def succeed(guard: AttemptGuard, login: str, address: str | None) -> None:
    async with guard.attempt(login, address) as attempt:
        attempt.succeeded()


async def is_refused(guard: AttemptGuard, login: str, address: str | None) -> bool:
    try:
        async with guard.attempt(login, address):
            return False
    except TooManyAttempts:
        return True


async def known(_place: str) -> bool:
    return True


async def unknown(_place: str) -> bool:
    return False


async def test_a_login_has_to_wait_where_it_failed_and_nowhere_else(guard: AttemptGuard) -> None:
    """Hold 4: whoever guesses somewhere does not keep the owner out elsewhere."""
    await fail(guard, "ada", "192.0.2.1", times=3)
    assert await is_refused(guard, "ada", "192.0.2.1")
    assert not await is_refused(guard, "ada", "192.0.2.2")
    assert not await is_refused(guard, "bob", "192.0.2.1")


async def test_guesses_from_many_places_are_limited_together(guard: AttemptGuard) -> None:
    for number in range(6):
        await fail(guard, "ada", f"192.0.2.{number}")
    assert await is_refused(guard, "ada", "192.0.2.99")
    assert not await is_refused(guard, "bob", "192.0.2.0")


@pytest.mark.parametrize(
    "failures",
    [
        [("ada", "192.0.2.1")] * 3,
        [("ada", f"192.0.2.{number}") for number in range(4, 10)],
        [(f"user{number}", "192.0.2.1") for number in range(5)],
    ],
)
async def test_a_known_place_is_slowed_down_and_not_refused(
    guard: AttemptGuard, failures: list[tuple[str, str]]
) -> None:
    """Hold 4: whoever knows the password, and is where they have been before, gets in."""
    for login, address in failures:
        await fail(guard, login, address)
    assert await is_refused(guard, "ada", "192.0.2.1")
    with pytest.raises(TooManyAttempts):
        async with guard.attempt("ada", "192.0.2.1", is_known_place=unknown):
            pass
    async with guard.attempt("ada", "192.0.2.1", is_known_place=known) as attempt:
        attempt.succeeded()


async def test_attempts_from_a_known_place_come_one_after_the_other_and_not_too_many_of_them(
    guard: AttemptGuard,
) -> None:
    """Hold 4: a known place is no way to guess faster."""
    await fail(guard, "ada", "192.0.2.1", times=3)
    running = 0

    async def attempt() -> bool:
        nonlocal running
        try:
            async with guard.attempt("ada", "192.0.2.1", is_known_place=known) as attempt:
                running += 1
                assert running == 1
                await asyncio.sleep(0)
                running -= 1
                attempt.failed()
        except TooManyAttempts:
            return False
        return True

    began = time.monotonic()
    let_through = await asyncio.gather(*(attempt() for _ in range(10)))
    assert let_through == [True] * SLOWED_MAX + [False] * (10 - SLOWED_MAX)
    assert time.monotonic() - began >= SLOWED_MAX * LIMITS.slowed_s


async def test_the_case_of_a_login_makes_no_difference(guard: AttemptGuard) -> None:
    await fail(guard, "ada", "192.0.2.1")
    await fail(guard, "Ada", "192.0.2.1")
    await fail(guard, "ADA", "192.0.2.1")
    assert await is_refused(guard, "aDa", "192.0.2.1")


async def test_an_address_has_to_wait_after_failures_at_any_login(guard: AttemptGuard) -> None:
    for number in range(5):
        await fail(guard, f"user{number}", "192.0.2.1")
    assert await is_refused(guard, "another", "192.0.2.1")
    assert not await is_refused(guard, "another", "192.0.2.2")


async def test_the_refusal_has_the_time_to_wait(guard: AttemptGuard) -> None:
    await fail(guard, "ada", "192.0.2.1", times=3)
    with pytest.raises(TooManyAttempts) as refusal:
        async with guard.attempt("ada", "192.0.2.1"):
            pass
    assert 298 <= refusal.value.retry_after_s <= 300
    assert refusal.value.code == "too_many_attempts"


async def test_the_wait_ends_when_the_first_failure_leaves_the_window(
    guard: AttemptGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.time()
    await fail(guard, "ada", "192.0.2.1", times=3)
    monkeypatch.setattr(time, "time", lambda: began + 299)
    assert await is_refused(guard, "ada", "192.0.2.1")
    monkeypatch.setattr(time, "time", lambda: began + 302)
    assert not await is_refused(guard, "ada", "192.0.2.1")


async def test_success_forgets_the_logins_failures_but_not_the_addresses(guard: AttemptGuard) -> None:
    for _ in range(2):
        await fail(guard, "ada", "192.0.2.1", times=2)
        await succeed(guard, "ada", "192.0.2.1")
    await fail(guard, "bob", "192.0.2.1")
    assert not await is_refused(guard, "ada", "192.0.2.2")
    assert await is_refused(guard, "carol", "192.0.2.1")


async def test_what_never_came_to_a_verdict_counts_for_nothing(guard: AttemptGuard) -> None:
    for _ in range(20):
        with pytest.raises(ConnectionError):
            async with guard.attempt("ada", "192.0.2.1"):
                raise ConnectionError
    assert not await is_refused(guard, "ada", "192.0.2.1")


async def test_attempts_under_way_count_until_they_are_known(guard: AttemptGuard) -> None:
    async with AsyncExitStack() as under_way:
        for number in range(6):
            await under_way.enter_async_context(guard.attempt("ada", f"192.0.2.{number}"))
        with pytest.raises(TooManyAttempts) as refusal:
            async with guard.attempt("ada", "192.0.2.9"):
                pass
        assert refusal.value.retry_after_s == 1
    assert not await is_refused(guard, "ada", "192.0.2.9")


async def test_an_ipv6_client_cannot_hide_among_its_own_addresses(guard: AttemptGuard) -> None:
    for number in range(5):
        await fail(guard, f"user{number}", f"2001:db8:1:2::{number}")
    assert await is_refused(guard, "another", "2001:db8:1:2:ffff::1")
    assert not await is_refused(guard, "another", "2001:db8:1:3::1")


async def test_an_ipv4_client_is_the_same_through_an_ipv6_socket(guard: AttemptGuard) -> None:
    for number in range(5):
        await fail(guard, f"user{number}", "192.0.2.1")
    assert await is_refused(guard, "another", "::ffff:192.0.2.1")


@pytest.mark.parametrize("address", [None, "", "unix:", "testclient"])
async def test_clients_without_an_address_share_one_limit(guard: AttemptGuard, address: str | None) -> None:
    for number in range(5):
        await fail(guard, f"user{number}", address)
    assert await is_refused(guard, "another", None)


@pytest.mark.parametrize("login", ["", "\0", "\ud800", "a:b/c", "x" * 100_000])
async def test_any_text_can_be_a_login(guard: AttemptGuard, login: str) -> None:
    await fail(guard, login, "192.0.2.1", times=3)
    assert await is_refused(guard, login, "192.0.2.1")


async def test_what_people_type_is_not_kept() -> None:
    failures = MemoryStorage()
    await fail(AttemptGuard(LIMITS, failures=failures), "my secret password", "192.0.2.1")
    assert len(failures.events) == 3
    assert not any("secret" in name for name in failures.events)


async def test_when_too_many_are_tracked_new_ones_wait_until_old_failures_have_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guard = AttemptGuard(LIMITS, tracked_max=6)
    began = time.time()
    await fail(guard, "ada", "192.0.2.1")
    await fail(guard, "bob", "192.0.2.2")
    assert await is_refused(guard, "carol", "192.0.2.1")
    assert not await is_refused(guard, "ada", "192.0.2.1")
    monkeypatch.setattr(time, "time", lambda: began + 302)
    assert not await is_refused(guard, "carol", "192.0.2.1")


async def test_what_has_no_failures_left_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = MemoryStorage()
    guard = AttemptGuard(LIMITS, failures=failures)
    began = time.time()
    for number in range(500):
        await fail(guard, f"user{number}", f"192.0.{number // 250}.{number % 250}")
    assert len(failures.events) == 1500
    monkeypatch.setattr(time, "time", lambda: began + 302)
    await fail(guard, "last", "192.0.2.250")
    assert len(failures.events) == 3
