"""What can have happened to challenges."""

from dataclasses import dataclass, field

from evens.core.values.betting import (
    ChallengeStatus,
    Outcome,
    Side,
)
from evens.core.values.ids import ChallengeId, CustomerId, MarketId, RunnerId
from evens.core.values.later import LATER


@dataclass(frozen=True, slots=True)
class ChallengeOffered:
    """A challenge waits for somebody to accept it; ``challenge`` is the seq of the command.

    ``profit_minor`` is what the backer wins and the layer loses, rounded down once and for all.
    """

    challenge: ChallengeId
    customer: CustomerId
    title: str
    side: Side
    odds: int
    stake_minor: int
    profit_minor: int
    currency_number: int
    expires_at: int
    public: bool
    market: MarketId | None
    runner: RunnerId | None
    resolver: CustomerId | None
    fee_bps: int
    dispute_window_ms: int
    # Not in its text, so that the digest of older challenges stays what it was.
    resolve_within_ms: int = field(default=0, repr=False, metadata={LATER: True})


@dataclass(frozen=True, slots=True)
class ChallengeAccepted:
    """The customer took the other side: from now on it is a bet."""

    challenge: ChallengeId
    customer: CustomerId


@dataclass(frozen=True, slots=True)
class ChallengeClosed:
    """The challenge was never accepted and can no longer be: it is cancelled or expired."""

    challenge: ChallengeId
    status: ChallengeStatus


@dataclass(frozen=True, slots=True)
class ChallengeResolved:
    """The resolver said how it ended; that is paid at ``payable_at`` unless it is disputed before."""

    challenge: ChallengeId
    outcome: Outcome
    payable_at: int


@dataclass(frozen=True, slots=True)
class ChallengeDisputed:
    """The customer, one of the two, contests what the resolver said."""

    challenge: ChallengeId
    customer: CustomerId


@dataclass(frozen=True, slots=True)
class ChallengeSettled:
    """The net profits of both (losses if negative) were booked, and the fee taken from the one who won.

    After a dead heat the outcome is :attr:`Outcome.WON` with a part of the profit, which can even be a loss, and both
    profits can sum to less than zero by what was rounded down. ``settlement`` is the result of the market that was
    booked, counted from 1 as in :class:`ResultDeclared`; 0 if no result of a market decided.
    """

    challenge: ChallengeId
    settlement: int
    outcome: Outcome
    backer_profit_minor: int
    layer_profit_minor: int
    fee_minor: int


@dataclass(frozen=True, slots=True)
class BookedChallenge:
    """A challenge on a market that was settled: what was offered, who accepted it, and what was booked last."""

    terms: ChallengeOffered
    acceptor: CustomerId
    settled: ChallengeSettled


@dataclass(frozen=True, slots=True)
class ChallengesRecalled:
    """The house knows these challenges again, for the result of their market was corrected.

    An event without any says that all have come back.
    """

    market: MarketId
    challenges: tuple[BookedChallenge, ...]
