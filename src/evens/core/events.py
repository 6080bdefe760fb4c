"""Everything that can have happened, on one page.

Events are facts in the past tense. Applying a command's events to the house it was decided on gives the next house;
applying all of them from the beginning gives today's. A refusal is a fact too, and it changes nothing.
"""

from dataclasses import dataclass
from enum import IntEnum

from evens.core.values.betting import (
    Cause,
    ChallengeStatus,
    MarketStatus,
    MarketTerms,
    Outcome,
    Persistence,
    Side,
    Stage,
    TimeInForce,
)
from evens.core.values.reasons import Reason

Fact = tuple[str, int | str]
"""A named circumstance of a refusal, for example ``("available_minor", 250)``."""


class TransferKind(IntEnum):
    """Why money moved. The numbers are stored with every transfer and never change."""

    DEPOSIT = 1
    WITHDRAWAL = 2
    TRANSFER = 3
    RELEASE = 4
    PAID_OUT = 5
    STAKE = 6
    LOSS = 7
    PAYOUT = 8
    COMMISSION = 9
    ROUNDING = 10
    ADVANCE = 11
    REPAYMENT = 12
    REVERSAL = 13


@dataclass(frozen=True, slots=True)
class Note:
    """What people wrote on a transfer. Absent parts are ``None``; a transfer without any has no note at all."""

    reference: str | None = None
    memo: str | None = None
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The command was refused and changed nothing. Always a command's only event."""

    reason: Reason
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class TransferRefused:
    """One transfer of a batch was refused while others went on; ``position`` counts from 0."""

    position: int
    reason: Reason
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class CurrencyDefined:
    """A currency exists from now on."""

    number: int
    code: str
    scale: int


@dataclass(frozen=True, slots=True)
class CustomerRegistered:
    """A customer exists from now on; ``customer`` is the seq of the command."""

    customer: int
    username: str


@dataclass(frozen=True, slots=True)
class CustomerFrozen:
    """The customer may not move money until unfrozen."""

    customer: int


@dataclass(frozen=True, slots=True)
class CustomerUnfrozen:
    """The customer may move money again."""

    customer: int


@dataclass(frozen=True, slots=True)
class Transferred:
    """Money moved from ``debit`` to ``credit``, two accounts of one currency; both balances after it are recorded."""

    transfer: int
    kind: TransferKind
    debit: int
    credit: int
    amount_minor: int
    debit_after_minor: int
    credit_after_minor: int
    effective_at: int
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class WithdrawalRequested:
    """Money is set aside under the id of the transfer that did it."""

    withdrawal: int
    customer: int
    currency_number: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class WithdrawalCompleted:
    """The money set aside has left the house."""

    withdrawal: int


@dataclass(frozen=True, slots=True)
class WithdrawalRejected:
    """The money set aside is the customer's cash again."""

    withdrawal: int


@dataclass(frozen=True, slots=True)
class CommissionDiscountSet:
    """The customer pays this much less commission from now on."""

    customer: int
    discount_bps: int


@dataclass(frozen=True, slots=True)
class MarketCreated:
    """A market is open from now on; ``market`` is the seq of the command."""

    market: int
    currency_number: int
    terms: MarketTerms


@dataclass(frozen=True, slots=True)
class MarketStatusChanged:
    """The market moved on. ``version`` counts the changes that a customer should know of before betting on."""

    market: int
    status: MarketStatus
    stage: Stage
    version: int
    at: int


@dataclass(frozen=True, slots=True)
class StageFinished:
    """What a market had to do for all its customers is done; ``stage`` is what comes next."""

    market: int
    stage: Stage


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """An order waits in the book from now on, or, with ``due_at``, until then for its place in it."""

    order: int
    market: int
    runner: int
    customer: int
    side: Side
    odds: int
    stake_minor: int
    persistence: Persistence
    time_in_force: TimeInForce
    min_fill_minor: int
    due_at: int | None
    client_ref: str | None


@dataclass(frozen=True, slots=True)
class OrderReleased:
    """A delayed order is in the book now."""

    order: int
    market: int


@dataclass(frozen=True, slots=True)
class Matched:
    """A waiting order (the maker) and an incoming one (the taker) are a bet at the maker's odds.

    ``match`` is unique and ordered by time. The maker is on the side that is not ``taker_side``.
    """

    match: int
    market: int
    runner: int
    odds: int
    stake_minor: int
    maker: int
    maker_customer: int
    taker: int
    taker_customer: int
    taker_side: Side
    taker_odds: int


@dataclass(frozen=True, slots=True)
class OrderReduced:
    """Unmatched stake left an order, all of it or a part.

    The last four say what the order is now: what is unmatched, what is matched, what that is worth (stake × odds), and
    for when it is delayed.
    """

    order: int
    market: int
    runner: int
    customer: int
    side: Side
    odds: int
    by_minor: int
    cause: Cause
    remaining_minor: int
    matched_minor: int
    matched_value_cents: int
    due_at: int | None


@dataclass(frozen=True, slots=True)
class RunnerRemoved:
    """The runner does not run; what that means for each customer follows in :class:`PositionReduced`."""

    market: int
    runner: int
    reduction_bps: int
    version: int


@dataclass(frozen=True, slots=True)
class PositionReduced:
    """A customer's matched bets after a removal: ``changes`` are (runner, stake, value) to be added."""

    market: int
    customer: int
    changes: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class ResultDeclared:
    """It is known who won. Each share is (runner, numerator) over ``parts``; no shares and no parts mean void.

    ``settlement`` counts the results of this market from 1.
    """

    market: int
    settlement: int
    shares: tuple[tuple[int, int], ...]
    parts: int


@dataclass(frozen=True, slots=True)
class PositionSettled:
    """A customer's net profit (a loss if negative) in a market was booked, and commission taken from it."""

    market: int
    settlement: int
    customer: int
    profit_minor: int
    commission_minor: int


@dataclass(frozen=True, slots=True)
class MarketArchived:
    """The market is history: it can no longer be corrected."""

    market: int


@dataclass(frozen=True, slots=True)
class ChallengeOffered:
    """A challenge waits for somebody to accept it; ``challenge`` is the seq of the command.

    ``profit_minor`` is what the backer wins and the layer loses, rounded down once and for all.
    """

    challenge: int
    customer: int
    title: str
    side: Side
    odds: int
    stake_minor: int
    profit_minor: int
    currency_number: int
    expires_at: int
    public: bool
    market: int | None
    runner: int | None
    resolver: int | None
    fee_bps: int
    dispute_window_ms: int


@dataclass(frozen=True, slots=True)
class ChallengeAccepted:
    """The customer took the other side: from now on it is a bet."""

    challenge: int
    customer: int


@dataclass(frozen=True, slots=True)
class ChallengeClosed:
    """The challenge was never accepted and can no longer be: it is cancelled or expired."""

    challenge: int
    status: ChallengeStatus


@dataclass(frozen=True, slots=True)
class ChallengeResolved:
    """The resolver said how it ended; that is paid at ``payable_at`` unless it is disputed before."""

    challenge: int
    outcome: Outcome
    payable_at: int


@dataclass(frozen=True, slots=True)
class ChallengeDisputed:
    """The customer, one of the two, contests what the resolver said."""

    challenge: int
    customer: int


@dataclass(frozen=True, slots=True)
class ChallengeSettled:
    """The net profits of both (losses if negative) were booked, and the fee taken from the one who won.

    After a dead heat the outcome is :attr:`Outcome.WON` with a part of the profit, which can even be a loss, and both
    profits can sum to less than zero by what was rounded down. ``settlement`` is the result of the market that was
    booked, counted from 1 as in :class:`ResultDeclared`; 0 if no result of a market decided.
    """

    challenge: int
    settlement: int
    outcome: Outcome
    backer_profit_minor: int
    layer_profit_minor: int
    fee_minor: int


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
    | CommissionDiscountSet
    | MarketCreated
    | MarketStatusChanged
    | StageFinished
    | OrderPlaced
    | OrderReleased
    | Matched
    | OrderReduced
    | RunnerRemoved
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
