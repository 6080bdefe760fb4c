"""Deposits, immediate withdrawals and transfers: money that moves in one step.

Whoever owes the house can only be paid: what arrives repays the debt first, by a second transfer in the same command.
So there is never cash beside a debt in one currency. Example: ann owes 46.00. A deposit of 20.00 leaves her with no
cash and a debt of 26.00; a transfer of 30.00 from bob leaves her with 4.00, and free to move money again.
"""

from collections.abc import Iterator

from evens.core.commands.wallets import Deposit, Transfer, TransferBatch, Withdraw
from evens.core.events.ledger import Note, Rejected, TransferKind, Transferred
from evens.core.events.wallets import TransferRefused
from evens.core.ledger.accounts import Ledger
from evens.core.ledger.mover import Mover
from evens.core.ledger.transfers import apply_transferred, propose
from evens.core.limits import check_debt, check_effective, check_frozen, check_funds
from evens.core.values.ids import (
    TRANSFERS_PER_COMMAND_MAX,
    AccountClass,
    CustomerId,
    TransferId,
    account_currency,
    account_holder,
    account_id,
)
from evens.core.wallets.deposit_limits import check_deposit_limits
from evens.core.wallets.reasons import WalletReason
from evens.core.wallets.state import Wallets

_CASH = AccountClass.CASH


def deposit(wallets: Wallets, command: Deposit, seq: int, at: int) -> Iterator[Transferred | Rejected]:
    """Move money from the rail to the customer's cash, within their limits. A frozen customer can still be paid.

    What the customer owes the house is repaid out of it first.
    """
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
    if refusal is not None:
        yield refusal
        return
    note = Note(command.reference) if command.reference is not None else None
    yield propose(
        ledger,
        TransferId(at),
        TransferKind.DEPOSIT,
        debit,
        credit,
        command.amount_minor,
        command.effective_at,
        note,
    )
    yield from Mover(ledger, currency.number, at + 1).repay(command.customer)


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
        or check_debt(ledger, command.customer)
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
    """Move cash from one customer to another, who repays what they owe out of it."""
    outcome = _decide_transfer(wallets, wallets.ledger, command, at, at)
    yield outcome
    if isinstance(outcome, Transferred):
        yield from _repay(wallets.ledger, outcome)


def transfer_batch(
    wallets: Wallets, command: TransferBatch, seq: int, at: int
) -> Iterator[Transferred | TransferRefused | Rejected]:
    """Make the transfers in order; each sees the balances that the ones before it left."""
    if command.atomic:
        yield from _transfer_all(wallets, command, at)
        return
    for position, outcome in _decide_each(wallets, wallets.ledger, command, at):
        if isinstance(outcome, Rejected):
            yield TransferRefused(position, outcome.reason, outcome.facts)
        else:
            yield outcome


def _transfer_all(wallets: Wallets, command: TransferBatch, at: int) -> Iterator[Transferred | Rejected]:
    draft = wallets.ledger.draft()
    decided: list[Transferred] = []
    for position, outcome in _decide_each(wallets, draft, command, at):
        if isinstance(outcome, Rejected):
            yield Rejected(outcome.reason, (*outcome.facts, ("position", position)))
            return
        apply_transferred(draft, outcome)
        decided.append(outcome)
    yield from decided


def _decide_each(
    wallets: Wallets, ledger: Ledger, command: TransferBatch, at: int
) -> Iterator[tuple[int, Transferred | Rejected]]:
    """Yield what becomes of each item: a transfer, perhaps followed by a repayment, or a refusal, with its position.

    Every transfer has to be applied to the ledger before the next is asked for. A command has only so many moments to
    give to transfers: in a batch of nearly as many items, what has no moment left is repaid when money arrives next.
    """
    repayments_max = TRANSFERS_PER_COMMAND_MAX - len(command.transfers)
    repayments = 0
    for position, item in enumerate(command.transfers):
        outcome = _decide_transfer(wallets, ledger, item, at + position + repayments, at)
        yield position, outcome
        if isinstance(outcome, Transferred) and repayments < repayments_max:
            for repayment in _repay(ledger, outcome):
                yield position, repayment
                repayments += 1


def _repay(ledger: Ledger, paid: Transferred) -> Iterator[Transferred]:
    """Yield what the recipient of a transfer that was just made pays back of what they owe."""
    holder, number = account_holder(paid.credit), account_currency(paid.credit)
    yield from Mover(ledger, number, paid.transfer + 1).repay(CustomerId(holder))


def _decide_transfer(
    wallets: Wallets, ledger: Ledger, command: Transfer, transfer_at: int, at: int
) -> Transferred | Rejected:
    """Return the transfer, to be recorded under the id ``transfer_at``, or why it is refused."""
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
        or check_debt(ledger, payer)
        or check_effective(command.effective_at, at)
        or check_funds(ledger, command.currency, debit, credit, command.amount_minor)
    )
    if refusal is not None:
        return refusal
    note = Note(memo=command.memo) if command.memo is not None else None
    return propose(
        ledger,
        TransferId(transfer_at),
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
