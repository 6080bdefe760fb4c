"""Where levels on the other runners are used up, and what the legs of a payout leave missing: what searches look at.

What an order finds depends on its odds and its stake as well (:mod:`evens.core.exchange.set_search`). What is here does
not: it follows from the books alone. So it is worked out once for all orders on one side of a runner, and remembered
until a level changes that was looked at. A search counts what it looks at, whether or not that was remembered, so its
answer never depends on who looked before: a house that was loaded a moment ago gives the same one.
"""

from collections.abc import Mapping
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple

from evens.core.exchange.book import RunnerBook, SummedBook
from evens.core.exchange.legs import LegQueue, Level, Levels
from evens.core.values.betting import Side
from evens.core.values.ids import RunnerId
from evens.core.values.odds import Ladder, chance_above, chance_below, least_completing, most_completing

REMEMBERED_MAX: Final = 512
"""For how many payouts it is remembered what is missing: two searches' worth, so that memory does not grow."""


class UsedUp(NamedTuple):
    """A payout at which a level is used up, the best odds on the way to there, and whether another one follows."""

    payout_minor: int
    odds: int
    goes_on: bool


class Payouts:
    """What waits on one side of the runners other than one, as orders on that side of it can be matched with it."""

    __slots__ = (
        "_chances",
        "_goes_on",
        "_ladder",
        "_missing_minor",
        "_nearest",
        "_queues",
        "_side",
        "_used_up",
        "queues",
    )

    def __init__(self, ladder: Ladder, side: Side, others: Mapping[int, Levels]) -> None:
        self._ladder = ladder
        self._side = side
        self._queues = {runner: LegQueue(levels, side) for runner, levels in others.items()}
        self.queues = list(self._queues.values())
        self._used_up: list[UsedUp] = []
        self._missing_minor: dict[int, int] = {}
        # The payout at which the last level that was looked at is used up, with the place of its queue.
        self._nearest: list[tuple[int, int]] = []
        # Of the levels that were looked at last, one for each queue: the chances of their odds, added up.
        self._chances = 0
        self._goes_on = all(queue.look() for queue in self.queues)
        if self._goes_on:
            self._nearest = [(queue.covered_minor(), place) for place, queue in enumerate(self.queues)]
            heapify(self._nearest)
            self._chances = sum([self._chance(queue.odds[-1]) for queue in self.queues])

    def used_up(self, place: int) -> UsedUp | None:
        """Return one of the payouts at which levels are used up, the smallest first; ``None`` if they are not so many.

        Some may be equal.
        """
        while len(self._used_up) <= place:
            if not self._goes_on:
                return None
            self._look_further()
        return self._used_up[place]

    def missing_minor(self, payout_minor: int) -> int:
        """Return what the legs leave of a payout that is no larger than one that was returned."""
        missing_minor = self._missing_minor.get(payout_minor)
        if missing_minor is None:
            missing_minor = payout_minor - sum([queue.stake_minor(payout_minor) for queue in self.queues])
            if len(self._missing_minor) < REMEMBERED_MAX:
                self._missing_minor[payout_minor] = missing_minor
        return missing_minor

    def outlasts(self, runner: int, odds: int) -> bool:
        """Return whether all that was worked out stays true when something changes at these odds on another runner."""
        return self._queues[runner].is_behind(odds)

    def _look_further(self) -> None:
        odds = self._best()
        if odds is None:
            self._goes_on = False
            return
        payout_minor = self._nearest[0][0]
        while self._goes_on and self._nearest[0][0] == payout_minor:
            _, place = heappop(self._nearest)
            queue = self.queues[place]
            self._chances -= self._chance(queue.odds[-1])
            self._goes_on = queue.look()
            if self._goes_on:
                self._chances += self._chance(queue.odds[-1])
                heappush(self._nearest, (queue.covered_minor(), place))
        self._used_up.append(UsedUp(payout_minor, odds, self._goes_on))

    def _chance(self, odds: int) -> int:
        return chance_above(odds) if self._side is Side.BACK else chance_below(odds)

    def _best(self) -> int | None:
        """Return the best odds that those of the levels that were looked at last allow."""
        if self._side is Side.BACK:
            return self._ladder.at_most(most_completing(self._chances))
        least = least_completing(self._chances)
        return None if least is None else self._ladder.at_least(least)


class WaitingLevels:
    """The levels of one side of a book."""

    __slots__ = ("_book", "_side")

    def __init__(self, book: SummedBook, side: Side) -> None:
        self._book = book
        self._side = side

    def level(self, place: int) -> Level | None:
        """Return a level by its place, the front's being 0; ``None`` if there are not so many."""
        return self._book.level(self._side, place)


class SearchMemory:
    """What searches in a market have looked at, by the runner and the side of the orders that looked.

    It is no part of the market's state: without it, all is worked out once more. The market's books, which it makes,
    tell it what changes.
    """

    __slots__ = ("_books", "_found", "_ladder")

    def __init__(self, ladder: Ladder, runners: int) -> None:
        self._ladder = ladder
        self._books = {runner: SummedBook(runner, self) for runner in range(1, runners + 1)}
        self._found: dict[tuple[int, Side], Payouts] = {}

    def books(self) -> dict[int, RunnerBook]:
        """Return the books that are looked at, by runner."""
        return dict(self._books)

    def payouts(self, runner: RunnerId, side: Side) -> Payouts:
        """Return what orders on a side of a runner can be matched with as a set."""
        found = self._found.get((runner, side))
        if found is None:
            others = {other: WaitingLevels(book, side) for other, book in self._books.items() if other != runner}
            found = self._found[runner, side] = Payouts(self._ladder, side, others)
        return found

    def changed(self, runner: int, side: Side, odds: int) -> None:
        """Forget what looked at the level that has changed."""
        stale = [
            key
            for key, found in self._found.items()
            if key[1] is side and key[0] != runner and not found.outlasts(runner, odds)
        ]
        for key in stale:
            del self._found[key]

    def forget(self) -> None:
        """Forget everything."""
        self._found.clear()
