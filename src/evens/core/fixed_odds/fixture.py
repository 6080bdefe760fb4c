"""A fixture: its markets and selections as its provider publishes them, and the open singles on them."""

from collections.abc import Iterator
from typing import Final

from evens.core.fixed_odds.singles import WIDTH, MarketBook, More
from evens.core.values.fixed_odds import (
    UNTOUCHED,
    Factor,
    FixtureStage,
    FixtureStatus,
    LineMarket,
    LineSelection,
    OpenSingle,
    SelectionResult,
    leg_factor,
    reduced_odds,
    return_minor,
)
from evens.core.values.ids import BetId, CustomerId, FixtureId

_USES_SETTLEMENT: Final = (FixtureStage.SETTLING, FixtureStage.REOPENING)
"""The stages in which money of a market is in its fixture's settlement account."""

_COVERED_WHILE_OPEN: Final = (FixtureStage.NOTHING, FixtureStage.RETURNING, FixtureStage.RESTORING)
"""The stages in which the house holds what a market without a result can cost."""


class FixtureMarket:
    """One question about a fixture.

    ``removals`` are the selections that were taken out, each with the reduction in basis points and the moment, in
    their order. ``cancelled`` are the times (from, until) in which bets were struck that are void. ``results`` stand
    once it is decided, ``settlement`` counts them; ``stage`` is what is being done for everybody who bet on it.
    ``contradicted`` is whether its provider said two different things and no operator has decided yet; ``ruled`` is the
    version of the fixture that was known when an operator decided about the market, ``None`` if none has.
    """

    __slots__ = (
        "books",
        "cancelled",
        "considered_up_to",
        "contradicted",
        "group",
        "key",
        "name",
        "queue",
        "recalled_singles",
        "recalled_up_to",
        "removals",
        "results",
        "ruled",
        "selections",
        "settlement",
        "stage",
        "suspended",
        "winners",
    )

    def __init__(self, line: LineMarket) -> None:
        self.key = line.key
        self.name = line.name
        self.winners = line.winners
        self.group = line.group
        self.suspended = line.suspended
        self.selections = {selection.key: selection for selection in line.selections}
        self.removals: list[tuple[str, int, int]] = []
        self.cancelled: list[tuple[int, int]] = []
        self.results: tuple[SelectionResult, ...] = ()
        self.settlement = 0
        self.stage = FixtureStage.NOTHING
        self.contradicted = False
        self.ruled: int | None = None
        self.books: dict[int, MarketBook] = {}
        """The open singles by the number of their currency; empty while nobody has one."""
        self.queue: Iterator[tuple[int, CustomerId]] | None = None
        """Currencies and customers that the current stage still has to do with; ``None`` until it is asked for."""
        self.recalled_up_to = (CustomerId(0), 0)
        """The last customer and currency whose singles were recalled; they come in this order."""
        self.recalled_singles = False
        """Whether all singles were recalled, so that the accumulators are next."""
        self.considered_up_to = BetId(0)
        """The last accumulator that the current stage has dealt with; they come in order of their ids."""

    def begin(self, stage: FixtureStage) -> None:
        """Begin a stage: how far it has come is nowhere yet."""
        self.stage = stage
        self.queue = None
        self.recalled_up_to, self.recalled_singles, self.considered_up_to = (CustomerId(0), 0), False, BetId(0)

    def change(self, line: LineMarket) -> None:
        """Take over what the provider says now; a selection that it no longer has is suspended."""
        self.name, self.winners, self.group, self.suspended = line.name, line.winners, line.group, line.suspended
        named = {selection.key: selection for selection in line.selections}
        for key, before in self.selections.items():
            if key not in named:
                named[key] = LineSelection(before.key, before.name, before.odds, suspended=True)
        # What was there keeps its place, so that selections stay in the order in which they were published.
        self.selections = {key: named[key] for key in [*self.selections, *named]}
        for book in self.books.values():
            book.add_selections(self.selections)

    def add(self, customer: CustomerId, currency_number: int, single: OpenSingle) -> None:
        """Take in a single, and count what it can cost."""
        book = self.book(currency_number)
        book.selections[single.selection].add(customer, single, self.removals_before(single.at))
        self.align(currency_number)

    def take(self, customer: CustomerId, currency_number: int, single: OpenSingle) -> None:
        """Forget a single, and no longer count what it can cost."""
        book = self.book(currency_number)
        book.selections[single.selection].take(customer, single.bet, self.removals_before(single.at))
        self.align(currency_number)

    def find(self, customer: CustomerId, bet: BetId) -> tuple[int, OpenSingle] | None:
        """Return a customer's open single and the number of its currency; ``None`` if there is none."""
        for number, book in self.books.items():
            for single in book.singles(customer):
                if single.bet == bet:
                    return number, single
        return None

    def book(self, currency_number: int) -> MarketBook:
        """Return the open singles in a currency, an empty book if there were none."""
        book = self.books.get(currency_number)
        if book is None:
            book = self.books[currency_number] = MarketBook(self.selections)
        return book

    @property
    def is_empty(self) -> bool:
        """Whether nobody has an open single on it."""
        return all(book.is_empty for book in self.books.values())

    @property
    def is_taking_bets(self) -> bool:
        """Whether the market itself stands open: nothing is known of its end, and nothing is under way."""
        return not self.results and self.stage is FixtureStage.NOTHING and not self.suspended and not self.contradicted

    @property
    def is_covered(self) -> bool:
        """Whether the house holds in escrow what it can lose: until the result is being booked."""
        return self.stage is FixtureStage.DECIDED or (not self.results and self.stage in _COVERED_WHILE_OPEN)

    def needed_minor(self, currency_number: int, more: More | None = None) -> int:
        """Return what the house has to hold in escrow for the singles in a currency, with one more bet or one less."""
        if not self.is_covered:
            return 0
        return self.book(currency_number).worst_loss_minor(self.winners, self.reductions(), more)

    def align(self, currency_number: int) -> None:
        """Take down that the house holds what it needs to."""
        self.book(currency_number).reserved_minor = self.needed_minor(currency_number)

    def align_all(self) -> None:
        """Take down in every currency that the house holds what it needs to."""
        for number in self.books:
            self.align(number)

    def returns_now(self, single: OpenSingle) -> bool:
        """Return whether a single is void, whatever the market's result."""
        return self.is_removed(single.selection) or self.is_cancelled(single.at)

    def outcome(self, currency_number: int, customer: CustomerId) -> tuple[int, int, int]:
        """Return how many singles a customer has, what they staked, and what the market's result pays back.

        What each single pays back is rounded down by itself.
        """
        assert self.results
        count, staked_minor, returned_minor = 0, 0, 0
        named = [result.selection for result in self.results]
        is_untouched = not self.removals and not self.cancelled
        for selection, singles in self.book(currency_number).selections.items():
            numbers = singles.by_customer.get(customer)
            if numbers is None:
                continue
            count += len(numbers[::WIDTH])
            staked_minor += sum(numbers[2::WIDTH])
            if is_untouched and selection not in named:
                # Whoever is not named has lost: none of these need be looked at.
                continue
            for odds, stake_minor, at in zip(numbers[1::WIDTH], numbers[2::WIDTH], numbers[3::WIDTH], strict=True):
                factor = self.factor(selection, odds, at)
                assert factor is not None
                returned_minor += return_minor(stake_minor, (factor,))
        return count, staked_minor, returned_minor

    def is_removed(self, selection: str) -> bool:
        """Return whether the selection was taken out."""
        return any(removed == selection for removed, _, _ in self.removals)

    def reductions(self) -> list[tuple[str, int]]:
        """Return the removals as :meth:`MarketBook.worst_loss_minor` wants them."""
        return [(selection, bps) for selection, bps, _ in self.removals]

    def is_cancelled(self, at: int) -> bool:
        """Return whether a bet struck at this moment is void."""
        return any(since <= at < until for since, until in self.cancelled)

    def removals_before(self, at: int) -> int:
        """Return how many removals a bet struck at this moment came after."""
        return sum(1 for _, _, moment in self.removals if moment < at)

    def factor(self, selection: str, odds: int, at: int) -> Factor | None:
        """Return what a leg struck at this moment multiplies the stake with; ``None`` while that is not known."""
        if (self.removals and self.is_removed(selection)) or (self.cancelled and self.is_cancelled(at)):
            return UNTOUCHED
        if not self.results:
            return None
        for result in self.results:
            if result.selection == selection:
                break
        else:
            return 0, 1
        return leg_factor(reduced_odds(odds, [bps for _, bps, moment in self.removals if moment > at]), result)

    def lines(self, fixture: FixtureId) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order."""
        name = f"{fixture} {self.key}"
        yield (
            f"line {name} {self.name} {self.winners} {self.group} {self.suspended} {self.settlement} {self.stage} "
            f"{self.contradicted} {self.removals} {self.cancelled} {self.results}"
        )
        if self.ruled is not None:
            yield f"ruled {name} {self.ruled}"
        yield from (f"selection {name} {selection}" for selection in self.selections.values())
        # While bets are recalled, how far that has come is left out: after a reload it begins anew.
        if self.stage is not FixtureStage.RECALLING:
            for number in sorted(self.books):
                yield from (f"{name} {number} {line}" for line in self.books[number].lines())


class Fixture:
    """A match or race that a provider publishes, named there by ``key``. Times are in nanoseconds since 1970.

    ``suspended`` is what the provider says, ``held`` what an operator says. ``decided_at`` is when the last market was
    decided or booked, from which the time for corrections counts; ``None`` before.
    """

    __slots__ = (
        "accumulated_minor",
        "competition",
        "deadline",
        "decided_at",
        "held",
        "id",
        "key",
        "markets",
        "source",
        "sport",
        "starts_at",
        "status",
        "suspended",
        "title",
        "version",
    )

    def __init__(self, fixture: FixtureId, source: str, key: str) -> None:
        self.id = fixture
        self.source = source
        self.key = key
        self.version = 0
        self.title = ""
        self.sport: str | None = None
        self.competition: str | None = None
        self.starts_at: int | None = None
        self.deadline = 0
        self.suspended = False
        self.held = False
        self.status = FixtureStatus.NEW
        self.decided_at: int | None = None
        self.markets: dict[str, FixtureMarket] = {}
        self.accumulated_minor: dict[int, int] = {}
        """What the house has reserved for accumulators with a leg on this fixture, by the number of the currency."""

    @property
    def busy(self) -> FixtureMarket | None:
        """The market for which something is under way: one at a time, for all share a settlement account."""
        under_way = [market for market in self.markets.values() if market.stage is not FixtureStage.NOTHING]
        begun = [market for market in under_way if market.stage in _USES_SETTLEMENT]
        return next(iter(begun or under_way), None)

    def liability_minor(self, currency_number: int) -> int:
        """Return the most that the house can lose on this fixture in a currency, accumulators in full."""
        books = [market.books.get(currency_number) for market in self.markets.values()]
        singles_minor = sum(book.reserved_minor for book in books if book is not None)
        return singles_minor + self.accumulated_minor.get(currency_number, 0)

    def lines(self) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order."""
        yield (
            f"fixture {self.id} {self.source} {self.key} {self.version} {self.title} {self.sport} {self.competition} "
            f"{self.starts_at} {self.deadline} {self.suspended} {self.held} {self.status} {self.decided_at}"
        )
        for market in self.markets.values():
            yield from market.lines(self.id)
