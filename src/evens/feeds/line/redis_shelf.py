"""The shelf in Redis, for a house of several processes. A Redis that is dead, slow or full costs speed and no bet.

Nothing is asked of Redis for some seconds after it failed. A call that is cancelled gives its connection up, so that
nobody else reads the answer that was meant for it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar, cast

import structlog
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

from evens.feeds.line.sharing import SHARED_NS, SHARED_S, Document

TIMEOUT_S: Final = 0.25
"""How long Redis may take to answer."""

REST_S: Final = 5.0
"""How long Redis is left alone after it failed."""

_AT_BYTES: Final = 8
_PREFIX: Final = "evens:line:"

_log: Final = structlog.get_logger(__name__)
T = TypeVar("T")


class RedisShelf:
    """Implements :class:`evens.feeds.line.sharing.Shelf`. Raises ``ValueError`` for what is no Redis URL."""

    def __init__(self, url: str, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._rests_until = 0.0
        options = {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S}
        # The library names no types for what goes on to the connection.
        pool = cast("ConnectionPool", cast("Any", ConnectionPool).from_url(url, **options))
        self._redis = Redis(connection_pool=pool)

    async def read(self, name: str) -> Document | None:
        """Return the last document of this name, if it is younger than 3 s."""
        value = await self._ask(lambda: self._redis.get(_PREFIX + name), None)
        if not isinstance(value, bytes) or len(value) < _AT_BYTES:
            return None
        document = Document(int.from_bytes(value[:_AT_BYTES], "big"), value[_AT_BYTES:])
        return document if 0 <= self._clock() - document.at < SHARED_NS else None

    async def claim(self, name: str) -> bool:
        """Return whether nobody else has claimed the request within 3 s."""
        claimed = await self._ask(lambda: self._redis.set(f"{_PREFIX}claim:{name}", b"1", nx=True, ex=SHARED_S), True)
        return bool(claimed)

    async def write(self, name: str, document: Document) -> None:
        """Put a document there for 3 s."""
        value = document.at.to_bytes(_AT_BYTES, "big") + document.body
        await self._ask(lambda: self._redis.set(_PREFIX + name, value, ex=SHARED_S), None)

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    async def _ask(self, call: Callable[[], Awaitable[T]], otherwise: T) -> T:
        """Return Redis's answer, or ``otherwise`` if it gives none."""
        if time.monotonic() < self._rests_until:
            return otherwise
        try:
            async with asyncio.timeout(2 * TIMEOUT_S):
                answer = await call()
        except (RedisError, OSError, TimeoutError) as error:
            if self._rests_until == 0.0:
                _log.warning("redis_failed", error=type(error).__name__, consequence="the line is read without it")
            self._rests_until = time.monotonic() + REST_S
            return otherwise
        if self._rests_until:
            _log.info("redis_answers_again")
            self._rests_until = 0.0
        return answer
