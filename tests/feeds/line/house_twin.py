"""A house that knows nothing of money: what the line feeds ask is refused or taken by the rules of fixed odds."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from evens.core.commands.fixed_odds import (
    CancelBets,
    DeclareResults,
    HearSource,
    PublishLine,
    RemoveSelection,
    RollBackResults,
    VoidFixture,
)
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.ledger.reasons import SharedReason
from evens.core.values.fixed_odds import FixtureStatus, LegResult, Line, LineMarket, SelectionResult
from evens.core.values.ids import FixtureId
from evens.feeds.line.protocols import Booked
from evens.feeds.line.record import Ask
from evens.feeds.line.sayings import Window
from evens.feeds.line.wanted import KnownFixture, canonical
from evens.sequencer.errors import NotLeading


@dataclass
class TwinFixture:
    """What the house has of a fixture."""

    id: FixtureId
    source: str
    key: str
    version: int
    line: Line
    status: FixtureStatus = FixtureStatus.NEW
    removed: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    results: dict[str, tuple[SelectionResult, ...]] = field(default_factory=dict[str, tuple[SelectionResult, ...]])
    cancelled: set[Window] = field(default_factory=set[Window])
    contradicted: set[str] = field(default_factory=set[str])

    def outcome(self) -> object:
        """Return what matters in the end, for comparing two houses."""
        results = {market: canonical(results) for market, results in self.results.items()}
        return self.status, results, self.removed, self.cancelled, set(self.contradicted)


class HouseTwin:
    """Implements the feeds' ``LineCommands`` and ``KnownFixtures``; ``asked`` is everything it was asked."""

    def __init__(self) -> None:
        self.fixtures: dict[tuple[str, str], TwinFixture] = {}
        self.asked: list[Ask | HearSource] = []
        self.silent: set[str] = set()
        self.is_open = True
        self.busy = 0
        """How many of the next commands about results find the fixture busy."""

    async def submit(self, ask: Ask | HearSource) -> Booked:
        """Take a command, or refuse it."""
        if not self.is_open:
            raise NotLeading("it is a test")
        self.asked.append(ask)
        if isinstance(ask, HearSource):
            (self.silent.add if ask.silent else self.silent.discard)(ask.source)
            return Booked()
        if isinstance(ask, PublishLine):
            return self._publish(ask)
        if self.busy:
            self.busy -= 1
            return Booked(FixedOddsReason.EVENT_BUSY)
        fixture = next(each for each in self.fixtures.values() if each.id == ask.fixture)
        return self._change(fixture, ask)

    async def find(self, source: str, key: str) -> KnownFixture | None:
        """Return a fixture."""
        fixture = self.fixtures.get((source, key))
        return None if fixture is None else _known(fixture)

    async def unfinished(self, source: str) -> Sequence[KnownFixture]:
        """Return those that have not ended."""
        found = self.fixtures.values()
        return [_known(each) for each in found if each.source == source and each.status is FixtureStatus.NEW]

    def only(self) -> TwinFixture:
        """Return the only fixture."""
        (fixture,) = self.fixtures.values()
        return fixture

    def _publish(self, ask: PublishLine) -> Booked:
        fixture = self.fixtures.get((ask.source, ask.key))
        if fixture is None:
            number = FixtureId(len(self.fixtures) + 1)
            self.fixtures[ask.source, ask.key] = TwinFixture(number, ask.source, ask.key, ask.version, ask.line)
            return Booked(fixture=number)
        if ask.version < fixture.version or (ask.version == fixture.version and not ask.again):
            return Booked(FixedOddsReason.LINE_OUTDATED)
        markets = {market.key: market for market in fixture.line.markets}
        for market in ask.line.markets:
            if market.key not in fixture.results:
                markets[market.key] = _change(markets.get(market.key), market)
        fixture.line = replace(ask.line, markets=tuple(markets.values()))
        fixture.version = ask.version
        return Booked(fixture=fixture.id)

    def _change(self, fixture: TwinFixture, ask: Ask) -> Booked:
        match ask:
            case RemoveSelection():
                fixture.removed.add((ask.market, ask.selection))
            case DeclareResults():
                return _declare(fixture, ask)
            case RollBackResults():
                if not fixture.results or any(market not in fixture.results for market in ask.markets):
                    return Booked(FixedOddsReason.NO_RESULT)
                _take_back(fixture, ask.markets or tuple(fixture.results))
            case CancelBets(until=int(until)):
                for market in ask.markets or [each.key for each in fixture.line.markets]:
                    window = Window(market, ask.since, until)
                    (fixture.cancelled.discard if ask.restored else fixture.cancelled.add)(window)
            case VoidFixture():
                fixture.status = FixtureStatus.VOID
                for market in fixture.line.markets:
                    fixture.results[market.key] = tuple(
                        SelectionResult(market.key, each.key, LegResult.VOID) for each in market.selections
                    )
            case _:
                fixture.contradicted |= {market.key for market in fixture.line.markets}
        return Booked()


def _take_back(fixture: TwinFixture, markets: Sequence[str]) -> None:
    for market in markets:
        del fixture.results[market]
        fixture.contradicted.discard(market)
    suspended = [replace(each, suspended=each.suspended or each.key in markets) for each in fixture.line.markets]
    fixture.line = replace(fixture.line, markets=tuple(suspended))
    fixture.status = FixtureStatus.NEW


def _declare(fixture: TwinFixture, ask: DeclareResults) -> Booked:
    by_market: dict[str, tuple[SelectionResult, ...]] = {}
    for result in ask.results:
        by_market[result.market] = (*by_market.get(result.market, ()), result)
    changed = False
    for market, results in by_market.items():
        before = fixture.results.get(market)
        if before is None:
            fixture.results[market] = results
            changed = True
        elif canonical(before) != canonical(results):
            fixture.contradicted.add(market)
            changed = True
    if ask.finished and fixture.status is FixtureStatus.NEW:
        fixture.status = FixtureStatus.FINISHED
        changed = True
    return Booked() if changed else Booked(SharedReason.NOTHING_CHANGES)


def _change(before: LineMarket | None, said: LineMarket) -> LineMarket:
    if before is None:
        return said
    named = {each.key: each for each in said.selections}
    kept = [named.pop(each.key, replace(each, suspended=True)) for each in before.selections]
    return replace(said, selections=(*kept, *named.values()))


def _known(fixture: TwinFixture) -> KnownFixture:
    return KnownFixture(
        fixture.id,
        fixture.key,
        fixture.version,
        fixture.line,
        fixture.status,
        frozenset(fixture.removed),
        dict(fixture.results),
        frozenset(fixture.cancelled),
    )
