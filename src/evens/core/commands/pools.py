"""What may be asked of the pools.

A pool is a series of rounds under one name; people bet in its rounds. When rounds open, lock and settle is told with
each of them, so that no rule of the core depends on a calendar. Times are in nanoseconds since 1970 (UTC).
"""

from dataclasses import dataclass

from evens.core.values.ids import CustomerId, PoolId, RoundId
from evens.core.values.later import later
from evens.core.values.odds import BPS_UNIT
from evens.core.values.pools import PoolSide, PoolTerms, RoundResult


def _check_terms(terms: PoolTerms) -> None:
    """Raise ``ValueError`` for terms under which nobody could bet, or more would be taken than is there."""
    if not 0 <= terms.fee_bps <= BPS_UNIT:
        raise ValueError("the fee is from 0 to 10,000 basis points")
    if terms.min_stake_minor < 1:
        raise ValueError("the least stake is at least one minor unit")
    if terms.max_stake_minor is not None and terms.max_stake_minor < terms.min_stake_minor:
        raise ValueError("the largest stake is not below the least one")


@dataclass(frozen=True, slots=True)
class CreatePool:
    """Begin a series of rounds in a currency, called ``key``. Raises ``ValueError`` for terms out of bounds."""

    key: str
    currency: str
    terms: PoolTerms

    def __post_init__(self) -> None:
        """Refuse terms that are none."""
        _check_terms(self.terms)


@dataclass(frozen=True, slots=True)
class ChangePool:
    """Give a pool other terms, for the rounds that are opened from now on. Raises ``ValueError`` as above."""

    pool: PoolId
    terms: PoolTerms

    def __post_init__(self) -> None:
        """Refuse terms that are none."""
        _check_terms(self.terms)


@dataclass(frozen=True, slots=True)
class OpenRound:
    """Let people bet in a new round from now until ``locks_at``; it has its result at ``settles_at`` or later.

    Codes of a pool's rounds rise, as text, unless it is opened ``beside`` one whose code an operator gave out of turn;
    whoever says so knows that the pool never had this code. Raises ``ValueError`` if it would settle before it locks.
    """

    pool: PoolId
    code: str
    locks_at: int
    settles_at: int
    beside: bool = later(False)

    def __post_init__(self) -> None:
        """Refuse a round that ends before it begins."""
        if self.settles_at < self.locks_at:
            raise ValueError("a round settles when it is locked, not before")


@dataclass(frozen=True, slots=True)
class PlacePoolBet:
    """Stake an amount on a side of a round; without ``code``, of the pool's open round that locks first."""

    customer: CustomerId
    pool: PoolId
    side: PoolSide
    stake_minor: int
    code: str | None = None


@dataclass(frozen=True, slots=True)
class LockRound:
    """Take no more bets in a round. The house gives this itself when ``locks_at`` has come; an operator may before."""

    round: RoundId


@dataclass(frozen=True, slots=True)
class SettleRound:
    """Say how a locked round ended. ``evidence`` is what that was told from, as canonical JSON.

    With ``correction`` an earlier result is replaced, which may be that the round was void.
    """

    round: RoundId
    result: RoundResult
    evidence: str = "{}"
    correction: bool = False


@dataclass(frozen=True, slots=True)
class VoidRound:
    """Give every stake of a round that has no result back. ``reason`` is told to whoever bet.

    ``evidence`` is what that was told from, as canonical JSON.
    """

    round: RoundId
    reason: str
    evidence: str = "{}"


@dataclass(frozen=True, slots=True)
class AdvanceRound:
    """Do the next part of what a round has under way. Internal."""

    round: RoundId


@dataclass(frozen=True, slots=True)
class ArchiveRound:
    """Forget a round that can no longer be corrected, unless it was settled again since. Internal."""

    round: RoundId
    settlement: int
