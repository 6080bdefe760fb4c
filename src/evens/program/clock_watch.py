"""Tells the operator, in the log, when the machine's clock has jumped and when it agrees again."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

_EVERY_S: Final = 1.0

_log: Final = structlog.get_logger(__name__)


class ClockWatch:
    """Asks every second what is wrong with the clock, and logs whenever that begins or ends."""

    def __init__(self, trouble: Callable[[], str | None], every_s: float = _EVERY_S) -> None:
        self._trouble = trouble
        self._every_s = every_s
        self._is_wrong = False
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Watch until :meth:`stop`."""
        while not self._stopping.is_set():
            trouble = self._trouble()
            if trouble is not None and not self._is_wrong:
                _log.error("clock_jumped", what=trouble)
            elif trouble is None and self._is_wrong:
                _log.info("clock_agrees_again")
            self._is_wrong = trouble is not None
            try:
                async with asyncio.timeout(self._every_s):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Make :meth:`run` return."""
        self._stopping.set()
