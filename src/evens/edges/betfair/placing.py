"""What placeOrders asks for, as orders that the house can be asked to place."""

from typing import Final

import msgspec

from evens.core.commands.exchange import ORDERS_TOGETHER_MAX, PlaceOrder
from evens.edges.betfair.calls import Call, Number, Params
from evens.edges.betfair.instructions import PlaceInstruction, Terms, Wrong, find_crossing, read_place
from evens.edges.betfair.reports import Planned
from evens.edges.http.exchange.known_markets import KnownMarket

PLACED_MAX: Final = ORDERS_TOGETHER_MAX
"""Most instructions of one request to place orders, as Betfair has it."""


class MarketVersion(Params, kw_only=True, frozen=True):
    """The newest version of a market that a program knows of."""

    version: Number | None = None


class PlaceOrders(Params, kw_only=True, frozen=True):
    """Orders to be placed in one market."""

    market_id: str
    instructions: list[PlaceInstruction]
    customer_ref: str | None = None
    market_version: MarketVersion | None = None
    customer_strategy_ref: str | None = None
    async_: bool | None = msgspec.field(name="async", default=None)


def plan(call: Call[PlaceOrders], known: KnownMarket) -> list[Planned]:
    """Return for each instruction the order it asks for, or the code of what is wrong with it."""
    asked, services = call.params, call.services
    version = None if asked.market_version is None else asked.market_version.version
    orders_max = services.exchange.settings.orders_max
    terms = Terms(call.customer, known, version, asked.customer_strategy_ref, orders_max)
    planned: list[Planned] = []
    for each in asked.instructions:
        try:
            planned.append(read_place(each, terms))
        except Wrong as wrong:
            planned.append(wrong.code)
    orders = [each if isinstance(each, PlaceOrder) else None for each in planned]
    for place in find_crossing(orders):
        planned[place] = "INVALID_BACK_LAY_COMBINATION"
    return planned
