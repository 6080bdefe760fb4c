"""Searching sets of cross-matched orders, the best odds first, with bounded work.

What a set, its legs and its steps are is explained in :mod:`evens.core.exchange.crossing`.
"""

from typing import Final

from evens.core.exchange.payouts import Payouts, UsedUp
from evens.core.values.betting import Side
from evens.core.values.odds import (
    ODDS_UNIT,
    Ladder,
    largest_stake_minor,
    odds_above,
    odds_below,
    reserve_minor,
    settle_minor,
    smallest_stake_minor,
)

LEVELS_AHEAD: Final = 16
"""Among how many payouts at which a level is used up the best step is looked for."""

DOUBLINGS: Final = 12
"""How often a payout twice as large is looked for where rounding to minor units has cost the best of those odds."""

LEVELS_FAR_MAX: Final = 512
"""How many levels an order may look at for that in one part."""

PAYOUTS_TRIED: Final = 24
"""How many payouts are tried for a step, so that rounding to minor units rarely costs odds."""

PAYOUTS_MAX: Final = 256
"""The most payouts whose legs are worked out for an order in one part, or for the prices of one side of a runner."""

PARTS_TRIED: Final = 4
"""How often a part of a step is looked for, where what is left of the order is too small for all of it."""

ANY_STAKE_MINOR: Final = 10**15
"""More than any order's stake."""


class CrossSet:
    """A step: its odds for the incoming order, how much of that is matched, and the payout and the rest it leads to."""

    __slots__ = ("missing_minor", "odds", "payout_minor", "stake_minor")

    def __init__(self, odds: int, stake_minor: int, payout_minor: int, missing_minor: int) -> None:
        self.odds = odds
        self.stake_minor = stake_minor
        self.payout_minor = payout_minor
        self.missing_minor = missing_minor


class SetSearch:
    """The sets that an order on one side of a runner can have with what waits on the others, the best odds first.

    ``last`` are the odds of its last match: none after it are better. ``exhausted`` tells that there may be more sets,
    but no more payouts are worked out.
    """

    def __init__(self, ladder: Ladder, side: Side, limit: int, payouts: Payouts) -> None:
        """Search for odds at the limit or better, with what waits on the same side of the other runners."""
        self._side = side
        self._limit = limit
        self._ladder = ladder
        self._payouts = payouts
        self._goes_on = True
        # How many payouts at which levels are used up were looked at.
        self._place = 0
        # Payouts at which a level is used up, what the legs leave missing there, and the best odds on the way to there.
        self._marks: list[tuple[int, int, int]] = []
        self._marked_minor = 0
        self._payout_minor = 0
        self._missing_minor = 0
        self._next: CrossSet | None = None
        self._looked = False
        self._parts = 0
        self._worked_out = 0
        self._far_levels = 0
        self.last: int | None = None
        self.exhausted = False

    def better(self, odds: int, than: int) -> bool:
        """Return whether whoever places the order rather has these odds than others."""
        return odds > than if self._side is Side.BACK else odds < than

    def best(self, stake_minor: int, real_odds: int | None) -> CrossSet | None:
        """Return the next set for what is left of the order, if better than an order that waits on the same runner."""
        if not self._looked:
            self._next = self._step()
            self._looked = True
        one = self._next
        if one is None or not self._acceptable(one.odds, real_odds):
            return None
        if stake_minor >= one.stake_minor:
            return one
        cents = stake_minor * one.odds
        more_minor = reserve_minor(cents) if self._side is Side.BACK else settle_minor(cents)
        return self.part(one, self._payout_minor + more_minor, stake_minor, real_odds)

    def part(self, one: CrossSet, payout_minor: int, stake_minor: int, real_odds: int | None) -> CrossSet | None:
        """Return a set with a payout no larger than this, which is a part of another one."""
        if self._parts == PARTS_TRIED:
            self.exhausted = True
            return None
        self._parts += 1
        part = self._search(min(payout_minor, one.payout_minor), stake_minor, one.odds)
        return part if part is not None and self._acceptable(part.odds, real_odds) else None

    def legs(self, one: CrossSet) -> list[int]:
        """Return the stakes of a set's legs, one for each of the other runners."""
        start_minor, end_minor = self._payout_minor, one.payout_minor
        return [queue.stake_minor(end_minor) - queue.stake_minor(start_minor) for queue in self._payouts.queues]

    def take(self, one: CrossSet) -> list[int]:
        """Go on behind a set; return the stakes of its legs."""
        legs = self.legs(one)
        self._payout_minor, self._missing_minor = one.payout_minor, one.missing_minor
        self._marks = [mark for mark in self._marks if mark[0] > self._payout_minor]
        self._next, self._looked = None, False
        self.last = one.odds
        return legs

    def end(self) -> None:
        """Find no more sets."""
        self._next, self._looked = None, True

    def _acceptable(self, odds: int, real_odds: int | None) -> bool:
        return not self.better(self._limit, odds) and (real_odds is None or self.better(odds, real_odds))

    def _step(self) -> CrossSet | None:
        """Return the step with the best odds, and of these the longest, if the first level allows the limit at all."""
        while len(self._marks) < LEVELS_AHEAD and self._mark():
            if self.better(self._limit, self._marks[0][2]):
                return None
        if not self._marks:
            return None
        best: CrossSet | None = None
        for payout_minor, missing_minor, _ in self._marks:
            one = self._complete(payout_minor, missing_minor, ANY_STAKE_MINOR)
            if one is not None and (best is None or not self.better(best.odds, one.odds)):
                best = one
        highest = self._capped(self._marks[0][2])
        doublings = 0
        while (best is None or self.better(highest, best.odds)) and doublings < DOUBLINGS and self._mark_far():
            doublings += 1
            payout_minor, missing_minor, _ = self._marks[-1]
            one = self._complete(payout_minor, missing_minor, ANY_STAKE_MINOR)
            if one is not None and (best is None or not self.better(best.odds, one.odds)):
                best = one
        if best is not None and not self.better(highest, best.odds):
            return best
        return self._search(self._marks[-1][0] if best is None else best.payout_minor, ANY_STAKE_MINOR, highest)

    def _mark(self) -> bool:
        """Find the next payout at which a level is used up; return whether there is one that can be worked out."""
        while (used_up := self._next_used_up()) is not None:
            if used_up.payout_minor > self._marked_minor:
                return self._note(used_up)
        return False

    def _mark_far(self) -> bool:
        """Find a payout that uses up a level and is at least twice the last one; return whether there is one.

        Of small orders in front, rounding to minor units may leave nothing of the odds that they allow together with
        what is behind them. However many they are, a few doublings are behind all of them.
        """
        least_minor = 2 * self._marked_minor
        while self._far_levels < LEVELS_FAR_MAX and (used_up := self._next_used_up()) is not None:
            self._far_levels += 1
            if used_up.payout_minor > self._marked_minor and not (
                used_up.goes_on and used_up.payout_minor < least_minor
            ):
                return self._note(used_up)
        return False

    def _next_used_up(self) -> UsedUp | None:
        used_up = self._payouts.used_up(self._place) if self._goes_on else None
        if used_up is not None:
            self._place += 1
        return used_up

    def _note(self, used_up: UsedUp) -> bool:
        """Work out what is missing at a payout at which a level is used up; return whether that can be done."""
        missing_minor = self._missing(used_up.payout_minor)
        if missing_minor is None:
            self._goes_on = False
            return False
        self._marked_minor = used_up.payout_minor
        self._marks.append((used_up.payout_minor, missing_minor, used_up.odds))
        return True

    def _capped(self, odds: int) -> int:
        """Return odds, or those of the last match if they are better than these."""
        return odds if self.last is None or not self.better(odds, self.last) else self.last

    def _missing(self, payout_minor: int) -> int | None:
        """Return what the others' legs leave of a payout, or ``None`` if no more payouts are worked out."""
        if self._worked_out == PAYOUTS_MAX:
            self.exhausted = True
            return None
        self._worked_out += 1
        return self._payouts.missing_minor(payout_minor)

    def _search(self, end_minor: int, stake_minor: int, enough: int) -> CrossSet | None:
        """Return the step to one of some payouts up to an end that has the best odds, the longest of these.

        The first whose odds are good enough is taken.
        """
        found: CrossSet | None = None
        for payout_minor in range(end_minor, max(end_minor - PAYOUTS_TRIED, self._payout_minor), -1):
            missing_minor = self._missing(payout_minor)
            if missing_minor is None:
                break
            one = self._complete(payout_minor, missing_minor, stake_minor)
            if one is not None and (found is None or self.better(one.odds, found.odds)):
                found = one
                if not self.better(enough, one.odds):
                    break
        return found

    def _complete(self, payout_minor: int, missing_minor: int, stake_minor: int) -> CrossSet | None:
        """Return the step to a payout, if the order's stake is enough."""
        more_minor, needed_minor = payout_minor - self._payout_minor, missing_minor - self._missing_minor
        cents, back = more_minor * ODDS_UNIT, self._side is Side.BACK
        if needed_minor >= more_minor:
            return None
        if back:
            needed_minor = max(needed_minor, 1)
            odds = self._ladder.at_most(odds_below(cents, needed_minor))
        else:
            odds = self._ladder.at_least(odds_above(cents, needed_minor)) if needed_minor > 0 else None
        if odds is None:
            return None
        odds = self._capped(odds)
        whole_minor = largest_stake_minor(cents, odds) if back else smallest_stake_minor(cents, odds)
        if (needed_minor if back else whole_minor) > stake_minor:
            return None
        return CrossSet(odds, min(stake_minor, whole_minor), payout_minor, missing_minor)
