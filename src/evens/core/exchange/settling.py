"""Settling a market: booking what a result makes of every position, some customers at a time.

``SettleMarket`` and ``VoidMarket`` only declare a result (:mod:`evens.core.exchange.results`). Booking it for everybody
may be long, so it is done in parts: while the market is in a *stage*, ``AdvanceMarket`` stands on the agenda, and each
time it is given it deals with the next :data:`evens.core.exchange.parts.CUSTOMERS_PER_CHUNK` customers. Other traffic
goes on between the parts. The stages of a settlement are

- ``LAPSING``: unmatched stake goes back to its owners;
- ``SETTLING``: each position is booked. Whoever has to pay comes first, so that the market's settlement account,
  through which losses reach winners, never pays what it has not received. After the last customer, what was rounded
  down is moved to the house's rounding account, and the market is ``SETTLED`` or ``VOID``.

How far a stage has come follows from the state itself (who has a result already), so a house that is loaded again goes
on where it was. A removal of a runner is carried out in the same way (:mod:`evens.core.exchange.removals`).

When a customer's result is booked, the house forgets their position. A correction is a second result: what was booked
under the first one is recalled (``RECALLING``, see :mod:`evens.core.exchange.recalling`), stands as ``corrected`` until
it is reversed, and every customer is booked from the one to the other (:func:`evens.core.ledger.booking.rebook`).

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

from collections.abc import Iterator
from typing import Final

from evens.core.commands.exchange import AdvanceMarket
from evens.core.events.every import Event
from evens.core.events.exchange import CoverLifted, MarketStatusChanged, PositionSettled, StageFinished
from evens.core.events.ledger import Rejected
from evens.core.exchange import parts
from evens.core.exchange.book import Order
from evens.core.exchange.escrow import EscrowChange
from evens.core.exchange.market import Market
from evens.core.exchange.parts import everyone, next_customers
from evens.core.exchange.recalling import recall_positions
from evens.core.exchange.removals import carry_out
from evens.core.exchange.state import Exchange
from evens.core.ledger.booking import Result, book, rebook
from evens.core.ledger.mover import Mover
from evens.core.ledger.reasons import SharedReason
from evens.core.values.betting import BookedPosition, Cause, MarketStatus, Stage
from evens.core.values.ids import CustomerId
from evens.core.values.odds import ODDS_UNIT, commission_minor, settle_minor

_AFTER_LAPSING: Final = (Stage.NOTHING, Stage.SETTLING, Stage.RECALLING)
"""What follows without a result, under the first result, and under a corrected one."""


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
    elif market.stage is Stage.RECALLING:
        yield from recall_positions(exchange, market, recalled, at)
    elif market.stage is Stage.SETTLING:
        yield from _settle(exchange, market, at)
    else:
        yield from carry_out(exchange, market, at)


def _lapse(exchange: Exchange, market: Market, at: int) -> Iterator[Event]:
    """Give unmatched stake back to the next customers, and at the off lift the cover of removals."""
    escrow = EscrowChange(exchange, market, (), at)
    lapsed, done = 0, False
    lifts = market.terms.cover_removals and market.is_lifting
    for customer in next_customers(
        market,
        everyone,
        lambda customer: bool(_lapsing(market, customer)) or (lifts and customer > market.removed_up_to),
        parts.CUSTOMERS_PER_CHUNK,
    ):
        escrow.add(customer)
        for order in _lapsing(market, customer):
            yield order.reduced(order.remaining_minor, Cause.LAPSED)
            lapsed += 1
        if lifts:
            yield CoverLifted(market.id, customer)
        done = True
        if lapsed >= parts.ORDERS_PER_CHUNK:
            break
    if not done:
        yield StageFinished(market.id, _AFTER_LAPSING[min(market.settlement, 2)])
    yield from escrow.align()


def _lapsing(market: Market, customer: CustomerId) -> list[Order]:
    return [order for order in market.positions[customer].orders.values() if market.lapses(order)]


def _settle(exchange: Exchange, market: Market, at: int) -> Iterator[Event]:
    """Book the result for the next customers; after the last of them, round off and be done."""
    mover = Mover(exchange.ledger, market.currency_number, at)
    booked = 0
    most = parts.CUSTOMERS_PER_CHUNK if market.settlement == 1 else parts.CORRECTED_PER_CHUNK
    for customer in next_customers(market, _payers_first, market.positions.__contains__, most):
        booked += 1
        profit_minor = _profit_minor(market, customer)
        before = market.corrected.get(customer)
        discount_bps = _discount_bps(exchange, customer, before)
        taken_minor = commission_minor(max(profit_minor, 0), market.terms.commission_bps, discount_bps)
        held_minor = market.exposure_minor(customer)
        loss_minor = max(-profit_minor, 0)
        yield PositionSettled(
            market=market.id,
            settlement=market.settlement,
            customer=customer,
            profit_minor=profit_minor,
            commission_minor=taken_minor,
            discount_bps=discount_bps,
        )
        after = Result(profit_minor, taken_minor)
        if before is None and loss_minor > held_minor:
            # Fewer won than the market promised, so more is lost than could be.
            yield from mover.align(customer, held_minor, loss_minor)
            yield from book(mover, market.id, customer, loss_minor, after)
        elif before is None:
            yield from book(mover, market.id, customer, held_minor, after)
        else:
            yield from rebook(mover, market.id, customer, before, after)
    if booked < most:
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
    # Whoever had to pay is booked by now, and forgotten.
    yield from (customer for customer in customers if customer in market.positions)


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
    """Remember what was booked until the market is done, and forget what led to it.

    Forgetting the positions of many customers at once would keep others waiting.
    """
    market = exchange.markets[event.market]
    market.corrected.pop(event.customer, None)
    market.results[event.customer] = Result(event.profit_minor, event.commission_minor, event.discount_bps)
    # Journals of earlier builds correct without recalling positions.
    market.positions.pop(event.customer, None)
