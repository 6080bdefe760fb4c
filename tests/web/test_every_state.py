"""What pages look like when there is nothing to show, when it is yet to come, and when the server has failed.

Each state says what it is in words; axe finds nothing serious in it, and it fits the window.
"""

import json
import re
from typing import Final

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.cli.program import eventually
from tests.web.browsing import NARROW, People
from tests.web.line import Line, offer
from tests.web.looking import LOADING, WIDTHS, faults, wait_until_there

pytestmark = pytest.mark.e2e

ASKED: Final = re.compile(r"/v1/(?!config|auth/|me/preferences|stream)")
"""What pages ask for, but for who one is and what the house says of itself: without these there is no page."""

NOTHING_OF_ONES_OWN: Final = {
    "/wallet?currency=EUR": "Nothing has moved yet",
    "/wallet?currency=EUR&kind=stake": "Nothing fits",
    "/wallet?currency=EUR&view=deposit": "There is no way to pay EUR in by yourself",
    "/wallet?currency=USDC&view=deposit": "Nothing yet",
    "/wallet?view=withdraw": "None yet",
    "/bets": "No bets here",
    "/notifications": "Nothing yet",
    "/account?view=security": "You have no passkeys",
    "/account?view=keys": "You have no keys",
    "/challenges?status=mine": "You have none yet",
    "/following": "You follow nobody yet",
    "/challenges?q=nothing+has+these+words": "No challenge has these words",
    "/sports?q=nothing+has+these+words": "No event fits",
    "/?show=favourites": "You have no favourites yet",
    "/?q=nothing+has+these+words": "No market has these words",
    "/leaders?currency=EUR": "Nobody has a place yet",
    "/leaders?currency=EUR&metric=roi": "Nobody has a place yet",
}
OF_ACCOUNT: Final = tuple(f"/account?view={each}" for each in ("security", "sessions", "keys", "limits", "profile"))
NO_SUCH_THING: Final = {
    "/nowhere": "There is no such page",
    "/markets/mkt_999999999": "There is no such market",
    "/sports/nothing": "There is no such event",
    "/pools/nothing": "There is no such pool",
    "/pools/nothing/1": "There is no such round",
    "/c/nothing": "There is no such challenge",
    "/people/nobody-at-all": "There is nothing to see here",
    "/orders/ord_999999999": "There is no such page",
    "/pool-bets/plb_999999999": "There is no such page",
    "/following/fol_999999999": "You have no such follow",
}


def _things(people: People, line: Line, state: str) -> tuple[str, ...]:
    """Make one of each thing that customers look at, and return their pages; ``state`` makes their names other ones."""
    runners = [{"name": "Ash"}, {"name": "Oak"}]
    market = people.post(
        "/v1/exchange/markets",
        {"name": f"States {state}", "runners": runners, "starts_at": "2030-01-01T12:00:00Z"},
    )["id"]
    offer(people, line, f"web-state-{state}", f"Empty Town {state} v Late United", {"home": "2.00", "away": "1.80"})
    pool = f"web-state-{state}"
    sources = [{"kind": "manual", "name": "desk"}]
    terms = {"key": pool, "name": "States", "symbol": "S", "calendar": "every:86400", "sources": sources, "quorum": 1}
    people.post("/v1/pools", terms)
    # It opens by itself. Whoever opened it, too, might be a moment later than that.
    assert eventually(lambda: people.get(f"/v1/pools/{pool}/rounds")["items"] != [])
    code = people.get(f"/v1/pools/{pool}/rounds")["items"][-1]["code"]
    claim = {"title": "It hails", "side": "back", "odds": "3.0", "stake": "5.00", "currency": "USD"}
    claimer, judge = (people.post("/v1/users", {"username": f"web-{who}-{state}"})["id"] for who in ("says", "judges"))
    people.post("/v1/deposits", {"user_id": claimer, "amount": "5.00", "currency": "USD"})
    claim |= {"user_id": claimer, "resolver": judge, "expires_at": "2030-01-01T00:00:00Z"}
    challenge = people.post("/v1/challenges", claim)["token"]
    event = f"/sports/web-state-{state}"
    return (f"/markets/{market}", event, f"/pools/{pool}", f"/pools/{pool}/{code}", f"/c/{challenge}")


def test_what_is_empty_says_so_and_what_is_not_there_too(people: People, line: Line) -> None:
    page = people.customer("web-nothing")
    market, event, pool, round, challenge = _things(people, line, "nothing")
    of_things = {
        market: "Nothing waits to be matched",
        f"{market}?view=chart": "Nothing has been traded yet",
        f"{market}?view=trades": "Nothing has been traded yet",
        event: "Home",
        pool: "You have not bet here yet",
        round: "Evidence",
        challenge: "Taking it, you risk",
    }
    found: list[str] = []
    for path, words in (NOTHING_OF_ONES_OWN | of_things | NO_SUCH_THING).items():
        page.goto(path)
        wait_until_there(page)
        expect(page.get_by_text(words).first).to_be_visible()
        expect(page.get_by_role("main").get_by_role("alert")).to_have_count(0)
        found += faults(page, f"{path}, with nothing on it")
    assert found == []


def test_a_console_with_nothing_to_do_says_so(people: People) -> None:
    page = people.operator("web-idle")
    found: list[str] = []
    for path, words in {
        "/console?view=approvals&status=expired": "None is expired",
        "/console?view=markets&q=nothing+has+these+words": "No market fits",
        "/console?view=events&q=nothing+has+these+words": "No event fits",
        "/console?view=rounds&q=nothing+has+these+words": "No round fits",
        "/console?view=search&q=nothing": "Nothing was found",
        "/console?view=nothing": "There is no such view",
    }.items():
        page.goto(path)
        wait_until_there(page)
        expect(page.get_by_text(words).first).to_be_visible()
        found += faults(page, f"{path}, with nothing on it")
    assert found == []


def _hold(page: Page) -> None:
    """Let nothing that a page asks for come, over HTTP or the stream."""

    def keep(_: Route | WebSocketRoute) -> None:
        """Leave it without an answer."""

    page.route(ASKED, keep)
    page.route_web_socket("**/v1/stream", keep)


def test_what_is_yet_to_come_says_so(people: People, line: Line) -> None:
    customer = people.customer("web-waits")
    operator = people.operator("web-waits-op")
    of_things = _things(people, line, "coming")
    usual = ("/", "/sports", "/pools", "/challenges", "/wallet", "/wallet?view=withdraw", "/bets", "/notifications")
    of_people = ("/leaders", "/people/somebody")
    of_console = ("/console", "/console?view=markets", "/console?view=house", "/console?view=market&id=mkt_1")
    found: list[str] = []
    for page, paths in ((customer, usual + OF_ACCOUNT + of_people + of_things), (operator, of_console)):
        _hold(page)
        for path in paths:
            page.goto(path)
            expect(page.get_by_role("status", name=LOADING).first).to_be_visible()
            found += faults(page, f"{path}, yet to come")
    assert found == []


def _fail(page: Page, status: int) -> None:
    """Let the server fail at everything that a page asks for."""
    said = {
        "type": "about:blank",
        "title": "Failed",
        "status": status,
        "detail": "The house is out of order.",
        "code": "x",
    }
    page.route(
        ASKED,
        lambda route: route.fulfill(status=status, content_type="application/problem+json", body=json.dumps(said)),
    )


def test_a_server_that_fails_is_told_of_and_asked_again(people: People, line: Line) -> None:
    customer = people.customer("web-fails")
    operator = people.operator("web-fails-op")
    _, _, pool, round, challenge = _things(people, line, "failing")
    usual = ("/", "/pools", "/challenges", "/wallet", "/wallet?view=withdraw", "/bets", "/notifications")
    of_people = ("/leaders", "/people/web-fails")
    of_console = ("/console?view=markets", "/console?view=customers", "/console?view=journal")
    people.complaints.expects_failures = True
    found: list[str] = []
    for page, paths in ((customer, (*usual, *OF_ACCOUNT, *of_people, pool, round, challenge)), (operator, of_console)):
        for path in paths:
            _fail(page, 500)
            page.goto(path)
            alert = page.get_by_role("main").get_by_role("alert")
            expect(alert.first).to_contain_text("The house is out of order.")
            found += faults(page, f"{path}, failed")
            page.unroute(ASKED)
            # All at once: each is gone as soon as what it asks for anew has come, by itself too.
            again = alert.get_by_role("button", name="Try again")
            again.evaluate_all("buttons => buttons.forEach(button => button.click())")
            expect(alert).to_have_count(0)
    assert found == []


def test_what_is_known_stays_when_the_server_fails_later_and_says_that_it_may_be_old(people: People) -> None:
    page = people.customer("web-knows", USD="5")
    people.complaints.expects_failures = True
    found: list[str] = []
    for path, known in {"/wallet?currency=USD": "Deposit", "/leaders?currency=EUR": "Nobody has a place yet"}.items():
        page.goto(path)
        main = page.get_by_role("main")
        expect(main.get_by_text(known, exact=True).first).to_be_visible()
        # It asks again by itself, and is told that the server fails.
        _fail(page, 500)
        alert = main.get_by_role("alert").filter(has_text="This may be old: The house is out of order.")
        expect(alert.first).to_be_visible()
        expect(main.get_by_text(known, exact=True).first).to_be_visible()
        found += faults(page, f"{path}, not answered any more")
        page.unroute(ASKED)
        alert.first.get_by_role("button", name="Try again").click()
        expect(alert).to_have_count(0)
        expect(main.get_by_text(known, exact=True).first).to_be_visible()
    assert found == []


def test_what_has_failed_stays_told_of_while_it_is_asked_for_again(people: People) -> None:
    page = people.customer("web-asks-again")
    people.complaints.expects_failures = True
    _fail(page, 500)
    page.goto("/challenges")
    alert = page.get_by_role("main").get_by_role("alert")
    expect(alert).to_contain_text("The house is out of order.")
    # From now on nothing is answered: the list asks again by itself, and waits.
    with page.expect_request(re.compile(r"/v1/challenges")):
        _hold(page)
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    expect(page.get_by_role("status", name=LOADING)).to_have_count(0, timeout=1)
    expect(alert).to_contain_text("The house is out of order.")
    alert.get_by_role("button", name="Try again").click()
    expect(alert.get_by_role("button", name="Try again")).to_be_disabled()
    page.unroute(ASKED)
    page.reload()
    expect(page.get_by_role("main").get_by_role("alert")).to_have_count(0)


def test_a_server_that_is_busy_for_long_is_told_of_once_asking_again_has_not_helped(people: People) -> None:
    page = people.customer("web-busy")
    people.complaints.expects_failures = True
    _fail(page, 503)
    page.goto("/bets")
    expect(page.get_by_role("status", name=LOADING).first).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("The house is out of order.")
    page.unroute(ASKED)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("No bets here")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_without_a_network_the_app_stays_and_catches_up_by_itself(people: People, width: int) -> None:
    page = people.customer(f"web-tunnel-{width}", width=width, USD="5")
    people.complaints.expects_cuts = True
    page.goto("/wallet?currency=USD")
    expect(page.get_by_role("region", name="Movements")).to_contain_text("Deposit")
    page.context.set_offline(True)
    page.get_by_role("tab", name="Withdraw").click()
    expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    expect(page.get_by_text("Reconnecting")).to_be_visible()
    found = faults(page, "/wallet?view=withdraw, without a network", widths=[width])
    # What is pressed now has not been done, and is not done later by itself either.
    page.get_by_label("Amount").fill("2")
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="can be sent again")).to_have_count(2)
    if width == NARROW:
        page.get_by_role("button", name="More").click()
    page.get_by_role("link", name="Challenges").first.click()
    expect(page.get_by_role("status", name="The page is being loaded")).to_be_visible()
    found += faults(page, "/challenges, without a network", widths=[width])
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Challenges")).to_be_visible()
    expect(page.get_by_role("link", name="You have")).to_contain_text("5.00")
    page.goto("/wallet?currency=USD&view=withdraw")
    expect(page.get_by_text("None yet")).to_be_visible()
    assert found == []
