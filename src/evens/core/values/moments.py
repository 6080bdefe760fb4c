"""Moments as integers: nanoseconds since 1970 (UTC), and as RFC 3339 text, without passing through a float.

The calendar is the standard library's; its clock is not used here, and nowhere in the core.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Final

SECOND_NS: Final = 1_000_000_000
DAY_NS: Final = 24 * 3600 * SECOND_NS
MOMENT_MIN: Final = -(2**63)
MOMENT_MAX: Final = 2**63 - 1

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EXAMPLE: Final = "2026-11-20T09:30:00Z"

_MOMENT: Final = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[Tt](?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?"
    r"(?P<offset>[Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)


class TimeInvalid(ValueError):
    """The text is not a time; the message says why in words a person can act on."""


def parse_time(text: str) -> int:
    """Return the moment that an RFC 3339 text names, with up to nine fraction digits and an offset or ``Z``.

    Raises :class:`TimeInvalid` for anything else, and for moments that 64 bits of nanoseconds cannot hold.
    """
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise TimeInvalid(
            f'must be a time with an offset or Z, such as "{EXAMPLE}" (in a URL, write a + as %2B), '
            "with at most nine fraction digits"
        )
    try:
        whole = datetime.combine(
            date.fromisoformat(match["date"]),
            time(int(match["hour"]), int(match["minute"]), int(match["second"])),
            _offset(match["offset"]),
        )
    except ValueError as error:
        raise TimeInvalid("names no moment of the calendar; check the day, the time and the offset") from error
    since_epoch = whole - EPOCH
    seconds = since_epoch.days * 86_400 + since_epoch.seconds
    moment = seconds * SECOND_NS + int((match["fraction"] or "").ljust(9, "0"))
    if not MOMENT_MIN <= moment <= MOMENT_MAX:
        raise TimeInvalid("must lie between 1677-09-22 and 2262-04-11")
    return moment


def parse_date(text: str) -> int:
    """Return the moment at which a day (``"2026-11-20"``) begins in UTC. Raises :class:`TimeInvalid`."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) is None:
        raise TimeInvalid('must be a date such as "2026-11-20"')
    return parse_time(f"{text}T00:00:00Z")


def format_time(moment: int) -> str:
    """Return a moment as RFC 3339 text in UTC, with as many fraction digits as it needs and no more."""
    seconds, fraction = divmod(moment, SECOND_NS)
    if fraction:
        return f"{_format_second(seconds)}.{fraction:09d}".rstrip("0") + "Z"
    return _format_second(seconds) + "Z"


def format_datetime(moment: datetime) -> str:
    """Return a date and time with an offset, which counts microseconds, in the same form."""
    since_epoch = moment - EPOCH
    seconds = since_epoch.days * 86_400 + since_epoch.seconds
    return format_time(seconds * SECOND_NS + since_epoch.microseconds * 1000)


def day_of(moment: int) -> tuple[int, int]:
    """Return when the UTC day of a moment begins, and when the next one does."""
    begins_at = moment // DAY_NS * DAY_NS
    return begins_at, begins_at + DAY_NS


def week_of(moment: int) -> tuple[int, int]:
    """Return when the UTC week of a moment begins, on a Monday, and when the next one does."""
    # 1970 began on a Thursday, three days into its week.
    begins_at = (moment // DAY_NS + 3) // 7 * 7 * DAY_NS - 3 * DAY_NS
    return begins_at, begins_at + 7 * DAY_NS


def month_of(moment: int) -> tuple[int, int]:
    """Return when the UTC calendar month of a moment begins, and when the next one does."""
    day = date(1970, 1, 1) + timedelta(days=moment // DAY_NS)
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return (first - date(1970, 1, 1)).days * DAY_NS, (following - date(1970, 1, 1)).days * DAY_NS


# A busy server formats the same second again and again.
@lru_cache(maxsize=4096)
def _format_second(seconds: int) -> str:
    return (EPOCH + timedelta(seconds=seconds)).isoformat()[:19]


def _offset(text: str) -> timezone:
    if text in {"Z", "z"}:
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    if minutes > 59:
        raise ValueError
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(ahead if text[0] == "+" else -ahead)
