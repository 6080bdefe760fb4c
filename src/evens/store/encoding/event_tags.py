"""Under which number the journal stores each event: never renumbered, and never used again.

A new event takes the next number. Reasons are stored as their text and never renamed; a product's list of them stands
here.
"""

from collections.abc import Mapping
from typing import Final

from evens.core.challenges.reasons import ChallengeReason
from evens.core.events.challenges import (
    ChallengeAccepted,
    ChallengeClosed,
    ChallengeDisputed,
    ChallengeOffered,
    ChallengeResolved,
    ChallengeSettled,
    ChallengesRecalled,
)
from evens.core.events.every import Event
from evens.core.events.exchange import (
    CommissionDiscountSet,
    CoverLifted,
    MarketArchived,
    MarketCreated,
    MarketStatusChanged,
    Matched,
    OrderPlaced,
    OrderReduced,
    OrderReleased,
    PersistenceChanged,
    PositionReduced,
    PositionSettled,
    PositionsRecalled,
    RemovalRevised,
    ResultDeclared,
    RunnerRemoved,
    StageFinished,
)
from evens.core.events.fixed_odds import (
    AccumulatorsConsidered,
    AccumulatorsRecalled,
    BetEnded,
    BetPlaced,
    BetReopened,
    BetsCancelled,
    BetsRestored,
    BetsReturned,
    BookLimitsSet,
    ConflictClosed,
    FixtureArchived,
    FixtureEnded,
    FixtureHeld,
    FixtureStageFinished,
    LinePublished,
    MarketDecided,
    MarketRuled,
    ResultContradicted,
    SelectionRemoved,
    SinglesRecalled,
    SinglesSettled,
    SourceHeard,
    StakeFactorSet,
)
from evens.core.events.following import (
    BetCopied,
    BetsSkipped,
    CopySettled,
    CopySkipped,
    FeePaid,
    FollowChanged,
    FollowStarted,
    FollowStatusChanged,
)
from evens.core.events.ledger import BatchBegun, CurrencyDefined, Rejected, Transferred
from evens.core.events.pools import (
    PoolBetPlaced,
    PoolChanged,
    PoolCreated,
    RoundArchived,
    RoundBooked,
    RoundDecided,
    RoundLocked,
    RoundOpened,
    RoundRecalled,
    RoundStageFinished,
    StakesRecalled,
    StakesSettled,
)
from evens.core.events.wallets import (
    CustomerExcluded,
    CustomerFrozen,
    CustomerRegistered,
    CustomerTagged,
    CustomerUnfrozen,
    DepositLimitsSet,
    TransactionReversed,
    TransferRefused,
    WithdrawalCompleted,
    WithdrawalRejected,
    WithdrawalRequested,
)
from evens.core.exchange.reasons import ExchangeReason
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.following.reasons import FollowReason
from evens.core.ledger.reasons import SharedReason
from evens.core.pools.reasons import PoolReason
from evens.core.values.reasons import Reason
from evens.core.wallets.reasons import WalletReason

EVENT_TAGS: Final[dict[type[Event], int]] = {
    Rejected: 1,
    TransferRefused: 2,
    CurrencyDefined: 3,
    CustomerRegistered: 4,
    CustomerFrozen: 5,
    CustomerUnfrozen: 6,
    Transferred: 7,
    WithdrawalRequested: 8,
    WithdrawalCompleted: 9,
    WithdrawalRejected: 10,
    CommissionDiscountSet: 11,
    MarketCreated: 12,
    MarketStatusChanged: 13,
    StageFinished: 14,
    OrderPlaced: 15,
    OrderReleased: 16,
    Matched: 17,
    OrderReduced: 18,
    RunnerRemoved: 19,
    PositionReduced: 20,
    ResultDeclared: 21,
    PositionSettled: 22,
    MarketArchived: 23,
    ChallengeOffered: 24,
    ChallengeAccepted: 25,
    ChallengeClosed: 26,
    ChallengeResolved: 27,
    ChallengeDisputed: 28,
    ChallengeSettled: 29,
    DepositLimitsSet: 30,
    PositionsRecalled: 31,
    ChallengesRecalled: 32,
    TransactionReversed: 55,
    CustomerExcluded: 45,
    CustomerTagged: 46,
    BatchBegun: 47,
    RemovalRevised: 40,
    CoverLifted: 41,
    LinePublished: 60,
    SelectionRemoved: 61,
    FixtureHeld: 62,
    FixtureEnded: 63,
    SourceHeard: 64,
    MarketDecided: 65,
    ResultContradicted: 66,
    ConflictClosed: 67,
    BetsCancelled: 68,
    BetPlaced: 69,
    BetEnded: 70,
    BetsReturned: 71,
    SinglesSettled: 72,
    FixtureStageFinished: 73,
    SinglesRecalled: 74,
    AccumulatorsRecalled: 75,
    FixtureArchived: 76,
    BookLimitsSet: 77,
    StakeFactorSet: 78,
    AccumulatorsConsidered: 79,
    BetReopened: 80,
    BetsRestored: 81,
    MarketRuled: 82,
    PoolCreated: 85,
    PoolChanged: 86,
    RoundOpened: 87,
    PoolBetPlaced: 88,
    RoundLocked: 89,
    RoundDecided: 90,
    StakesSettled: 91,
    RoundStageFinished: 92,
    RoundBooked: 93,
    StakesRecalled: 94,
    RoundArchived: 95,
    RoundRecalled: 96,
    FollowStarted: 140,
    FollowChanged: 141,
    FollowStatusChanged: 142,
    BetCopied: 143,
    CopySkipped: 144,
    CopySettled: 145,
    BetsSkipped: 146,
    FeePaid: 147,
    PersistenceChanged: 150,
}

REASONS: Final[Mapping[str, Reason]] = {
    reason.value: reason
    for reasons in (
        SharedReason,
        WalletReason,
        ExchangeReason,
        ChallengeReason,
        FixedOddsReason,
        PoolReason,
        FollowReason,
    )
    for reason in reasons
}
