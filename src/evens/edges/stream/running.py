"""Running the background tasks of a stream beside each other."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def run_beside(stopping: asyncio.Event, *works: Coroutine[Any, Any, None]) -> None:
    """Run works, none of which ends by itself, until ``stopping`` is set or one of them ends; then end them all.

    Raises what went wrong with the one that ended.
    """
    tasks = [asyncio.create_task(work) for work in works]
    waiting = asyncio.create_task(stopping.wait())
    try:
        ended, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        for task in (waiting, *tasks):
            task.cancel()
        await asyncio.gather(waiting, *tasks, return_exceptions=True)
