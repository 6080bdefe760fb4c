"""The pictures in README: what the pages of a demo look like, small enough to be kept.

`EVENS_PICTURES=docs/pictures make e2e ARGS='-k readme'` makes them anew.
"""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.sync_api import Page

from tests.web.browsing import NARROW, WIDE, Theme

BYTES_MAX: Final = 120_000
_COLOURS: Final = 256


@dataclass(frozen=True)
class Picture:
    """What is taken: the page of whom, in which look."""

    name: str
    path: str
    guest: Literal["customer", "operator"] = "customer"
    theme: Theme = "light"
    width: int = WIDE


def pictures_of(market: str, pool: str) -> list[Picture]:
    """Return the pictures that README shows."""
    return [
        Picture("lobby", "/"),
        Picture("market", f"/markets/{market}"),
        Picture("sports", "/sports", theme="dark"),
        Picture("pool", f"/pools/{pool}"),
        Picture("wallet", "/wallet"),
        Picture("console", f"/console?view=market&id={market}", guest="operator", theme="dark"),
        Picture("market-phone", f"/markets/{market}", width=NARROW),
        Picture("pool-phone", f"/pools/{pool}", theme="dark", width=NARROW),
    ]


def keep(page: Page, path: Path) -> None:
    """Keep what is seen of a page, in so few colours that it is small, and in so many that both sides keep theirs."""
    whole = Image.open(BytesIO(page.screenshot())).convert("RGB")
    whole.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
