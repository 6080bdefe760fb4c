"""Starts the program without importing it again: a process that has imported it is forked for each start.

Importing takes nine tenths of a server's start, and tests start more than a hundred servers. So the first start makes a
fork server: this module as a process, which imports the program and then waits at a socket. An order is a message with
what a new process gets (arguments, environment, folder) and four descriptors: its standard input, output and error, and
the pipe on which the fork server later writes how the process ended. Each started process is a process of its own, with
its own id, which can be stopped and killed; only what it imported comes from its parent::

    test process              fork server                server
      order ------------------> fork ---------------------> runs `evens serve`
      <-- id ------------------
                                waits for its end <-------- exits with 0
      <-- 0 on the pipe -------

Starts in which importing may matter (the first start in a folder, an unusual environment) are not made here but as
people make them: with ``fresh``, by tests.cli.program.running and run, and by tests.cli.terminal.at_terminal.
"""

import atexit
import fcntl
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Final, Self, TypedDict

# What `evens serve`, `evens demo` and `evens line-provider` import when they are called.
_IMPORTED: Final = (
    "evens.main",
    "evens.program.operations",
    "evens.program.line_provider",
    "evens.demo.command",
)
_ORDER_BYTES_MAX: Final = 128 * 1024
_DESCRIPTORS: Final = 4


class _Order(TypedDict):
    arguments: list[str]
    environment: dict[str, str]
    folder: str
    at_terminal: bool


class Forked:
    """A process that the fork server started. It has those of the methods of :class:`subprocess.Popen` that tests use.

    ``returncode`` is ``None`` until :meth:`poll` or :meth:`wait` saw the end; a process that was ended by a signal has
    its number, negative. ``stdout`` is there if its standard output is a pipe.
    """

    def __init__(self, pid: int, ended: int, output: int | None = None) -> None:
        """Take over ``ended``, of the pipe for the end, and ``output``, from which standard output is read."""
        self.pid = pid
        self.returncode: int | None = None
        self.stdout = None if output is None else os.fdopen(output)
        self._ended = ended

    def poll(self) -> int | None:
        """Return the exit code if the process has ended."""
        if self.returncode is None and select.select([self._ended], [], [], 0)[0]:
            self._take_end()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code; raise :class:`subprocess.TimeoutExpired` if it does not come."""
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("evens", timeout or 0)
            self._take_end()
        assert self.returncode is not None
        return self.returncode

    def _take_end(self) -> None:
        told = os.read(self._ended, 32)
        assert told, "the fork server has ended before the process that it started"
        self.returncode = int(told)

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the end was seen: the process's id may belong to another one then."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process at once."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for the end, and close what was read from the process."""
        if self.stdout is not None:
            self.stdout.close()
        self.wait()
        os.close(self._ended)


def start(arguments: Sequence[str], environment: Mapping[str, str], errors: int, folder: Path | None = None) -> Forked:
    """Start a program, as :class:`subprocess.Popen` does with standard output in a pipe and errors to a descriptor.

    ``arguments`` begin with the program's path, as ``sys.argv`` does. The folder is this process's unless one is given.
    """
    output, outputs_end = os.pipe()
    with Path(os.devnull).open() as nothing:
        pid, ended = _fork(arguments, environment, folder, (nothing.fileno(), outputs_end, errors))
    os.close(outputs_end)
    return Forked(pid, ended, output)


def start_at_terminal(arguments: Sequence[str], environment: Mapping[str, str], terminal: int) -> Forked:
    """Start a program in a session of its own, whose terminal it is that the descriptor belongs to."""
    return Forked(*_fork(arguments, environment, None, (terminal,) * 3, at_terminal=True))


def _fork(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path | None,
    standard: Sequence[int],
    *,
    at_terminal: bool = False,
) -> tuple[int, int]:
    """Order a process with these standard files; return its id, and where to read how it ended."""
    order = _Order(
        arguments=list(arguments),
        environment=dict(environment),
        folder=str(folder or Path.cwd()),
        at_terminal=at_terminal,
    )
    ended, endeds_end = os.pipe()
    with _one_at_a_time:
        server = _server()
        socket.send_fds(server, [json.dumps(order).encode()], [*standard, endeds_end])
        os.close(endeds_end)
        told = server.recv(32)
    assert told, "the fork server has ended"
    return int(told), ended


_one_at_a_time = Lock()


@cache
def _server() -> socket.socket:
    """Start this process's fork server, which ends with it, and return the socket that takes orders."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


class _ForkServer:
    """What runs in the fork server: it starts what is asked for, and tells how that ended."""

    def __init__(self, orders: socket.socket) -> None:
        self._orders = orders
        self._woken, self._wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._ends: dict[int, int] = {}

    def run(self) -> bool:
        """Take orders; return ``False`` when nobody gives any more, and ``True`` in each started process."""
        signal.signal(signal.SIGCHLD, _only_wake)
        signal.set_wakeup_fd(self._wakes)
        while True:
            ready, _, _ = select.select([self._orders, self._woken], [], [])
            if self._woken in ready:
                os.read(self._woken, 4096)
                self._tell_ends()
            if self._orders not in ready:
                continue
            order, descriptors, _, _ = socket.recv_fds(self._orders, _ORDER_BYTES_MAX, _DESCRIPTORS)
            if not order:
                return False
            pid = os.fork()
            if not pid:
                self._become(json.loads(order), descriptors)
                return True
            self._ends[pid] = descriptors.pop()
            for each in descriptors:
                os.close(each)
            self._orders.send(str(pid).encode())

    def _tell_ends(self) -> None:
        while self._ends:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            # What was written is sent when the pipe is closed; nobody may be there to read it.
            with suppress(BrokenPipeError), os.fdopen(self._ends.pop(pid), "w") as pipe:
                pipe.write(str(os.waitstatus_to_exitcode(status)))

    def _become(self, order: _Order, descriptors: Sequence[int]) -> None:
        """Make this process what was ordered: nothing of the fork server's is left but what it imported."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if order["at_terminal"]:
            os.setsid()
            fcntl.ioctl(descriptors[0], termios.TIOCSCTTY, 0)
        for number, each in enumerate(descriptors[:3]):
            os.dup2(each, number)
        # These objects know what kind of file each of the three was.
        sys.stdin = os.fdopen(0, closefd=False)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
        self._orders.close()
        for each in (self._woken, self._wakes, *self._ends.values(), *descriptors):
            os.close(each)
        os.environ.clear()
        os.environ.update(order["environment"])
        os.chdir(order["folder"])
        sys.argv = order["arguments"]


def _only_wake(_number: int, _frame: object) -> None:
    """Do nothing: a signal without a handler wakes nobody."""


if __name__ == "__main__":
    for module in _IMPORTED:
        import_module(module)
    # What is there now lives as long as the processes: collecting it would copy the memory that they share.
    gc.collect()
    gc.freeze()
    if _ForkServer(socket.socket(fileno=int(sys.argv[1]))).run():
        sys.exit(import_module("evens.main").cli())
