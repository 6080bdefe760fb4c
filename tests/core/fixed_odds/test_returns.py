"""What bets return: the examples that customers are told, and every mix of results against exact fractions."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.core.values.fixed_odds import (
    UNTOUCHED,
    Factor,
    LegResult,
    SelectionResult,
    cash_out_minor,
    leg_factor,
    open_leg_factor,
    reduced_odds,
    return_minor,
)

ODDS = st.integers(101, 100_000)
REDUCTIONS = st.lists(st.integers(0, 9_000), max_size=4)
RESULTS = st.sampled_from(list(LegResult))


def result(ended: LegResult, places: int = 1, tied: int = 1) -> SelectionResult:
    """Return how a selection ended."""
    return SelectionResult("main", "home", ended, places, tied)


def won(odds: int) -> Factor:
    """Return the factor of a leg that won."""
    return leg_factor((odds, 100), result(LegResult.WON))


@pytest.mark.parametrize(
    ("stake_minor", "factors", "returned_minor"),
    [
        (1_000, [won(200), won(150), won(300)], 9_000),
        (1_000, [won(200), UNTOUCHED, won(300)], 6_000),
        (1_000, [UNTOUCHED, UNTOUCHED, UNTOUCHED], 1_000),
        (333, [won(191), won(237), won(183)], 2_758),
        (10_000, [won(115)], 11_500),
        (1_000, [leg_factor((200, 100), result(LegResult.HALF_WON))], 1_500),
        (1_000, [leg_factor((200, 100), result(LegResult.HALF_LOST))], 500),
        (1_000, [leg_factor((200, 100), result(LegResult.WON, 1, 2))], 1_000),
        (1_000, [reduced_odds(500, [2_500])], 4_000),
        (1_000, [reduced_odds(500, [5_000, 4_500])], 1_400),
    ],
)
def test_the_examples_that_customers_are_told(stake_minor: int, factors: list[Factor], returned_minor: int) -> None:
    assert return_minor(stake_minor, factors) == returned_minor


def test_a_cash_out_is_the_stake_at_the_odds_of_then_and_now_less_the_margin() -> None:
    assert cash_out_minor(1_000, [open_leg_factor((300, 100), 200)], 500) == 1_425


def naive_factor(odds: int, reductions: list[int], ended: SelectionResult) -> Fraction:
    """Return the same as an exact fraction, case by case."""
    left = 1 - Fraction(min(sum(reductions), 9_000), 10_000)
    taken = 1 + (Fraction(odds, 100) - 1) * left
    return {
        LegResult.WON: taken * ended.places / ended.tied,
        LegResult.LOST: Fraction(0),
        LegResult.VOID: Fraction(1),
        LegResult.HALF_WON: (taken + 1) / 2,
        LegResult.HALF_LOST: Fraction(1, 2),
    }[ended.result]


LEGS = st.lists(st.tuples(ODDS, REDUCTIONS, RESULTS, st.integers(1, 3), st.integers(1, 5)), min_size=1, max_size=20)


@given(stake_minor=st.integers(1, 10**9), legs=LEGS)
def test_any_mix_of_results_is_multiplied_exactly_and_rounded_down_once(
    stake_minor: int, legs: list[tuple[int, list[int], LegResult, int, int]]
) -> None:
    factors: list[Factor] = []
    naive = Fraction(stake_minor)
    for odds, reductions, ended, places, tied in legs:
        said = result(ended, places, max(places, tied))
        factors.append(leg_factor(reduced_odds(odds, reductions), said))
        naive *= naive_factor(odds, reductions, said)
    assert return_minor(stake_minor, factors) == floor(naive)
