"""What may be asked about challenges."""

from dataclasses import dataclass, field
from typing import Final

from evens.core.values.betting import Outcome, Side
from evens.core.values.ids import ChallengeId, CustomerId, MarketId, RunnerId
from evens.core.values.later import LATER
from evens.core.values.odds import BPS_UNIT, ODDS_MAX, ODDS_MIN

DISPUTE_WINDOW_MS_MAX: Final = 366 * 24 * 3600 * 1000
"""Longest time that what a resolver said can be disputed."""

RESOLVE_WITHIN_MS_MAX: Final = 10 * 366 * 24 * 3600 * 1000
"""Longest time that a resolver can be given."""

CHALLENGES_MAX: Final = 200
"""Most live challenges of a customer unless the operator chose otherwise: offered or accepted, and not paid yet."""


@dataclass(frozen=True, slots=True)
class OfferChallenge:
    """Bet against whoever accepts first, on a runner of a market or on what a resolver is to say.

    Of the two sides ``side`` is the challenger's; the stake is the backer's. ``public`` lists it for everybody.
    ``fee_bps`` is taken of the winner's profit. What the resolver says is paid after ``dispute_window_ms``; if nobody
    has said anything ``resolve_within_ms`` after ``expires_at``, both have their stakes back (0: that never happens).
    ``challenges_max`` is how many live challenges the house allows a customer, and ``related`` whether the resolver was
    found to share a payment source with the challenger. These five belong to the moment and not to what is asked for:
    an offer that comes again under its key is the same one. Raises ``ValueError`` unless exactly one of a runner and a
    resolver is to decide, or for numbers out of bounds.
    """

    customer: CustomerId
    title: str
    side: Side
    odds: int
    stake_minor: int
    currency: str
    expires_at: int
    public: bool = False
    market: MarketId | None = None
    runner: RunnerId | None = None
    resolver: CustomerId | None = None
    fee_bps: int = field(default=0, compare=False)
    dispute_window_ms: int = field(default=0, compare=False)
    resolve_within_ms: int = field(default=0, compare=False, metadata={LATER: True})
    challenges_max: int = field(default=CHALLENGES_MAX, compare=False, metadata={LATER: True})
    related: bool = field(default=False, compare=False, metadata={LATER: True})

    def __post_init__(self) -> None:
        """Refuse what nobody or two could decide, and odds that there are not."""
        if (self.market is None) != (self.runner is None) or (self.market is None) == (self.resolver is None):
            raise ValueError("a challenge is decided by a runner of a market or by a resolver, and by one of the two")
        if not ODDS_MIN <= self.odds <= ODDS_MAX or not 0 <= self.fee_bps <= BPS_UNIT:
            raise ValueError("odds or fee are out of bounds")
        if not 0 <= self.dispute_window_ms <= DISPUTE_WINDOW_MS_MAX:
            raise ValueError(f"a dispute window is at most {DISPUTE_WINDOW_MS_MAX} ms, not {self.dispute_window_ms}")
        if not 0 <= self.resolve_within_ms <= RESOLVE_WITHIN_MS_MAX:
            raise ValueError(f"a resolver has at most {RESOLVE_WITHIN_MS_MAX} ms, not {self.resolve_within_ms}")


@dataclass(frozen=True, slots=True)
class AcceptChallenge:
    """Take the other side of a challenge. ``challenges_max`` and ``related`` are as in :class:`OfferChallenge`."""

    challenge: ChallengeId
    customer: CustomerId
    challenges_max: int = field(default=CHALLENGES_MAX, compare=False, metadata={LATER: True})
    related: bool = field(default=False, compare=False, metadata={LATER: True})


@dataclass(frozen=True, slots=True)
class CancelChallenge:
    """Take back a challenge that nobody has accepted."""

    challenge: ChallengeId
    customer: CustomerId


@dataclass(frozen=True, slots=True)
class ResolveChallenge:
    """Say, as the resolver of a challenge, how it ended. ``related`` is as in :class:`OfferChallenge`, to either."""

    challenge: ChallengeId
    customer: CustomerId
    outcome: Outcome
    related: bool = field(default=False, compare=False, metadata={LATER: True})


@dataclass(frozen=True, slots=True)
class DisputeChallenge:
    """Contest, as one of the two, what the resolver said; nothing is paid until the operator rules."""

    challenge: ChallengeId
    customer: CustomerId


@dataclass(frozen=True, slots=True)
class RuleChallenge:
    """The operator's last word on a challenge with a resolver. It is paid at once."""

    challenge: ChallengeId
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ExpireChallenge:
    """Give back what was offered and can no longer be accepted. Internal."""

    challenge: ChallengeId


@dataclass(frozen=True, slots=True)
class ReturnChallenge:
    """Give both back what they staked, because nobody has said in time how it ended. Internal."""

    challenge: ChallengeId


@dataclass(frozen=True, slots=True)
class PayChallenge:
    """Pay what the resolver said and nobody disputed in time. Internal."""

    challenge: ChallengeId


@dataclass(frozen=True, slots=True)
class SettleChallenge:
    """Pay what the result of its market, or the removal of its runner, makes of a challenge. Internal."""

    challenge: ChallengeId


@dataclass(frozen=True, slots=True)
class RecallChallenges:
    """Bring back the next challenges that were settled by a result which was corrected. Internal."""

    market: MarketId
