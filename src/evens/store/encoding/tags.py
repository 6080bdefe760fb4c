"""What the journal stores for each command, event and reason: never renumbered, renamed or used again.

A new command or event takes the next number. Nothing else says what is stored under which number. A product's reasons
are stored as their text and need no line here, but the product's list of them does.
"""

from collections.abc import Mapping
from typing import Final

from evens.core.challenges.reasons import ChallengeReason
from evens.core.commands.challenges import (
    AcceptChallenge,
    CancelChallenge,
    DisputeChallenge,
    ExpireChallenge,
    OfferChallenge,
    PayChallenge,
    RecallChallenges,
    ResolveChallenge,
    ReturnChallenge,
    RuleChallenge,
    SettleChallenge,
)
from evens.core.commands.every import Command
from evens.core.commands.exchange import (
    AdvanceMarket,
    ArchiveMarket,
    CancelOrder,
    CancelOrders,
    CloseMarket,
    CreateMarket,
    LapseOrders,
    PlaceOrder,
    ReinstateRunner,
    ReleaseOrder,
    RemoveRunner,
    ReplaceOrder,
    ResumeMarket,
    SetCommissionDiscount,
    SettleMarket,
    SuspendMarket,
    TurnInPlay,
    VoidMarket,
)
from evens.core.commands.ledger import BeginBatch, DefineCurrency
from evens.core.commands.wallets import (
    CompleteWithdrawal,
    Deposit,
    ExcludeCustomer,
    FreezeCustomer,
    RegisterCustomer,
    RejectWithdrawal,
    RequestWithdrawal,
    ReverseTransaction,
    SetDepositLimits,
    TagCustomer,
    Transfer,
    TransferBatch,
    UnfreezeCustomer,
    Withdraw,
)
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
    PositionReduced,
    PositionSettled,
    PositionsRecalled,
    RemovalRevised,
    ResultDeclared,
    RunnerRemoved,
    StageFinished,
)
from evens.core.events.ledger import BatchBegun, CurrencyDefined, Rejected, Transferred
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
from evens.core.ledger.reasons import SharedReason
from evens.core.values.reasons import Reason
from evens.core.wallets.reasons import WalletReason

COMMAND_TAGS: Final[dict[type[Command], int]] = {
    DefineCurrency: 1,
    RegisterCustomer: 2,
    FreezeCustomer: 3,
    UnfreezeCustomer: 4,
    Deposit: 5,
    Withdraw: 6,
    RequestWithdrawal: 7,
    CompleteWithdrawal: 8,
    RejectWithdrawal: 9,
    Transfer: 10,
    TransferBatch: 11,
    SetCommissionDiscount: 12,
    CreateMarket: 13,
    SuspendMarket: 14,
    ResumeMarket: 15,
    TurnInPlay: 16,
    CloseMarket: 17,
    RemoveRunner: 18,
    SettleMarket: 19,
    VoidMarket: 20,
    PlaceOrder: 21,
    ReplaceOrder: 22,
    CancelOrder: 23,
    CancelOrders: 24,
    ReleaseOrder: 25,
    AdvanceMarket: 26,
    ArchiveMarket: 27,
    OfferChallenge: 28,
    AcceptChallenge: 29,
    CancelChallenge: 30,
    ResolveChallenge: 31,
    DisputeChallenge: 32,
    RuleChallenge: 33,
    ExpireChallenge: 34,
    PayChallenge: 35,
    SettleChallenge: 36,
    SetDepositLimits: 37,
    RecallChallenges: 38,
    ReverseTransaction: 55,
    ReturnChallenge: 45,
    LapseOrders: 46,
    ExcludeCustomer: 47,
    TagCustomer: 48,
    BeginBatch: 49,
    ReinstateRunner: 40,
}

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
}

REASONS: Final[Mapping[str, Reason]] = {
    reason.value: reason
    for reasons in (SharedReason, WalletReason, ExchangeReason, ChallengeReason)
    for reason in reasons
}
