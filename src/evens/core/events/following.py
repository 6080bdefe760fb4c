"""What can have happened to follows, and what became of a leader's bets."""

from dataclasses import dataclass

from evens.core.values.following import FollowStatus, FollowTerms, SkippedBets, SkipReason
from evens.core.values.ids import CustomerId, FollowId
from evens.core.values.later import later
from evens.core.values.reasons import Reason
from evens.core.values.records import RecordProduct


@dataclass(frozen=True, slots=True)
class FollowStarted:
    """A customer follows a leader; ``follow`` is the seq of the command. Bets after ``active_from`` are copied.

    The leader takes ``performance_fee_bps`` of what the copies win, in basis points.
    """

    follow: FollowId
    customer: CustomerId
    leader: CustomerId
    currency_number: int
    terms: FollowTerms
    active_from: int
    performance_fee_bps: int = later(0)


@dataclass(frozen=True, slots=True)
class FollowChanged:
    """The follow has these terms from now on."""

    follow: FollowId
    terms: FollowTerms


@dataclass(frozen=True, slots=True)
class FollowStatusChanged:
    """The follow is paused, resumed or ended.

    Once resumed, bets after ``active_from`` are copied. ``stopped_minor`` is what its copies had won or lost when its
    stop-loss paused it, ``None`` if something else did.
    """

    follow: FollowId
    status: FollowStatus
    active_from: int | None = None
    stopped_minor: int | None = None


@dataclass(frozen=True, slots=True)
class BetCopied:
    """A leader's bet was copied: ``source`` is the leader's match or bet, ``copy`` the follower's order or bet.

    ``stake_minor`` is what the copy asked for, at ``odds`` or better (0 in a pool). ``risk_minor`` is what counts for
    allocation and caps; ``used_minor`` is what all open copies risk with it, ``day_used_minor`` what is used of the cap
    of ``day``. ``waits`` says that the copy is an order that is still to be matched.
    """

    follow: FollowId
    product: RecordProduct
    source: int
    copy: int
    odds: int
    stake_minor: int
    risk_minor: int
    used_minor: int
    day: int
    day_used_minor: int
    waits: bool


@dataclass(frozen=True, slots=True)
class CopySkipped:
    """A leader's bet was not copied, and never will be for this follow.

    ``refusal`` is the product's own reason, if it was the product that refused the follower's bet.
    """

    follow: FollowId
    product: RecordProduct
    source: int
    reason: SkipReason
    refusal: Reason | None = None


@dataclass(frozen=True, slots=True)
class BetsSkipped:
    """Bets of leaders were not copied, and never will be for these follows."""

    product: RecordProduct
    bets: tuple[SkippedBets, ...]


@dataclass(frozen=True, slots=True)
class CopySettled:
    """What a copy risks and has won or lost is booked, for the ``number``-th time.

    ``used_minor`` is what all open copies of the follow risk with it, ``total_minor`` what all settled ones have won or
    lost together. A copy whose order waited and is over without a match has a result of 0. Where the leader takes a
    fee, ``high_water_minor`` is the most that ``total_minor`` was above ``used_minor`` by a first settlement.
    """

    follow: FollowId
    copy: int
    number: int
    risk_minor: int
    result_minor: int | None
    used_minor: int
    total_minor: int
    high_water_minor: int = later(0)


@dataclass(frozen=True, slots=True)
class FeePaid:
    """The leader was paid of their fee: ``paid_minor`` in all, by the transfer before this event."""

    follow: FollowId
    paid_minor: int
