"""Bets with the house: odds that move under a slip, and a bet that is ended early for its quote."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, WebSocketRoute, expect

from tests.cli.program import eventually
from tests.web.browsing import People
from tests.web.line import Line, offer

pytestmark = pytest.mark.e2e

AGREE = "Agree to these odds"
PLACE = "Place the bet"


def _pick(page: Page, title: str, selection: str) -> Locator:
    """Press the odds of a selection of a listed event, and return the button."""
    button = page.get_by_role("article").filter(has_text=title).get_by_role("button", name=selection)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    return button


def test_an_accumulator_asks_when_its_odds_have_moved_as_its_bettor_wants_it(people: People, line: Line) -> None:
    odds = {"home": "2.00", "away": "1.80"}
    offer(people, line, "web-acca-1", "Acorn Town v Beech United", odds, sport="bowls")
    offer(people, line, "web-acca-2", "Cedar City v Date Palm Rovers", odds, sport="bowls")
    page = people.customer("web-acca", USD="100")
    page.goto("/sports?sport=bowls")
    button = _pick(page, "Acorn Town", "Home")
    _pick(page, "Cedar City", "Away")
    page.get_by_role("button", name="Accumulator").click()
    slip = page.locator("form").filter(has=page.get_by_label("Stake", exact=True))
    slip.get_by_label("Stake", exact=True).fill("10")
    expect(slip).to_contain_text("36.00 USD")

    # Longer odds are taken without a word, unless one wants to be asked.
    line.move("web-acca-1", {"home": "2.10"})
    expect(page.get_by_text("was 2.00")).to_be_visible()
    expect(slip).to_contain_text("37.80 USD")
    expect(slip.get_by_role("button", name=PLACE)).to_be_enabled()
    page.get_by_label("If odds move").select_option("Ask me")
    expect(slip.get_by_role("alert")).to_contain_text("2.00 → 2.10")
    expect(slip.get_by_role("button", name=PLACE)).to_be_hidden()

    # Shorter ones are asked about, unless any are taken.
    page.get_by_label("If odds move").select_option("Take better")
    expect(slip.get_by_role("button", name=PLACE)).to_be_visible()
    line.move("web-acca-1", {"home": "1.90"})
    expect(button).to_contain_text("1.90")
    expect(slip.get_by_role("alert")).to_contain_text("2.00 → 1.90")
    expect(slip.get_by_role("button", name=PLACE)).to_be_hidden()
    page.get_by_label("If odds move").select_option("Take any")
    expect(slip.get_by_role("button", name=PLACE)).to_be_visible()
    page.get_by_label("If odds move").select_option("Take better")
    slip.get_by_role("button", name=AGREE).click()
    expect(page.get_by_text("was 2.00")).to_be_hidden()
    slip.get_by_role("button", name=PLACE).click()
    expect(page.get_by_text("Bet placed: 10.00 USD at 3.42")).to_be_visible()
    expect(page.get_by_text("The slip is empty")).to_be_visible()

    (bet,) = people.get("/v1/sportsbook/bets", user_id=people.id_of("web-acca"))["items"]
    assert [leg["odds"] for leg in bet["legs"]] == ["1.90", "1.80"]
    assert bet["potential_payout"] == "34.20"


def test_a_suspended_event_is_called_so_in_the_slip_and_odds_of_two_legs_are_whole(people: People, line: Line) -> None:
    for number, title in enumerate(("Nettle Vale v Oat Hill", "Pea Green v Quince Bank")):
        offer(people, line, f"web-held-{number}", title, {"home": "2.39", "away": "1.76"}, sport="curling")
    page = people.customer("web-held", USD="100")
    page.goto("/sports?sport=curling")
    _pick(page, "Nettle Vale", "Home")
    _pick(page, "Pea Green", "Away")
    page.get_by_role("button", name="Accumulator").click()
    slip = page.locator("form").filter(has=page.get_by_label("Stake", exact=True))
    expect(slip.get_by_role("definition").filter(has_text="4.2064")).to_be_visible()
    people.post("/v1/sportsbook/events/web-held-0/suspend", {})
    expect(page.get_by_role("article").filter(has_text="Nettle Vale")).to_contain_text("Suspended")
    expect(slip.get_by_role("button", name="Suspended")).to_be_disabled()


def test_whoever_looks_at_open_bets_sees_one_won_and_the_money_come(people: People, line: Line) -> None:
    for number, title in enumerate(("Ivy Thistle v Juniper Vale", "Kale County v Lime Orient")):
        offer(people, line, f"web-won-{number}", title, {"home": "1.90", "away": "1.80"})
    page = people.customer("web-won", USD="100")
    legs = [{"event_id": "web-won-0", "selection": "home"}, {"event_id": "web-won-1", "selection": "away"}]
    bet = {"legs": legs, "amount": "10.00", "currency": "USD", "user_id": people.id_of("web-won")}
    people.post("/v1/sportsbook/bets", bet)
    page.goto("/bets")
    card = page.locator("section").filter(has_text="Accumulator of 2")
    expect(card).to_contain_text("Ivy Thistle v Juniper Vale")
    line.finish("web-won-0", "home")
    line.finish("web-won-1", "away")
    expect(card).to_be_hidden()
    page.get_by_role("tab", name="Won").click()
    expect(card).to_contain_text("+24.20")
    expect(page.get_by_role("link", name="You have")).to_contain_text("124.20")


def test_odds_that_moved_on_their_way_are_asked_about_with_what_the_house_says(people: People, line: Line) -> None:
    offer(people, line, "web-late", "Elm Harriers v Fir Athletic", {"home": "3.00", "away": "1.40"}, sport="quoits")
    page = people.customer("web-late", USD="100")
    is_held: list[bool] = []

    def let_through_until_held(stream: WebSocketRoute) -> None:
        server = stream.connect_to_server()
        server.on_message(lambda message: None if is_held else stream.send(message))

    page.route_web_socket("**/v1/stream", let_through_until_held)
    page.goto("/sports?sport=quoits")
    _pick(page, "Elm Harriers", "Home")
    slip = page.locator("form").filter(has=page.get_by_label("Stake", exact=True))
    slip.get_by_label("Stake", exact=True).fill("5")

    def move_first(route: Route) -> None:
        # Between the last look at the slip and the bet's arrival they are others, and the page has not heard of it.
        is_held.append(True)
        line.move("web-late", {"home": "2.80"})
        assert eventually(lambda: _odds_of(people, "web-late") == "2.80")
        route.continue_()

    page.route("**/v1/sportsbook/bets", move_first, times=1)
    slip.get_by_role("button", name=PLACE).click()
    expect(slip.get_by_role("alert")).to_contain_text("3.00 → 2.80")
    expect(slip).to_contain_text("14.00 USD")
    slip.get_by_role("button", name=AGREE).click()
    slip.get_by_role("button", name=PLACE).click()
    expect(page.get_by_text("Bet placed: 5.00 USD at 2.80")).to_be_visible()


def _odds_of(people: People, event: str) -> str:
    """Return the odds of an event's first selection."""
    return str(people.get(f"/v1/sportsbook/events/{event}")["markets"][0]["selections"][0]["odds"])


def test_a_bet_is_cashed_out_at_a_quote_that_follows_the_odds(people: People, line: Line) -> None:
    offer(people, line, "web-out", "Gum Rangers v Hazel Wanderers", {"home": "3.00", "away": "1.40"})
    page = people.customer("web-out", USD="100")
    user = people.id_of("web-out")
    bet = {"event_id": "web-out", "selection": "home", "odds": "3.00", "user_id": user}
    people.post("/v1/sportsbook/bets", {**bet, "amount": "10.00", "currency": "USD"})
    page.goto("/bets")
    card = page.locator("section").filter(has_text="Gum Rangers")
    line.move("web-out", {"home": "2.00"})
    card.get_by_role("button", name="Cash out").click()
    dialog = page.get_by_role("dialog", name="Cash out")
    take = dialog.get_by_role("button", name=re.compile(r"Cash out [0-9]"))
    expect(take).to_be_enabled()
    before = take.inner_text()
    line.move("web-out", {"home": "1.50"})
    expect(take).not_to_have_text(before)
    quote = take.inner_text().removeprefix("Cash out ")
    assert float(quote) > float(before.removeprefix("Cash out ")) > 10
    take.click()
    expect(page.get_by_text(f"Cashed out: {quote} USD")).to_be_visible()
    expect(card).to_be_hidden()
    page.get_by_role("tab", name="Cashed out").click()
    expect(card).to_contain_text("Cashed out for")
    expect(card).to_contain_text(f"{quote} USD")
    expect(card.get_by_role("button", name="Cash out")).to_have_count(0)
    assert people.get(f"/v1/users/{user}/balance")["cash"] == f"{90 + float(quote):.2f}"
    page.goto("/notifications")
    page.get_by_role("link", name="A bet was cashed out").click()
    expect(card.first).to_contain_text("Cashed out for")
