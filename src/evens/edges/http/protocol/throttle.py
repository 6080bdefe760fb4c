"""Against floods: so many requests a minute from one caller or address, counted in memory.

The counts are this server's own and begin anew with it. They slide: what came in the minute before this one counts
for the part of it that lies in the last sixty seconds.
"""

import math
import time
from collections.abc import Callable
from typing import Final

from limits import RateLimitItemPerMinute
from limits.strategies import SlidingWindowCounterRateLimiter

from evens.edges.http.protocol.problem import Refused, problem
from evens.edges.http.protocol.window_counts import WindowCounts
from evens.identity.networks import network_of
from evens.identity.principal import Principal, Role

_NO_LIMIT: Final = 0


class _PerMinute(RateLimitItemPerMinute):
    """So many a minute, counted under a key as it is: no other limit shares its counts."""

    def key_for(self, *identifiers: bytes | str | int | float) -> str:
        """Return the one key that was given."""
        (key,) = identifiers
        return str(key)


class Throttle:
    """Lets each key through ``per_minute`` times in any minute; 0 is without limit. A refusal begins with ``what``."""

    def __init__(self, what: str, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._per_minute = per_minute
        self._item = None if per_minute == _NO_LIMIT else _PerMinute(per_minute)
        self._counts = WindowCounts(clock)
        self._window = SlidingWindowCounterRateLimiter(self._counts)

    def check(self, key: str, count: int = 1) -> None:
        """Count a request, or as many as it is worth, or raise a 429 that says when to come again.

        One that is worth more than a minute has counts as all but one of these, so that it can be let through.
        """
        if self._item is None:
            return
        count = max(min(count, self._per_minute - 1), 1)
        if not self._window.hit(self._item, key, cost=count):
            wait_s = self._wait_s(self._item, key, count)
            detail = f"{self._what}: at most {self._per_minute} a minute; try again in {wait_s} s."
            raise Refused(problem(429, "rate_limited", detail), {"Retry-After": str(wait_s)})

    def give_back(self, key: str) -> None:
        """Take back what was counted a moment ago."""
        if self._item is not None:
            self._counts.give_back(self._item.key_for(key), self._item.get_expiry())

    def _wait_s(self, item: _PerMinute, key: str, count: int) -> int:
        """Return after how long so many more requests fit into the last minute."""
        before, left_s, counted, _ = self._counts.get_sliding_window(item.key_for(key), item.get_expiry())
        length_s, room = item.get_expiry(), self._per_minute - count - counted
        if room >= 0 and before:
            # before × (left − wait) / length ≤ room
            return max(1, math.ceil(left_s - room * length_s / before))
        # What was counted in this window must fade in the next: counted × (1 − wait / length) ≤ per_minute − count.
        return max(1, math.ceil(left_s + length_s * (1 - (self._per_minute - count) / max(counted, 1))))


class CallerThrottle:
    """Limits the requests of each caller: customers by themselves, services and operators by the name of their keys.

    Whoever is not known is counted by address, IPv6 by its /64 network. A customer with several sessions and keys is
    one caller.
    """

    def __init__(
        self, per_minute: int, per_minute_of_services: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._customers = Throttle("Too many requests from you", per_minute, clock)
        self._services = Throttle("Too many requests with keys of this name", per_minute_of_services, clock)
        self._addresses = Throttle("Too many requests without a login from your address", per_minute, clock)

    def check(self, principal: Principal, count: int = 1) -> None:
        """Count a request of somebody known, or as many as it is worth, or raise a 429."""
        (self._customers if principal.role is Role.CUSTOMER else self._services).check(principal.scope, count)

    def check_address(self, address: str) -> None:
        """Count a request of somebody unknown, or raise a 429."""
        self._addresses.check(network_of(address))

    def give_back_address(self, address: str) -> None:
        """Take back the last count of an address: whoever asked turned out to be known."""
        self._addresses.give_back(network_of(address))
