"""Every event there is, product by product."""

from evens.core.events.challenges import (
    ChallengeAccepted,
    ChallengeClosed,
    ChallengeDisputed,
    ChallengeOffered,
    ChallengeResolved,
    ChallengeSettled,
    ChallengesRecalled,
)
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
    OrdersAdmitted,
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

Event = (
    Rejected
    | TransferRefused
    | CurrencyDefined
    | BatchBegun
    | CustomerRegistered
    | CustomerFrozen
    | CustomerUnfrozen
    | CustomerExcluded
    | CustomerTagged
    | Transferred
    | WithdrawalRequested
    | WithdrawalCompleted
    | WithdrawalRejected
    | DepositLimitsSet
    | TransactionReversed
    | CommissionDiscountSet
    | MarketCreated
    | MarketStatusChanged
    | StageFinished
    | OrdersAdmitted
    | OrderPlaced
    | OrderReleased
    | PersistenceChanged
    | Matched
    | OrderReduced
    | RunnerRemoved
    | RemovalRevised
    | CoverLifted
    | PositionReduced
    | ResultDeclared
    | PositionSettled
    | MarketArchived
    | PositionsRecalled
    | ChallengeOffered
    | ChallengeAccepted
    | ChallengeClosed
    | ChallengeResolved
    | ChallengeDisputed
    | ChallengeSettled
    | ChallengesRecalled
    | LinePublished
    | SelectionRemoved
    | FixtureHeld
    | FixtureEnded
    | SourceHeard
    | MarketDecided
    | ResultContradicted
    | ConflictClosed
    | BetsCancelled
    | BetPlaced
    | BetEnded
    | BetsReturned
    | SinglesSettled
    | FixtureStageFinished
    | SinglesRecalled
    | AccumulatorsRecalled
    | FixtureArchived
    | BookLimitsSet
    | StakeFactorSet
    | AccumulatorsConsidered
    | BetReopened
    | BetsRestored
    | MarketRuled
    | PoolCreated
    | PoolChanged
    | RoundOpened
    | PoolBetPlaced
    | RoundLocked
    | RoundDecided
    | StakesSettled
    | RoundStageFinished
    | RoundBooked
    | StakesRecalled
    | RoundRecalled
    | RoundArchived
    | BetCopied
    | BetsSkipped
    | CopySettled
    | CopySkipped
    | FeePaid
    | FollowChanged
    | FollowStarted
    | FollowStatusChanged
)
