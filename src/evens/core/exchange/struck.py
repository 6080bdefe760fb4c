"""A customer's matched bets by themselves, in order of odds: what a reduction of whole odds can leave of them.

Odds do not fall below 1.01, so what the bets on a runner return bends where the odds of one of them get there. The more
odds are reduced, the less backs return, until they are down at 1.01; beyond, only lays at longer odds still shrink, and
that is a gain. So the most may be lost in between.

Example: 1.00 laid at 1000, 1000.00 backed at 2.00, 999.00 laid at 1.01. Without a reduction they return −1000.00 +
2000.00 − 1008.99 = −8.99, with the greatest 0, but with 49.50 % −505.00 + 1010.00 − 1008.99 = −503.99.
"""

from bisect import bisect_left, bisect_right
from typing import Final

from evens.core.exchange.exposure import NO_LESS, Stand
from evens.core.values.ids import RunnerId
from evens.core.values.odds import BPS_UNIT, ODDS_MIN, whole_cents, whole_times

_TURN: Final = b"\x00\x01"
"""Where what is returned falls down to a bend, and rises again behind it."""


class StruckBets:
    """Stakes (below zero if laid) on one runner by odds, as earlier reductions left them, in parts of ``unit``."""

    __slots__ = ("_above", "_odds", "_sinking", "_stakes", "_unit")

    def __init__(self, unit: int) -> None:
        self._unit = unit
        self._odds: list[int] = []
        self._stakes: list[int] = []
        self._above = [0]
        """What the bets from each place on return together; at the end stands what none return."""
        self._sinking = bytearray(1)
        """For each of these whether it is less than nothing."""

    def add(self, odds: int, signed_minor: int) -> None:
        """Take in one more bet. It is quickest in falling order of odds."""
        place = bisect_left(self._odds, odds)
        if place == len(self._odds) or self._odds[place] != odds:
            self._odds.insert(place, odds)
            self._stakes.insert(place, 0)
            self._above.insert(place, self._above[place])
            self._sinking.insert(place, 0)
        self._stakes[place] += signed_minor
        returned, above, sinking = odds * signed_minor, self._above, self._sinking
        for each in range(place + 1):
            above[each] += returned
            sinking[each] = above[each] < 0

    def least_between_cents(self) -> int:
        """Return the least that the bets can return after one more reduction, rounded down.

        The reduction can be any in whole basis points but none and the greatest; ``NO_LESS`` if one of these is as bad.
        The more is left, the more bets above 1.01 return, and those that are down at it the same. So all together
        return least where those above come to less than nothing on the one side of a bend and not on the other: in one
        of the whole basis points beside it.
        """
        lowest = ODDS_MIN * self._unit * BPS_UNIT
        least = NO_LESS
        down = stake_minor = 0
        place = self._sinking.find(_TURN)
        while place >= 0:
            below = whole_times(lowest, self._odds[place])
            for left in (below + 1, below):
                if left < BPS_UNIT:
                    was, down = down, bisect_right(self._odds, whole_times(lowest, left))
                    stake_minor += sum(self._stakes[was:down]) - sum(self._stakes[down:was])
                    parts = self._above[down] * left + stake_minor * lowest
                    least = min(least, whole_cents(parts, self._unit * BPS_UNIT))
            place = self._sinking.find(_TURN, place + 1)
        return least


class Struck:
    """A customer's bets in a market by runner, and for which runners they have changed since they were weighed.

    ``unit`` is in how many parts earlier removals have cut odds; those of a bet of now are whole.
    """

    __slots__ = ("_by_runner", "_changed", "_unit")

    def __init__(self, unit: int) -> None:
        self._unit = unit
        self._by_runner: dict[RunnerId, StruckBets] = {}
        self._changed: dict[RunnerId, None] = {}

    def add(self, runner: RunnerId, signed_minor: int, odds: int, left: int | None = None) -> None:
        """Take in a bet of now, or one of whose odds ``left`` parts are left."""
        bets = self._by_runner.get(runner)
        if bets is None:
            bets = self._by_runner[runner] = StruckBets(self._unit)
        bets.add(odds * (self._unit if left is None else left), signed_minor)
        self._changed[runner] = None

    def weigh(self, stands: dict[RunnerId, Stand]) -> None:
        """Tell stands the least that a reduction can leave of their bets.

        Bets that come to nothing now may have no stand, and still cost something when odds are reduced.
        """
        for runner in self._changed:
            stand = stands.get(runner)
            if stand is None:
                stand = stands[runner] = Stand()
            stand.least_between_cents, stand.covered = self._by_runner[runner].least_between_cents(), None
        self._changed.clear()
