"""What was said of a fixture: the newest of each part, and every word about how its markets ended."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from evens.core.values.fixed_odds import FixtureStatus, LegResult, Line, LineMarket, SelectionResult
from evens.core.values.ids import FixtureId
from evens.feeds.line.sayings import ANY_END, EVERYTHING, Header, Removal, Saying, Window

Results = tuple[SelectionResult, ...]
Canonical = frozenset[tuple[str, LegResult, Fraction]]
"""Results as they can be compared: without those that lost, because who is not named has lost."""


@dataclass(frozen=True, slots=True)
class KnownFixture:
    """A fixture as the house has it. ``line`` has all of its markets; ``results`` are by market.

    ``ruled`` has the markets about which an operator has decided, each with the version that was known then. ``told``
    has what the provider last said of a market in contradiction to what stood, also if an operator has decided since.
    """

    id: FixtureId
    key: str
    version: int
    line: Line
    status: FixtureStatus = FixtureStatus.NEW
    removed: frozenset[tuple[str, str]] = frozenset()
    results: Mapping[str, Results] = field(default_factory=dict[str, Results])
    cancelled: frozenset[Window] = frozenset()
    archived: bool = False
    ruled: Mapping[str, int] = field(default_factory=dict[str, int])
    told: Mapping[str, Results] = field(default_factory=dict[str, Results])


def canonical(results: Results) -> Canonical:
    """Return results as they can be compared."""
    return frozenset(
        (each.selection, each.result, Fraction(each.places, each.tied))
        for each in results
        if each.result is not LegResult.LOST
    )


class Wanted:
    """What was said, the newest of each part."""

    def __init__(self) -> None:
        self.header: Header | None = None
        self.suspended = False
        self.status = FixtureStatus.NEW
        self.markets: dict[str, tuple[int, LineMarket]] = {}
        self.removed: dict[tuple[str, str], Removal] = {}
        self.words: dict[str, dict[int, Results | None]] = {}
        """Every word about a market's results by its order; ``None`` takes back what was before."""
        self.windows: dict[Window, tuple[int, bool]] = {}
        self._everything_back: set[int] = set()
        self._everything_void: set[int] = set()
        self._orders = {"header": -1, "suspended": -1, "status": -1}
        self._whole = -1
        self._stopped: dict[str, int] = {}
        self._stopped_but: dict[frozenset[str], int] = {}
        """When everything was stopped but these markets, the newest time for each set of them."""
        self._restored: dict[tuple[str, int], int] = {}
        """When windows were taken back whose ends nobody named, by market and beginning."""

    @classmethod
    def of(cls, known: KnownFixture | None) -> "Wanted":
        """Return what the house itself says."""
        wanted = cls()
        if known is None:
            return wanted
        line, order = known.line, known.version
        # What the house has gives way to whatever the provider says under the same version.
        base = order - 1
        wanted.header = Header(line.title, line.deadline, line.sport, line.competition, line.starts_at)
        wanted.suspended, wanted.status = line.suspended, known.status
        wanted.markets = {market.key: (base, market) for market in line.markets}
        wanted.removed = {key: Removal(*key) for key in known.removed}
        wanted.words = {market: {base: results} for market, results in known.results.items()}
        wanted.windows = dict.fromkeys(known.cancelled, (base, True))
        return wanted

    def take(self, saying: Saying) -> None:
        """Take in a saying; what is older than what is known of the same thing changes nothing."""
        order = saying.order
        if saying.header is not None and self._is_newer("header", order):
            self.header = saying.header
        if saying.suspended is not None and self._is_newer("suspended", order):
            self.suspended = saying.suspended
        self._take_status(saying)
        for market in saying.markets:
            if order >= self.markets.get(market.key, (-1, market))[0]:
                self.markets[market.key] = (order, market)
        self._whole = max(self._whole, order) if saying.whole else self._whole
        for stopped in saying.stopped:
            if stopped == EVERYTHING:
                self._stopped_but[saying.spared] = max(self._stopped_but.get(saying.spared, -1), order)
            else:
                self._stopped[stopped] = max(self._stopped.get(stopped, -1), order)
        for removal in saying.removed:
            self.removed.setdefault((removal.market, removal.selection), removal)
        for market, results in saying.results.items():
            self.words.setdefault(market, {})[order] = results
        self._take_back(saying.rolled_back, order)
        self._take_windows(saying)

    def standing(self, market: str, void: Results, after: int) -> tuple[Results | None, Results | None]:
        """Return how a market ended by what was said, and the last word that contradicts it.

        ``void`` are the results of the market if the whole fixture is void. What was said of the whole fixture counts
        if its order is above ``after``.
        """
        stands: Results | None = None
        against: Results | None = None
        together: dict[int, Results | None] = dict.fromkeys(self._everything_back)
        if void:
            together |= dict.fromkeys(self._everything_void, void)
        words = {order: word for order, word in together.items() if order > after} | self.words.get(market, {})
        for order in sorted(words):
            word = words[order]
            if word is None or stands is None:
                stands, against = word, None
            elif canonical(word) != canonical(stands):
                against = word
        return stands, against

    def was_taken_back(self, market: str) -> bool:
        """Return whether any result of a market was taken back, by itself or with all others."""
        return None in self.words.get(market, {}).values() or bool(self._everything_back)

    def line(self, before: Line | None) -> Line | None:
        """Return the whole line; ``None`` while nobody has said what the fixture is."""
        header = self.header
        if header is None:
            return None
        markets = [
            replace(market, suspended=True) if order <= self._stopped_at(market.key) or order < self._whole else market
            for order, market in self.markets.values()
        ]
        return Line(
            title=header.title,
            deadline=header.deadline,
            sport=header.sport,
            competition=header.competition,
            starts_at=header.starts_at,
            suspended=self.suspended,
            markets=tuple(markets),
        )

    def cancelled(self, markets: Collection[str]) -> Iterator[tuple[Window, bool]]:
        """Yield each window of these markets that was spoken of, and whether bets struck in it are void.

        Of what was said of one market and of all of them the newest counts.
        """
        for since, until in dict.fromkeys([(window.since, window.until) for window in self.windows]):
            for market in markets:
                names = EVERYTHING, market
                words = [self.windows[name] for each in names if (name := Window(each, since, until)) in self.windows]
                if words:
                    order, stands = max(words)
                    restored = max(self._restored.get((each, since), -1) for each in names)
                    yield Window(market, since, until), stands and order > restored

    def _stopped_at(self, market: str) -> int:
        name = market.partition(":")[0]
        together = [order for spared, order in self._stopped_but.items() if name not in spared]
        return max(self._stopped.get(market, -1), *together, -1)

    def _take_status(self, saying: Saying) -> None:
        if saying.status is not None and self._is_newer("status", saying.order):
            self.status = saying.status
        if saying.status is FixtureStatus.VOID:
            self._everything_void.add(saying.order)

    def _take_windows(self, saying: Saying) -> None:
        order = saying.order
        for window in saying.restored:
            if window.until == ANY_END:
                name = (window.market, window.since)
                self._restored[name] = max(self._restored.get(name, -1), order)
        for windows, stands in ((saying.cancelled, True), (saying.restored, False)):
            for window in windows:
                if window.until != ANY_END and order >= self.windows.get(window, (-1, stands))[0]:
                    self.windows[window] = (order, stands)

    def _take_back(self, markets: Iterable[str], order: int) -> None:
        for market in markets:
            if market == EVERYTHING:
                self._everything_back.add(order)
            else:
                self.words.setdefault(market, {}).setdefault(order, None)

    def _is_newer(self, part: str, order: int) -> bool:
        if order < self._orders[part]:
            return False
        self._orders[part] = order
        return True
