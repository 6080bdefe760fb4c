"""Reads amounts and dates as banks write them. Money is never rounded and never passes through a binary float."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Context, Decimal
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from evens.core.values.moments import TimeInvalid, parse_date, parse_time

ISO: Final = "iso"
"""The format of days such as 2026-11-20 and of times with an offset, such as 2026-11-20T09:30:00Z."""

AUTO: Final = "auto"
"""The decimal mark that is the last of the marks in an amount, if no more than two digits follow it."""

_EXACT: Final = Context(prec=100)
_PLAIN: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
_GROUPED: Final = {
    ".": re.compile(r"[0-9]+(?:\.[0-9]+)?|[0-9]{1,3}(?:[,'’ ][0-9]{3})+(?:\.[0-9]+)?", re.ASCII),
    ",": re.compile(r"[0-9]+(?:,[0-9]+)?|[0-9]{1,3}(?:[.'’ ][0-9]{3})+(?:,[0-9]+)?", re.ASCII),
}
_LENGTH_MAX: Final = 60
_CENTS: Final = re.compile(r".*[.,][0-9]{1,2}", re.ASCII)
_GUESSED: Final = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d", "%d-%m-%Y", "%Y-%m-%d %H:%M:%S")
_CLOCKS: Final = ("%H", "%I", "%X", "%c")
_WORDS: Final = (("YYYY", "%Y"), ("YY", "%y"), ("MM", "%m"), ("DD", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"))
_OFFSETS_H: Final = {
    "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip


class Unreadable(ValueError):
    """A cell says nothing that can be booked; ``str()`` says what to write instead."""


def read_signed(text: str, decimal: str | None) -> Decimal:
    """Return an amount with its sign, which may stand before or behind it, or be brackets.

    ``decimal`` is the mark before the fraction: other marks may then separate thousands. Without it the amount is a
    plain decimal. Raises :class:`Unreadable`.
    """
    cleaned = "".join(
        " " if letter.isspace() else "-" if letter == "−" else letter
        for letter in text
        if unicodedata.category(letter) != "Sc"
    ).strip()
    bare = cleaned.strip("+-() ")
    negative = "-" in cleaned or (cleaned.startswith("(") and cleaned.endswith(")"))
    mark = _mark(bare) if decimal == AUTO else decimal
    pattern = _PLAIN if mark is None else _GROUPED[mark]
    signs = cleaned.replace(bare, "", 1).replace(" ", "")
    if len(text) > _LENGTH_MAX or pattern.fullmatch(bare) is None or signs not in {"", "+", "-", "()"}:
        raise Unreadable(_amount_advice(text, bare, mark))
    whole, _, fraction = bare.rpartition(mark or ".") if (mark or ".") in bare else (bare, "", "")
    digits = re.sub(r"[^0-9]", "", whole)
    value = Decimal(f"{digits}.{fraction or '0'}")
    return -value if negative else value


def minus(amount: Decimal, other: Decimal) -> Decimal:
    """Return the exact difference of two amounts."""
    return _EXACT.subtract(amount, other)


def plain(amount: Decimal) -> str:
    """Return an amount without its sign and without zeros at either end, as the API reads it."""
    text = format(amount.copy_abs(), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def read_format(text: str) -> str:
    """Return a date format as the standard library has it: ``DD.MM.YYYY`` is ``%d.%m.%Y``. Raises ``ValueError``."""
    if "%" not in text:
        for word, code in _WORDS:
            text = text.replace(word, code)
    sample = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    if _parse(sample.strftime(text), text).date() != sample.date():
        raise ValueError("it names no day")
    return text


def read_moment(text: str, formats: Sequence[str], zone: str) -> tuple[str, str, int]:
    """Return the API's field for a date or time, what to write there, and the moment in nanoseconds.

    The first format that fits is taken. A time without an offset is in ``zone``, and in UTC if that is empty. Raises
    :class:`Unreadable`.
    """
    for wanted in formats:
        if wanted == ISO:
            found = _read_iso(text)
            if found is not None:
                return found
            continue
        try:
            moment = _parse(text, wanted)
        except ValueError:
            continue
        day = moment.date().isoformat()
        try:
            if not any(clock in wanted for clock in _CLOCKS):
                return "effective_date", day, parse_date(day)
            aware = moment if "%z" in wanted or not zone else moment.replace(tzinfo=_zone(zone))
            written = aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
            return "effective_at", written, parse_time(written)
        except (TimeInvalid, OverflowError) as error:
            raise Unreadable(str(error)) from error
    raise Unreadable(_date_advice(text))


def fits(text: str, wanted: str) -> bool:
    """Return whether a date or time has this format."""
    try:
        read_moment(text, (wanted,), "")
    except Unreadable:
        return False
    return True


def _read_iso(text: str) -> tuple[str, str, int] | None:
    try:
        return "effective_date", text, parse_date(text)
    except TimeInvalid:
        pass
    try:
        return "effective_at", text, parse_time(text)
    except TimeInvalid:
        return None


def _parse(text: str, wanted: str) -> datetime:
    """Return the time that a text names in this format, in UTC unless it has an offset. Raises ``ValueError``."""
    if "%z" in wanted:
        return datetime.strptime(text, wanted).astimezone(UTC)
    return datetime.strptime(f"{text}+0000", f"{wanted}%z")


def _zone(name: str) -> tzinfo:
    if name.upper() in _OFFSETS_H:
        return timezone(timedelta(hours=_OFFSETS_H[name.upper()]))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Unreadable(f"names the time zone {name}, which is not known; write UTC or Europe/Berlin") from error


def _mark(bare: str) -> str:
    last = max(bare.rfind("."), bare.rfind(","))
    if last >= 0 and _CENTS.fullmatch(bare):
        return bare[last]
    return "." if "," in bare else ","


def _amount_advice(text: str, bare: str, mark: str | None) -> str:
    if not text:
        return "is empty; write an amount such as 10.50"
    if mark is None:
        for other, option in ((",", "--decimal ,"), (".", "--decimal .")):
            if _GROUPED[other].fullmatch(bare) is not None:
                digits, _, fraction = bare.rpartition(other) if other in bare else (bare, "", "")
                meant = re.sub(r"[^0-9]", "", digits) + (f".{fraction}" if fraction else "")
                return f"{text!r} is no plain decimal; write {meant}, or add {option}"
        return f"{text!r} is no amount; write a plain decimal such as 10.50"
    return f"{text!r} is no amount with the decimal mark {mark}; write one such as 10{mark}50"


def _date_advice(text: str) -> str:
    if not text:
        return "is empty; write a day such as 2026-11-20, or a time such as 2026-11-20T09:30:00Z"
    for guess in _GUESSED:
        try:
            day = _parse(text, guess)
        except ValueError:
            continue
        return f"{text!r} is no date of the form expected; write {day:%Y-%m-%d}, or add --date-format '{guess}'"
    return f"{text!r} is no date; write a day such as 2026-11-20, a time with an offset, or add --date-format"
