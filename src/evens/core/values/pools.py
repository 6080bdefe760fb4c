"""The words of pari-mutuel pools: rounds on which people bet up or down, and what the winners share.

Theory
------
Whoever is right gets their stake back and shares what the others lost, in proportion to the stakes, less a fee. With
``W`` staked on the winning side and ``L`` on the losing one, in minor units::

    fee          = floor(L × fee_bps ÷ 10,000)
    a winner has   stake + floor((L − fee) × stake ÷ W)

What rounding down leaves over goes to the house's rounding account, so that paid + fee + rounding = staked, exactly.
If nobody bet on one of the sides, or the round is void, everybody has their stake back and there is no fee.

Example: 1,000,000 on up and 1,000,000 on down with a fee of 1 %: the fee is 10,000, and whoever was right has
1,000,000 + 990,000 = 1,990,000.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from evens.core.values.ids import CustomerId, PoolBetId, PoolId
from evens.core.values.odds import BPS_UNIT

RULE: Final = (
    "Whoever is right has the stake back and shares what the other side staked, less the fee, in proportion to the "
    "stakes; each share is rounded down to the last digit of the currency. A price that is the same is down. Nobody on "
    "one of the sides, or a void round: every stake back, no fee."
)
"""How a round pays, in words. It is published with every round."""


class PoolSide(IntEnum):
    """What a bet in a pool says the price will do until the close. A price that is the same went down."""

    UP = 1
    DOWN = 2

    @property
    def other(self) -> "PoolSide":
        """The opposite side."""
        return PoolSide.DOWN if self is PoolSide.UP else PoolSide.UP


class RoundStatus(IntEnum):
    """Where a round stands: people can bet, nobody can any more, it has a result, or it is void."""

    OPEN = 1
    LOCKED = 2
    SETTLED = 3
    VOID = 4


class RoundStage(IntEnum):
    """What a round is doing for everybody who bet in it, some customers at a time."""

    NOTHING = 0
    SETTLING = 1
    RECALLING = 2


class RoundResult(IntEnum):
    """How a round ended."""

    UP = 1
    DOWN = 2
    VOID = 3


@dataclass(frozen=True, slots=True)
class PoolTerms:
    """What holds for the rounds of a pool that are opened from now on.

    Stakes are in minor units, ``None`` is no limit. ``running`` says how the pool is run (calendar, times, sources of
    prices and how far they may differ), as canonical JSON: no rule of the core depends on it.
    """

    name: str
    symbol: str
    fee_bps: int
    min_stake_minor: int = 1
    max_stake_minor: int | None = None
    running: str = "{}"


@dataclass(frozen=True, slots=True)
class BookedStakes:
    """What a customer had staked in a round, and what came back under the settlement that is being corrected."""

    customer: CustomerId
    stakes: tuple[tuple[PoolBetId, int, PoolSide], ...]
    returned_minor: int


@dataclass(frozen=True, slots=True)
class ArchivedRound:
    """A round that is history, as the house has to know it to correct it: all but its stakes.

    ``sides`` are what was staked on up and on down, each with the number of bets. Times and amounts are as in a round.
    """

    pool: PoolId
    code: str
    terms: PoolTerms
    times: tuple[int, int, int]
    commitment: str | None
    result: RoundResult
    settlement: int
    decided_at: int
    fee_minor: int
    rounding_minor: int
    sides: tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Dividend:
    """What a round pays: ``shared_minor`` among ``winning_minor`` that were staked on ``side``.

    ``side`` is ``None`` where everybody has their stake back.
    """

    side: PoolSide | None
    winning_minor: int
    shared_minor: int
    fee_minor: int

    def returned_minor(self, side: PoolSide, stake_minor: int) -> int:
        """Return what a bet gets back, its stake included."""
        if self.side is None:
            return stake_minor
        if side is not self.side:
            return 0
        return stake_minor + share_minor(self.shared_minor, stake_minor, self.winning_minor)


def dividend(up_minor: int, down_minor: int, fee_bps: int, result: RoundResult) -> Dividend:
    """Return what a round pays in which this much was staked on each side."""
    if result is RoundResult.VOID or not up_minor or not down_minor:
        return Dividend(None, 0, 0, 0)
    if result is RoundResult.UP:
        side, winning_minor, losing_minor = PoolSide.UP, up_minor, down_minor
    else:
        side, winning_minor, losing_minor = PoolSide.DOWN, down_minor, up_minor
    fee_minor = share_minor(losing_minor, fee_bps, BPS_UNIT)
    return Dividend(side, winning_minor, losing_minor - fee_minor, fee_minor)


def share_minor(total_minor: int, part: int, whole: int) -> int:
    """Return ``part`` of ``whole`` of an amount, rounded down. Integers have as many digits as it takes."""
    return total_minor * part // whole
