"""Prices of sets are worked out once for each book, and what waits in it is kept once for all of them."""

import tracemalloc
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from evens.core.values.betting import MarketTerms, Side
from evens.core.values.ids import RunnerId
from evens.core.values.odds import CLASSIC
from evens.edges.betfair import set_prices
from evens.edges.betfair.set_prices import BOOKS_KEPT, Waiting, prices_with_sets

RUNNERS, LEVELS = 20, 100
TERMS = MarketTerms("Winner", tuple(f"r{number}" for number in range(RUNNERS)), 1, 0, 100, cross_matching=True)
PLACES = [(RunnerId(number), side) for number in range(1, RUNNERS + 1) for side in Side]


def waiting(stake_minor: int) -> Waiting:
    """Return what waits, made anew, as it is for every call."""
    return tuple([(place, tuple([(odds, stake_minor) for odds in CLASSIC.odds[:LEVELS]])) for place in PLACES])


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Forget all prices; return a list that gets what is worked out from now on."""
    prices_with_sets.cache_clear()
    worked_out: list[Any] = []

    def offers(
        terms: MarketTerms, side: Side, runner: RunnerId, book: Mapping[Any, Sequence[tuple[int, int]]], most: int
    ) -> list[tuple[int, int]]:
        worked_out.append((runner, side, book[runner, side][0][1]))
        return []

    monkeypatch.setattr(set_prices, "offers", offers)
    return worked_out


def test_they_are_worked_out_once_as_long_as_the_same_waits(worked_out: list[Any]) -> None:
    for stake_minor in (100, 100, 200, 100):
        for place in PLACES:
            prices_with_sets(TERMS, waiting(stake_minor)).of(*place)
    assert worked_out == [(*place, stake_minor) for stake_minor in (100, 200) for place in PLACES]


def test_many_books_take_little_memory(worked_out: list[Any]) -> None:
    tracemalloc.start()
    try:
        for number in range(3):
            for place in PLACES:
                prices_with_sets(TERMS, waiting(10**6 + number)).of(*place)
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(worked_out) == 3 * len(PLACES)
    # Each has 4,000 levels.
    assert kept < 3 * 2**20
    for number in range(2 * BOOKS_KEPT):
        prices_with_sets(TERMS, waiting(number))
    assert prices_with_sets.cache_info().currsize == BOOKS_KEPT
