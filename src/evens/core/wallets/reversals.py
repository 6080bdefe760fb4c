"""Reversals: an operator takes back a deposit, a withdrawal or a transfer, once.

The money goes back the way it came, now and in one piece, whoever is frozen. Who gives it back may have less than that:
then the house lends what is missing (``ADVANCE``), and the customer owes it. Who gets it back repays what they owe.

Example: bob's deposit of 100.00 is charged back by his bank when he has 30.00 left. 70.00 are lent to him, 100.00 go
back to the rail, and he has no cash and owes 70.00.

What was deposited and reversed still counts against his deposit limits, in full: gross deposits count what came in,
whatever became of it since, so a reversal is no way around a limit.

Money in escrow or set aside for a withdrawal stays where it is; what is released from there repays the debt.
"""

from collections.abc import Iterator
from typing import Final

from evens.core.commands.wallets import ReverseTransaction
from evens.core.events.every import Event
from evens.core.events.ledger import Note, Rejected, TransferKind
from evens.core.events.wallets import TransactionReversed
from evens.core.ledger.mover import Mover
from evens.core.ledger.reasons import SharedReason
from evens.core.ledger.transfers import propose
from evens.core.values.ids import (
    AccountClass,
    CustomerId,
    TransferId,
    account_class,
    account_currency,
    account_holder,
    account_id,
)
from evens.core.values.money import BALANCE_MINOR_MAX
from evens.core.wallets.reasons import WalletReason
from evens.core.wallets.state import Wallets

REVERSIBLE: Final = (TransferKind.DEPOSIT, TransferKind.WITHDRAWAL, TransferKind.TRANSFER)
"""The kinds of transfers that can be taken back."""


def reverse_transaction(wallets: Wallets, command: ReverseTransaction, seq: int, at: int) -> Iterator[Event]:
    """Move a payment's money back, lending what the account no longer has."""
    giver, receiver, amount_minor = _origin(command), command.debit, command.amount_minor
    refusal = _check_reversible(wallets, command) or _check_room(wallets, giver, receiver, amount_minor)
    if refusal is not None:
        yield refusal
        return
    number = account_currency(giver)
    if account_class(giver) is AccountClass.CASH:
        yield from Mover(wallets.ledger, number, at).advance(CustomerId(account_holder(giver)), amount_minor)
    reversal = TransferId(at + 1)
    note = Note(memo=command.reason)
    yield propose(wallets.ledger, reversal, TransferKind.REVERSAL, giver, receiver, amount_minor, None, note)
    yield TransactionReversed(command.transaction, reversal)
    if account_class(receiver) is AccountClass.CASH:
        yield from Mover(wallets.ledger, number, at + 2).repay(CustomerId(account_holder(receiver)))


def _origin(command: ReverseTransaction) -> int:
    """Return where the money is by now: what was set aside for a withdrawal has left by a rail."""
    if account_class(command.credit) is AccountClass.WITHDRAWING:
        return account_id(command.rail, account_currency(command.credit), AccountClass.EXTERNAL)
    return command.credit


def _check_reversible(wallets: Wallets, command: ReverseTransaction) -> Rejected | None:
    if command.kind not in REVERSIBLE:
        return Rejected(WalletReason.NOT_REVERSIBLE)
    if command.transaction in wallets.reversals:
        return Rejected(WalletReason.ALREADY_REVERSED)
    return None


def _check_room(wallets: Wallets, giver: int, receiver: int, amount_minor: int) -> Rejected | None:
    """Refuse what would make a balance larger, or a debt deeper, than can be kept."""
    number = account_currency(giver)
    code = wallets.ledger.currencies_by_number[number].code
    debt = account_id(account_holder(giver), number, AccountClass.RECEIVABLE)
    short_minor = amount_minor - wallets.ledger.balance_minor(giver)
    too_deep = short_minor - wallets.ledger.balance_minor(debt) > BALANCE_MINOR_MAX
    if too_deep or wallets.ledger.balance_minor(receiver) + amount_minor > BALANCE_MINOR_MAX:
        return Rejected(SharedReason.BALANCE_LIMIT, (("currency", code),))
    return None


def apply_transaction_reversed(wallets: Wallets, event: TransactionReversed) -> None:
    """Remember that it was reversed, so that it cannot be again."""
    wallets.reversals[event.transaction] = event.reversal
