"""What orders can have in a market with cross-matching: what waits on the runner itself, and sets.

The prices come of the same search as orders are matched with (:mod:`evens.core.exchange.crossing`), so whoever has no
order among them, and asks for a told price with what is told up to it, has just that: at the prices told, or better.

What can be had only by a set, and for less than the market's least stake, nobody can order by itself. It is told with
the next price at which there is enough, or at which an order waits; if there is none, it is not told. So the price of a
set whose other legs come to a certainty or more, which is the highest that there is, is told only if the least stake
can have it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from evens.core.exchange.legs import Level, Levels
from evens.core.exchange.payouts import Payouts
from evens.core.exchange.set_search import ANY_STAKE_MINOR, SetSearch
from evens.core.values.betting import MarketTerms, Side
from evens.core.values.ids import RunnerId

Book = Mapping[tuple[RunnerId, Side], Sequence[Level]]
"""Odds and stakes that wait, by runner and side, next to be matched first."""


def offers(terms: MarketTerms, side: Side, runner: RunnerId, book: Book, most: int) -> list[Level]:
    """Return odds and stakes that orders on one side of a runner can have, sets among them: the best ``most`` odds.

    Where only sets are at some odds, and they are less than the market's least stake, they are told with the next odds.
    """
    told: list[Level] = []
    carried_minor = 0
    for odds, each in groupby(_parts(terms, side, runner, book), itemgetter(0)):
        parts = list(each)
        carried_minor += sum([minor for _, minor, _ in parts])
        if carried_minor >= terms.min_stake_minor or any(is_real for _, _, is_real in parts):
            told.append((odds, carried_minor))
            carried_minor = 0
            if len(told) == most:
                break
    return told


def _parts(terms: MarketTerms, side: Side, runner: RunnerId, book: Book) -> Iterator[tuple[int, int, bool]]:
    """Return what orders can have, the best odds first: odds, stake, and whether it is a level of the runner's own."""
    every = [RunnerId(number) for number in range(1, len(terms.runners) + 1)]
    ladder, opposite_side = terms.ladder, Side.LAY if side is Side.BACK else Side.BACK
    worst = ladder.odds[0] if side is Side.BACK else ladder.odds[-1]
    others: dict[int, Levels] = {
        other: _ListedLevels(book.get((other, side), ())) for other in every if other != runner
    }
    search = SetSearch(ladder, side, worst, Payouts(ladder, side, others))
    opposite = iter(book.get((runner, opposite_side), ()))
    real = next(opposite, None)
    while not search.exhausted:
        one = search.best(ANY_STAKE_MINOR, None if real is None else real[0])
        if one is not None:
            yield one.odds, one.stake_minor, False
            search.take(one)
        elif real is not None:
            yield *real, True
            search.last = real[0]
            real = next(opposite, None)
        else:
            break


class _ListedLevels:
    """The levels of one side of a runner, in a list."""

    __slots__ = ("_levels",)

    def __init__(self, levels: Sequence[Level]) -> None:
        self._levels = levels

    def level(self, place: int) -> Level | None:
        """Return a level by its place, the front's being 0; ``None`` if there are not so many."""
        return self._levels[place] if place < len(self._levels) else None
