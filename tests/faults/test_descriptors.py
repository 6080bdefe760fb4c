"""A moment without file descriptors passes: nothing is taken for gone that could not be looked at."""

import json
import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from evens.program.descriptors import kept_back
from evens.store.embedded import Running
from tests.cli.program import EVENS, Server, environment, eventually, running

READY_S_MAX = 5.0
LIMIT = 256


def status(url: str) -> int:
    """Return how a server answers, 0 if it does not."""
    with suppress(httpx2.HTTPError):
        return httpx2.get(url, timeout=5).status_code
    return 0


def descriptors(pid: int) -> int:
    """Return how many descriptors a process has."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0])


@contextmanager
def without_descriptors(pid: int) -> Generator[None]:
    """Leave a process no descriptor that it does not have already."""
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (descriptors(pid), before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


def starve(server: Server, *, until_refused: int = 30) -> None:
    """Ask again and again, over new connections, until so many were refused: longer than PostgreSQL is looked after."""
    refused = 0
    began = time.monotonic()
    while refused < until_refused:
        refused += status(f"{server.url}/readyz") != 200
        assert time.monotonic() - began < 60


def test_postgres_survives_a_moment_without_descriptors(tmp_path: Path) -> None:
    """Hold 2: "cannot look" is not "gone": the same PostgreSQL runs, and the server is ready within 5 s."""
    with running(["serve", "--port", "0"], tmp_path / "data") as server:
        before = postmaster(server.data)
        with without_descriptors(server.process.pid):
            starve(server)
        assert eventually(lambda: status(f"{server.url}/readyz") == 200, READY_S_MAX)
        assert status(f"{server.url}/healthz") == 200
        assert postmaster(server.data) == before
        assert "postgres_died" not in (tmp_path / "data.stderr").read_text()


def test_postgres_that_dies_without_descriptors_left_is_restarted_once_there_are_some(tmp_path: Path) -> None:
    """Hold 2: what the supervisor cannot do now, it tries again."""
    with running(["serve", "--port", "0"], tmp_path / "data") as server:
        before = postmaster(server.data)
        log = tmp_path / "data.stderr"
        with without_descriptors(server.process.pid):
            os.kill(before, signal.SIGKILL)
            assert eventually(lambda: "postgres_does_not_start" in log.read_text())
        assert eventually(lambda: status(f"{server.url}/readyz") == 200, 2 * READY_S_MAX)
        assert postmaster(server.data) != before


def test_connections_never_take_the_last_descriptors(tmp_path: Path) -> None:
    """Hold 2: with 256 descriptors 300 silent connections leave enough for everybody else."""
    data = tmp_path / "data"
    shell = ["sh", "-c", f"ulimit -n {LIMIT}; exec {EVENS} serve --port 0 --data {data} --json"]
    with (
        subprocess.Popen(shell, env=environment(None), stdout=subprocess.PIPE, text=True) as process,
        ExitStack() as open_,
    ):
        assert process.stdout is not None
        assert process.stdout.readline()
        server = Server(data, process, {"url": _url(data)})
        place = urlsplit(server.url)
        assert place.hostname is not None
        silent = [open_.enter_context(socket.create_connection((place.hostname, place.port or 0))) for _ in range(300)]
        assert status(f"{server.url}/readyz") == 200
        assert descriptors(process.pid) <= LIMIT - kept_back(LIMIT) // 2
        # Those that came first made room for those that came later.
        assert silent[0].recv(1) == b""
        assert server.end() == 0


def _url(data: Path) -> str:
    return json.loads((data / "server.json").read_text())["url"]


def test_an_owner_sees_that_postgres_lives_without_any_descriptor(postgres: Running) -> None:
    """Hold 2: the owner asks its child process, which takes no descriptor."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            os.open(os.devnull, os.O_RDONLY)
        assert postgres.alive()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
