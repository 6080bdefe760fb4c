"""Limits: what a party may not exceed, whatever the market. Each check returns a refusal or ``None``."""

from collections.abc import Mapping
from typing import Final

from evens.core.events.ledger import Rejected
from evens.core.ledger.accounts import Ledger
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import AccountClass, CustomerId, account_id, may_be_negative
from evens.core.values.money import BALANCE_MINOR_MAX

RETURN_CENTS_MAX: Final = 10**15
"""Largest return (stake times odds) of one bet, in hundredths of a minor unit."""


def check_effective(effective_at: int | None, at: int) -> Rejected | None:
    """Refuse a value date after the moment of recording: a balance as of a date could change before it comes."""
    if effective_at is not None and effective_at > at:
        return Rejected(SharedReason.EFFECTIVE_IN_FUTURE)
    return None


def check_frozen(frozen: Mapping[CustomerId, None], customer: CustomerId) -> Rejected | None:
    """Refuse to move a frozen customer's money."""
    return Rejected(SharedReason.CUSTOMER_FROZEN) if customer in frozen else None


def check_debt(ledger: Ledger, customer: CustomerId) -> Rejected | None:
    """Refuse whoever owes the house in any currency; of several debts the one in the oldest currency is named."""
    balances = ledger.balances
    for number, currency in ledger.currencies_by_number.items():
        owed_minor = -balances.get(account_id(customer, number, AccountClass.RECEIVABLE), 0)
        if owed_minor > 0:
            return Rejected(SharedReason.OWES_HOUSE, (("currency", currency.code), ("owed_minor", owed_minor)))
    return None


def check_funds(ledger: Ledger, currency: str, debit: int, credit: int, amount_minor: int) -> Rejected | None:
    """Refuse a move that the paying account cannot fund, or that either balance could not hold."""
    available = ledger.balances.get(debit, 0)
    if available < amount_minor and not may_be_negative(debit):
        facts = (
            ("currency", currency),
            ("needed_minor", amount_minor),
            ("available_minor", available),
        )
        return Rejected(SharedReason.INSUFFICIENT_FUNDS, facts)
    credit_after = ledger.balances.get(credit, 0) + amount_minor
    if credit_after > BALANCE_MINOR_MAX or available - amount_minor < -BALANCE_MINOR_MAX:
        return Rejected(SharedReason.BALANCE_LIMIT, (("currency", currency),))
    return None
