"""Walks through every long-lived task of a server: each survives what befalls it, or the process ends loudly."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx2
import pytest

from evens.core.commands.wallets import RegisterCustomer
from evens.core.ledger.accounts import InvariantBroken
from evens.edges.http.app import create_app
from evens.identity.keys import InstallationKeys
from evens.program import server as serving
from evens.program.postgres import Postgres
from evens.program.server import House, ServerEnded, open_house, serve
from evens.settings import Settings
from evens.store.embedded import Running
from evens.store.journal import PostgresJournal
from tests.conftest import Dsns
from tests.waiting import until

pytestmark = pytest.mark.anyio

TASKS = {
    "approvals",
    "audits",
    "betfair heartbeats",
    "betfair stream",
    "chain",
    "clock",
    "collector",
    "copier",
    "copy settling",
    "currencies",
    "ended credentials",
    "journal index",
    "line",
    "notices",
    "postgres",
    "leaderboards",
    "records",
    "results",
    "rounds",
    "sequencer",
    "sessions",
    "stop losses",
    "stream",
    "webhooks",
}
"""Everything that a server keeps. `currencies` is the only one that is done once it has done its work."""


@asynccontextmanager
async def kept_house(dsns: Dsns, postgres: Running, folder: Path) -> AsyncGenerator[tuple[House, str]]:
    """Serve a house with every task there is; yield it with its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    sources = "main=evens+http://127.0.0.1:9"
    results = f"racing={folder / 'results.jsonl'}"
    settings = Settings(results_sources=results, line_sources=sources, chain_rail="simulated")
    announced = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with open_house(
        Postgres(dsns.owner, dsns.app, folder, postgres), settings, InstallationKeys(bytes(32)), url
    ) as house:
        answering = asyncio.create_task(
            serve(
                house,
                create_app(house.services),
                listener,
                ready=lambda: loop.call_soon_threadsafe(announced.set) and None,
                stopping=lambda: None,
            )
        )
        try:
            async with asyncio.timeout(60):
                await announced.wait()
                yield house, url
        finally:
            answering.cancel()
            with suppress(asyncio.CancelledError):
                await answering
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


async def until_booked(house: House, username: str) -> None:
    """Book something, asking again for as long as the server does not write."""
    while True:
        with suppress(Exception):
            await house.services.gateway.submit(
                RegisterCustomer(username), command_id=os.urandom(16), actor="operator:test"
            )
            return
        await asyncio.sleep(0.02)


async def test_every_task_of_a_server_is_begun_again(dsns: Dsns, postgres: Running, tmp_path: Path) -> None:
    """Hold 2: the walk. Each task is ended from within, by what no `except Exception` catches, and works again."""
    async with kept_house(dsns, postgres, tmp_path) as (house, url), httpx2.AsyncClient(base_url=url) as http:
        supervisor = house.supervisor
        walked = dict(supervisor.running)
        assert set(walked) == TASKS - {"currencies"}
        for task in walked.values():
            task.cancel()
        await until(lambda: set(supervisor.restarts) == set(supervisor.running) == set(walked))
        assert set(supervisor.restarts.values()) == {1}
        await until_booked(house, "ada")
        assert (await http.get("/healthz")).json() == {"status": "ok"}
        assert (await http.get("/readyz")).status_code == 200


async def test_health_fails_when_a_task_has_died_for_good(
    dsns: Dsns, postgres: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hold 2: /healthz says that a part is dead, and which; its reason is for the log."""
    async with kept_house(dsns, postgres, tmp_path) as (house, url), httpx2.AsyncClient(base_url=url) as http:

        async def contradict(_journal: PostgresJournal) -> None:
            raise InvariantBroken("account 17 has -3")

        monkeypatch.setattr(PostgresJournal, "load", contradict)
        house.supervisor.running["sequencer"].cancel()
        await until(lambda: bool(house.supervisor.dead))
        answer = await http.get("/healthz")
        assert (answer.status_code, answer.json()) == (503, {"status": "failing", "dead": ["sequencer"]})
        assert (await http.get("/version")).status_code == 200


async def test_a_server_that_stops_answering_by_itself_ends_loudly(
    dsns: Dsns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hold 2: what cannot be begun again takes the process down, and not with the exit code of a stop."""

    async def give_up(_server: object, _counter: int) -> bool:
        return True

    monkeypatch.setattr(serving.uvicorn.Server, "on_tick", give_up)
    listener = socket.create_server(("127.0.0.1", 0))
    loop = asyncio.get_running_loop()
    async with open_house(
        Postgres(dsns.owner, dsns.app, tmp_path), Settings(), InstallationKeys(bytes(32)), "http://x"
    ) as house:
        with pytest.raises(ServerEnded):
            await serve(house, create_app(house.services), listener, ready=lambda: None, stopping=lambda: None)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)


async def test_a_server_that_never_opens_ends_when_it_is_told_to(
    dsns: Dsns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def break_each_time(*_: object) -> None:
        raise ValueError("this is wrong")

    monkeypatch.setattr(serving, "open_books", break_each_time)
    listener = socket.create_server(("127.0.0.1", 0))
    loop = asyncio.get_running_loop()
    announced: list[None] = []
    async with open_house(
        Postgres(dsns.owner, dsns.app, tmp_path), Settings(), InstallationKeys(bytes(32)), "http://x"
    ) as house:
        told = serve(
            house, create_app(house.services), listener, ready=lambda: announced.append(None), stopping=lambda: None
        )
        answering = asyncio.create_task(told)
        await until(lambda: "currencies" in house.supervisor.restarts)
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(15):
            await answering
    assert not announced
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)


async def test_leading_ends_with_the_task_that_knows_which_notices_are_wanted(dsns: Dsns) -> None:
    """Hold 2: the topics' task is kept by the journal itself: without it, the journal is lost and led again."""
    journal = PostgresJournal(dsns.app)
    await journal.lead(lambda: None)
    lost = asyncio.ensure_future(journal.lost())
    (topics,) = [task for task in asyncio.all_tasks() if "_refresh_topics" in repr(task)]
    topics.cancel()
    await asyncio.wait_for(lost, 10)
    await journal.resign()
