"""Everything one may ask of the house, on one page.

Commands are plain values: who asks and under which key is the sequencer's business. Customers are named by id,
currencies by code, money in minor units, times in nanoseconds since 1970 (UTC). ``effective_at`` is the value date:
``None`` means "now", and it may lie in the past but not in the future. Odds are in hundredths, runners are numbers from
1 within their market, and markets, orders and challenges are named by the seq of the command that made them.
"""

from dataclasses import dataclass
from typing import Final

from evens.core.values.betting import MarketTerms, Outcome, Persistence, Side, TimeInForce
from evens.core.values.odds import BPS_UNIT, ODDS_MAX, ODDS_MIN

TRANSFERS_PER_BATCH_MAX: Final = 1_000

DISPUTE_WINDOW_MS_MAX: Final = 366 * 24 * 3600 * 1000
"""Longest time that what a resolver said can be disputed."""


@dataclass(frozen=True, slots=True)
class DefineCurrency:
    """Add a currency. Its scale can never change afterwards."""

    code: str
    scale: int


@dataclass(frozen=True, slots=True)
class RegisterCustomer:
    """Open a customer under a username that nobody else has, whatever the case of its letters."""

    username: str


@dataclass(frozen=True, slots=True)
class FreezeCustomer:
    """Stop a customer from moving money out; receiving it and finishing pending withdrawals stay possible."""

    customer: int


@dataclass(frozen=True, slots=True)
class UnfreezeCustomer:
    """Let a frozen customer move money again."""

    customer: int


@dataclass(frozen=True, slots=True)
class Deposit:
    """Book money that arrived from outside to the customer's cash."""

    customer: int
    currency: str
    amount_minor: int
    rail: int
    effective_at: int | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Book money that left to the outside, at once."""

    customer: int
    currency: str
    amount_minor: int
    rail: int
    effective_at: int | None = None
    reference: str | None = None
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class RequestWithdrawal:
    """Set a customer's money aside until the payment out is completed or rejected."""

    customer: int
    currency: str
    amount_minor: int
    reference: str | None = None
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class CompleteWithdrawal:
    """The payment out was made: the money set aside leaves the house."""

    withdrawal: int


@dataclass(frozen=True, slots=True)
class RejectWithdrawal:
    """The payment out will not be made: the money set aside returns to the customer's cash."""

    withdrawal: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """Move cash from one customer to another."""

    payer: int
    payee: int
    currency: str
    amount_minor: int
    effective_at: int | None = None
    memo: str | None = None


@dataclass(frozen=True, slots=True)
class TransferBatch:
    """Make transfers under one key: all or none if ``atomic``, else each on its own merits, in order.

    Raises ``ValueError`` for none, or more than :data:`TRANSFERS_PER_BATCH_MAX`.
    """

    transfers: tuple[Transfer, ...]
    atomic: bool

    def __post_init__(self) -> None:
        """Refuse to be what could not be recorded: a command has only so many moments to give to transfers."""
        if not 1 <= len(self.transfers) <= TRANSFERS_PER_BATCH_MAX:
            raise ValueError(f"a batch has 1 to {TRANSFERS_PER_BATCH_MAX} transfers, not {len(self.transfers)}")


@dataclass(frozen=True, slots=True)
class SetCommissionDiscount:
    """Take a part off every commission rate for a customer, in basis points of the rate."""

    customer: int
    discount_bps: int


@dataclass(frozen=True, slots=True)
class CreateMarket:
    """Open a market in one currency."""

    currency: str
    terms: MarketTerms


@dataclass(frozen=True, slots=True)
class SuspendMarket:
    """Stop matching and orders for a while; what waits in the book keeps its place."""

    market: int


@dataclass(frozen=True, slots=True)
class ResumeMarket:
    """Go on after a suspension, in-play if the market had turned in-play."""

    market: int


@dataclass(frozen=True, slots=True)
class TurnInPlay:
    """The contest has begun: orders that do not persist lapse, and new ones wait for the market's bet delay."""

    market: int


@dataclass(frozen=True, slots=True)
class CloseMarket:
    """End betting for good; what is unmatched lapses."""

    market: int


@dataclass(frozen=True, slots=True)
class RemoveRunner:
    """A runner will not run: bets on it are void, and matched odds on the others shrink by ``reduction_bps``."""

    market: int
    runner: int
    reduction_bps: int


@dataclass(frozen=True, slots=True)
class SettleMarket:
    """Say who won. On a settled market this is a correction: old results are reversed and new ones booked.

    ``dead_heat`` allows more winners than the market has places: each then wins at full odds on the share of the stake
    that is places over winners, and the rest of the stake loses.
    """

    market: int
    winners: tuple[int, ...]
    dead_heat: bool = False
    correction: bool = False


@dataclass(frozen=True, slots=True)
class VoidMarket:
    """Undo all bets of a market: everybody has back what they staked."""

    market: int
    correction: bool = False


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Back or lay a runner at these odds or better.

    A fill-or-kill order keeps what is matched at once if that is at least ``min_fill_minor`` (all of it if ``None``).
    ``market_version`` is the newest the customer knows of; an older one than the market's is refused.
    """

    customer: int
    market: int
    runner: int
    side: Side
    odds: int
    stake_minor: int
    time_in_force: TimeInForce = TimeInForce.GOOD_TILL_CANCELLED
    min_fill_minor: int | None = None
    persistence: Persistence = Persistence.LAPSE
    market_version: int | None = None
    client_ref: str | None = None


@dataclass(frozen=True, slots=True)
class ReplaceOrder:
    """Change an order's odds or what of its stake is unmatched; only a smaller stake keeps the place in the queue."""

    customer: int
    order: int
    odds: int | None = None
    stake_minor: int | None = None


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Take back what is unmatched of an order, or ``reduce_by_minor`` of it."""

    customer: int
    order: int
    reduce_by_minor: int | None = None


@dataclass(frozen=True, slots=True)
class CancelOrders:
    """Take back everything unmatched of a customer, in one market or in all."""

    customer: int
    market: int | None = None


@dataclass(frozen=True, slots=True)
class ReleaseOrder:
    """A delayed order's time has come: it enters the book. Internal: the house gives itself this command."""

    order: int


@dataclass(frozen=True, slots=True)
class AdvanceMarket:
    """Do the next part of what a market has to do for many customers. Internal."""

    market: int


@dataclass(frozen=True, slots=True)
class ArchiveMarket:
    """Let go of a settled market that can no longer be corrected. Internal."""

    market: int


@dataclass(frozen=True, slots=True)
class OfferChallenge:
    """Bet against whoever accepts first, on a runner of a market or on what a resolver is to say.

    Of the two sides ``side`` is the challenger's; the stake is the backer's. ``public`` lists it for everybody.
    ``fee_bps`` is taken of the winner's profit. What the resolver says is paid after ``dispute_window_ms``. Raises
    ``ValueError`` unless exactly one of a runner and a resolver is to decide, or for numbers out of bounds.
    """

    customer: int
    title: str
    side: Side
    odds: int
    stake_minor: int
    currency: str
    expires_at: int
    public: bool = False
    market: int | None = None
    runner: int | None = None
    resolver: int | None = None
    fee_bps: int = 0
    dispute_window_ms: int = 0

    def __post_init__(self) -> None:
        """Refuse what nobody or two could decide, and odds that there are not."""
        if (self.market is None) != (self.runner is None) or (self.market is None) == (self.resolver is None):
            raise ValueError("a challenge is decided by a runner of a market or by a resolver, and by one of the two")
        if not ODDS_MIN <= self.odds <= ODDS_MAX or not 0 <= self.fee_bps <= BPS_UNIT:
            raise ValueError("odds or fee are out of bounds")
        if not 0 <= self.dispute_window_ms <= DISPUTE_WINDOW_MS_MAX:
            raise ValueError(f"a dispute window is at most {DISPUTE_WINDOW_MS_MAX} ms, not {self.dispute_window_ms}")


@dataclass(frozen=True, slots=True)
class AcceptChallenge:
    """Take the other side of a challenge."""

    challenge: int
    customer: int


@dataclass(frozen=True, slots=True)
class CancelChallenge:
    """Take back a challenge that nobody has accepted."""

    challenge: int
    customer: int


@dataclass(frozen=True, slots=True)
class ResolveChallenge:
    """Say, as the resolver of a challenge, how it ended."""

    challenge: int
    customer: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class DisputeChallenge:
    """Contest, as one of the two, what the resolver said; nothing is paid until the operator rules."""

    challenge: int
    customer: int


@dataclass(frozen=True, slots=True)
class RuleChallenge:
    """The operator's last word on a challenge with a resolver. It is paid at once."""

    challenge: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ExpireChallenge:
    """Give back what was offered and can no longer be accepted. Internal."""

    challenge: int


@dataclass(frozen=True, slots=True)
class PayChallenge:
    """Pay what the resolver said and nobody disputed in time. Internal."""

    challenge: int


@dataclass(frozen=True, slots=True)
class SettleChallenge:
    """Pay what the result of its market, or the removal of its runner, makes of a challenge. Internal."""

    challenge: int


Command = (
    DefineCurrency
    | RegisterCustomer
    | FreezeCustomer
    | UnfreezeCustomer
    | Deposit
    | Withdraw
    | RequestWithdrawal
    | CompleteWithdrawal
    | RejectWithdrawal
    | Transfer
    | TransferBatch
    | SetCommissionDiscount
    | CreateMarket
    | SuspendMarket
    | ResumeMarket
    | TurnInPlay
    | CloseMarket
    | RemoveRunner
    | SettleMarket
    | VoidMarket
    | PlaceOrder
    | ReplaceOrder
    | CancelOrder
    | CancelOrders
    | ReleaseOrder
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
)
