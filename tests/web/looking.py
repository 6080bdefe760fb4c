"""Looking at a page as it is: what axe calls serious, what does not fit the window, and keeping a picture of it."""

import os
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, expect

from tests.web.browsing import HEIGHT, NARROW, WIDE, Theme, blank_below, overflow

ROOT: Final = Path(__file__).resolve().parents[2]
AXE: Final = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
LOADING: Final = re.compile("load|worked out", re.IGNORECASE)
"""What the places say of themselves that something is yet to come to."""

WIDTHS: Final = (WIDE, NARROW)
DIALOG: Final = "[role=dialog]"

_RUN: Final = """([include, exclude, rules]) =>
    axe.run({include, exclude}, {resultTypes: ['violations'], ...(rules.length && {runOnly: rules})})"""
_OF_COLOURS: Final = ["color-contrast", "link-in-text-block"]
"""The rules of axe that look at colours: in another theme nothing else of a page is different."""
_ALL: Final[list[str]] = []
_LOOKS: Final[dict[int, list[tuple[Theme, list[str] | None]]]] = {
    WIDE: [("light", _ALL), ("dark", _OF_COLOURS)],
    NARROW: [("light", None), ("dark", _ALL)],
}
"""At each width, in each theme: by which rules axe looks at a page. What only a phone shows is looked at once."""
_ALIKE: Final = ["tbody tr:nth-child(n+9)", "[role=row]:nth-child(n+9)", "main li:nth-child(n+13)"]
"""Rows of a table or list after the first: they are made as these are, and most of what axe would look at."""


@cache
def _axe() -> str:
    return AXE.read_text("utf-8")


def wait_until_there(page: Page) -> None:
    """Wait until everything on a page has come."""
    expect(page.get_by_role("heading").first).to_be_visible()
    expect(page.get_by_role("status", name=LOADING)).to_have_count(0)
    page.wait_for_function("!document.querySelector('[aria-busy=true]')")


def faults(page: Page, where: str, *, widths: Iterable[int] = WIDTHS, within: str | None = None) -> list[str]:
    """Return what is wrong with a page at each width and in each theme, in words.

    ``where`` says which page it is, and in which state; ``within`` selects the part of it that is to be looked at.
    """
    found: list[str] = []
    before = page.viewport_size
    # The policy of the page lets no script in but the app's; the driver's own evaluation is not the page's.
    page.evaluate(_axe())
    for width in widths:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        for theme, rules in _LOOKS[width]:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            look = f"{where}, {theme}, {width} wide"
            found += [f"{look}: {what}" for what in _misfits(page)]
            if rules is not None:
                found += [f"{look}: {what}" for what in _violations(page, within, rules)]
            _keep_picture(page, where, theme, width, whole=within is None)
    if before is not None:
        page.set_viewport_size(before)
    return found


def _misfits(page: Page) -> list[str]:
    """Return by how much a page is wider than its window, or longer than what is on it."""
    wide, below = overflow(page), blank_below(page)
    return [f"{wide} pixels too wide"] * (wide > 0) + [f"{below} pixels of nothing below it"] * (below > 0)


def _violations(page: Page, within: str | None, rules: list[str]) -> list[str]:
    result: Any = page.evaluate(_RUN, [[within or "html"], [[each] for each in _ALIKE], rules])
    return [
        f"{each['id']} ({each['impact']}): {each['nodes'][0]['html'][:160]}"
        for each in result["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def _keep_picture(page: Page, where: str, theme: Theme, width: int, *, whole: bool) -> None:
    """With ``EVENS_PICTURES``, keep what a page looks like in that folder, named after its address."""
    folder = os.environ.get("EVENS_PICTURES")
    if folder is not None:
        words = [word for word in re.split(r"\W+", where) if word.islower() and word not in ("view", "as")]
        one = "-one" if re.search(r"\d", where) else ""
        path = f"{folder}/{'-'.join(words) or 'lobby'}{one}-{theme}-{width}.png"
        page.screenshot(path=path, full_page=whole)
