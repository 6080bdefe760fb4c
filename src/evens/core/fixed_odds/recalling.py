"""Recalling bets that were booked, because the result of their market is corrected or taken back.

The house forgets bets as soon as they are booked. A correction (stage ``RECALLING``) brings the singles of a market
back from the tables, with what was returned for them; when all are there, the stage is ``SETTLING``, which books
everybody from the old result to the new one. Before that come the accumulators that were settled with a leg on the
market: each is corrected in the part that recalls it.

A result that is taken back (stage ``REOPENING``) reverses what was booked in the same part that recalls it: the profit
goes back, the stake returns into escrow, and the bet is open again. As it is written down for whom that is done
(``SinglesSettled`` under the settlement that has no results), nobody is reversed twice after a restart. What a customer
does not have any more the house lends, as with every correction.

How far recalling has come is not stored. A house that is loaded again in the middle of it begins it anew, and whoever
is recalled twice is the same twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from evens.core.commands.fixed_odds import AdvanceFixture
from evens.core.events.every import Event
from evens.core.events.fixed_odds import (
    AccumulatorsRecalled,
    BookedAccumulator,
    FixtureStageFinished,
    SinglesRecalled,
    SinglesSettled,
)
from evens.core.fixed_odds.accumulator import Accumulator
from evens.core.fixed_odds.accumulators import settle_accumulator
from evens.core.fixed_odds.bank import Reserves, fund, take_profit
from evens.core.fixed_odds.fixture import Fixture, FixtureMarket
from evens.core.fixed_odds.state import FixedOdds
from evens.core.ledger.booking import Result, rebook
from evens.core.ledger.mover import Mover
from evens.core.values.fixed_odds import BookedSingles, FixtureStage
from evens.core.values.ids import BetId, CustomerId, FixtureId

RECALLED_PER_PART: Final = 400
"""How many customers one part of a correction recalls."""

REOPENED_PER_PART: Final = 60
"""How many customers of a roll-back, or accumulators, one part recalls: it moves their money, too."""


@dataclass(frozen=True, slots=True)
class SinglesBooked:
    """What is recalled: the singles on a market as its latest settlement before ``settlement`` booked them.

    They are those of the first ``limit`` customers and currencies above ``after``, in this order, as
    :class:`evens.core.values.fixed_odds.BookedSingles`; who is booked under ``settlement`` already is left out, as are
    singles that were cashed out, voided or given back.
    """

    fixture: FixtureId
    market: str
    settlement: int
    after: tuple[CustomerId, int]
    limit: int


@dataclass(frozen=True, slots=True)
class AccumulatorsBooked:
    """What is recalled: the first ``limit`` accumulators with ids above ``after`` that were settled with a leg on this.

    They come as :class:`evens.core.events.fixed_odds.BookedAccumulator`, in order of their ids.
    """

    fixture: FixtureId
    market: str
    after: BetId
    limit: int


@dataclass(frozen=True, slots=True)
class SinglesReturned:
    """What is recalled: the singles on a market whose stakes were given back (:mod:`evens.core.fixed_odds.restoring`).

    They are those of the first ``limit`` customers and currencies above ``after``, in this order, as
    :class:`evens.core.values.fixed_odds.BookedSingles`, with their stakes as what was returned.
    """

    fixture: FixtureId
    market: str
    after: tuple[CustomerId, int]
    limit: int


Recalled = tuple[BookedSingles, ...] | tuple[BookedAccumulator, ...]


_RECALLS: Final = (FixtureStage.RECALLING, FixtureStage.REOPENING, FixtureStage.RESTORING)


def recall_for_correction(
    book: FixedOdds, command: AdvanceFixture
) -> SinglesBooked | SinglesReturned | AccumulatorsBooked | None:
    """Ask for the next bets of a market that recalls them."""
    fixture = book.fixtures.get(command.fixture)
    market = None if fixture is None else fixture.busy
    if fixture is None or market is None or market.stage not in _RECALLS:
        return None
    if market.recalled_singles:
        return AccumulatorsBooked(fixture.id, market.key, market.considered_up_to, REOPENED_PER_PART)
    if market.stage is FixtureStage.RESTORING:
        return SinglesReturned(fixture.id, market.key, market.recalled_up_to, REOPENED_PER_PART)
    limit = RECALLED_PER_PART if market.stage is FixtureStage.RECALLING else REOPENED_PER_PART
    return SinglesBooked(fixture.id, market.key, market.settlement, market.recalled_up_to, limit)


def recall(book: FixedOdds, fixture: Fixture, market: FixtureMarket, recalled: Recalled, at: int) -> Iterator[Event]:
    """Take in the next bets for a correction; after the last of them, settle. Accumulators are corrected at once."""
    if not market.recalled_singles:
        yield SinglesRecalled(fixture.id, market.key, singles_of(recalled))
        return
    yield from recall_accumulators(book, fixture, market, accumulators_of(recalled), at)
    if not recalled:
        yield FixtureStageFinished(fixture.id, market.key, FixtureStage.SETTLING)


def reopen(book: FixedOdds, fixture: Fixture, market: FixtureMarket, recalled: Recalled, at: int) -> Iterator[Event]:
    """Take in the next bets, reverse what was booked for them, and let them be open again."""
    if market.recalled_singles:
        yield from recall_accumulators(book, fixture, market, accumulators_of(recalled), at)
        if not recalled:
            yield from _finish_reopening(book, fixture, market, at)
        return
    singles = singles_of(recalled)
    yield SinglesRecalled(fixture.id, market.key, singles)
    spent = at
    for booked in singles:
        staked_minor = sum(single.stake_minor for single in booked.singles)
        before = Result(booked.returned_minor - staked_minor, 0)
        yield SinglesSettled(
            fixture=fixture.id,
            market=market.key,
            settlement=market.settlement,
            customer=booked.customer,
            currency_number=booked.currency_number,
            staked_minor=staked_minor,
            returned_minor=0,
        )
        mover = Mover(book.ledger, booked.currency_number, spent)
        for transferred in _reverse(mover, fixture, booked.customer, before, staked_minor):
            spent += 1
            yield transferred


def _reverse(
    mover: Mover, fixture: Fixture, customer: CustomerId, before: Result, staked_minor: int
) -> Iterator[Event]:
    yield from fund(mover, fixture, max(-before.profit_minor, 0))
    yield from rebook(mover, fixture.id, customer, before, Result(0, 0))
    yield from mover.align(customer, 0, staked_minor)


def recall_accumulators(
    book: FixedOdds,
    fixture: Fixture,
    market: FixtureMarket,
    accumulators: tuple[BookedAccumulator, ...],
    at: int,
) -> Iterator[Event]:
    """Know accumulators again, and let each be what its legs make of it now."""
    yield AccumulatorsRecalled(fixture.id, market.key, accumulators)
    spent = at
    for booked in accumulators:
        for event in settle_accumulator(book, book.accumulators[booked.placed.bet], spent):
            spent += 1
            yield event


def _finish_reopening(book: FixedOdds, fixture: Fixture, market: FixtureMarket, at: int) -> Iterator[Event]:
    """Let the market be open again, and covered; bets that are void whatever its result are given back next."""
    spent = at
    for currency in sorted(market.books):
        for transferred in take_profit(Mover(book.ledger, currency, spent), fixture):
            spent += 1
            yield transferred
    reserves = Reserves(book, market, at)
    gives_back = bool(market.removals or market.cancelled)
    following = FixtureStage.RETURNING if gives_back else FixtureStage.NOTHING
    yield FixtureStageFinished(fixture.id, market.key, following)
    yield from reserves.align(first=spent - at)


def singles_of(recalled: Recalled) -> tuple[BookedSingles, ...]:
    """Return what was recalled as singles."""
    return tuple([booked for booked in recalled if isinstance(booked, BookedSingles)])


def accumulators_of(recalled: Recalled) -> tuple[BookedAccumulator, ...]:
    """Return what was recalled as accumulators."""
    return tuple([booked for booked in recalled if isinstance(booked, BookedAccumulator)])


def apply_singles_recalled(book: FixedOdds, event: SinglesRecalled) -> None:
    """Know singles again: as to be corrected, or as open ones. None of them says that all have come back."""
    market = book.fixtures[event.fixture].markets[event.market]
    for booked in event.booked:
        singles = market.book(booked.currency_number)
        market.recalled_up_to = (booked.customer, booked.currency_number)
        if booked.customer in singles.corrected:
            # A house that was loaded again in the middle has recalled them before.
            continue
        for single in booked.singles:
            removals = market.removals_before(single.at)
            singles.selections[single.selection].add(booked.customer, single, removals)
        if market.stage is FixtureStage.RECALLING:
            staked_minor = sum(single.stake_minor for single in booked.singles)
            singles.corrected[booked.customer] = Result(booked.returned_minor - staked_minor, 0)
    if not event.booked:
        market.recalled_singles = True


def apply_accumulators_recalled(book: FixedOdds, event: AccumulatorsRecalled) -> None:
    """Know accumulators again, with what was booked for them."""
    market = book.fixtures[event.fixture].markets[event.market]
    for booked in event.booked:
        placed = booked.placed
        bet = Accumulator(
            placed.bet, placed.customer, placed.currency_number, placed.stake_minor, placed.legs, 0, placed.at
        )
        bet.decided = dict(booked.decided)
        bet.settlement = booked.settlement
        bet.booked = Result(booked.returned_minor - placed.stake_minor, 0)
        book.add_accumulator(bet)
        market.considered_up_to = placed.bet
