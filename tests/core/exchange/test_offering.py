"""What can be had in a market with cross-matching: which prices are told, best first, sets among them."""

from dataclasses import replace

import pytest

from evens.core.exchange.offering import offers
from evens.core.values.betting import MarketTerms, Side
from evens.core.values.ids import RunnerId

A, B, C = RunnerId(1), RunnerId(2), RunnerId(3)
BARE = MarketTerms("race", ("a", "b", "c"), 1, 0, 1, cross_matching=True)


def test_what_can_be_had_is_told_best_first_sets_among_it() -> None:
    book: dict[tuple[RunnerId, Side], list[tuple[int, int]]] = {
        (A, Side.LAY): [(202, 500), (200, 300), (150, 100)],
        (B, Side.BACK): [(300, 4000)],
        (C, Side.BACK): [(600, 1000), (700, 2000)],
    }
    backs = [(202, 500), (200, 300 + 3000), (190, 3157), (150, 100)]
    assert offers(BARE, Side.BACK, A, book, 10) == backs
    assert offers(BARE, Side.BACK, A, book, 2) == backs[:2]
    # Nobody lays B and C, so there are no sets of lays; and whoever lays C meets whoever backs it.
    assert offers(BARE, Side.LAY, C, book, 10) == [(600, 1000), (700, 2000)]
    assert offers(BARE, Side.LAY, A, book, 10) == []


@pytest.mark.parametrize(
    ("least_minor", "told"),
    [
        pytest.param(1, [(100_000, 10), (200, 5000)], id="any"),
        pytest.param(10, [(100_000, 10), (200, 5000)], id="enough"),
        pytest.param(11, [(200, 5010)], id="too-little"),
        pytest.param(5011, [(200, 5010)], id="an-order-waits"),
    ],
)
def test_where_the_others_are_a_certainty_the_longest_odds_are_told_if_the_least_stake_has_them(
    least_minor: int, told: list[tuple[int, int]]
) -> None:
    book: dict[tuple[RunnerId, Side], list[tuple[int, int]]] = {
        (A, Side.LAY): [(200, 5000)],
        (B, Side.BACK): [(150, 6667)],
        (C, Side.BACK): [(200, 5000)],
    }
    terms = replace(BARE, min_stake_minor=least_minor)
    assert offers(terms, Side.BACK, A, book, 10) == told
    # Without anybody else to be matched with, there is nothing that can be had for the least stake.
    del book[A, Side.LAY]
    assert offers(terms, Side.BACK, A, book, 10) == told[: len(told) - 1]


@pytest.mark.parametrize(("least_minor", "told"), [(151, [(296, 151), (286, 2059)]), (152, [(286, 2210)]), (2211, [])])
def test_what_is_less_than_the_least_stake_is_told_with_the_next_odds(
    least_minor: int, told: list[tuple[int, int]]
) -> None:
    book: dict[tuple[RunnerId, Side], list[tuple[int, int]]] = {
        (B, Side.BACK): [(300, 149), (310, 1900)],
        (C, Side.BACK): [(304, 5000)],
    }
    assert offers(replace(BARE, min_stake_minor=least_minor), Side.BACK, A, book, 10) == told
