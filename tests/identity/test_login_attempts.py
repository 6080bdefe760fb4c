"""The limits on attempts: what counts, for whom, how long, and that they cannot be circumvented."""

import time

import pytest
from limits.storage import MemoryStorage

from evens.identity.errors import TooManyAttempts
from evens.identity.login_attempts import AttemptGuard, AttemptLimits

LIMITS = AttemptLimits(per_login=3, per_address=5, window_s=300)


@pytest.fixture
def guard() -> AttemptGuard:
    return AttemptGuard(LIMITS)


def fail(guard: AttemptGuard, login: str, address: str | None, times: int = 1) -> None:
    for _ in range(times):
        with guard.attempt(login, address) as attempt:
            attempt.failed()


def succeed(guard: AttemptGuard, login: str, address: str | None) -> None:
    with guard.attempt(login, address) as attempt:
        attempt.succeeded()


def is_refused(guard: AttemptGuard, login: str, address: str | None) -> bool:
    try:
        with guard.attempt(login, address):
            return False
    except TooManyAttempts:
        return True


def test_a_login_has_to_wait_after_its_failures_wherever_they_came_from(guard: AttemptGuard) -> None:
    for number in range(3):
        fail(guard, "ada", f"192.0.2.{number}")
    assert is_refused(guard, "ada", "192.0.2.99")
    assert not is_refused(guard, "bob", "192.0.2.0")


def test_the_case_of_a_login_makes_no_difference(guard: AttemptGuard) -> None:
    fail(guard, "ada", "192.0.2.1")
    fail(guard, "Ada", "192.0.2.2")
    fail(guard, "ADA", "192.0.2.3")
    assert is_refused(guard, "aDa", "192.0.2.4")


def test_an_address_has_to_wait_after_failures_at_any_login(guard: AttemptGuard) -> None:
    for number in range(5):
        fail(guard, f"user{number}", "192.0.2.1")
    assert is_refused(guard, "another", "192.0.2.1")
    assert not is_refused(guard, "another", "192.0.2.2")


def test_the_refusal_has_the_time_to_wait(guard: AttemptGuard) -> None:
    fail(guard, "ada", "192.0.2.1", times=3)
    with pytest.raises(TooManyAttempts) as refusal, guard.attempt("ada", "192.0.2.1"):
        pass
    assert 298 <= refusal.value.retry_after_s <= 300
    assert refusal.value.code == "too_many_attempts"


def test_the_wait_ends_when_the_first_failure_leaves_the_window(
    guard: AttemptGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.time()
    fail(guard, "ada", "192.0.2.1", times=3)
    monkeypatch.setattr(time, "time", lambda: began + 299)
    assert is_refused(guard, "ada", "192.0.2.1")
    monkeypatch.setattr(time, "time", lambda: began + 302)
    assert not is_refused(guard, "ada", "192.0.2.1")


def test_success_forgets_the_logins_failures_but_not_the_addresses(guard: AttemptGuard) -> None:
    for _ in range(2):
        fail(guard, "ada", "192.0.2.1", times=2)
        succeed(guard, "ada", "192.0.2.1")
    fail(guard, "bob", "192.0.2.1")
    assert not is_refused(guard, "ada", "192.0.2.2")
    assert is_refused(guard, "carol", "192.0.2.1")


def test_what_never_came_to_a_verdict_counts_for_nothing(guard: AttemptGuard) -> None:
    for _ in range(20):
        with pytest.raises(ConnectionError), guard.attempt("ada", "192.0.2.1"):
            raise ConnectionError
    assert not is_refused(guard, "ada", "192.0.2.1")


def test_attempts_under_way_count_until_they_are_known(guard: AttemptGuard) -> None:
    with guard.attempt("ada", "192.0.2.1"), guard.attempt("ada", "192.0.2.2"), guard.attempt("ada", "192.0.2.3"):
        with pytest.raises(TooManyAttempts) as refusal, guard.attempt("ada", "192.0.2.4"):
            pass
        assert refusal.value.retry_after_s == 1
    assert not is_refused(guard, "ada", "192.0.2.4")


def test_an_ipv6_client_cannot_hide_among_its_own_addresses(guard: AttemptGuard) -> None:
    for number in range(5):
        fail(guard, f"user{number}", f"2001:db8:1:2::{number}")
    assert is_refused(guard, "another", "2001:db8:1:2:ffff::1")
    assert not is_refused(guard, "another", "2001:db8:1:3::1")


def test_an_ipv4_client_is_the_same_through_an_ipv6_socket(guard: AttemptGuard) -> None:
    for number in range(5):
        fail(guard, f"user{number}", "192.0.2.1")
    assert is_refused(guard, "another", "::ffff:192.0.2.1")


@pytest.mark.parametrize("address", [None, "", "unix:", "testclient"])
def test_clients_without_an_address_share_one_limit(guard: AttemptGuard, address: str | None) -> None:
    for number in range(5):
        fail(guard, f"user{number}", address)
    assert is_refused(guard, "another", None)


@pytest.mark.parametrize("login", ["", "\0", "\ud800", "a:b/c", "x" * 100_000])
def test_any_text_can_be_a_login(guard: AttemptGuard, login: str) -> None:
    fail(guard, login, "192.0.2.1", times=3)
    assert is_refused(guard, login, "192.0.2.2")


def test_what_people_type_is_not_kept() -> None:
    failures = MemoryStorage()
    fail(AttemptGuard(LIMITS, failures=failures), "my secret password", "192.0.2.1")
    assert len(failures.events) == 2
    assert not any("secret" in name for name in failures.events)


def test_when_too_many_are_tracked_new_ones_wait_until_old_failures_have_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guard = AttemptGuard(LIMITS, tracked_max=4)
    began = time.time()
    fail(guard, "ada", "192.0.2.1")
    fail(guard, "bob", "192.0.2.2")
    assert is_refused(guard, "carol", "192.0.2.1")
    assert not is_refused(guard, "ada", "192.0.2.1")
    monkeypatch.setattr(time, "time", lambda: began + 302)
    assert not is_refused(guard, "carol", "192.0.2.1")


def test_what_has_no_failures_left_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = MemoryStorage()
    guard = AttemptGuard(LIMITS, failures=failures)
    began = time.time()
    for number in range(500):
        fail(guard, f"user{number}", f"192.0.{number // 250}.{number % 250}")
    assert len(failures.events) == 1000
    monkeypatch.setattr(time, "time", lambda: began + 302)
    fail(guard, "last", "192.0.2.250")
    assert len(failures.events) == 2
