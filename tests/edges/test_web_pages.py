"""The app's page and files: what is served where, for how long it may be kept, and what browsers are told."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from evens.edges.http.app import create_app
from evens.edges.web.build import read_build
from evens.edges.web.pages import API, Pages
from tests.edges.conftest import OpenHouse, talking_to
from tests.edges.web_build import BROWSER, INDEX, SCRIPT, write_build

pytestmark = pytest.mark.anyio

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.fixture
async def web(house: OpenHouse, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody with a browser, and a house with a build."""
    write_build(tmp_path)
    async with talking_to(create_app(house.services, Pages(read_build(tmp_path)))) as http:
        yield http


@pytest.mark.parametrize("path", ["/", "/exchange/markets/mkt_4", "/c/1-abc", "/anything/at/all", "/v1x"])
async def test_every_address_that_is_not_the_apis_is_the_page(web: httpx2.AsyncClient, path: str) -> None:
    answer = await web.get(path, headers=BROWSER)
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers.get_list("cache-control") == ["no-cache"]


@pytest.mark.parametrize("path", ["/", "/c/1-abc"])
async def test_whoever_takes_anything_gets_the_page_where_there_is_sure_to_be_one(
    web: httpx2.AsyncClient, path: str
) -> None:
    assert (await web.get(path)).text == INDEX
    assert (await web.get(path, headers={"Accept": "application/json"})).status_code == 404


@pytest.mark.parametrize("path", ["/nowhere", "/index.html", "/exchange"])
async def test_who_takes_no_page_hears_that_there_is_nothing(web: httpx2.AsyncClient, path: str) -> None:
    answer = await web.get(path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", [f"/{name}/nowhere" for name in sorted(API)])
async def test_there_are_no_pages_under_the_apis_addresses(web: httpx2.AsyncClient, path: str) -> None:
    answer = await web.get(path, headers=BROWSER)
    assert answer.status_code == 404
    assert "html" not in answer.headers["content-type"]


async def test_a_page_is_only_read(web: httpx2.AsyncClient) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = await web.request(method, "/exchange", headers=BROWSER)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_an_asset_is_kept_for_ever_and_comes_as_small_as_the_browser_takes_it(web: httpx2.AsyncClient) -> None:
    path = "/assets/app-1a2b.js"
    for accepted, coding in (
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("gzip;q=0.000", None),
        ("", None),
    ):
        async with web.stream("GET", path, headers={"Accept-Encoding": accepted}) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers.get("content-encoding") == coding, accepted
        assert raw == {"br": b"brotli", "gzip": gzip.compress(SCRIPT.encode()), None: SCRIPT.encode()}[coding]
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/assets/app-1a2b.js", "/favicon.svg"])
async def test_a_browser_that_has_a_file_is_not_sent_it_again(web: httpx2.AsyncClient, path: str) -> None:
    first = await web.get(path, headers=BROWSER)
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await web.get(path, headers={**BROWSER, "If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == first.headers["cache-control"]
    assert (await web.get(path, headers={**BROWSER, "If-None-Match": '"other"'})).status_code == 200


async def test_a_piece_of_an_older_build_is_missing_and_never_the_page(web: httpx2.AsyncClient) -> None:
    for path in ("/assets/app-0000.js", "/assets/", "/assets/app-1a2b.js.br"):
        answer = await web.get(path, headers=BROWSER)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


async def test_files_beside_the_page_are_served_from_the_root_and_asked_for_again(web: httpx2.AsyncClient) -> None:
    for path, kind in (("/favicon.svg", "image/svg+xml"), ("/robots.txt", "text/plain; charset=utf-8")):
        answer = await web.get(path)
        assert (answer.headers["content-type"], answer.headers["cache-control"]) == (kind, "no-cache")
    assert (await web.get("/notes.md")).status_code == 404


async def test_head_is_the_page_without_its_body(web: httpx2.AsyncClient) -> None:
    for path in ("/", "/assets/app-1a2b.js", "/nowhere/at/all"):
        head, got = await web.head(path, headers=BROWSER), await web.get(path, headers=BROWSER)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("etag", "content-length", "content-type", "cache-control"):
            assert head.headers[name] == got.headers[name]


async def test_links_to_challenges_are_not_listed(web: httpx2.AsyncClient) -> None:
    assert (await web.get("/c/1-abc", headers=BROWSER)).headers["x-robots-tag"] == "noindex"
    assert "x-robots-tag" not in (await web.get("/", headers=BROWSER)).headers


async def test_without_a_build_the_server_says_how_to_make_one(house: OpenHouse, tmp_path: Path) -> None:
    assert read_build(tmp_path) is None
    async with talking_to(create_app(house.services, Pages(None))) as http:
        page = await http.get("/")
        assert page.status_code == 200
        assert "make web" in page.text
        assert 'href="/docs"' in page.text
        assert page.headers["content-security-policy"] == POLICY
        assert (await http.get("/exchange", headers=BROWSER)).status_code == 404
        assert (await http.get("/healthz")).status_code == 200


async def test_the_pages_are_measured_under_few_names(web: httpx2.AsyncClient) -> None:
    for path in ("/a", "/b", "/assets/app-1a2b.js", "/c/1-aaaaaaaaaaaaaaaaaaaaaaaa"):
        await web.get(path, headers=BROWSER)
    metrics = (await web.get("/metrics")).text
    assert 'route="/{page}"' in metrics
    assert 'route="/assets/{file}"' in metrics
    assert 'route="/a"' not in metrics
