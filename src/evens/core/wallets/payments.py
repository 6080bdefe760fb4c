"""Deposits, immediate withdrawals and transfers: money that moves in one step."""

from collections.abc import Iterator

from evens.core.commands.wallets import Deposit, Transfer, TransferBatch, Withdraw
from evens.core.events.ledger import Note, Rejected, TransferKind, Transferred
from evens.core.events.wallets import TransferRefused
from evens.core.ledger.accounts import Ledger
from evens.core.ledger.transfers import apply_transferred, propose
from evens.core.limits import check_effective, check_frozen, check_funds
from evens.core.values.ids import AccountClass, TransferId, account_id
from evens.core.wallets.deposit_limits import check_deposit_limits
from evens.core.wallets.reasons import WalletReason
from evens.core.wallets.state import Wallets

_CASH = AccountClass.CASH


def deposit(wallets: Wallets, command: Deposit, seq: int, at: int) -> Iterator[Transferred | Rejected]:
    """Move money from the rail to the customer's cash, within their limits. A frozen customer can still be paid."""
    ledger = wallets.ledger
    currency = wallets.find_currency(command.currency, command.customer)
    if isinstance(currency, Rejected):
        yield currency
        return
    debit = account_id(command.rail, currency.number, AccountClass.EXTERNAL)
    credit = account_id(command.customer, currency.number, _CASH)
    refusal = (
        check_effective(command.effective_at, at)
        or check_deposit_limits(wallets, command.currency, credit, command.amount_minor, command.effective_at, at)
        or check_funds(ledger, command.currency, debit, credit, command.amount_minor)
    )
    note = Note(command.reference) if command.reference is not None else None
    yield refusal or propose(
        ledger,
        TransferId(at),
        TransferKind.DEPOSIT,
        debit,
        credit,
        command.amount_minor,
        command.effective_at,
        note,
    )


def withdraw(wallets: Wallets, command: Withdraw, seq: int, at: int) -> Iterator[Transferred | Rejected]:
    """Move the customer's cash to the rail at once."""
    ledger = wallets.ledger
    currency = wallets.find_currency(command.currency, command.customer)
    if isinstance(currency, Rejected):
        yield currency
        return
    debit = account_id(command.customer, currency.number, _CASH)
    credit = account_id(command.rail, currency.number, AccountClass.EXTERNAL)
    refusal = (
        check_frozen(wallets.frozen, command.customer)
        or check_effective(command.effective_at, at)
        or check_funds(ledger, command.currency, debit, credit, command.amount_minor)
    )
    note = withdrawal_note(command.reference, command.destination)
    yield refusal or propose(
        ledger,
        TransferId(at),
        TransferKind.WITHDRAWAL,
        debit,
        credit,
        command.amount_minor,
        command.effective_at,
        note,
    )


def transfer(wallets: Wallets, command: Transfer, seq: int, at: int) -> Iterator[Transferred | Rejected]:
    """Move cash from one customer to another."""
    yield _decide_transfer(wallets, wallets.ledger, command, at, 0)


def transfer_batch(
    wallets: Wallets, command: TransferBatch, seq: int, at: int
) -> Iterator[Transferred | TransferRefused | Rejected]:
    """Make the transfers in order; each sees the balances that the ones before it left."""
    if command.atomic:
        yield from _transfer_all(wallets, command, at)
        return
    for position, item in enumerate(command.transfers):
        outcome = _decide_transfer(wallets, wallets.ledger, item, at, position)
        if isinstance(outcome, Rejected):
            yield TransferRefused(position, outcome.reason, outcome.facts)
        else:
            yield outcome


def _transfer_all(wallets: Wallets, command: TransferBatch, at: int) -> Iterator[Transferred | Rejected]:
    draft = wallets.ledger.draft()
    decided: list[Transferred] = []
    for position, item in enumerate(command.transfers):
        outcome = _decide_transfer(wallets, draft, item, at, position)
        if isinstance(outcome, Rejected):
            yield Rejected(outcome.reason, (*outcome.facts, ("position", position)))
            return
        apply_transferred(draft, outcome)
        decided.append(outcome)
    yield from decided


def _decide_transfer(
    wallets: Wallets, ledger: Ledger, command: Transfer, at: int, position: int
) -> Transferred | Rejected:
    payer, payee = command.payer, command.payee
    currency = wallets.find_currency(command.currency, payer)
    if isinstance(currency, Rejected):
        return currency
    if payee not in wallets.customers:
        return Rejected(WalletReason.RECIPIENT_UNKNOWN)
    if payer == payee:
        return Rejected(WalletReason.SAME_CUSTOMER)
    debit = account_id(payer, currency.number, _CASH)
    credit = account_id(payee, currency.number, _CASH)
    refusal = (
        check_frozen(wallets.frozen, payer)
        or check_effective(command.effective_at, at)
        or check_funds(ledger, command.currency, debit, credit, command.amount_minor)
    )
    if refusal is not None:
        return refusal
    note = Note(memo=command.memo) if command.memo is not None else None
    return propose(
        ledger,
        TransferId(at + position),
        TransferKind.TRANSFER,
        debit,
        credit,
        command.amount_minor,
        command.effective_at,
        note,
    )


def withdrawal_note(reference: str | None, destination: str | None) -> Note | None:
    """Return what was written on a withdrawal, or ``None`` if nothing was."""
    if reference is None and destination is None:
        return None
    return Note(reference=reference, destination=destination)
