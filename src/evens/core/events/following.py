"""What can have happened to follows, and what became of a leader's bets."""

from dataclasses import dataclass

from evens.core.values.following import FollowStatus, FollowTerms, SkipReason
from evens.core.values.ids import CustomerId, FollowId
from evens.core.values.records import RecordProduct


@dataclass(frozen=True, slots=True)
class FollowStarted:
    """A customer follows a leader; ``follow`` is the seq of the command."""

    follow: FollowId
    customer: CustomerId
    leader: CustomerId
    currency_number: int
    terms: FollowTerms


@dataclass(frozen=True, slots=True)
class FollowChanged:
    """The follow has these terms from now on."""

    follow: FollowId
    terms: FollowTerms


@dataclass(frozen=True, slots=True)
class FollowStatusChanged:
    """The follow is paused, resumed or ended."""

    follow: FollowId
    status: FollowStatus


@dataclass(frozen=True, slots=True)
class BetCopied:
    """A leader's bet was copied: ``source`` is the leader's match or bet, ``copy`` the follower's order or bet.

    ``stake_minor`` is what the copy asked for, at ``odds`` or better (0 in a pool). ``risk_minor`` is what counts for
    allocation and caps; ``used_minor`` is what is used of the allocation with it, ``day_used_minor`` of ``day``'s cap.
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


@dataclass(frozen=True, slots=True)
class CopySkipped:
    """A leader's bet was not copied, and never will be for this follow."""

    follow: FollowId
    product: RecordProduct
    source: int
    reason: SkipReason
