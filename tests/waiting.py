"""Waiting for a condition, in tests that are asynchronous."""

import asyncio
from collections.abc import Callable

PATIENCE_S = 60


async def until(holds: Callable[[], bool]) -> None:
    """Wait until a condition holds. Raises ``TimeoutError`` if it never does."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if holds():
                return
            await asyncio.sleep(0.005)
