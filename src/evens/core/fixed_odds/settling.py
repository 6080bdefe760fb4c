"""Settling a market of a fixture: booking what its result makes of every bet, some customers at a time.

``DeclareResults`` only says how a market ended. Booking it may be long, so it is done in parts while the market is in a
*stage*: ``AdvanceFixture`` stands on the agenda, and each time it is given it does the next part. Other traffic goes on
between the parts. The stages are

- ``RETURNING``: a selection was removed or a time cancelled; the stakes of the bets concerned are given back;
- ``DECIDED``: the result is known, and what the house had reserved moves into the fixture's settlement account;
- ``SETTLING``: each customer's singles are booked together. Whoever loses comes first, so that the settlement account
  never pays what it has not received. Then come the accumulators with a leg on the market that are decided now. What is
  left is the house's;
- ``RECALLING`` and ``REOPENING``: an earlier result is corrected or taken back
  (:mod:`evens.core.fixed_odds.recalling`);
- ``RESTORING``: a cancellation is taken back (:mod:`evens.core.fixed_odds.restoring`).

Singles go through the settlement account, whose holder is the fixture; therefore one market of a fixture is booked
after the other. An accumulator has a reserve of its own and is paid out of that.

Nothing is recorded for each single: what it returned follows from the market's result for ever, and only what was
booked for a customer is written down. How far a stage has come follows from the state itself: who is booked is
forgotten.

Example: ann bet 10.00 on home at 3.00 and bob 10.00 on away at 2.50; the house holds 10.00 for the worst case, home.
Away wins: the 10.00 move into settlement, ann's stake follows (``LOSS`` 10.00), bob has his stake back (``RELEASE``)
and 15.00 (``PAYOUT``); 5.00 are left and go to the bank (``PROFIT``).
"""

from collections.abc import Callable, Iterator
from typing import Final

from evens.core.commands.fixed_odds import AdvanceFixture
from evens.core.events.every import Event
from evens.core.events.fixed_odds import (
    AccumulatorsConsidered,
    BetEnded,
    BetsReturned,
    FixtureStageFinished,
    SinglesSettled,
)
from evens.core.events.ledger import Rejected, TransferKind
from evens.core.fixed_odds.accumulators import settle_accumulator
from evens.core.fixed_odds.bank import RESERVED, fund, reserve, take_profit
from evens.core.fixed_odds.fixture import Fixture, FixtureMarket
from evens.core.fixed_odds.recalling import Recalled, recall, reopen
from evens.core.fixed_odds.restoring import restore
from evens.core.fixed_odds.state import FixedOdds
from evens.core.ledger.booking import Result, rebook
from evens.core.ledger.booking import book as book_result
from evens.core.ledger.mover import Mover
from evens.core.ledger.reasons import SharedReason
from evens.core.values.fixed_odds import FixtureStage
from evens.core.values.ids import AccountClass, BetId, CustomerId

CUSTOMERS_PER_PART: Final = 60
"""How many customers one part books; each needs at most ten transfers, so a part stays below a command's limit."""

SINGLES_PER_PART: Final = 2_000
"""After so many singles a part takes no further customer."""

CONSIDERED_PER_PART: Final = 1_000
"""How many accumulators one part looks at, most of which may wait for other legs."""


def advance_fixture(
    book: FixedOdds, command: AdvanceFixture, seq: int, at: int, recalled: Recalled | None = None
) -> Iterator[Event]:
    """Do the next part of what a market of a fixture has under way."""
    fixture = book.fixtures.get(command.fixture)
    market = None if fixture is None else fixture.busy
    if fixture is None or market is None:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    elif market.stage is FixtureStage.RETURNING:
        yield from _return(book, fixture, market, at)
    elif market.stage is FixtureStage.DECIDED:
        yield from _begin(book, fixture, market, at)
    elif market.stage is FixtureStage.SETTLING:
        yield from _settle(book, fixture, market, at)
    elif market.stage is FixtureStage.RECALLING:
        yield from recall(book, fixture, market, recalled or (), at)
    elif market.stage is FixtureStage.RESTORING:
        yield from restore(book, fixture, market, recalled or (), at)
    else:
        yield from reopen(book, fixture, market, recalled or (), at)


def _return(book: FixedOdds, fixture: Fixture, market: FixtureMarket, at: int) -> Iterator[Event]:
    """Give back the stakes of void singles, then settle the accumulators that this decides."""
    spent, served = at, 0
    for number, customer in _next_customers(market, _in_order):
        singles = [single for single in market.book(number).singles(customer) if market.returns_now(single)]
        if not singles:
            continue
        before_minor = market.book(number).reserved_minor
        staked_minor = sum(single.stake_minor for single in singles)
        bets = tuple([single.bet for single in singles])
        yield BetsReturned(fixture.id, market.key, customer, number, bets, staked_minor)
        for transferred in Mover(book.ledger, number, spent).release(customer, staked_minor):
            spent += 1
            yield transferred
        needed_minor = market.book(number).reserved_minor
        for transferred in reserve(Mover(book.ledger, number, spent), before_minor, needed_minor):
            spent += 1
            yield transferred
        served += 1
        if served == CUSTOMERS_PER_PART:
            return
    if served == 0:
        yield from _consider_accumulators(book, fixture, market, at)


def _begin(book: FixedOdds, fixture: Fixture, market: FixtureMarket, at: int) -> Iterator[Event]:
    """Move what the house holds for a market to where it is paid from."""
    reserved = {number: market.book(number).reserved_minor for number in sorted(market.books)}
    yield FixtureStageFinished(fixture.id, market.key, FixtureStage.SETTLING)
    for spent, (number, minor) in enumerate(reserved.items()):
        mover = Mover(book.ledger, number, at + spent)
        yield from mover.move(TransferKind.FUNDING, RESERVED, (fixture.id, AccountClass.SETTLEMENT), minor)


def _settle(book: FixedOdds, fixture: Fixture, market: FixtureMarket, at: int) -> Iterator[Event]:
    """Book the result for the next customers, then for the accumulators; whatever is left then is the house's."""
    spent, served, settled = at, 0, 0
    for number, customer in _next_customers(market, _payers_first):
        count, staked_minor, returned_minor = market.outcome(number, customer)
        before = market.book(number).corrected.get(customer)
        after = Result(returned_minor - staked_minor, 0)
        yield SinglesSettled(
            fixture=fixture.id,
            market=market.key,
            settlement=market.settlement,
            customer=customer,
            currency_number=number,
            staked_minor=staked_minor,
            returned_minor=returned_minor,
        )
        mover = Mover(book.ledger, number, spent)
        for transferred in _book(mover, fixture, customer, staked_minor, before, after):
            spent += 1
            yield transferred
        served, settled = served + 1, settled + count
        if served == CUSTOMERS_PER_PART or settled >= SINGLES_PER_PART:
            return
    if served == 0:
        yield from _consider_accumulators(book, fixture, market, at)


def _book(
    mover: Mover, fixture: Fixture, customer: CustomerId, staked_minor: int, before: Result | None, after: Result
) -> Iterator[Event]:
    """Yield the transfers for a customer's singles; what the settlement account lacks comes from the bank."""
    received_minor = max(-after.profit_minor, 0) + (max(before.profit_minor, 0) if before is not None else 0)
    paid_minor = max(after.profit_minor, 0) + (max(-before.profit_minor, 0) if before is not None else 0)
    if before is None or before.profit_minor != after.profit_minor:
        yield from fund(mover, fixture, paid_minor - received_minor)
    if before is None:
        yield from book_result(mover, fixture.id, customer, staked_minor, after)
    else:
        yield from rebook(mover, fixture.id, customer, before, after)


def _consider_accumulators(book: FixedOdds, fixture: Fixture, market: FixtureMarket, at: int) -> Iterator[Event]:
    """Settle the next accumulators that are decided now; after the last of them the market is done."""
    waiting = book.on_market.get((fixture.id, market.key), {})
    following = [bet for bet in waiting if bet > market.considered_up_to]
    spent = at
    considered = sorted(following)[:CONSIDERED_PER_PART]
    served = 0
    up_to = BetId(0)
    for number in considered:
        up_to = number
        bet = book.accumulators[number]
        for event in settle_accumulator(book, bet, spent):
            if isinstance(event, BetEnded):
                served += 1
            else:
                spent += 1
            yield event
        if served >= CUSTOMERS_PER_PART:
            break
    if considered:
        yield AccumulatorsConsidered(fixture.id, market.key, up_to)
        return
    currencies = sorted(market.books)
    yield FixtureStageFinished(fixture.id, market.key, FixtureStage.NOTHING)
    for currency in currencies:
        for transferred in take_profit(Mover(book.ledger, currency, spent), fixture):
            spent += 1
            yield transferred


def _next_customers(
    market: FixtureMarket, in_order: Callable[[FixtureMarket], Iterator[tuple[int, CustomerId]]]
) -> Iterator[tuple[int, CustomerId]]:
    """Yield the next customers that a stage has to do with.

    Whoever comes is dealt with in the same command, so remembering how far it went makes no difference to what is
    decided: after a reload it starts over, and those who are done have no singles any more.
    """
    if market.queue is None:
        market.queue = in_order(market)
    # Not "yield from": a part that stops early would close the queue with itself.
    while (following := next(market.queue, None)) is not None:
        yield following


def _in_order(market: FixtureMarket) -> Iterator[tuple[int, CustomerId]]:
    """Yield everybody with a single, currency by currency, in order of their ids."""
    for number in sorted(market.books):
        for customer in market.books[number].customers():
            yield number, customer


def _payers_first(market: FixtureMarket) -> Iterator[tuple[int, CustomerId]]:
    """Yield who has to pay into the settlement account, then all others, each in order of their ids."""
    for number in sorted(market.books):
        book = market.books[number]
        customers = book.customers()
        yield from ((number, customer) for customer in customers if _has_to_pay(market, number, customer))
        # Whoever had to pay is booked by now, and forgotten.
        yield from ((number, customer) for customer in customers if book.has(customer))


def _has_to_pay(market: FixtureMarket, number: int, customer: CustomerId) -> bool:
    _, staked_minor, returned_minor = market.outcome(number, customer)
    before = market.books[number].corrected.get(customer)
    return returned_minor - staked_minor < (0 if before is None else before.profit_minor)


def apply_singles_settled(book: FixedOdds, event: SinglesSettled) -> None:
    """Forget a customer's singles; those that a roll-back let in again stay."""
    market = book.fixtures[event.fixture].markets[event.market]
    if market.results:
        market.book(event.currency_number).drop(event.customer)


def apply_bets_returned(book: FixedOdds, event: BetsReturned) -> None:
    """Forget singles whose stakes were given back."""
    market = book.fixtures[event.fixture].markets[event.market]
    for single in market.book(event.currency_number).singles(event.customer):
        if single.bet in event.bets:
            market.take(event.customer, event.currency_number, single)


def apply_bet_ended(book: FixedOdds, event: BetEnded) -> None:
    """Forget a bet that is over by itself."""
    if event.single is None:
        book.drop_accumulator(book.accumulators[event.bet])
        return
    market = book.fixtures[event.single.fixture].markets[event.single.market]
    found = market.find(event.customer, event.bet)
    assert found is not None
    market.take(event.customer, *found)


def apply_accumulators_considered(book: FixedOdds, event: AccumulatorsConsidered) -> None:
    """Go on behind them."""
    book.fixtures[event.fixture].markets[event.market].considered_up_to = event.up_to


def apply_stage_finished(book: FixedOdds, event: FixtureStageFinished) -> None:
    """Go on to the next stage; a market that is settled keeps no bets."""
    fixture = book.fixtures[event.fixture]
    market = fixture.markets[event.market]
    book.enter(fixture, market, event.stage)
    if event.stage is FixtureStage.NOTHING and market.results:
        market.books = {}
    else:
        market.align_all()
