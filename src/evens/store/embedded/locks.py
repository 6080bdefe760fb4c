"""File locks. The kernel releases them when the process ends, so no crash leaves one behind."""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from evens.store.embedded.errors import DataDirectoryUnusable

POLL_S = 0.02


class FileLock:
    """An exclusive lock on a file.

    It belongs to the open file, not to the process. Child processes that inherit `fd` hold it too, and it is free when
    the last of them has ended.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd

    @classmethod
    def try_take(cls, path: Path) -> Self | None:
        """Return the lock, or None if somebody holds it. Makes the file if it is missing.

        Raises:
            DataDirectoryUnusable: the file cannot be opened.
        """
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise DataDirectoryUnusable(
                f"cannot open {path}: {error.strerror}; run as the user who owns {path.parent}"
            ) from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return None
        return cls(fd)

    @classmethod
    def take_within(cls, patience_s: float, path: Path) -> Self | None:
        """Return the lock, or None if somebody still holds it after `patience_s`. Raises as `try_take` does."""
        until = time.monotonic() + patience_s
        while (lock := cls.try_take(path)) is None and time.monotonic() < until:
            time.sleep(POLL_S)
        return lock

    def write_pid(self) -> None:
        """Record this process in the file as the holder."""
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        """Release the lock as far as this process holds it. Can be called twice."""
        if self.fd >= 0:
            # LOCK_UN would also release it for the child processes that share the open file.
            os.close(self.fd)
            self.fd = -1


def recorded_pid(path: Path) -> int | None:
    """Return the process id that a lock file holds, or None if it holds none."""
    with suppress(OSError, ValueError):
        return int(path.read_text())
    return None


@contextmanager
def exclusive(path: Path) -> Generator[None, None, None]:
    """Wait for the lock on `path` and hold it during the block."""
    while (lock := FileLock.try_take(path)) is None:
        time.sleep(POLL_S)
    try:
        yield
    finally:
        lock.close()
