"""The private PostgreSQL is looked after for as long as the server runs, whatever goes wrong meanwhile."""

import asyncio
import errno
from pathlib import Path
from typing import cast

import pytest

from evens.program import postgres as program
from evens.program.postgres import Postgres
from evens.store.embedded import Running, StartFailed
from tests.waiting import until

pytestmark = pytest.mark.anyio


class Database:
    """Stands for a server that runs, cannot be looked at, or is gone: what :meth:`alive` says, one after the other."""

    pid = 1
    log = Path("postgres.log")

    def __init__(self, *says: bool | OSError) -> None:
        self.says = list(says)
        self.stops: list[Exception] = []
        self.looked = 0

    def alive(self) -> bool:
        self.looked += 1
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(said, OSError):
            raise said
        return said

    def stop(self, *, keeps_address: bool) -> None:
        assert keeps_address, "clients would not find it again"
        if self.stops:
            raise self.stops.pop(0)


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "_WATCH_EVERY_S", 0.001)
    monkeypatch.setattr(program, "_RESTART_PAUSE_S", 0.001)


async def test_what_cannot_be_looked_at_is_not_stopped() -> None:
    """Hold 2: a process that cannot be looked at for want of descriptors is left alone."""
    database = Database(*[OSError(errno.EMFILE, "Too many open files")] * 5, True)
    database.stops.append(AssertionError("it was stopped"))
    postgres = Postgres("", "", Path(), cast("Running", database))
    keeping = asyncio.create_task(postgres.keep_alive())
    await until(lambda: database.looked > 10)
    assert len(database.stops) == 1
    keeping.cancel()


@pytest.mark.parametrize("trouble", [OSError(errno.EMFILE, "none left"), MemoryError(), StartFailed("not now")])
async def test_a_restart_that_fails_is_tried_again_whatever_the_reason(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    """Hold 2: whatever a supervisor does is tried again."""
    dead, alive = Database(False), Database(True)
    dead.stops += [trouble, trouble]
    failures = [trouble, trouble]

    def start(_folder: Path) -> Running:
        if failures:
            raise failures.pop(0)
        return cast("Running", alive)

    monkeypatch.setattr(program, "start", start)
    postgres = Postgres("", "", Path(), cast("Running", dead))
    keeping = asyncio.create_task(postgres.keep_alive())
    await until(lambda: alive.looked > 1)
    assert (dead.stops, failures) == ([], [])
    keeping.cancel()
