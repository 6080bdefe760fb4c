"""What the rehearsal of a command needs of the sportsbook: one fixture, the bets on it, and the other legs of these."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from evens.core.commands.fixed_odds import VoidBet
from evens.core.events.fixed_odds import BetEnded, BetReopened, BookedAccumulator
from evens.core.fixed_odds.recalling import AccumulatorsBooked, Recalled, SinglesBooked, SinglesReturned
from evens.core.fixed_odds.state import FixedOdds
from evens.core.state import House
from evens.core.values.fixed_odds import BookedSingles
from evens.core.values.ids import FixtureId
from evens.store.fixed_odds.loading import load_singles
from evens.store.fixed_odds.recalling import recall_accumulators as stored_accumulators
from evens.store.fixed_odds.rows import fixture_of, read_accumulators, read_fixtures
from evens.store.fixed_odds.tables import BETS
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.core.events.every import Event
    from evens.store.database import Wire

_SQL: Final = statements("fixed_odds", "loading")
_FIXTURES: Final = statements("fixed_odds", "reading")["fixtures_by_id"]

_ACCUMULATOR: Final = f"{BETS.select()} WHERE id = $1 AND fixture IS NULL AND ended IS NULL"

REMEMBERED: Final = (BetEnded, BetReopened)
"""The events that :func:`recall_accumulators` has to know of."""

Singles = SinglesBooked | SinglesReturned


async def load_fixture(connection: "Wire", house: House, number: FixtureId) -> set[int]:
    """Add a fixture to a house, with the bets on it; return who holds accounts that it can move money between."""
    book = house.fixed_odds
    rows = await read_fixtures(connection, await connection.fetch(_FIXTURES, [number]))
    if not rows or rows[0].archived:
        return set()
    book.add_fixture(fixture_of(rows[0]))
    await load_singles(connection, book, number)
    accumulators = await read_accumulators(connection, await connection.fetch(_SQL["accumulators_on"], number))
    await _know_others(connection, book, (leg.fixture for bet in accumulators for leg in bet.legs))
    for bet in accumulators:
        book.add_accumulator(bet)
    holders: set[int] = {number, *(bet.customer for bet in accumulators)}
    for market in book.fixtures[number].markets.values():
        for singles in market.books.values():
            holders.update(customer for customer, _ in singles.stakes_minor())
            holders.update(singles.corrected)
    return holders


async def load_bet(connection: "Wire", house: House, command: VoidBet) -> set[int]:
    """Add what an open bet is on, with the bet; return who holds accounts that it can move money between."""
    if command.single is not None:
        return await load_fixture(connection, house, command.single.fixture)
    for bet in await read_accumulators(connection, await connection.fetch(_ACCUMULATOR, command.bet)):
        house.fixed_odds.add_accumulator(bet)
    return {command.customer}


async def _know_others(connection: "Wire", book: FixedOdds, numbers: Iterable[FixtureId]) -> None:
    """Know how other fixtures stand. What they have under way is not rehearsed, so it is put on no agenda."""
    missing = list({number: None for number in numbers if number not in book.fixtures})
    if missing:
        for row in await read_fixtures(connection, await connection.fetch(_FIXTURES, missing)):
            if not row.archived:
                book.fixtures[row.id] = fixture_of(row)


async def recall_accumulators(
    connection: "Wire", house: House, wanted: AccumulatorsBooked, happened: Iterable["Event"]
) -> tuple[BookedAccumulator, ...]:
    """Return the next accumulators as they are by now in the rehearsal; what their legs are on is known then.

    The tables have them as they were before it: ``happened`` tells which were settled anew or reopened since.
    """
    ended: dict[int, BetEnded | None] = {}
    for event in happened:
        if isinstance(event, BetEnded):
            ended[event.bet] = event
        elif isinstance(event, BetReopened):
            ended[event.bet] = None
    while True:
        stored = await stored_accumulators(connection, wanted)
        await _know_others(connection, house.fixed_odds, (leg.fixture for each in stored for leg in each.placed.legs))
        found: list[BookedAccumulator] = []
        for booked in stored:
            last = ended.get(booked.placed.bet, booked)
            if isinstance(last, BetEnded):
                found.append(replace(booked, settlement=last.settlement, returned_minor=last.returned_minor))
            elif last is not None:
                found.append(booked)
        if found or not stored:
            return tuple(found)
        wanted = replace(wanted, after=stored[-1].placed.bet)


def holders_recalled(wanted: Singles | AccumulatorsBooked, recalled: Recalled) -> Iterator[int]:
    """Yield whose bets were recalled."""
    for booked in recalled:
        yield booked.customer if isinstance(booked, BookedSingles) else booked.placed.customer
