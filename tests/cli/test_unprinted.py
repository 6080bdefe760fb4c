"""What was booked and cannot be printed: the exit code never says that it was refused."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from evens.edges.cli.failures import ExitCode
from tests.cli.program import EVENS, PATIENCE_S, Server, environment, run
from tests.cli.terminal import at_terminal

BOOKED = int(ExitCode.BOOKED)


def run_into(stdout: int, *arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a command whose standard output is this descriptor; return its exit code, and what it wrote to stderr."""
    done = subprocess.run(
        [EVENS, *arguments],
        env=environment(env),
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=PATIENCE_S,
        check=False,
        text=True,
    )
    return done.returncode, done.stderr


def run_into_full_disk(*arguments: str) -> tuple[int, str]:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    try:
        return run_into(descriptor, *arguments)
    finally:
        os.close(descriptor)


def run_into_closed_pipe(*arguments: str) -> tuple[int, str]:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return run_into(writer, *arguments)
    finally:
        os.close(writer)


@pytest.mark.parametrize("into", [run_into_full_disk, run_into_closed_pipe])
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_what_was_booked_and_could_not_be_printed_has_a_code_of_its_own(
    server: Server, into: Callable[..., tuple[int, str]], options: tuple[str, ...]
) -> None:
    """Hold 24: a full disk and a closed pipe."""
    name = f"{into.__name__.replace('run_into_', '')}-{len(options)}"
    server.customer(name)
    code, told = into("deposit", name, "5", *options, "--data", str(server.data))
    assert code == BOOKED
    assert told.startswith("✗ This is done, but the result could not be printed: ")
    assert told.count("\n") == 1
    assert server.cash(name) == "5.00"


def test_a_payment_goes_well_where_standard_output_is_closed(server: Server) -> None:
    """Hold 24: no output at all."""
    server.customer("shut")
    command = f"exec {EVENS} deposit shut 5 --data {server.data} >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], env=environment(None), timeout=PATIENCE_S, check=False).returncode == 0
    assert server.cash("shut") == "5.00"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_payment_goes_well_whatever_the_encoding(server: Server, encoding: str) -> None:
    """Hold 24: any terminal, any encoding."""
    name = f"enc-{encoding}"
    server.customer(name)
    for options in ((), ("--json",)):
        env = {"PYTHONIOENCODING": encoding, "LC_ALL": "C", "EVENS_DATA": str(server.data)}
        made = run("deposit", name, "1", "--reference", "žluť ✓ 中", *options, env=env, fresh=True)
        assert made.code == 0, made
        shown = run("statement", name, *options, env=env, fresh=True)
        assert shown.code == 0, shown
        if options:
            assert shown.document["items"][0]["reference"] == "žluť ✓ 中"
        # What is written for other programs is UTF-8.
        assert "žluť ✓ 中" in run("statement", name, "--csv", env=env, fresh=True).out


@pytest.mark.parametrize(("terminal", "columns"), [("dumb", 0), ("unknown", 1)])
def test_a_payment_goes_well_on_any_terminal(server: Server, terminal: str, columns: int) -> None:
    """Hold 24: any terminal."""
    name = f"term-{terminal}-{columns}"
    server.customer(name)
    env = {"TERM": terminal, "EVENS_DATA": str(server.data)}
    for arguments in (("deposit", name, "5"), ("statement", name), ("balance", name)):
        with at_terminal(*arguments, columns=columns, env=env, fresh=True) as screen:
            assert screen.ends() == 0, screen.text
    assert server.cash(name) == "5.00"


def test_what_was_only_asked_for_ends_quietly_in_a_closed_pipe_and_loudly_on_a_full_disk(server: Server) -> None:
    """Hold 24: a closed pipe, a full disk."""
    server.customer("reader", USD="1")
    for arguments in (("statement", "reader"), ("statement", "reader", "--csv"), ("balance", "reader", "--json")):
        assert run_into_closed_pipe(*arguments, "--data", str(server.data)) == (0, "")
        code, told = run_into_full_disk(*arguments, "--data", str(server.data))
        assert (code, told) == (5, "✗ The result could not be printed: No space left on device.\n")


def test_a_refusal_stays_a_refusal_though_nobody_hears_it(server: Server) -> None:
    for into in (run_into_full_disk, run_into_closed_pipe):
        code, told = into("withdraw", "nobody", "5", "--json", "--data", str(server.data))
        assert code == 1
        assert "There is no user called nobody." in told


def test_an_argument_that_is_no_text_is_a_misuse(server: Server) -> None:
    argument = b"\xff".decode("utf-8", "surrogateescape")
    done = run("deposit", "nobody", "5", "--reference", argument, "--data", str(server.data), fresh=True)
    assert done.code in {1, 2}
    assert "Traceback" not in done.err


def test_the_version_is_printed_by_an_option(tmp_path: Path) -> None:
    """Hold 24: `--version`."""
    assert run("--version", cwd=tmp_path, fresh=True).out.startswith("evens ")
