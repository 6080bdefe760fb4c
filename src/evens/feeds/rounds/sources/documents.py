"""Documents with prices: JSON and CSV, each with the places of price and date.

A document may have one price or many; of many, that of the session's date is taken. Nothing of a document but a date is
ever quoted in what went wrong: evidence is public, and an operator may have named the wrong document.
"""

import csv
import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from evens.feeds.rounds.calendar import Session
from evens.feeds.rounds.sources.paths import Step, parse_path, select
from evens.feeds.rounds.sources.source import NotYet, Quote
from evens.feeds.rounds.sources.texts import NumberText, observed_on, price_of
from evens.feeds.upstream import SourceFailed

DOCUMENT_BYTES_MAX: Final = 4 * 1024 * 1024
"""How long a document may be: fifty years of daily prices have a tenth of it."""

_BYTE_ORDER_MARK: Final = "\ufeff"

Read = Callable[[bytes, Session], Quote]
"""Reads the quote for a session from a document. Raises :class:`NotYet` and :class:`SourceFailed`."""


def json_document(price: str, date: str) -> Read:
    """Return what reads JSON documents with price and date at these paths. Raises ``ValueError`` for no path."""
    prices, dates = parse_path(price), parse_path(date)
    return lambda document, session: _read_json(document, session, prices, dates)


def csv_document(price: str, date: str) -> Read:
    """Return what reads CSV documents with price and date in columns of these names."""
    return lambda document, session: _read_csv(document, session, price, date)


def _read_json(document: bytes, session: Session, price: tuple[Step, ...], date: tuple[Step, ...]) -> Quote:
    try:
        read: Any = json.loads(_text(document), parse_float=NumberText, parse_int=NumberText, parse_constant=NumberText)
    except RecursionError as error:
        raise SourceFailed("is nested without end") from error
    except ValueError as error:
        raise SourceFailed("is no JSON") from error
    prices, dates = select(read, price), select(read, date)
    if len(prices) != len(dates):
        raise SourceFailed(f"has {len(prices)} prices and {len(dates)} dates")
    return _choose(zip(dates, prices, strict=True), session)


def _read_csv(document: bytes, session: Session, price: str, date: str) -> Quote:
    # Lines end as they may: a field of a price or date never holds a line feed.
    rows = csv.reader(_text(document).splitlines(), strict=True)
    try:
        names = [name.strip() for name in next(rows, list[str]())]
        places = [_column(names, each) for each in (date, price)]
        pairs = [tuple([row[place] for place in places]) for row in rows if len(row) > max(places)]
    except csv.Error as error:
        raise SourceFailed("is no CSV") from error
    return _choose(((day, value) for day, value in pairs), session)


def _column(names: list[str], name: str) -> int:
    if names.count(name) != 1:
        raise SourceFailed(f"has {names.count(name)} columns of the name {name!r}; its first line must have one")
    return names.index(name)


def _choose(pairs: Iterable[tuple[Any, Any]], session: Session) -> Quote:
    # What has no date is passed over: a table may end with a line that says whose it is.
    dated = [(day, value) for text, value in pairs if (day := _day_or_none(text, session)) is not None]
    if not dated:
        raise SourceFailed("gives no date that is understood, such as 2021-03-12 or 1615582800")
    own = [value for day, value in dated if day == session.observed_on]
    if not own:
        raise NotYet(f"shows {max(day for day, _ in dated)}, not {session.observed_on}")
    if any(value is None for value in own):
        raise NotYet(f"has no price for {session.observed_on} yet")
    found = {price_of(value) for value in own}
    if len(found) > 1:
        raise SourceFailed(f"gives several prices for {session.observed_on}")
    return Quote(found.pop(), session.observed_on)


def _day_or_none(value: Any, session: Session) -> str | None:
    try:
        return observed_on(value, session)
    except SourceFailed:
        return None


def _text(document: bytes) -> str:
    if len(document) > DOCUMENT_BYTES_MAX:
        raise SourceFailed(f"has more than {DOCUMENT_BYTES_MAX} bytes")
    try:
        return document.decode("utf-8").removeprefix(_BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        raise SourceFailed("is not UTF-8") from error
