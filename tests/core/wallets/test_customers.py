"""Customers: one for each username whatever its case, and frozen or not."""

import pytest

from evens.core.commands.wallets import FreezeCustomer, RegisterCustomer, UnfreezeCustomer
from evens.core.events.ledger import Rejected
from evens.core.events.wallets import CustomerFrozen, CustomerRegistered, CustomerUnfrozen
from evens.core.ledger.accounts import InvariantBroken, Ledger
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import AccountClass, CustomerId, Rail, TransferId, account_id
from evens.core.wallets.reasons import WalletReason
from evens.core.wallets.state import PendingWithdrawal, Wallets
from tests.core.desk import Desk


def test_a_customers_id_is_the_place_of_its_registration() -> None:
    desk = Desk()
    desk.define("USD")
    assert desk.do(RegisterCustomer("ann")) == (CustomerRegistered(CustomerId(2), "ann"),)
    assert desk.do(RegisterCustomer("bob")) == (CustomerRegistered(CustomerId(3), "bob"),)
    assert desk.house.wallets.customers == {2: "ann", 3: "bob"}


@pytest.mark.parametrize(("first", "second"), [("ann", "ann"), ("ann", "ANN"), ("Ann", "aNN"), ("ÄNNE", "änne")])
def test_a_username_is_taken_in_every_spelling_of_case(first: str, second: str) -> None:
    desk = Desk()
    desk.register(first)
    assert desk.refuse(RegisterCustomer(second)) == Rejected(WalletReason.USERNAME_TAKEN, (("username", second),))


def test_a_username_is_kept_as_written() -> None:
    desk = Desk()
    ann = desk.register("AnnSmith")
    assert desk.house.wallets.customers[ann] == "AnnSmith"


def test_a_refused_registration_leaves_a_gap_in_the_ids() -> None:
    desk = Desk()
    ann = desk.register("ann")
    desk.refuse(RegisterCustomer("ann"))
    assert desk.register("bob") == ann + 2


def test_freezing_and_unfreezing_take_turns() -> None:
    desk = Desk()
    ann = desk.register("ann")
    assert desk.refuse(UnfreezeCustomer(ann)).reason is WalletReason.CUSTOMER_NOT_FROZEN
    assert desk.do(FreezeCustomer(ann)) == (CustomerFrozen(ann),)
    assert desk.refuse(FreezeCustomer(ann)).reason is SharedReason.CUSTOMER_FROZEN
    assert desk.do(UnfreezeCustomer(ann)) == (CustomerUnfrozen(ann),)
    assert desk.refuse(UnfreezeCustomer(ann)).reason is WalletReason.CUSTOMER_NOT_FROZEN


@pytest.mark.parametrize(
    "command", [FreezeCustomer(CustomerId(99)), UnfreezeCustomer(CustomerId(99)), FreezeCustomer(CustomerId(-1))]
)
def test_nobody_can_be_frozen_or_unfrozen_who_does_not_exist(command: FreezeCustomer | UnfreezeCustomer) -> None:
    assert Desk().refuse(command).reason is SharedReason.CUSTOMER_UNKNOWN


def wallets_with_pending(balance_minor: int) -> Wallets:
    aside = account_id(11, 1, AccountClass.WITHDRAWING)
    outside = account_id(Rail.DESK, 1, AccountClass.EXTERNAL)
    wallets = Wallets(Ledger({aside: balance_minor, outside: -balance_minor}))
    wallets.add_pending(TransferId(70), PendingWithdrawal(CustomerId(11), 1, 40))
    wallets.add_pending(TransferId(71), PendingWithdrawal(CustomerId(11), 1, 2))
    return wallets


def test_money_set_aside_is_that_of_the_pending_withdrawals() -> None:
    wallets_with_pending(42).check()


@pytest.mark.parametrize("balance_minor", [0, 41, 43])
def test_money_set_aside_for_no_reason_or_missing_is_found(balance_minor: int) -> None:
    with pytest.raises(InvariantBroken, match="money set aside differs from the pending withdrawals"):
        wallets_with_pending(balance_minor).check()


def test_pending_withdrawals_are_counted_for_each_customer() -> None:
    wallets = wallets_with_pending(42)
    wallets.add_pending(TransferId(72), PendingWithdrawal(CustomerId(12), 1, 1))
    assert wallets.pending_counts == {11: 2, 12: 1}
    wallets.remove_pending(TransferId(70))
    wallets.remove_pending(TransferId(72))
    assert wallets.pending_counts == {11: 1}


def test_the_state_as_text_names_customers_frozen_ones_and_pending_withdrawals() -> None:
    wallets = wallets_with_pending(42)
    wallets.add_customer(CustomerId(12), "Bob")
    wallets.add_customer(CustomerId(11), "ann")
    wallets.frozen[CustomerId(12)] = None
    assert list(wallets.lines()) == [
        "customer 11 ann", "customer 12 Bob", "frozen 12", "pending 70 11 1 40", "pending 71 11 1 2",
    ]  # fmt: skip
