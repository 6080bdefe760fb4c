"""Looking at a page as it is: what axe calls serious, what is wider than the window, and keeping a picture of it."""

import os
import re
from functools import cache
from pathlib import Path
from typing import Any, Final, get_args

from playwright.sync_api import Page, expect

from tests.web.browsing import Theme, overflow

ROOT: Final = Path(__file__).resolve().parents[2]
AXE: Final = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
LOADING: Final = re.compile("load|worked out", re.IGNORECASE)
"""What the places say of themselves that something is yet to come to."""

_RUN: Final = "rules => axe.run(document, {resultTypes: ['violations'], ...(rules && {runOnly: rules})})"
_OF_COLOURS: Final = ["color-contrast", "link-in-text-block"]
"""The rules of axe that look at colours: in another theme nothing else of a page is different."""


@cache
def _axe() -> str:
    return AXE.read_text("utf-8")


def wait_until_there(page: Page) -> None:
    """Wait until everything on a page has come."""
    expect(page.get_by_role("heading").first).to_be_visible()
    expect(page.get_by_role("status", name=LOADING)).to_have_count(0)
    page.wait_for_function("!document.querySelector('[aria-busy=true]')")


def faults(page: Page, where: str) -> list[str]:
    """Return what is wrong with a page in each theme, in words; ``where`` says which page it is, and in which state."""
    found: list[str] = []
    # The policy of the page lets no script in but the app's; the driver's own evaluation is not the page's.
    page.evaluate(_axe())
    rules: list[str] | None = None
    for theme in get_args(Theme):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        if overflow(page) > 0:
            found.append(f"{where}, {theme}: {overflow(page)} pixels too wide")
        result: Any = page.evaluate(_RUN, rules)
        rules = _OF_COLOURS
        found += [
            f"{where}, {theme}: {each['id']} ({each['impact']}): {each['nodes'][0]['html'][:160]}"
            for each in result["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        _keep_picture(page, where, theme)
    return found


def _keep_picture(page: Page, where: str, theme: Theme) -> None:
    """With ``EVENS_PICTURES``, keep what a page looks like in that folder, named after its address."""
    folder = os.environ.get("EVENS_PICTURES")
    size = page.viewport_size
    if folder is not None and size is not None:
        words = [word for word in re.split(r"\W+", where) if word.islower() and word not in ("view", "as")]
        one = "-one" if re.search(r"\d", where) else ""
        page.screenshot(path=f"{folder}/{'-'.join(words) or 'lobby'}{one}-{theme}-{size['width']}.png", full_page=True)
