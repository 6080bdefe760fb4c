"""Folders for data: passable for the account that PostgreSQL runs as when tests run as root."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def passable_folder() -> Generator[Path]:
    """Make an empty folder that others can pass through (pytest's own are closed to them), and remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="evens-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
