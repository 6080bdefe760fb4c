"""Every event there is, product by product."""

from evens.core.events.challenges import (
    ChallengeAccepted,
    ChallengeClosed,
    ChallengeDisputed,
    ChallengeOffered,
    ChallengeResolved,
    ChallengeSettled,
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
    PositionReduced,
    PositionSettled,
    RemovalRevised,
    ResultDeclared,
    RunnerRemoved,
    StageFinished,
)
from evens.core.events.ledger import CurrencyDefined, Rejected, Transferred
from evens.core.events.wallets import (
    CustomerFrozen,
    CustomerRegistered,
    CustomerUnfrozen,
    DepositLimitsSet,
    TransferRefused,
    WithdrawalCompleted,
    WithdrawalRejected,
    WithdrawalRequested,
)

Event = (
    Rejected
    | TransferRefused
    | CurrencyDefined
    | CustomerRegistered
    | CustomerFrozen
    | CustomerUnfrozen
    | Transferred
    | WithdrawalRequested
    | WithdrawalCompleted
    | WithdrawalRejected
    | DepositLimitsSet
    | CommissionDiscountSet
    | MarketCreated
    | MarketStatusChanged
    | StageFinished
    | OrderPlaced
    | OrderReleased
    | Matched
    | OrderReduced
    | RunnerRemoved
    | RemovalRevised
    | CoverLifted
    | PositionReduced
    | ResultDeclared
    | PositionSettled
    | MarketArchived
    | ChallengeOffered
    | ChallengeAccepted
    | ChallengeClosed
    | ChallengeResolved
    | ChallengeDisputed
    | ChallengeSettled
)
