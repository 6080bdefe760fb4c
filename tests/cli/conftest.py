"""One real server for each module of tests, in folders that leave nothing behind."""

import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.program import Server, running


@contextmanager
def make_folder() -> Generator[Path]:
    """Make a folder, and remove it at the end.

    Everybody may look into it: as root, PostgreSQL runs as another user, and where that one cannot reach, its files
    are put elsewhere, and stay there.
    """
    folder = Path(tempfile.mkdtemp(prefix="evens-cli-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Make a folder for a test."""
    with make_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run `evens serve` in a folder of its own, on a port that is free."""
    with make_folder() as folder, running(["serve", "--port", "0"], folder / "data") as server:
        yield server
        assert server.end() == 0
