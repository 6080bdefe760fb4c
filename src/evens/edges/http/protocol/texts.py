"""Texts on the wire: names, notes, amounts and codes as constrained strings.

What a type cannot know (whether a currency exists, how many digits it has) is looked up after the shape is right.
"""

import re
import unicodedata
from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import AfterValidator, BeforeValidator, Field

from evens.core.values.money import split_amount
from evens.edges.http.protocol.visible import check_visible

TEXT_LENGTH_MAX: Final = 500
TEXT_PATTERN: Final = r"^[^\u0000-\u001f\u007f-\u009f]*$"
USERNAME_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"


def _refuse_control_characters(text: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValueError("must not contain control characters")
    return text


def check_text(text: str) -> str:
    """Return a reference as it is. Raises ``ValueError`` unless :data:`Text` would take it."""
    if not 1 <= len(text) <= TEXT_LENGTH_MAX:
        raise ValueError(f"reference must have 1 to {TEXT_LENGTH_MAX} characters")
    try:
        return check_visible(_refuse_control_characters(text))
    except ValueError as error:
        raise ValueError(f"reference {error}") from error


def check_username(text: str) -> str:
    """Return a username as it is. Raises ``ValueError`` unless it could be anybody's."""
    if re.fullmatch(USERNAME_PATTERN, text, re.ASCII) is None:
        raise ValueError(
            "must be 1 to 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit"
        )
    return text


def check_amount(text: str) -> str:
    """Return an amount as it is. Raises ``ValueError`` unless it could be one in some currency."""
    split_amount(text)
    return text


AmountText = Annotated[
    str,
    AfterValidator(check_amount),
    Field(
        description="A positive decimal in whole and fractional units, as a string; never a JSON number.",
        examples=["10.50"],
        json_schema_extra={"pattern": r"^(0|[1-9][0-9]*)(\.[0-9]+)?$", "maxLength": 40},
    ),
]

CurrencyCode = Annotated[
    str,
    Field(
        description="A currency's code. Left out: the server's own currency.",
        examples=["USD"],
        min_length=1,
        max_length=12,
    ),
]

Text = Annotated[
    str,
    Field(
        min_length=1,
        max_length=TEXT_LENGTH_MAX,
        json_schema_extra={"pattern": TEXT_PATTERN},
    ),
    AfterValidator(_refuse_control_characters),
    AfterValidator(check_visible),
]
"""What people write on a payment: 1 to 500 characters on one line, not blank, none of them invisible."""


def _read_search(text: Any) -> Any:
    """Read what nobody can search for as a blank; what is blank asks for nothing."""
    if not isinstance(text, str):
        return text
    return "".join([" " if unicodedata.category(each) in {"Cc", "Cs"} else each for each in text]).strip() or None


SearchWords = Annotated[
    Annotated[str, Field(max_length=200)] | None,
    BeforeValidator(_read_search),
    Query(
        description="Only with words that begin with these, all of them, in any order; case and accents do not count.",
        examples=["bayern mun"],
    ),
]
"""What a list is searched for, ``None`` if for nothing. Only its length, or a NUL, can be wrong with a text."""

UserId = Annotated[
    str,
    Field(description="A user's id, or `me` for one's own.", examples=["usr_42", "me"], min_length=1, max_length=64),
]

Email = Annotated[str, Field(min_length=1, max_length=254, examples=["ada@example.com"])]
