"""Against guessing: how many wrong passwords a login and an address may send before they have to wait."""

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

WATCHED_MAX: Final = 100_000
"""Most logins and addresses with failures that are watched at once; beyond it, new ones have to wait."""

_TIDY_EVERY_S: Final = 10.0
_IPV6_SITE_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class AttemptLimits:
    """Most failures within ``window_s``: for one login wherever they come from, and for one address at any login."""

    per_login: int = 10
    per_address: int = 100
    window_s: int = 300


class Attempt:
    """One attempt that was let through; say :meth:`failed` or :meth:`succeeded` when it is known."""

    def __init__(self) -> None:
        self.outcome: bool | None = None

    def failed(self) -> None:
        """Count it against the login and the address."""
        self.outcome = False

    def succeeded(self) -> None:
        """Forget the login's earlier failures; those of the address stay."""
        self.outcome = True


class AttemptGuard:
    """Counts failures in moving windows, in memory.

    An attempt under way counts as a failure until it is known, so many at once are no way round the limits.
    """

    def __init__(
        self,
        limits: AttemptLimits | None = None,
        *,
        failures: MemoryStorage | None = None,
        watched_max: int = WATCHED_MAX,
    ) -> None:
        limits = limits or AttemptLimits()
        self._per_login = RateLimitItemPerSecond(limits.per_login, limits.window_s, "login")
        self._per_address = RateLimitItemPerSecond(limits.per_address, limits.window_s, "address")
        self._failures = failures or MemoryStorage()
        self._window = MovingWindowRateLimiter(self._failures)
        self._under_way: Counter[str] = Counter()
        self._watched_max = watched_max
        self._tidy_after = 0.0

    @contextmanager
    def attempt(self, login: str, address: str | None) -> Generator[Attempt]:
        """Let an attempt through, or raise :class:`TooManyAttempts`. ``address`` is the client's, if it has one."""
        watched = [(self._per_login, _login_key(login)), (self._per_address, _address_key(address))]
        self._check(watched)
        names = [item.key_for(key) for item, key in watched]
        self._under_way.update(names)
        attempt = Attempt()
        try:
            yield attempt
        finally:
            self._under_way.subtract(names)
            for name in names:
                if not self._under_way[name]:
                    del self._under_way[name]
            self._settle(attempt, watched)

    def _check(self, watched: Sequence[tuple[RateLimitItem, str]]) -> None:
        wait_s = max(self._wait_s(item, key) for item, key in watched)
        if wait_s:
            raise TooManyAttempts(wait_s)

    def _wait_s(self, item: RateLimitItem, key: str) -> int:
        """Return how many seconds this login or address has to wait; 0 for none."""
        name = item.key_for(key)
        if self._is_full_for(name):
            return math.ceil(_TIDY_EVERY_S)
        if self._window.test(item, key, cost=self._under_way[name] + 1):
            return 0
        stats = self._window.get_window_stats(item, key)
        if stats.remaining > 0:
            # Others of the same login or address are under way, and may turn out to be right.
            return 1
        return max(1, math.ceil(stats.reset_time - time.time()))

    def _settle(self, attempt: Attempt, watched: Sequence[tuple[RateLimitItem, str]]) -> None:
        if attempt.outcome is True:
            item, key = watched[0]
            self._forget(item.key_for(key))
        elif attempt.outcome is False:
            for item, key in watched:
                self._window.hit(item, key)
            self._tidy()

    def _is_full_for(self, name: str) -> bool:
        if name in self._failures.events or len(self._failures.events) < self._watched_max:
            return False
        self._tidy()
        return len(self._failures.events) >= self._watched_max

    def _tidy(self) -> None:
        """Drop what has no failures left, now and then: the storage empties such entries, but keeps them for ever."""
        now = time.time()
        if now < self._tidy_after:
            return
        self._tidy_after = now + _TIDY_EVERY_S
        # The newest failure comes first.
        for name in [name for name, newest in self._failures.events.items() if not newest or newest[0].expiry <= now]:
            self._forget(name)

    def _forget(self, name: str) -> None:
        # The storage has a thread of its own that goes through the entries.
        with self._failures.locks[name]:
            self._failures.clear(name)


def _login_key(login: str) -> str:
    # Hashed, so that what people type, passwords in the wrong field among it, is not kept.
    return hashlib.sha256(login.lower().encode(errors="backslashreplace")).hexdigest()


def _address_key(address: str | None) -> str:
    """Return what an address is watched under: IPv6 by site, as one client has all of its 2^64 addresses."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((parsed.packed, 128)).supernet(new_prefix=_IPV6_SITE_BITS))
    return str(parsed)
