"""Limits on guessing passwords: how many failures a login and an address may have before they must wait.

Theory of operation
-------------------
Failures are counted in two moving windows of ``window_s``: per login, wherever the attempts come from, and per client
address, at whatever login. An attempt is let through if neither limit is reached; otherwise it is refused before the
password is hashed, with the number of seconds until the oldest failure leaves the window. A login is counted under its
customer, so that a username and an e-mail address together allow no more attempts than one of them. IPv6 addresses are
counted by /64 network, because one client has a whole one.

*In progress.* Hashing takes tens of milliseconds, so many attempts could start before the first has failed. Each
attempt in progress therefore counts as a failure until its outcome is known. An attempt that ends without an outcome,
such as one that found no free thread, counts as nothing.

*Success* clears the login's failures, so that the owner's occasional typing errors do not add up. It leaves those of
the address: an attacker with one valid account must not clear the count by logging in to it.

*Memory.* Counters are in memory, per process. At most :data:`TRACKED_MAX` logins and addresses are tracked. Beyond
that, new ones must wait until expired counters have been removed, which happens at most every 10 s.

Example, with 10 failures per login in 300 s. From 12:00:00 on, somebody tries a wrong password for ``ada`` every
second. Attempts 1 to 10 are let through and fail. Attempt 11, at 12:00:10, is refused with ``retry_after_s`` = 290: the
first failure leaves the window at 12:05:00. Ada herself has to wait as well, since the count is per login; her sessions
are not affected. If 20 attempts had come at once, 10 would have been let through and 10 refused with 1 s, because the
ones in progress might still succeed.
"""

import hashlib
import ipaddress
import math
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from evens.identity.errors import TooManyAttempts

TRACKED_MAX: Final = 100_000
"""Most logins and addresses with failures that are tracked at once; beyond it, new ones have to wait."""

_CLEAN_UP_EVERY_S: Final = 10.0
_IPV6_NETWORK_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class AttemptLimits:
    """Most failures within ``window_s``: for one login from any address, and for one address at any login."""

    per_login: int = 10
    per_address: int = 100
    window_s: int = 300


class Attempt:
    """One attempt that was let through; call :meth:`failed` or :meth:`succeeded` when the outcome is known."""

    def __init__(self) -> None:
        self.outcome: bool | None = None

    def failed(self) -> None:
        """Count it against the login and the address."""
        self.outcome = False

    def succeeded(self) -> None:
        """Clear the login's failures; those of the address stay."""
        self.outcome = True


class AttemptGuard:
    """Counts failures in moving windows, in memory; see the theory of operation above."""

    def __init__(
        self,
        limits: AttemptLimits | None = None,
        *,
        failures: MemoryStorage | None = None,
        tracked_max: int = TRACKED_MAX,
    ) -> None:
        limits = limits or AttemptLimits()
        self._per_login = RateLimitItemPerSecond(limits.per_login, limits.window_s, "login")
        self._per_address = RateLimitItemPerSecond(limits.per_address, limits.window_s, "address")
        self._failures = failures or MemoryStorage()
        self._window = MovingWindowRateLimiter(self._failures)
        self._in_progress: Counter[str] = Counter()
        self._tracked_max = tracked_max
        self._clean_up_after = 0.0

    @contextmanager
    def attempt(self, login: str, address: str | None) -> Generator[Attempt]:
        """Let an attempt through, or raise :class:`TooManyAttempts`. ``address`` is the client's, if it has one."""
        tracked = [(self._per_login, _login_key(login)), (self._per_address, _address_key(address))]
        self._check(tracked)
        names = [item.key_for(key) for item, key in tracked]
        self._in_progress.update(names)
        attempt = Attempt()
        try:
            yield attempt
        finally:
            self._in_progress.subtract(names)
            for name in names:
                if not self._in_progress[name]:
                    del self._in_progress[name]
            self._count(attempt, tracked)

    def _check(self, tracked: Sequence[tuple[RateLimitItem, str]]) -> None:
        wait_s = max(self._wait_s(item, key) for item, key in tracked)
        if wait_s:
            raise TooManyAttempts(wait_s)

    def _wait_s(self, item: RateLimitItem, key: str) -> int:
        """Return how many seconds this login or address has to wait; 0 for none."""
        name = item.key_for(key)
        if self._is_full_for(name):
            return math.ceil(_CLEAN_UP_EVERY_S)
        if self._window.test(item, key, cost=self._in_progress[name] + 1):
            return 0
        stats = self._window.get_window_stats(item, key)
        if stats.remaining > 0:
            # Other attempts of the same login or address are in progress, and may succeed.
            return 1
        return max(1, math.ceil(stats.reset_time - time.time()))

    def _count(self, attempt: Attempt, tracked: Sequence[tuple[RateLimitItem, str]]) -> None:
        if attempt.outcome is True:
            item, key = tracked[0]
            self._forget(item.key_for(key))
        elif attempt.outcome is False:
            for item, key in tracked:
                self._window.hit(item, key)
            self._clean_up()

    def _is_full_for(self, name: str) -> bool:
        if name in self._failures.events or len(self._failures.events) < self._tracked_max:
            return False
        self._clean_up()
        return len(self._failures.events) >= self._tracked_max

    def _clean_up(self) -> None:
        """Remove entries without failures from time to time: the storage empties them but never removes them."""
        now = time.time()
        if now < self._clean_up_after:
            return
        self._clean_up_after = now + _CLEAN_UP_EVERY_S
        # The newest failure comes first.
        for name in [name for name, newest in self._failures.events.items() if not newest or newest[0].expiry <= now]:
            self._forget(name)

    def _forget(self, name: str) -> None:
        # The storage has a thread of its own that changes the entries.
        with self._failures.locks[name]:
            self._failures.clear(name)


def _login_key(login: str) -> str:
    # Hashed, so that nothing that people type is kept: it may be a password in the wrong field.
    return hashlib.sha256(login.lower().encode(errors="backslashreplace")).hexdigest()


def _address_key(address: str | None) -> str:
    """Return the key under which an address is counted: IPv6 by /64 network, since one client has all of it."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((parsed.packed, 128)).supernet(new_prefix=_IPV6_NETWORK_BITS))
    return str(parsed)
