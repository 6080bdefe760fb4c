"""Lists: a page at a time, newest first, complete however much is written meanwhile.

A cursor is the id of the last item shown. Ids grow with time, so what is new never lies behind a cursor. A list in the
order of value dates has cursors of a value date and an id; what is recorded with an earlier date is found behind them.
"""

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Query
from pydantic import BeforeValidator, Field

from evens.core.values.moments import MOMENT_MAX, MOMENT_MIN
from evens.edges.http.protocol.problem import refuse_fields
from evens.edges.http.protocol.shapes import Page

LIMIT_MAX: Final = 200
_LIMIT_DEFAULT: Final = 50
_CURSOR_LENGTH_MAX: Final = 64
_PLACE: Final = re.compile(r"(0|-?[1-9][0-9]{0,18}):(0|[1-9][0-9]{0,18})", re.ASCII)

Place = tuple[int, int]
"""A value date and an id."""

Row = TypeVar("Row")
Item = TypeVar("Item")


def read_digits(value: Any) -> Any:
    """Refuse a whole number in a query that is not written in digits alone."""
    # Else blanks, signs, underscores and "1.0" would pass for a number too.
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("must be a whole number")
    return value


# The bounds stand before the validator: behind it, the API's document would not have them in JSON Schema's words.
Limit = Annotated[
    int, Field(ge=1, le=LIMIT_MAX), BeforeValidator(read_digits), Query(description="Most items to return.")
]
After = Annotated[
    str | None,
    Query(description="The `next` of the page before.", min_length=1, max_length=_CURSOR_LENGTH_MAX),
]


@dataclass(frozen=True, slots=True)
class PageAsked:
    """Which part of a list is wanted: ``limit`` items from behind the cursor ``after``."""

    limit: int
    after: str | None

    @property
    def before_id(self) -> int:
        """The id that every item of the page lies before. Raises a 422 for a cursor that is none of ours."""
        return MOMENT_MAX if self.after is None else _read_cursor(self.after)

    @property
    def before_place(self) -> Place:
        """The value date and id that every item of the page lies before. Raises as ``before_id`` does."""
        return (MOMENT_MAX, MOMENT_MAX) if self.after is None else _read_place(self.after)

    @property
    def after_id(self) -> int:
        """The id that every item of the page lies behind, in a list in order of ids. Raises as ``before_id`` does."""
        return 0 if self.after is None else _read_cursor(self.after)


async def _page_asked(limit: Limit = _LIMIT_DEFAULT, after: After = None) -> PageAsked:
    return PageAsked(limit, after)


AnyPage = Annotated[PageAsked, Depends(_page_asked)]


def page_of(
    rows: Sequence[Row], asked: PageAsked, id_of: Callable[[Row], int | Place], present: Callable[[Row], Item]
) -> Page[Item]:
    """Return the page that these rows make; ask for one row more than ``limit``, to know whether more follows."""
    shown = rows[: asked.limit]
    following = format_cursor(id_of(shown[-1])) if len(rows) > asked.limit else None
    return Page([present(row) for row in shown], following)


def format_cursor(last: int | Place) -> str:
    """Return the cursor behind the item with this id, or at this place."""
    written = str(last) if isinstance(last, int) else ":".join(map(str, last))
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def _read_cursor(text: str) -> int:
    digits = _decode(text)
    if not digits.isdecimal() or int(digits) > MOMENT_MAX or format_cursor(int(digits)) != text:
        raise _refuse_cursor()
    return int(digits)


def _read_place(text: str) -> Place:
    match = _PLACE.fullmatch(_decode(text))
    place = (int(match[1]), int(match[2])) if match else (MOMENT_MIN, MOMENT_MIN)
    if not all(MOMENT_MIN < moment <= MOMENT_MAX for moment in place) or format_cursor(place) != text:
        raise _refuse_cursor()
    return place


def _decode(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except ValueError:
        return ""


def _refuse_cursor() -> Exception:
    return refuse_fields(("after", "is not the `next` of a page; begin without it"))
