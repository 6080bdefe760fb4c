"""Finding things: search by any word, favourites, filters that stand in the address and survive a reload."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.browsing import People, log_in
from tests.web.line import Line, offer

pytestmark = pytest.mark.e2e


def _open(people: People, name: str, event: str) -> None:
    people.post(
        "/v1/exchange/markets",
        {
            "name": name,
            "event": event,
            "runners": [{"name": "Ash"}, {"name": "Oak"}],
            "starts_at": "2030-01-01T12:00:00Z",
        },
    )


def test_what_is_searched_for_and_shown_stands_in_the_address(people: People, line: Line) -> None:
    _open(people, "Zephyr Plate", "Windmill Meeting")
    _open(people, "Quince Cup", "Orchard Meeting")
    offer(people, line, "web-zephyr", "Zephyr Rovers v Yew Albion", {"home": "2.00", "away": "1.80"})
    page = people.visitor()
    page.goto("/")
    search = page.get_by_role("searchbox", name="Search by any word")
    search.fill("zephyr")
    main = page.get_by_role("main")
    expect(page).to_have_url(re.compile(r"[?]q=zephyr$"))
    expect(main.get_by_role("link", name="Zephyr Plate")).to_be_visible()
    expect(main.get_by_role("link", name="Zephyr Rovers v Yew Albion")).to_be_visible()
    expect(main.get_by_role("link", name="Quince Cup")).to_be_hidden()
    expect(main.get_by_text("No challenge has these words")).to_be_visible()

    # The words of a runner, or of what a market belongs to, find it, too; case and order do not count.
    search.fill("MEETING quince")
    expect(main.get_by_role("link", name="Quince Cup")).to_be_visible()
    expect(main.get_by_role("link", name="Zephyr Plate")).to_be_hidden()
    page.get_by_role("group", name="What to show").get_by_role("button", name="Exchange").click()
    expect(page).to_have_url(re.compile(r"q=MEETING(\+|%20)quince&show=exchange$"))
    expect(main.get_by_role("heading", name="Sportsbook")).to_be_hidden()
    page.reload()
    expect(search).to_have_value("MEETING quince")
    expect(main.get_by_role("link", name="Quince Cup")).to_be_visible()
    expect(main.get_by_role("heading", name="Sportsbook")).to_be_hidden()
    # Whoever goes on and comes back finds it as it was.
    main.get_by_role("link", name="Quince Cup").click()
    expect(page.get_by_role("heading", name="Quince Cup")).to_be_visible()
    page.go_back()
    expect(search).to_have_value("MEETING quince")
    search.fill("nothing is called so")
    expect(main.get_by_text("No market has these words")).to_be_visible()


def test_a_star_keeps_what_one_wants_to_find_again_in_every_browser(people: People, line: Line) -> None:
    _open(people, "Marigold Stakes", "Garden Meeting")
    offer(people, line, "web-star", "Thistle Vale v Ulex Park", {"home": "2.00", "away": "1.80"})
    page = people.customer("web-star")
    page.goto("/?q=marigold")
    page.get_by_role("button", name="Make Marigold Stakes a favourite").click()
    page.goto("/sports/web-star")
    page.get_by_role("button", name="Make Thistle Vale v Ulex Park a favourite").click()
    kept = page.get_by_role("button", name="Thistle Vale v Ulex Park: a favourite of yours")
    expect(kept).to_have_attribute("aria-pressed", "true")

    elsewhere = people.visitor()
    log_in(elsewhere, "web-star")
    elsewhere.goto("/?show=favourites")
    main = elsewhere.get_by_role("main")
    expect(main.get_by_role("link", name="Marigold Stakes")).to_be_visible()
    main.get_by_role("button", name="Thistle Vale v Ulex Park: a favourite of yours").click()
    expect(main.get_by_role("link", name="Thistle Vale v Ulex Park")).to_be_hidden()
    elsewhere.reload()
    expect(main.get_by_role("link", name="Marigold Stakes")).to_be_visible()
    expect(main.get_by_role("link", name="Thistle Vale v Ulex Park")).to_be_hidden()
    main.get_by_role("link", name="Marigold Stakes").click()
    expect(elsewhere.get_by_role("heading", name="Marigold Stakes")).to_be_visible()


def test_filters_of_other_pages_survive_a_reload_and_can_be_sent_to_somebody(people: People, line: Line) -> None:
    for number, sport in enumerate(("curling", "shinty")):
        title = f"Filter {sport.title()} v Rest"
        offer(people, line, f"web-filter-{number}", title, {"home": "2.00", "away": "1.80"}, sport=sport)
    page = people.visitor()
    page.goto("/sports")
    page.get_by_role("group", name="Sport").get_by_role("button", name="Shinty").click()
    expect(page).to_have_url(re.compile(r"[?]sport=shinty$"))
    other = people.visitor(width=360)
    other.goto(page.url)
    for each in (page, other):
        each.reload()
        expect(each.get_by_role("link", name="Filter Shinty v Rest")).to_be_visible()
        expect(each.get_by_role("link", name="Filter Curling v Rest")).to_be_hidden()
    page.get_by_role("searchbox").fill("curling")
    expect(page.get_by_text("No event fits")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("link", name="Filter Curling v Rest")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/sports$"))
