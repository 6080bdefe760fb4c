"""Figures of records: each as its formula says, worked out by a second way, and the same by days as by outcomes."""

from fractions import Fraction
from math import isqrt, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.core.values.moments import DAY_NS, parse_time
from evens.core.values.records import (
    RATIO_UNIT,
    SHARPE_MAX,
    Day,
    Figures,
    Outcome,
    RecordPeriod,
    day_number,
    figures_of,
    first_day,
    sum_day,
    whole_root,
)

MONEY = st.integers(-(10**15), 10**15)
OUTCOMES = st.builds(
    Outcome, MONEY, st.integers(0, 10**15), st.integers(1, 50), st.integers(-(10**20), 10**20), st.integers(0, 10**15)
)
HISTORIES = st.dictionaries(st.integers(20_000, 20_060), st.lists(OUTCOMES, min_size=1, max_size=6), min_size=1)


def days_of(history: dict[int, list[Outcome]]) -> list[Day]:
    return [sum_day(day, history[day]) for day in sorted(history)]


def figures(*profits: int, turnover: int = 100) -> Figures:
    """Return the figures of outcomes with these profits, one a day."""
    return figures_of([sum_day(day, [Outcome(profit, turnover, 1)]) for day, profit in enumerate(profits)])


def test_a_win_and_a_larger_loss_are_the_example_of_the_theory() -> None:
    told = figures_of([sum_day(1, [Outcome(50_00, 20_00, 1)]), sum_day(3, [Outcome(-80_00, 80_00, 1)])])
    assert (told.profit_minor, told.max_drawdown_minor, told.longest_streak) == (-30_00, 80_00, 1)
    assert (told.win_rate_ppm, told.roi_ppm) == (500_000, -300_000)
    assert (told.settled, told.won, told.bets, told.sharpe) == (2, 1, 2, None)


def test_without_turnover_there_is_no_return_on_it() -> None:
    assert figures(0, turnover=0).roi_ppm is None


def test_a_streak_goes_on_over_days_and_ends_with_a_loss_or_nothing() -> None:
    assert figures(5, 5, 5, -1, 5, 5).longest_streak == 3
    assert figures(5, 5, 0, 5).longest_streak == 2
    evening_and_morning = [[-1, 1, 1], [1, 1], [1, -1, 1]]
    days = [sum_day(day, [Outcome(each, 1, 1) for each in profits]) for day, profits in enumerate(evening_and_morning)]
    assert figures_of(days).longest_streak == 5


def test_equity_begins_at_nothing_so_a_loss_at_once_is_a_drawdown() -> None:
    assert figures(-7).max_drawdown_minor == 7
    assert figures(10, -4, 3, -8, 20).max_drawdown_minor == 9


def test_a_ratio_takes_thirty_days_from_the_first_to_the_last() -> None:
    short = [sum_day(day, [Outcome(100 + day, 100, 1)]) for day in range(29)]
    assert figures_of(short).sharpe is None
    long = [sum_day(day, [Outcome(profit, 100, 1)]) for day, profit in ((0, 300), (29, 100))]
    mean = 400 / 30
    deviation = sqrt(((300 - mean) ** 2 + (100 - mean) ** 2 + 28 * mean**2) / 29)
    assert figures_of(long).sharpe == int(mean / deviation * sqrt(365) * RATIO_UNIT)


def test_days_that_are_all_the_same_have_no_ratio() -> None:
    assert figures(*[5] * 40).sharpe is None


@pytest.mark.parametrize(
    ("period", "begins"),
    [
        (RecordPeriod.DAY, "2026-03-01"),
        (RecordPeriod.WEEK, "2026-02-23"),
        (RecordPeriod.MONTH, "2026-03-01"),
        (RecordPeriod.ALL_TIME, "1970-01-01"),
    ],
)
def test_periods_begin_in_utc_and_weeks_on_a_monday(period: RecordPeriod, begins: str) -> None:
    day = day_number(parse_time("2026-03-01T23:59:59.999999999Z"))
    assert first_day(period, day) == parse_time(f"{begins}T00:00:00Z") // DAY_NS


def test_a_rank_by_a_share_takes_a_hundred_units_and_five_outcomes() -> None:
    assert figures(*[1] * 5, turnover=20_00).can_be_ranked(2)
    assert not figures(*[1] * 5, turnover=19_99).can_be_ranked(2)
    assert not figures(*[1] * 4, turnover=20_00_00).can_be_ranked(2)


@given(history=HISTORIES)
def test_figures_of_days_are_those_of_the_outcomes(history: dict[int, list[Outcome]]) -> None:
    told = figures_of(days_of(history))
    all_of = [outcome for day in sorted(history) for outcome in history[day]]
    profits = [outcome.profit_minor for outcome in all_of]
    turnover = sum(outcome.turnover_minor for outcome in all_of)
    assert told.profit_minor == sum(profits)
    assert told.longest_streak == max(
        [end - begin for begin in range(len(profits)) for end in range(begin, len(profits) + 1)
         if all(profit > 0 for profit in profits[begin:end])]
    )  # fmt: skip
    assert told.roi_ppm == (int(Fraction(sum(profits) * 10**6, turnover)) if turnover else None)
    assert told.win_rate_ppm == int(Fraction(sum(profit > 0 for profit in profits) * 10**6, len(profits)))
    weight = sum(outcome.closing_stake_minor for outcome in all_of)
    value = sum(outcome.closing_value for outcome in all_of)
    assert told.closing_ppm == (int(Fraction(value, weight)) if weight else None)


@given(history=HISTORIES)
def test_a_drawdown_is_the_worst_of_all_falls(history: dict[int, list[Outcome]]) -> None:
    days = days_of(history)
    equity = [0]
    for day in days:
        equity.append(equity[-1] + day.profit_minor)
    falls = [earlier - later for place, earlier in enumerate(equity) for later in equity[place:]]
    assert figures_of(days).max_drawdown_minor == max(falls)


@given(history=HISTORIES)
def test_a_ratio_is_mean_over_deviation(history: dict[int, list[Outcome]]) -> None:
    days = days_of(history)
    count = days[-1].day - days[0].day + 1
    by_day = {day.day: Fraction(day.profit_minor) for day in days}
    all_days = [by_day.get(day, Fraction(0)) for day in range(days[0].day, days[-1].day + 1)]
    mean = sum(all_days) / count
    told = figures_of(days).sharpe
    if count < 30 or len(set(all_days)) == 1:
        assert told is None
        return
    square = mean**2 * 365 / (sum((each - mean) ** 2 for each in all_days) / (count - 1)) * RATIO_UNIT**2
    assert told is not None
    assert told**2 <= square
    assert square < (abs(told) + 1) ** 2 or abs(told) == SHARPE_MAX
    assert told == 0 or (told > 0) == (mean > 0)


@given(number=st.integers(0, 10**60))
def test_a_whole_root_is_the_root_without_its_fraction(number: int) -> None:
    assert whole_root(number) == isqrt(number)
    assert whole_root(number**2) == number
