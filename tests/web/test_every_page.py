"""Every page, in both themes, on a desk and on a phone: nothing that axe calls serious, nothing wider than the window.

They are looked at in a house with simulated customers, so that there is something on them.
"""

import os
import re
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cli.program import Server, eventually
from tests.web.browsing import NARROW, WIDE, Complaints, People, Theme, overflow, register

pytestmark = pytest.mark.e2e

ROOT: Final = Path(__file__).resolve().parents[2]
AXE: Final = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
FOR_ANYBODY: Final = ("/", "/sports", "/pools", "/challenges", "/login", "/register", "/nowhere")
FOR_CUSTOMERS: Final = (
    *("/wallet", "/wallet?view=deposit", "/wallet?view=withdraw", "/wallet?view=transfer"),
    *("/bets", "/account", "/notifications"),
)
SECTIONS: Final = ("approvals", "markets", "events", "rounds", "customers", "withdrawals", "house", "ledger", "journal")
FOR_OPERATORS: Final = ("/console", *(f"/console?view={each}" for each in SECTIONS))
LOOKS: Final[tuple[tuple[Theme, int], ...]] = (("light", WIDE), ("dark", NARROW), ("dark", WIDE), ("light", NARROW))


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_no_page_has_a_serious_fault(browser: Browser, house: Server, theme: Theme, width: int) -> None:
    complaints = Complaints(expects_refusals=False)
    people = People(browser, house, complaints)
    faults: list[str] = []
    for guest, paths in ((None, FOR_ANYBODY), ("customer", FOR_CUSTOMERS), ("operator", FOR_OPERATORS)):
        page = people.visitor(theme=theme, width=width)
        page.goto("/")
        if guest is not None:
            page.get_by_role("button", name=f"Enter as {guest}").click()
            expect(page.get_by_role("link", name="Console" if guest == "operator" else "Wallet").first).to_be_visible()
        for path in (*paths, *_of_things(people)) if guest == "customer" else paths:
            page.goto(path)
            expect(page.get_by_role("heading").first).to_be_visible()
            page.wait_for_function("!document.querySelector('[aria-busy=true]')")
            # It is the page that was asked for, and not one that says that something went wrong.
            assert page.url.removeprefix(house.url) == path
            expect(page.get_by_role("main").get_by_role("alert")).to_have_count(0)
            faults += _faults(page, f"{path} as {guest or 'a visitor'}")
            _keep_picture(page, path, theme, width)
    people.close()
    assert faults == []
    assert complaints.said == []


def _of_things(people: People) -> list[str]:
    """Return the pages of a market, an event and a round."""
    market = people.get("/v1/exchange/markets", status="open")["items"][0]["id"]
    assert eventually(lambda: bool(people.get("/v1/sportsbook/events")["items"]))
    event = people.get("/v1/sportsbook/events")["items"][0]["id"]
    current = people.get("/v1/pools")["items"][0]["key"]
    return [f"/markets/{market}", f"/sports/{event}", f"/pools/{current}"]


def _keep_picture(page: Page, path: str, theme: Theme, width: int) -> None:
    """With ``EVENS_PICTURES``, keep what a page looks like in that folder, named after its first word."""
    folder = os.environ.get("EVENS_PICTURES")
    if folder is not None:
        words = [word for word in re.split(r"\W+", path) if word.islower() and word != "view"]
        one = "-one" if re.search(r"\d", path) else ""
        page.screenshot(path=f"{folder}/{'-'.join(words) or 'lobby'}{one}-{theme}-{width}.png")


def _faults(page: Page, where: str) -> list[str]:
    found = [f"{where}: {overflow(page)} pixels too wide"] if overflow(page) > 0 else []
    # The policy of the page lets no script in but the app's; the driver's own evaluation is not the page's.
    page.evaluate(AXE.read_text("utf-8"))
    result: Any = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return found + [
        f"{where}: {each['id']} ({each['impact']}): {each['nodes'][0]['html'][:160]}"
        for each in result["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def test_whoever_joins_a_demo_books_play_money_and_bets(browser: Browser, house: Server) -> None:
    complaints = Complaints()
    people = People(browser, house, complaints)
    page = people.visitor()
    register(page, "web-joins")
    page.goto("/wallet?currency=USD&view=deposit")
    page.get_by_label("Amount").fill("40")
    page.get_by_role("button", name="Deposit play money").click()
    expect(page.get_by_text("40.00 USD is yours to play with")).to_be_visible()
    page.goto("/pools")
    page.get_by_role("main").get_by_role("link").first.click()
    page.get_by_label("Stake", exact=True).fill("5")
    page.get_by_role("button", name="Stake on up").click()
    expect(page.get_by_text("5.00 USD on up")).to_be_visible()
    people.close()
    assert complaints.said == []
