"""Jobs that follow the journal: what leads into it, and what is worked out of it, a step at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from evens.store.errors import StoreUnavailable

_EVERY_S: Final = 1.0
_BREATH_S: Final = 0.02

_log = structlog.get_logger(__name__)


class Following:
    """Takes one step after the other; ``step`` returns whether there may be more.

    With nothing left it looks again every second. Behind, it goes on after a breath: requests come first. A database
    that cannot be reached is logged, and tried again.
    """

    def __init__(self, name: str, step: Callable[[], Awaitable[bool]], every_s: float = _EVERY_S) -> None:
        self._name = name
        self._step = step
        self._every_s = every_s
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Take steps until :meth:`stop`."""
        while not self._stopping.is_set():
            more = False
            try:
                more = await self._step()
            except StoreUnavailable as error:
                _log.warning("journal_not_followed", job=self._name, error=str(error))
            try:
                async with asyncio.timeout(_BREATH_S if more else self._every_s):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Make :meth:`run` return once the current step is done."""
        self._stopping.set()
