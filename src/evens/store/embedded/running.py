"""A running server, owned by this process or by another."""

import os
import weakref
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from evens.store.embedded.account import Account
from evens.store.embedded.binaries import Binaries
from evens.store.embedded.config import DATABASE, PORT
from evens.store.embedded.errors import StopFailed
from evens.store.embedded.layout import Layout
from evens.store.embedded.locks import FileLock
from evens.store.embedded.processes import outlast_leftovers, serves
from evens.store.embedded.socket_directory import remove_socket_directory
from evens.store.embedded.watched import WatchedProgram

STOP_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Ownership:
    """What makes this process the owner of a server."""

    lock: FileLock
    program: WatchedProgram
    account: Account


class Running:
    """A PostgreSQL server that accepts connections. Used as a context manager, it is stopped at the end.

    Attributes:
        pid: the server's main process.
        binaries: the directory of `psql`, `pgbench` and the other programs.
        socket_directory: what clients name as their host.
        log: the server's log file.
    """

    def __init__(
        self,
        layout: Layout,
        *,
        cluster: Path,
        socket_directory: Path,
        pid: int,
        binaries: Binaries,
        ownership: Ownership | None = None,
    ) -> None:
        self.pid = pid
        self.binaries = binaries.directory
        self.socket_directory = socket_directory
        self.log = layout.log
        self._layout = layout
        self._cluster = cluster
        self._ownership = ownership
        if ownership is not None:
            _owned_here.add(self)

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """Return the address for asyncpg and libpq; `role` is `evens_owner` or `evens_app`."""
        host = quote(str(self.socket_directory), safe="/")
        return f"postgresql://{quote(role)}@/{quote(database)}?host={host}&port={PORT}"

    def alive(self) -> bool:
        """Return whether the server's main process runs. If it does not, call `stop` and then `start` again.

        The owner's answer needs no descriptor, so it is right even when there are none left.

        Raises:
            OSError: this process, which is not the owner, cannot look at the moment.
        """
        if self._ownership is not None:
            # The watcher is our child, and ends as soon as the server does.
            return self._ownership.program.exit_status() is None
        return serves(self.pid, self._cluster)

    def stop(self, timeout_s: float = STOP_TIMEOUT_S, *, keeps_address: bool = False) -> None:
        """Shut the server down and release the data directory. Can be called twice.

        Open transactions are rolled back. After `timeout_s` the server is ended without a checkpoint: nothing that was
        acknowledged is lost, and the next start recovers it. Does nothing to a server that another process owns.
        With `keeps_address` the next start takes the same socket, so that clients find it again.

        Raises:
            StopFailed: it did not end even when it was killed.
        """
        ownership, self._ownership = self._ownership, None
        if ownership is None:
            return
        _owned_here.discard(self)
        try:
            if not ownership.program.stop(timeout_s):
                raise StopFailed(f"process {self.pid} does not end, not even by force; see {self.log}")
            # If the main process was killed, its children may live a moment longer.
            outlast_leftovers(self._layout.server_lock, self._cluster, lambda _: None).close()
            if not keeps_address:
                remove_socket_directory(self._layout, self.socket_directory, ownership.account)
        finally:
            ownership.lock.close()

    def disown(self) -> None:
        """Give up ownership without stopping the server; for forked children."""
        ownership, self._ownership = self._ownership, None
        if ownership is not None:
            ownership.lock.close()
            ownership.program.abandon()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


_owned_here: weakref.WeakSet[Running] = weakref.WeakSet()


def _disown_all() -> None:
    for running in list(_owned_here):
        running.disown()
    _owned_here.clear()


# Otherwise a forked child would keep the lock and the pipe open after the owner has ended.
os.register_at_fork(after_in_child=_disown_all)
