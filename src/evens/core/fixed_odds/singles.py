"""Open singles of one market in one currency, and the most that the house can lose on them.

Theory
------
The house takes every stake now and pays for what wins later, so what it can lose on a market is the largest sum of
returns over all ways the market can end, less all stakes. If ``winners`` selections win, that is the sum of the
``winners`` largest returns; if any number may, each selection counts that returns more than was staked on it. A dead
heat or a half win is a mean of such endings, so it never costs more. A selection that is void gives stakes back which
covered others, as a removed one does; what the bank lacks then the owner of the house owes it
(:mod:`evens.core.fixed_odds.bank`).

Bets offset each other: 10.00 on home at 3.00 can cost 20.00; with another 10.00 on away at 2.50 the worst is home,
30.00 − 20.00 = 10.00, and half of what was reserved is free again.

Sums are kept for each selection and for each number of removals before the bet, since a removal lowers the odds of the
bets before it. They are exact: what rounding down leaves over when bets are paid stays with the house.

A single is four numbers in an array, so that a million of them take little memory.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from operator import mul
from typing import Final

from evens.core.ledger.booking import Result
from evens.core.values.fixed_odds import OpenSingle, exact_return, worst_loss_minor
from evens.core.values.ids import BetId, CustomerId

WIDTH: Final = 4
"""Numbers of a single: bet, odds, stake, and when it was struck."""


More = tuple[str, int, int, int]
"""A bet to be counted, too: a selection, how many removals came before it, odds and stake, negative to leave it out."""


class Singles:
    """The open singles on one selection, by customer, in the order in which they were struck."""

    __slots__ = ("_known", "by_customer", "sums")

    def __init__(self) -> None:
        self.by_customer: dict[CustomerId, array[int]] = {}
        self.sums: dict[int, list[int]] = {}
        """By how many removals came before the bets: stakes in minor units, and stake × odds in hundredths of them."""
        self._known: tuple[list[int], int, int] | None = None
        """Reductions, and what :meth:`returns` returned for them, until a bet comes or goes."""

    def add(self, customer: CustomerId, single: OpenSingle, removals: int) -> None:
        """Take in a single that was struck after this many removals in its market."""
        numbers = self.by_customer.get(customer)
        if numbers is None:
            numbers = self.by_customer[customer] = array("q")
        place = len(numbers)
        while place and numbers[place - WIDTH] > single.bet:
            # One that was given back and comes back has its place before those that were struck later.
            place -= WIDTH
        numbers[place:place] = array("q", (single.bet, single.odds, single.stake_minor, single.at))
        self._count(removals, single.odds, single.stake_minor)

    def add_all(
        self,
        customers: Sequence[CustomerId],
        bets: Sequence[int],
        odds: Sequence[int],
        stakes_minor: Sequence[int],
        ats: Sequence[int],
        moments: Sequence[int],
    ) -> None:
        """Take in many singles, given column by column in the order in which they were struck.

        ``moments`` are when the market's removals were, in their order.
        """
        by_customer = self.by_customer
        for customer, *single in zip(customers, bets, odds, stakes_minor, ats, strict=True):
            numbers = by_customer.get(customer)
            if numbers is None:
                by_customer[customer] = array("q", single)
            else:
                numbers.extend(single)
        places = [0, *(bisect_right(ats, moment) for moment in moments), len(ats)]
        for removals, (first, end) in enumerate(pairwise(places)):
            if first < end:
                sums = self.sums.setdefault(removals, [0, 0])
                sums[0] += sum(stakes_minor[first:end])
                sums[1] += sum(map(mul, stakes_minor[first:end], odds[first:end]))
        self._known = None

    def take(self, customer: CustomerId, bet: BetId, removals: int) -> None:
        """Forget a single."""
        numbers = self.by_customer[customer]
        place = next(place for place in range(0, len(numbers), WIDTH) if numbers[place] == bet)
        self._count(removals, numbers[place + 1], -numbers[place + 2])
        del numbers[place : place + WIDTH]
        if not numbers:
            del self.by_customer[customer]

    def of(self, customer: CustomerId, selection: str) -> Iterator[OpenSingle]:
        """Yield a customer's singles on this selection, the oldest first."""
        numbers = iter(self.by_customer.get(customer, ()))
        for bet, odds, stake_minor, at in zip(numbers, numbers, numbers, numbers, strict=True):
            yield OpenSingle(BetId(bet), selection, odds, stake_minor, at)

    def drop(self, customer: CustomerId) -> None:
        """Forget a customer's singles without counting them off the sums: the market is being booked."""
        self.by_customer.pop(customer, None)

    def returns(self, reductions_bps: list[int]) -> tuple[int, int]:
        """Return what was staked on the selection, and what that returns if it wins, as :func:`exact_return` counts."""
        # Of a market's selections a bet changes one. The others are as they were when the bet before was taken.
        if self._known is None or self._known[0] != reductions_bps:
            sums = [(since, staked, value) for since, (staked, value) in self.sums.items()]
            self._known = reductions_bps, self.staked_minor, exact_return(sums, reductions_bps)
        return self._known[1:]

    @property
    def staked_minor(self) -> int:
        """All stakes together."""
        return sum(staked for staked, _ in self.sums.values())

    def _count(self, removals: int, odds: int, stake_minor: int) -> None:
        sums = self.sums.get(removals)
        if sums is None:
            sums = self.sums[removals] = [0, 0]
        sums[0] += stake_minor
        sums[1] += stake_minor * odds
        self._known = None


class MarketBook:
    """The open singles on a market in one currency.

    ``reserved_minor`` is what the house holds in escrow for them. ``corrected`` is what was booked for whom under the
    settlement before, while that is being corrected.
    """

    __slots__ = ("corrected", "reserved_minor", "selections")

    def __init__(self, selections: Iterable[str]) -> None:
        self.selections: dict[str, Singles] = {}
        self.add_selections(selections)
        self.reserved_minor = 0
        self.corrected: dict[CustomerId, Result] = {}

    def add_selections(self, selections: Iterable[str]) -> None:
        """Have room for bets on these."""
        for selection in selections:
            if selection not in self.selections:
                self.selections[selection] = Singles()

    def singles(self, customer: CustomerId) -> list[OpenSingle]:
        """Return a customer's singles, selection by selection."""
        return [single for selection, singles in self.selections.items() for single in singles.of(customer, selection)]

    def customers(self) -> list[CustomerId]:
        """Return everybody with a single, in order of their ids."""
        return sorted({customer: None for singles in self.selections.values() for customer in singles.by_customer})

    def has(self, customer: CustomerId) -> bool:
        """Return whether a customer has a single."""
        return any(customer in singles.by_customer for singles in self.selections.values())

    def drop(self, customer: CustomerId) -> None:
        """Forget a customer whose singles were booked."""
        self.corrected.pop(customer, None)
        for singles in self.selections.values():
            singles.drop(customer)

    def stakes_minor(self) -> Iterator[tuple[CustomerId, int]]:
        """Yield what customers have in escrow for singles on this market, selection by selection."""
        for singles in self.selections.values():
            for customer, numbers in singles.by_customer.items():
                yield customer, sum(numbers[2::WIDTH])

    def worst_loss_minor(self, winners: int, removals: list[tuple[str, int]], more: More | None) -> int:
        """Return the most that the house can lose, in whole minor units, rounded up.

        ``removals`` are the market's, each a selection and its reduction in basis points, in their order.
        """
        reductions = [bps for _, bps in removals]
        removed = [selection for selection, _ in removals]
        staked_minor = 0
        returns: list[tuple[int, int]] = []
        for selection, singles in self.selections.items():
            if selection in removed:
                continue
            on_it, exact = singles.returns(reductions)
            if more is not None and more[0] == selection:
                on_it += more[3]
                exact += exact_return(((more[1], more[3], more[2] * more[3]),), reductions)
            staked_minor += on_it
            returns.append((on_it, exact))
        return worst_loss_minor(staked_minor, returns, winners)

    @property
    def is_empty(self) -> bool:
        """Whether nobody has a single: whether the book was opened at all makes no difference."""
        return not self.corrected and not any(singles.by_customer for singles in self.selections.values())

    def is_sound(self) -> bool:
        """Return whether the sums are those of the singles."""
        return all(
            singles.staked_minor == sum([sum(numbers[2::WIDTH]) for numbers in singles.by_customer.values()])
            for singles in self.selections.values()
        )

    def lines(self) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order."""
        if self.is_empty:
            return
        yield f"reserved {self.reserved_minor}"
        for customer in self.customers():
            yield from (f"single {customer} {single}" for single in self.singles(customer))
        for customer in sorted(self.corrected):
            yield f"corrected {customer} {self.corrected[customer].profit_minor}"
