"""Settling a market: declaring who won, and booking what that makes of every position, some customers at a time.

``SettleMarket`` and ``VoidMarket`` only declare a result. Booking it for everybody may be long, so it is done in parts:
while the market is in a *stage*, ``AdvanceMarket`` stands on the agenda, and each time it is given it deals with the
next :data:`CUSTOMERS_PER_CHUNK` customers. Other traffic goes on between the parts. The stages of a settlement are

- ``LAPSING``: unmatched stake goes back to its owners;
- ``SETTLING``: each position is booked. Whoever has to pay comes first, so that the market's settlement account,
  through which losses reach winners, never pays what it has not received. After the last customer, what was rounded
  down is moved to the house's rounding account, and the market is ``SETTLED`` or ``VOID``.

How far a stage has come follows from the state itself (who has a result already), so a house that is loaded again goes
on where it was. A removal of a runner is carried out in the same way (``REMOVING``).

When a result is booked, the house forgets the positions. A correction is a second result: what was booked under the
first one is recalled (``RECALLING``, see :mod:`evens.core.exchange.recalling`), stands as ``corrected`` until it is
reversed, and every customer is booked from the one to the other (:func:`evens.core.ledger.booking.rebook`).

Commission is rounded to the nearest minor unit, half a unit up. The discount that counts is the customer's at the
market's first settlement, whatever it is by the time of a correction.

Example: ann backed A for 10.00 at 3.00, bob laid it; commission is 5 %. In escrow are 10.00 of ann and 20.00 of bob.

A wins. Bob, who pays, comes first:

- bob: ``LOSS`` 20.00, escrow to settlement
- ann: ``RELEASE`` 10.00, escrow to cash; ``PAYOUT`` 20.00, settlement to cash; ``COMMISSION`` 1.00, cash to fees

It is corrected: B has won. Ann, who pays now, comes first:

- ann: ``REVERSAL`` 1.00, fees to cash; if she has only 25.00 besides, ``ADVANCE`` 4.00 from the house; ``REVERSAL``
  20.00 and ``LOSS`` 10.00, cash to settlement
- bob: ``REVERSAL`` 20.00 and ``PAYOUT`` 10.00, settlement to cash; ``COMMISSION`` 0.50, cash to fees

Then ann has 10.00 less than before the bet and bob 9.50 more, exactly as if B had been declared at once.
"""

from collections.abc import Callable, Iterator
from typing import Final

from evens.core.commands.exchange import AdvanceMarket, SettleMarket, VoidMarket
from evens.core.events.every import Event
from evens.core.events.exchange import (
    MarketStatusChanged,
    PositionReduced,
    PositionSettled,
    ResultDeclared,
    StageFinished,
)
from evens.core.events.ledger import Rejected
from evens.core.exchange.book import Order
from evens.core.exchange.escrow import EscrowChange
from evens.core.exchange.market import Market, Position
from evens.core.exchange.reasons import ExchangeReason
from evens.core.exchange.recalling import recall_positions
from evens.core.exchange.state import Exchange
from evens.core.ledger.booking import Result, book, rebook
from evens.core.ledger.mover import Mover
from evens.core.ledger.reasons import SharedReason
from evens.core.values.betting import BookedPosition, Cause, MarketStatus, Stage
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.core.values.odds import ODDS_UNIT, commission_minor, reduced_value, settle_minor

CUSTOMERS_PER_CHUNK: Final = 50
"""How many customers one chunk deals with; each needs at most nine transfers, so a chunk stays below its limit."""

ORDERS_PER_CHUNK: Final = 500
"""After so many lapsed orders a chunk takes no further customer."""

_AFTER_LAPSING: Final = (Stage.NOTHING, Stage.SETTLING, Stage.RECALLING)
"""What follows without a result, under the first result, and under a corrected one."""


def settle_market(exchange: Exchange, command: SettleMarket, seq: int, at: int) -> Iterator[Event]:
    """Declare who won, if as many won as the market has places (or more, in a dead heat)."""
    market = _find(exchange, command.market, command.winners, command.correction)
    if isinstance(market, Rejected):
        yield market
        return
    places = min(market.terms.winners, market.active_runners)
    count = len(set(command.winners))
    if any(runner in market.removals for runner in command.winners):
        yield Rejected(ExchangeReason.RUNNER_REMOVED)
    elif count != len(command.winners) or (count < places if command.dead_heat else count != places):
        yield Rejected(ExchangeReason.WINNERS_WRONG, (("winners", places),))
    else:
        parts = count if count > places else 1
        share = places if count > places else 1
        shares = tuple([(runner, share) for runner in command.winners])
        yield ResultDeclared(market.id, market.settlement + 1, shares, parts)


def void_market(exchange: Exchange, command: VoidMarket, seq: int, at: int) -> Iterator[Event]:
    """Declare that nothing counts."""
    market = _find(exchange, command.market, (), command.correction)
    if isinstance(market, Rejected):
        yield market
    else:
        yield ResultDeclared(market.id, market.settlement + 1, (), 0)


def _find(
    exchange: Exchange, market_id: MarketId, winners: tuple[RunnerId, ...], correction: bool
) -> Market | Rejected:
    market = exchange.markets.get(market_id)
    if market is None:
        return Rejected(ExchangeReason.MARKET_UNKNOWN)
    if any(runner not in market.books for runner in winners):
        return Rejected(ExchangeReason.RUNNER_UNKNOWN)
    if correction and market.settled_at is None:
        return Rejected(ExchangeReason.NOT_SETTLED)
    if not correction and market.settlement > 0:
        return Rejected(ExchangeReason.ALREADY_SETTLED)
    if market.stage is not Stage.NOTHING:
        return Rejected(ExchangeReason.MARKET_BUSY)
    return market


def apply_result_declared(exchange: Exchange, event: ResultDeclared) -> None:
    """Close the market for good and begin to book the result."""
    market = exchange.markets[event.market]
    market.settlement, market.shares, market.parts = event.settlement, event.shares, event.parts
    market.status = MarketStatus.CLOSED
    market.settled_at = None
    market.corrected, market.results = market.results, {}
    exchange.enter(market, Stage.LAPSING)


def advance_market(
    exchange: Exchange,
    command: AdvanceMarket,
    seq: int,
    at: int,
    recalled: tuple[BookedPosition, ...] = (),
) -> Iterator[Event]:
    """Do the next part of a market's stage."""
    market = exchange.markets.get(command.market)
    if market is None or market.stage is Stage.NOTHING:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    elif market.stage is Stage.LAPSING:
        yield from _lapse(exchange, market, at)
    elif market.stage is Stage.REMOVING:
        yield from _remove(exchange, market, at)
    elif market.stage is Stage.RECALLING:
        yield from recall_positions(exchange, market, recalled, at)
    else:
        yield from _settle(exchange, market, at)


def _lapse(exchange: Exchange, market: Market, at: int) -> Iterator[Event]:
    """Give unmatched stake back to the next customers."""
    escrow = EscrowChange(exchange, market, (), at)
    lapsed = 0
    for customer in _next(market, _everyone, lambda customer: bool(_lapsing(market, customer))):
        escrow.add(customer)
        for order in _lapsing(market, customer):
            yield order.reduced(order.remaining_minor, Cause.LAPSED)
            lapsed += 1
        if lapsed >= ORDERS_PER_CHUNK:
            break
    if not lapsed:
        yield StageFinished(market.id, _AFTER_LAPSING[min(market.settlement, 2)])
    yield from escrow.align()


def _next(
    market: Market, in_order: Callable[[Market], Iterator[CustomerId]], concerned: Callable[[CustomerId], bool]
) -> Iterator[CustomerId]:
    """Yield the next customers that a stage has to do with, as many as a chunk takes.

    Whoever comes is dealt with in the same command, so remembering how far it went makes no difference to what is
    decided: after a reload it starts over, and those who are done are no longer concerned.
    """
    if market.queue is None:
        market.queue = filter(concerned, in_order(market))
    for _ in range(CUSTOMERS_PER_CHUNK):
        customer = next(market.queue, None)
        if customer is None:
            return
        yield customer


def _everyone(market: Market) -> Iterator[CustomerId]:
    return iter(sorted(market.positions))


def _lapsing(market: Market, customer: CustomerId) -> list[Order]:
    return [order for order in market.positions[customer].orders.values() if market.lapses(order)]


def _remove(exchange: Exchange, market: Market, at: int) -> Iterator[Event]:
    """Carry the latest removal out for the next customers, in order of their ids."""
    runner, reduction_bps = list(market.removals.items())[-1]
    escrow = EscrowChange(exchange, market, (), at)
    lapsed, done = 0, False
    for customer in _next(market, _everyone, lambda customer: customer > market.removed_up_to):
        escrow.add(customer)
        position = market.positions[customer]
        for order in [order for order in position.orders.values() if order.runner == runner]:
            yield order.reduced(order.remaining_minor, Cause.LAPSED)
            lapsed += 1
        yield PositionReduced(market.id, customer, _reduction(position, runner, reduction_bps))
        done = True
        if lapsed >= ORDERS_PER_CHUNK:
            break
    if not done:
        yield StageFinished(market.id, Stage.NOTHING)
    yield from escrow.align()


def _reduction(position: Position, removed: RunnerId, reduction_bps: int) -> tuple[tuple[RunnerId, int, int], ...]:
    """Return what changes of a customer's bets: none is left on the removed runner, the others win less."""
    changes: list[tuple[RunnerId, int, int]] = []
    for runner, stand in position.stands.items():
        if runner == removed:
            change = (runner, -stand.stake_minor, -stand.value_cents)
        else:
            change = (runner, 0, reduced_value(stand.value_cents, reduction_bps) - stand.value_cents)
        if change[1:] != (0, 0):
            changes.append(change)
    return tuple(changes)


def apply_position_reduced(exchange: Exchange, event: PositionReduced) -> None:
    """Change the bets; the removed runner is no longer one of the customer's."""
    market = exchange.markets[event.market]
    position = market.positions[event.customer]
    for runner, stake_minor, value_cents in event.changes:
        stand = position.stand(runner)
        stand.stake_minor += stake_minor
        stand.value_cents += value_cents
    for runner in market.removals:
        position.drop(runner)
    market.removed_up_to = event.customer


def _settle(exchange: Exchange, market: Market, at: int) -> Iterator[Event]:
    """Book the result for the next customers; after the last of them, round off and be done."""
    mover = Mover(exchange.ledger, market.currency_number, at)
    booked = 0
    for customer in _next(market, _payers_first, lambda customer: customer not in market.results):
        booked += 1
        profit_minor = _profit_minor(market, customer)
        before = market.corrected.get(customer)
        discount_bps = _discount_bps(exchange, customer, before)
        taken_minor = commission_minor(max(profit_minor, 0), market.terms.commission_bps, discount_bps)
        held_minor = market.exposure_minor(customer)
        yield PositionSettled(
            market=market.id,
            settlement=market.settlement,
            customer=customer,
            profit_minor=profit_minor,
            commission_minor=taken_minor,
            discount_bps=discount_bps,
        )
        after = Result(profit_minor, taken_minor)
        if before is None:
            yield from book(mover, market.id, customer, held_minor, after)
        else:
            yield from rebook(mover, market.id, customer, before, after)
    if booked < CUSTOMERS_PER_CHUNK:
        yield from mover.round_off(market.id)
        status = MarketStatus.SETTLED if market.parts else MarketStatus.VOID
        yield MarketStatusChanged(
            market=market.id, status=status, stage=Stage.NOTHING, version=market.version + 1, at=at
        )


def _discount_bps(exchange: Exchange, customer: CustomerId, before: Result | None) -> int:
    """Return the commission discount that counts: that of the first settlement, else the one of now."""
    if before is not None and before.discount_bps is not None:
        return before.discount_bps
    return exchange.discounts.get(customer, 0)


def _payers_first(market: Market) -> Iterator[CustomerId]:
    """Yield who has to pay into the settlement account, then all others, each in order of their ids.

    Who pays is worked out one by one as they come: for all at once it would keep others waiting.
    """
    customers = sorted(market.positions)
    yield from (customer for customer in customers if _has_to_pay(market, customer))
    yield from (customer for customer in customers if not _has_to_pay(market, customer))


def _has_to_pay(market: Market, customer: CustomerId) -> bool:
    before = market.corrected.get(customer)
    return _profit_minor(market, customer) < (before.profit_minor if before is not None else 0)


def _profit_minor(market: Market, customer: CustomerId) -> int:
    """Return a customer's net profit under the declared result, rounded down; zero if the market is void."""
    if not market.parts:
        return 0
    shares = dict(market.shares)
    cents = 0
    for runner, stand in market.positions[customer].stands.items():
        cents += shares.get(runner, 0) * stand.value_cents - market.parts * ODDS_UNIT * stand.stake_minor
    return settle_minor(cents, market.parts)


def apply_position_settled(exchange: Exchange, event: PositionSettled) -> None:
    """Remember what was booked, should it have to be corrected."""
    market = exchange.markets[event.market]
    market.corrected.pop(event.customer, None)
    market.results[event.customer] = Result(event.profit_minor, event.commission_minor, event.discount_bps)
