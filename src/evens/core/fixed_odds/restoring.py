"""Bringing back bets that were given back, because the time in which they were void is void no longer.

A provider may cancel what was bet in some time and take that back (``CancelBets(restored=True)``). The market is then
in the stage ``RESTORING``. Singles whose stakes were given back are recalled from the tables; those that nothing else
makes void are bets again. What follows depends on whether the market has a result:

- without one they are open: the stake returns into escrow, and the house reserves what they can cost. What a customer
  does not have any more the house lends, as with every correction. Accumulators that were settled with a leg on the
  market come next: each is what its legs make of it now, or open again;
- with one they count as booked with their stakes as what was returned, so no money moves here. The same result is then
  decided anew, and the correction that follows (:mod:`evens.core.fixed_odds.recalling`) books everybody from what was
  returned to what the result pays.

Example: ann's 10.00 on home at 3.00 were given back, and home has won meanwhile. She is a winner of 0.00 under the old
settlement and of 20.00 under the new one: 20.00 are paid.

Who is restored is written down with the bets. A house that is loaded in the middle of it goes on with the others.
"""

from collections.abc import Iterator
from dataclasses import replace

from evens.core.events.every import Event
from evens.core.events.fixed_odds import BetsRestored, FixtureStageFinished, MarketDecided
from evens.core.fixed_odds.bank import Reserves
from evens.core.fixed_odds.fixture import Fixture, FixtureMarket
from evens.core.fixed_odds.recalling import Recalled, accumulators_of, recall_accumulators, singles_of
from evens.core.fixed_odds.state import FixedOdds
from evens.core.ledger.mover import Mover
from evens.core.values.fixed_odds import BookedSingles, FixtureStage


def restore(book: FixedOdds, fixture: Fixture, market: FixtureMarket, recalled: Recalled, at: int) -> Iterator[Event]:
    """Let the next bets be bets again; after the last of them the market goes on."""
    if market.recalled_singles:
        yield from recall_accumulators(book, fixture, market, accumulators_of(recalled), at)
        if not recalled:
            yield FixtureStageFinished(fixture.id, market.key, FixtureStage.NOTHING)
        return
    restored = tuple([_without_void(market, booked) for booked in singles_of(recalled)])
    reserves = Reserves(book, market, at)
    yield BetsRestored(fixture.id, market.key, market.settlement + 1, restored)
    if market.results:
        if not recalled:
            yield MarketDecided(fixture.id, market.key, market.settlement + 1, market.results, at)
        return
    spent = at
    for booked in restored:
        staked_minor = sum(single.stake_minor for single in booked.singles)
        for transferred in Mover(book.ledger, booked.currency_number, spent).align(booked.customer, 0, staked_minor):
            spent += 1
            yield transferred
    yield from reserves.align(first=spent - at)


def _without_void(market: FixtureMarket, booked: BookedSingles) -> BookedSingles:
    singles = tuple([single for single in booked.singles if not market.returns_now(single)])
    return replace(booked, singles=singles, returned_minor=sum(single.stake_minor for single in singles))


def apply_bets_restored(book: FixedOdds, event: BetsRestored) -> None:
    """Know singles again as open ones; on a decided market they come with the correction that follows."""
    market = book.fixtures[event.fixture].markets[event.market]
    if not event.booked:
        market.recalled_singles = True
    for booked in event.booked:
        market.recalled_up_to = (booked.customer, booked.currency_number)
        if not market.results:
            for single in booked.singles:
                market.add(booked.customer, booked.currency_number, single)
