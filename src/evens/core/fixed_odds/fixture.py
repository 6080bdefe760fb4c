"""A fixture: its markets and selections as its provider publishes them, and the open singles on them."""

from collections.abc import Iterator

from evens.core.fixed_odds.singles import MarketBook
from evens.core.values.fixed_odds import (
    Factor,
    FixtureStage,
    FixtureStatus,
    LineMarket,
    LineSelection,
    SelectionResult,
    leg_factor,
    reduced_odds,
)
from evens.core.values.ids import CustomerId, FixtureId


class FixtureMarket:
    """One question about a fixture.

    ``removals`` are the selections that were taken out, each with the reduction in basis points and the moment, in
    their order. ``cancelled`` are the times (from, until) in which bets were struck that are void. ``results`` stand
    once it is decided, ``settlement`` counts them; ``stage`` is what is being done for everybody who bet on it.
    ``contradicted`` is whether its provider said two different things and no operator has decided yet.
    """

    __slots__ = (
        "books",
        "cancelled",
        "contradicted",
        "group",
        "key",
        "name",
        "recalled_up_to",
        "removals",
        "results",
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
        self.books: dict[int, MarketBook] = {}
        """The open singles by the number of their currency; empty while nobody has one."""
        self.recalled_up_to = (CustomerId(0), 0)
        """The last customer and currency whose singles were recalled; they come in this order."""

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

    def book(self, currency_number: int) -> MarketBook:
        """Return the open singles in a currency, an empty book if there were none."""
        book = self.books.get(currency_number)
        if book is None:
            book = self.books[currency_number] = MarketBook(self.selections)
        return book

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
        if self.is_removed(selection) or self.is_cancelled(at):
            return 1, 1
        if not self.results:
            return None
        taken = reduced_odds(odds, [bps for _, bps, moment in self.removals if moment > at])
        result = next((result for result in self.results if result.selection == selection), None)
        return (0, 1) if result is None else leg_factor(taken, result)

    def lines(self, fixture: FixtureId) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order."""
        name = f"{fixture} {self.key}"
        yield (
            f"line {name} {self.name} {self.winners} {self.group} {self.suspended} {self.settlement} {self.stage} "
            f"{self.contradicted} {self.removals} {self.cancelled} {self.results}"
        )
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

    @property
    def busy(self) -> FixtureMarket | None:
        """The market for which something is under way; one at a time, in the order of the markets."""
        return next((market for market in self.markets.values() if market.stage is not FixtureStage.NOTHING), None)

    def reserved_minor(self, currency_number: int) -> int:
        """Return what the house has reserved for singles on this fixture in a currency."""
        books = [market.books.get(currency_number) for market in self.markets.values()]
        return sum(book.reserved_minor for book in books if book is not None)

    def lines(self) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order."""
        yield (
            f"fixture {self.id} {self.source} {self.key} {self.version} {self.title} {self.sport} {self.competition} "
            f"{self.starts_at} {self.deadline} {self.suspended} {self.held} {self.status} {self.decided_at}"
        )
        for market in self.markets.values():
            yield from market.lines(self.id)
