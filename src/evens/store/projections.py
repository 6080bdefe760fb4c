"""From events to rows: what each event leaves in the tables, and one SQL statement that writes a whole batch.

Every table that a batch may touch is written by one SQL function that takes an array for each column. A batch becomes a
single ``SELECT append_journal(…), post_transfers(…), …`` with only the functions it needs: one round trip, and by
itself one transaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from evens.core import events
from evens.core.events import Event
from evens.core.receipts import Receipt
from evens.core.values.money import Currency
from evens.store.notices import Topic, notices_for

Row = tuple[Any, ...]


@dataclass(slots=True)
class Rows:
    """The rows that a batch adds, a list of tuples for each SQL function, in the order of the function's arrays."""

    journal: list[Row] = field(default_factory=list[Row])
    currencies: list[Row] = field(default_factory=list[Row])
    customers: list[Row] = field(default_factory=list[Row])
    frozen: list[Row] = field(default_factory=list[Row])
    transfers: list[Row] = field(default_factory=list[Row])
    notes: list[Row] = field(default_factory=list[Row])
    withdrawals: list[Row] = field(default_factory=list[Row])
    closings: list[Row] = field(default_factory=list[Row])
    notices: list[Row] = field(default_factory=list[Row])
    balances_after: dict[int, int] = field(default_factory=dict[int, int])
    back_dated: bool = False


@dataclass(frozen=True, slots=True)
class _Target:
    """An SQL function, the types of its row arrays, and of the arguments before and after them."""

    function: str
    before: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


_TARGETS: Final[Mapping[str, _Target]] = {
    "journal": _Target("append_journal", ("bigint", "bigint", "bytea"), ("bigint", "bigint", "uuid", "bytea", "bytea")),
    "currencies": _Target("define_currencies", (), ("smallint", "text", "smallint")),
    "customers": _Target("register_customers", (), ("bigint", "text", "bigint")),
    "frozen": _Target("mark_frozen", (), ("bigint", "boolean")),
    "transfers": _Target("post_transfers", (), ("bigint",) * 8 + ("smallint",), ("bigint[]", "bigint[]", "boolean")),
    "notes": _Target("post_notes", (), ("bigint", "text", "text", "text")),
    "withdrawals": _Target("request_withdrawals", (), ("bigint", "bigint", "smallint", "bigint")),
    "closings": _Target("close_withdrawals", (), ("bigint", "text")),
    "notices": _Target("post_notices", (), ("bigint", "bigint", "text", "text")),
}


@cache
def statement(touched: tuple[str, ...]) -> str:
    """Return the SQL that writes a batch which touches these targets."""
    calls: list[str] = []
    place = 0
    for name in touched:
        target = _TARGETS[name]
        kinds = (*target.before, *(f"{column}[]" for column in target.columns), *target.after)
        arguments = ", ".join(f"${place + offset}::{kind}" for offset, kind in enumerate(kinds, 1))
        calls.append(f"evens.{target.function}({arguments})")
        place += len(kinds)
    return "SELECT " + ", ".join(calls)


def bind(rows: Rows, epoch: int, seq_before: int, hash_before: bytes) -> tuple[str, list[Any]]:
    """Return the statement for these rows and its arguments."""
    arguments: list[Any] = [epoch, seq_before, hash_before]
    touched: list[str] = []
    for name in _TARGETS:
        added: list[Row] = getattr(rows, name)
        if added:
            touched.append(name)
            arguments.extend(zip(*added, strict=True))
            if name == "transfers":
                finals = rows.balances_after
                arguments += (list(finals), list(finals.values()), rows.back_dated)
    return statement(tuple(touched)), arguments


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
}
"""What each event leaves in the tables; ``None`` for those that leave nothing but their journal record."""
