"""Texts that people read: what shows nothing is refused, and so is whatever in a text does not show.

What cannot be seen makes two texts look like one, or carries words that only programs read. Some of it is needed to
write at all: joiners within other scripts and emoji, selectors that choose how a sign looks, the tags of three flags.
"""

import re
import unicodedata
from typing import Final

_BLANK: Final = frozenset("\u2800")
"""What Unicode calls a symbol, and nobody sees."""

_IGNORABLE: Final = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
"""Default_Ignorable_Code_Point of Unicode: what is not drawn, the unassigned among it too."""

_JOINERS: Final = frozenset("\u200c\u200d")
_SELECTORS: Final = frozenset(map(chr, (*range(0x180B, 0x180E), 0x180F, *range(0xFE00, 0xFE10))))
_IDEOGRAPHIC_SELECTORS: Final = range(0xE0100, 0xE01F0)
_EMOJI_SELECTOR: Final = "\ufe0f"
_KEYCAPS: Final = frozenset("0123456789#*")
_INFORMATION: Final = "\u2139"
"""An emoji that Unicode calls a letter."""

_FLAGS: Final = re.compile(
    "\U0001f3f4(?:"
    + "|".join("".join(chr(0xE0000 + ord(letter)) for letter in each) for each in ("gbeng", "gbsct", "gbwls"))
    + ")\U000e007f"
)
"""The flags of England, Scotland and Wales. Other tags show nothing of themselves on any screen."""

_HIDDEN: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_SHOWS_NOTHING: Final = _HIDDEN | {"Zs", "Mn", "Me"}
_CASED: Final = frozenset(("Lu", "Ll", "Lt"))


def check_visible(text: str) -> str:
    """Return a text as it is. Raises ``ValueError`` if it shows nothing, or if something in it does not show."""
    if text.isascii() and text.isprintable() and text.strip():
        return text
    if not any(_shows(each) for each in text):
        raise ValueError("must not be blank")
    seen = _FLAGS.sub("\U0001f3f4", text)
    for place, each in enumerate(seen):
        if _is_hidden(each) and not _is_needed(seen, place):
            raise ValueError(f"must not contain characters that cannot be seen, such as U+{ord(each):04X}")
    return text


def _is_hidden(each: str) -> bool:
    point = ord(each)
    if each in _BLANK or unicodedata.category(each) in _HIDDEN:
        return True
    return any(first <= point <= last for first, last in _IGNORABLE)


def _shows(each: str) -> bool:
    return unicodedata.category(each) not in _SHOWS_NOTHING and not _is_hidden(each)


def _is_needed(text: str, place: int) -> bool:
    """Return whether a character that does not show itself makes others look as they should."""
    each, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if each in _JOINERS:
        return (before == _EMOJI_SELECTOR or _may_be_joined(before)) and _may_be_joined(after)
    if each in _SELECTORS:
        return (each == _EMOJI_SELECTOR and before in _KEYCAPS) or before == _INFORMATION or _has_forms(before)
    return ord(each) in _IDEOGRAPHIC_SELECTORS and before != "" and unicodedata.category(before) == "Lo"


def _may_be_joined(each: str) -> bool:
    return each != "" and not each.isascii() and not _is_hidden(each) and unicodedata.category(each) not in _CASED


def _has_forms(each: str) -> bool:
    return _may_be_joined(each) and _shows(each)
