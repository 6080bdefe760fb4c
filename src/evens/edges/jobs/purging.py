"""Throwing away notices that were delivered long ago."""

import asyncio
import time
from typing import Final

import structlog

from evens.store.errors import StoreUnavailable
from evens.store.outbox import Outbox

KEPT_DAYS: Final = 30

_DAY_NS: Final = 86_400 * 1_000_000_000
_BATCH: Final = 1_000
_PAUSE_S: Final = 0.05
_EVERY_S: Final = 3_600.0

_log = structlog.get_logger(__name__)


class Purger:
    """Deletes notices older than ``kept_days`` that nobody waits for any more, every hour, a little at a time."""

    def __init__(self, outbox: Outbox, *, kept_days: int = KEPT_DAYS) -> None:
        self._outbox = outbox
        self._kept_ns = kept_days * _DAY_NS
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Purge until :meth:`stop`. Trouble is left to the next hour."""
        while not self._stopping.is_set():
            try:
                await self.purge(time.time_ns())
            except StoreUnavailable as error:
                _log.warning("webhooks_not_purged", error=str(error))
            except Exception:
                _log.exception("webhooks_not_purged")
            await self._rest(_EVERY_S)

    def stop(self) -> None:
        """Let :meth:`run` return soon."""
        self._stopping.set()

    async def purge(self, now: int) -> int:
        """Delete what is too old at ``now`` (nanoseconds since 1970) and return how many notices that were."""
        place: int | None = 0
        total = 0
        while place is not None and not self._stopping.is_set():
            place, purged = await self._outbox.purge(now - self._kept_ns, place=place, most=_BATCH)
            total += purged
            # Between batches the database belongs to those who wait for an answer.
            await self._rest(_PAUSE_S if place is not None else 0)
        return total

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
