"""Runs programs in a pseudo-terminal: they see a real tty, and Ctrl-C works."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from tests.cli.program import EVENS, PATIENCE_S, environment, eventually
from tests.fork_server import Forked, start_at_terminal

_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios\nfcntl.ioctl(0, termios.TIOCSCTTY, 0)\nos.execv(sys.argv[1], sys.argv[1:])\n"
)
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A running program and everything it wrote so far, as bytes that a terminal would get."""

    def __init__(self, process: "subprocess.Popen[bytes] | Forked", master: int) -> None:
        self._process = process
        self._master = master
        self._written: list[bytes] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def raw(self) -> str:
        return b"".join(self._written).decode()

    @property
    def text(self) -> str:
        """What was written, without terminal control sequences."""
        return _CONTROL.sub("", self.raw).replace("\r\n", "\n")

    def shows(self, text: str) -> bool:
        """Return whether the text comes to be shown."""
        return eventually(lambda: text in self.text)

    def type(self, text: str) -> None:
        """Type something; "\\x03" is Ctrl-C."""
        os.write(self._master, text.encode())

    def ends(self) -> int:
        """Wait for the program's end and return its exit code."""
        code = self._process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        return code

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                # How Linux says that nobody has the other end open any more.
                return
            if not data:
                return
            self._written.append(data)


@contextmanager
def at_terminal(
    *arguments: str, columns: int = 80, rows: int = 30, env: Mapping[str, str] | None = None, fresh: bool = False
) -> Generator[Terminal]:
    """Run a command in a terminal of this size; it is killed if it has not ended by the end of the block.

    The program is not imported again for each, unless it is to be started as people start it: ``fresh``.
    """
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    variables = environment({"TERM": "xterm-256color", **(env or {})})
    with _started([EVENS, *arguments], variables, slave, fresh=fresh) as process:
        os.close(slave)
        try:
            yield Terminal(process, master)
        finally:
            process.kill()
            process.wait()
    os.close(master)


def _started(
    command: Sequence[str], variables: Mapping[str, str], slave: int, *, fresh: bool
) -> "subprocess.Popen[bytes] | Forked":
    if not fresh:
        return start_at_terminal(command, variables, slave)
    return subprocess.Popen(
        [sys.executable, "-c", _TAKE_TERMINAL, *command],
        env=variables,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
