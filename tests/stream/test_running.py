"""Background tasks of a stream, which live and end together."""

import asyncio

import pytest

from evens.edges.stream.running import run_beside

pytestmark = pytest.mark.anyio


async def _endless(ended: list[str]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("endless")


async def _breaks() -> None:
    await asyncio.sleep(0)
    raise ValueError("broken")


async def test_the_first_that_breaks_ends_the_others_and_is_raised() -> None:
    ended: list[str] = []
    with pytest.raises(ValueError, match="broken"):
        await run_beside(asyncio.Event(), _endless(ended), _breaks())
    assert ended == ["endless"]


async def test_stopping_ends_them_all() -> None:
    ended, stopping = list[str](), asyncio.Event()
    running = asyncio.create_task(run_beside(stopping, _endless(ended), _endless(ended)))
    await asyncio.sleep(0)
    stopping.set()
    await running
    assert ended == ["endless", "endless"]
