"""Runs the real `evens` program as people and scripts do, or calls it where a process of its own proves no more."""

import io
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import IO, Any
from unittest.mock import patch

import structlog
from typer.main import get_command

from evens.edges.cli.api import Api, user_path
from evens.edges.cli.server_file import Target
from evens.edges.cli.wording import day_end
from evens.main import cli
from tests.fork_server import Forked, start
from tests.premade import begin_with_database

EVENS = str(Path(sys.executable).with_name("evens"))
PATIENCE_S = 60.0
_WITH_DATABASE = ("serve", "demo")


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


def environment(added: Mapping[str, str] | None) -> dict[str, str]:
    """Return this process's environment without variables that change the program's behaviour, plus ``added``."""
    removed = ("EVENS_", "DATABASE_URL", "NO_COLOR", "FORCE_COLOR", "COLUMNS")
    return {name: value for name, value in os.environ.items() if not name.startswith(removed)} | dict(added or {})


def run(*arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None, fresh: bool = False) -> Ended:
    """Run a command to its end as a process, in the usual environment with ``env`` added.

    The program is not imported again for each, unless it is to be started as people start it: ``fresh``.
    """
    command = [EVENS, *arguments]
    if fresh:
        done = subprocess.run(
            command, cwd=cwd, env=environment(env), capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        return Ended(done.returncode, done.stdout, done.stderr)
    with TemporaryFile("w+", encoding="utf-8") as errors:
        process = start(command, environment(env), errors.fileno(), cwd)
        late = Timer(PATIENCE_S, process.kill)
        late.start()
        with process:
            assert process.stdout is not None
            out = process.stdout.read()
            code = process.wait()
        late.cancel()
        errors.seek(0)
        return Ended(code, out, errors.read())


@cache
def _command() -> Callable[..., Any]:
    """Return what ``cli`` makes of itself each time it is called: all commands, a tenth of a second's work."""
    return get_command(cli)


def call(*arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Ended:
    """Run a command to its end inside this process, from the same entry point; what it writes goes to no terminal.

    Starting Python takes half a second, and what most commands do a hundredth of it. Commands that serve, and commands
    in tests that are asynchronous themselves, need :func:`run`.
    """
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.dict(os.environ, environment(env), clear=True),
        patch.object(sys, "argv", [EVENS, *arguments]),
        # Some commands set up logging, for a process that ends with them.
        patch.object(logging.root, "handlers", []),
        patch.object(logging.root, "level", logging.root.level),
        chdir(cwd or Path()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            # Left alone, Click would name the program after the module that runs the tests.
            _command()(prog_name=Path(EVENS).name)
        except SystemExit as ended:
            code = ended.code
        else:
            raise AssertionError("a command ends by exiting")
        finally:
            structlog.reset_defaults()
    assert isinstance(code, int)
    return Ended(code, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Server:
    """A running server, and the document that it printed when it was ready. ``database`` is set if it is elsewhere."""

    data: Path
    process: "subprocess.Popen[str] | Forked"
    announced: Mapping[str, Any]
    database: str | None = None

    @property
    def url(self) -> str:
        return self.announced["url"]

    @property
    def key(self) -> str:
        return (self.data / "operator.key").read_text().strip()

    @property
    def variables(self) -> dict[str, str]:
        """What commands of this server need to find its database."""
        return {} if self.database is None else {"DATABASE_URL": self.database}

    def call(self, *arguments: str, **variables: str) -> Ended:
        """Run a command on this server's data folder, inside this process."""
        return call(*arguments, "--data", str(self.data), env=self.variables | variables)

    def ask(self, *arguments: str, **variables: str) -> Any:
        """Run a command that must succeed, and return its JSON document."""
        ended = self.call(*arguments, "--json", **variables)
        assert ended.code == 0, ended
        return ended.document

    def customer(self, name: str, **cash: str) -> str:
        """Make a customer with this much money in each currency, and return the id."""
        with Api(Target(self.url, self.key)) as api:
            user_id = api.post("/v1/users", {"username": name}).document["id"]
            for currency, amount in cash.items():
                api.post("/v1/deposits", {"user_id": user_id, "amount": amount, "currency": currency})
        return user_id

    def cash(self, name: str, currency: str = "USD", *, at: str | None = None) -> str:
        """Return what a customer has now, or had at the end of a day or at a time."""
        moment = day_end(at) if at is not None else None
        with Api(Target(self.url, self.key)) as api:
            user_id = api.find_user(name)["id"]
            return api.get(user_path(user_id, "balance"), currency=currency, at=moment)["cash"]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


@contextmanager
def running(
    arguments: Sequence[str], data: Path, env: Mapping[str, str] | None = None, *, fresh: bool = False
) -> Generator[Server]:
    """Run a command that serves; the block begins when it is ready, and ends by stopping it.

    A new folder of Evens begins with a copy of a database, unless the server's is elsewhere, and the program is not
    imported again for each server. Both are as for people if it is to be ``fresh``.
    """
    if arguments[0] in _WITH_DATABASE and not fresh and not data.exists() and "DATABASE_URL" not in (env or {}):
        begin_with_database(data)
    command = [EVENS, *arguments, "--data", str(data), "--json"]
    log = data.with_name(f"{data.name}.stderr")
    with log.open("a") as errors, _started(command, environment(env), errors, fresh=fresh) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, log.read_text()
            yield Server(data, process, json.loads(line), (env or {}).get("DATABASE_URL"))
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(PATIENCE_S)


def _started(
    command: Sequence[str], variables: Mapping[str, str], errors: IO[str], *, fresh: bool
) -> "subprocess.Popen[str] | Forked":
    if fresh:
        return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=errors, text=True)
    return start(command, variables, errors.fileno())


def eventually(holds: Callable[[], bool], patience_s: float = PATIENCE_S) -> bool:
    """Return whether a condition comes to hold."""
    until = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def processes_with(mark: str) -> list[str]:
    """Return the command lines of all processes that have this text in their environment."""
    found: list[str] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found
