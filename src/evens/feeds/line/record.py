"""What was said of a fixture, merged, and what the house must still be asked so that it is booked.

Theory of operation
-------------------
Sayings come late, twice and in the wrong order. A record keeps what each part of the newest saying about it was: the
header, whether the fixture is suspended, each market, each window of cancelled bets. A result needs more than the
newest word, because a second result counts only if the first was taken back in between. So a record keeps every word
about a market's result, sorted by their order, and reads them from the beginning:

=========================================  =====================================================
words                                      how it stands
=========================================  =====================================================
home won                                   home won
home won, home won                         home won; the second is nothing new
home won, away won                         home won, contradicted by away won
home won, taken back, away won             away won
=========================================  =====================================================

``booked`` is what the house has been asked already. :meth:`FixtureRecord.asks` returns the difference, as commands in
the order in which they must be booked: results are taken back first (the house leaves odds of decided markets out),
then the line, removals, cancelled bets, results. Whoever books a command tells :meth:`FixtureRecord.booked`. So where a
word comes late, the next asks lead to where the right order would have led.

After a start, the house's own state is the first word, and ``settled`` is false: a saying of the same order as the
house's version may have been booked in part only, and is taken once more.

An operator who decides about a market decides it to the end. What the provider had said by then counts no more, nothing
that it says later takes results back there or cancels bets, and a result that differs is told as a contradiction. When
an operator decides, records are made anew from the house, so that it makes no difference whether there was a start.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

from evens.core.commands.fixed_odds import (
    CancelBets,
    DeclareResults,
    DisputeFixture,
    PublishLine,
    RemoveSelection,
    RollBackResults,
    VoidFixture,
)
from evens.core.values.fixed_odds import FixtureStatus, LegResult, Line, LineMarket, SelectionResult
from evens.core.values.ids import FixtureId
from evens.feeds.line.sayings import Saying, Window
from evens.feeds.line.wanted import Canonical, KnownFixture, Results, Wanted, canonical

Ask = PublishLine | RemoveSelection | DeclareResults | RollBackResults | CancelBets | VoidFixture | DisputeFixture
"""What the house can be asked about a fixture."""


Standing = Mapping[str, tuple[Results | None, Results | None]]

ASKS_MAX: Final = 48
"""After how many commands for one saying a record stops, besides one for each removal and each cancelled time."""


class FixtureRecord:
    """Everything known of one fixture of one source."""

    def __init__(self, source: str, key: str, known: KnownFixture | None = None) -> None:
        self.source: Final = source
        self.key: Final = key
        self.id = None if known is None else known.id
        self.order = -1 if known is None else known.version
        """The order of the newest saying."""
        self.settled = known is None
        self._floor = -1 if known is None else known.version
        """What is not newer was taken into the house's own state before this record began."""
        self._version = -1 if known is None else known.version
        self._line: Line | None = None if known is None else known.line
        self._results: dict[str, Results] = {} if known is None else {**known.results}
        self._status = FixtureStatus.NEW if known is None else known.status
        self._removed = set[tuple[str, str]]() if known is None else {*known.removed}
        self._cancelled = set[Window]() if known is None else {*known.cancelled}
        self._ruled: dict[str, int] = {} if known is None else {**known.ruled}
        self._told = dict[str, Canonical]() if known is None else {key: canonical(r) for key, r in known.told.items()}
        """Contradictions that the house was told of, by market."""
        self.is_disputed = False
        """Whether what is asked came to no rest, so that nothing more is asked until an operator has decided."""
        self._asked = 0
        """How many commands were asked since the house last had all that was said, or something new was said."""
        self._wanted = Wanted.of(known)
        self._is_version = False
        self._has_taken = False

    @property
    def is_known(self) -> bool:
        """Whether the house has this fixture."""
        return self.id is not None

    @property
    def has_header(self) -> bool:
        """Whether anybody has said what the fixture is."""
        return self._wanted.header is not None

    def is_offered(self, now: int) -> bool:
        """Return whether the house lets people bet on the fixture at this moment, as far as its provider goes."""
        line = self._line
        is_new = self.is_known and self._status is FixtureStatus.NEW
        return is_new and line is not None and not line.suspended and line.deadline > now

    def take(self, saying: Saying) -> None:
        """Take in what a message says; what is older than what is known of the same thing changes nothing."""
        if saying.order < self._floor or (saying.order == self._floor and self.settled):
            return
        if saying.order == self._floor:
            # The house has this version, and results are taken back before a version is published: that is done.
            saying = replace(saying, rolled_back=(), status=None if saying.rolled_back else saying.status)
        saying = self._without_ruled(saying)
        self._is_version = saying.is_version
        self._has_taken = True
        if saying.order > self.order and not self.is_disputed:
            self._asked = 0
        self._wanted.take(saying)
        self.order = max(self.order, saying.order)

    def _without_ruled(self, saying: Saying) -> Saying:
        """Return a saying without what an operator knew of when deciding about a market."""
        known = {market for market, version in self._ruled.items() if saying.order <= version}
        results = {market: each for market, each in saying.results.items() if market not in known}
        back = tuple([market for market in saying.rolled_back if market not in known])
        return replace(saying, results=results, rolled_back=back)

    def asks(self) -> list[Ask]:
        """Return what the house must be asked now, in order. What follows the first may change with its answer."""
        if self.id is None:
            return self._publishing()
        if self._asked >= self._most_asks():
            return [] if self.is_disputed else [DisputeFixture(self.id)]
        standing = self._standing()
        return [
            *self._taking_back(self.id, standing),
            *self._publishing(),
            *self._removing(self.id),
            *self._cancelling(self.id),
            *(self._voiding(self.id, standing) or self._declaring(self.id, standing)),
        ]

    def _most_asks(self) -> int:
        """Return after how many commands for one saying something must be wrong with what is asked."""
        wanted = self._wanted
        return ASKS_MAX + len(wanted.removed) + len(wanted.windows) * (1 + len(self._market_keys()))

    def booked(self, ask: Ask, fixture: FixtureId | None = None) -> None:
        """Note that the house was asked this, and has it now or wants nothing more of it.

        ``fixture`` is the id that a line was published under.
        """
        self._asked += 1
        match ask:
            case PublishLine():
                self.id = fixture if fixture is not None else self.id
                self._version = ask.version
                self._line = _changed(self._line, ask.line, decided=self._decided())
            case RemoveSelection():
                self._removed.add((ask.market, ask.selection))
            case RollBackResults():
                for market in ask.markets or tuple(self._results):
                    self._results.pop(market, None)
                    self._told.pop(market, None)
                    self._line = _suspended(self._line, market)
                self._status = FixtureStatus.NEW
            case DeclareResults():
                self._book_results(ask)
            case CancelBets(markets=markets, since=since, until=int(until), restored=restored):
                windows = {Window(market, since, until) for market in markets or self._market_keys()}
                self._cancelled = self._cancelled - windows if restored else self._cancelled | windows
            case CancelBets():
                pass
            case VoidFixture():
                self._status, self._results = FixtureStatus.VOID, self._void()
            case DisputeFixture():
                self.is_disputed = True

    def done(self) -> None:
        """Note that nothing is left to be asked: what the house has is what was said, if anything that counts was."""
        self.settled = self.settled or self._has_taken
        if not self.is_disputed:
            self._asked = 0

    def _book_results(self, ask: DeclareResults) -> None:
        for market, results in _by_market(ask.results).items():
            stands = self._results.get(market)
            if market in self._ruled or (stands is not None and canonical(stands) != canonical(results)):
                self._told[market] = canonical(results)
            else:
                self._results[market] = results
        if ask.finished:
            self._status = FixtureStatus.FINISHED

    def _publishing(self) -> list[Ask]:
        wanted = self._wanted.line(self._line)
        if wanted is None:
            return []
        line = replace(wanted, markets=_differing(self._line, wanted.markets, decided=self._decided()))
        is_same = self._line is not None and replace(self._line, markets=()) == replace(line, markets=())
        if is_same and not line.markets and not (self._is_version and self.order > self._version):
            return []
        # The house's version is never beyond the provider's, or what it says next would count as old.
        is_newer = self.order > self._version
        version = max(self.order, self._version)
        return [PublishLine(self.source, self.key, version, line, again=not is_newer, fixture=self.id)]

    def _decided(self) -> Collection[str]:
        """Return the markets whose odds the house takes no more."""
        return self._results.keys()

    def _market_keys(self) -> list[str]:
        return [] if self._line is None else [market.key for market in self._line.markets]

    def _void(self) -> dict[str, Results]:
        """Return how every market of the house would end if the fixture were void."""
        return {
            market.key: tuple([SelectionResult(market.key, each.key, LegResult.VOID) for each in market.selections])
            for market in (() if self._line is None else self._line.markets)
        }

    def _standing(self) -> dict[str, tuple[Results | None, Results | None]]:
        """Return for every market of which anything was said how it ended, and the last word that contradicts it."""
        void = self._void()
        return {
            market: self._wanted.standing(market, void.get(market, ()), self._ruled.get(market, -1))
            for market in dict.fromkeys([*void, *self._wanted.words])
        }

    def _taking_back(self, fixture: FixtureId, standing: Standing) -> list[Ask]:
        back = [
            market
            for market, results in self._results.items()
            if market not in self._ruled and self._is_to_go(market, results, *standing.get(market, (None, None)))
        ]
        return [RollBackResults(fixture, tuple(back))] if back else []

    def _is_to_go(self, market: str, booked: Results, stands: Results | None, against: Results | None) -> bool:
        """Return whether what is booked is to be taken back: another result stands, or nothing contradicts it any more.

        The second happens where a result was contradicted, taken back and given again, and the taking back comes last.
        """
        is_cleared = against is None and market in self._told and self._wanted.was_taken_back(market)
        return is_cleared or not _are_same(stands, booked)

    def _removing(self, fixture: FixtureId) -> list[Ask]:
        return [
            RemoveSelection(fixture, each.market, each.selection, each.reduction_bps)
            for each in self._wanted.removed.values()
            if (each.market, each.selection) not in self._removed
        ]

    def _cancelling(self, fixture: FixtureId) -> list[Ask]:
        keys = self._market_keys()
        changing: dict[tuple[int, int, bool], list[str]] = {}
        for window, stands in self._wanted.cancelled([key for key in keys if key not in self._ruled]):
            if stands != (window in self._cancelled):
                changing.setdefault((window.since, window.until, stands), []).append(window.market)
        return [
            CancelBets(fixture, () if len(markets) == len(keys) else tuple(markets), since, until, restored=not stands)
            for (since, until, stands), markets in changing.items()
        ]

    def _voiding(self, fixture: FixtureId, standing: Standing) -> list[Ask]:
        if self._wanted.status is not FixtureStatus.VOID or self._status is FixtureStatus.VOID or self._ruled:
            return []
        # Where another result stands, that it is void is a contradiction, and the other markets are declared void.
        is_clean = all(
            against is None and _are_same(stands, void)
            for market, void in self._void().items()
            for stands, against in [standing[market]]
        )
        return [VoidFixture(fixture)] if is_clean else []

    def _is_told(self, results: Results) -> bool:
        """Return whether the house has these results of a market, or was told of them."""
        market = results[0].market
        return _are_same(self._results.get(market), results) or self._told.get(market) == canonical(results)

    def _declaring(self, fixture: FixtureId, standing: Standing) -> list[Ask]:
        new, contradicting = list[SelectionResult](), list[SelectionResult]()
        for market, (stands, against) in standing.items():
            if market in self._ruled:
                word = stands if against is None else against
                if word and not self._is_told(word):
                    contradicting += word
                continue
            if stands and market not in self._results:
                new += stands
            if against and self._told.get(market) != canonical(against):
                contradicting += against
        decided = {*self._results, *(result.market for result in new)}
        # A provider whose orders are no versions never says that a fixture is over: it is once every market is.
        is_whole = not self._is_version and bool(new) and decided.issuperset(self._market_keys())
        finished = is_whole or self._wanted.status is not FixtureStatus.NEW
        asks: list[Ask] = []
        if new or (finished and self._status is FixtureStatus.NEW and self._results):
            results = new or [each for results in self._results.values() for each in results]
            asks.append(DeclareResults(fixture, tuple(results), finished=finished))
        if contradicting:
            asks.append(DeclareResults(fixture, tuple(contradicting), finished=finished))
        return asks


def _are_same(before: Results | None, after: Results | None) -> bool:
    """Return whether both are no result, or the same."""
    return canonical(before) == canonical(after) if before and after else not before and not after


def _by_market(results: Results) -> dict[str, Results]:
    markets: dict[str, Results] = {}
    for result in results:
        markets[result.market] = (*markets.get(result.market, ()), result)
    return markets


def _suspended(line: Line | None, key: str) -> Line | None:
    """Return a line with one market suspended, as the house has it when its result is taken back."""
    if line is None:
        return None
    return replace(line, markets=tuple([replace(m, suspended=m.suspended or m.key == key) for m in line.markets]))


def _merged(before: LineMarket | None, said: LineMarket) -> LineMarket:
    """Return a market as the house has it once it was published: what it has no longer is suspended in its place."""
    if before is None:
        return said
    named = {selection.key: selection for selection in said.selections}
    for selection in before.selections:
        named.setdefault(selection.key, replace(selection, suspended=True))
    order = [*(selection.key for selection in before.selections), *named]
    return replace(said, selections=tuple(named[key] for key in dict.fromkeys(order)))


def _differing(before: Line | None, markets: Iterable[LineMarket], decided: Collection[str]) -> tuple[LineMarket, ...]:
    known = {} if before is None else {market.key: market for market in before.markets}
    return tuple(
        market
        for market in markets
        if market.key not in decided and _merged(known.get(market.key), market) != known.get(market.key)
    )


def _changed(before: Line | None, line: Line, decided: Collection[str]) -> Line:
    markets = {} if before is None else {market.key: market for market in before.markets}
    for market in line.markets:
        if market.key not in decided:
            markets[market.key] = _merged(markets.get(market.key), market)
    return replace(line, markets=tuple(markets.values()))
