"""Long-lived tasks are begun again whatever ends them, and what must not be is named as dead."""

import asyncio
import errno
from collections.abc import AsyncIterator

import pytest

from evens.core.ledger.accounts import InvariantBroken
from evens.program.supervisor import Supervisor
from evens.store.errors import StoreUnavailable

pytestmark = pytest.mark.anyio

TROUBLES = (
    OSError(errno.EMFILE, "Too many open files"),
    MemoryError(),
    RuntimeError("can't start new thread"),
    ExceptionGroup("several", [ValueError("one"), OSError("another")]),
    StoreUnavailable("gone"),
    asyncio.CancelledError(),
    TimeoutError(),
    RecursionError(),
    None,
)
"""What a task can end with; ``None`` is that it returns."""


class Worker:
    """Breaks with each of the troubles, one after the other, and then works until it is stopped."""

    def __init__(self, *troubles: BaseException | None) -> None:
        self.troubles = list(troubles)
        self.works = asyncio.Event()
        self.stopped = asyncio.Event()

    async def run(self) -> None:
        await asyncio.sleep(0)
        if self.troubles:
            trouble = self.troubles.pop(0)
            if trouble is None:
                return
            raise trouble
        self.works.set()
        await self.stopped.wait()


@pytest.fixture
async def supervisor() -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(InvariantBroken, pause_s=0)
    async with asyncio.timeout(30):
        yield supervisor
        await supervisor.end(patience_s=5)
    assert not supervisor.running


@pytest.mark.parametrize("trouble", TROUBLES, ids=repr)
async def test_whatever_ends_a_task_it_is_begun_again(supervisor: Supervisor, trouble: BaseException | None) -> None:
    """Hold 2: every long-lived task survives every exception."""
    worker = Worker(trouble)
    supervisor.keep("worker", worker.run)
    await worker.works.wait()
    assert supervisor.restarts == {"worker": 1}
    assert not supervisor.dead
    worker.stopped.set()


async def test_a_task_survives_one_trouble_after_the_other(supervisor: Supervisor) -> None:
    worker = Worker(*TROUBLES)
    supervisor.keep("worker", worker.run)
    await worker.works.wait()
    assert supervisor.restarts == {"worker": len(TROUBLES)}
    worker.stopped.set()


async def test_a_fatal_trouble_is_not_tried_again_and_is_named(supervisor: Supervisor) -> None:
    """Hold 2: what has died for good is known, so that health can fail."""
    worker = Worker(InvariantBroken("the sum is wrong"))
    await supervisor.keep("worker", worker.run)
    assert supervisor.dead == {"worker": "the sum is wrong"}
    assert not worker.works.is_set()


async def test_one_task_does_not_end_another(supervisor: Supervisor) -> None:
    broken, fine = Worker(*TROUBLES), Worker()
    supervisor.keep("fine", fine.run)
    supervisor.keep("broken", broken.run)
    await broken.works.wait()
    assert supervisor.restarts == {"broken": len(TROUBLES)}
    assert fine.works.is_set()
    fine.stopped.set()
    broken.stopped.set()


async def test_work_with_an_end_is_done_once(supervisor: Supervisor) -> None:
    worker = Worker(OSError("not yet"))
    worker.stopped.set()
    await supervisor.keep("worker", worker.run, is_endless=False)
    assert worker.works.is_set()
    assert supervisor.restarts == {"worker": 1}


async def test_a_task_that_does_not_stop_is_cancelled() -> None:
    supervisor = Supervisor()
    stubborn = Worker()
    keeping = supervisor.keep("stubborn", stubborn.run)
    await stubborn.works.wait()
    inner = supervisor.running["stubborn"]
    await supervisor.end(patience_s=0.01)
    assert keeping.cancelled()
    assert inner.cancelled()


async def test_after_the_stop_nothing_is_begun_again() -> None:
    supervisor = Supervisor(pause_s=0)
    worker = Worker()
    supervisor.keep("worker", worker.run)
    await worker.works.wait()
    supervisor.stop()
    worker.troubles.append(OSError("late"))
    worker.stopped.set()
    await supervisor.end(patience_s=5)
    assert not supervisor.restarts
    assert len(worker.troubles) == 1
