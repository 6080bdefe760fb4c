"""What operators open, move on and take away at the console, before the eyes of those who bet on it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import People
from tests.web.deeds import do

pytestmark = pytest.mark.e2e


def _id_in(page: Page) -> str:
    """Return what the page of the console is about, by its address."""
    found = re.search(r"[?&]id=([^&]+)", page.url)
    assert found is not None, page.url
    return found[1]


def _matched(people: People, market: str, runner: str, odds: str, *, backer: str, layer: str) -> None:
    """Let one back a runner for 10.00 at these odds, and another one lay it."""
    for name, side in ((backer, "back"), (layer, "lay")):
        order = {"market_id": market, "runner_id": runner, "side": side, "odds": odds, "stake": "10.00"}
        people.post("/v1/exchange/orders", {"user_id": people.id_of(name), **order})


def test_a_market_is_opened_loses_a_runner_has_it_again_goes_in_play_and_closes(people: People) -> None:
    operator = people.operator("web-steward")
    operator.goto("/console?view=markets")
    terms = {"Name": "Paddock Hurdle", "Starts": "2030-01-01T12:00:00", "Runners": "Aspen, Beech, Cherry"}
    do(operator, "New market…", "Open it", Currency="USD", Commission="0", **terms)
    operator.get_by_role("link", name="Paddock Hurdle").click()
    expect(operator.get_by_role("region", name="Runners", exact=True)).to_contain_text("Cherry")
    market = _id_in(operator)

    page = people.customer("web-punter", USD="100")
    people.customer("web-punter-lay", USD="200")
    for runner, odds in (("1", "3.00"), ("2", "5.00")):
        _matched(people, market, runner, odds, backer="web-punter", layer="web-punter-lay")
    page.goto(f"/markets/{market}")
    rows = page.get_by_role("table", name="Prices").get_by_role("row")
    aspen, beech, cherry = (rows.filter(has_text=name) for name in ("Aspen", "Beech", "Cherry"))
    cash = page.get_by_role("link", name="You have")
    expect(aspen).to_contain_text("+10.00")
    expect(beech).to_contain_text("+30.00")
    expect(cash).to_contain_text("80.00")

    do(operator, "Remove Beech", "Remove it", Reduction="10")
    expect(beech).to_contain_text("Removed (10 %)")
    # The bets on it are void, and 3.00 less a tenth pays 2.70.
    expect(aspen).to_contain_text("+17.00")
    expect(cherry).to_contain_text("−10.00")
    expect(cash).to_contain_text("90.00")
    expect(page.get_by_role("status").filter(has_text="Suspended")).to_be_visible()

    do(operator, "Reinstate Beech", "Reinstate it")
    expect(beech).not_to_contain_text("Removed")
    expect(aspen).to_contain_text("+10.00")
    expect(cash).to_contain_text("80.00")
    do(operator, "Resume…", "Resume")
    expect(page.get_by_role("status").filter(has_text="Suspended")).to_have_count(0)

    waiting = {"market_id": market, "runner_id": "3", "side": "back", "odds": "8.00", "stake": "5.00"}
    people.post("/v1/exchange/orders", {"user_id": people.id_of("web-punter"), **waiting})
    expect(page.get_by_text("Unmatched (1)")).to_be_visible()
    do(operator, "Turn in-play…", "Turn in-play")
    expect(page.get_by_text("In-play", exact=True)).to_be_visible()
    expect(page.get_by_text("Unmatched (0)")).to_be_visible()
    do(operator, "Close…", "Close")
    expect(page.get_by_role("status").filter(has_text="Closed: the result is awaited")).to_be_visible()
    expect(operator.get_by_role("button", name="Resume…")).to_have_count(0)


def test_a_pool_and_its_first_round_are_opened_and_staked_on(people: People) -> None:
    operator = people.operator("web-harbour")
    operator.goto("/console?view=rounds")
    terms = {"Key": "web-tide", "Name": "High tide", "Symbol": "TIDE", "Calendar": "every:86400", "Fee": "2"}
    do(operator, "New pool…", "Make it", Currency="USD", **terms, **{"Smallest stake": "2,50"})
    operator.get_by_role("link", name="High tide").click()
    expect(operator.get_by_role("definition").filter(has_text="2 % of the losing side")).to_be_visible()
    # One round is opened by itself; by hand it is the next one of the calendar.
    rounds = operator.get_by_role("region", name="Rounds").get_by_role("link", name="web-tide/")
    expect(rounds.first).to_be_visible()
    do(operator, "New round…", "Open it", Pool="web-tide")
    expect(rounds.nth(1)).to_be_visible()

    page = people.customer("web-tide", USD="50")
    page.goto("/pools")
    page.get_by_role("main").get_by_role("link", name="High tide").click()
    page.get_by_label("Stake", exact=True).fill("2")
    expect(page.get_by_text("At least 2.50 USD.")).to_be_visible()
    page.get_by_label("Stake", exact=True).fill("4")
    page.get_by_role("button", name="Stake on up").click()
    expect(page.get_by_text("4.00 USD on up")).to_be_visible()
    code = people.get("/v1/pools/bets", user_id=people.id_of("web-tide"))["items"][0]["round"]
    rounds.filter(has_text=code).click()
    expect(operator.get_by_role("definition").filter(has_text="in 1 bet")).to_contain_text("4.00")


def test_the_owner_pays_into_the_bank_and_takes_out_of_it_what_is_there(people: People) -> None:
    operator = people.operator("web-clerk")
    operator.goto("/console?view=house&currency=EUR")
    expect(operator.get_by_text("Admins pay in and take out.")).to_be_visible()
    expect(operator.get_by_role("button", name="Pay in…")).to_have_count(0)

    owner = people.operator("web-owner", role="admin")
    owner.goto("/console?view=house&currency=EUR")
    free = owner.get_by_role("main").get_by_role("link", name="EUR").first
    expect(free).to_contain_text("0.00")
    do(owner, "Pay in…", "Book it in", Amount="500", Reference="capital")
    expect(free).to_contain_text("500.00")
    do(owner, "Take out…", "Book it out", Amount="120,50")
    expect(free).to_contain_text("379.50")

    owner.get_by_role("button", name="Take out…").click()
    dialog = owner.get_by_role("dialog", name="Take out of the bank")
    dialog.get_by_label("Amount").fill("379.51")
    dialog.get_by_role("button", name="Go on").click()
    dialog.get_by_role("button", name="Book it out").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_role("button", name="Leave it").click()
    free.click()
    entries = owner.get_by_role("region", name="Entries of house.EUR.bank").locator("tbody tr")
    expect(entries).to_have_count(2)
    assert people.get("/v1/house/overview", currency="EUR")["bank"] == "379.50"
