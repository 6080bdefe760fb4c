"""Hourly clean-up jobs, such as the deletion of old notices."""

import asyncio
import time
from collections.abc import Awaitable, Callable
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


class Hourly:
    """Runs a job at once and then every hour. An error is logged, and the next hour tries again."""

    def __init__(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        self._name = name
        self._work = work
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Run the job every hour until :meth:`stop`."""
        while not self._stopping.is_set():
            try:
                await self._work()
            except StoreUnavailable as error:
                _log.warning("hourly_job_failed", job=self._name, error=str(error))
            except Exception:
                _log.exception("hourly_job_failed", job=self._name)
            try:
                async with asyncio.timeout(_EVERY_S):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Make :meth:`run` return once the current job is done."""
        self._stopping.set()


async def purge_notices(outbox: Outbox, *, now: int | None = None) -> int:
    """Delete notices older than :data:`KEPT_DAYS` that have no pending delivery; return how many.

    ``now`` is in nanoseconds since 1970.
    """
    before = (time.time_ns() if now is None else now) - KEPT_DAYS * _DAY_NS
    place: int | None = 0
    total = 0
    while place is not None:
        place, purged = await outbox.purge(before, place=place, most=_BATCH)
        total += purged
        # Pauses between batches leave the database to requests.
        await asyncio.sleep(_PAUSE_S)
    return total
