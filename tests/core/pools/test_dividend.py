"""What a round pays: nothing is lost or made, and nobody is better off for the way in which they staked."""

from fractions import Fraction
from math import floor
from random import Random

from hypothesis import assume, example, given
from hypothesis import strategies as st

from evens.core.values.pools import PoolSide, RoundResult, dividend

STAKES = st.lists(st.tuples(st.sampled_from(PoolSide), st.integers(1, 10**15)), max_size=12)
FEES = st.integers(0, 10_000)
RESULTS = st.sampled_from(RoundResult)

Stakes = list[tuple[PoolSide, int]]


def sides_minor(stakes: Stakes) -> tuple[int, int]:
    """Return what is staked up and down."""
    up, down = (sum(minor for side, minor in stakes if side is each) for each in PoolSide)
    return up, down


def returns(stakes: Stakes, fee_bps: int, result: RoundResult) -> list[int]:
    """Return what each stake gets back."""
    pays = dividend(*sides_minor(stakes), fee_bps, result)
    return [pays.returned_minor(side, minor) for side, minor in stakes]


def test_a_million_against_a_million_pays_1_990_000_with_a_fee_of_one_per_cent() -> None:
    pays = dividend(1_000_000, 1_000_000, 100, RoundResult.UP)
    assert pays.returned_minor(PoolSide.UP, 1_000_000) == 1_990_000
    assert pays.returned_minor(PoolSide.DOWN, 1_000_000) == 0
    assert pays.fee_minor == 10_000


@given(stakes=STAKES, fee_bps=FEES, result=RESULTS)
@example(
    stakes=[(PoolSide.UP, 10**15), (PoolSide.DOWN, 10**15 - 1), (PoolSide.UP, 1)], fee_bps=9_999, result=RoundResult.UP
)
def test_each_stake_gets_back_what_fractions_say(stakes: Stakes, fee_bps: int, result: RoundResult) -> None:
    up, down = sides_minor(stakes)
    won, lost = (up, down) if result is RoundResult.UP else (down, up)
    for (side, minor), returned in zip(stakes, returns(stakes, fee_bps, result), strict=True):
        if result is RoundResult.VOID or not up or not down:
            assert returned == minor
        elif side.name != result.name:
            assert returned == 0
        else:
            shared = lost - floor(Fraction(lost * fee_bps, 10_000))
            assert returned == minor + floor(Fraction(shared * minor, won))
            assert returned >= minor


@given(stakes=STAKES, fee_bps=FEES, result=RESULTS)
def test_what_is_paid_and_kept_is_what_was_staked(stakes: Stakes, fee_bps: int, result: RoundResult) -> None:
    fee_minor = dividend(*sides_minor(stakes), fee_bps, result).fee_minor
    rounding_minor = sum(minor for _, minor in stakes) - fee_minor - sum(returns(stakes, fee_bps, result))
    assert 0 <= rounding_minor < max(1, len(stakes))


@given(stakes=STAKES, fee_bps=FEES, result=RESULTS, order=st.randoms())
def test_the_order_of_stakes_makes_no_difference(
    stakes: Stakes, fee_bps: int, result: RoundResult, order: Random
) -> None:
    shuffled = list(stakes)
    order.shuffle(shuffled)
    paid = sorted(zip(shuffled, returns(shuffled, fee_bps, result), strict=True))
    assert paid == sorted(zip(stakes, returns(stakes, fee_bps, result), strict=True))


@given(
    stakes=STAKES,
    fee_bps=FEES,
    minor=st.integers(1, 10**15),
    more=st.integers(1, 10**12),
    side=st.sampled_from(PoolSide),
)
def test_a_larger_stake_that_wins_gets_back_more_by_at_least_the_difference(
    stakes: Stakes, fee_bps: int, minor: int, more: int, side: PoolSide
) -> None:
    assume(any(other is not side for other, _ in stakes))
    result = RoundResult[side.name]
    before = returns([*stakes, (side, minor)], fee_bps, result)[-1]
    after = returns([*stakes, (side, minor + more)], fee_bps, result)[-1]
    assert after >= before + more


@given(stakes=STAKES, fee_bps=FEES, parts=st.lists(st.integers(1, 10**12), min_size=2, max_size=6))
def test_splitting_a_stake_costs_at_most_what_is_rounded_down(stakes: Stakes, fee_bps: int, parts: list[int]) -> None:
    whole = returns([*stakes, (PoolSide.UP, sum(parts))], fee_bps, RoundResult.UP)[-1]
    split = sum(returns([*stakes, *[(PoolSide.UP, part) for part in parts]], fee_bps, RoundResult.UP)[-len(parts) :])
    assert 0 <= whole - split < len(parts)
