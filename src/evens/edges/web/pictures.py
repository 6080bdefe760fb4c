"""The picture that goes with a link: 1200 × 630, drawn when it is first asked for and remembered for a while.

Drawing takes some hundredths of a second, so it is done beside the event loop, one picture at a time; what few may wait
is refused, and each address may ask for so many a minute.
"""

import asyncio
from collections.abc import Mapping
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from evens.edges.http.protocol.problem import Refused, problem
from evens.edges.http.protocol.throttle import Throttle
from evens.edges.web.build import ASSETS, Variant, WebBuild, etag_of
from evens.edges.web.previews import Preview
from evens.identity.bounded_cache import BoundedCache
from evens.identity.networks import network_of

SIZE: Final = (1200, 630)

PER_MINUTE: Final = 60
"""How many pictures each address may ask for in a minute."""

_WAITING_MAX: Final = 16
_REMEMBERED_MAX: Final = 200
_EDGE: Final = 80
_GROUND, _INK, _SOFT, _ACCENT = "#0b1512", "#f2f7f5", "#a9bdb6", "#2fbf9b"
_FONT: Final = f"{ASSETS}inter-latin-wght-normal"
_BOLD: Final = 700
_REGULAR: Final = 450
_TITLE_LINES_MAX: Final = 3
_FACTS_MAX: Final = 3

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


class Pictures:
    """Draws previews in the app's own font, if the build has it, else in the one that Pillow brings."""

    def __init__(self, build: WebBuild | None, per_minute: int = PER_MINUTE) -> None:
        self._font = None if build is None else _font_in({path: file.plain for path, file in build.files.items()})
        self._throttle = Throttle("Too many pictures for your address", per_minute)
        self._drawn: BoundedCache[Preview, Variant] = BoundedCache(_REMEMBERED_MAX)
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0

    async def of(self, preview: Preview, address: str) -> Variant:
        """Return the picture as PNG. Raises a 429 or, if too many wait, a 503."""
        self._throttle.check(network_of(address))
        drawn = self._drawn.get(preview)
        if drawn is not None:
            return drawn
        if self._waiting >= _WAITING_MAX:
            raise Refused(problem(503, "overloaded", "Too many pictures are being drawn."), {"Retry-After": "5"})
        self._waiting += 1
        try:
            async with self._turn:
                drawn = self._drawn.get(preview)
                if drawn is None:
                    body = await asyncio.to_thread(draw, preview, self._font)
                    drawn = Variant(body, etag_of(body))
                    self._drawn.put(preview, drawn)
                return drawn
        finally:
            self._waiting -= 1


def draw(preview: Preview, font: bytes | None) -> bytes:
    """Return the picture of a preview as PNG; ``font`` is a variable one."""
    image = Image.new("RGB", SIZE, _GROUND)
    pen = ImageDraw.Draw(image)
    width, height = SIZE
    pen.rectangle((0, 0, 16, height), fill=_ACCENT)
    pen.text((_EDGE, 72), preview.kind.upper(), font=_sized(font, 30, _BOLD), fill=_ACCENT)
    title, y = _sized(font, 68, _BOLD), 132
    for line in _wrapped(pen, preview.title, title, width - 2 * _EDGE, _TITLE_LINES_MAX):
        pen.text((_EDGE, y), line, font=title, fill=_INK)
        y += 84
    fact, y = _sized(font, 34, _REGULAR), y + 20
    for text in preview.facts[:_FACTS_MAX]:
        (line,) = _wrapped(pen, text, fact, width - 2 * _EDGE, 1)
        pen.text((_EDGE, y), line, font=fact, fill=_SOFT)
        y += 50
    pen.text((_EDGE, height - 88), "Evens", font=_sized(font, 38, _BOLD), fill=_INK)
    written = BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


def _wrapped(pen: ImageDraw.ImageDraw, text: str, font: _Font, width: int, lines_max: int) -> list[str]:
    """Return a text in lines that fit; what does not fit into the last is left out."""
    lines = [""]
    for word in text.split() or [""]:
        longer = f"{lines[-1]} {word}".strip()
        if pen.textlength(longer, font=font) <= width or not lines[-1]:
            lines[-1] = longer
        elif len(lines) < lines_max:
            lines.append(word)
        else:
            lines[-1] = f"{longer}…"
            break
    return [_shortened(pen, line, font, width) for line in lines]


def _shortened(pen: ImageDraw.ImageDraw, line: str, font: _Font, width: int) -> str:
    while pen.textlength(line, font=font) > width:
        line = f"{line[:-2].rstrip()}…"
    return line


def _sized(font: bytes | None, size: int, weight: int) -> _Font:
    if font is None:
        return ImageFont.load_default(size)
    sized = ImageFont.truetype(BytesIO(font), size)
    sized.set_variation_by_axes([weight])
    return sized


def _font_in(files: Mapping[str, Variant]) -> bytes | None:
    return next((file.body for path, file in sorted(files.items()) if path.startswith(_FONT)), None)
