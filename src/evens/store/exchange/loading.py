"""Loading the exchange from its tables: markets that can still change, their positions, results and waiting orders."""

from typing import TYPE_CHECKING, Final

from evens.core.exchange.book import Order
from evens.core.exchange.market import Market
from evens.core.exchange.state import Exchange
from evens.core.ledger.booking import Result
from evens.core.values.betting import MarketStatus, Persistence, Side, Stage, TimeInForce
from evens.store.exchange.terms import read_terms

if TYPE_CHECKING:
    import asyncpg

    from evens.store.database import Wire

_DISCOUNTS: Final = """
SELECT id, commission_discount_bps FROM evens.customers WHERE commission_discount_bps > 0 ORDER BY id
"""
_MARKETS: Final = """
SELECT id, currency_number, terms, status, stage, version, turned_at, settled_at, removals, removed_up_to, settlement,
    shares, parts
FROM evens.markets WHERE NOT archived ORDER BY id
"""
_POSITIONS: Final = """
SELECT p.market, p.customer, p.runner, p.stake, p.value FROM evens.positions AS p
JOIN evens.markets AS m ON m.id = p.market AND NOT m.archived
WHERE p.stake <> 0 OR p.value <> 0
ORDER BY p.market, p.customer, p.runner
"""
_RESULTS: Final = """
SELECT s.market, s.settlement, s.customer, s.profit, s.commission FROM evens.settlements AS s
JOIN evens.markets AS m ON m.id = s.market AND NOT m.archived AND s.settlement >= m.settlement - 1
ORDER BY s.market, s.settlement, s.customer
"""
_ORDERS: Final = """
SELECT id, market, runner, customer, side, odds, remaining, persistence, time_in_force, min_fill, due_at, matched,
    matched_value
FROM evens.orders WHERE open ORDER BY id
"""


async def load_exchange(connection: "Wire", exchange: Exchange) -> None:
    """Fill an empty exchange with what the tables have."""
    exchange.discounts.update((customer, bps) for customer, bps in await connection.fetch(_DISCOUNTS))
    for row in await connection.fetch(_MARKETS):
        exchange.add_market(_read_market(row))
    markets = exchange.markets
    for market, customer, runner, stake_minor, value_cents in await connection.fetch(_POSITIONS):
        stand = markets[market].position(customer).stand(runner)
        stand.stake_minor, stand.value_cents = stake_minor, value_cents
    for market, settlement, customer, profit_minor, commission_minor in await connection.fetch(_RESULTS):
        _add_result(markets[market], settlement, customer, Result(profit_minor, commission_minor))
    for row in await connection.fetch(_ORDERS):
        exchange.add_order(_read_order(row))


def _read_market(row: "asyncpg.Record") -> Market:
    market = Market(row["id"], row["currency_number"], read_terms(row["terms"]))
    market.status = MarketStatus(row["status"])
    market.stage = Stage(row["stage"])
    market.version = row["version"]
    market.turned_at, market.settled_at = row["turned_at"], row["settled_at"]
    market.removals.update(_pairs(row["removals"]))
    market.removed_up_to = row["removed_up_to"]
    market.settlement, market.shares, market.parts = row["settlement"], tuple(_pairs(row["shares"])), row["parts"]
    return market


def _add_result(market: Market, settlement: int, customer: int, result: Result) -> None:
    """Take a result as booked under the current settlement, or as still to be corrected by it."""
    market.position(customer)
    if settlement == market.settlement:
        market.corrected.pop(customer, None)
        market.results[customer] = result
    elif market.settlement > 1:
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
    )


def _pairs(flat: list[int]) -> list[tuple[int, int]]:
    return list(zip(flat[::2], flat[1::2], strict=True))
