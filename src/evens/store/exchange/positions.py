"""Positions as rows, and the single bets that their exposure depends on where removals are covered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evens.core.exchange.exposure import Stand
from evens.core.exchange.market import Bets
from evens.core.values.betting import Side
from evens.core.values.ids import CustomerId, RunnerId
from evens.store.exchange.live_markets import is_bare, market_of
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.store.database import Connection
    from evens.store.exchange.queries import MarketRow

_SQL: Final = statements("exchange", "queries")


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A customer's position in a market: a stand for each runner bet on, and what was booked if it is settled.

    ``placed_at`` is when the customer placed the last order there. ``bets`` are as in
    :class:`evens.core.exchange.market.Position`, where exposure depends on them. ``discount_bps`` is the customer's
    present commission discount.
    """

    market: "MarketRow"
    customer: CustomerId
    placed_at: int
    stands: Mapping[int, Stand]
    profit_minor: int | None
    commission_minor: int | None
    bets: Bets
    discount_bps: int

    @property
    def exposure_minor(self) -> int:
        """The amount in escrow for the position."""
        if self.profit_minor is not None:
            return 0
        market = market_of(self.market)
        position = market.position(self.customer)
        position.bare = is_bare(market, self.customer, self.placed_at)
        for runner, stand in self.stands.items():
            # Whoever was removed can no longer win, and has no bets any more once that is carried out.
            if runner not in market.removals or stand.stake_minor or stand.value_cents:
                position.stands[RunnerId(runner)] = stand
        position.bets.update(self.bets)
        return market.exposure_minor(self.customer)


async def read_bets(
    wire: "Connection", markets: Iterable["MarketRow"], customers: Sequence[int]
) -> dict[tuple[int, int], Bets]:
    """Return customers' single bets by market and customer, for markets whose exposure depends on them.

    They fit to stands only if both are read in one transaction that sees one state.
    """
    covered = [market.id for market in markets if market_of(market).covers_between]
    found: dict[tuple[int, int], Bets] = {}
    if covered:
        rows = await wire.fetch(_SQL["single_bets"], covered, list(customers), Side.BACK)
        for market, customer, runner, since, odds, stake_minor in rows:
            found.setdefault((market, customer), {})[runner, since, odds] = stake_minor
    return found
