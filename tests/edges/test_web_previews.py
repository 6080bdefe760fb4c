"""What programs that show links are told about a page, and the pictures that go with it."""

import re
from collections.abc import AsyncIterator
from html import unescape
from io import BytesIO
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from evens.edges.http.app import create_app
from evens.edges.web.build import read_build
from evens.edges.web.pages import Pages
from evens.edges.web.pictures import PER_MINUTE, Pictures, draw
from evens.edges.web.previews import Preview, Previews
from tests.edges.conftest import Caller, OpenHouse, talking_to
from tests.edges.protocol.test_authorisation import DARE, MARKET, POOL, ROUND
from tests.edges.social.board import bet, keep
from tests.edges.sportsbook.counter import ONE, fund, publish
from tests.edges.web_build import INDEX, write_build

pytestmark = pytest.mark.anyio

PUBLIC = "https://bets.example"


@pytest.fixture
async def web(house: OpenHouse, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """A program that shows links, and a house with a build."""
    write_build(tmp_path)
    pages = Pages(read_build(tmp_path), Previews(house.services, f"{PUBLIC}/"))
    async with talking_to(create_app(house.services, pages)) as http:
        yield http


async def tags_of(web: httpx2.AsyncClient, path: str) -> dict[str, str]:
    """Return what a page's head says for programs that show links."""
    answer = await web.get(path)
    assert answer.status_code == 200
    head = answer.text.partition("</head>")[0]
    found = re.findall(r'<meta (?:property|name)="([^"]*)" content="([^"]*)">', head)
    return {name: unescape(content) for name, content in found}


async def test_a_challenge_says_what_is_offered_by_whom(house: OpenHouse, web: httpx2.AsyncClient, ada: Caller) -> None:
    title = 'Ann "the <b>best</b>" & Bo'
    made = await ada.post(
        "/v1/challenges", {**DARE, "title": title, "resolver": (await house.customer("cleo")).username}
    )
    path = f"/c/{made.json()['token']}"
    tags = await tags_of(web, path)
    assert tags["og:title"] == title
    assert tags["og:description"] == "ada backs it at 2.00 for 1.00 USD · To be accepted by 2099-01-01 00:00 UTC"
    assert (tags["og:url"], tags["og:image"]) == (f"{PUBLIC}{path}", f"{PUBLIC}/og{path}.png")
    assert "<b>" not in (await web.get(path)).text
    assert (await web.get(path)).headers["x-robots-tag"] == "noindex"


async def test_a_market_an_event_and_a_round_say_what_they_are(
    house: OpenHouse, web: httpx2.AsyncClient, operator: Caller
) -> None:
    market = (await operator.post("/v1/exchange/markets", MARKET)).json()["id"]
    await fund(house)
    await publish(house, "evt", ONE)
    await operator.post("/v1/pools", POOL)
    await operator.post("/v1/pools/ndx-daily/rounds", ROUND)
    assert (await tags_of(web, f"/markets/{market}"))["og:description"] == "Ann, Bo · Starts 2026-11-20 19:30 UTC"
    assert (await tags_of(web, "/sports/evt"))["og:title"] != ""
    of_round = await tags_of(web, "/pools/ndx-daily/1")
    assert of_round["og:title"] == "Nasdaq"
    assert "Bets until 2099-01-01 00:00 UTC" in of_round["og:description"]
    for path in (f"/markets/{market}", "/sports/evt", "/pools/ndx-daily/1"):
        picture = await web.get(f"/og{path}.png")
        assert picture.headers["content-type"] == "image/png"
        assert picture.headers["cache-control"] == "public, max-age=3600"
        image = Image.open(BytesIO(picture.content))
        assert (image.format, image.size) == ("PNG", (1200, 630))
        again = await web.get(f"/og{path}.png", headers={"If-None-Match": picture.headers["etag"]})
        assert again.status_code == 304


async def test_a_profile_says_what_it_shows_to_everybody(
    house: OpenHouse, web: httpx2.AsyncClient, operator: Caller, ada: Caller
) -> None:
    await ada.patch("/v1/me/profile", {"display_name": "Ada L."})
    joined = (await house.nobody.get("/v1/profiles/ada")).json()["joined_at"][:10]
    assert (await tags_of(web, "/people/ada"))["og:description"] == f"ada, here since {joined}"
    eve = await house.customer("eve", USD=100_00)
    await bet(operator, ada, eve, "1")
    await bet(operator, ada, eve, "2", "5.00")
    await keep(house)
    tags = await tags_of(web, "/people/ada")
    assert tags["og:title"] == "Ada L."
    figures = "+15.00 USD of 15.00 turned over · 1 won of 2 settled"
    assert tags["og:description"] == f"ada, here since {joined} · {figures}"
    picture = await web.get("/og/people/ada.png")
    assert Image.open(BytesIO(picture.content)).size == (1200, 630)
    assert (await tags_of(web, "/people/eve"))["og:description"].endswith(
        "-15.00 USD of 30.00 turned over · 1 won of 2 settled"
    )

    await ada.patch("/v1/me/profile", {"visibility": "private"})
    assert (await web.get("/people/ada")).text == INDEX
    assert (await web.get("/og/people/ada.png", headers={"Accept": "text/html"})).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/c/1-aaaaaaaaaaaaaaaaaaaaaaaa", "/markets/mkt_9", "/sports/none", "/pools/a/b", "/people/nobody"],
)
async def test_what_is_not_there_is_the_plain_page_and_has_no_picture(web: httpx2.AsyncClient, path: str) -> None:
    assert (await web.get(path)).text == INDEX
    picture = await web.get(f"/og{path}.png", headers={"Accept": "text/html"})
    assert (picture.status_code, picture.headers["content-type"]) == (404, "application/problem+json")


async def test_a_page_with_tags_is_not_sent_again_to_who_has_it(web: httpx2.AsyncClient, operator: Caller) -> None:
    market = (await operator.post("/v1/exchange/markets", MARKET)).json()["id"]
    first = await web.get(f"/markets/{market}")
    again = await web.get(f"/markets/{market}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, first.headers["cache-control"]) == (304, "no-cache")


async def test_an_address_asks_for_so_many_pictures_and_no_more(web: httpx2.AsyncClient, operator: Caller) -> None:
    market = (await operator.post("/v1/exchange/markets", MARKET)).json()["id"]
    statuses = [(await web.get(f"/og/markets/{market}.png")).status_code for _ in range(PER_MINUTE + 1)]
    assert (set(statuses[:-1]), statuses[-1]) == ({200}, 429)


async def test_a_picture_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Preview] = []

    def counted(preview: Preview, font: bytes | None) -> bytes:
        drawn.append(preview)
        return draw(preview, font)

    monkeypatch.setattr("evens.edges.web.pictures.draw", counted)
    pictures, preview = Pictures(None), Preview("Market", "Winner", ("Ann, Bo",))
    assert await pictures.of(preview, "192.0.2.1") == await pictures.of(preview, "192.0.2.2")
    assert drawn == [preview]


@pytest.mark.parametrize("title", ["", "word " * 100, "x" * 500, "Žluťoučký kůň 🐎 — 漢字"])
def test_any_title_fits_into_a_picture(title: str) -> None:
    image = Image.open(BytesIO(draw(Preview("Market", title, (title, "fact")), None)))
    assert image.size == (1200, 630)
    ground = image.getpixel((1190, 300))
    assert all(image.getpixel((x, y)) == ground for x in range(1125, 1200) for y in range(0, 630, 5))
