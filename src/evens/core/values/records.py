"""Records of settled betting: the one definition of every figure that a profile or the leaderboard shows.

Theory of operation
-------------------
What a customer has to show for a market, a bet or a round once it is settled is one :class:`Outcome`. The outcomes of
one UTC day, in the order in which they were settled, come to a :class:`Day`; days of a period, in their order, come to
:class:`Figures`. A day says enough of its outcomes for figures to be worked out of days alone, so a new outcome changes
one day, and the figures of the periods that the day lies in. Everything is whole numbers, so figures that are worked
out anew are the same to the last digit.

With profits p, turnovers t, and D days from the first to the last one with an outcome (days without are 0):

- profit = Σ p; turnover = Σ t; return on it (ROI) = Σ p ÷ Σ t; win rate = outcomes with p > 0 ÷ outcomes
- longest streak = the most outcomes with p > 0 in a row
- drawdown: equity after a day is the sum of profits up to and with it, and was 0 before the first. The largest fall of
  equity from its highest value before to a later one.
- Sharpe ratio = mean of daily profits ÷ their standard deviation × √365, with the deviation of a sample (D − 1), if
  D ≥ 30. What a customer had to bet with is no part of it: it would stand above and below the line.
- closing value: how much better the odds were than the last ones before the off, a mean weighted by stake: of a back
  taken ÷ closing − 1, of a lay closing ÷ taken − 1.

Example: +50.00 on the first day and −80.00 on the third are a profit of −30.00, a drawdown of 80.00, a streak of 1, and
a win rate of 1/2.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final

from evens.core.values.moments import DAY_NS, day_of, month_of, week_of

PPM: Final = 1_000_000
"""Shares are counted in millionths."""

RATIO_UNIT: Final = 10_000
"""The Sharpe ratio is counted in parts of this."""

SHARPE_DAYS_MIN: Final = 30
"""A ratio of fewer days says nothing."""

SHARPE_MAX: Final = 10**12
"""No ratio, in parts of :data:`RATIO_UNIT`, is told beyond this: days that differ by next to nothing."""

_DAYS_PER_YEAR: Final = 365

RANKED_TURNOVER_UNITS_MIN: Final = 100
"""Whoever is to be ranked by a share must have staked at least so many whole units of the currency."""

RANKED_OUTCOMES_MIN: Final = 5
"""The same with at least so many outcomes."""

BIG_WIN_UNITS_MIN: Final = 10
"""Less than so many whole units of the currency is no big win, however long the odds were."""


class RecordProduct(IntEnum):
    """What was bet on. ``ALL`` stands for the others together."""

    ALL = 0
    EXCHANGE = 1
    SPORTSBOOK = 2
    POOLS = 3


class RecordPeriod(IntEnum):
    """A stretch of UTC days that a record is kept of; a week begins on Monday."""

    DAY = 1
    WEEK = 2
    MONTH = 3
    ALL_TIME = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a customer has to show for a market, a bet or a round, in minor units.

    ``profit_minor`` is net of commission. ``turnover_minor`` is what was risked: stakes, and liabilities of lays.
    ``bets`` were so many. ``closing_value`` is Σ stake × how much better the odds were than the closing ones, in
    millionths; ``closing_stake_minor`` is Σ stake of these bets.
    """

    profit_minor: int
    turnover_minor: int
    bets: int
    closing_value: int = 0
    closing_stake_minor: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """What the outcomes of a UTC day come to, the day being counted from 1970.

    ``leading`` and ``trailing`` are how many won in a row at the day's beginning and end, ``longest`` at most.
    """

    day: int
    profit_minor: int
    turnover_minor: int
    bets: int
    settled: int
    won: int
    leading: int
    trailing: int
    longest: int
    closing_value: int
    closing_stake_minor: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a record says. Shares are in millionths, the Sharpe ratio in parts of :data:`RATIO_UNIT`.

    A share of nothing is ``None``; so is a ratio of fewer than :data:`SHARPE_DAYS_MIN` days, or of days that are all
    the same.
    """

    profit_minor: int
    turnover_minor: int
    bets: int
    settled: int
    won: int
    longest_streak: int
    max_drawdown_minor: int
    roi_ppm: int | None
    win_rate_ppm: int | None
    sharpe: int | None
    closing_ppm: int | None

    def can_be_ranked(self, scale: int) -> bool:
        """Return whether there is enough for a rank by a share, in a currency with so many fraction digits."""
        return self.turnover_minor >= ranked_turnover_minor(scale) and self.settled >= RANKED_OUTCOMES_MIN


def ranked_turnover_minor(scale: int) -> int:
    """Return the least turnover with which one is ranked by a share, in minor units."""
    return RANKED_TURNOVER_UNITS_MIN * 10**scale


def big_win_minor(scale: int) -> int:
    """Return the least profit of a big win, in minor units; it must be five times what was staked besides."""
    return BIG_WIN_UNITS_MIN * 10**scale


def day_number(moment: int) -> int:
    """Return which UTC day a moment lies in, counted from 1970."""
    return moment // DAY_NS


# A keeper of records asks for the same few days again and again.
@lru_cache(maxsize=4096)
def first_day(period: RecordPeriod, day: int) -> int:
    """Return the first day of the period that a day lies in; 0 for all time."""
    begins = {RecordPeriod.DAY: day_of, RecordPeriod.WEEK: week_of, RecordPeriod.MONTH: month_of}.get(period)
    return 0 if begins is None else begins(day * DAY_NS)[0] // DAY_NS


def sum_day(day: int, outcomes: Sequence[Outcome]) -> Day:
    """Return what the outcomes of a day come to, in the order in which they were settled."""
    leading = run = longest = 0
    for place, outcome in enumerate(outcomes):
        run = run + 1 if outcome.profit_minor > 0 else 0
        longest = max(longest, run)
        if run == place + 1:
            leading = run
    return Day(
        day=day,
        profit_minor=sum([each.profit_minor for each in outcomes]),
        turnover_minor=sum([each.turnover_minor for each in outcomes]),
        bets=sum([each.bets for each in outcomes]),
        settled=len(outcomes),
        won=sum([each.profit_minor > 0 for each in outcomes]),
        leading=leading,
        trailing=run,
        longest=longest,
        closing_value=sum([each.closing_value for each in outcomes]),
        closing_stake_minor=sum([each.closing_stake_minor for each in outcomes]),
    )


def figures_of(days: Sequence[Day]) -> Figures:
    """Return what days, in their order, come to. There must be at least one."""
    profit_minor = sum([each.profit_minor for each in days])
    turnover_minor = sum([each.turnover_minor for each in days])
    settled = sum([each.settled for each in days])
    won = sum([each.won for each in days])
    return Figures(
        profit_minor=profit_minor,
        turnover_minor=turnover_minor,
        bets=sum([each.bets for each in days]),
        settled=settled,
        won=won,
        longest_streak=_longest_streak(days),
        max_drawdown_minor=max_drawdown_minor([each.profit_minor for each in days]),
        roi_ppm=_share(profit_minor, turnover_minor),
        win_rate_ppm=_share(won, settled),
        sharpe=sharpe([each.profit_minor for each in days], days[-1].day - days[0].day + 1),
        closing_ppm=_mean(sum([each.closing_value for each in days]), sum([each.closing_stake_minor for each in days])),
    )


def _longest_streak(days: Iterable[Day]) -> int:
    longest = run = 0
    for day in days:
        longest = max(longest, run + day.leading, day.longest)
        run = run + day.settled if day.leading == day.settled else day.trailing
    return max(longest, run)


def max_drawdown_minor(profits_minor: Iterable[int]) -> int:
    """Return the largest fall of equity below an earlier value, of the profits of days in their order."""
    equity = highest = deepest = 0
    for profit_minor in profits_minor:
        equity += profit_minor
        highest = max(highest, equity)
        deepest = max(deepest, highest - equity)
    return deepest


def sharpe(profits_minor: Sequence[int], days: int) -> int | None:
    """Return the Sharpe ratio in parts of :data:`RATIO_UNIT`, towards zero. Days that are not among them count as 0.

    The square of the ratio is 365 × S² × (D − 1) ÷ (D × (D × Q − S²)), with S = Σ p and Q = Σ p².
    """
    total, squares = sum(profits_minor), sum([each * each for each in profits_minor])
    spread = days * squares - total * total
    if days < SHARPE_DAYS_MIN or spread == 0:
        return None
    size = min(whole_root(RATIO_UNIT**2 * _DAYS_PER_YEAR * total * total * (days - 1) // (days * spread)), SHARPE_MAX)
    return size if total > 0 else -size


def whole_root(square: int) -> int:
    """Return the largest whole number whose square is no larger, by Newton's way, without a float in between."""
    if square == 0:
        return 0
    root = 1 << (square.bit_length() + 1 >> 1)
    while (better := (root + square // root) >> 1) < root:
        root = better
    return root


def _share(part: int, whole: int) -> int | None:
    return None if whole == 0 else _towards_zero(part * PPM, whole)


def _mean(total: int, weight: int) -> int | None:
    return None if weight == 0 else _towards_zero(total, weight)


def _towards_zero(dividend: int, divisor: int) -> int:
    size = abs(dividend) // divisor
    return size if dividend >= 0 else -size
