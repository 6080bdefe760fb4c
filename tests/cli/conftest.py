"""One real server for each module of tests, in a folder of its own."""

from collections.abc import Iterator

import pytest

from tests.cli.program import Server, running
from tests.folders import passable_folder


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run `evens serve` in a folder of its own, on a port that is free."""
    with passable_folder() as folder, running(["serve", "--port", "0"], folder / "data") as server:
        yield server
        assert server.end() == 0
