"""What one shows of oneself to others: a profile, the record of what was settled, a place on the leaderboard."""

import pytest
from playwright.sync_api import expect

from tests.web.browsing import NARROW, People
from tests.web.looking import faults, wait_until_there

pytestmark = pytest.mark.e2e

REGATTA = {"runners": [{"name": "Ketch"}, {"name": "Yawl"}], "commission_bps": 0, "starts_at": "2030-01-01T12:00:00Z"}


def win(people: People, name: str, winner: str, loser: str, odds: str, stake: str) -> None:
    """Let one win a bet at these odds against another, in a market of this name."""
    market = people.post("/v1/exchange/markets", {"name": name, **REGATTA})["id"]
    for who, side in ((winner, "back"), (loser, "lay")):
        order = {"market_id": market, "runner_id": "1", "side": side, "odds": odds, "stake": stake}
        people.post("/v1/exchange/orders", {"user_id": people.id_of(who), **order})
    people.post(f"/v1/exchange/markets/{market}/settle", {"winners": ["1"]})


def test_a_profile_is_set_a_bet_is_settled_and_the_leaderboard_shows_it(people: People) -> None:
    ann = people.customer("web-leads", USD="100")
    people.customer("web-trails", USD="100")
    ann.goto("/account?view=profile")
    ann.get_by_label("Name").fill("Ann of the Harbour")
    ann.get_by_label("A line about you").fill("Boats, and what they are worth")
    ann.get_by_label("Shown of your record").select_option("Everything, single bets too")
    ann.get_by_role("button", name="Keep").click()
    expect(ann.get_by_text("Others see it at once.")).to_be_visible()

    win(people, "Harbour Regatta", "web-leads", "web-trails", "3.00", "10.00")

    # Whoever is not logged in finds her by her place, and follows the way from her record to the market.
    visitor = people.visitor(width=NARROW)
    visitor.goto("/")
    visitor.get_by_role("button", name="More").click()
    visitor.get_by_role("link", name="Leaders").click()
    expect(visitor.get_by_role("link", name="Challenges")).to_be_hidden()
    visitor.get_by_role("button", name="Today").click()
    row = visitor.get_by_role("row").filter(has_text="Ann of the Harbour")
    expect(row).to_contain_text("+20.00")
    expect(visitor.get_by_role("row").filter(has_text="web-trails")).to_contain_text("−20.00")
    row.get_by_role("link").click()
    expect(visitor.get_by_role("heading", name="Ann of the Harbour")).to_be_visible()
    expect(visitor.get_by_text("Boats, and what they are worth")).to_be_visible()
    expect(visitor.get_by_text("1 of 1 (100.0 %)")).to_be_visible()
    visitor.get_by_role("region", name="Settled last").get_by_role("link", name="Harbour Regatta").click()
    expect(visitor.get_by_role("heading", name="Harbour Regatta")).to_be_visible()

    # What she keeps to herself nobody else sees; she does.
    ann.get_by_label("Shown of your record").select_option("Nothing")
    ann.get_by_role("button", name="Keep").click()
    expect(ann.get_by_role("button", name="Keep")).to_be_enabled()
    visitor.goto("/people/web-leads")
    expect(visitor.get_by_text("There is nothing to see here")).to_be_visible()
    visitor.goto("/leaders?period=day")
    expect(visitor.get_by_role("row").filter(has_text="web-trails")).to_be_visible()
    expect(row).to_have_count(0)
    ann.get_by_role("link", name="See it as others do").click()
    expect(ann.get_by_text("private", exact=True)).to_be_visible()


def test_a_big_win_of_somebody_who_shows_everything_is_told_below_the_leaderboard(people: People) -> None:
    bea = people.customer("web-tells", USD="100")
    people.customer("web-pays", USD="100")
    win(people, "Quiet Regatta", "web-tells", "web-pays", "7.00", "4.00")
    visitor = people.visitor(width=NARROW)
    visitor.goto("/leaders?period=day")
    expect(visitor.get_by_role("row").filter(has_text="web-tells")).to_contain_text("+24.00")
    lately = visitor.get_by_role("listitem").filter(has_text="web-tells")
    expect(lately).to_have_count(0)
    bea.goto("/account?view=profile")
    bea.get_by_label("Shown of your record").select_option("Everything, single bets too")
    bea.get_by_role("button", name="Keep").click()
    expect(bea.get_by_text("Others see it at once.")).to_be_visible()
    visitor.reload()
    expect(lately).to_contain_text("web-tells won +24.00 USD with 4.00 on Quiet Regatta")
    wait_until_there(visitor)
    assert faults(visitor, "/leaders, with something to tell") == []
    lately.get_by_role("link", name="Quiet Regatta").click()
    expect(visitor.get_by_role("heading", name="Quiet Regatta")).to_be_visible()
