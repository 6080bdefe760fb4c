"""One real server for each module of tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import Server, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run `evens serve` in a folder of its own, on a port that is free."""
    data: Path = tmp_path_factory.mktemp("cli") / "data"
    with running(["serve", "--port", "0"], data) as server:
        yield server
        assert server.end() == 0
