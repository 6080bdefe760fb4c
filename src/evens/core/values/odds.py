"""Decimal odds as integers, and the ladders of odds that a market may allow.

``2.50`` is ``250``: odds count hundredths, and a ladder never needs finer ones. What a bet at odds wins is stake times
odds less the stake, so amounts that come of it are counted in *cents of a minor unit* (hundredths) and stay exact; only
:func:`reserve_minor` and :func:`settle_minor` bring them back to whole minor units.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

ODDS_SCALE: Final = 2
ODDS_UNIT: Final = 10**ODDS_SCALE
"""What odds of 1 are as an integer, and how many cents of a minor unit a minor unit has."""

ODDS_MIN: Final = 101
ODDS_MAX: Final = 100_000
"""Shortest and longest odds that any ladder may have: 1.01 and 1000."""

BPS_UNIT: Final = 10_000
"""Basis points in a whole."""

_CERTAIN: Final = 10**18
"""Into how many parts a certainty is divided to add chances up."""

_ODDS = re.compile(r"([1-9][0-9]{0,3})(?:\.([0-9]{1,2}))?", re.ASCII)

Band = tuple[int, int]
"""Up to which odds, inclusive, and by which step."""


class OddsInvalid(ValueError):
    """The text is not decimal odds; the message says why in words a person can act on."""


@dataclass(frozen=True)
class Ladder:
    """The odds that orders in a market may name: from 1 (exclusive) up, band after band, each with its step.

    Raises ``ValueError`` unless the bands rise and are whole numbers of their steps.
    """

    name: str
    bands: tuple[Band, ...]

    def __post_init__(self) -> None:
        """Refuse bands that leave gaps or go back."""
        lower = ODDS_UNIT
        for upper, step in self.bands:
            if step <= 0 or upper <= lower or (upper - lower) % step or upper > ODDS_MAX:
                raise ValueError(f"ladder {self.name}: a band up to {upper} by {step} does not follow {lower}")
            lower = upper
        if not self.bands:
            raise ValueError(f"ladder {self.name} has no bands")

    @cached_property
    def odds(self) -> tuple[int, ...]:
        """Every price on the ladder, ascending."""
        prices: list[int] = []
        lower = ODDS_UNIT
        for upper, step in self.bands:
            prices.extend(range(lower + step, upper + 1, step))
            lower = upper
        return tuple(prices)

    @cached_property
    def _places(self) -> dict[int, int]:
        return {odds: place for place, odds in enumerate(self.odds)}

    def __contains__(self, odds: int) -> bool:
        return odds in self._places

    def nearest(self, odds: int) -> tuple[int, int]:
        """Return the price at or below, and the price above; at an end of the ladder both are its last price."""
        place = bisect_right(self.odds, odds)
        return self.odds[max(place - 1, 0)], self.odds[min(place, len(self.odds) - 1)]

    def at_most(self, odds: int) -> int | None:
        """Return the highest price that is no higher than this, if there is one."""
        place = bisect_right(self.odds, odds)
        return self.odds[place - 1] if place else None

    def at_least(self, odds: int) -> int | None:
        """Return the lowest price that is no lower than this, if there is one."""
        place = bisect_left(self.odds, odds)
        return self.odds[place] if place < len(self.odds) else None

    def moved(self, odds: int, ticks: int) -> int:
        """Return the price so many steps above (below if negative), or the last one there is.

        Odds between two prices are taken for the one below.
        """
        place = max(bisect_right(self.odds, odds) - 1, 0)
        return self.odds[min(max(place + ticks, 0), len(self.odds) - 1)]

    def ticks_between(self, odds: int, other: int) -> int:
        """Return how many steps lie from the first to the second price; both must be on the ladder."""
        return self._places[other] - self._places[odds]


@cache
def ladder(name: str, bands: tuple[Band, ...]) -> Ladder:
    """Return the one ladder with this name and these bands, so that markets share its prices in memory."""
    return Ladder(name, bands)


CLASSIC: Final = ladder(
    "classic",
    (
        (200, 1),
        (300, 2),
        (400, 5),
        (600, 10),
        (1_000, 20),
        (2_000, 50),
        (3_000, 100),
        (5_000, 200),
        (10_000, 500),
        (100_000, 1_000),
    ),
)
"""The increments of Betfair's classic ladder: 350 prices from 1.01 to 1000."""

FINEST: Final = ladder("finest", ((100_000, 1),))
"""Every hundredth from 1.01 to 1000."""


def parse_odds(text: str) -> int:
    """Return the odds that a decimal string such as ``"2.50"`` names; raises :class:`OddsInvalid` for anything else."""
    match = _ODDS.fullmatch(text)
    if match is None:
        raise OddsInvalid('must be decimal odds such as "2.50", with at most two fraction digits')
    odds = int(match[1]) * ODDS_UNIT + int((match[2] or "").ljust(ODDS_SCALE, "0"))
    if not ODDS_MIN <= odds <= ODDS_MAX:
        raise OddsInvalid(f"must be from {format_odds(ODDS_MIN)} to {format_odds(ODDS_MAX)}")
    return odds


def format_odds(odds: int) -> str:
    """Return odds as a decimal string with two fraction digits."""
    whole, cents = divmod(odds, ODDS_UNIT)
    return f"{whole}.{cents:02}"


def reserve_minor(loss_cents: int) -> int:
    """Return the whole minor units that cover a possible loss, rounded up."""
    return -(-loss_cents // ODDS_UNIT)


def settle_minor(profit_cents: int, parts: int = 1) -> int:
    """Return the whole minor units of a profit (or loss, if negative) counted in ``parts`` of a cent, rounded down.

    What is left over in all of a market goes to the house's rounding account; a loss never exceeds what was reserved.
    """
    return profit_cents // (ODDS_UNIT * parts)


def commission_minor(profit_minor: int, commission_bps: int, discount_bps: int) -> int:
    """Return the commission on a net profit, to the nearest minor unit and half a unit up.

    ``discount_bps`` is taken off the rate. Rounded down, whoever wins little at a time would never pay any.
    """
    return (2 * profit_minor * commission_bps * (BPS_UNIT - discount_bps) + BPS_UNIT**2) // (2 * BPS_UNIT**2)


def share_floor(minor: int, numerator: int, denominator: int) -> int:
    """Return a share of an amount in whole minor units, rounded down."""
    return minor * numerator // denominator


def least_stake_minor(odds: int) -> int:
    """Return the smallest stake that wins at least one minor unit."""
    return -(-ODDS_UNIT // (odds - ODDS_UNIT))


def largest_stake_minor(return_cents: int, odds: int) -> int:
    """Return the largest stake that returns at most this much."""
    return return_cents // odds


def smallest_stake_minor(return_cents: int, odds: int) -> int:
    """Return the smallest stake that returns at least this much."""
    return -(-return_cents // odds)


def odds_below(return_cents: int, stake_minor: int) -> int:
    """Return the odds at which a stake returns this much, rounded down."""
    return return_cents // stake_minor


def odds_above(return_cents: int, stake_minor: int) -> int:
    """Return the odds at which a stake returns this much, rounded up."""
    return -(-return_cents // stake_minor)


def chance_above(odds: int) -> int:
    """Return the chance of odds, one divided by them, in parts of a certainty: rounded up."""
    return -(-_CERTAIN * ODDS_UNIT // odds)


def chance_below(odds: int) -> int:
    """Return the chance of odds, one divided by them, in parts of a certainty: rounded down."""
    return _CERTAIN * ODDS_UNIT // odds


def most_completing(chances: int) -> int:
    """Return the highest odds whose chance and those of other odds come to a certainty: no lower than exactly.

    ``chances`` is the sum of the others', each rounded up. Where they come to a certainty by themselves there is no
    highest, and :data:`ODDS_MAX` is returned. Example: 3.00 and 6.00 are completed by 2.00.
    """
    left = _CERTAIN - chances
    return ODDS_MAX if left <= 0 else min(_CERTAIN * ODDS_UNIT // left, ODDS_MAX)


def least_completing(chances: int) -> int | None:
    """Return the lowest odds whose chance and those of other odds come to no more than a certainty.

    ``chances`` is the sum of the others', each rounded down. The odds are no higher than exactly. ``None`` if the
    others leave no chance. Example: 2.00 completes 3.00 and 6.00.
    """
    left = _CERTAIN - chances
    return None if left <= 0 else -(-_CERTAIN * ODDS_UNIT // left)


def reduced_value(value_cents: int, reduction_bps: int) -> int:
    """Return what a matched return (stake times odds) is worth once odds are reduced, rounded down."""
    return value_cents * (BPS_UNIT - reduction_bps) // BPS_UNIT


def left_of(reductions_bps: Sequence[int]) -> int:
    """Return what several reductions leave, in parts of ``BPS_UNIT`` to the power of how many they are."""
    left = 1
    for bps in reductions_bps:
        left *= BPS_UNIT - bps
    return left


def whole_cents(parts: int, unit: int) -> int:
    """Return how many whole cents so many parts of a cent are, rounded down."""
    return parts // unit


def whole_times(total: int, part: int) -> int:
    """Return how many whole times a part goes into a total, such as odds into the parts that the lowest odds are."""
    return total // part


def reduced_parts(stake_minor: int, odds: int, factor: tuple[int, int], whole_odds: bool) -> int:
    """Return what a bet returns once its odds are reduced, in cents times the factor's denominator: nothing is rounded.

    ``factor`` is what is left, as numerator and denominator. With ``whole_odds`` it is of the odds, which do not fall
    below :data:`ODDS_MIN`; else of the winnings. 3.20 with 24.82 % left pays 1.01, winnings of 7.00 with 75 % pay 5.25.
    """
    left, unit = factor
    if whole_odds:
        return stake_minor * max(odds * left, ODDS_MIN * unit)
    return stake_minor * (ODDS_UNIT * unit + (odds - ODDS_UNIT) * left)


def format_average_odds(value_cents: int, stake_minor: int) -> str:
    """Return the mean odds at which a stake was matched, as a decimal with as many digits as it takes.

    These are two, or so many that the stake times the mean odds, rounded to hundredths of a minor unit, is exactly the
    value that is booked. Example: 3.00 at 2.00 and 4.00 at 2.50 are 7.00 worth 16.00; the mean odds are ``2.28571``,
    and 7.00 times that is 16.00.
    """
    digits, unit = 2, ODDS_UNIT
    while True:
        mean = (2 * value_cents * unit + ODDS_UNIT * stake_minor) // (2 * ODDS_UNIT * stake_minor)
        if 2 * abs(mean * stake_minor * ODDS_UNIT - value_cents * unit) < unit:
            return f"{mean // unit}.{mean % unit:0{digits}}"
        digits, unit = digits + 1, unit * 10
