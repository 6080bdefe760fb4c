import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from evens.store.embedded import OWNER_ROLE, DataDirectoryInUse, attach, start
from tests.store.embedded.owners import Owner, parent_of, server_processes
from tests.store.embedded.waiting import wait_until

Launch = Callable[..., Owner]


async def commit_a_row(data_dir: Path) -> None:
    server = attach(data_dir)
    assert server is not None
    connection = await asyncpg.connect(server.dsn(OWNER_ROLE))
    await connection.execute("DROP TABLE IF EXISTS paid; CREATE TABLE paid AS SELECT 1 AS id")
    await connection.close()


async def committed_rows(data_dir: Path) -> int:
    """Counted by a server of this process."""
    with start(data_dir) as server:
        connection = await asyncpg.connect(server.dsn(OWNER_ROLE))
        count = await connection.fetchval("SELECT count(*) FROM paid")
        await connection.close()
    assert isinstance(count, int)
    return count


def test_a_second_owner_is_told_who_the_first_is(data_dir: Path, launch: Launch) -> None:
    owner = launch()
    assert owner.read()[0] == "ready"
    with pytest.raises(DataDirectoryInUse, match=f"process {owner.pid}:") as refused:
        start(data_dir)
    assert refused.value.pid == owner.pid


def test_the_same_process_cannot_own_it_twice(data_dir: Path) -> None:
    with start(data_dir), pytest.raises(DataDirectoryInUse, match=f"process {os.getpid()}:"):
        start(data_dir)
    start(data_dir).stop()


async def test_no_server_outlives_an_owner_that_is_killed(data_dir: Path, launch: Launch) -> None:
    owner = launch()
    owner.read()
    await commit_a_row(data_dir)
    owner.kill()
    wait_until(lambda: not server_processes(data_dir), timeout_s=5)
    assert await committed_rows(data_dir) == 1


async def test_a_start_right_after_the_owner_was_killed_waits_for_its_server_to_end(
    data_dir: Path, launch: Launch
) -> None:
    owner = launch()
    owner.read()
    await commit_a_row(data_dir)
    owner.kill()
    assert await committed_rows(data_dir) == 1


async def test_a_forked_child_of_a_killed_owner_keeps_nothing_alive(data_dir: Path, launch: Launch) -> None:
    owner = launch("--with-a-forked-child")
    child = int(owner.read()[2])
    try:
        await commit_a_row(data_dir)
        owner.kill()
        wait_until(lambda: not server_processes(data_dir), timeout_s=5)
        assert await committed_rows(data_dir) == 1
    finally:
        os.kill(child, signal.SIGKILL)


async def test_no_server_outlives_a_watcher_that_is_killed(data_dir: Path, launch: Launch) -> None:
    owner = launch()
    watcher = parent_of(int(owner.read()[1]))
    assert watcher != owner.pid
    await commit_a_row(data_dir)
    os.kill(watcher, signal.SIGKILL)
    wait_until(lambda: not server_processes(data_dir), timeout_s=5)
    owner.kill()
    assert await committed_rows(data_dir) == 1


async def test_owner_watcher_and_server_killed_at_once_are_recovered_from(data_dir: Path, launch: Launch) -> None:
    owner = launch()
    server = int(owner.read()[1])
    watcher = parent_of(server)
    await commit_a_row(data_dir)
    for pid in (watcher, server, owner.pid):
        os.kill(pid, signal.SIGKILL)
    assert await committed_rows(data_dir) == 1


async def test_a_killed_server_is_seen_to_be_dead_and_can_be_started_again(data_dir: Path) -> None:
    server = start(data_dir)
    assert server.alive()
    await commit_a_row(data_dir)
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not server.alive())
    server.stop()
    assert server_processes(data_dir) == []
    assert await committed_rows(data_dir) == 1


async def test_server_processes_that_ignore_the_death_of_their_main_process_are_ended_by_stop(data_dir: Path) -> None:
    server = start(data_dir)
    await commit_a_row(data_dir)
    child = next(pid for pid in server_processes(data_dir) if pid != server.pid)
    os.kill(child, signal.SIGSTOP)
    try:
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: server_processes(data_dir) == [child])
        # A stopped process acts on nothing but SIGKILL and SIGCONT, so the gentle signals are shown to be first.
        os.kill(child, signal.SIGCONT)
        server.stop()
        assert server_processes(data_dir) == []
    finally:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def test_ctrl_c_reaches_the_owner_alone(data_dir: Path, launch: Launch) -> None:
    owner = launch()
    assert owner.read()[0] == "ready"
    owner.interrupt_its_terminal()
    assert owner.read() == ["alive"]
    assert owner.read() == ["stopped"]
    assert server_processes(data_dir) == []


def test_stopping_leaves_no_process_and_frees_the_data_directory(data_dir: Path) -> None:
    server = start(data_dir)
    watcher = parent_of(server.pid)
    server.stop()
    server.stop()
    assert server_processes(data_dir) == []
    assert not Path(f"/proc/{watcher}").exists()
    start(data_dir).stop()


async def test_a_stop_with_open_connections_does_not_wait_for_them(data_dir: Path) -> None:
    server = start(data_dir)
    connection = await asyncpg.connect(server.dsn(OWNER_ROLE))
    server.stop(timeout_s=5)
    assert server_processes(data_dir) == []
    assert (data_dir / "postgres.log").read_text().rstrip().endswith("database system is shut down")
    connection.terminate()


@pytest.mark.parametrize("moment", ["postgres.new", "postgres.new/global/pg_control", "postgres/PG_VERSION"])
def test_a_first_start_that_is_killed_is_completed_by_the_next(place: Path, moment: str) -> None:
    owner = Owner.launch(place / "data")
    try:
        wait_until((place / "data" / moment).exists)
        owner.kill()
        with start(place / "data") as server:
            assert server.alive()
            assert attach(place / "data") is not None
        assert not (place / "data" / "postgres.new").exists()
    finally:
        owner.close()
