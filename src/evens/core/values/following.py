"""Following: on which terms one customer copies what another bets, and why a bet was not copied.

Amounts are minor units of the follow's currency, ratios whole parts of a million.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from evens.core.values.odds import ODDS_MAX, ODDS_MIN, ODDS_UNIT, reserve_minor
from evens.core.values.records import RecordProduct

RATIO_UNIT: Final = 1_000_000
"""What a ratio of 1 is as an integer."""

RATIO_MAX: Final = 100 * RATIO_UNIT
SLIPPAGE_TICKS_MAX: Final = 350

COPY_VALID_NS: Final = 60 * 1_000_000_000
"""How long after the leader's bet it may still be copied: a minute."""

_RATIO: Final = re.compile(r"(0|[1-9][0-9]{0,2})(?:\.([0-9]{1,6}))?", re.ASCII)


class FollowMode(IntEnum):
    """How much a copy stakes: the same each time, or a share of what the leader staked."""

    FIXED = 1
    PROPORTIONAL = 2


class FollowStatus(IntEnum):
    """Where a follow stands. One that has ended never begins again."""

    ACTIVE = 1
    PAUSED = 2
    ENDED = 3


class SkipReason(IntEnum):
    """Why a bet was not copied. The numbers are stored, and are in the order in which reasons are looked for."""

    NOT_FOLLOWING = 1
    EXPIRED = 2
    LOOP = 3
    RESTRICTED = 4
    NOT_ALLOWED = 5
    CURRENCY = 6
    MARKET_CLOSED = 7
    BELOW_MINIMUM = 8
    SLIPPAGE = 9
    CAP = 10
    DAILY_CAP = 11
    ALLOCATION = 12
    FUNDS = 13
    OWN_ORDER = 14
    STAKE_LIMIT = 15


@dataclass(frozen=True, slots=True)
class FollowTerms:
    """What a follower allows.

    ``stake_minor`` is what each copy stakes in mode fixed, ``ratio_ppm`` the share of the leader's stake in mode
    proportional; the other one is ``None``. What a copy can lose is its *risk*: the stake, or the liability of a lay.
    ``allocation_minor`` bounds the risk of all copies of the follow together, ``daily_cap_minor`` that of the copies of
    one UTC day, ``per_bet_cap_minor`` that of one. ``max_slippage_ticks`` is how many steps of the market's ladder the
    odds of a copied match may be worse than the leader's; ``min_odds`` are the lowest total odds of a copied bet with
    the house. Raises ``ValueError`` for terms that make no sense.
    """

    mode: FollowMode
    stake_minor: int | None
    ratio_ppm: int | None
    allocation_minor: int
    per_bet_cap_minor: int
    daily_cap_minor: int
    max_slippage_ticks: int
    min_odds: int | None
    products: tuple[RecordProduct, ...]

    def __post_init__(self) -> None:
        """Refuse terms that contradict themselves."""
        given = self.stake_minor if self.mode is FollowMode.FIXED else self.ratio_ppm
        other = self.ratio_ppm if self.mode is FollowMode.FIXED else self.stake_minor
        if given is None or given < 1 or other is not None:
            raise ValueError("a fixed stake or a ratio is given, as the mode says, and not the other one")
        if self.ratio_ppm is not None and self.ratio_ppm > RATIO_MAX:
            raise ValueError(f"a ratio is at most {RATIO_MAX} parts of a million")
        if min(self.allocation_minor, self.per_bet_cap_minor, self.daily_cap_minor) < 1:
            raise ValueError("allocation and caps are at least one minor unit")
        if not 0 <= self.max_slippage_ticks <= SLIPPAGE_TICKS_MAX:
            raise ValueError(f"slippage is from 0 to {SLIPPAGE_TICKS_MAX} ticks")
        if self.min_odds is not None and not ODDS_MIN <= self.min_odds <= ODDS_MAX:
            raise ValueError("least odds are out of bounds")
        if not self.products or RecordProduct.ALL in self.products or len(set(self.products)) != len(self.products):
            raise ValueError("products are named one by one, each once, and at least one")

    def stake_of(self, leader_minor: int) -> int:
        """Return what a copy stakes of so much of the leader's, rounded down."""
        if self.stake_minor is not None:
            return self.stake_minor
        assert self.ratio_ppm is not None
        return leader_minor * self.ratio_ppm // RATIO_UNIT


def lay_risk_minor(stake_minor: int, odds: int) -> int:
    """Return what laying a stake at these odds can lose, rounded up."""
    return reserve_minor(stake_minor * (odds - ODDS_UNIT))


def reaches_odds(odds: tuple[int, ...], least: int) -> bool:
    """Return whether the odds of all legs multiplied are at least these; nothing is rounded."""
    product, unit = 1, 1
    for each in odds:
        product, unit = product * each, unit * ODDS_UNIT
    return product * ODDS_UNIT >= least * unit


def parse_ratio(text: str) -> int:
    """Return the parts of a million of a ratio such as ``"0.25"``. Raises ``ValueError`` for anything else."""
    match = _RATIO.fullmatch(text)
    ratio_ppm = 0 if match is None else int(match[1]) * RATIO_UNIT + int((match[2] or "").ljust(6, "0"))
    if not 1 <= ratio_ppm <= RATIO_MAX:
        raise ValueError('must be a ratio above 0 and up to 100 such as "0.25", with at most six fraction digits')
    return ratio_ppm


def format_ratio(ratio_ppm: int) -> str:
    """Return a ratio as decimal text, without zeros at its end."""
    whole, rest = divmod(ratio_ppm, RATIO_UNIT)
    return f"{whole}.{rest:06}".rstrip("0").rstrip(".")
