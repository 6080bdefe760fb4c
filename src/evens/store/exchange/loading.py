"""Loading the exchange from its tables: markets that can still change, their positions, results and waiting orders."""

from typing import TYPE_CHECKING, Final

from evens.core.exchange.book import Order
from evens.core.exchange.market import Market
from evens.core.exchange.state import Exchange
from evens.core.ledger.booking import Result
from evens.core.state import House
from evens.core.values.betting import MarketStatus, Persistence, ReductionRule, Side, Stage, TimeInForce
from evens.core.values.ids import CustomerId, MarketId
from evens.store.exchange.live_markets import is_bare, market_of
from evens.store.exchange.queries import read_market
from evens.store.exchange.tables import MARKETS, ORDERS, POSITIONS, SETTLEMENTS
from evens.store.sql_files import statements
from evens.store.wallets.tables import CUSTOMERS

if TYPE_CHECKING:
    import asyncpg

    from evens.store.database import Wire

_SQL: Final = statements("exchange", "loading")
_DISCOUNTS: Final = f"""
{CUSTOMERS.select("id", "commission_discount_bps")} WHERE commission_discount_bps > 0 ORDER BY id
"""
# Each of these is asked for all markets, or for one: a plan for a known value leaves the other case out.
_MARKETS: Final = f"{MARKETS.select()} WHERE NOT archived AND ($1::bigint IS NULL OR id = $1) ORDER BY id"
# What is booked was forgotten, and while it is recalled that begins anew.
_AT_HAND: Final = f"""
NOT m.archived AND m.status NOT IN ({MarketStatus.SETTLED}, {MarketStatus.VOID})
AND (m.settlement <= 1 OR m.stage = {Stage.SETTLING})
"""
_POSITIONS: Final = f"""
{POSITIONS.select(alias="p")}
JOIN evens.markets AS m ON m.id = p.market AND {_AT_HAND}
WHERE (p.stake <> 0 OR p.value <> 0) AND ($1::bigint IS NULL OR p.market = $1)
ORDER BY p.market, p.customer, p.runner
"""
_RESULTS: Final = f"""
{SETTLEMENTS.select(alias="s")}
JOIN evens.markets AS m ON m.id = s.market AND {_AT_HAND} AND s.settlement >= m.settlement - 1
WHERE $1::bigint IS NULL OR s.market = $1
ORDER BY s.market, s.settlement, s.customer
"""
_ORDERS: Final = f"{ORDERS.select()} WHERE open AND ($1::bigint IS NULL OR market = $1) ORDER BY id"


async def load_exchange(connection: "Wire", house: House) -> None:
    """Fill the empty exchange of a house that has its customers with what the tables have."""
    discounts = house.exchange.discounts
    discounts.update((customer, bps) for customer, bps in await connection.fetch(_DISCOUNTS))
    await load_markets(connection, house.exchange)


async def load_markets(connection: "Wire", exchange: Exchange, only: MarketId | None = None) -> None:
    """Add all markets that can still change, or only one, with their positions, results and waiting orders."""
    for row in await connection.fetch(_MARKETS, only):
        market = market_of(read_market(row))
        exchange.add_market(market)
        if market.settled_at is not None:
            market.let_go()
    markets = exchange.markets
    for row in await connection.fetch(_POSITIONS, only):
        stand = markets[row["market"]].position(row["customer"]).stand(row["runner"])
        stand.stake_minor, stand.value_cents = row["stake"], row["value"]
    for market, customer, runner, since, odds, stake_minor in await connection.fetch(
        _SQL["kept_bets"], ReductionRule.BET, Side.BACK, only
    ):
        markets[market].position(customer).keep(runner, since, odds, stake_minor)
    for row in await connection.fetch(_RESULTS, only):
        result = Result(row["profit"], row["commission"], row["discount_bps"])
        _add_result(markets[row["market"]], row["settlement"], row["customer"], result)
    for row in await connection.fetch(_ORDERS, only):
        exchange.add_order(_read_order(row))
    for market, customer, placed_at in await connection.fetch(_SQL["last_orders"], only):
        known = markets[market]
        # Also of somebody whose bets have cancelled out, until that is booked.
        if is_bare(known, customer, placed_at) and customer not in known.results:
            known.position(customer).bare = True


def _add_result(market: Market, settlement: int, customer: CustomerId, result: Result) -> None:
    """Take a result as booked under the current settlement, or as still to be corrected by it."""
    if settlement == market.settlement:
        market.corrected.pop(customer, None)
        market.positions.pop(customer, None)
        market.results[customer] = result
    elif market.settlement > 1:
        market.position(customer)
        market.corrected[customer] = result


def _read_order(row: "asyncpg.Record") -> Order:
    return Order(
        row["id"],
        row["market"],
        row["runner"],
        row["customer"],
        Side(row["side"]),
        row["odds"],
        row["remaining"],
        Persistence(row["persistence"]),
        TimeInForce(row["time_in_force"]),
        row["min_fill"],
        row["due_at"],
        row["matched"],
        row["matched_value"],
        row["client_ref"],
        row["strategy_ref"],
    )
