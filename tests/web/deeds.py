"""What operators do by the console's dialogs: a deed at once, or one that a second operator approves."""

import re
from collections.abc import Mapping

from playwright.sync_api import Page, expect


def do(operator: Page, button: str, verb: str, **fields: str) -> None:
    """Press a button, fill in what it asks for, look at what it would do if that is shown, and do it."""
    operator.get_by_role("button", name=button, exact=True).click()
    dialog = operator.get_by_role("dialog")
    fill(dialog.page, fields)
    dialog.get_by_role("button", name=verb, exact=True).click()
    expect(dialog).to_be_hidden()


def fill(operator: Page, fields: Mapping[str, str]) -> None:
    """Fill in fields of a deed by the beginning of their labels, and go on to what it would do."""
    dialog = operator.get_by_role("dialog")
    for label, value in fields.items():
        field = dialog.get_by_label(re.compile(f"^{re.escape(label)}"))
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    shows = dialog.get_by_role("button", name="Show what it does")
    goes_on = dialog.get_by_role("button", name="Go on")
    if fields and goes_on.is_visible():
        goes_on.click()
    elif fields:
        shows.click()
        expect(dialog.get_by_role("region", name="What it would do")).to_be_visible()


def propose(operator: Page, button: str, reason: str, **fields: str) -> None:
    """Open a deed that takes two operators, look at what it would do, and propose it."""
    operator.get_by_role("button", name=button, exact=True).click()
    dialog = operator.get_by_role("dialog")
    fill(operator, fields)
    expect(dialog.get_by_text("This house wants two operators for it")).to_be_visible()
    dialog.get_by_label("Reason, for the second operator").fill(reason)
    dialog.get_by_role("button", name="Propose it").click()
    expect(dialog).to_be_hidden()


def approve(second: Page, what: str, reason: str) -> None:
    """Find a proposal by its reason, look at it, and approve it."""
    second.goto("/console?view=approvals&status=pending")
    second.get_by_role("row").filter(has_text=reason).get_by_role("link", name=what).click()
    expect(second.get_by_role("region", name="What it would do")).to_be_visible()
    second.get_by_label("Your reason").fill("I saw it, too")
    second.get_by_role("button", name="Approve").click()
    expect(second.get_by_role("button", name="Approve")).to_be_hidden()
