"""Matches as rows: for everybody, for those whose they are, and as each of the two sides has them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evens.core.values.betting import Side
from evens.core.values.ids import CustomerId, MarketId, MatchId, OrderId, RunnerId

if TYPE_CHECKING:
    import asyncpg


@dataclass(frozen=True, slots=True)
class Trade:
    """A match as anybody may see it. ``id`` is also when it was made."""

    id: MatchId
    market: MarketId
    runner: RunnerId
    odds: int
    stake_minor: int
    taker_side: Side


@dataclass(frozen=True, slots=True)
class PartyTrade:
    """A match with the two orders that made it, and whose they are."""

    trade: Trade
    maker: OrderId
    maker_customer: CustomerId
    taker: OrderId
    taker_customer: CustomerId


@dataclass(frozen=True, slots=True)
class Fill:
    """A match as one of its two sides has it. ``id`` is of the fill and grows with time; ``match`` is also when."""

    id: int
    match: MatchId
    market: MarketId
    runner: RunnerId
    odds: int
    stake_minor: int
    order: OrderId
    customer: CustomerId
    side: Side


@dataclass(frozen=True, slots=True)
class TradedRow:
    """How much was matched on a runner at one price, each bet counted once.

    ``by_house_minor`` is the part of it in which the house is one side: what was matched in sets.
    """

    runner: RunnerId
    odds: int
    stake_minor: int
    by_house_minor: int

    @property
    def both_sides_minor(self) -> int:
        """What customers have matched, on both sides together."""
        return 2 * self.stake_minor - self.by_house_minor


@dataclass(frozen=True, slots=True)
class RunnerTotals:
    """How much was matched on a runner (each bet counted once), and at which odds last.

    ``by_house_minor`` is the part of it in which the house is one side: what was matched in sets.
    """

    matched_minor: int
    last_odds: int
    by_house_minor: int = 0

    @property
    def both_sides_minor(self) -> int:
        """What customers have matched, on both sides together."""
        return 2 * self.matched_minor - self.by_house_minor


def read_totals(row: "asyncpg.Record") -> RunnerTotals:
    """Return the totals in a row."""
    return RunnerTotals(row["matched"], row["last_odds"], row["by_house"])


def read_trade(row: "asyncpg.Record") -> PartyTrade:
    """Return the match in a row."""
    trade = Trade(row["id"], row["market"], row["runner"], row["odds"], row["stake"], Side(row["taker_side"]))
    return PartyTrade(trade, row["maker"], row["maker_customer"], row["taker"], row["taker_customer"])


def read_fill(row: "asyncpg.Record") -> Fill:
    """Return the fill in a row."""
    return Fill(
        row["fill"],
        row["id"],
        row["market"],
        row["runner"],
        row["odds"],
        row["stake"],
        row["order"],
        row["customer"],
        Side(row["side"]),
    )
