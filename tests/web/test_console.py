"""What operators do at the console, seen at once on the pages that customers have open."""

import time

import pytest
from playwright.sync_api import expect

from tests.web.browsing import PATIENCE_MS, People, log_in
from tests.web.deeds import approve, do, propose
from tests.web.line import Line, offer

pytestmark = pytest.mark.e2e

ENOUGH_S = 6.0


def test_a_settled_market_is_corrected_by_two_operators_before_its_bettors_eyes(people: People) -> None:
    runners = [{"name": "Larch"}, {"name": "Maple"}]
    body = {"name": "Corrected Cup", "runners": runners, "commission_bps": 0, "starts_at": "2030-01-01T12:00:00Z"}
    market = people.post("/v1/exchange/markets", body)["id"]
    backer = people.customer("web-corrected", USD="100")
    people.customer("web-corrected-lay", USD="100")
    for name, side in (("web-corrected", "back"), ("web-corrected-lay", "lay")):
        order = {"market_id": market, "runner_id": "1", "side": side, "odds": "3.00", "stake": "10.00"}
        people.post("/v1/exchange/orders", {"user_id": people.id_of(name), **order})
    backer.goto(f"/markets/{market}")
    rows = backer.get_by_role("table", name="Prices").get_by_role("row")
    cash = backer.get_by_role("link", name="You have")

    first, second = people.operator("web-first-op"), people.operator("web-second-op")
    first.goto(f"/console?view=market&id={market}")
    do(first, "Settle…", "Settle it", Larch="won")
    expect(backer.get_by_role("status").filter(has_text="Settled")).to_be_visible()
    expect(rows.filter(has_text="Larch")).to_contain_text("Winner")
    expect(cash).to_contain_text("120.00")

    propose(first, "Correct…", "It was Maple by a nose", Larch="", Maple="won")
    expect(cash).to_contain_text("120.00")
    approve(second, "settle market", "It was Maple by a nose")
    expect(rows.filter(has_text="Maple")).to_contain_text("Winner")
    expect(rows.filter(has_text="Larch")).to_contain_text("Lost")
    expect(cash).to_contain_text("90.00")
    backer.goto("/wallet?currency=USD")
    movements = backer.get_by_role("region", name="Movements")
    expect(movements).to_contain_text("Reversal")
    movements.locator("tr", has_text="Reversal").first.get_by_role("link").click()
    backer.wait_for_url(f"**/markets/{market}")


def test_an_event_is_suspended_resumed_settled_and_voided_before_its_bettors_eyes(people: People, line: Line) -> None:
    odds = {"home": "2.00", "away": "1.80"}
    offer(people, line, "web-op-1", "Nettle Town v Olive United", odds)
    offer(people, line, "web-op-2", "Pine City v Quince Rovers", odds)
    page = people.customer("web-op-bettor", USD="50")
    for event in ("web-op-1", "web-op-2"):
        bet = {"event_id": event, "selection": "home", "user_id": people.id_of("web-op-bettor")}
        people.post("/v1/sportsbook/bets", {**bet, "amount": "10.00", "currency": "USD"})
    operator = people.operator("web-event-op")
    page.goto("/sports/web-op-1")
    home = page.get_by_role("main").get_by_role("button", name="Home")
    expect(home).to_be_enabled()
    operator.goto("/console?view=event&id=web-op-1")
    do(operator, "Suspend…", "Suspend")
    expect(page.get_by_text("Suspended").first).to_be_visible()
    expect(home).to_be_disabled()
    do(operator, "Resume…", "Resume")
    expect(home).to_be_enabled()
    do(operator, "Settle…", "Settle it", Home="won")
    expect(page.get_by_role("listitem").filter(has_text="Home")).to_contain_text("Won")
    expect(page.get_by_role("link", name="You have")).to_contain_text("50.00")

    page.goto("/sports/web-op-2")
    operator.goto("/console?view=event&id=web-op-2")
    operator.get_by_role("button", name="Void…", exact=True).click()
    dialog = operator.get_by_role("dialog", name="Void Pine City v Quince Rovers")
    expect(dialog.get_by_role("region", name="What it would do")).to_contain_text("web-op-bettor")
    dialog.get_by_role("button", name="Void it").click()
    expect(page.get_by_text("Void").first).to_be_visible()
    expect(page.get_by_role("link", name="You have")).to_contain_text("60.00")


def _bet_on_round(people: People) -> str:
    """Open the next round that has time for it, stake on both of its sides, and return its code."""
    rounds = iter(lambda: people.post("/v1/pools/web-manual/rounds", {}), None)
    # A code says when its round locks.
    soon = time.strftime("%Y%m%dT%H%M%S", time.gmtime(time.time() + ENOUGH_S))
    code = str(next(each["code"] for each in rounds if each["code"] > soon))
    for name, side in (("web-up", "up"), ("web-down", "down")):
        stake = {"side": side, "amount": "10.00", "round": code, "user_id": people.id_of(name)}
        people.post("/v1/pools/web-manual/bets", stake)
    return code


def test_a_round_is_settled_corrected_and_another_voided_before_its_bettors_eyes(people: People) -> None:
    sources = [{"kind": "manual", "name": "desk"}]
    pool = {"key": "web-manual", "name": "By hand", "symbol": "HAND", "calendar": "every:10", "sources": sources}
    times = {"lock_before_close_s": 0, "settle_after_close_s": 0}
    people.post("/v1/pools", {**pool, **times, "currency": "USD", "quorum": 1, "fee_bps": 0})
    page = people.customer("web-up", USD="50")
    people.customer("web-down", USD="50")
    first, second = people.operator("web-round-op"), people.operator("web-round-op-2")
    settled, voided = _bet_on_round(people), _bet_on_round(people)
    page.goto(f"/pools/web-manual/{settled}")
    main, cash = page.get_by_role("main"), page.get_by_role("link", name="You have")
    first.goto(f"/console?view=round&id=web-manual/{settled}")
    # People rely on its time: nobody locks it before, and then it locks by itself.
    first.get_by_role("button", name="Lock…").click()
    first.get_by_role("dialog").get_by_role("button", name="Lock it").click()
    expect(first.get_by_role("dialog").get_by_role("alert")).to_contain_text("and not before")
    first.get_by_role("dialog").get_by_role("button", name="Leave it").click()
    expect(first.get_by_role("button", name="Settle…")).to_be_visible(timeout=2 * PATIENCE_MS)
    do(first, "Settle…", "Settle it", Result="up")
    expect(main.get_by_text("↑ Up")).to_be_visible()
    expect(cash).to_contain_text("50.00")
    fields = {"Result": "down", "Why the result": "The paper had a misprint"}
    propose(first, "Correct…", "The paper had a misprint", **fields)
    approve(second, "correct round", "The paper had a misprint")
    expect(main.get_by_text("↓ Down")).to_be_visible()
    expect(main.get_by_text("it had another result first")).to_be_visible()
    expect(cash).to_contain_text("30.00")

    page.goto(f"/pools/web-manual/{voided}")
    first.goto(f"/console?view=round&id=web-manual/{voided}")
    do(first, "Void…", "Void it", **{"Why it is void": "The exchange did not open"})
    expect(main.get_by_text("The exchange did not open")).to_be_visible()
    expect(cash).to_contain_text("40.00")
    propose(first, "Correct…", "It did open", Result="up", **{"Why the result": "It did open, an hour late"})
    approve(second, "correct round", "It did open")
    expect(main.get_by_text("↑ Up")).to_be_visible()
    expect(main.get_by_text("The exchange did not open")).to_be_hidden()
    expect(cash).to_contain_text("50.00")
    page.get_by_role("button", name="Verify here").click()
    expect(page.get_by_text("Everything holds.")).to_be_visible()


def test_a_customer_who_is_frozen_sees_it_on_the_open_page_and_bets_again_when_let_go(people: People) -> None:
    runners = [{"name": "Rowan"}, {"name": "Spruce"}]
    body = {"name": "Frozen Plate", "runners": runners, "starts_at": "2030-01-01T12:00:00Z"}
    market = people.post("/v1/exchange/markets", body)["id"]
    page = people.customer("web-frozen", USD="50")
    user = people.id_of("web-frozen")
    order = {"market_id": market, "runner_id": "1", "side": "back", "odds": "4.00", "stake": "10.00"}
    people.post("/v1/exchange/orders", {"user_id": user, **order})
    page.goto(f"/markets/{market}")
    expect(page.get_by_text("Unmatched (1)")).to_be_visible()
    operator = people.operator("web-freezer")
    operator.goto("/console?view=customers")
    operator.get_by_role("searchbox").last.fill("web-frozen")
    operator.get_by_role("link", name="web-frozen").click()
    do(operator, "Freeze…", "Freeze")
    # The page knows at once that its session has ended. Whoever logs in again sees what they have, their open order
    # is none any more, and a bet is refused in words.
    expect(page.get_by_role("banner").get_by_role("link", name="Log in")).to_be_visible()
    log_in(page, "web-frozen")
    page.goto(f"/markets/{market}")
    expect(page.get_by_text("Unmatched (0)")).to_be_visible()
    expect(page.get_by_role("link", name="You have")).to_contain_text("50.00")
    page.get_by_role("table", name="Prices").get_by_role("button", name="Back Rowan").last.click()
    slip = page.get_by_role("form", name="Back Rowan")
    slip.get_by_label("Stake", exact=True).fill("5")
    slip.get_by_role("button", name="Place back").click()
    expect(slip.get_by_role("alert")).to_contain_text("frozen")
    do(operator, "Unfreeze…", "Unfreeze")
    slip.get_by_role("button", name="Place back").click()
    expect(page.get_by_text("Unmatched (1)")).to_be_visible()
