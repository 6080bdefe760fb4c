"""Copying somebody: two people at their browsers, one of whom bets and one of whom has it copied within limits."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.browsing import NARROW, People
from tests.web.looking import faults, wait_until_there

pytestmark = pytest.mark.e2e

LIMITS = {"Stake": "5", "A copy risks at most": "20", "All copies of a day": "50", "All copies together": "100"}


def looked_at(page: Page, where: str) -> None:
    """Find nothing wrong with a page as it is, on a phone and on a desk."""
    wait_until_there(page)
    assert faults(page, where) == []


def open_market(people: People) -> str:
    """Open a market and return its id."""
    runners = [{"name": "Cutter"}, {"name": "Sloop"}]
    body = {"name": "Copied Regatta", "runners": runners, "commission_bps": 0, "starts_at": "2030-01-01T12:00:00Z"}
    return str(people.post("/v1/exchange/markets", body)["id"])


def match(people: People, market: str, layer: str, offered: str, leader: str, stake: str) -> None:
    """Let the leader back the first runner at 3.00, of which so much is offered."""
    for name, side, size in ((layer, "lay", offered), (leader, "back", stake)):
        order = {"market_id": market, "runner_id": "1", "side": side, "odds": "3.00", "stake": size}
        people.post("/v1/exchange/orders", {"user_id": people.id_of(name), **order})


def let_others_copy(page: Page, *, wanted: bool = True) -> None:
    """Choose by the form whether others may copy."""
    page.goto("/account?view=profile")
    page.get_by_label("Let others copy my bets").set_checked(wanted)
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Others see it at once.")).to_be_visible()


def take_a_fee(page: Page) -> None:
    """Choose a share of what is won by copying: too much is refused, and a tenth is kept."""
    share = page.get_by_label("Your share of what they win")
    share.fill("60")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("At most 50 percent, please.")).to_be_visible()
    share.fill("10")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Others see it at once.").first).to_be_visible()
    expect(page.get_by_text("At most 50 percent, please.")).to_have_count(0)
    looked_at(page, "leader's settings")


def fill_limits(dialog: Locator) -> None:
    """Fill in every limit that has to be given."""
    for label, amount in LIMITS.items():
        dialog.get_by_label(label, exact=True).fill(amount)


def follow_by_the_dialog(follower: Page) -> None:
    """Open the dialog on the leader's profile, do something wrong in it and look at it, and follow."""
    follower.get_by_role("button", name="Follow").click()
    dialog = follower.get_by_role("dialog", name="Follow web-led")
    expect(dialog.get_by_role("button", name="Follow web-led")).to_be_disabled()
    expect(dialog.get_by_label("In pools")).not_to_be_checked()
    expect(dialog.get_by_text("no limit can hold the price")).to_be_visible()
    expect(dialog.get_by_text("web-led takes 10 % of what all copies win together")).to_be_visible()
    fill_limits(dialog)
    dialog.get_by_label("Odds may be worse by").fill("many")
    expect(dialog.get_by_text("A whole number from 0 to 350, please.")).to_be_visible()
    looked_at(follower, "following dialog")
    dialog.get_by_label("Odds may be worse by").fill("0")
    dialog.get_by_label("Stop when only so much of it is left").fill("40")
    dialog.get_by_label("Only in these markets").fill("mkt_9999999")
    dialog.get_by_role("button", name="Follow web-led").click()
    expect(dialog.get_by_text("names no market, event or pool")).to_be_visible()
    dialog.get_by_label("Only in these markets").fill("")
    dialog.get_by_role("button", name="Follow web-led").click()
    expect(follower.get_by_role("heading", name="Copies of web-led")).to_be_visible()
    expect(follower.get_by_text("10 % of the most won")).to_be_visible()


def test_whoever_lets_others_copy_is_copied_within_the_limits_of_who_follows(people: People) -> None:
    leader = people.customer("web-led", USD="100")
    people.customer("web-lays", USD="1000")
    follower = people.customer("web-copies", width=NARROW, USD="100")

    # Nobody is copied who has not chosen to be.
    follower.goto("/people/web-led")
    expect(follower.get_by_role("heading", name="web-led")).to_be_visible()
    expect(follower.get_by_role("button", name="Follow")).to_have_count(0)
    let_others_copy(leader)
    take_a_fee(leader)
    follower.reload()
    follow_by_the_dialog(follower)
    expect(follower.get_by_text("has bet nothing since")).to_be_visible()

    # One match is copied; of the other one there is nothing left at those odds, and the page says so.
    market = open_market(people)
    match(people, market, "web-lays", "15.00", "web-led", "10.00")
    copies = follower.get_by_role("region", name="Copies")
    copied = copies.get_by_role("row").filter(has_text="Copied")
    expect(copied).to_contain_text("5.00")
    match(people, market, "web-lays", "10.00", "web-led", "10.00")
    expect(copies.get_by_role("row").filter(has_text="Skipped")).to_contain_text("odds were worse than you allow")
    expect(follower.get_by_text("95.00 USD left")).to_be_visible()
    expect(follower.get_by_text("at 40 % of it")).to_be_visible()
    looked_at(follower, "following one")
    copied.get_by_role("link", name="your order").click()
    expect(follower.get_by_role("heading", name="Copied Regatta")).to_be_visible()

    # The list of what happened has both, and leads to the copies.
    follower.goto("/notifications")
    expect(follower.get_by_role("link").filter(has_text="A bet was not copied")).to_be_visible()
    follower.get_by_role("link").filter(has_text="A bet was copied").click()
    expect(follower.get_by_role("heading", name="Copies of web-led")).to_be_visible()

    # Whoever is followed sees how many it is.
    leader.goto("/people/web-led")
    expect(leader.get_by_text("1 person follows you.")).to_be_visible()
    expect(leader.get_by_role("link", name="web-copies")).to_be_visible()


def test_limits_change_and_copying_pauses_goes_on_and_ends(people: People) -> None:
    let_others_copy(people.customer("web-shows", USD="10"))
    follower = people.customer("web-minds", USD="100")
    follower.goto("/people/web-shows")
    follower.get_by_role("button", name="Follow").click()
    fill_limits(follower.get_by_role("dialog"))
    follower.get_by_role("button", name="Follow web-shows").click()
    expect(follower.get_by_role("heading", name="Copies of web-shows")).to_be_visible()

    follower.goto("/following")
    follower.get_by_role("button", name="Change limits").click()
    change = follower.get_by_role("dialog")
    expect(change.get_by_label("Stake", exact=True)).to_have_value("5.00")
    change.get_by_label("A bet is copied with").select_option("a share")
    change.get_by_label("Share of their stake").fill("25")
    change.get_by_role("button", name="Change limits").click()
    expect(follower.get_by_text("Your limits are changed")).to_be_visible()
    follower.get_by_role("button", name="Pause").click()
    expect(follower.get_by_text("Paused", exact=True)).to_be_visible()
    looked_at(follower, "following")
    follower.get_by_role("button", name="Resume").click()
    expect(follower.get_by_text("Copying", exact=True)).to_be_visible()
    follower.get_by_role("link", name="See the copies").click()
    expect(follower.get_by_text("25 % of theirs")).to_be_visible()
    follower.get_by_role("button", name="Stop", exact=True).click()
    follower.get_by_role("dialog").get_by_role("button", name="Stop copying").click()
    expect(follower.get_by_text("Ended", exact=True)).to_be_visible()
    follower.goto("/people/web-shows")
    expect(follower.get_by_role("button", name="Follow")).to_be_visible()


def test_what_the_house_refuses_is_said_in_the_dialog_and_a_visitor_logs_in_first(people: People) -> None:
    leader = people.customer("web-wavers", USD="10")
    let_others_copy(leader)
    visitor = people.visitor()
    visitor.goto("/people/web-wavers")
    visitor.get_by_role("link", name="Log in to copy their bets").click()
    expect(visitor).to_have_url(re.compile(r"/login\?to="))

    follower = people.customer("web-barred", USD="100")
    follower.goto("/people/web-wavers")
    follower.get_by_role("button", name="Follow").click()
    dialog = follower.get_by_role("dialog")
    fill_limits(dialog)
    # Meanwhile the leader no longer wants to be copied.
    let_others_copy(leader, wanted=False)
    dialog.get_by_role("button", name="Follow web-wavers").click()
    expect(dialog.get_by_role("alert")).to_contain_text("does not let others copy")
