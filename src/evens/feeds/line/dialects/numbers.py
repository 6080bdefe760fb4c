"""Reading odds, fractions and times, exactly."""

import re
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Final

from evens.core.values.fixed_odds import COEFFICIENT_MAX
from evens.core.values.moments import parse_time
from evens.core.values.odds import ODDS_UNIT
from evens.feeds.line.sayings import SayingInvalid

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{1,20})?", re.ASCII)
"""A plain number: an exponent could stand for more digits than there is memory for."""

_SHARE: Final = re.compile(r"([0-9]{1,3})/([0-9]{1,3})", re.ASCII)

TIED_MAX: Final = 50
"""Most selections that tie; a factor written as 0.33 is a third."""


def hundredths(price: Decimal, field: str) -> int:
    """Return a price in hundredths, rounded down: a customer is never paid on more than was offered.

    Raises :class:`SayingInvalid`.
    """
    if not price.is_finite() or not Decimal("0.01") <= price <= COEFFICIENT_MAX // ODDS_UNIT:
        raise SayingInvalid(f"{field}: must be a price from 0.01 to {COEFFICIENT_MAX // ODDS_UNIT}, not {price}")
    return int((price * ODDS_UNIT).to_integral_value(ROUND_FLOOR))


def decimal_of(text: str, field: str) -> Decimal:
    """Return a number. Raises :class:`SayingInvalid`."""
    if _NUMBER.fullmatch(text) is None:
        raise SayingInvalid(f"{field}: must be a number such as 1.50, not {text[:50]!r}")
    return Decimal(text)


def dead_heat_of(text: str, field: str) -> tuple[int, int]:
    """Return the places left and how many tie for them, of ``"1/2"`` or ``"0.5"``. Raises :class:`SayingInvalid`."""
    written = _SHARE.fullmatch(text)
    if written is not None:
        places, tied = int(written[1]), int(written[2])
    elif _NUMBER.fullmatch(text) is not None:
        places, tied = Fraction(Decimal(text)).limit_denominator(TIED_MAX).as_integer_ratio()
    else:
        places, tied = 0, 0
    if not 0 < places <= tied:
        raise SayingInvalid(f"{field}: must be a share such as 1/2 or 0.5, not {text[:50]!r}")
    return places, tied


def moment_of(text: str, field: str) -> int:
    """Return nanoseconds since 1970 of a time with an offset. Raises :class:`SayingInvalid`."""
    try:
        return parse_time(text)
    except ValueError as error:
        raise SayingInvalid(f"{field}: must be a time such as 2026-06-06T15:30:00Z, not {text!r}") from error
