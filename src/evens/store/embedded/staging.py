"""A server beside the place of a data directory's own, so that nobody opens what is not checked yet.

What is restored goes into a data directory of its own inside of the real one. When it is complete, its cluster is moved
to where the real one belongs, by one rename. Until then the data directory is locked, and after an interruption its
server does not start: see `start`.
"""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from evens.store.embedded.cluster import is_made
from evens.store.embedded.errors import DataDirectoryFull, DataDirectoryInUse
from evens.store.embedded.layout import Layout
from evens.store.embedded.locks import FileLock, recorded_pid
from evens.store.embedded.processes import outlast_leftovers
from evens.store.embedded.running import Running
from evens.store.embedded.server import OWNER_PATIENCE_S, Report, make_data_dir, start


class Staged:
    """A running server with an empty database, which :meth:`keep` makes the data directory's own."""

    def __init__(self, layout: Layout, server: Running) -> None:
        self.server = server
        self._layout = layout

    def keep(self) -> None:
        """Stop the server and put its cluster where the data directory's own belongs."""
        self.server.stop()
        Layout.of(self._layout.staging).cluster.rename(self._layout.cluster)
        folder = os.open(self._layout.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def has_database(data_dir: Path) -> bool:
    """Return whether a data directory has a database."""
    return is_made(Layout.of(data_dir).cluster)


@contextmanager
def staged(data_dir: Path, report: Report = lambda _: None) -> Generator[Staged]:
    """Start an empty server beside the place of the one of `data_dir`, which must have none; at the end all of it goes.

    Raises:
        DataDirectoryFull: `data_dir` has a database.
        DataDirectoryInUse: a server runs on it, or is restored into it.
        EmbeddedPostgresError: as `start` raises.
    """
    layout = Layout.of(data_dir)
    make_data_dir(layout)
    lock = FileLock.take_within(OWNER_PATIENCE_S, layout.owner_lock)
    if lock is None:
        raise DataDirectoryInUse(layout.root, recorded_pid(layout.owner_lock))
    try:
        lock.write_pid()
        if has_database(data_dir):
            raise DataDirectoryFull(
                f"{layout.root} has a database already: choose another folder with --data, or move {layout.cluster} "
                "away"
            )
        _discard(layout, report)
        try:
            with start(layout.staging, report=report) as server:
                yield Staged(layout, server)
        finally:
            _discard(layout, report)
    finally:
        lock.close()


def _discard(layout: Layout, report: Report) -> None:
    """Remove the staging directory, and a cluster that its link leads to."""
    if not layout.staging.exists():
        return
    staging = Layout.of(layout.staging)
    outlast_leftovers(staging.server_lock, staging.cluster.resolve(), report).close()
    if staging.cluster.is_symlink():
        shutil.rmtree(staging.cluster.resolve(), ignore_errors=True)
    shutil.rmtree(layout.staging)
