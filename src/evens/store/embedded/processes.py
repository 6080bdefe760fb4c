"""Finding the processes that serve a cluster, and stopping those whose owner has ended."""

import errno
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from evens.store.embedded.config import SOCKET_NAME
from evens.store.embedded.errors import StopFailed
from evens.store.embedded.locks import FileLock

PROC = Path("/proc")
# Signals that are sent in turn, and how long to wait after each: fast shutdown, immediate shutdown, kill.
LEFTOVER_SIGNALS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
LOOK_AGAIN_S = 0.1
SCARCITY = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EINTR, errno.EAGAIN, errno.EIO))
"""Errors that say something about this process or machine, and nothing about what was looked for."""


@dataclass(frozen=True, slots=True)
class PostmasterFile:
    """What a running server writes about itself into postmaster.pid."""

    pid: int
    socket_directory: str
    status: str


def read_postmaster_file(cluster: Path) -> PostmasterFile | None:
    """Return what postmaster.pid says; None if there is no such file, or it is not complete yet.

    Raises:
        PermissionError: this process may not look into the cluster.
    """
    with suppress(FileNotFoundError, ValueError, IndexError):
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        return PostmasterFile(pid=int(lines[0]), socket_directory=lines[4], status=lines[7].strip())
    return None


def live_postmaster(cluster: Path) -> PostmasterFile | None:
    """Return what postmaster.pid says if its process is alive and is the server of this cluster, else None."""
    found = read_postmaster_file(cluster)
    return found if found is not None and serves(found.pid, cluster) else None


def serves(pid: int, cluster: Path) -> bool:
    """Return whether process `pid` is a PostgreSQL process of `cluster`, which is its working directory.

    On a system without /proc: whether there is such a process.

    Raises:
        OSError: it cannot be looked at now, because there are no descriptors or no memory left. It may well run.
    """
    if not PROC.joinpath("self").exists():
        with suppress(ProcessLookupError):
            os.kill(pid, 0)
            return True
        return False
    try:
        process = PROC / str(pid)
        # The directories are compared, not their paths: the path may have been renamed since.
        return process.joinpath("cwd").samefile(cluster) and process.joinpath("comm").read_text() == "postgres\n"
    except OSError as error:
        if error.errno in SCARCITY:
            raise
        # It has ended, or belongs to another user; a server of this cluster runs as the cluster's owner.
        return False


def processes_of(cluster: Path) -> list[int]:
    """Return the ids of all PostgreSQL processes of `cluster` that this process may look at."""
    try:
        pids = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
    except FileNotFoundError:
        pids = [found.pid] if (found := read_postmaster_file(cluster)) else []
    return [pid for pid in pids if serves(pid, cluster)]


def discard_stale_files(cluster: Path, socket_directory: Path) -> None:
    """Remove the lock files of a server that has ended; another process may have its process id by now.

    PostgreSQL refuses to start if a process of the same user has that id, which is common in containers. The caller
    holds the server lock and has seen that no process serves the cluster.
    """
    if PROC.joinpath("self").exists():
        for stale in (cluster / "postmaster.pid", socket_directory / f"{SOCKET_NAME}.lock"):
            stale.unlink(missing_ok=True)


def outlast_leftovers(lock_path: Path, cluster: Path, report: Callable[[str], None]) -> FileLock:
    """Return the server lock; if processes of an earlier server still hold it, stop them first.

    Raises:
        StopFailed: they did not end.
    """
    if (lock := FileLock.try_take(lock_path)) is not None:
        return lock
    report("stopping what an earlier server left running")
    for number, patience_s in LEFTOVER_SIGNALS:
        told: set[int] = set()
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            _signal_leftovers(cluster, number, told)
            if (lock := FileLock.take_within(LOOK_AGAIN_S, lock_path)) is not None:
                return lock
    raise StopFailed(
        f"processes of an earlier server hold {lock_path} and do not end: find them with `fuser -v {lock_path}`, "
        "stop them, and start again"
    )


def _signal_leftovers(cluster: Path, number: signal.Signals, told: set[int]) -> None:
    """Send a signal to the main process, or to all if it has ended; not to those that are in `told` already."""
    pids = processes_of(cluster)
    main = read_postmaster_file(cluster)
    if main is not None and main.pid in pids:
        # It ends its children in the right order.
        pids = [main.pid]
    elif number == signal.SIGINT:
        # Without the main process, SIGINT would only cancel what the children are doing.
        number = signal.SIGQUIT
    for pid in set(pids) - told:
        told.add(pid)
        with suppress(ProcessLookupError):
            os.kill(pid, number)
