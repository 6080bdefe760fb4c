"""The pictures that README shows, made by: EVENS_PICTURES=docs/pictures make e2e ARGS='-k readme'."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.cli.program import Server, eventually
from tests.web.browsing import Complaints, People
from tests.web.pictures import BYTES_MAX, keep, pictures_of

pytestmark = pytest.mark.e2e


@pytest.mark.skipif("EVENS_PICTURES" not in os.environ, reason="EVENS_PICTURES names no folder for pictures")
def test_pictures_for_the_readme_are_kept_and_small(browser: Browser, house: Server) -> None:
    folder = Path(os.environ["EVENS_PICTURES"])
    folder.mkdir(parents=True, exist_ok=True)
    complaints = Complaints(expects_refusals=False)
    people = People(browser, house, complaints)
    assert eventually(lambda: len(people.get("/v1/sportsbook/events")["items"]) > 3)
    ada = f"/v1/users/{people.id_of('ada')}/transactions"
    assert eventually(lambda: len(people.get(ada, currency="USD", kind="stake")["items"]) > 2)
    market = people.get("/v1/exchange/markets", status="open")["items"][0]["id"]
    pool = people.get("/v1/pools")["items"][0]["key"]
    for picture in pictures_of(market, pool):
        page = people.visitor(theme=picture.theme, width=picture.width)
        # What has just changed fades from a tint, and a picture would show it half-way.
        page.emulate_media(reduced_motion="reduce")
        page.goto("/")
        page.get_by_role("button", name=f"Enter as {picture.guest}").click()
        expect(page.get_by_role("link", name="Account of")).to_be_visible()
        page.goto(picture.path)
        # What is live comes a moment after the page: it is there with the first price or amount.
        figures = page.get_by_role("main").get_by_text(re.compile(r"\d\.\d\d"))
        expect(figures.filter(visible=True).first).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        path = folder / f"{picture.name}.png"
        keep(page, path)
        assert path.stat().st_size <= BYTES_MAX
        page.context.close()
    assert complaints.said == []
