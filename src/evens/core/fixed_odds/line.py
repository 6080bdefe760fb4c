"""The line: what providers publish, and what operators and silence do to it.

A provider's message names only what is new or has changed. What it says of a market that is decided already is left
out, as is a message that is older than the last one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from evens.core.commands.fixed_odds import HearSource, HoldFixture, PublishLine, RemoveSelection
from evens.core.events.every import Event
from evens.core.events.fixed_odds import FixtureHeld, LinePublished, SelectionRemoved, SourceHeard
from evens.core.events.ledger import Rejected
from evens.core.fixed_odds.bank import Reserves
from evens.core.fixed_odds.fixture import Fixture, FixtureMarket
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.fixed_odds.state import FixedOdds
from evens.core.ledger.reasons import SharedReason
from evens.core.values.fixed_odds import FixtureStage, FixtureStatus, Line, LineMarket
from evens.core.values.ids import FixtureId


def publish_line(book: FixedOdds, command: PublishLine, seq: int, at: int) -> Iterator[Event]:
    """Take over a provider's message, if it is newer than what is known."""
    fixture = book.by_key.get((command.source, command.key))
    if fixture is None and command.fixture is not None:
        yield Rejected(FixedOddsReason.EVENT_UNKNOWN)
    elif fixture is None:
        yield LinePublished(FixtureId(seq), command.source, command.key, command.version, command.line)
    elif command.version < fixture.version or (command.version == fixture.version and not command.again):
        yield Rejected(FixedOddsReason.LINE_OUTDATED, (("version", fixture.version),))
    else:
        undecided = [
            market
            for market in command.line.markets
            if (known := fixture.markets.get(market.key)) is None or not known.results
        ]
        line = replace(command.line, markets=tuple(undecided))
        # How many win decides what the bets on a market can cost.
        reserves = [
            Reserves(book, fixture.markets[market.key], at) for market in undecided if market.key in fixture.markets
        ]
        yield LinePublished(fixture.id, command.source, command.key, command.version, line)
        spent = 0
        for each in reserves:
            for transferred in each.align(first=spent):
                spent += 1
                yield transferred


def apply_line_published(book: FixedOdds, event: LinePublished) -> None:
    """Change what is known of the fixture, or get to know it."""
    fixture = book.fixtures.get(event.fixture)
    if fixture is None:
        fixture = Fixture(event.fixture, event.source, event.key)
        book.add_fixture(fixture)
    line = event.line
    fixture.version = event.version
    fixture.title, fixture.sport, fixture.competition = line.title, line.sport, line.competition
    fixture.starts_at, fixture.deadline, fixture.suspended = line.starts_at, line.deadline, line.suspended
    for published in line.markets:
        market = fixture.markets.get(published.key)
        if market is None:
            fixture.markets[published.key] = FixtureMarket(published)
        else:
            market.change(published)
            market.align_all()


def suspend_until_published(fixture: Fixture, markets: Iterable[FixtureMarket]) -> Iterator[LinePublished]:
    """Yield that these markets are suspended, as if their provider had said it; what it says next counts again."""
    suspended = [
        LineMarket(
            market.key,
            market.name,
            tuple(market.selections.values()),
            suspended=True,
            winners=market.winners,
            group=market.group,
        )
        for market in markets
        if not market.suspended
    ]
    if suspended:
        line = Line(
            title=fixture.title,
            deadline=fixture.deadline,
            sport=fixture.sport,
            competition=fixture.competition,
            starts_at=fixture.starts_at,
            suspended=fixture.suspended,
            markets=tuple(suspended),
        )
        yield LinePublished(fixture.id, fixture.source, fixture.key, fixture.version, line)


def remove_selection(book: FixedOdds, command: RemoveSelection, seq: int, at: int) -> Iterator[Event]:
    """Take a selection out; the stakes on it are given back in parts."""
    found = find_market(book, command.fixture, command.market, command.selection)
    if isinstance(found, Rejected):
        yield found
        return
    _, market = found
    if market.is_removed(command.selection):
        yield Rejected(SharedReason.NOTHING_CHANGES)
    elif market.results:
        yield Rejected(FixedOddsReason.EVENT_FINISHED)
    elif market.stage is not FixtureStage.NOTHING:
        yield Rejected(FixedOddsReason.EVENT_BUSY)
    else:
        reserves = Reserves(book, market, at)
        yield SelectionRemoved(command.fixture, command.market, command.selection, command.reduction_bps, at)
        yield from reserves.align()


def apply_selection_removed(book: FixedOdds, event: SelectionRemoved) -> None:
    """Remember it, and begin to give stakes back."""
    fixture = book.fixtures[event.fixture]
    market = fixture.markets[event.market]
    market.removals.append((event.selection, event.reduction_bps, event.at))
    book.enter(fixture, market, FixtureStage.RETURNING)
    market.align_all()


def hold_fixture(book: FixedOdds, command: HoldFixture, seq: int, at: int) -> Iterator[FixtureHeld | Rejected]:
    """Stop bets on a fixture, or let them go on."""
    fixture = book.fixtures.get(command.fixture)
    if fixture is None:
        yield Rejected(FixedOddsReason.EVENT_UNKNOWN)
    elif fixture.status is not FixtureStatus.NEW:
        yield Rejected(FixedOddsReason.EVENT_FINISHED)
    elif fixture.held == command.held:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    else:
        yield FixtureHeld(fixture.id, command.held)


def apply_fixture_held(book: FixedOdds, event: FixtureHeld) -> None:
    """Remember what the operator said."""
    book.fixtures[event.fixture].held = event.held


def hear_source(book: FixedOdds, command: HearSource, seq: int, at: int) -> Iterator[SourceHeard | Rejected]:
    """Note that a provider fell silent or is complete again."""
    if (command.source in book.silent) == command.silent:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    else:
        yield SourceHeard(command.source, command.silent)


def apply_source_heard(book: FixedOdds, event: SourceHeard) -> None:
    """Remember which sources are silent."""
    if event.silent:
        book.silent[event.source] = None
    else:
        book.silent.pop(event.source, None)


def find_market(
    book: FixedOdds, fixture_id: FixtureId, market_key: str, selection: str
) -> tuple[Fixture, FixtureMarket] | Rejected:
    """Return a fixture and its market that has this selection, or why there is none."""
    fixture = book.fixtures.get(fixture_id)
    if fixture is None:
        return Rejected(FixedOddsReason.EVENT_UNKNOWN)
    market = fixture.markets.get(market_key)
    if market is None or selection not in market.selections:
        return Rejected(FixedOddsReason.SELECTION_UNKNOWN, (("market", market_key), ("selection", selection)))
    return fixture, market
