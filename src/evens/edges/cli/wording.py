"""Formats amounts and times for people, and parses days for the API.

Times are shown in the terminal's own zone with its name, or in UTC if that is asked for.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from evens.edges.cli.failures import Misused

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]", re.ASCII)


@dataclass(slots=True)
class _Shown:
    in_utc: bool = False


_SHOWN: Final = _Shown()


def show_times_in_utc(*, wanted: bool = True) -> None:
    """Show times in UTC from now on, or else in the terminal's own zone."""
    _SHOWN.in_utc = wanted


def amount_text(amount: str) -> str:
    """Return a decimal with separated thousands: ``"-12345.50"`` is ``"-12,345.50"``."""
    whole, point, fraction = amount.partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-')):,}{point}{fraction}"


def money_text(amount: str, currency: str) -> str:
    """Return an amount with its currency."""
    return f"{amount_text(amount)} {currency}"


def moment_text(moment: str) -> str:
    """Return an RFC 3339 time in UTC to the second, in the zone that is shown and with its name."""
    local = _local(moment)
    return f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}"


def value_date_text(moment: str) -> str:
    """Return a value date: only the day if it is exactly the beginning of one in UTC, as days are written."""
    day, _, clock = moment.partition("T")
    return day if clock == "00:00:00Z" else moment_text(moment)


def clock_text(moment: str) -> str:
    """Return the time of the day of an RFC 3339 time in UTC, with the name of its zone."""
    local = _local(moment)
    return f"{local:%H:%M:%S} {local.tzname()}"


def _local(moment: str) -> datetime:
    when = datetime.fromisoformat(moment[:19]).replace(tzinfo=UTC)
    return when if _SHOWN.in_utc else when.astimezone()


def percent_text(basis_points: int) -> str:
    """Return basis points as a percentage: ``1250`` is ``"12.5 %"``."""
    return f"{Decimal(basis_points) / 100:f} %"


def count_text(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: ``"1 payment"``, ``"1,200 payments"``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def day_begin(text: str) -> str:
    """Return the first moment of a day; a time stays as it is. Raises :class:`Misused` for anything else."""
    return f"{_read_day(text)}T00:00:00Z" if _is_day(text) else text


def next_day_begin(text: str) -> str:
    """Return the first moment after a day; a time stays as it is. Raises :class:`Misused` for anything else."""
    return f"{_read_day(text) + timedelta(days=1)}T00:00:00Z" if _is_day(text) else text


def day_end(text: str) -> str:
    """Return the last moment of a day; a time stays as it is. Raises :class:`Misused` for anything else."""
    return f"{_read_day(text)}T23:59:59.999999999Z" if _is_day(text) else text


def _is_day(text: str) -> bool:
    """Return whether this is a day and not a time; the server checks times."""
    return not _TIME.match(text)


def _read_day(text: str) -> date:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day == date.max:
        raise Misused(f"{text!r} is no day and no time.", "Write 2026-11-20 or 2026-11-20T09:30:00Z.")
    return day
