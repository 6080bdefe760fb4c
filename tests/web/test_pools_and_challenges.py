"""A round from a stake to a result that the browser works out itself, and a challenge taken by a link."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.browsing import PASSWORD, People, register

pytestmark = pytest.mark.e2e


def test_a_round_is_bet_on_settled_and_checked_in_the_browser(people: People) -> None:
    people.post(
        "/v1/pools",
        {
            "key": "web-walk",
            "name": "A walk",
            "currency": "USD",
            "symbol": "WALK",
            "calendar": "every:15",
            "lock_before_close_s": 1,
            "settle_after_close_s": 1,
            "sources": [{"kind": "simulated", "name": "walk", "seed": 7}],
            "quorum": 1,
            "fee_bps": 100,
        },
    )
    page = people.customer("web-pool", USD="50")
    page.goto("/pools/web-walk")
    page.get_by_role("button", name="Down", exact=True).click()
    page.get_by_label("Stake", exact=True).fill("10")
    page.get_by_role("button", name="Stake on down").click()
    expect(page.get_by_text("10.00 USD on down")).to_be_visible()
    code = people.get("/v1/pools/bets", user_id=people.id_of("web-pool"))["items"][0]["round"]
    page.goto(f"/pools/web-walk/{code}")
    # Alone in the round, whoever bets has the stake back.
    expect(page.get_by_text(re.compile("Void|↑ Up|↓ Down")).first).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Verify here").click()
    expect(page.get_by_text("Everything holds.")).to_be_visible()
    page.goto("/wallet")
    expect(page.get_by_role("button", name="USD").first).to_contain_text("50.00")


def test_a_challenge_is_taken_by_its_link_in_a_browser_that_was_never_here(people: People) -> None:
    ann = people.customer("web-dare", USD="50")
    people.customer("web-judge")
    with people.api() as api:
        users = {name: api.find_user(name)["id"] for name in ("web-dare", "web-judge")}
        made = api.post(
            "/v1/challenges",
            {
                "user_id": users["web-dare"],
                "title": "It rains on Sunday",
                "side": "back",
                "odds": "3.0",
                "stake": "5.00",
                "currency": "USD",
                "resolver": users["web-judge"],
                "expires_at": "2030-01-01T00:00:00Z",
            },
        ).document
    bob = people.visitor(theme="dark", width=360)
    bob.goto(f"/c/{made['token']}")
    expect(bob.get_by_role("heading", name="It rains on Sunday")).to_be_visible()
    _join(bob, "web-taker")
    take = bob.get_by_role("button", name="Take it: it does not happen")
    take.click()
    # Without money it is refused, in words.
    expect(bob.get_by_role("alert").filter(has_text="10.00 USD is needed")).to_be_visible()
    expect(bob.get_by_role("link", name="Deposit USD")).to_be_visible()
    with people.api() as api:
        user = api.find_user("web-taker")["id"]
        api.post("/v1/deposits", {"user_id": user, "amount": "20.00", "currency": "USD"})
    take.click()
    expect(bob.get_by_text("Taken by")).to_be_visible()
    ann.goto(f"/c/{made['token']}")
    expect(ann.get_by_text("web-taker")).to_be_visible()


def test_a_name_that_is_taken_is_refused_at_its_field(people: People) -> None:
    people.customer("web-first")
    page = people.visitor()
    page.goto("/register")
    page.get_by_label("Username").fill("web-first")
    page.get_by_label("E-mail").fill("web-second@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Open an account").click()
    expect(page.get_by_label("Username")).to_have_attribute("aria-invalid", "true")
    register(page, "web-second")


def _offer(page: Page, title: str, resolver: str) -> None:
    """Offer to back something at 2.50 for 10.00, by the form; the first resolver that is typed is nobody."""
    page.goto("/challenges?status=new")
    page.get_by_label("What will happen").fill(title)
    page.get_by_label("Odds of it").fill("2,5")
    page.get_by_label("Stake of who backs it").fill("10")
    page.get_by_label("Their username").fill("web-nobody-at-all")
    page.get_by_role("button", name="Offer it").click()
    expect(page.get_by_label("Their username")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Their username").fill(resolver)
    # Fifteen would be won, of which the house takes 2 %.
    expect(page.get_by_role("definition").filter(has_text="2 % of what is won")).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text="+14.70")).to_be_visible()
    page.get_by_role("button", name="Offer it").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_role("img", name="QR code of this challenge's link")).to_be_visible()


def _join(page: Page, name: str) -> None:
    """Open an account from the page of a link, and come back to it."""
    page.get_by_role("link", name="join", exact=True).click()
    page.get_by_label("Username").fill(name)
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Open an account").click()


def test_a_challenge_is_offered_taken_decided_by_its_resolver_disputed_and_ruled_on(people: People) -> None:
    title = "The ferry is late on Monday"
    judge = people.customer("web-umpire")
    ann = people.customer("web-claims", USD="50")
    _offer(ann, title, "web-umpire")
    expect(_cash(ann)).to_contain_text("40.00")

    bob = people.visitor(width=360)
    bob.goto(ann.url)
    _join(bob, "web-doubts")
    expect(bob.get_by_text("Taking it, you risk")).to_be_visible()
    people.post("/v1/deposits", {"user_id": people.id_of("web-doubts"), "amount": "20.00", "currency": "USD"})
    bob.get_by_role("button", name="Take it: it does not happen").click()
    # Whoever offered it sees it without doing anything.
    expect(ann.get_by_role("definition").filter(has_text="web-doubts")).to_be_visible()

    judge.goto(ann.url)
    judge.get_by_role("button", name="It happened").click()
    for page in (ann, bob):
        expect(page.get_by_text("Decided, can be disputed")).to_be_visible()
        expect(page.get_by_text("The resolver says")).to_be_visible()
    bob.get_by_role("button", name="Dispute it").click()
    for page in (ann, bob, judge):
        expect(page.get_by_text("Disputed by")).to_be_visible()
    expect(_cash(ann)).to_contain_text("40.00")

    operator = people.operator("web-rules")
    operator.get_by_role("link", name=title).first.click()
    operator.get_by_role("button", name="Rule…").click()
    dialog = operator.get_by_role("dialog", name=f"Rule on {title}")
    dialog.get_by_label("How it ended").select_option("lost")
    dialog.get_by_role("button", name="Show what it does").click()
    expect(dialog.get_by_role("region", name="What it would do")).to_contain_text("web-doubts")
    dialog.get_by_role("button", name="Rule", exact=True).click()
    for page in (ann, bob):
        expect(page.get_by_role("definition").filter(has_text="It did not happen")).to_be_visible()
    expect(_cash(ann)).to_contain_text("40.00")
    # Ten are won, less what the house takes.
    expect(_cash(bob)).to_contain_text(re.compile(r"(29\.[0-9]{2}|30\.00)"))


def _cash(page: Page) -> Locator:
    return page.get_by_role("link", name="You have")
