"""The programs of docs/betfair.md do what the page says, word for word as they stand there."""

import re
import subprocess
import textwrap
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests.cli.program import Server, running
from tests.folders import passable_folder
from tools.install_flumine import ensure

PAGE = Path(__file__).resolve().parents[2] / "docs" / "betfair.md"
ADDRESS = "http://127.0.0.1:8000"
STREAM_PORT = "BetfairStream._BetfairStream__port = 9000"
PATIENCE_S = 120


def programs() -> list[str]:
    """Return the page's programs: blocks of code that import something."""
    chapter = PAGE.read_text("utf-8").partition("## Three programs")[2].partition("\n## ")[0]
    blocks = [textwrap.dedent(block) for block in re.findall(r"(?:^(?:    .*)?\n)+", chapter, re.MULTILINE)]
    return [block for block in blocks if block.lstrip().startswith("import ")]


def _run(server: Server, program: str) -> str:
    """Run a program against a demo that listens elsewhere than the page's, and return what it prints."""
    port = server.announced["betfair_stream"].rpartition(":")[2]
    there = program.replace(ADDRESS, server.url).replace(STREAM_PORT, STREAM_PORT.replace("9000", port))
    command = [ensure(), "-I", "-W", "error", "-W", "ignore:ssl.PROTOCOL_TLS is deprecated", "-c", there]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def printed() -> list[str]:
    """Run them all at once against a demo, and return what each prints."""
    with (
        passable_folder() as folder,
        running(["demo", "--port", "0"], folder / "data") as server,
        ThreadPoolExecutor() as threads,
    ):
        return list(threads.map(partial(_run, server), programs()))


def test_the_page_has_three_programs_that_name_where_the_demo_is() -> None:
    assert [ADDRESS in program for program in programs()] == [True, True, True]
    assert [STREAM_PORT in program for program in programs()] == [False, True, False]


def test_betfairlightweight_places_replaces_and_takes_back(printed: list[str]) -> None:
    market, *rest = printed[0].splitlines()
    assert market.endswith("]")
    assert rest == ["SUCCESS SUCCESS 1 waiting", "SUCCESS 100.0"]


def test_flumine_trades_by_the_exchange_stream(printed: list[str]) -> None:
    market, orders = printed[1].splitlines()
    assert re.fullmatch(r"1\.\d+ best to back: \[.*\]", market)
    assert orders == "[(1.01, 5.0, 'Execution complete'), (1.02, 5.0, 'Execution complete')]"


def test_a_program_without_a_library_reads_prices(printed: list[str]) -> None:
    lines = printed[2].splitlines()
    assert len(lines) >= 3
    assert all(re.search(r" (OPEN|SUSPENDED) \[", line) for line in lines)
