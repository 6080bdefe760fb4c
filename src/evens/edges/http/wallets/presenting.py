"""What recorded entries and transfers look like from outside."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from evens.core.events.ledger import TransferKind, Transferred
from evens.core.receipts import Receipt
from evens.core.values.ids import AccountClass, CustomerId, TransferId, account_class, account_currency, account_holder
from evens.core.values.moments import format_time
from evens.core.values.money import format_minor
from evens.core.values.public_ids import format_transaction_id, format_user_id
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.wallets.shapes import About, StatementLine, Transaction, TransactionKind, TransactionStatus
from evens.store.wallets.queries import Entry

KINDS: Final[Mapping[TransferKind, TransactionKind]] = {
    TransferKind.DEPOSIT: "deposit",
    TransferKind.WITHDRAWAL: "withdrawal",
    TransferKind.TRANSFER: "transfer",
    TransferKind.RELEASE: "release",
    TransferKind.STAKE: "stake",
    TransferKind.LOSS: "loss",
    TransferKind.PAYOUT: "payout",
    TransferKind.COMMISSION: "commission",
    TransferKind.ADVANCE: "advance",
    TransferKind.REPAYMENT: "repayment",
    TransferKind.REVERSAL: "reversal",
    TransferKind.PERFORMANCE_FEE: "performance_fee",
}
"""The kinds that touch customers' cash, and so are transactions to the outside."""


_STATUSES: Final[Mapping[str | None, TransactionStatus]] = {
    None: "completed",
    "pending": "pending",
    "completed": "completed",
    "rejected": "rejected",
}


class WalletPresenter:
    """Turns transfers and recorded entries into transactions."""

    def __init__(self, currencies: Currencies) -> None:
        self._currencies = currencies

    def entry(self, entry: Entry, viewer: int | None = None) -> Transaction:
        """Return a recorded entry as ``viewer`` sees it; without one, as the payer does, or else the payee."""
        transfer = entry.transfer
        is_out = account_class(transfer.debit) is AccountClass.CASH and viewer in {
            None,
            account_holder(transfer.debit),
        }
        return self.transaction(
            transfer,
            is_out=is_out,
            status=_STATUSES[entry.withdrawal_status],
            reverses=entry.reverses,
            reversed_by=entry.reversed_by,
        )

    def line(self, entry: Entry, customer: CustomerId, about: About | None) -> StatementLine:
        """Return an entry of a customer's history as a line of their statement."""
        shown = self.entry(entry, customer)
        known = [getattr(shown, each.name) for each in fields(shown)]
        return StatementLine(*known, counterparty_username=entry.counterparty, about=about)

    def transaction(
        self,
        transfer: Transferred,
        *,
        is_out: bool,
        status: TransactionStatus = "completed",
        reverses: TransferId | None = None,
        reversed_by: TransferId | None = None,
    ) -> Transaction:
        """Return a transfer as seen from the debited account (``is_out``) or the credited one."""
        debit, credit = transfer.debit, transfer.credit
        own, other = (debit, credit) if is_out else (credit, debit)
        after_minor = transfer.debit_after_minor if is_out else transfer.credit_after_minor
        currency = self._currencies.by_number(account_currency(own))
        recorded_at = format_time(transfer.transfer)
        is_now = transfer.effective_at == transfer.transfer
        note = transfer.note
        return Transaction(
            id=format_transaction_id(transfer.transfer),
            kind=KINDS[transfer.kind],
            status=status,
            direction="out" if is_out else "in",
            user_id=format_user_id(account_holder(own)),
            counterparty_id=format_user_id(account_holder(other)) if is_cash(own) and is_cash(other) else None,
            amount=format_minor(transfer.amount_minor, currency.scale),
            currency=currency.code,
            balance_after=format_minor(after_minor, currency.scale),
            effective_at=recorded_at if is_now else format_time(transfer.effective_at),
            recorded_at=recorded_at,
            reference=note.reference if note is not None else None,
            memo=note.memo if note is not None else None,
            destination=note.destination if note is not None else None,
            reverses=None if reverses is None else format_transaction_id(reverses),
            reversed_by=None if reversed_by is None else format_transaction_id(reversed_by),
        )


def is_cash(account: int) -> bool:
    """Return whether an account is a customer's cash."""
    return account_class(account) is AccountClass.CASH


def first_transfer(receipt: Receipt) -> Transferred:
    """Return the transfer that a payment's receipt begins with."""
    first = receipt.events[0]
    assert isinstance(first, Transferred)
    return first
