"""Money as integers: a currency with a scale, and amounts counted in its minor unit.

``10.50 USD`` is ``1050`` because USD has scale 2. Text becomes an integer here and nowhere else, without ever passing
through a binary float, and nothing is rounded: text with more digits than the scale is refused.
"""

import re
from dataclasses import dataclass
from typing import Final

AMOUNT_MINOR_MAX: Final = 10**18 - 1
"""Largest single amount: eighteen digits, far below bigint, so that sums of two can never overflow one."""

BALANCE_MINOR_MAX: Final = 2**63 - 1
"""Largest absolute balance: what PostgreSQL's bigint holds."""

SCALE_MAX: Final = 12
"""Most fraction digits a currency may have; with more, eighteen digits would leave too few for whole units."""

_AMOUNT = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]+))?", re.ASCII)
_TEXT_LENGTH_MAX: Final = 40


class AmountInvalid(ValueError):
    """The text is not an amount of this currency; the message says why in words a person can act on."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A unit of account. ``number`` is its position in order of definition and is part of every account id."""

    number: int
    code: str
    scale: int


def parse_amount(text: str, scale: int) -> int:
    """Return the minor units of a positive decimal string such as ``"10.50"``.

    Raises :class:`AmountInvalid` for anything else: signs, exponents, blanks, NaN, leading zeros, zero, more fraction
    digits than ``scale``, or more than :data:`AMOUNT_MINOR_MAX`.
    """
    whole, fraction = split_amount(text)
    if len(fraction) > scale:
        raise AmountInvalid(f"has more than {scale} fraction digits")
    minor = int(whole + fraction.ljust(scale, "0"))
    if minor == 0:
        raise AmountInvalid("must be greater than zero")
    if minor > AMOUNT_MINOR_MAX:
        raise AmountInvalid(f"must be at most {format_minor(AMOUNT_MINOR_MAX, scale)}")
    return minor


def split_amount(text: str) -> tuple[str, str]:
    """Return the digits before and behind the point of a plain decimal; raises :class:`AmountInvalid` for other text.

    This is all that can be said of an amount whose currency is not known.
    """
    if len(text) > _TEXT_LENGTH_MAX:
        raise AmountInvalid("has too many digits")
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise AmountInvalid('must be a plain positive decimal such as "10.50"')
    return match[1], match[2] or ""


def format_minor(minor: int, scale: int) -> str:
    """Return minor units as a decimal string with exactly ``scale`` fraction digits; negative values carry a minus."""
    if scale == 0:
        return str(minor)
    digits = str(minor)
    if minor > 0 and len(digits) > scale:
        return f"{digits[:-scale]}.{digits[-scale:]}"
    digits = str(abs(minor)).rjust(scale + 1, "0")
    sign = "-" if minor < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}"
