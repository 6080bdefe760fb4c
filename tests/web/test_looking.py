"""What looks at the pages sees what is wrong with one: at one width only, and in one theme only."""

import pytest
from playwright.sync_api import Browser

from tests.web.browsing import HEIGHT, WIDE
from tests.web.looking import faults

pytestmark = pytest.mark.e2e

PAGE = """<!doctype html><html lang="en"><head><title>A page</title><style>
    :root { color-scheme: light dark; background: light-dark(white, black); color: light-dark(black, white); }
    body { margin: 0; }
    .wide { display: none; }
    @media (min-width: 800px) { .wide { display: revert; } .narrow { display: none; } }
    .pale-in-light { color: light-dark(#ccc, #ccc); }
    .pale-in-dark { color: light-dark(#333, #333); }
</style></head><body><main><h1>A page</h1>%s</main></body></html>"""


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("<p>Nothing is wrong with it</p>", []),
        ("<button></button>", ["dark, 360 wide: button-name", "light, 1440 wide: button-name"]),
        ('<button class="narrow"></button>', ["dark, 360 wide: button-name"]),
        ('<button class="wide"></button>', ["light, 1440 wide: button-name"]),
        ('<p class="pale-in-light">Pale</p>', ["light, 1440 wide: color-contrast"]),
        ('<p class="pale-in-dark">Pale</p>', ["dark, 360 wide: color-contrast"]),
        ('<p class="pale-in-dark wide">Pale</p>', ["dark, 1440 wide: color-contrast"]),
        ('<div style="width: 400px">Wide</div>', ["360 wide: 40 pixels too wide"]),
        # The ninth row of a table is made as those before it are.
        (f"<table>{'<tr><td>1</td></tr>' * 8}<tr><td><button></button></td></tr></table>", []),
        # A heading that is left out is no serious fault.
        ("<h4>Deep</h4>", []),
    ],
)
def test_what_is_wrong_with_a_page_is_seen_at_each_width_and_in_each_theme(
    browser: Browser, part: str, told: list[str]
) -> None:
    page = browser.new_page(viewport={"width": WIDE, "height": HEIGHT})
    page.set_content(PAGE % part)
    found = faults(page, "a page")
    page.close()
    assert [each.removeprefix("a page, ").split(" (")[0] for each in found] == told


def test_only_the_part_that_is_asked_for_is_looked_at(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": WIDE, "height": HEIGHT})
    page.set_content(PAGE % '<button></button><div role="dialog" aria-label="Asks"><img src="x.png"></div>')
    found = faults(page, "a page", within="[role=dialog]")
    page.close()
    assert [each.split(": ")[1].split(" (")[0] for each in found] == ["image-alt", "image-alt"]
