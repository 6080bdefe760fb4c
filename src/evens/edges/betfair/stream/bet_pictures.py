"""Pictures of a customer's bets: what the Exchange Stream shows of them at one moment, as values that never change.

As with :mod:`evens.edges.betfair.stream.pictures`, what did not change is the same object in the next picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from evens.core.values.betting import Side
from evens.core.values.ids import MarketId, OrderId, RunnerId
from evens.core.values.money import Currency
from evens.store.exchange.queries import OrderRow

Matched = Mapping[tuple[str, Side, int], int]
"""What was matched in minor units, by strategy (empty if none was named), side and odds in hundredths."""


@dataclass(frozen=True, slots=True)
class BetPicture:
    """An order, and when something of it was last matched, cancelled and lapsed, as far as that is known."""

    order: OrderRow
    matched_at: int | None = None
    cancelled_at: int | None = None
    lapsed_at: int | None = None


@dataclass(frozen=True, slots=True)
class RunnerBets:
    """The bets on one runner; those that are void because it was removed are ``is_void``."""

    bets: Mapping[OrderId, BetPicture] = field(default_factory=dict[OrderId, BetPicture])
    matched: Matched = field(default_factory=dict[tuple[str, Side, int], int])
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class MarketBets:
    """The bets in one market."""

    currency: Currency
    runners: Mapping[RunnerId, RunnerBets] = field(default_factory=dict[RunnerId, RunnerBets])
    is_closed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class CustomerBets:
    """A customer's bets as of the command ``seq``."""

    seq: int
    markets: Mapping[MarketId, MarketBets]
