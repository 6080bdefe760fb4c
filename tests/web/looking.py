"""Looking at a page as it is: what axe calls serious, what does not fit the window, and keeping a picture of it."""

import json
import os
import re
from collections.abc import Container
from functools import cache
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, expect

from tests.web.browsing import HEIGHT, NARROW, WIDE, Theme, blank_below, overflow

ROOT: Final = Path(__file__).resolve().parents[2]
AXE: Final = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
LOOKING: Final = Path(__file__).with_name("looking.js")
LOADING: Final = re.compile("load|worked out", re.IGNORECASE)
"""What the places say of themselves that something is yet to come to."""

WIDTHS: Final = (WIDE, NARROW)
DIALOG: Final = "[role=dialog]"

_LOOKS: Final[tuple[tuple[int, tuple[tuple[Theme, str | None], ...]], ...]] = (
    (NARROW, (("light", None), ("dark", "atAll"))),
    (WIDE, (("light", "atAll"), ("dark", "atOtherColours"))),
)
"""At each width, in each theme: how a page is looked at. What only a phone shows is looked at in one theme."""


@cache
def _scripts() -> str:
    return AXE.read_text("utf-8") + LOOKING.read_text("utf-8")


def wait_until_there(page: Page) -> None:
    """Wait until everything on a page has come."""
    expect(page.get_by_role("heading").first).to_be_visible()
    expect(page.get_by_role("status", name=LOADING)).to_have_count(0)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def faults(page: Page, where: str, *, widths: Container[int] = WIDTHS, within: str | None = None) -> list[str]:
    """Return what is wrong with a page at each width and in each theme, in words.

    ``where`` says which page it is, and in which state; ``within`` selects the part of it that is to be looked at.
    """
    found: list[str] = []
    before = page.viewport_size
    # The policy of the page lets no script in but the app's; the driver's own evaluation is not the page's.
    if not page.evaluate("'looking' in window"):
        page.evaluate(_scripts())
    page.evaluate("looking.begin()")
    for width, themes in _LOOKS:
        if width not in widths:
            continue
        page.set_viewport_size({"width": width, "height": HEIGHT})
        for theme, look in themes:
            if look is None and not _pictures():
                continue
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            if look is not None:
                shown: list[str] = page.evaluate(f"looking.{look}({json.dumps(within or 'html')}, '{theme}')")
                found += [f"{where}, {theme}, {width} wide: {what}" for what in shown]
            _keep_picture(page, where, theme, width, whole=within is None)
        found += [f"{where}, {width} wide: {what}" for what in _misfits(page)]
    if before is not None:
        page.set_viewport_size(before)
    return found


def _misfits(page: Page) -> list[str]:
    """Return by how much a page is wider than its window, or longer than what is on it: in any theme it is the same."""
    wide, below = overflow(page), blank_below(page)
    return [f"{wide} pixels too wide"] * (wide > 0) + [f"{below} pixels of nothing below it"] * (below > 0)


def _pictures() -> str | None:
    return os.environ.get("EVENS_PICTURES")


def _keep_picture(page: Page, where: str, theme: Theme, width: int, *, whole: bool) -> None:
    """With ``EVENS_PICTURES``, keep what a page looks like in that folder, named after its address."""
    folder = _pictures()
    if folder is not None:
        words = [word for word in re.split(r"\W+", where) if word.islower() and word not in ("view", "as")]
        one = "-one" if re.search(r"\d", where) else ""
        path = f"{folder}/{'-'.join(words) or 'lobby'}{one}-{theme}-{width}.png"
        page.screenshot(path=path, full_page=whole)
