"""Withdrawals in two steps: money is set aside when asked for, and leaves or returns when the payment is decided."""

from collections.abc import Iterator
from typing import Final

from evens.core.commands.wallets import CompleteWithdrawal, RejectWithdrawal, RequestWithdrawal
from evens.core.events.ledger import Rejected, TransferKind, Transferred
from evens.core.events.wallets import WithdrawalCompleted, WithdrawalRejected, WithdrawalRequested
from evens.core.ledger.mover import Mover
from evens.core.ledger.transfers import propose
from evens.core.limits import check_debt, check_frozen, check_funds
from evens.core.values.ids import AccountClass, TransferId, account_id
from evens.core.wallets.payments import withdrawal_note
from evens.core.wallets.reasons import WalletReason
from evens.core.wallets.state import PendingWithdrawal, Wallets

PENDING_WITHDRAWALS_MAX: Final = 100
"""Most withdrawals a customer may have waiting at once."""


def request_withdrawal(
    wallets: Wallets, command: RequestWithdrawal, seq: int, at: int
) -> Iterator[Transferred | WithdrawalRequested | Rejected]:
    """Move cash to ``withdrawing``, where nothing but the outcome of this withdrawal can touch it."""
    customer, amount_minor = command.customer, command.amount_minor
    currency = wallets.find_currency(command.currency, customer)
    if isinstance(currency, Rejected):
        yield currency
        return
    cash = account_id(customer, currency.number, AccountClass.CASH)
    aside = account_id(customer, currency.number, AccountClass.WITHDRAWING)
    refusal = (
        check_frozen(wallets.frozen, customer)
        or check_debt(wallets.ledger, customer)
        or _check_pending(wallets.pending_counts.get(customer, 0))
        or check_funds(wallets.ledger, command.currency, cash, aside, amount_minor)
    )
    if refusal is not None:
        yield refusal
        return
    note = withdrawal_note(command.reference, command.destination)
    yield propose(
        wallets.ledger,
        TransferId(at),
        TransferKind.WITHDRAWAL,
        cash,
        aside,
        amount_minor,
        None,
        note,
    )
    yield WithdrawalRequested(TransferId(at), customer, currency.number, amount_minor)


def apply_withdrawal_requested(wallets: Wallets, event: WithdrawalRequested) -> None:
    """Remember the withdrawal as pending."""
    pending = PendingWithdrawal(event.customer, event.currency_number, event.amount_minor)
    wallets.add_pending(event.withdrawal, pending)


def complete_withdrawal(
    wallets: Wallets, command: CompleteWithdrawal, seq: int, at: int
) -> Iterator[Transferred | WithdrawalCompleted | Rejected]:
    """Let the money set aside leave through the rail."""
    pending = wallets.pending.get(command.withdrawal)
    if pending is None:
        yield Rejected(WalletReason.WITHDRAWAL_NOT_PENDING)
        return
    aside = account_id(pending.customer, pending.currency_number, AccountClass.WITHDRAWING)
    outside = account_id(command.rail, pending.currency_number, AccountClass.EXTERNAL)
    yield propose(
        wallets.ledger,
        TransferId(at),
        TransferKind.PAID_OUT,
        aside,
        outside,
        pending.amount_minor,
        None,
    )
    yield WithdrawalCompleted(command.withdrawal)


def apply_withdrawal_completed(wallets: Wallets, event: WithdrawalCompleted) -> None:
    """Forget the withdrawal."""
    wallets.remove_pending(event.withdrawal)


def reject_withdrawal(
    wallets: Wallets, command: RejectWithdrawal, seq: int, at: int
) -> Iterator[Transferred | WithdrawalRejected | Rejected]:
    """Return the money set aside to the customer's cash, unless it would not fit there; what is owed is repaid."""
    pending = wallets.pending.get(command.withdrawal)
    if pending is None:
        yield Rejected(WalletReason.WITHDRAWAL_NOT_PENDING)
        return
    aside = account_id(pending.customer, pending.currency_number, AccountClass.WITHDRAWING)
    cash = account_id(pending.customer, pending.currency_number, AccountClass.CASH)
    # The cash may have grown meanwhile to where the money set aside no longer fits; then it waits until there is room.
    code = wallets.ledger.currencies_by_number[pending.currency_number].code
    refusal = check_funds(wallets.ledger, code, aside, cash, pending.amount_minor)
    if refusal is not None:
        yield refusal
        return
    yield propose(
        wallets.ledger,
        TransferId(at),
        TransferKind.RELEASE,
        aside,
        cash,
        pending.amount_minor,
        None,
    )
    yield WithdrawalRejected(command.withdrawal)
    yield from Mover(wallets.ledger, pending.currency_number, at + 1).repay(pending.customer)


def apply_withdrawal_rejected(wallets: Wallets, event: WithdrawalRejected) -> None:
    """Forget the withdrawal."""
    wallets.remove_pending(event.withdrawal)


def _check_pending(pending: int) -> Rejected | None:
    """Refuse one more waiting withdrawal than :data:`PENDING_WITHDRAWALS_MAX`."""
    if pending >= PENDING_WITHDRAWALS_MAX:
        return Rejected(
            WalletReason.PENDING_WITHDRAWALS_LIMIT,
            (("pending_max", PENDING_WITHDRAWALS_MAX),),
        )
    return None
