"""From events to rows: what each event leaves in the tables."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from evens.core.events.challenges import (
    ChallengeAccepted,
    ChallengeClosed,
    ChallengeDisputed,
    ChallengeOffered,
    ChallengeResolved,
    ChallengeSettled,
)
from evens.core.events.every import Event
from evens.core.events.exchange import (
    CommissionDiscountSet,
    MarketArchived,
    MarketCreated,
    MarketStatusChanged,
    Matched,
    OrderPlaced,
    OrderReduced,
    OrderReleased,
    PositionReduced,
    PositionSettled,
    ResultDeclared,
    RunnerRemoved,
    StageFinished,
)
from evens.core.events.ledger import CurrencyDefined, Rejected, Transferred
from evens.core.events.wallets import (
    CustomerFrozen,
    CustomerRegistered,
    CustomerUnfrozen,
    TransferRefused,
    WithdrawalCompleted,
    WithdrawalRejected,
    WithdrawalRequested,
)
from evens.core.receipts import Receipt
from evens.core.values.money import Currency
from evens.store.challenges import projections as challenge_projections
from evens.store.encoding.rows import Rows
from evens.store.exchange import projections as exchange_projections
from evens.store.wallets.notices import Topic, notices_for


def project(rows: Rows, receipt: Receipt, currencies: Mapping[int, Currency], wanted: frozenset[Topic]) -> None:
    """Add what the events of one receipt leave in the tables, and the notices that somebody wants."""
    for event in receipt.events:
        projector = PROJECTORS[type(event)]
        if projector is not None:
            projector(rows, receipt, event)
    if wanted:
        for topic, data in notices_for(receipt, currencies, wanted):
            rows.notices.append((receipt.seq, receipt.at, topic, data))


def _transferred(rows: Rows, receipt: Receipt, event: Transferred) -> None:
    transfer, debit, credit = event.transfer, event.debit, event.credit
    debit_after, credit_after = event.debit_after_minor, event.credit_after_minor
    effective_at = event.effective_at
    rows.transfers.append(
        (
            transfer,
            receipt.seq,
            debit,
            credit,
            event.amount_minor,
            debit_after,
            credit_after,
            effective_at,
            event.kind,
        )
    )
    rows.balances_after[debit] = debit_after
    rows.balances_after[credit] = credit_after
    if effective_at != transfer:
        rows.back_dated = True
    note = event.note
    if note is not None:
        rows.notes.append((transfer, note.reference, note.memo, note.destination))


def _currency_defined(rows: Rows, receipt: Receipt, event: CurrencyDefined) -> None:
    rows.currencies.append((event.number, event.code, event.scale))


def _customer_registered(rows: Rows, receipt: Receipt, event: CustomerRegistered) -> None:
    rows.customers.append((event.customer, event.username, receipt.at))


def _customer_frozen(rows: Rows, receipt: Receipt, event: CustomerFrozen) -> None:
    rows.frozen.append((event.customer, True))


def _customer_unfrozen(rows: Rows, receipt: Receipt, event: CustomerUnfrozen) -> None:
    rows.frozen.append((event.customer, False))


def _withdrawal_requested(rows: Rows, receipt: Receipt, event: WithdrawalRequested) -> None:
    rows.withdrawals.append((event.withdrawal, event.customer, event.currency_number, event.amount_minor))


def _withdrawal_completed(rows: Rows, receipt: Receipt, event: WithdrawalCompleted) -> None:
    rows.closings.append((event.withdrawal, "completed"))


def _withdrawal_rejected(rows: Rows, receipt: Receipt, event: WithdrawalRejected) -> None:
    rows.closings.append((event.withdrawal, "rejected"))


PROJECTORS: Final[dict[type[Event], Callable[[Rows, Receipt, Any], None] | None]] = {
    Rejected: None,
    TransferRefused: None,
    CurrencyDefined: _currency_defined,
    CustomerRegistered: _customer_registered,
    CustomerFrozen: _customer_frozen,
    CustomerUnfrozen: _customer_unfrozen,
    Transferred: _transferred,
    WithdrawalRequested: _withdrawal_requested,
    WithdrawalCompleted: _withdrawal_completed,
    WithdrawalRejected: _withdrawal_rejected,
    CommissionDiscountSet: exchange_projections.discount_set,
    MarketCreated: exchange_projections.market_created,
    MarketStatusChanged: exchange_projections.market_status_changed,
    StageFinished: exchange_projections.stage_finished,
    OrderPlaced: exchange_projections.order_placed,
    OrderReleased: exchange_projections.order_released,
    Matched: exchange_projections.matched,
    OrderReduced: exchange_projections.order_reduced,
    RunnerRemoved: exchange_projections.runner_removed,
    PositionReduced: exchange_projections.position_reduced,
    ResultDeclared: exchange_projections.result_declared,
    PositionSettled: exchange_projections.position_settled,
    MarketArchived: exchange_projections.market_archived,
    ChallengeOffered: challenge_projections.challenge_offered,
    ChallengeAccepted: challenge_projections.challenge_accepted,
    ChallengeClosed: challenge_projections.challenge_closed,
    ChallengeResolved: challenge_projections.challenge_resolved,
    ChallengeDisputed: challenge_projections.challenge_disputed,
    ChallengeSettled: challenge_projections.challenge_settled,
}
"""What each event leaves in the tables; ``None`` for those that leave nothing but their journal record."""
