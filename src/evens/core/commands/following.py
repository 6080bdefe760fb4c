"""What may be asked about following, and what the copier asks for.

The copier gives one of ``CopyMatch``, ``CopyBet`` and ``CopyPoolBet`` for each bet of a leader and each follow. Its id
is derived from both, so that the same bet is decided once for a follow, however often the command is given. What cannot
be copied whatever the market says, it leaves out with one ``SkipBets`` for many. Likewise it gives ``SettleCopy``
once for each time that a copy is settled.
"""

from dataclasses import dataclass, field

from evens.core.values.betting import Side
from evens.core.values.fixed_odds import BetLeg
from evens.core.values.following import FollowTerms, SkippedBets
from evens.core.values.ids import BetId, CustomerId, FollowId, MarketId, MatchId, PoolBetId, RoundId, RunnerId
from evens.core.values.later import LATER, later
from evens.core.values.pools import PoolSide
from evens.core.values.records import RecordProduct


@dataclass(frozen=True, slots=True)
class FollowLeader:
    """Copy from now on what a leader bets, on these terms."""

    customer: CustomerId
    leader: CustomerId
    currency: str
    terms: FollowTerms


@dataclass(frozen=True, slots=True)
class ChangeFollow:
    """Go on with other terms. What was used of the allocation and of the day's cap stays used.

    Only what ``fields`` names is taken of ``terms``, so that of two changes at once neither undoes the other. ``None``
    names all of them.
    """

    customer: CustomerId
    follow: FollowId
    terms: FollowTerms
    fields: tuple[str, ...] | None = later(None)


@dataclass(frozen=True, slots=True)
class PauseFollow:
    """Copy nothing until it is resumed."""

    customer: CustomerId
    follow: FollowId


@dataclass(frozen=True, slots=True)
class ResumeFollow:
    """Copy again."""

    customer: CustomerId
    follow: FollowId


@dataclass(frozen=True, slots=True)
class EndFollow:
    """Copy nothing any more. What was copied stays a bet like any other."""

    customer: CustomerId
    follow: FollowId


@dataclass(frozen=True, slots=True)
class CopyMatch:
    """Copy, for one follow, a match of its leader on the exchange. Internal.

    ``order_minor`` is the stake with which the leader's order was placed, ``before_minor`` what was matched of it
    before this match. ``struck_at`` is when the leader was matched. ``is_copy`` says that the leader's own order was a
    copy. ``permitted`` says whether the leader lets others copy, and neither is an operator; it belongs to the moment,
    not to what is asked for.
    """

    follow: FollowId
    match: MatchId
    market: MarketId
    runner: RunnerId
    side: Side
    odds: int
    stake_minor: int
    order_minor: int
    before_minor: int
    struck_at: int
    is_copy: bool
    permitted: bool = field(default=True, compare=False, metadata={LATER: True})


@dataclass(frozen=True, slots=True)
class CopyBet:
    """Copy, for one follow, a bet of its leader with the house. Internal. Fields are as in :class:`CopyMatch`."""

    follow: FollowId
    bet: BetId
    currency_number: int
    legs: tuple[BetLeg, ...]
    stake_minor: int
    struck_at: int
    is_copy: bool
    permitted: bool = field(default=True, compare=False, metadata={LATER: True})


@dataclass(frozen=True, slots=True)
class CopyPoolBet:
    """Copy, for one follow, a bet of its leader in a pool. Internal. Fields are as in :class:`CopyMatch`."""

    follow: FollowId
    bet: PoolBetId
    round: RoundId
    side: PoolSide
    stake_minor: int
    struck_at: int
    is_copy: bool
    permitted: bool = field(default=True, compare=False, metadata={LATER: True})


@dataclass(frozen=True, slots=True)
class SkipBets:
    """Skip many bets of leaders at once, for reasons for which no market has to be asked. Internal.

    A follow is named once for each reason at most. Every other bet up to the last of them is decided for it.
    """

    product: RecordProduct
    bets: tuple[SkippedBets, ...]


@dataclass(frozen=True, slots=True)
class SettleCopy:
    """Book into a follow what a copy risks and has won or lost by now. Internal.

    ``number`` counts how often this was done for the copy, from 1. ``risk_before_minor`` and ``result_before_minor``
    are what was booked of it so far, ``risk_minor`` and ``result_minor`` what is right now: a copy that is over risks
    nothing, and one that is not has no result. A correction gives the result anew.
    """

    follow: FollowId
    copy: int
    number: int
    risk_before_minor: int
    risk_minor: int
    result_before_minor: int | None
    result_minor: int | None


@dataclass(frozen=True, slots=True)
class StopFollow:
    """Pause a follow whose stop-loss is reached. Internal.

    ``gain_minor`` is what its copies have won or lost, with the open ones at what they are worth. ``result_minor`` is
    what the settled ones had then; if another one was settled meanwhile, it would count on neither side.
    """

    follow: FollowId
    gain_minor: int
    result_minor: int | None = later(None)
