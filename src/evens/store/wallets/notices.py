"""Notices for subscribers: the topics, and which notices follow from a receipt.

A notice is a topic and a JSON object. Money, moments and ids have the formats of the HTTP API, so that a receiver can
compare them and look them up there.
"""

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from evens.core.events.every import Event
from evens.core.events.ledger import TransferKind, Transferred
from evens.core.events.wallets import CustomerRegistered, WithdrawalCompleted, WithdrawalRejected, WithdrawalRequested
from evens.core.receipts import Receipt
from evens.core.values.ids import (
    AccountClass,
    CustomerId,
    Rail,
    TransferId,
    account_class,
    account_currency,
    account_holder,
)
from evens.core.values.moments import format_time
from evens.core.values.money import Currency, format_minor
from evens.core.values.public_ids import format_transaction_id, format_user_id


class Topic(StrEnum):
    """What one can subscribe to. The values are stored with every subscription and notice, and never change."""

    ACCOUNT_FUNDED = "account.funded"
    ACCOUNT_EMPTIED = "account.emptied"
    TRANSACTION_RECORDED = "transaction.recorded"
    WITHDRAWAL_REQUESTED = "withdrawal.requested"
    WITHDRAWAL_COMPLETED = "withdrawal.completed"
    WITHDRAWAL_REJECTED = "withdrawal.rejected"
    CUSTOMER_REGISTERED = "customer.registered"
    DEPOSIT_COMPLETED = "deposit.completed"
    ROUND_OPENED = "round.opened"
    ROUND_LOCKED = "round.locked"
    ROUND_SETTLED = "round.settled"
    ROUND_VOID = "round.void"
    ROUND_CORRECTED = "round.corrected"


_CLOSING: Final[Mapping[type[Event], Topic]] = {
    WithdrawalCompleted: Topic.WITHDRAWAL_COMPLETED,
    WithdrawalRejected: Topic.WITHDRAWAL_REJECTED,
}

_RAILS: Final = {each.value: each.name.lower() for each in Rail}

Notice = tuple[Topic, str]
"""A topic and the JSON object that goes with it."""

_Data = Mapping[str, str | None]


def notices_for(receipt: Receipt, currencies: Mapping[int, Currency], wanted: frozenset[Topic]) -> Iterator[Notice]:
    """Yield the notices on ``wanted`` topics that follow from the receipt's events, in their order.

    It takes the whole receipt, because the customer and amount of a closed withdrawal are in the transfer beside it.
    """
    if not wanted:
        return
    for topic, data in _all_notices(receipt, currencies, wanted):
        if topic in wanted:
            yield topic, json.dumps(data, separators=(",", ":"))


def _all_notices(
    receipt: Receipt, currencies: Mapping[int, Currency], wanted: frozenset[Topic]
) -> Iterator[tuple[Topic, _Data]]:
    at = receipt.at
    beside: Transferred | None = None
    for event in receipt.events:
        if isinstance(event, Transferred):
            beside = event
            currency = currencies[account_currency(event.debit)]
            is_out = _is_cash(event.debit)
            # Money that was set aside and leaves the house ends a transaction that was recorded before.
            if Topic.TRANSACTION_RECORDED in wanted and (is_out or _is_cash(event.credit)):
                yield Topic.TRANSACTION_RECORDED, _recorded(event, is_out, currency)
            yield from _turning_points(event, currency)
            if event.kind is TransferKind.DEPOSIT and _is_cash(event.credit):
                yield Topic.DEPOSIT_COMPLETED, _deposited(event, currency)
        elif isinstance(event, WithdrawalRequested):
            currency = currencies[event.currency_number]
            data = _withdrawal(event.withdrawal, event.customer, currency, event.amount_minor, at)
            yield Topic.WITHDRAWAL_REQUESTED, data
        elif isinstance(event, WithdrawalCompleted | WithdrawalRejected):
            assert beside is not None, "a withdrawal is closed by a transfer"
            currency = currencies[account_currency(beside.debit)]
            customer = CustomerId(account_holder(beside.debit))
            yield _CLOSING[type(event)], _withdrawal(event.withdrawal, customer, currency, beside.amount_minor, at)
        elif isinstance(event, CustomerRegistered):
            data = {"user_id": format_user_id(event.customer), "username": event.username, "at": format_time(at)}
            yield Topic.CUSTOMER_REGISTERED, data


def _recorded(event: Transferred, is_out: bool, currency: Currency) -> _Data:
    """Return the transfer as it changed somebody's cash; between two customers, as the payer sees it."""
    own, other = (event.debit, event.credit) if is_out else (event.credit, event.debit)
    after_minor = event.debit_after_minor if is_out else event.credit_after_minor
    note = event.note
    is_between_customers = _is_cash(own) and _is_cash(other)
    return {
        "transaction_id": format_transaction_id(event.transfer),
        "kind": event.kind.name.lower(),
        "direction": "out" if is_out else "in",
        "user_id": format_user_id(account_holder(own)),
        "counterparty_id": format_user_id(account_holder(other)) if is_between_customers else None,
        "amount": format_minor(event.amount_minor, currency.scale),
        "currency": currency.code,
        "balance_after": format_minor(after_minor, currency.scale),
        "effective_at": format_time(event.effective_at),
        "reference": None if note is None else note.reference,
        "memo": None if note is None else note.memo,
        "destination": None if note is None else note.destination,
        "at": format_time(event.transfer),
    }


def _deposited(event: Transferred, currency: Currency) -> _Data:
    """Return money that came from outside, and by which way: ``desk``, ``import`` or ``chain``."""
    note = event.note
    return {
        "user_id": format_user_id(account_holder(event.credit)),
        "currency": currency.code,
        "amount": format_minor(event.amount_minor, currency.scale),
        "transaction_id": format_transaction_id(event.transfer),
        "rail": _RAILS.get(account_holder(event.debit)),
        "reference": None if note is None else note.reference,
        "at": format_time(event.transfer),
    }


def _turning_points(event: Transferred, currency: Currency) -> Iterator[tuple[Topic, _Data]]:
    if event.debit_after_minor == 0 and _is_cash(event.debit):
        yield Topic.ACCOUNT_EMPTIED, _turned(event, event.debit, event.debit_after_minor, currency)
    if event.credit_after_minor == event.amount_minor and _is_cash(event.credit):
        yield Topic.ACCOUNT_FUNDED, _turned(event, event.credit, event.credit_after_minor, currency)


def _turned(event: Transferred, account: int, balance_minor: int, currency: Currency) -> _Data:
    return {
        "user_id": format_user_id(account_holder(account)),
        "currency": currency.code,
        "balance": format_minor(balance_minor, currency.scale),
        "amount": format_minor(event.amount_minor, currency.scale),
        "transaction_id": format_transaction_id(event.transfer),
        "at": format_time(event.transfer),
    }


def _withdrawal(withdrawal: TransferId, customer: CustomerId, currency: Currency, amount_minor: int, at: int) -> _Data:
    return {
        "user_id": format_user_id(customer),
        "currency": currency.code,
        "amount": format_minor(amount_minor, currency.scale),
        "transaction_id": format_transaction_id(withdrawal),
        "at": format_time(at),
    }


def _is_cash(account: int) -> bool:
    return account_class(account) is AccountClass.CASH
