"""Prices of sets in markets with cross-matching, kept worked out while what waits in a market is the same.

What waits is kept once for all runners and sides of a market: there may be thousands of levels.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from evens.core.exchange.offering import offers
from evens.core.values.betting import MarketTerms, Side
from evens.core.values.ids import RunnerId

DEPTH_WITH_SETS: Final = 10
"""How many prices of each side are worked out where sets are told; all offers are no more then."""

BOOKS_KEPT: Final = 50
"""Of how many books prices are kept. One of 20 runners with 7,000 levels takes a megabyte."""

Waiting = tuple[tuple[tuple[RunnerId, Side], tuple[tuple[int, int], ...]], ...]
"""What waits on each side of each runner: odds and stakes, the best odds first."""


class SetPrices:
    """The odds and stakes that orders in one book can have, sets among them, worked out when they are asked for."""

    __slots__ = ("_book", "_terms", "_told")

    def __init__(self, terms: MarketTerms, waiting: Waiting) -> None:
        self._terms = terms
        self._book = dict(waiting)
        self._told: dict[tuple[RunnerId, Side], Sequence[tuple[int, int]]] = {}

    def of(self, runner: RunnerId, side: Side) -> Sequence[tuple[int, int]]:
        """Return what orders on a side of a runner can have, the best odds first."""
        told = self._told.get((runner, side))
        if told is None:
            told = self._told[runner, side] = offers(self._terms, side, runner, self._book, DEPTH_WITH_SETS)
        return told


@lru_cache(maxsize=BOOKS_KEPT)
def prices_with_sets(terms: MarketTerms, waiting: Waiting) -> SetPrices:
    """Return the prices of a market, which follow from its terms and what waits in it."""
    return SetPrices(terms, waiting)
