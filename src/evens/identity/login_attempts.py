"""Limits on guessing passwords: how many failures a login and an address may have before they must wait.

Theory of operation
-------------------
Failures are counted in moving windows of ``window_s``, three times each: for a login from one place, for a login from
anywhere, and for a place at any login. A place is a client's address, or its /64 network with IPv6, because one client
has a whole one. An attempt is let through if none of the three limits is reached. A login is counted under its
customer, so that a username and an e-mail address together allow no more attempts than one of them.

*Strangers* are refused before the password is hashed, with the number of seconds until the oldest failure leaves the
window. *Known places* are those from which the customer has logged in before. From there nobody is refused, because
somebody else's guesses must not keep the owner out: attempts are only slowed down. They are let through one after the
other, ``slowed_s`` apart; more than :data:`SLOWED_MAX` at once are refused.

*In progress.* Hashing takes tens of milliseconds, so many attempts could start before the first has failed. Each
attempt in progress therefore counts as a failure until its outcome is known. An attempt that ends without an outcome,
such as one that found no free thread, counts as nothing.

*Success* clears the login's failures from that place, so that the owner's occasional typing errors do not add up. It
leaves the other two: an attacker with one valid account must not clear a place's count by logging in to it, and the
owner must not clear the count of those who guess elsewhere.

*Memory.* Counters are in memory, per process. At most :data:`TRACKED_MAX` of them are tracked. Beyond that, new ones
must wait until expired counters have been removed, which happens at most every 10 s.

Example, with 10 failures for a login and place in 300 s, and 100 for a login. From 12:00:00 on, somebody tries a wrong
password for ``ada`` every second. Attempts 1 to 10 are let through and fail. Attempt 11, at 12:00:10, is refused with
``retry_after_s`` = 290: the first failure leaves the window at 12:05:00. Ada, who is elsewhere, logs in as always. Then
ten machines try ten passwords each: now every stranger has to wait who wants to log in as ``ada``. Ada's own place is
known, so from there she is let through after 5 s.
"""

import asyncio
import hashlib
import math
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Final

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from evens.identity.errors import TooManyAttempts
from evens.identity.networks import network_of

TRACKED_MAX: Final = 200_000
"""Most counters with failures that are tracked at once; beyond it, new ones have to wait."""

SLOWED_MAX: Final = 4
"""Most attempts at one login from one known place that are slowed down at once."""

_CLEAN_UP_EVERY_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class AttemptLimits:
    """Most failures within ``window_s``: for a login from one place, from anywhere, and for a place at any login.

    ``slowed_s`` lies between two attempts from a known place when a limit is reached.
    """

    per_login_and_place: int = 10
    per_login: int = 100
    per_place: int = 100
    window_s: int = 300
    slowed_s: float = 5.0


@dataclass(slots=True)
class _SlowLane:
    """Where attempts wait for their turn."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    attempts: int = 0


class Attempt:
    """One attempt that was let through; call :meth:`failed` or :meth:`succeeded` when the outcome is known."""

    def __init__(self) -> None:
        self.outcome: bool | None = None

    def failed(self) -> None:
        """Count it against the login and the place."""
        self.outcome = False

    def succeeded(self) -> None:
        """Clear the login's failures from this place; the others stay."""
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
        self._per_login_and_place = RateLimitItemPerSecond(limits.per_login_and_place, limits.window_s, "both")
        self._per_login = RateLimitItemPerSecond(limits.per_login, limits.window_s, "login")
        self._per_place = RateLimitItemPerSecond(limits.per_place, limits.window_s, "place")
        self._slowed_s = limits.slowed_s
        self._failures = failures or MemoryStorage()
        self._window = MovingWindowRateLimiter(self._failures)
        self._in_progress: Counter[str] = Counter()
        self._slow_lanes: dict[str, _SlowLane] = {}
        self._tracked_max = tracked_max
        self._clean_up_after = 0.0

    @asynccontextmanager
    async def attempt(
        self, login: str, address: str | None, *, is_known_place: Callable[[str], Awaitable[bool]] | None = None
    ) -> AsyncGenerator[Attempt]:
        """Let an attempt through, at once or slowly, or raise :class:`TooManyAttempts`.

        ``address`` is the client's, if it has one. ``is_known_place`` is asked only when a limit is reached.
        """
        place = network_of(address)
        both = _key(f"{login}\0{place}")
        tracked = [
            (self._per_login_and_place, both),
            (self._per_login, _key(login)),
            (self._per_place, place),
        ]
        async with AsyncExitStack() as stack:
            wait_s = max(self._wait_s(item, key) for item, key in tracked)
            if wait_s:
                if is_known_place is None or not await is_known_place(place):
                    raise TooManyAttempts(wait_s)
                await stack.enter_async_context(self._slowed(both))
            yield stack.enter_context(self._counted(tracked))

    @asynccontextmanager
    async def _slowed(self, key: str) -> AsyncGenerator[None]:
        """Let one attempt through at a time, each after a pause."""
        lane = self._slow_lanes.setdefault(key, _SlowLane())
        if lane.attempts >= SLOWED_MAX:
            raise TooManyAttempts(math.ceil(SLOWED_MAX * self._slowed_s))
        lane.attempts += 1
        try:
            async with lane.turn:
                await asyncio.sleep(self._slowed_s)
                yield
        finally:
            lane.attempts -= 1
            if not lane.attempts:
                del self._slow_lanes[key]

    @contextmanager
    def _counted(self, tracked: Sequence[tuple[RateLimitItem, str]]) -> Generator[Attempt]:
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

    def _wait_s(self, item: RateLimitItem, key: str) -> int:
        """Return how many seconds this login or place has to wait; 0 for none."""
        name = item.key_for(key)
        if self._is_full_for(name):
            return math.ceil(_CLEAN_UP_EVERY_S)
        if self._window.test(item, key, cost=self._in_progress[name] + 1):
            return 0
        stats = self._window.get_window_stats(item, key)
        if stats.remaining > 0:
            # Other attempts of the same login or place are in progress, and may succeed.
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


def _key(text: str) -> str:
    # Hashed, so that nothing that people type is kept: it may be a password in the wrong field.
    return hashlib.sha256(text.lower().encode(errors="backslashreplace")).hexdigest()
