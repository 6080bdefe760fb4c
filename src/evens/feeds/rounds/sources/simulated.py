"""A price that wanders by itself, for the demo and for tests: the same for the same seed, secret, symbol and moment.

Theory
------
A random walk would have to be walked from its beginning. This one can be asked at any moment: it is a sum of waves with
lengths of 1, 2, 4, … 2^20 seconds (twelve days). Each goes in straight lines from one hashed height to the next, and is
as high as the root of its length, so that in four times the time the price moves twice as far, as a random walk does:
about 1 in a minute. Whole numbers throughout, so it is the same on every machine.
"""

import time
from collections.abc import Callable
from decimal import Decimal
from hashlib import blake2b
from math import isqrt
from typing import Final

from evens.core.values.moments import SECOND_NS
from evens.core.values.pool_running import PriceSource
from evens.feeds.rounds.calendar import Session
from evens.feeds.rounds.sources.source import NotYet, Quote

_BASE: Final = 1_500_000
"""Hundredths: 15,000.00."""

_WAVES: Final = 21
_STEP: Final = 10
_HEIGHT_BITS: Final = 16
_HALF: Final = 1 << (_HEIGHT_BITS - 1)


def simulated_price(seed: int, symbol: str, at: int, secret: bytes = b"") -> Decimal:
    """Return the price of a symbol at a moment, in hundredths. It stays within 3 % of 15,000.

    Who knows seed, symbol and ``secret`` knows every price to come.
    """
    key = f"{seed}:{symbol}".encode() + secret
    total = 0
    for wave in range(_WAVES):
        length = SECOND_NS << wave
        place, beyond = divmod(at, length)
        one, other = (_height(key, wave, each) for each in (place, place + 1))
        height = (one * (length - beyond) + other * beyond) // length
        total += height * isqrt(_STEP * _STEP << wave) // _HALF
    return Decimal(_BASE + total).scaleb(-2)


def _height(key: bytes, wave: int, place: int) -> int:
    digest = blake2b(b"%d:%d:%b" % (wave, place, key), digest_size=2).digest()
    return int.from_bytes(digest, "big") - _HALF


class SimulatedReader:
    """A source that simulates its prices. ``clock`` returns nanoseconds since 1970: nothing is known of the future.

    The seed is public with the pool's terms, so ``secret`` is what keeps closes from being worked out before.
    """

    def __init__(
        self, source: PriceSource, clock: Callable[[], int] = time.time_ns, secret: Callable[[], bytes] = bytes
    ) -> None:
        self._source = source
        self._clock = clock
        self._secret = secret

    @property
    def name(self) -> str:
        """The source's name."""
        return self._source.name

    async def closing(self, symbol: str, session: Session) -> Quote:
        """Return the price at the close of a session."""
        if self._clock() < session.closes_at:
            raise NotYet("has not closed yet")
        price = simulated_price(self._source.seed or 0, symbol, session.closes_at, self._secret())
        return Quote(price, session.observed_on)
