"""A house with a small build of the app, which the tests make themselves."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from evens.edges.http.app import create_app
from evens.edges.web.build import WebBuild, read_build
from evens.edges.web.pages import Pages
from tests.edges.conftest import OpenHouse, talking_to

INDEX = "<!DOCTYPE html>\n<html><head><title>Evens</title></head><body><script src='/assets/app-1a2b.js'></script>"
SCRIPT = "console.log('evens');\n" * 100
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
"""What a browser sends for a page."""


def write_build(folder: Path) -> None:
    """Write a build as `make web` would."""
    (folder / "assets").mkdir()
    (folder / "index.html").write_text(INDEX, "utf-8")
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", "utf-8")
    (folder / "robots.txt").write_text("User-agent: *\n", "utf-8")
    script = folder / "assets" / "app-1a2b.js"
    script.write_text(SCRIPT, "utf-8")
    script.with_name("app-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    script.with_name("app-1a2b.js.br").write_bytes(b"brotli")
    (folder / "notes.md").write_text("not served", "utf-8")


@pytest.fixture
def build(tmp_path: Path) -> WebBuild:
    """A build of one page, one script and what lies beside them."""
    write_build(tmp_path)
    built = read_build(tmp_path)
    assert built is not None
    return built


@pytest.fixture
async def web(house: OpenHouse, build: WebBuild) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody with a browser."""
    async with talking_to(create_app(house.services, Pages(build))) as http:
        yield http
