"""Settling accumulators, each by itself: the bank is the other side, and what was reserved for one pays it.

An accumulator is decided as soon as one leg has lost, or when all legs are known. Its return is the stake times the
factors of its legs, rounded down once. A correction brings back those that were settled with a leg on the market:
each is booked from what it returned to what it returns now, or is open again if another leg is not known yet.
"""

from collections.abc import Iterator

from evens.core.events.every import Event
from evens.core.events.fixed_odds import BetEnded, BetReopened
from evens.core.events.ledger import TransferKind
from evens.core.fixed_odds.accumulator import Accumulator
from evens.core.fixed_odds.bank import BANK, RESERVED, advance_to_bank, repay_owner, reserve
from evens.core.fixed_odds.state import FixedOdds
from evens.core.ledger.booking import Result
from evens.core.ledger.mover import Mover
from evens.core.values.fixed_odds import BetEnd
from evens.core.values.ids import AccountClass, CustomerId


def settle_accumulator(book: FixedOdds, bet: Accumulator, at: int) -> Iterator[Event]:
    """Yield what an accumulator's legs make of it by now: nothing while it is open and was not settled before."""
    returned_minor = book.return_minor(bet)
    mover = Mover(book.ledger, bet.currency_number, at)
    before, reserved_minor = bet.booked, bet.reserved_minor
    cash, escrow = (bet.customer, AccountClass.CASH), (bet.customer, AccountClass.ESCROW)
    if returned_minor is None:
        if before is not None:
            needed_minor = max(book.possible_return_minor(bet) - bet.stake_minor, 0)
            yield BetReopened(bet.bet, bet.customer, bet.settlement + 1, needed_minor)
            yield from _rebook_with_bank(mover, bet.customer, before, Result(0, 0))
            yield from mover.align(bet.customer, 0, bet.stake_minor)
            yield from reserve(mover, 0, needed_minor)
        return
    profit_minor = returned_minor - bet.stake_minor
    yield BetEnded(bet.bet, bet.customer, BetEnd.SETTLED, returned_minor, bet.settlement + 1)
    if before is not None:
        yield from _rebook_with_bank(mover, bet.customer, before, Result(profit_minor, 0))
        return
    yield from mover.move(TransferKind.LOSS, escrow, BANK, -profit_minor)
    yield from mover.release(bet.customer, min(returned_minor, bet.stake_minor))
    yield from mover.move(TransferKind.PAYOUT, RESERVED, cash, profit_minor)
    yield from mover.repay(bet.customer)
    yield from reserve(mover, reserved_minor - max(profit_minor, 0), 0)


def _rebook_with_bank(mover: Mover, customer: CustomerId, before: Result, after: Result) -> Iterator[Event]:
    """Yield what brings a customer from one result of a bet to another, the bank being the other side."""
    change_minor = after.profit_minor - before.profit_minor
    cash = (customer, AccountClass.CASH)
    if change_minor > 0:
        yield from advance_to_bank(mover, change_minor)
        yield from mover.move(TransferKind.PAYOUT, BANK, cash, change_minor)
        yield from mover.repay(customer)
    else:
        yield from mover.advance(customer, -change_minor)
        yield from mover.move(TransferKind.REVERSAL, cash, BANK, -change_minor)
        yield from repay_owner(mover)


def apply_bet_reopened(book: FixedOdds, event: BetReopened) -> None:
    """Let an accumulator wait for its legs again."""
    bet = book.accumulators[event.bet]
    bet.booked, bet.settlement, bet.reserved_minor = None, event.settlement, event.reserved_minor
    book.count_reserved(bet, event.reserved_minor)
