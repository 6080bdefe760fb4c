"""Odds and ladders: text to hundredths and back strictly, Betfair's increments, and sums that round one way only."""

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evens.core.values.odds import (
    CLASSIC,
    FINEST,
    ODDS_MAX,
    ODDS_MIN,
    Ladder,
    OddsInvalid,
    commission_minor,
    format_average_odds,
    format_odds,
    parse_odds,
    reduced_value,
    reserve_minor,
    settle_minor,
)

ANY_ODDS = st.integers(ODDS_MIN, ODDS_MAX)
BPS = st.integers(0, 10_000)
CENTS = st.integers(-(10**18), 10**18)

INCREMENTS = [
    ("1.01", "2.00", "0.01"), ("2.02", "3.00", "0.02"), ("3.05", "4.00", "0.05"), ("4.10", "6.00", "0.10"),
    ("6.20", "10.00", "0.20"), ("10.50", "20.00", "0.50"), ("21.00", "30.00", "1.00"), ("32.00", "50.00", "2.00"),
    ("55.00", "100.00", "5.00"), ("110.00", "1000.00", "10.00"),
]  # fmt: skip
"""Betfair's: from, up to, by."""


def test_the_classic_ladder_has_350_prices_by_betfairs_increments() -> None:
    expected: list[int] = []
    for first, last, by in INCREMENTS:
        price = Fraction(first)
        while price <= Fraction(last):
            expected.append(int(price * 100))
            price += Fraction(by)
    assert CLASSIC.odds == tuple(expected)
    assert len(CLASSIC.odds) == 350


def test_the_finest_ladder_has_every_hundredth() -> None:
    assert FINEST.odds == tuple(range(ODDS_MIN, ODDS_MAX + 1))


@given(odds=st.integers(0, ODDS_MAX + 10))
def test_odds_are_on_a_ladder_exactly_if_it_lists_them(odds: int) -> None:
    assert (odds in CLASSIC) == (odds in CLASSIC.odds)


@given(odds=st.integers(1, ODDS_MAX + 10))
@example(odds=ODDS_MIN)
@example(odds=ODDS_MAX)
def test_the_nearest_prices_enclose_the_odds(odds: int) -> None:
    at_or_below = max((price for price in CLASSIC.odds if price <= odds), default=CLASSIC.odds[0])
    above = min((price for price in CLASSIC.odds if price > odds), default=CLASSIC.odds[-1])
    assert CLASSIC.nearest(odds) == (at_or_below, above)


def test_ticks_are_counted_across_bands_and_backwards() -> None:
    assert CLASSIC.ticks_between(199, 204) == 3
    assert CLASSIC.ticks_between(204, 199) == -3
    assert CLASSIC.ticks_between(ODDS_MIN, ODDS_MAX) == 349


def test_a_ladder_of_ones_own_goes_band_after_band() -> None:
    own = Ladder("own", ((150, 25), (250, 50)))
    assert own.odds == (125, 150, 200, 250)


@pytest.mark.parametrize(
    "bands",
    [
        pytest.param((), id="none"),
        pytest.param(((100, 1),), id="no way up"),
        pytest.param(((200, 1), (150, 1)), id="back down"),
        pytest.param(((200, 1), (200, 1)), id="the same again"),
        pytest.param(((200, 3),), id="not a whole number of steps"),
        pytest.param(((200, 0),), id="no step"),
        pytest.param(((200, -1),), id="a step down"),
        pytest.param(((ODDS_MAX + 1, 1),), id="beyond the longest odds"),
    ],
)
def test_bands_that_make_no_ladder_are_refused(bands: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="ladder broken"):
        Ladder("broken", bands)


@given(odds=ANY_ODDS)
@example(odds=ODDS_MIN)
@example(odds=ODDS_MAX)
def test_what_is_written_is_read_back(odds: int) -> None:
    assert parse_odds(format_odds(odds)) == odds
    assert Fraction(format_odds(odds)) * 100 == odds


@pytest.mark.parametrize(("text", "odds"), [("2", 200), ("2.5", 250), ("2.50", 250), ("1.01", 101), ("1000", 100_000)])
def test_missing_fraction_digits_count_as_zeros(text: str, odds: int) -> None:
    assert parse_odds(text) == odds


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ".5", "2.", "02.5", "-2", "+2", " 2", "2 ", "2\n", "2.500", "2,5", "1e1", "0x2", "5/2", "evens", "NaN",
        "inf", "２", "٢", "2_0", "12345", "0.50",
    ],
)  # fmt: skip
def test_anything_but_plain_decimal_odds_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(OddsInvalid, match=r'must be decimal odds such as "2\.50", with at most two fraction digits'):
        parse_odds(text)


@pytest.mark.parametrize("text", ["1", "1.0", "1.00", "1000.01", "9999"])
def test_odds_that_no_ladder_has_are_refused_with_the_bounds(text: str) -> None:
    with pytest.raises(OddsInvalid, match=r"must be from 1\.01 to 1000\.00"):
        parse_odds(text)


@given(cents=CENTS)
def test_what_is_reserved_is_rounded_up_and_what_is_settled_down(cents: int) -> None:
    assert reserve_minor(cents) == ceil(Fraction(cents, 100))
    assert settle_minor(cents) == floor(Fraction(cents, 100))


@given(cents=CENTS, parts=st.integers(1, 200))
def test_a_loss_never_exceeds_what_was_reserved(cents: int, parts: int) -> None:
    assert -settle_minor(cents * parts, parts) == reserve_minor(-cents)
    assert settle_minor(cents, parts) == floor(Fraction(cents, 100 * parts))


@given(profit_minor=st.integers(0, 10**15), commission_bps=BPS, discount_bps=BPS)
def test_commission_is_rounded_half_up_after_the_discount(
    profit_minor: int, commission_bps: int, discount_bps: int
) -> None:
    """Hold 16: to the nearest minor unit and half a unit up, never more than the profit."""
    rate = Fraction(commission_bps, 10_000) * (1 - Fraction(discount_bps, 10_000))
    taken_minor = commission_minor(profit_minor, commission_bps, discount_bps)
    assert taken_minor == floor(profit_minor * rate + Fraction(1, 2))
    assert taken_minor <= profit_minor


def test_winning_little_at_a_time_does_not_escape_commission() -> None:
    """Hold 16: 5 % of 0.19 is 0.0095, which is a cent; rounded down it would be nothing, however often."""
    assert [commission_minor(profit_minor, 500, 0) for profit_minor in (9, 10, 19, 29, 30)] == [0, 1, 1, 1, 2]
    assert commission_minor(19, 500, 5_000) == 0


@given(value_cents=CENTS, reduction_bps=BPS)
def test_a_reduced_value_is_rounded_down_for_backers_and_layers(value_cents: int, reduction_bps: int) -> None:
    expected = floor(value_cents * (1 - Fraction(reduction_bps, 10_000)))
    assert reduced_value(value_cents, reduction_bps) == expected
    assert reduced_value(value_cents, reduction_bps) + reduced_value(-value_cents, reduction_bps) <= 0


@given(bets=st.lists(st.tuples(st.integers(1, 10**6), ANY_ODDS), min_size=1, max_size=5))
def test_a_stake_times_its_average_odds_is_what_is_booked(bets: list[tuple[int, int]]) -> None:
    """Hold 20: the average odds have as many digits as it takes, and never fewer than two."""
    stake_minor = sum(stake for stake, _ in bets)
    value_cents = sum(stake * odds for stake, odds in bets)
    average = Decimal(format_average_odds(value_cents, stake_minor))
    assert floor(Fraction(average) * 100 * stake_minor + Fraction(1, 2)) == value_cents
    assert str(average).partition(".")[2][2:].rstrip("0") == str(average).partition(".")[2][2:]
    assert len(str(average).partition(".")[2]) >= 2


def test_average_odds_read_as_people_write_them() -> None:
    assert format_average_odds(250 * 1_000, 1_000) == "2.50"
    assert format_average_odds(300 * 200 + 400 * 250, 700) == "2.28571"
