"""What can have happened to markets, orders and positions."""

from dataclasses import dataclass, field

from evens.core.values.betting import (
    BookedPosition,
    Cause,
    MarketStatus,
    MarketTerms,
    Persistence,
    Side,
    Stage,
    TimeInForce,
)
from evens.core.values.ids import CustomerId, MarketId, MatchId, OrderId, RunnerId
from evens.core.values.later import LATER, later


@dataclass(frozen=True, slots=True)
class CommissionDiscountSet:
    """The customer pays this much less commission from now on."""

    customer: CustomerId
    discount_bps: int


@dataclass(frozen=True, slots=True)
class MarketCreated:
    """A market is open from now on; ``market`` is the seq of the command."""

    market: MarketId
    currency_number: int
    terms: MarketTerms


@dataclass(frozen=True, slots=True)
class MarketStatusChanged:
    """The market moved on. ``version`` counts the changes that a customer should know of before betting on."""

    market: MarketId
    status: MarketStatus
    stage: Stage
    version: int
    at: int


@dataclass(frozen=True, slots=True)
class StageFinished:
    """What a market had to do for all its customers is done; ``stage`` is what comes next."""

    market: MarketId
    stage: Stage


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """An order waits in the book from now on, or, with ``due_at``, until then for its place in it.

    ``replaces`` is the order that was taken back for it.
    """

    order: OrderId
    market: MarketId
    runner: RunnerId
    customer: CustomerId
    side: Side
    odds: int
    stake_minor: int
    persistence: Persistence
    time_in_force: TimeInForce
    min_fill_minor: int
    due_at: int | None
    client_ref: str | None
    replaces: OrderId | None = field(default=None, metadata={LATER: True})
    strategy_ref: str | None = later(None)


@dataclass(frozen=True, slots=True)
class PersistenceChanged:
    """From now on this becomes of the order when its market turns in-play. The last four are as in OrderReduced."""

    order: OrderId
    market: MarketId
    customer: CustomerId
    persistence: Persistence
    remaining_minor: int
    matched_minor: int
    matched_value_cents: int
    due_at: int | None


@dataclass(frozen=True, slots=True)
class OrdersAdmitted:
    """So many orders of a customer can all be placed in a market now; they follow, each by a record of its own."""

    market: MarketId
    customer: CustomerId
    orders: int


@dataclass(frozen=True, slots=True)
class OrderReleased:
    """A delayed order is in the book now."""

    order: OrderId
    market: MarketId


@dataclass(frozen=True, slots=True)
class Matched:
    """A waiting order (the maker) and an incoming one (the taker) are a bet at the maker's odds.

    ``match`` is unique and ordered by time. The maker is on the side that is not ``taker_side``.
    """

    match: MatchId
    market: MarketId
    runner: RunnerId
    odds: int
    stake_minor: int
    maker: OrderId
    maker_customer: CustomerId
    taker: OrderId
    taker_customer: CustomerId
    taker_side: Side
    taker_odds: int


@dataclass(frozen=True, slots=True)
class OrderReduced:
    """Unmatched stake left an order, all of it or a part.

    The last four say what the order is now: what is unmatched, what is matched, what that is worth (stake × odds), and
    for when it is delayed.
    """

    order: OrderId
    market: MarketId
    runner: RunnerId
    customer: CustomerId
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
    """The runner does not run; what that means for each customer follows in :class:`PositionReduced`.

    ``lent_minor`` is what the house has to lend for it as customers' cash is now. ``log`` is the market's whole
    ``removal_log`` with this removal, and ``removals`` are all that stand now; both are empty where removals are for
    good.
    """

    market: MarketId
    runner: RunnerId
    reduction_bps: int
    version: int
    lent_minor: int = later(0)
    status: MarketStatus = field(default=MarketStatus.SUSPENDED, metadata={LATER: True})
    log: tuple[tuple[Stage, RunnerId, int], ...] = later(())
    removals: tuple[tuple[RunnerId, int], ...] = later(())


@dataclass(frozen=True, slots=True)
class RemovalRevised:
    """A removal was taken back (``stage`` is REINSTATING) or its reduction corrected (REDUCING).

    ``was_bps`` is the reduction before, where exposure covers every reduction and so depends on it until this is
    carried out.
    The rest is as in :class:`RunnerRemoved`.
    """

    market: MarketId
    runner: RunnerId
    stage: Stage
    removals: tuple[tuple[RunnerId, int], ...]
    version: int
    lent_minor: int
    status: MarketStatus
    log: tuple[tuple[Stage, RunnerId, int], ...]
    was_bps: int | None = later(None)


@dataclass(frozen=True, slots=True)
class CoverLifted:
    """As the market turns in-play, a customer's exposure no longer covers removals. Customer 0 stands for the start."""

    market: MarketId
    customer: CustomerId


@dataclass(frozen=True, slots=True)
class PositionReduced:
    """A customer's matched bets after a removal changed: ``changes`` are (runner, stake, value) to be added."""

    market: MarketId
    customer: CustomerId
    changes: tuple[tuple[RunnerId, int, int], ...]


@dataclass(frozen=True, slots=True)
class ResultDeclared:
    """It is known who won. Each share is (runner, numerator) over ``parts``; no parts mean void, no shares nobody.

    ``settlement`` counts the results of this market from 1.
    """

    market: MarketId
    settlement: int
    shares: tuple[tuple[RunnerId, int], ...]
    parts: int


@dataclass(frozen=True, slots=True)
class PositionSettled:
    """A customer's net profit (a loss if negative) in a market was booked, and commission taken from it.

    ``discount_bps`` is the discount that counted: the one that the customer had when the market was first settled.
    ``None`` in records from before it was kept.
    """

    market: MarketId
    settlement: int
    customer: CustomerId
    profit_minor: int
    commission_minor: int
    discount_bps: int | None = later(None)


@dataclass(frozen=True, slots=True)
class MarketArchived:
    """The market is history: it can no longer be corrected."""

    market: MarketId


@dataclass(frozen=True, slots=True)
class PositionsRecalled:
    """The house knows these positions again, for a correction. They are as the result before was booked."""

    market: MarketId
    positions: tuple[BookedPosition, ...]
