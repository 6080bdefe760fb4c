"""The owner's side of the watcher: starting a program of PostgreSQL under it, telling it to end, waiting for that."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from evens.store.embedded.account import ENVIRONMENT, Account
from evens.store.embedded.errors import StartFailed
from evens.store.embedded.locks import FileLock
from evens.store.embedded.watch import STAY

WATCHER = Path(__file__).with_name("watch.py")
FAST, IMMEDIATE, KILL = b"f", b"i", b"k"
HARDER_PATIENCE_S = 10.0


class WatchedProgram:
    """A running program that does not outlive this process."""

    def __init__(self, argv: Sequence[str], *, account: Account, log: int, lock: FileLock) -> None:
        """Start the program.

        Args:
            argv: the program and its arguments.
            account: the account that it runs as.
            log: the file descriptor for its output.
            lock: the server lock; the program and all its children hold it too while they are alive.

        Raises:
            StartFailed: the watcher did not start.
        """
        uid, gid = (account.uid, account.gid) if account.foreign else (STAY, STAY)
        self._watcher: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-I", "-S", WATCHER, str(uid), str(gid), *argv],
            cwd="/",
            env=ENVIRONMENT,
            pass_fds=[lock.fd],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        self._commands: IO[bytes] = _piped(self._watcher.stdin)
        try:
            self.pid = self._read_pid(argv[0])
        except BaseException:
            self.abandon()
            raise

    def _read_pid(self, program: str) -> int:
        with _piped(self._watcher.stdout) as answer:
            line = answer.readline()
        if not line:
            raise StartFailed(f"{WATCHER} ended with status {self._watcher.wait()} instead of starting {program}")
        return int(line)

    def exit_status(self) -> int | None:
        """Return the exit status, or None while the program runs."""
        return self._watcher.poll()

    def wait(self, patience_s: float | None = None) -> int | None:
        """Wait for the program to end and return its exit status; None if it still runs after `patience_s`."""
        with suppress(subprocess.TimeoutExpired):
            return self._watcher.wait(patience_s)
        return None

    def stop(self, patience_s: float) -> bool:
        """End the program: fast shutdown for `patience_s`, then immediate, then kill. Return whether it has ended."""
        for command, patience in ((FAST, patience_s), (IMMEDIATE, HARDER_PATIENCE_S), (KILL, HARDER_PATIENCE_S)):
            with suppress(BrokenPipeError):
                os.write(self._commands.fileno(), command)
            if self.wait(patience) is not None:
                self.abandon()
                return True
        return False

    def abandon(self) -> None:
        """Close this process's end of the pipe, which ends the program unless another process holds it too."""
        self._commands.close()


def _piped(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None, "subprocess.PIPE was asked for"
    return stream
