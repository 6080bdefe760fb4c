"""Results: saying how a market ended, saying it anew, and taking it back; booking it is :mod:`settling`'s part.

A market is decided as a whole. The same result twice is nothing new. A different one is a contradiction, unless it is
meant as a correction, and so is one that names more winners than the market can have, and whatever a provider says of a
market about which an operator has decided: it is recorded and not applied, and nobody can bet on the market until an
operator has decided.

A provider's word that was under way when an operator decided comes too late: it takes nothing back and cancels nothing
about which an operator has decided, and is refused with ``operator_decided``. A market whose result is taken back is
suspended until its provider's line is published again: while it was decided, what its provider said of it was left out,
so nobody knows whether its odds are still the provider's.

Example: a provider says that home won, and an hour later that away did, without taking the first back. Whoever backed
home keeps what was paid, the contradiction is listed, and an operator settles the market with a correction to away, or
closes the conflict and leaves it at home.
"""

from collections.abc import Iterable, Iterator, Mapping

from evens.core.commands.fixed_odds import (
    CancelBets,
    CloseConflict,
    DeclareResults,
    DisputeFixture,
    RollBackResults,
    VoidFixture,
)
from evens.core.events.every import Event
from evens.core.events.fixed_odds import (
    BetsCancelled,
    ConflictClosed,
    FixtureEnded,
    MarketDecided,
    MarketRuled,
    ResultContradicted,
)
from evens.core.events.ledger import Rejected
from evens.core.fixed_odds.fixture import Fixture, FixtureMarket
from evens.core.fixed_odds.line import find_market, suspend_until_published
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.fixed_odds.state import FixedOdds
from evens.core.ledger.reasons import SharedReason
from evens.core.values.fixed_odds import (
    FixtureStage,
    FixtureStatus,
    LegResult,
    SelectionResult,
    has_too_many_winners,
)
from evens.core.values.ids import FixtureId

_Results = tuple[SelectionResult, ...]


def declare_results(book: FixedOdds, command: DeclareResults, seq: int, at: int) -> Iterator[Event]:
    """Decide the markets that are named, and end the fixture if that is what was said."""
    by_market: dict[str, list[SelectionResult]] = {}
    for result in command.results:
        found = find_market(book, command.fixture, result.market, result.selection)
        if isinstance(found, Rejected):
            yield found
            return
        by_market.setdefault(result.market, []).append(result)
    fixture = book.fixtures.get(command.fixture)
    if fixture is None:
        yield Rejected(FixedOddsReason.EVENT_UNKNOWN)
        return
    declared = {key: _in_order(results) for key, results in by_market.items()}
    changed = {key: results for key, results in declared.items() if not _same(fixture.markets[key].results, results)}
    all_decided = all(key in declared or market.results for key, market in fixture.markets.items())
    ends = fixture.status is FixtureStatus.NEW and (all_decided if command.ruled else command.finished)
    # An operator who names the result that stands decides for it.
    kept = [key for key in declared if command.ruled and key not in changed and fixture.markets[key].contradicted]
    if not changed and not ends and not kept:
        yield Rejected(SharedReason.NOTHING_CHANGES)
        return
    refused = _refuse_results(fixture, command, changed, ends=ends)
    if refused is not None:
        yield refused
        return
    for key, results in changed.items():
        market = fixture.markets[key]
        if _contradicts(market, command, results):
            yield ResultContradicted(fixture.id, key, results)
        else:
            yield MarketDecided(fixture.id, key, market.settlement + 1, results, at)
    yield from (ConflictClosed(fixture.id, key) for key in kept)
    if ends:
        yield FixtureEnded(fixture.id, FixtureStatus.FINISHED)
    settled = [fixture.markets[key] for key in declared if not fixture.markets[key].contradicted]
    yield from _rule(fixture, settled, ruled=command.ruled)


def _refuse_results(
    fixture: Fixture, command: DeclareResults, changed: Mapping[str, _Results], *, ends: bool
) -> Rejected | None:
    markets = [fixture.markets[key] for key in changed]
    if any(market.stage is not FixtureStage.NOTHING for market in markets):
        return Rejected(FixedOddsReason.EVENT_BUSY)
    # An operator's own results are not listed to be decided by an operator.
    too_many = [key for key, results in changed.items() if has_too_many_winners(results, fixture.markets[key].winners)]
    if too_many and (command.correction or command.ruled):
        return Rejected(FixedOddsReason.RESULTS_CONTRADICT)
    # A first result needs no correction.
    open_to = [market for market in markets if not market.contradicted or (command.ruled and not market.results)]
    if not command.correction and changed and not open_to and not ends:
        return Rejected(FixedOddsReason.RESULTS_CONTRADICT)
    return None


def _contradicts(market: FixtureMarket, command: DeclareResults, results: _Results) -> bool:
    """Return whether an operator has to decide: another result stands, or an operator decided, or it cannot be."""
    if command.correction:
        return False
    is_providers_after_a_ruling = market.ruled is not None and not command.ruled
    return bool(market.results) or is_providers_after_a_ruling or has_too_many_winners(results, market.winners)


def _rule(fixture: Fixture, markets: Iterable[FixtureMarket], *, ruled: bool) -> Iterator[MarketRuled]:
    """Yield that an operator has decided about these markets, unless that is known."""
    for market in markets:
        if ruled and market.ruled != fixture.version:
            yield MarketRuled(fixture.id, market.key, fixture.version)


def void_fixture(book: FixedOdds, command: VoidFixture, seq: int, at: int) -> Iterator[Event]:
    """Decide that every selection is void, whatever was said before."""
    fixture = book.fixtures.get(command.fixture)
    if fixture is None:
        yield Rejected(FixedOddsReason.EVENT_UNKNOWN)
        return
    void = {
        market.key: _in_order([SelectionResult(market.key, key, LegResult.VOID) for key in market.selections])
        for market in fixture.markets.values()
    }
    changed = {key: results for key, results in void.items() if fixture.markets[key].results != results}
    if fixture.status is FixtureStatus.VOID and not changed:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    elif not command.ruled and any(market.ruled is not None for market in fixture.markets.values()):
        yield Rejected(FixedOddsReason.OPERATOR_DECIDED)
    elif any(fixture.markets[key].stage is not FixtureStage.NOTHING for key in changed):
        yield Rejected(FixedOddsReason.EVENT_BUSY)
    else:
        for key, results in changed.items():
            yield MarketDecided(fixture.id, key, fixture.markets[key].settlement + 1, results, at)
        yield FixtureEnded(fixture.id, FixtureStatus.VOID)
        yield from _rule(fixture, fixture.markets.values(), ruled=command.ruled)


def roll_back_results(book: FixedOdds, command: RollBackResults, seq: int, at: int) -> Iterator[Event]:
    """Take results back: what was booked is reversed in parts, and the bets are open again."""
    markets = _markets(book, command.fixture, command.markets, ruled=command.ruled)
    if isinstance(markets, Rejected):
        yield markets
        return
    fixture, named = markets
    decided = [market for market in named if market.results]
    if not decided:
        yield Rejected(FixedOddsReason.NO_RESULT)
    elif any(market.stage is not FixtureStage.NOTHING for market in decided):
        yield Rejected(FixedOddsReason.EVENT_BUSY)
    else:
        for market in decided:
            yield MarketDecided(fixture.id, market.key, market.settlement + 1, (), at)
        yield from suspend_until_published(fixture, decided)
        if fixture.status is not FixtureStatus.NEW:
            yield FixtureEnded(fixture.id, FixtureStatus.NEW)
        yield from _rule(fixture, decided, ruled=command.ruled)


def cancel_bets(book: FixedOdds, command: CancelBets, seq: int, at: int) -> Iterator[Event]:
    """Void what was bet in some time; what is booked already is corrected."""
    markets = _markets(book, command.fixture, command.markets, ruled=command.ruled)
    if isinstance(markets, Rejected):
        yield markets
        return
    fixture, named = markets
    until = at if command.until is None else command.until
    window = (command.since, until)
    changing = [market for market in named if (window in market.cancelled) == command.restored]
    if not changing or command.since >= until:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    elif any(market.stage is not FixtureStage.NOTHING for market in changing):
        yield Rejected(FixedOddsReason.EVENT_BUSY)
    else:
        for market in changing:
            yield BetsCancelled(fixture.id, market.key, command.since, until, command.restored)
            if market.results and not command.restored:
                yield MarketDecided(fixture.id, market.key, market.settlement + 1, market.results, at)
        yield from _rule(fixture, changing, ruled=command.ruled)


def close_conflict(book: FixedOdds, command: CloseConflict, seq: int, at: int) -> Iterator[Event]:
    """Leave a market's result as it is."""
    markets = _markets(book, command.fixture, (command.market,), ruled=True)
    if isinstance(markets, Rejected):
        yield markets
    elif not markets[1][0].contradicted:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    else:
        yield ConflictClosed(command.fixture, command.market)
        yield from _rule(markets[0], markets[1], ruled=True)


def dispute_fixture(book: FixedOdds, command: DisputeFixture, seq: int, at: int) -> Iterator[Event]:
    """Let an operator decide about every market, and nobody bet on them until then."""
    fixture = book.fixtures.get(command.fixture)
    if fixture is None:
        yield Rejected(FixedOddsReason.EVENT_UNKNOWN)
        return
    disputed = [market.key for market in fixture.markets.values() if not market.contradicted]
    yield from (ResultContradicted(fixture.id, key, ()) for key in disputed)
    if not disputed:
        yield Rejected(SharedReason.NOTHING_CHANGES)


def apply_market_decided(book: FixedOdds, event: MarketDecided) -> None:
    """Remember the result, and begin to book it, or to take back what was booked."""
    fixture = book.fixtures[event.fixture]
    market = fixture.markets[event.market]
    was_decided = bool(market.results)
    # The same result is booked anew where a time was cancelled or restored; that decides no contradiction.
    market.contradicted = market.contradicted and market.results == event.results
    market.settlement, market.results = event.settlement, event.results
    fixture.decided_at = event.at
    if not event.results:
        stage = FixtureStage.REOPENING
    else:
        stage = FixtureStage.RECALLING if was_decided else FixtureStage.DECIDED
    book.enter(fixture, market, stage)
    book.schedule_archiving(fixture, event.at)


def apply_fixture_ended(book: FixedOdds, event: FixtureEnded) -> None:
    """Move the fixture on, or back."""
    book.fixtures[event.fixture].status = event.status


def apply_result_contradicted(book: FixedOdds, event: ResultContradicted) -> None:
    """Suspend the market until an operator has decided."""
    book.fixtures[event.fixture].markets[event.market].contradicted = True


def apply_conflict_closed(book: FixedOdds, event: ConflictClosed) -> None:
    """Let the market go on with the result it has."""
    book.fixtures[event.fixture].markets[event.market].contradicted = False


def apply_market_ruled(book: FixedOdds, event: MarketRuled) -> None:
    """Remember what was known when an operator decided."""
    book.fixtures[event.fixture].markets[event.market].ruled = event.version


def apply_bets_cancelled(book: FixedOdds, event: BetsCancelled) -> None:
    """Remember in which time bets are void, and begin to give open ones back, or to bring back those that were."""
    fixture = book.fixtures[event.fixture]
    market = fixture.markets[event.market]
    if event.restored:
        market.cancelled.remove((event.since, event.until))
        book.enter(fixture, market, FixtureStage.RESTORING)
        return
    market.cancelled.append((event.since, event.until))
    if not market.results:
        book.enter(fixture, market, FixtureStage.RETURNING)


def _markets(
    book: FixedOdds, fixture_id: FixtureId, keys: tuple[str, ...], *, ruled: bool
) -> tuple[Fixture, list[FixtureMarket]] | Rejected:
    """Return a fixture and those of its markets that are named, all if none is, or why there are none.

    Who does not rule (a provider) must not name one about which an operator has decided, and all are the others.
    """
    fixture = book.fixtures.get(fixture_id)
    if fixture is None:
        return Rejected(FixedOddsReason.EVENT_UNKNOWN)
    unknown = next((key for key in keys if key not in fixture.markets), None)
    if unknown is not None:
        return Rejected(FixedOddsReason.SELECTION_UNKNOWN, (("market", unknown), ("selection", "")))
    named = [fixture.markets[key] for key in keys or fixture.markets]
    changeable = [market for market in named if ruled or market.ruled is None]
    if named and (not changeable or (keys and len(changeable) < len(named))):
        return Rejected(FixedOddsReason.OPERATOR_DECIDED)
    return fixture, changeable


def _in_order(results: list[SelectionResult]) -> _Results:
    """Return results in an order that does not depend on how they were told; what is said twice counts once."""
    return tuple(sorted(dict.fromkeys(results), key=_place))


def _place(result: SelectionResult) -> tuple[str, int, int, int]:
    return result.selection, result.result, result.places, result.tied


def _same(before: _Results, after: _Results) -> bool:
    """Return whether two results decide a market alike: who is not named has lost."""
    return _who_did_not_lose(before) == _who_did_not_lose(after) and bool(before) == bool(after)


def _who_did_not_lose(results: _Results) -> list[SelectionResult]:
    return [result for result in results if result.result is not LegResult.LOST]
