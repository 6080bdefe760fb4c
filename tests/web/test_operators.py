"""Two operators at the console: one proposes a result and sees what it does, the other one approves it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import People

pytestmark = pytest.mark.e2e


def test_a_result_is_proposed_with_a_preview_and_booked_by_a_second_operator(people: People) -> None:
    users: dict[str, str] = {}
    for name in ("web-backer", "web-layer"):
        users[name] = people.post("/v1/users", {"username": name})["id"]
        people.post("/v1/deposits", {"user_id": users[name], "amount": "100.00", "currency": "USD"})
    market = people.post(
        "/v1/exchange/markets",
        {
            "name": "Two Operators",
            "runners": [{"name": "Ash"}, {"name": "Oak"}],
            "commission_bps": 500,
            "starts_at": "2030-01-01T12:00:00Z",
        },
    )["id"]
    for name, side in (("web-backer", "back"), ("web-layer", "lay")):
        order = {"market_id": market, "runner_id": "1", "side": side, "odds": "3.00", "stake": "10.00"}
        people.post("/v1/exchange/orders", {"user_id": users[name], **order})

    first, second = people.operator("web-proposes"), people.operator("web-agrees")
    first.goto(f"/console?view=market&id={market}")
    first.get_by_role("button", name="Settle…").click()
    dialog = first.get_by_role("dialog", name="Settle Two Operators")
    dialog.get_by_label("Ash").select_option("Won")
    dialog.get_by_role("button", name="Show what it does").click()
    # The backer wins 20.00 less 5 %; the layer pays 20.00.
    expect(dialog).to_contain_text("web-backer")
    expect(dialog).to_contain_text("+19.00")
    dialog.get_by_label("Reason").fill("Ash was first")
    dialog.get_by_role("button", name="Propose it").click()
    expect(dialog).to_be_hidden()
    assert people.get(f"/v1/users/{users['web-backer']}/balance")["cash"] == "90.00"

    proposal = people.get("/v1/approvals", status="pending")["items"][0]["id"]
    first.goto(f"/console?view=approval&id={proposal}")
    _says_by_name(first, "Two Operators", "Ash")
    first.get_by_label("Your reason").fill("I say so")
    first.get_by_role("button", name="Approve").click()
    expect(first.get_by_role("alert")).to_be_visible()

    second.goto("/console?view=approvals")
    expect(second.get_by_text("Ash was first").first).to_be_visible()
    second.goto(f"/console?view=approval&id={proposal}")
    second.get_by_label("Your reason").fill("I saw it, too")
    second.get_by_role("button", name="Approve").click()
    expect(second.get_by_role("button", name="Approve")).to_be_hidden()
    second.goto(f"/console?view=market&id={market}")
    expect(second.get_by_text("settled").first).to_be_visible()
    assert people.get(f"/v1/users/{users['web-backer']}/balance")["cash"] == "119.00"
    assert people.get(f"/v1/users/{users['web-layer']}/balance")["cash"] == "80.00"


def _says_by_name(page: Page, market: str, winner: str) -> None:
    """What is to be decided stands there by its name, not only by its number, and that it takes a reason."""
    expect(page.get_by_role("definition").filter(has_text=market)).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text=re.compile(f"^{winner}$"))).to_be_visible()
    expect(page.get_by_text("Either takes a reason.")).to_be_visible()
