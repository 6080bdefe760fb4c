"""What may be asked about markets and orders."""

from dataclasses import dataclass, field
from typing import Final

from evens.core.values.betting import MarketTerms, Persistence, Side, TimeInForce
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from evens.core.values.later import LATER, later

ORDERS_PER_MARKET_MAX: Final = 1_000
"""Most orders with unmatched stake that a customer may have in a market unless the operator chose otherwise."""

ORDERS_TOGETHER_MAX: Final = 200
"""Most orders that can be placed all or none."""


@dataclass(frozen=True, slots=True)
class SetCommissionDiscount:
    """Take a part off every commission rate for a customer, in basis points of the rate."""

    customer: CustomerId
    discount_bps: int


@dataclass(frozen=True, slots=True)
class CreateMarket:
    """Open a market in one currency."""

    currency: str
    terms: MarketTerms


@dataclass(frozen=True, slots=True)
class SuspendMarket:
    """Stop matching and orders for a while; what waits in the book keeps its place."""

    market: MarketId


@dataclass(frozen=True, slots=True)
class ResumeMarket:
    """Go on after a suspension, in-play if the market had turned in-play."""

    market: MarketId


@dataclass(frozen=True, slots=True)
class TurnInPlay:
    """The contest has begun: orders that do not persist lapse, and new ones wait for the market's bet delay."""

    market: MarketId


@dataclass(frozen=True, slots=True)
class CloseMarket:
    """End betting for good; what is unmatched lapses."""

    market: MarketId


@dataclass(frozen=True, slots=True)
class RemoveRunner:
    """A runner will not run: bets on it are void, and matched odds on the others shrink by ``reduction_bps``.

    For a runner that is removed already, this corrects by how much.
    """

    market: MarketId
    runner: RunnerId
    reduction_bps: int


@dataclass(frozen=True, slots=True)
class ReinstateRunner:
    """A removal was wrong: bets on the runner count again, and matched odds on the others are what they were."""

    market: MarketId
    runner: RunnerId


@dataclass(frozen=True, slots=True)
class SettleMarket:
    """Say who won. On a settled market this is a correction: old results are reversed and new ones booked.

    Those who ``tied`` share the places that the clear ``winners`` leave: each then wins at full odds on its share of
    the stake, and the rest of the stake loses. With ``dead_heat``, all of the winners tied for the only place.
    ``fewer`` says that it is meant if fewer win than the market promised; perhaps nobody.
    """

    market: MarketId
    winners: tuple[RunnerId, ...]
    dead_heat: bool = False
    correction: bool = False
    tied: tuple[RunnerId, ...] = later(())
    fewer: bool = later(False)


@dataclass(frozen=True, slots=True)
class VoidMarket:
    """Undo all bets of a market: everybody has back what they staked."""

    market: MarketId
    correction: bool = False


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Back or lay a runner at these odds or better.

    A fill-or-kill order keeps what is matched if that is at once at least ``min_fill_minor`` (all of it if ``None``).
    ``market_version`` is the newest the customer knows of; an older one than the market's is refused. ``orders_max`` is
    how many open orders the house allows a customer in a market; it belongs to the moment and not to what is asked for.
    ``client_ref`` and ``strategy_ref`` are the customer's own names for the order and for what it is a part of.
    """

    customer: CustomerId
    market: MarketId
    runner: RunnerId
    side: Side
    odds: int
    stake_minor: int
    time_in_force: TimeInForce = TimeInForce.GOOD_TILL_CANCELLED
    min_fill_minor: int | None = None
    persistence: Persistence = Persistence.LAPSE
    market_version: int | None = None
    client_ref: str | None = None
    orders_max: int = field(default=ORDERS_PER_MARKET_MAX, compare=False, metadata={LATER: True})
    strategy_ref: str | None = later(None)


@dataclass(frozen=True, slots=True)
class AdmitOrders:
    """Say whether all of these orders can be placed, one after the other: orders of one customer in one market.

    It places none. Its record says which orders were meant to stand or fall together. They follow it as commands of
    their own, and only if it is not refused. Raises ``ValueError`` for none, for more than
    :data:`ORDERS_TOGETHER_MAX`, and for orders of several customers or markets.
    """

    orders: tuple[PlaceOrder, ...]

    def __post_init__(self) -> None:
        """Refuse to be what cannot be decided as one."""
        if not 1 <= len(self.orders) <= ORDERS_TOGETHER_MAX:
            raise ValueError(f"1 to {ORDERS_TOGETHER_MAX} orders are admitted together, not {len(self.orders)}")
        if len({(order.customer, order.market) for order in self.orders}) > 1:
            raise ValueError("orders that are admitted together are of one customer and in one market")


@dataclass(frozen=True, slots=True)
class ReplaceOrder:
    """Change an order's odds or what of its stake is unmatched; only a smaller stake keeps the place in the queue.

    ``market_version`` is as in :class:`PlaceOrder`.
    """

    customer: CustomerId
    order: OrderId
    odds: int | None = None
    stake_minor: int | None = None
    market_version: int | None = later(None)


@dataclass(frozen=True, slots=True)
class ChangePersistence:
    """Say anew what becomes of an order when its market turns in-play; it keeps its place in the queue."""

    customer: CustomerId
    order: OrderId
    persistence: Persistence


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Take back what is unmatched of an order, or ``reduce_by_minor`` of it."""

    customer: CustomerId
    order: OrderId
    reduce_by_minor: int | None = None


@dataclass(frozen=True, slots=True)
class CancelOrders:
    """Take back everything unmatched of a customer, in one market or in all."""

    customer: CustomerId
    market: MarketId | None = None


@dataclass(frozen=True, slots=True)
class ReleaseOrder:
    """A delayed order's time has come: it enters the book. Internal: the house gives itself this command."""

    order: OrderId


@dataclass(frozen=True, slots=True)
class LapseOrders:
    """Let the next of a frozen customer's open orders lapse. Internal."""

    customer: CustomerId


@dataclass(frozen=True, slots=True)
class AdvanceMarket:
    """Do the next part of what a market has to do for many customers. Internal."""

    market: MarketId


@dataclass(frozen=True, slots=True)
class ArchiveMarket:
    """Let go of a settled market that can no longer be corrected. Internal."""

    market: MarketId
