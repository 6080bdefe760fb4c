"""Betting against each other in browsers: from opening an account to what is paid, by hand, by keys, and out again."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import PASSWORD, People

pytestmark = pytest.mark.e2e


def _market(people: People, name: str, *runners: str, currency: str = "USD") -> str:
    """Make a market that bets are taken on, and return its id."""
    made = people.post(
        "/v1/exchange/markets",
        {
            "name": name,
            "runners": [{"name": each} for each in runners],
            "currency": currency,
            "commission_bps": 500,
            "starts_at": "2030-01-01T12:00:00Z",
        },
    )
    return str(made["id"])


def _take(page: Page, runner: str, side: str, *, odds: str, stake: str) -> None:
    """Press a price of a runner, say odds and stake, and place the bet."""
    prices = page.get_by_role("table", name="Prices").get_by_role("button", name=f"{side.capitalize()} {runner}")
    (prices.last if side == "back" else prices.first).click()
    slip = page.get_by_role("form", name=f"{side.capitalize()} {runner}")
    slip.get_by_label("Odds").fill(odds)
    slip.get_by_label("Stake", exact=True).fill(stake)
    slip.get_by_role("button", name=f"Place {side}").click()
    expect(slip).to_be_hidden()


def _focused_row_top_px(page: Page) -> float:
    """Return how far below the top of the ladder the price with the focus stands."""
    return float(
        page.evaluate(
            """() => {
                const ladder = document.querySelector("[role=grid]");
                const row = document.getElementById(ladder.getAttribute("aria-activedescendant"));
                return row.getBoundingClientRect().top - ladder.getBoundingClientRect().top;
            }"""
        )
    )


def test_two_people_bet_against_each_other_and_are_paid(people: People) -> None:
    market = _market(people, "Harbour Cup", "Ash", "Birch", currency="USDC")
    ann = people.visitor()
    ann.goto("/register")
    ann.get_by_label("Username").fill("web-ann")
    ann.get_by_label("E-mail").fill("web-ann@example.org")
    ann.get_by_label("Password").fill("a walk along the harbour wall")
    ann.get_by_role("button", name="Open an account").click()
    ann.get_by_role("link", name="Wallet").first.click()
    ann.get_by_role("button", name="USDC").click()
    ann.get_by_role("tab", name="Deposit").click()
    expect(ann.get_by_role("img", name="QR code")).to_be_visible()
    paid = {"user_id": people.id_of("web-ann"), "amount": "100", "tx_hash": "0x" + "5a" * 32, "index": 0}
    people.post("/v1/simulate/deposits", paid)
    expect(ann.get_by_role("button", name="USDC")).to_contain_text("100.000000")

    bob = people.customer("web-bob", USDC="100")
    for page in (ann, bob):
        page.goto(f"/markets/{market}")
    _take(ann, "Ash", "back", odds="3", stake="10")
    expect(ann.get_by_text("Unmatched (1)")).to_be_visible()
    # The other one sees it without doing anything, and takes it.
    offered = bob.get_by_role("table", name="Prices").get_by_role("row").filter(has_text="Ash")
    expect(offered.get_by_role("button").filter(has_text="3.00")).to_be_visible()
    _take(bob, "Ash", "lay", odds="3", stake="10")
    for page, ash, birch in ((ann, "+19.00", "−10.00"), (bob, "−20.00", "+9.50")):
        prices = page.get_by_role("table", name="Prices").get_by_role("row")
        expect(prices.filter(has_text="Ash")).to_contain_text(ash)
        expect(prices.filter(has_text="Birch")).to_contain_text(birch)

    runners = people.get(f"/v1/exchange/markets/{market}")["runners"]
    people.post(f"/v1/exchange/markets/{market}/suspend", {})
    expect(bob.get_by_role("status").filter(has_text="Suspended")).to_be_visible()
    people.post(f"/v1/exchange/markets/{market}/settle", {"winners": [runners[0]["id"]]})
    for page, cash in ((ann, "119.000000"), (bob, "80.000000")):
        expect(page.get_by_role("status").filter(has_text="Settled")).to_be_visible()
        page.goto("/wallet")
        expect(page.get_by_role("button", name="USDC")).to_contain_text(cash)


def test_a_visitor_logs_in_from_the_slip_and_is_back_at_the_market(people: People) -> None:
    market = _market(people, "Jetty Sprint", "Holly", "Ivory")
    people.customer("web-slip-login")
    page = people.visitor()
    page.goto(f"/markets/{market}")
    page.get_by_role("table", name="Prices").get_by_role("button", name="Back Holly").last.click()
    page.get_by_role("form", name="Back Holly").get_by_role("link", name="Log in to bet").click()
    page.get_by_label("Username").fill("web-slip-login")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Jetty Sprint")).to_be_visible()
    expect(page.get_by_role("link", name="Account of web-slip-login")).to_be_visible()


def test_a_bet_is_placed_and_moved_on_the_ladder_by_keys_alone(people: People) -> None:
    market = _market(people, "Quay Stakes", "Cedar", "Dogwood")
    page = people.customer("web-keys", USD="100")
    page.goto(f"/markets/{market}")
    ladder = page.get_by_role("grid", name="Ladder of Cedar")
    # Nothing was traded yet: it begins in the middle, and not at its longest odds.
    expect(ladder.get_by_text("2.00", exact=True)).to_be_in_viewport()
    ladder.focus()
    # The price with the focus stays in sight however far one goes, and Enter brings the last one to the middle.
    for _ in range(30):
        page.keyboard.press("ArrowUp")
    assert 0 <= _focused_row_top_px(page) <= 420 - 28
    page.keyboard.press("Enter")
    assert abs(_focused_row_top_px(page) - (420 - 28) / 2) <= 28
    page.keyboard.press("b")
    slip = page.get_by_role("form", name="Back Cedar")
    expect(slip.get_by_label("Stake", exact=True)).to_be_focused()
    page.keyboard.type("4")
    before = slip.get_by_label("Odds").input_value()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Unmatched (1)")).to_be_visible()
    # The slip is gone, and one goes on from where one was.
    expect(ladder).to_be_focused()
    with page.expect_response(lambda response: "/orders/" in response.url and response.request.method != "GET"):
        page.keyboard.press("Shift+ArrowUp")
    orders = page.get_by_role("region", name="Unmatched").or_(page.locator("section").filter(has_text="Unmatched"))
    expect(orders.first).not_to_contain_text(f" {before} ")
    waiting = people.get("/v1/exchange/orders", user_id=people.id_of("web-keys"), status="executable")["items"]
    assert [order["remaining"] for order in waiting] == ["4.00"]
    assert waiting[0]["odds"] != before
    page.keyboard.press("Delete")
    expect(page.get_by_text("Unmatched (0)")).to_be_visible()
    expect(ladder).to_be_focused()


def test_a_position_is_closed_by_one_button_that_says_first_what_it_does(people: People) -> None:
    market = _market(people, "Lighthouse Plate", "Elm", "Fir")
    page = people.customer("web-green", USD="100")
    maker = people.customer("web-maker", USD="1000")
    page.goto(f"/markets/{market}")
    maker.goto(f"/markets/{market}")
    _take(maker, "Elm", "lay", odds="4", stake="10")
    _take(page, "Elm", "back", odds="4", stake="10")
    _take(maker, "Elm", "back", odds="2", stake="50")
    page.get_by_role("button", name="Green up Elm").click()
    shown = page.get_by_role("dialog", name="Close Elm")
    expect(shown).to_contain_text("20.00 USD at 2.00")
    expect(shown).to_contain_text("nearly the same whoever wins")
    for runner, then in (("Elm", "+28.50 → +9.50"), ("Fir", "−10.00 → +9.50")):
        expect(shown.locator("div", has_text=f"If {runner} wins").last).to_contain_text(then)
    shown.get_by_role("button", name="Lay 20.00").click()
    expect(shown).to_be_hidden()
    rows = page.get_by_role("table", name="Prices").get_by_role("row")
    for runner in ("Elm", "Fir"):
        expect(rows.filter(has_text=runner)).to_contain_text("+9.50")


def test_closing_one_position_says_what_each_winner_would_bring_when_there_are_others(people: People) -> None:
    market = _market(people, "Beacon Plate", "Alder", "Beech", "Cherry")
    page = people.customer("web-greens", USD="100")
    maker = people.customer("web-greens-maker", USD="1000")
    page.goto(f"/markets/{market}")
    maker.goto(f"/markets/{market}")
    for runner in ("Alder", "Beech"):
        _take(maker, runner, "lay", odds="4", stake="10")
        _take(page, runner, "back", odds="4", stake="10")
    _take(maker, "Alder", "back", odds="2", stake="50")
    page.get_by_role("button", name="Green up Alder").click()
    shown = page.get_by_role("dialog", name="Close Alder")
    expect(shown).to_contain_text("What you have on others stays.")
    now = {"Alder": "+19.00 → 0.00", "Beech": "+19.00 → +38.00", "Cherry": "−20.00 → 0.00"}
    for runner, change in now.items():
        expect(shown.locator("div", has_text=f"If {runner} wins").last).to_contain_text(change)


def test_one_click_betting_is_off_until_it_is_turned_on_and_cannot_be_overlooked_then(people: People) -> None:
    market = _market(people, "Slipway Handicap", "Gorse", "Heath")
    maker = people.customer("web-click-maker", USD="1000")
    page = people.customer("web-click", USD="100")
    for each in (maker, page):
        each.goto(f"/markets/{market}")
    _take(maker, "Gorse", "lay", odds="3", stake="40")
    prices = page.get_by_role("table", name="Prices")
    best = prices.get_by_role("button", name="Back Gorse at 3.00")
    switch = page.get_by_role("switch", name="One-click betting")
    expect(switch).not_to_be_checked()
    best.click()
    expect(page.get_by_role("form", name="Back Gorse")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    bar = page.get_by_role("status").filter(has_text="One-click betting is on")
    expect(bar).to_have_count(0)

    switch.click()
    dialog = page.get_by_role("dialog", name="Bet with one press?")
    dialog.get_by_label("Stake of each bet").fill("4")
    with page.expect_response(lambda answer: answer.url.endswith("/preferences") and answer.request.method == "PUT"):
        dialog.get_by_role("button", name="Turn it on").click()
    expect(switch).to_be_checked()
    expect(bar).to_contain_text("a press on a price bets 4.00 USD at once")
    best.click()
    expect(page.get_by_text("Matched: 4.00 USD")).to_be_visible()
    expect(page.get_by_role("region", name="Matched bets").locator("tbody tr")).to_have_count(1)
    # Where nothing is offered there is nothing to bet on at once: the slip is filled in.
    prices.get_by_role("button", name="Lay Heath").first.click()
    expect(page.get_by_role("form", name="Lay Heath")).to_be_visible()

    page.reload()
    expect(bar).to_be_visible()
    bar.get_by_role("button", name="Turn it off").click()
    expect(bar).to_have_count(0)
    best.click()
    expect(page.get_by_role("form", name="Back Gorse")).to_be_visible()
    matched = people.get("/v1/exchange/matches", market_id=market, user_id=people.id_of("web-click"))["items"]
    assert [match["size"] for match in matched] == ["4.00"]


def test_waiting_orders_are_moved_by_a_tick_and_taken_back_one_by_one_or_all(people: People) -> None:
    market = _market(people, "Mooring Trophy", "Ivy", "Juniper")
    page = people.customer("web-orders", USD="100")
    page.goto(f"/markets/{market}")
    for odds in ("3", "4", "5"):
        _take(page, "Ivy", "back", odds=odds, stake="5")
    waiting = page.get_by_role("region", name="Unmatched orders").locator("tbody tr")
    expect(waiting).to_have_count(3)
    waiting.filter(has_text="3.00").get_by_role("button", name="One tick longer than 3.00").click()
    expect(waiting.filter(has_text="3.05")).to_have_count(1)
    expect(waiting).to_have_count(3)
    waiting.filter(has_text="4.00").get_by_role("button", name="Cancel").click()
    expect(waiting).to_have_count(2)
    expect(page.get_by_role("link", name="You have")).to_contain_text("90.00")
    page.get_by_role("button", name="Cancel all").click()
    expect(page.get_by_text("Nothing waits to be matched")).to_be_visible()
    expect(page.get_by_role("link", name="You have")).to_contain_text("100.00")
    orders = people.get("/v1/exchange/orders", user_id=people.id_of("web-orders"), market_id=market)["items"]
    assert {order["status"] for order in orders} == {"cancelled"}
