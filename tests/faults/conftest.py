"""Tests of faults keep their data on a real disk: what they kill waits for it, as it would in earnest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.folders import passable_folder


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Return an empty folder on disk."""
    with passable_folder(on_disk=True) as folder:
        yield folder
