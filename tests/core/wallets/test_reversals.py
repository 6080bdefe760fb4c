"""Reversals: money goes back the way it came, once; what is no longer there is owed."""

from dataclasses import replace

import pytest

from evens.core.commands.wallets import (
    CompleteWithdrawal,
    Deposit,
    FreezeCustomer,
    RequestWithdrawal,
    ReverseTransaction,
    SetDepositLimits,
    Transfer,
    Withdraw,
)
from evens.core.events.ledger import Transferred
from evens.core.events.wallets import TransactionReversed
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import AccountClass, CustomerId, Rail
from evens.core.values.money import AMOUNT_MINOR_MAX
from evens.core.wallets.reasons import WalletReason
from tests.core.desk import Desk
from tests.core.exchange.floor import moved


@pytest.fixture
def desk() -> Desk:
    """A house with one currency."""
    desk = Desk()
    desk.define("USD")
    return desk


def reversal(paid: Transferred) -> ReverseTransaction:
    return ReverseTransaction(paid.transfer, "mistake", paid.kind, paid.debit, paid.credit, paid.amount_minor)


def owed(desk: Desk, customer: CustomerId) -> int:
    return -desk.balance_minor(customer, "USD", AccountClass.RECEIVABLE)


def test_what_is_still_there_goes_back_and_the_rest_is_owed(desk: Desk) -> None:
    """Hold 17: the shortfall of a reversed deposit is lent, and the rail has all of it back."""
    ann = desk.register("ann")
    paid = desk.move(Deposit(ann, "USD", 100, Rail.IMPORT))
    desk.move(Withdraw(ann, "USD", 70, Rail.DESK))
    happened = desk.do(reversal(paid))
    assert moved(happened) == [("ADVANCE", 70), ("REVERSAL", 100)]
    taken = happened[1]
    assert isinstance(taken, Transferred)
    assert happened[-1] == TransactionReversed(paid.transfer, taken.transfer)
    assert taken.note is not None
    assert taken.note.memo == "mistake"
    assert (desk.balance_minor(ann, "USD"), owed(desk, ann)) == (0, 70)
    assert desk.balance_minor(Rail.IMPORT, "USD", AccountClass.EXTERNAL) == 0
    assert desk.refuse(reversal(paid)).reason is WalletReason.ALREADY_REVERSED
    assert desk.refuse(reversal(taken)).reason is WalletReason.NOT_REVERSIBLE
    desk.house.check()
    assert desk.replayed().digest() == desk.house.digest()


def test_a_reversed_transfer_repays_what_its_payer_owes(desk: Desk) -> None:
    """Hold 17: the money comes back as any other, whoever is frozen."""
    ann, bob = desk.register("ann"), desk.register("bob", USD=5)
    paid = desk.move(Deposit(ann, "USD", 100, Rail.DESK))
    sent = desk.move(Transfer(ann, bob, "USD", 100))
    desk.do(reversal(paid))
    desk.do(FreezeCustomer(bob))
    assert moved(desk.do(reversal(sent))) == [("REVERSAL", 100), ("REPAYMENT", 100)]
    assert (desk.balance_minor(ann, "USD"), owed(desk, ann)) == (0, 0)
    assert (desk.balance_minor(bob, "USD"), owed(desk, bob)) == (5, 0)
    desk.house.check()


def test_money_that_is_set_aside_stays_there(desk: Desk) -> None:
    """Hold 17: what waits to be paid out is not taken for a reversal; the customer owes instead."""
    ann = desk.register("ann")
    paid = desk.move(Deposit(ann, "USD", 100, Rail.DESK))
    asked = desk.move(RequestWithdrawal(ann, "USD", 60))
    assert moved(desk.do(reversal(paid))) == [("ADVANCE", 60), ("REVERSAL", 100)]
    assert (desk.aside_minor(ann, "USD"), owed(desk, ann)) == (60, 60)
    desk.do(CompleteWithdrawal(asked.transfer))
    assert moved(desk.do(reversal(asked))) == [("REVERSAL", 60), ("REPAYMENT", 60)]
    assert (desk.balance_minor(ann, "USD"), owed(desk, ann)) == (0, 0)
    assert desk.balance_minor(Rail.DESK, "USD", AccountClass.EXTERNAL) == 0
    desk.house.check()


def test_a_reversed_deposit_counts_in_full_against_a_limit(desk: Desk) -> None:
    """Hold 17: a reversal gives no room for further deposits, and a reversed withdrawal is no deposit."""
    ann = desk.register("ann")
    desk.do(SetDepositLimits(ann, "USD", day_minor=150))
    paid = desk.move(Deposit(ann, "USD", 100, Rail.DESK))
    out = desk.move(Withdraw(ann, "USD", 40, Rail.DESK))
    desk.do(reversal(paid))
    desk.do(reversal(out))
    assert desk.refuse(Deposit(ann, "USD", 51, Rail.DESK)).reason is WalletReason.DEPOSIT_LIMIT
    desk.move(Deposit(ann, "USD", 50, Rail.DESK))


def test_no_balance_becomes_larger_than_can_be_kept(desk: Desk) -> None:
    ann, bob = desk.register("ann", USD=AMOUNT_MINOR_MAX), desk.register("bob")
    sent = desk.move(Transfer(ann, bob, "USD", AMOUNT_MINOR_MAX))
    for _ in range(9):
        desk.move(Deposit(ann, "USD", AMOUNT_MINOR_MAX, Rail.IMPORT))
    refusal = desk.refuse(reversal(sent))
    assert (refusal.reason, dict(refusal.facts)) == (SharedReason.BALANCE_LIMIT, {"currency": "USD"})
    desk.house.check()


def test_a_withdrawal_that_a_rail_carried_comes_back_from_there(desk: Desk) -> None:
    """Pools 5: every rail's account stands for what came in and went out there, reversals included."""
    ann = desk.register("ann")
    desk.do(Deposit(ann, "USD", 100, Rail.DESK))
    for rail in Rail:
        asked = desk.move(RequestWithdrawal(ann, "USD", 30))
        desk.do(CompleteWithdrawal(asked.transfer, rail))
        before = desk.balance_minor(rail, "USD", AccountClass.EXTERNAL)
        desk.do(replace(reversal(asked), rail=rail))
        assert desk.balance_minor(rail, "USD", AccountClass.EXTERNAL) == before - 30
        assert desk.balance_minor(ann, "USD") == 100
    assert desk.balance_minor(Rail.CHAIN, "USD", AccountClass.EXTERNAL) == 0
    desk.house.check()
    assert desk.replayed().digest() == desk.house.digest()
