"""From events to rows: what each event leaves in the tables."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from evens.core import events
from evens.core.events import Event
from evens.core.receipts import Receipt
from evens.core.values.money import Currency
from evens.store import challenge_projections, exchange_projections
from evens.store.notices import Topic, notices_for
from evens.store.rows import Rows


def project(rows: Rows, receipt: Receipt, currencies: Mapping[int, Currency], wanted: frozenset[Topic]) -> None:
    """Add what the events of one receipt leave in the tables, and the notices that somebody wants."""
    for event in receipt.events:
        projector = PROJECTORS[type(event)]
        if projector is not None:
            projector(rows, receipt, event)
    if wanted:
        for topic, data in notices_for(receipt, currencies, wanted):
            rows.notices.append((receipt.seq, receipt.at, topic, data))


def _transferred(rows: Rows, receipt: Receipt, event: events.Transferred) -> None:
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


def _currency_defined(rows: Rows, receipt: Receipt, event: events.CurrencyDefined) -> None:
    rows.currencies.append((event.number, event.code, event.scale))


def _customer_registered(rows: Rows, receipt: Receipt, event: events.CustomerRegistered) -> None:
    rows.customers.append((event.customer, event.username, receipt.at))


def _customer_frozen(rows: Rows, receipt: Receipt, event: events.CustomerFrozen) -> None:
    rows.frozen.append((event.customer, True))


def _customer_unfrozen(rows: Rows, receipt: Receipt, event: events.CustomerUnfrozen) -> None:
    rows.frozen.append((event.customer, False))


def _withdrawal_requested(rows: Rows, receipt: Receipt, event: events.WithdrawalRequested) -> None:
    rows.withdrawals.append((event.withdrawal, event.customer, event.currency_number, event.amount_minor))


def _withdrawal_completed(rows: Rows, receipt: Receipt, event: events.WithdrawalCompleted) -> None:
    rows.closings.append((event.withdrawal, "completed"))


def _withdrawal_rejected(rows: Rows, receipt: Receipt, event: events.WithdrawalRejected) -> None:
    rows.closings.append((event.withdrawal, "rejected"))


PROJECTORS: Final[dict[type[Event], Callable[[Rows, Receipt, Any], None] | None]] = {
    events.Rejected: None,
    events.TransferRefused: None,
    events.CurrencyDefined: _currency_defined,
    events.CustomerRegistered: _customer_registered,
    events.CustomerFrozen: _customer_frozen,
    events.CustomerUnfrozen: _customer_unfrozen,
    events.Transferred: _transferred,
    events.WithdrawalRequested: _withdrawal_requested,
    events.WithdrawalCompleted: _withdrawal_completed,
    events.WithdrawalRejected: _withdrawal_rejected,
    events.CommissionDiscountSet: exchange_projections.discount_set,
    events.MarketCreated: exchange_projections.market_created,
    events.MarketStatusChanged: exchange_projections.market_status_changed,
    events.StageFinished: exchange_projections.stage_finished,
    events.OrderPlaced: exchange_projections.order_placed,
    events.OrderReleased: exchange_projections.order_released,
    events.Matched: exchange_projections.matched,
    events.OrderReduced: exchange_projections.order_reduced,
    events.RunnerRemoved: exchange_projections.runner_removed,
    events.PositionReduced: exchange_projections.position_reduced,
    events.ResultDeclared: exchange_projections.result_declared,
    events.PositionSettled: exchange_projections.position_settled,
    events.MarketArchived: exchange_projections.market_archived,
    events.ChallengeOffered: challenge_projections.challenge_offered,
    events.ChallengeAccepted: challenge_projections.challenge_accepted,
    events.ChallengeClosed: challenge_projections.challenge_closed,
    events.ChallengeResolved: challenge_projections.challenge_resolved,
    events.ChallengeDisputed: challenge_projections.challenge_disputed,
    events.ChallengeSettled: challenge_projections.challenge_settled,
}
"""What each event leaves in the tables; ``None`` for those that leave nothing but their journal record."""
