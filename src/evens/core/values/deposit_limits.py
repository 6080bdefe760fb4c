"""Deposit limits as values: the periods they are for, and how one of them changes.

A lower limit counts at once, a higher one (or none at all) only after :data:`RAISE_DELAY_NS`, so that nobody raises
their limit in the heat of the moment. The rule follows the UK Gambling Commission's remote technical standard 12.

Example: the limit is 100.00 a day. At noon the customer asks for 300.00: until noon tomorrow the limit stays 100.00,
and is 300.00 from then on. If they ask for 50.00 in between, the limit is 50.00 at once and the raise is off.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from evens.core.values.moments import DAY_NS, day_of, month_of, week_of

RAISE_DELAY_NS: Final = DAY_NS
"""How long a higher limit waits before it counts."""


class Period(IntEnum):
    """What a deposit limit is for: a calendar day, week (from Monday) or month, in UTC. The numbers are stored."""

    DAY = 1
    WEEK = 2
    MONTH = 3


_BOUNDS: Final[dict[Period, Callable[[int], tuple[int, int]]]] = {
    Period.DAY: day_of,
    Period.WEEK: week_of,
    Period.MONTH: month_of,
}


def bounds(period: Period, moment: int) -> tuple[int, int]:
    """Return when the period that a moment lies in begins, and when it ends, in nanoseconds since 1970."""
    return _BOUNDS[period](moment)


@dataclass(frozen=True, slots=True)
class DepositLimit:
    """The most that may be deposited in one period, in minor units, and what it will be later.

    ``None`` as an amount is no limit. ``later_at`` is when ``later_minor`` takes its place; ``None`` if nothing is to
    change.
    """

    limit_minor: int | None = None
    later_minor: int | None = None
    later_at: int | None = None

    def at(self, moment: int) -> int | None:
        """Return the limit that counts at a moment; ``None`` if there is none."""
        return self.later_minor if self.later_at is not None and self.later_at <= moment else self.limit_minor

    def changed(self, asked_minor: int | None, moment: int) -> "DepositLimit":
        """Return the limit after the customer asked for another one at this moment.

        Asking again for a raise that waits already does not make it wait for longer.
        """
        current_minor = self.at(moment)
        if asked_minor == current_minor or is_lower(asked_minor, current_minor):
            return DepositLimit(asked_minor)
        waits_already = self.later_at is not None and self.later_at > moment and self.later_minor == asked_minor
        return DepositLimit(current_minor, asked_minor, self.later_at if waits_already else moment + RAISE_DELAY_NS)


@dataclass(frozen=True, slots=True)
class GrossDeposits:
    """What was deposited to one account in the day, week and month in which the last deposit was recorded.

    ``last_at`` is when that was, 0 if nothing was ever deposited. Amounts are in minor units, whatever was withdrawn
    since. A deposit belongs to the periods of its value date: one that is dated back to an earlier month is recorded
    in none of the three.
    """

    last_at: int = 0
    day_minor: int = 0
    week_minor: int = 0
    month_minor: int = 0

    def sum_minor(self, period: Period, moment: int) -> int:
        """Return what was deposited in the period that a moment lies in; the moment is not before ``last_at``."""
        begins_at, _ = bounds(period, moment)
        return (self.day_minor, self.week_minor, self.month_minor)[period - 1] if self.last_at >= begins_at else 0

    def plus(self, amount_minor: int, effective_at: int, at: int) -> "GrossDeposits":
        """Return the sums after one more deposit, recorded at ``at`` with the value date ``effective_at``."""
        sums = [
            self.sum_minor(period, at) + (amount_minor if effective_at >= bounds(period, at)[0] else 0)
            for period in Period
        ]
        return GrossDeposits(at, *sums)


NO_DEPOSIT_LIMITS: Final = (DepositLimit(),) * len(Period)
"""The limits of a customer who has none, one for each period."""


def is_lower(limit_minor: int | None, other_minor: int | None) -> bool:
    """Return whether a limit allows less than another; ``None`` allows everything."""
    return limit_minor is not None and (other_minor is None or limit_minor < other_minor)
