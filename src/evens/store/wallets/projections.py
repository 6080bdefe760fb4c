"""What the events of the ledger and the wallets leave in the tables."""

from collections.abc import Mapping
from typing import Final

from evens.core.events.every import Event
from evens.core.events.ledger import BatchBegun, CurrencyDefined, Rejected, TransferKind, Transferred
from evens.core.events.wallets import (
    CustomerExcluded,
    CustomerFrozen,
    CustomerRegistered,
    CustomerTagged,
    CustomerUnfrozen,
    DepositLimitsSet,
    TransactionReversed,
    TransferRefused,
    WithdrawalCompleted,
    WithdrawalRejected,
    WithdrawalRequested,
)
from evens.core.receipts import Receipt
from evens.core.values.deposit_limits import Period
from evens.core.values.ids import account_holder
from evens.store.encoding.rows import Projector, Rows
from evens.store.wallets.tables import (
    CLOSE_WITHDRAWALS,
    DEFINE_CURRENCIES,
    EXCLUDE_CUSTOMERS,
    MARK_FROZEN,
    POST_NOTES,
    POST_TRANSFERS,
    REGISTER_CUSTOMERS,
    REQUEST_WITHDRAWALS,
    REVERSE_TRANSFERS,
    SET_DEPOSIT_LIMITS,
    TAG_CUSTOMERS,
)


def _transferred(rows: Rows, receipt: Receipt, event: Transferred) -> None:
    # A plain tuple in the order of the columns: nothing is projected as often.
    rows.added[POST_TRANSFERS].append(
        (
            event.transfer,
            receipt.seq,
            event.debit,
            event.credit,
            event.amount_minor,
            event.debit_after_minor,
            event.credit_after_minor,
            event.effective_at,
            event.kind,
        )
    )
    note = event.note
    if note is not None:
        rows.added[POST_NOTES].append((event.transfer, note.reference, note.memo, note.destination))


def _currency_defined(rows: Rows, receipt: Receipt, event: CurrencyDefined) -> None:
    rows.added[DEFINE_CURRENCIES].append(DEFINE_CURRENCIES.row(number=event.number, code=event.code, scale=event.scale))


def _customer_registered(rows: Rows, receipt: Receipt, event: CustomerRegistered) -> None:
    rows.added[REGISTER_CUSTOMERS].append(
        REGISTER_CUSTOMERS.row(id=event.customer, username=event.username, registered_at=receipt.at)
    )


def _customer_frozen(rows: Rows, receipt: Receipt, event: CustomerFrozen) -> None:
    rows.added[MARK_FROZEN].append(MARK_FROZEN.row(id=event.customer, frozen=True))


def _customer_unfrozen(rows: Rows, receipt: Receipt, event: CustomerUnfrozen) -> None:
    rows.added[MARK_FROZEN].append(MARK_FROZEN.row(id=event.customer, frozen=False))
    rows.added[EXCLUDE_CUSTOMERS].append(EXCLUDE_CUSTOMERS.row(id=event.customer, excluded_until=None))


def _customer_excluded(rows: Rows, receipt: Receipt, event: CustomerExcluded) -> None:
    rows.added[EXCLUDE_CUSTOMERS].append(EXCLUDE_CUSTOMERS.row(id=event.customer, excluded_until=event.until))


def _customer_tagged(rows: Rows, receipt: Receipt, event: CustomerTagged) -> None:
    rows.added[TAG_CUSTOMERS].append(TAG_CUSTOMERS.row(id=event.customer, tags=" ".join(event.tags)))


def _withdrawal_requested(rows: Rows, receipt: Receipt, event: WithdrawalRequested) -> None:
    rows.added[REQUEST_WITHDRAWALS].append(
        REQUEST_WITHDRAWALS.row(
            id=event.withdrawal,
            customer=event.customer,
            currency_number=event.currency_number,
            amount=event.amount_minor,
        )
    )


def _withdrawal_completed(rows: Rows, receipt: Receipt, event: WithdrawalCompleted) -> None:
    (rail,) = (
        account_holder(each.credit)
        for each in receipt.events
        if isinstance(each, Transferred) and each.kind is TransferKind.PAID_OUT
    )
    rows.added[CLOSE_WITHDRAWALS].append(CLOSE_WITHDRAWALS.row(id=event.withdrawal, status="completed", rail=rail))


def _withdrawal_rejected(rows: Rows, receipt: Receipt, event: WithdrawalRejected) -> None:
    rows.added[CLOSE_WITHDRAWALS].append(CLOSE_WITHDRAWALS.row(id=event.withdrawal, status="rejected", rail=None))


def _transaction_reversed(rows: Rows, receipt: Receipt, event: TransactionReversed) -> None:
    rows.added[REVERSE_TRANSFERS].append(REVERSE_TRANSFERS.row(reversal=event.reversal, transfer=event.transaction))


def _deposit_limits_set(rows: Rows, receipt: Receipt, event: DepositLimitsSet) -> None:
    for period, limit in zip(Period, event.limits, strict=True):
        rows.added[SET_DEPOSIT_LIMITS].append(
            SET_DEPOSIT_LIMITS.row(
                customer=event.customer,
                currency_number=event.currency_number,
                period=period,
                amount=limit.limit_minor,
                later_amount=limit.later_minor,
                later_at=limit.later_at,
                set_at=receipt.at,
            )
        )


PROJECTORS: Final[Mapping[type[Event], Projector | None]] = {
    Rejected: None,
    BatchBegun: None,
    TransferRefused: None,
    CurrencyDefined: _currency_defined,
    CustomerRegistered: _customer_registered,
    CustomerFrozen: _customer_frozen,
    CustomerUnfrozen: _customer_unfrozen,
    CustomerExcluded: _customer_excluded,
    CustomerTagged: _customer_tagged,
    Transferred: _transferred,
    WithdrawalRequested: _withdrawal_requested,
    WithdrawalCompleted: _withdrawal_completed,
    WithdrawalRejected: _withdrawal_rejected,
    TransactionReversed: _transaction_reversed,
    DepositLimitsSet: _deposit_limits_set,
}
"""What each event leaves in the tables; ``None`` for those that leave nothing but their journal record."""
