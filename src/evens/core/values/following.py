"""Following: on which terms one customer copies what another bets, and why a bet was not copied.

Amounts are minor units of the follow's currency, ratios whole parts of a million.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from evens.core.values.betting import Side
from evens.core.values.ids import FollowId
from evens.core.values.later import later
from evens.core.values.odds import BPS_UNIT, ODDS_MAX, ODDS_MIN, ODDS_UNIT, reserve_minor
from evens.core.values.records import RecordProduct

RATIO_UNIT: Final = 1_000_000
"""What a ratio of 1 is as an integer."""

RATIO_MAX: Final = 100 * RATIO_UNIT
SLIPPAGE_TICKS_MAX: Final = 350
FOLLOWS_MAX: Final = 50
"""How many follows that have not ended a customer has, at most."""

FOLLOWS_LINKED_MAX: Final = 200
"""How many all customers with the same tag have together, at most."""

MARKETS_MAX: Final = 50
PERCENT: Final = 100

COPY_VALID_NS: Final = 60 * 1_000_000_000
"""How long after the leader's bet it may still be copied: a minute."""

PERFORMANCE_FEE_BPS_MAX: Final = 5_000
"""The most that a leader may take of what their copies win, in basis points: half of it."""

_FEE: Final = re.compile(r"0(?:\.([0-9]{1,4}))?", re.ASCII)
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
    """Why a bet was not copied. The numbers are stored, and are in the order in which reasons are looked for.

    What only the product can tell is looked for last. So is ``SLIPPAGE`` of a match on the exchange, behind ``FUNDS``:
    to look for sets takes longest. ``REFUSED`` stands for any reason of the product that comes near
    to no other one, ``FAILED`` for a bet on which the rules broke: it was set aside for the operator.
    """

    NOT_FOLLOWING = 1
    PAUSED = 2
    STOP_LOSS = 3
    EXPIRED = 4
    LOOP = 5
    RESTRICTED = 6
    NOT_ALLOWED = 7
    CURRENCY = 8
    MARKET_CLOSED = 9
    BELOW_MINIMUM = 10
    SLIPPAGE = 11
    CAP = 12
    DAILY_CAP = 13
    ALLOCATION = 14
    FUNDS = 15
    OWN_ORDER = 16
    STAKE_LIMIT = 17
    REFUSED = 18
    FAILED = 19


@dataclass(frozen=True, slots=True)
class SkippedBets:
    """Bets of a leader that are not copied for one follow for the same reason, told together.

    ``first`` and ``last`` are the first and the last one of ``count`` matches or bets, in the order of their ids. The
    rest says what a reason follows from that may change before it is decided, and is not kept: ``struck_at`` is when
    the last one was struck, ``products`` and ``markets`` are what the follow was limited to, and ``permitted`` says
    whether the leader lets others copy and neither is an operator.
    """

    follow: FollowId
    reason: SkipReason
    first: int
    last: int
    count: int
    struck_at: int | None = later(None)
    products: tuple[RecordProduct, ...] = later(())
    markets: tuple[int, ...] = later(())
    permitted: bool = later(True)


@dataclass(frozen=True, slots=True)
class FollowTerms:
    """What a follower allows.

    ``stake_minor`` is what the copies of one bet or order stake together in mode fixed, ``ratio_ppm`` the share of the
    leader's stake in mode proportional; the other one is ``None``. What a copy can lose is its *risk*: the stake, or
    the liability of a lay. ``allocation_minor`` and what the copies have won or lost bound the risk of all open copies
    of the follow together, ``daily_cap_minor`` that of the copies of one UTC day, ``per_bet_cap_minor`` that of one.
    ``max_slippage_ticks`` is how many steps of the market's ladder the odds of a copied match may be worse than the
    leader's; ``min_odds`` are the lowest total odds of a copied bet with the house. ``stop_loss_percent`` is at which
    share of the allocation that is left the follow is paused, ``None`` for never. ``markets`` are the numbers of the
    exchange's markets, fixtures and pools to which copying is limited, in ascending order; it is empty if it is
    limited to none. Raises ``ValueError`` for terms that make no sense.
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
    stop_loss_percent: int | None = None
    markets: tuple[int, ...] = ()

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
        if self.stop_loss_percent is not None and not 1 <= self.stop_loss_percent < PERCENT:
            raise ValueError(f"a stop-loss is from 1 to {PERCENT - 1} per cent")
        if len(self.markets) > MARKETS_MAX or list(self.markets) != sorted(set(self.markets)):
            raise ValueError(f"at most {MARKETS_MAX} markets are named, each once, in ascending order")

    def portion_minor(self, size_minor: int, before_minor: int, part_minor: int) -> int:
        """Return what the copy of a part of a leader's bet stakes.

        ``size_minor`` is the stake of the whole bet as it was placed, also if it was reduced since; ``before_minor``
        is how much of it was matched before this part. All parts of a whole bet together make exactly what a copy of
        the whole would stake, rounded down. With a fixed stake of 5.00, an order of 30.00 that is matched with 10.00,
        10.00 and 10.00 is copied with 1.66, 1.67 and 1.67.
        """
        return self._stake_of(size_minor, before_minor + part_minor) - self._stake_of(size_minor, before_minor)

    def _stake_of(self, size_minor: int, matched_minor: int) -> int:
        if self.stake_minor is not None:
            return self.stake_minor * matched_minor // size_minor
        assert self.ratio_ppm is not None
        return matched_minor * self.ratio_ppm // RATIO_UNIT

    def allows(self, product: RecordProduct, places: Iterable[int]) -> bool:
        """Return whether copying is not limited to products or markets that leave one of these out."""
        return product in self.products and (not self.markets or all(place in self.markets for place in places))

    def stops_at(self, left_minor: int) -> bool:
        """Return whether so much of the allocation, with open copies valued, is what the follow is paused at."""
        percent = self.stop_loss_percent
        return percent is not None and stops_at(percent, self.allocation_minor, left_minor)


def stops_at(stop_loss_percent: int, allocation_minor: int, left_minor: int) -> bool:
    """Return whether what is left of an allocation is at most so many per cent of it."""
    return left_minor * PERCENT <= allocation_minor * stop_loss_percent


def lay_risk_minor(stake_minor: int, odds: int) -> int:
    """Return what laying a stake at these odds can lose, rounded up."""
    return reserve_minor(stake_minor * (odds - ODDS_UNIT))


def lay_order_risk_minor(stake_minor: int, value_cents: int) -> int:
    """Return what matched lays can lose, rounded up; ``value_cents`` is the sum of stake × odds."""
    return reserve_minor(value_cents - stake_minor * ODDS_UNIT)


def closing_gain_minor(side: Side, stake_minor: int, value_cents: int, levels: Iterable[tuple[int, int]]) -> int:
    """Return what bets on one side win or lose if they are closed with what waits on the other, rounded down.

    ``value_cents`` is the sum of stake × odds, ``levels`` are the odds that wait with their stakes, the best first.
    What nothing is left for is at cost.

    A back of 10.00 at 3.00 that is laid at 2.50 wins 2.00 whatever happens, as 12.00 are laid. A lay of 10.00 at 3.00
    that is backed with 12.00 at 2.50 loses 2.00. If only 6.00 wait at 2.50, half of the back is closed: it wins 1.00.
    """
    rest_cents, closing_minor = value_cents, 0
    for odds, there_minor in levels:
        wanted_minor = rest_cents // odds if side is Side.BACK else -(-rest_cents // odds)
        closing_minor += min(wanted_minor, there_minor)
        if wanted_minor <= there_minor:
            return closing_minor - stake_minor if side is Side.BACK else stake_minor - closing_minor
        rest_cents -= there_minor * odds
    closed_cents = value_cents - rest_cents
    if side is Side.BACK:
        return closing_minor + -stake_minor * closed_cents // value_cents
    return stake_minor * closed_cents // value_cents - closing_minor


def reaches_odds(odds: tuple[int, ...], least: int) -> bool:
    """Return whether the odds of all legs multiplied are at least these; nothing is rounded."""
    product, unit = 1, 1
    for each in odds:
        product, unit = product * each, unit * ODDS_UNIT
    return product * ODDS_UNIT >= least * unit


def performance_fee_minor(high_water_minor: int, fee_bps: int) -> int:
    """Return what a leader is due in all once copies have won so much together at best, rounded down.

    Of 100.05 and 10 per cent these are 10.00. The sum is rounded and not its parts, so it does not depend on how many
    copies won it.
    """
    return high_water_minor * fee_bps // BPS_UNIT


def parse_fee(text: str) -> int:
    """Return the basis points of a share such as ``"0.1"``. Raises ``ValueError`` for anything else."""
    match = _FEE.fullmatch(text)
    fee_bps = -1 if match is None else int((match[1] or "").ljust(4, "0"))
    if not 0 <= fee_bps <= PERFORMANCE_FEE_BPS_MAX:
        raise ValueError('must be a share from 0 to 0.5 such as "0.1", with at most four fraction digits')
    return fee_bps


def format_fee(fee_bps: int) -> str:
    """Return a share in basis points as decimal text, without zeros at its end."""
    whole, rest = divmod(fee_bps, BPS_UNIT)
    return f"{whole}.{rest:04}".rstrip("0").rstrip(".")


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
