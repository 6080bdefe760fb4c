"""Long work on a market in parts: which customers the next part of a stage deals with."""

from collections.abc import Callable, Iterator
from typing import Final

from evens.core.exchange.market import Market
from evens.core.values.ids import CustomerId

CUSTOMERS_PER_CHUNK: Final = 50
"""How many customers one chunk deals with; each needs at most nine transfers, so a chunk stays below its limit."""

CORRECTED_PER_CHUNK: Final = 100
"""How many customers one chunk of a correction deals with: more, since a result that stays the same needs no transfer.

Nine transfers for each are still below a command's limit.
"""

ORDERS_PER_CHUNK: Final = 500
"""After so many lapsed orders a chunk takes no further customer."""


def next_customers(
    market: Market,
    in_order: Callable[[Market], Iterator[CustomerId]],
    concerned: Callable[[CustomerId], bool],
    most: int,
) -> Iterator[CustomerId]:
    """Yield the next customers that a stage has to do with, ``most`` of them.

    Whoever comes is dealt with in the same command, so remembering how far it went makes no difference to what is
    decided: after a reload it starts over, and those who are done are no longer concerned.
    """
    if market.queue is None:
        market.queue = filter(concerned, in_order(market))
    for _ in range(most):
        customer = next(market.queue, None)
        if customer is None:
            return
        yield customer


def everyone(market: Market) -> Iterator[CustomerId]:
    """Return all customers of a market in order of their ids."""
    return iter(sorted(market.positions))
