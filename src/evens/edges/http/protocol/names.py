"""Names that people choose: usernames that cannot be taken for anything else, and names that can be seen.

A username is of ASCII letters, digits, dots, dashes and underscores, so nothing invisible, nothing written from right
to left and no look-alike from another script can be in it. A *new* one must not be one of the house's own words, nor
read as an id; usernames from before these rules stay as they are, and are found under the same names. An id (``usr_6``)
is always an id and a word of ours (``me``) always that word; ``@usr_6`` and ``@me`` mean the customer of that name.

Names of markets, runners and challenges may be in any script, and must show something and nothing hidden, as every text
that people read: see :mod:`evens.edges.http.protocol.visible`.
"""

import re
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


def check_new_username(text: str) -> str:
    """Return a username as it is. Raises ``ValueError`` unless somebody may begin to use it."""
    check_username(text)
    if _ID.match(text):
        raise ValueError("must not read as an id, such as usr_6; choose another one")
    if _looks(text) in _OWN_LOOKS:
        raise ValueError("must not be, or look like, a word that stands for the house; choose another one")
    return text


def strip_mark(text: str) -> str:
    """Return the username that is named with or without the mark."""
    return text.removeprefix(NAME_MARK)


def _looks(text: str) -> str:
    return text.lower().translate(_ALIKE)


_OWN_LOOKS: Final = frozenset(map(_looks, _OWN_WORDS))


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
]
"""The name of a market, a runner or a challenge."""
