"""A server with the built app, a browser, and people at it. A complaint of any page fails the test it came up in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from evens.edges.cli.api import Api
from evens.edges.cli.server_file import Target
from tests.cli.program import Server, running
from tests.folders import passable_folder
from tests.web.browsing import Complaints, People
from tests.web.line import Line, LinePlace, line_place, providing
from tools.build_web import build
from tools.chromium import find

SETTINGS = {
    "EVENS_CHAIN_RAIL": "simulated",
    "EVENS_CHAIN_EVERY_S": "0.5",
    "EVENS_CURRENCIES": "USD:2,EUR:2,USDC:6",
    # What was settled is corrected by two operators.
    "EVENS_TWO_OPERATORS": "correct",
}


@pytest.fixture(scope="session")
def app() -> None:
    """Build the browser app, unless what is built is what the sources say."""
    build()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium, which `make e2e` has installed."""
    path = find()
    if path is None:
        pytest.fail("There is no Chromium here: `make e2e` installs Debian's.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def common_folder() -> Iterator[Path]:
    """Return a folder for what all tests of the run share."""
    with passable_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def place(common_folder: Path) -> LinePlace:
    """Return where the server's line provider is to be."""
    return line_place(common_folder)


@pytest.fixture(scope="session")
def server(app: None, common_folder: Path, place: LinePlace) -> Iterator[Server]:
    """Run a server for all tests of the run; each has people and markets of its own."""
    with running(["serve", "--port", "0"], common_folder / "data", SETTINGS | place.settings) as server:
        yield server


@pytest.fixture(scope="session")
def line(server: Server, place: LinePlace) -> Iterator[Line]:
    """Run the server's line provider, and give the house a bank that its bets are paid from."""
    with providing(server, place) as line, Api(Target(server.url, server.key)) as api:
        api.post("/v1/house/deposits", {"amount": "10000.00", "currency": "USD"})
        yield line


@pytest.fixture(scope="module")
def house(app: None) -> Iterator[Server]:
    """Run a house with simulated customers, a line provider and a pool, for no longer than one module: it is busy."""
    with passable_folder() as folder, running(["demo", "--port", "0"], folder / "data") as server:
        yield server


@pytest.fixture
def people(browser: Browser, server: Server) -> Iterator[People]:
    """Let people come; at the end no page may have complained."""
    complaints = Complaints()
    people = People(browser, server, complaints)
    yield people
    people.close()
    assert complaints.said == []


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """Return a folder for a server of a test's own."""
    with passable_folder() as folder:
        yield folder
