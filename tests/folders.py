"""Folders for the data of tests: in memory where there is room, and open to the account that PostgreSQL runs as."""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
"""A file system in memory, on Linux."""

MEMORY_FREE_BYTES_MIN = 4 * 1024**3
"""A server's folder takes 150 MB, and several tests run at once. A container often has 64 MB here."""


@contextmanager
def passable_folder(*, on_disk: bool = False) -> Generator[Path]:
    """Make an empty folder that other users can pass through, and remove it afterwards.

    PostgreSQL refuses to run as root, so when tests run as root it runs as another user, and pytest's own folders are
    closed to that user. Writing to a disk is half of the time of most tests, so folders are in memory unless a test
    asks for a place ``on_disk`` or ``TMPDIR`` names one.
    """
    folder = Path(tempfile.mkdtemp(prefix="evens-test-", dir=None if on_disk else memory_with_room(MEMORY)))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def memory_with_room(memory: Path) -> Path | None:
    """Return ``memory`` if it can take the folders of a run, and ``None`` if the usual place for temporary files must.

    A place that the environment names comes before our own choice.
    """
    if "TMPDIR" in os.environ or not memory.is_dir() or not os.access(memory, os.W_OK | os.X_OK):
        return None
    return memory if shutil.disk_usage(memory).free >= MEMORY_FREE_BYTES_MIN else None
