"""One's money: the statement and its file, a balance on a day, paying somebody, and money on its way out."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import People

pytestmark = pytest.mark.e2e


def _rows(page: Page, label: str) -> list[list[str]]:
    """Return the cells of a table, row by row."""
    table = page.get_by_role("region", name=label)
    rows = table.locator("tbody tr")
    return [rows.nth(place).locator("td").all_inner_texts() for place in range(rows.count())]


def _plain(amount: str) -> str:
    """Return an amount that is written for people as the API writes it."""
    return amount.replace("\u2212", "-").replace("+", "").replace("\u2009", "")


def test_a_statement_has_the_balance_after_each_line_and_its_file_the_same_lines(people: People) -> None:
    page = people.customer("web-statement")
    user = people.id_of("web-statement")
    people.customer("web-other")
    for amount, day in (("1500.00", "2025-03-01"), ("40.00", "2025-03-10")):
        deposit = {"user_id": user, "amount": amount, "currency": "EUR", "effective_at": f"{day}T12:00:00Z"}
        people.post("/v1/deposits", deposit)
    transfer = {"from_user_id": user, "to_username": "web-other", "amount": "12.50", "currency": "EUR"}
    people.post("/v1/transfers", {**transfer, "memo": "for the ferry"})
    page.goto("/wallet?currency=EUR")
    expect(page.get_by_role("region", name="Movements").locator("tbody tr")).to_have_count(3)
    lines = [(_plain(amount), _plain(after)) for _, _, amount, after in _rows(page, "Movements")]
    # The latest stands first, and each balance follows from the one below it.
    assert lines == [("-12.50", "1527.50"), ("40.00", "1540.00"), ("1500.00", "1500.00")]
    expect(page.get_by_role("region", name="Movements")).to_contain_text("for the ferry")

    with page.expect_download() as saving:
        page.get_by_role("link", name="Save as CSV").click()
    assert saving.value.suggested_filename.endswith(".csv")
    text = Path(saving.value.path()).read_text("utf-8")
    filed = [
        (f"{'-' if row['direction'] == 'out' else ''}{row['amount']}", row["balance_after"])
        for row in csv.DictReader(io.StringIO(text))
    ]
    assert sorted(filed) == sorted(lines)

    # What is filtered stands in the address.
    page.get_by_label("Kind").select_option("Payments")
    expect(page.get_by_role("region", name="Movements").locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("kind=transfer"))
    page.reload()
    expect(page.get_by_label("Kind")).to_have_value("transfer")
    expect(page.get_by_role("region", name="Movements").locator("tbody tr")).to_have_count(1)
    page.get_by_label("Kind").select_option("All")
    page.get_by_label("From (UTC)").fill("2025-03-02")
    page.get_by_label("Until, inclusive (UTC)").fill("2025-03-10")
    expect(page.get_by_role("region", name="Movements").locator("tbody tr")).to_have_count(1)
    with page.expect_download() as saving:
        page.get_by_role("link", name="Save as CSV").click()
    text = Path(saving.value.path()).read_text("utf-8")
    assert [row["amount"] for row in csv.DictReader(io.StringIO(text))] == ["40.00"]

    for day, cash in (("2025-02-28", "0.00"), ("2025-03-01", "1\u2009500.00"), ("2025-03-10", "1\u2009540.00")):
        page.get_by_label("Day (until its end, UTC)").fill(day)
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.get_by_role("status").filter(has_text="in cash")).to_contain_text(f"{cash}\u00a0EUR in cash")


def test_whoever_is_paid_sees_it_at_once(people: People) -> None:
    ann = people.customer("web-payer", USD="30")
    bob = people.customer("web-payee")
    bob.goto("/wallet?currency=USD")
    expect(bob.get_by_text("Nothing has moved yet")).to_be_visible()
    ann.goto("/wallet?currency=USD&view=transfer")
    ann.get_by_label("To (username)").fill("web-nobody")
    ann.get_by_label("Amount").fill("12,5")
    ann.get_by_label("Message").fill("thanks for the boat")
    ann.get_by_role("button", name="Go on").click()
    ann.get_by_role("dialog").get_by_role("button", name="Pay 12.50").click()
    # Nobody has that name: it says so where the name was typed, and nothing has moved.
    expect(ann.get_by_label("To (username)")).to_have_attribute("aria-invalid", "true")
    ann.get_by_label("To (username)").fill("web-payee")
    ann.get_by_role("button", name="Go on").click()
    dialog = ann.get_by_role("dialog", name="Pay this?")
    expect(dialog).to_contain_text("web-payee")
    dialog.get_by_role("button", name="Pay 12.50").click()
    expect(ann.get_by_text("Paid 12.50 USD to web-payee")).to_be_visible()
    for page, left in ((ann, "17.50"), (bob, "12.50")):
        expect(page.get_by_role("link", name="You have")).to_contain_text(left)
    expect(bob.get_by_role("region", name="Movements")).to_contain_text("thanks for the boat")
    expect(bob.get_by_role("region", name="Movements").get_by_role("link", name="web-payer")).to_be_visible()
    bob.get_by_role("link", name="What happened: 1 unread").click()
    expect(bob.get_by_role("link", name="Somebody paid you")).to_contain_text("12.50")


def test_a_withdrawal_is_followed_until_an_operator_has_paid_it(people: People) -> None:
    page = people.customer("web-leaver", USD="50")
    operator = people.operator("web-cashier")
    page.goto("/wallet?currency=USD&view=withdraw")
    for amount, iban in (("20", "AT611904300234573201"), ("5", "an address that is wrong")):
        page.get_by_label("Amount").fill(amount)
        page.get_by_label("To (for whoever pays it out)").fill(iban)
        page.get_by_role("button", name="Withdraw", exact=True).click()
        expect(page.get_by_label("Amount")).to_have_value("")
    rows = page.get_by_role("region", name="Withdrawals").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="20.00")).to_contain_text("Set aside")
    balance = page.get_by_role("button", name="USD").first
    expect(balance).to_contain_text("25.00")
    expect(balance).to_contain_text("Withdrawing 25.00")

    operator.goto("/console?view=withdrawals")
    operator.get_by_role("button", name="It was paid: 20.00 USD for web-leaver").click()
    operator.get_by_role("dialog").get_by_role("button", name="It was paid").click()
    operator.get_by_role("button", name="Reject 5.00 USD for web-leaver").click()
    operator.get_by_role("dialog").get_by_role("button", name="Reject it").click()
    expect(operator.get_by_role("button", name="Reject 5.00 USD for web-leaver")).to_be_hidden()

    expect(rows.filter(has_text="20.00")).to_contain_text("Paid")
    expect(rows.filter(has_text="5.00")).to_contain_text("Returned to you")
    expect(balance).to_contain_text("30.00")
    expect(balance).to_contain_text("Withdrawing 0.00")


def test_a_withdrawal_over_the_chain_waits_for_approval_and_is_then_confirmed(people: People) -> None:
    page = people.customer("web-chainer", USDC="50")
    operator = people.operator("web-approver")
    page.goto("/wallet?currency=USDC&view=withdraw")
    page.get_by_label("Amount").fill("7")
    page.get_by_label("To this address on the chain").fill("0x52908400098527886E0F7030069857D2E4169EE7")
    page.get_by_role("button", name="Withdraw", exact=True).click()
    row = page.get_by_role("region", name="Withdrawals").locator("tbody tr")
    expect(row).to_contain_text("Waits for approval")
    operator.goto("/console?view=withdrawals")
    operator.get_by_role("button", name="Approve: 7.000000 USDC for web-chainer").click()
    dialog = operator.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="What it would do")).to_be_visible()
    dialog.get_by_role("button", name="Approve it").click()
    expect(dialog).to_be_hidden()
    expect(row).to_contain_text("Confirmed")
    expect(page.get_by_role("button", name="USDC")).to_contain_text("43.000000")
