"""Every command there is, product by product."""

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
from evens.core.commands.exchange import (
    AdmitOrders,
    AdvanceMarket,
    ArchiveMarket,
    CancelOrder,
    CancelOrders,
    ChangePersistence,
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
from evens.core.commands.fixed_odds import (
    AdvanceFixture,
    ArchiveFixture,
    CancelBets,
    CashOutBet,
    CloseConflict,
    DeclareResults,
    DisputeFixture,
    FundHouse,
    HearSource,
    HoldFixture,
    PlaceBet,
    PublishLine,
    RemoveSelection,
    RollBackResults,
    SetBookLimits,
    SetStakeFactor,
    VoidBet,
    VoidFixture,
    WithdrawFromHouse,
)
from evens.core.commands.following import (
    ChangeFollow,
    ChargeFee,
    CopyBet,
    CopyMatch,
    CopyPoolBet,
    EndFollow,
    FollowLeader,
    PauseFollow,
    ResumeFollow,
    SettleCopy,
    SkipBets,
    StopFollow,
)
from evens.core.commands.ledger import BeginBatch, DefineCurrency
from evens.core.commands.pools import (
    AdvanceRound,
    ArchiveRound,
    ChangePool,
    CreatePool,
    LockRound,
    OpenRound,
    PlacePoolBet,
    SettleRound,
    VoidRound,
)
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

Command = (
    DefineCurrency
    | BeginBatch
    | RegisterCustomer
    | FreezeCustomer
    | UnfreezeCustomer
    | ExcludeCustomer
    | TagCustomer
    | Deposit
    | Withdraw
    | RequestWithdrawal
    | CompleteWithdrawal
    | RejectWithdrawal
    | Transfer
    | TransferBatch
    | ReverseTransaction
    | SetDepositLimits
    | SetCommissionDiscount
    | CreateMarket
    | SuspendMarket
    | ResumeMarket
    | TurnInPlay
    | CloseMarket
    | RemoveRunner
    | ReinstateRunner
    | SettleMarket
    | VoidMarket
    | PlaceOrder
    | AdmitOrders
    | ReplaceOrder
    | CancelOrder
    | ChangePersistence
    | CancelOrders
    | ReleaseOrder
    | LapseOrders
    | AdvanceMarket
    | ArchiveMarket
    | OfferChallenge
    | AcceptChallenge
    | CancelChallenge
    | ResolveChallenge
    | DisputeChallenge
    | RuleChallenge
    | ExpireChallenge
    | PayChallenge
    | SettleChallenge
    | RecallChallenges
    | ReturnChallenge
    | FundHouse
    | WithdrawFromHouse
    | PublishLine
    | RemoveSelection
    | DeclareResults
    | RollBackResults
    | CancelBets
    | HoldFixture
    | VoidFixture
    | HearSource
    | CloseConflict
    | DisputeFixture
    | PlaceBet
    | CashOutBet
    | VoidBet
    | SetBookLimits
    | SetStakeFactor
    | AdvanceFixture
    | ArchiveFixture
    | CreatePool
    | ChangePool
    | OpenRound
    | PlacePoolBet
    | LockRound
    | SettleRound
    | VoidRound
    | AdvanceRound
    | ArchiveRound
    | ChangeFollow
    | ChargeFee
    | CopyBet
    | CopyMatch
    | CopyPoolBet
    | EndFollow
    | FollowLeader
    | PauseFollow
    | ResumeFollow
    | SettleCopy
    | SkipBets
    | StopFollow
)
