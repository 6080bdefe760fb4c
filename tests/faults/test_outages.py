"""Bad days: the database goes and comes back, the disk is full, two servers meet."""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from evens.store.embedded import OWNER_ROLE, Running, start
from tests.cli.program import run, running
from tests.faults.desk import Desk, desk_at, ready, until

pytestmark = pytest.mark.anyio

SECRET = "5e" * 32


@pytest.fixture
def other_postgres(tmp_path: Path) -> Iterator[Running]:
    """Run a PostgreSQL that Evens does not own, with an empty database."""
    with start(tmp_path / "elsewhere") as server:
        yield server


async def _deposit(desk: Desk, customer: str, key: str) -> httpx2.Response:
    return await desk.post("/v1/deposits", {"user_id": customer, "amount": "1.00", "currency": "USD"}, key)


async def test_without_a_database_it_says_503_at_once_and_recovers_by_itself(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    postgres = start(elsewhere)
    url = postgres.dsn(OWNER_ROLE)
    try:
        assert run("migrate", "--data", str(tmp_path / "data"), env={"DATABASE_URL": url}).code == 0
        with running(["serve", "--port", "0"], tmp_path / "data", env={"DATABASE_URL": url}) as server:
            async with desk_at(server) as desk:
                (ann,) = await desk.customers(1)
                postgres.stop()

                for number in range(5):
                    asked = time.monotonic()
                    answer = await _deposit(desk, ann, f"dark-{number}")
                    assert answer.status_code == 503, answer.text
                    assert answer.headers["content-type"] == "application/problem+json"
                    assert int(answer.headers["retry-after"]) >= 1
                    assert time.monotonic() - asked < 2
                reading = await desk.http.get(f"/v1/users/{ann}/balance")
                assert reading.status_code == 503
                assert (await desk.http.get("/readyz")).status_code == 503
                assert (await desk.http.get("/healthz")).status_code == 200

                postgres = start(elsewhere)
                await ready(desk)
                answers = [await _deposit(desk, ann, f"dark-{number}") for number in range(5)]
                assert [answer.status_code for answer in answers] == [201] * 5
                assert await desk.cash(ann) == "1005.00"
    finally:
        postgres.stop()


async def test_a_database_that_is_not_migrated_is_refused_with_what_to_do(
    tmp_path: Path, other_postgres: Running
) -> None:
    ended = run(
        "serve", "--port", "0", "--data", str(tmp_path / "data"), env={"DATABASE_URL": other_postgres.dsn(OWNER_ROLE)}
    )
    assert ended.code == 3
    assert "evens migrate" in ended.err


async def test_a_data_folder_in_use_is_refused_naming_who_uses_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(["serve", "--port", "0"], data) as server:
        ended = run("serve", "--port", "0", "--data", str(data))
        assert ended.code == 3
        assert str(server.process.pid) in ended.err
        async with desk_at(server) as desk:
            await desk.customers(1)


async def test_of_two_servers_on_one_database_the_second_stands_by_until_the_first_is_gone(
    tmp_path: Path, other_postgres: Running
) -> None:
    variables = {"DATABASE_URL": other_postgres.dsn(OWNER_ROLE), "EVENS_SECRET": SECRET}
    assert run("migrate", "--data", str(tmp_path / "one"), env=variables).code == 0
    with running(["serve", "--port", "0"], tmp_path / "one", env=variables) as one:
        async with desk_at(one) as desk:
            (ann,) = await desk.customers(1)
        with running(["serve", "--port", "0"], tmp_path / "two", env=variables) as two:
            async with desk_at(two) as desk:
                waiting = await _deposit(desk, ann, "handover")
                assert waiting.status_code == 503
                assert "another server leads" in waiting.json()["detail"]
                assert (await desk.http.get("/readyz")).status_code == 503
                assert await desk.cash(ann) == "1000.00"

                one.process.kill()
                await ready(desk)

                assert (await _deposit(desk, ann, "handover")).status_code == 201
                assert await desk.cash(ann) == "1001.00"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a small file system of its own, where that is allowed."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=160m,mode=755", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small file system is not allowed here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def test_a_full_disk_is_said_to_be_unavailable_and_nothing_acknowledged_is_lost(small_disk: Path) -> None:
    with running(["serve", "--port", "0"], small_disk / "data") as server:
        async with desk_at(server) as desk:
            ann, bob = await desk.customers(2)
            for number in range(20):
                await desk.pay(f"before-{number}", ann, bob, "0.01")
            free = os.statvfs(small_disk)
            ballast = small_disk / "ballast"
            # The server may write meanwhile, and then there is less than was free: that is full as well.
            with suppress(OSError):
                ballast.write_bytes(bytes(free.f_bavail * free.f_frsize))

            stop = asyncio.Event()
            payers = [asyncio.create_task(desk.pay_until(stop, [ann, bob], f"full-{n}")) for n in range(20)]
            await until(lambda: 503 in desk.statuses)
            stop.set()
            await asyncio.gather(*payers)
            assert desk.statuses.keys() <= {201, 503}

            ballast.unlink()
            await ready(desk)
            await desk.settle()
            assert float(await desk.cash(ann)) + float(await desk.cash(bob)) == 2000
    assert run("audit", "--data", str(server.data), "--json").code == 0
