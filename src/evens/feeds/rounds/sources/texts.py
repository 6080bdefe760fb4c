"""Reading prices and dates as sources write them, exactly: decimals that never were a float, days that are no guess."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from evens.core.values.moments import DAY_NS, SECOND_NS, TimeInvalid, format_time, parse_date, parse_time
from evens.feeds.rounds.calendar import Session
from evens.feeds.upstream import SourceFailed

_PRICE: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?", re.ASCII)
"""A plain number. Signs, exponents, NaN and thousands separators are none: a price is never so, and could mean much."""

_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([T ].{1,40})?", re.ASCII)
_COMPACT_DAY: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)
_SECONDS: Final = re.compile(r"[0-9]{9,10}", re.ASCII)
_MILLISECONDS: Final = re.compile(r"[0-9]{12,13}", re.ASCII)
_MS: Final = 1_000_000


class NumberText(str):
    """A number of a JSON document as it was written."""

    __slots__ = ()


def price_of(value: Any) -> Decimal:
    """Return a price, given as a text or the text of a number. Raises :class:`SourceFailed`."""
    text = value.strip() if isinstance(value, str) else ""
    if not _PRICE.fullmatch(text):
        raise SourceFailed("gives no price: it must be a plain decimal such as 15003.25")
    price = Decimal(text)
    if not price:
        raise SourceFailed("gives a price of zero")
    return price


def observed_on(value: Any, session: Session) -> str:
    """Return what a price is dated, in the form of the session's own date. Raises :class:`SourceFailed`.

    A text's day is the day that it writes, whatever time and offset follow. A number is seconds or milliseconds since
    1970, and its day is that of the session's time zone; midnight UTC stands for the day that begins then, as many
    sources write a day. For rounds of intervals the moment itself is what counts.
    """
    text = value.strip() if isinstance(value, str) else ""
    if not session.is_daily:
        return format_time(_moment(text))
    day = _DAY.fullmatch(text)
    compact = _COMPACT_DAY.fullmatch(text)
    if day is not None:
        return _checked(day[1])
    if compact is not None:
        return _checked("-".join(compact.groups()))
    return _date_at(_moment(text), session).isoformat()


def _checked(day: str) -> str:
    try:
        parse_date(day)
    except TimeInvalid as error:
        raise SourceFailed("gives a date that is no day of the calendar") from error
    return day


def _moment(text: str) -> int:
    if _SECONDS.fullmatch(text):
        return int(text) * SECOND_NS
    if _MILLISECONDS.fullmatch(text):
        return int(text) * _MS
    try:
        return parse_time(text)
    except TimeInvalid as error:
        raise SourceFailed("gives no date that is understood, such as 2021-03-12 or 1615582800") from error


def _date_at(moment: int, session: Session) -> date:
    zone = UTC if moment % DAY_NS == 0 else ZoneInfo(session.zone)
    return datetime.fromtimestamp(moment // SECOND_NS, zone).date()
