"""The days on which an exchange opens, and when each closes.

The library that knows them brings pandas, which takes more than a second and 70 MB to import. So it is imported when a
day is first asked for: neither ``evens --help`` nor a server without pools of an exchange ever does.

Its calendars end a year after they were made, unless they are told otherwise. So years are asked for by name, five at a
time, whenever one is needed that was not read before: a process finds its next day however long it has been running.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from threading import Lock
from typing import Any, Final
from zoneinfo import ZoneInfo

from evens.core.values.moments import SECOND_NS

YEAR_MIN: Final = 1990
YEAR_MAX: Final = 2100
_YEARS_AT_ONCE: Final = 5


class NoSession(ValueError):
    """There is no such session. ``str()`` says why, for people."""


class ExchangeUnknown(NoSession):
    """No exchange has such a code."""


@dataclass(frozen=True, slots=True)
class ExchangeYear:
    """A year of an exchange: each day on which it opens, in order, with its close in nanoseconds since 1970."""

    zone: ZoneInfo
    closes: Mapping[date, int]


_read: Final[dict[tuple[str, int], ExchangeYear]] = {}
# Scheduler and requests may ask on different threads; the library is asked by one of them at a time.
_lock: Final = Lock()


def exchange_year(exchange: str, year: int) -> ExchangeYear:
    """Return a year of an exchange. The first call takes a second or two. Raises :class:`NoSession`."""
    if not YEAR_MIN <= year <= YEAR_MAX:
        raise NoSession(f"is outside of the years {YEAR_MIN} to {YEAR_MAX}")
    with _lock:
        if (exchange, year) not in _read:
            first = year - year % _YEARS_AT_ONCE
            try:
                _read.update(_load(exchange, first, first + _YEARS_AT_ONCE - 1))
            except ExchangeUnknown:
                raise
            except NoSession:
                # Some exchanges announce their days a year ahead: what is known up to then can still be used.
                _read.update(_load(exchange, year, year))
        return _read[exchange, year]


def _load(exchange: str, first: int, last: int) -> dict[tuple[str, int], ExchangeYear]:
    library: Any = import_module("exchange_calendars")
    try:
        with warnings.catch_warnings():
            # What pandas deprecates is for the library's authors to mend; the lock holds versions that work.
            warnings.simplefilter("ignore", DeprecationWarning)
            calendar: Any = library.get_calendar(exchange, start=f"{first}-01-01", end=f"{last}-12-31")
            closes = [int(close.timestamp()) for close in calendar.schedule["close"]]
    except library.errors.InvalidCalendarName as error:
        raise ExchangeUnknown(f"{exchange} is the code of no exchange that is known; XNAS is one") from error
    except (library.errors.CalendarError, ValueError) as error:
        raise NoSession(f"{exchange} has not announced its days of {first} to {last}") from error
    zone = ZoneInfo(str(calendar.tz))
    by_day = {datetime.fromtimestamp(close, zone).date(): close * SECOND_NS for close in closes}
    return {
        (exchange, year): ExchangeYear(zone, {day: close for day, close in by_day.items() if day.year == year})
        for year in range(first, last + 1)
    }
