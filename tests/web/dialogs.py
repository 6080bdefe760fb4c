"""What opens above a page: dialogs, slips, lists and messages, each with how one comes to it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tests.web.browsing import HEIGHT
from tests.web.looking import DIALOG, WIDTHS, faults

ASKS: Final = re.compile("…$")
"""How the console marks buttons that open a dialog."""


@dataclass(frozen=True)
class Opening:
    """Something that opens on a page: how, and whether it is a dialog or a part of the page."""

    name: str
    path: str
    open: Callable[[Page], None]
    within: str | None = DIALOG
    widths: tuple[int, ...] = WIDTHS


def press(name: str | re.Pattern[str], *, role: str = "button") -> Callable[[Page], None]:
    """Return how to press the first button of a name."""

    def pressed(page: Page) -> None:
        buttons = page.get_by_role("switch" if role == "switch" else "button", name=name)
        buttons.first.click()

    return pressed


def looked_at(page: Page, opening: Opening) -> list[str]:
    """Return what is wrong with something that opens, at each width, having been opened at it."""
    found: list[str] = []
    for width in opening.widths:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.goto(opening.path)
        opening.open(page)
        if opening.within is not None:
            expect(page.locator(opening.within).first).to_be_visible()
        found += faults(page, opening.name, widths=[width], within=opening.within)
    return found


def asking(page: Page, path: str) -> Iterator[tuple[str, Page]]:
    """Open every dialog of a page of the console, one after the other, each told by its title."""
    page.goto(path)
    buttons = page.get_by_role("main").get_by_role("button").filter(has_text=ASKS)
    expect(buttons.first).to_be_visible()
    seen: set[str] = set()
    for place in range(buttons.count()):
        button = buttons.nth(place)
        words = button.inner_text()
        # A row of a list has the same buttons as the one before it.
        if words in seen or button.is_disabled():
            continue
        seen.add(words)
        button.click()
        dialog = page.get_by_role("dialog")
        yield dialog.get_by_role("heading").first.inner_text(), page
        _close(dialog)


def _close(dialog: Locator) -> None:
    dialog.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
