"""A page that is open while its server goes and comes back, and one whose build has been replaced under it."""

import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.cli.program import running
from tests.web.browsing import Complaints, People
from tests.web.conftest import SETTINGS

pytestmark = pytest.mark.e2e


def test_a_page_says_that_it_is_cut_off_and_catches_up_by_itself(app: None, browser: Browser, own_folder: Path) -> None:
    complaints = Complaints(expects_cuts=True)
    with running(["serve", "--port", "0"], own_folder / "data", SETTINGS) as server:
        port = server.url.rsplit(":", 1)[1]
        people = People(browser, server, complaints)
        market = people.post(
            "/v1/exchange/markets",
            {"name": "Pier", "runners": [{"name": "Ash"}, {"name": "Oak"}], "starts_at": "2030-01-01T12:00:00Z"},
        )["id"]
        page = people.visitor()
        page.goto(f"/markets/{market}")
        expect(page.get_by_role("table", name="Prices")).to_be_visible()
        other = people.visitor()
        other.goto("/")
        expect(other.get_by_role("heading", name="Lobby")).to_be_visible()
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(60)
        expect(page.get_by_text("Reconnecting")).to_be_visible()
        # A page that was not loaded yet comes when the server is back; until then the app stays.
        other.get_by_role("link", name="Wallet").first.click()
        expect(other.get_by_role("status", name="The page is being loaded")).to_be_visible()
    with running(["serve", "--port", port], own_folder / "data", SETTINGS) as server:
        back = People(browser, server, complaints)
        maker = back.post("/v1/users", {"username": "maker"})["id"]
        back.post("/v1/deposits", {"user_id": maker, "amount": "100.00", "currency": "USD"})
        back.post(
            "/v1/exchange/orders",
            {"user_id": maker, "market_id": market, "runner_id": "1", "side": "lay", "odds": "3.5", "stake": "7.00"},
        )
        expect(page.get_by_role("button", name="Back Ash at 3.50")).to_be_visible()
        expect(page.get_by_text("Reconnecting")).to_be_hidden()
        expect(other.get_by_text("Log in to see your wallet")).to_be_visible()
        people.close()
    assert complaints.said == []


@pytest.mark.parametrize("piece", ["wallet-page", "price-chart"])
def test_a_piece_of_an_older_build_brings_the_new_page(people: People, piece: str) -> None:
    runners = [{"name": "Ash"}, {"name": "Oak"}]
    market = {"name": f"Breakwater {piece}", "runners": runners, "starts_at": "2030-01-01T12:00:00Z"}
    page = people.visitor()
    page.goto(f"/markets/{people.post('/v1/exchange/markets', market)['id']}")
    expect(page.get_by_role("table", name="Prices")).to_be_visible()
    # As after an upgrade: the piece is gone for the page of the older build, and there for one that is loaded anew.
    renewed: list[str] = []
    page.on("request", lambda request: renewed.append(request.url) if request.is_navigation_request() else None)

    def answer(route: Route) -> None:
        if renewed:
            route.continue_()
        else:
            route.fulfill(status=404, body="")

    page.route(f"**/assets/{piece}*.js", answer)
    if piece == "wallet-page":
        page.get_by_role("link", name="Wallet").first.click()
        expect(page.get_by_text("Log in to see your wallet")).to_be_visible()
    else:
        page.get_by_role("tab", name="Chart").click()
        expect(page.get_by_text("Nothing has been traded yet")).to_be_visible()
    assert len(renewed) == 1
