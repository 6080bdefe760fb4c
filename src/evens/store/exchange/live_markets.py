"""Making the core's markets of rows, so that tables and memory work exposure out in the same way."""

from typing import TYPE_CHECKING

from evens.core.exchange.market import CHANGING, Market
from evens.core.values.ids import CustomerId, RunnerId

if TYPE_CHECKING:
    from evens.store.exchange.queries import MarketRow


def market_of(row: "MarketRow") -> Market:
    """Return the market that a row describes, without positions."""
    market = Market(row.id, row.currency_number, row.terms)
    market.status, market.stage, market.version = row.status, row.stage, row.version
    market.turned_at, market.settled_at = row.turned_at, row.settled_at
    market.removals = {RunnerId(runner): bps for runner, bps in row.removals.items()}
    market.removal_log = list(row.removal_log)
    market.removed_up_to, market.was_bps = row.removed_up_to, row.was_bps
    market.settlement, market.parts = row.settlement, row.parts
    market.shares = tuple([(RunnerId(runner), share) for runner, share in row.shares.items()])
    return market


def is_bare(market: Market, customer: CustomerId, placed_at: int) -> bool:
    """Return whether a position whose customer placed the last order then is from before the latest removal.

    While that is being carried out, it is the one before for those who are still to come.
    """
    late = market.stage in CHANGING and customer > market.removed_up_to
    changes = market.removal_log[:-1] if late else market.removal_log
    return market.terms.cover_removals and bool(changes) and placed_at < changes[-1][2]
