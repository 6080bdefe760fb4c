"""An operator makes an event at the console, and its odds move by hand on the pages that customers have open."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import People
from tests.web.deeds import do, fill
from tests.web.line import Line, offer
from tests.web.looking import DIALOG, faults

pytestmark = pytest.mark.e2e

DAY_S = 86_400


def in_a_day() -> str:
    """Return what a field for a moment takes: tomorrow at this time."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(time.time() + DAY_S))


def create(operator: Page, title: str, *odds: tuple[str, str], **more: str) -> str:
    """Create an event at the console, and return its id, which is in the address of the page that follows."""
    operator.goto("/console?view=events")
    operator.get_by_role("button", name="New event…").click()
    dialog = operator.get_by_role("dialog", name="A new event")
    for number, (name, each) in enumerate(odds, 1):
        if number > 3:
            dialog.get_by_role("button", name="Another selection").click()
        more |= {f"Selection {number}": name, f"Odds of selection {number}": each}
    fill(operator, {"Title": title, "Bets until": in_a_day(), **more})
    dialog.get_by_role("button", name="Create it").click()
    expect(operator).to_have_url(re.compile("view=event&id="))
    # What tells that it is done goes away by itself.
    expect(operator.get_by_role("dialog")).to_have_count(0)
    return operator.url.rpartition("id=")[2]


def test_an_event_is_created_bet_on_and_its_odds_are_changed_before_its_bettors_eyes(
    people: People, line: Line
) -> None:
    operator = people.operator("web-bookmaker")
    odds = (("Ivy", "1,80"), ("Draw", "3.40"), ("Jasmine", "2.10"), ("Nobody", "50"))
    event = create(operator, "Ivy v Jasmine", *odds, Sport="croquet", Competition="Lawn Cup")
    expect(operator.get_by_role("heading", name="Ivy v Jasmine")).to_be_visible()
    rows = operator.get_by_role("region", name="Markets and selections").get_by_role("row")
    expect(rows.filter(has_text="Ivy")).to_contain_text("1.80")
    expect(rows.filter(has_text="Nobody")).to_contain_text("50.00")

    page = people.customer("web-by-hand", USD="50")
    page.goto("/sports?sport=croquet")
    page.get_by_role("article").filter(has_text="Ivy v Jasmine").get_by_role("button", name="Ivy 1.80").click()
    slip = page.locator("form").filter(has=page.get_by_label("Stake", exact=True))
    slip.get_by_label("Stake", exact=True).fill("10")
    slip.get_by_role("button", name="Place the bet").click()
    expect(page.get_by_text("Bet placed: 10.00 USD at 1.80")).to_be_visible()

    page.goto(f"/sports/{event}")
    main = page.get_by_role("main")
    draw = main.get_by_role("button", name=re.compile("^Draw"))
    expect(draw).to_be_enabled()
    do(operator, "Change odds…", "Change it", **{"Odds of Ivy": "1.50", "Bets on Draw": "suspended"})
    expect(main.get_by_role("button", name="Ivy 1.50")).to_be_enabled()
    expect(draw).to_be_disabled()
    expect(rows.filter(has_text="Ivy")).to_contain_text("1.50")
    expect(rows.filter(has_text="Draw")).to_contain_text("suspended")
    (bet,) = people.get("/v1/sportsbook/bets", user_id=people.id_of("web-by-hand"))["items"]
    assert (bet["odds"], bet["potential_payout"]) == ("1.80", "18.00")
    assert line.http.get(f"/events/{event}").json()["version"] == 2


def test_what_cannot_be_published_is_told_at_its_field_and_mended(people: People, line: Line) -> None:
    operator = people.operator("web-slips-of-pen")
    operator.goto("/console?view=events&q=nothing+has+these+words")
    expect(operator.get_by_text("It also publishes what you create here")).to_be_visible()
    operator.get_by_role("button", name="New event…").click()
    dialog = operator.get_by_role("dialog", name="A new event")
    expect(dialog.get_by_role("button", name="Go on")).to_be_disabled()
    dialog.get_by_role("button", name="Another selection").click()
    # The third row is left empty, so that what is sent as the third is the fourth here.
    fields = {
        "Selection 1": "Kale",
        "Odds of selection 1": "2.00",
        "Selection 2": "Leek",
        "Odds of selection 2": "1.90",
    }
    fields |= {"Selection 4": "Draw", "Odds of selection 4": "1"}
    fill(operator, {"Title": "Kale v Leek", "Bets until": "2020-01-01T12:00:00", **fields})
    dialog.get_by_role("button", name="Create it").click()
    wrong = dialog.get_by_label("Odds of selection 4")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_label("Odds of selection 3")).not_to_have_attribute("aria-invalid", "true")
    assert faults(operator, "a new event with a mistake", within=DIALOG) == []
    # What only the provider knows comes to its field, too: it is too late for this one.
    fill(operator, {"Odds of selection 4": "3.5"})
    dialog.get_by_role("button", name="Create it").click()
    expect(dialog).to_contain_text("must lie in the future")
    expect(dialog.get_by_label("Bets until")).to_have_attribute("aria-invalid", "true")
    fill(operator, {"Bets until": in_a_day()})
    dialog.get_by_role("button", name="Create it").click()
    expect(operator.get_by_role("heading", name="Kale v Leek")).to_be_visible()
    rows = operator.get_by_role("region", name="Markets and selections").get_by_role("row")
    expect(rows).to_have_count(4)


def test_nothing_is_sent_of_an_event_but_what_was_changed(people: People, line: Line) -> None:
    offer(people, line, "web-by-hand-2", "Moss v Nettle", {"home": "2.00", "away": "1.80"})
    operator = people.operator("web-careful")
    operator.goto("/console?view=event&id=web-by-hand-2")
    operator.get_by_role("button", name="Change odds…").click()
    dialog = operator.get_by_role("dialog", name="Change Moss v Nettle")
    expect(dialog.get_by_role("button", name="Go on")).to_be_disabled()
    assert faults(operator, "other odds", within=DIALOG) == []
    # Its provider moves a price meanwhile, which stays.
    line.move("web-by-hand-2", {"away": "1.70"})
    fill(operator, {"Odds of Home": "2,25"})
    dialog.get_by_role("button", name="Change it").click()
    expect(dialog).to_be_hidden()
    (market,) = line.http.get("/events/web-by-hand-2").json()["markets"]
    assert [each["coefficient"] for each in market["selections"]] == ["2.25", "1.70"]
