"""Limits at their edges: the last value that passes, and the first that does not."""

import pytest

from evens.core.events.ledger import Rejected
from evens.core.ledger.accounts import Ledger
from evens.core.ledger.reasons import SharedReason
from evens.core.limits import (
    check_effective,
    check_frozen,
    check_funds,
)
from evens.core.values.ids import AccountClass, CustomerId, Rail, account_id
from evens.core.values.money import BALANCE_MINOR_MAX

ANN = account_id(11, 1, AccountClass.CASH)
BOB = account_id(12, 1, AccountClass.CASH)
OUTSIDE = account_id(Rail.DESK, 1, AccountClass.EXTERNAL)


@pytest.mark.parametrize("effective_at", [None, -(10**18), 0, 999, 1000])
def test_a_value_date_up_to_now_passes(effective_at: int | None) -> None:
    assert check_effective(effective_at, 1000) is None


def test_a_value_date_a_nanosecond_from_now_is_refused() -> None:
    assert check_effective(1001, 1000) == Rejected(SharedReason.EFFECTIVE_IN_FUTURE)


def test_only_who_is_frozen_is_refused_for_it() -> None:
    assert check_frozen({CustomerId(11): None}, CustomerId(11)) == Rejected(SharedReason.CUSTOMER_FROZEN)
    assert check_frozen({CustomerId(11): None}, CustomerId(12)) is None


def test_all_one_has_can_be_paid_and_not_a_cent_more() -> None:
    ledger = Ledger({ANN: 50})
    assert check_funds(ledger, "USD", ANN, BOB, 50) is None
    facts = (("currency", "USD"), ("needed_minor", 51), ("available_minor", 50))
    assert check_funds(ledger, "USD", ANN, BOB, 51) == Rejected(SharedReason.INSUFFICIENT_FUNDS, facts)


def test_the_outside_may_owe_as_much_as_a_balance_holds() -> None:
    ledger = Ledger({OUTSIDE: 1 - BALANCE_MINOR_MAX})
    assert check_funds(ledger, "USD", OUTSIDE, ANN, 1) is None
    assert check_funds(ledger, "USD", OUTSIDE, ANN, 2) == Rejected(SharedReason.BALANCE_LIMIT, (("currency", "USD"),))


def test_a_balance_can_be_filled_to_its_limit_and_not_beyond() -> None:
    ledger = Ledger({ANN: 10, BOB: BALANCE_MINOR_MAX - 1})
    assert check_funds(ledger, "USD", ANN, BOB, 1) is None
    assert check_funds(ledger, "USD", ANN, BOB, 2) == Rejected(SharedReason.BALANCE_LIMIT, (("currency", "USD"),))


def test_missing_money_is_told_before_a_balance_that_is_too_full() -> None:
    ledger = Ledger({BOB: BALANCE_MINOR_MAX})
    refusal = check_funds(ledger, "USD", ANN, BOB, 1)
    assert refusal is not None
    assert refusal.reason is SharedReason.INSUFFICIENT_FUNDS
