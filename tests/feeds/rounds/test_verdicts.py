"""What answers come to: the median of those who agree, of one mind and not too far, whatever order they come in."""

from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.core.values.pools import RoundResult
from evens.feeds.rounds.verdicts import (
    Answer,
    Decided,
    Disagree,
    Jump,
    NoPrice,
    Observation,
    Rule,
    Waiting,
    judge,
    result_of,
)

PRICES = st.decimals("0.01", "200", places=2) | st.sampled_from(["100", "100.05", "100.10"]).map(Decimal)


def answers(*prices: str | None) -> list[Answer]:
    return [answer(f"s{place}", None if price is None else Decimal(price)) for place, price in enumerate(prices)]


def answer(name: str, price: Decimal | None) -> Answer:
    return NoPrice(name, "has none", 1, has_failed=False) if price is None else Observation(name, price, "d", 1)


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        (["101.00", "101.05", "140.00"], "101.05"),
        (["101.05", "101.05"], "101.05"),
        (["101.00", "101.05"], "101.00"),
        (["101.00", "101.05", "101.05", "101.10"], "101.05"),
        (["101.00", "101.00", None], "101.00"),
    ],
)
def test_the_price_is_the_median_of_what_was_published(prices: list[str | None], expected: str) -> None:
    verdict = judge(answers(*prices), Decimal(100), Rule(2, 10, 0))
    assert isinstance(verdict, Decided)
    assert verdict.price == Decimal(expected)


@pytest.mark.parametrize(
    "prices",
    [
        ["101.00", "140.00"],
        ["101.00", "101.00", "140.00", "140.00"],
        ["90.00", "101.00", "140.00"],
        ["100.00", "100.05"],
        ["100.00", "100.05", "100.05"],
    ],
)
def test_sources_that_differ_on_the_price_or_on_who_wins_disagree(prices: list[str]) -> None:
    assert isinstance(judge(answers(*prices), Decimal(100), Rule(2, 10, 0)), Disagree)


@pytest.mark.parametrize(("prices", "quorum"), [(["101", None], 2), ([None], 1), ([], 1), (["1", "1"], 3)])
def test_too_few_prices_are_waited_for(prices: list[str | None], quorum: int) -> None:
    assert isinstance(judge(answers(*prices), Decimal(100), Rule(quorum, 10, 0)), Waiting)


@pytest.mark.parametrize(
    ("price", "jump_bps", "kind"),
    [
        ("120", 2_000, Decided),
        ("120.01", 2_000, Jump),
        ("80", 2_000, Decided),
        ("79.99", 2_000, Jump),
        ("1", 0, Decided),
    ],
)
def test_a_move_beyond_the_limit_is_a_jump_and_none_is_without_a_limit(
    price: str, jump_bps: int, kind: type[object]
) -> None:
    assert isinstance(judge(answers(price), Decimal(100), Rule(1, 10, jump_bps)), kind)


def test_without_a_reference_there_is_no_jump_and_the_round_is_void() -> None:
    verdict = judge(answers("5", "5"), None, Rule(1, 0, 1))
    assert isinstance(verdict, Decided)
    assert result_of(verdict.price, None) is RoundResult.VOID


def test_up_is_above_the_reference_and_a_tie_is_down() -> None:
    tied = Decimal("7328.7300")
    assert result_of(Decimal("7328.74"), tied) is RoundResult.UP
    assert result_of(Decimal("7328.73"), tied) is RoundResult.DOWN
    assert result_of(Decimal("7328.72"), tied) is RoundResult.DOWN


def test_no_digit_of_a_price_is_rounded_when_prices_are_compared() -> None:
    long, longer = Decimal("999999999999.999999999998"), Decimal("999999999999.999999999999")
    assert isinstance(judge(answers(str(long), str(longer)), Decimal(1), Rule(2, 0, 0)), Disagree)
    assert isinstance(judge(answers(str(longer)), long, Rule(1, 0, 1)), Decided)


@given(
    st.lists(PRICES | st.none(), max_size=6),
    st.none() | PRICES,
    st.builds(Rule, st.integers(1, 4), st.sampled_from([0, 10, 500]), st.sampled_from([0, 2_000])),
    st.randoms(use_true_random=False),
)
def test_order_makes_no_difference_and_what_is_decided_holds_what_the_rule_promises(
    prices: list[Decimal | None], reference: Decimal | None, rule: Rule, chance: Random
) -> None:
    told = [answer(f"s{place}", price) for place, price in enumerate(prices)]
    verdict = judge(told, reference, rule)
    shuffled = list(told)
    chance.shuffle(shuffled)
    assert judge(shuffled, reference, rule) == verdict
    assert set(verdict.answers) == set(told)
    given_prices = [price for price in prices if price is not None]
    if isinstance(verdict, Waiting):
        assert len(given_prices) < rule.quorum
    if isinstance(verdict, Decided | Jump):
        price = verdict.price
        assert price in given_prices
        near = [
            one
            for one in given_prices
            if abs(Fraction(one) - Fraction(price)) <= Fraction(price) * rule.tolerance_bps / 10_000
        ]
        assert len(near) >= rule.quorum
        assert 2 * len(near) > len(given_prices)
        assert {result_of(one, reference) for one in near} == {result_of(price, reference)}
