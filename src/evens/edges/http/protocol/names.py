"""Names that people choose: usernames that cannot be taken for anything else, and names that can be seen.

A username is of ASCII letters, digits, dots, dashes and underscores, so nothing invisible, nothing written from right
to left and no look-alike from another script can be in it. A *new* one must not be one of the house's own words, nor
read as an id; usernames from before these rules stay as they are, and are found under the same names. An id (``usr_6``)
is always an id and a word of ours (``me``) always that word; ``@usr_6`` and ``@me`` mean the customer of that name.

Names of markets, runners and challenges may be in any script, and must show something and nothing hidden.
"""

import re
import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from evens.edges.http.protocol.texts import TEXT_PATTERN, USERNAME_PATTERN, Text, check_username

NAME_MARK: Final = "@"
"""What a name may begin with, so that it is not taken for an id. No username has it in itself."""

_OWN_WORDS: Final = (
    "me",
    "admin",
    "administrator",
    "operator",
    "house",
    "system",
    "evens",
    "root",
    "staff",
    "support",
    "moderator",
)
_ID: Final = re.compile(r"(usr|txn|mkt|ord|trd|chl|msg|req)[_.-]", re.ASCII | re.IGNORECASE)
_ALIKE: Final = str.maketrans({"0": "o", "1": "i", "l": "i", "5": "s", "_": None, ".": None, "-": None})
"""What looks alike among the characters of usernames, and what only separates."""

_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""What Unicode calls letters and symbols, and nobody sees."""

_JOINERS: Final = frozenset("\u200c\u200d")
_FLAG: Final = "\U0001f3f4"
_FLAG_TAGS: Final = frozenset(map(chr, range(0xE0020, 0xE0080)))
_HIDDEN: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_SHOWS_NOTHING: Final = _HIDDEN | {"Zs", "Mn", "Me"}


def check_new_username(text: str) -> str:
    """Return a username as it is. Raises ``ValueError`` unless somebody may begin to use it."""
    check_username(text)
    if _ID.match(text):
        raise ValueError("must not read as an id, such as usr_6; choose another one")
    if _looks(text) in _OWN_LOOKS:
        raise ValueError("must not be, or look like, a word that stands for the house; choose another one")
    return text


def check_visible(text: str) -> str:
    """Return a name as it is. Raises ``ValueError`` if it shows nothing, or if something in it does not show.

    Joiners within other scripts and emoji, and the tags of flags, are no hidden characters.
    """
    if all(unicodedata.category(each) in _SHOWS_NOTHING or each in _BLANK_LETTERS for each in text):
        raise ValueError("must not be blank")
    for place, each in enumerate(text):
        if each in _BLANK_LETTERS or (unicodedata.category(each) in _HIDDEN and not _is_joined(text, place)):
            raise ValueError(f"must not contain characters that cannot be seen, such as U+{ord(each):04X}")
    return text


def strip_mark(text: str) -> str:
    """Return the username that is named with or without the mark."""
    return text.removeprefix(NAME_MARK)


def _looks(text: str) -> str:
    return text.lower().translate(_ALIKE)


_OWN_LOOKS: Final = frozenset(map(_looks, _OWN_WORDS))


def _is_joined(text: str, place: int) -> bool:
    """Return whether a character that does not show itself makes others look as they should."""
    if text[place] in _FLAG_TAGS:
        return _FLAG in text[:place]
    around = text[place - 1 : place], text[place + 1 : place + 2]
    return text[place] in _JOINERS and all(each and not each.isascii() for each in around)


def _check_named(text: str) -> str:
    return check_username(strip_mark(text))


def _check_reference(text: str) -> str:
    check_username(strip_mark(text))
    return text


NewUsername = Annotated[
    str,
    Field(
        description="1 to 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit. Not a "
        "word that stands for the house, such as `admin` or `me`, nor what reads as an id, such as `usr_6`.",
        examples=["ada"],
        json_schema_extra={"pattern": USERNAME_PATTERN},
    ),
    AfterValidator(check_new_username),
]
"""A username that somebody is to have from now on."""

Username = Annotated[
    str,
    Field(
        description="A username, in any case; never an id. `@` may stand before it.",
        examples=["ada", "@ada"],
        json_schema_extra={"pattern": USERNAME_PATTERN.replace("^", "^@?")},
    ),
    AfterValidator(_check_named),
]
"""The username of somebody, without the mark that it may have been written with."""

UserReference = Annotated[
    str,
    Field(
        description="An id, or a username, which may begin with `@`; what reads as an id is one.",
        examples=["judge", "@judge", "usr_44"],
        json_schema_extra={"pattern": USERNAME_PATTERN.replace("^", "^@?")},
    ),
    AfterValidator(_check_reference),
]
"""Somebody, by id or by username, as written."""

Name = Annotated[
    Text,
    Field(
        description="What people see: 1 to 500 characters on one line, not blank, none of them invisible.",
        json_schema_extra={"pattern": TEXT_PATTERN},
    ),
    AfterValidator(check_visible),
]
"""The name of a market, a runner or a challenge."""
