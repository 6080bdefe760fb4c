"""The bank: the house's own money, which covers what bets can cost.

What the house can lose on bets is reserved: it lies in the house's escrow and not in the bank, so a bet that the bank
could not pay is not taken, and an operator can only withdraw what no bet needs. Rarely more is needed than was
reserved: a removal takes away stakes that covered others, a correction pays where the profit was withdrawn already.
Then the owner of the house owes it the difference, on the house's own receivable account, and whatever comes into the
bank repays that first.

Example: the bank has 100.00. A bet of 10.00 at 3.00 reserves 20.00: 80.00 are left. It wins, the 20.00 are paid. It is
corrected to lost: the bank receives 30.00, the stake and the profit, and has 110.00.
"""

from collections.abc import Iterator

from evens.core.commands.fixed_odds import FundHouse, WithdrawFromHouse
from evens.core.events.every import Event
from evens.core.events.ledger import Note, Rejected, TransferKind, Transferred
from evens.core.fixed_odds.fixture import Fixture, FixtureMarket
from evens.core.fixed_odds.state import FixedOdds
from evens.core.ledger.mover import Mover
from evens.core.ledger.reasons import SharedReason
from evens.core.ledger.transfers import propose
from evens.core.limits import check_funds
from evens.core.values.ids import HOUSE, AccountClass, Rail, TransferId, account_id

BANK = (HOUSE, AccountClass.BANK)
RESERVED = (HOUSE, AccountClass.ESCROW)
_OWED_BY_OWNER = (HOUSE, AccountClass.RECEIVABLE)


def fund_house(book: FixedOdds, command: FundHouse, seq: int, at: int) -> Iterator[Event]:
    """Move the operator's money into the bank; what the owner owes the house is repaid out of it."""
    currency = book.ledger.currencies.get(command.currency)
    if currency is None:
        yield Rejected(SharedReason.CURRENCY_UNKNOWN, (("currency", command.currency),))
        return
    outside = account_id(Rail.DESK, currency.number, AccountClass.EXTERNAL)
    bank = account_id(HOUSE, currency.number, AccountClass.BANK)
    refusal = check_funds(book.ledger, command.currency, outside, bank, command.amount_minor)
    if refusal is not None:
        yield refusal
        return
    note = Note(command.reference) if command.reference is not None else None
    yield propose(book.ledger, TransferId(at), TransferKind.DEPOSIT, outside, bank, command.amount_minor, None, note)
    yield from repay_owner(Mover(book.ledger, currency.number, at + 1))


def withdraw_from_house(book: FixedOdds, command: WithdrawFromHouse, seq: int, at: int) -> Iterator[Event]:
    """Pay the operator out of the bank."""
    currency = book.ledger.currencies.get(command.currency)
    if currency is None:
        yield Rejected(SharedReason.CURRENCY_UNKNOWN, (("currency", command.currency),))
        return
    outside = account_id(Rail.DESK, currency.number, AccountClass.EXTERNAL)
    bank = account_id(HOUSE, currency.number, AccountClass.BANK)
    note = Note(command.reference) if command.reference is not None else None
    yield check_funds(book.ledger, command.currency, bank, outside, command.amount_minor) or propose(
        book.ledger, TransferId(at), TransferKind.WITHDRAWAL, bank, outside, command.amount_minor, None, note
    )


def repay_owner(mover: Mover) -> Iterator[Transferred]:
    """Yield what the owner pays back of what they owe the house, now that there is something in the bank."""
    owed_minor = -mover.balance_minor(*_OWED_BY_OWNER)
    if owed_minor > 0:
        repaid_minor = min(owed_minor, mover.balance_minor(*BANK))
        yield from mover.move(TransferKind.REPAYMENT, BANK, _OWED_BY_OWNER, repaid_minor)


def advance_to_bank(mover: Mover, needed_minor: int) -> Iterator[Transferred]:
    """Yield what the owner has to add so that the bank can pay this much."""
    short_minor = needed_minor - mover.balance_minor(*BANK)
    if short_minor > 0:
        yield from mover.move(TransferKind.ADVANCE, _OWED_BY_OWNER, BANK, short_minor)


def reserve(mover: Mover, before_minor: int, needed_minor: int) -> Iterator[Transferred]:
    """Yield what brings the reserve for something from what it was to what it has to be; what is free repays debts."""
    yield from cover(mover, before_minor, needed_minor)
    yield from repay_owner(mover)


def cover(mover: Mover, before_minor: int, needed_minor: int) -> Iterator[Transferred]:
    """Yield the same, and leave in the bank what becomes free: somebody is to be paid out of it first."""
    if needed_minor > before_minor:
        yield from advance_to_bank(mover, needed_minor - before_minor)
        yield from mover.move(TransferKind.RESERVE, BANK, RESERVED, needed_minor - before_minor)
    elif needed_minor < before_minor:
        yield from mover.move(TransferKind.RELEASE, RESERVED, BANK, before_minor - needed_minor)


def fund(mover: Mover, fixture: Fixture, needed_minor: int) -> Iterator[Transferred]:
    """Yield what the bank adds so that a fixture's settlement account can pay this much."""
    short_minor = needed_minor - mover.balance_minor(fixture.id, AccountClass.SETTLEMENT)
    if short_minor > 0:
        yield from advance_to_bank(mover, short_minor)
        yield from mover.move(TransferKind.FUNDING, BANK, (fixture.id, AccountClass.SETTLEMENT), short_minor)


def take_profit(mover: Mover, fixture: Fixture) -> Iterator[Transferred]:
    """Yield what is left in a fixture's settlement account once everybody is paid: it is the house's."""
    left_minor = mover.balance_minor(fixture.id, AccountClass.SETTLEMENT)
    yield from mover.move(TransferKind.PROFIT, (fixture.id, AccountClass.SETTLEMENT), BANK, left_minor)
    yield from repay_owner(mover)


class Reserves:
    """What the house held for the singles of a market before a change, to be aligned after it, in all currencies."""

    def __init__(self, book: FixedOdds, market: FixtureMarket, at: int) -> None:
        self._book = book
        self._market = market
        self._at = at
        self._before = {number: singles.reserved_minor for number, singles in market.books.items()}

    def align(self, first: int = 0) -> Iterator[Transferred]:
        """Yield what brings each reserve to what is needed now; ``first`` transfers of the command came before."""
        at = self._at + first
        for number in sorted(self._market.books):
            mover = Mover(self._book.ledger, number, at)
            for transferred in reserve(mover, self._before.get(number, 0), self._market.book(number).reserved_minor):
                at += 1
                yield transferred
