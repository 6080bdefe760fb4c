"""Withdrawals in two steps: money is set aside, and leaves or returns exactly once."""

import pytest

from evens.core.commands.wallets import (
    CompleteWithdrawal,
    Deposit,
    FreezeCustomer,
    RejectWithdrawal,
    RequestWithdrawal,
    Transfer,
    Withdraw,
)
from evens.core.events.ledger import Note, Rejected, TransferKind, Transferred
from evens.core.events.wallets import WithdrawalCompleted, WithdrawalRejected, WithdrawalRequested
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import AccountClass, CustomerId, Rail, TransferId
from evens.core.values.money import AMOUNT_MINOR_MAX
from evens.core.wallets.reasons import WalletReason
from evens.core.wallets.withdrawals import PENDING_WITHDRAWALS_MAX
from tests.core.desk import Desk

Decide = type[CompleteWithdrawal] | type[RejectWithdrawal]
BOTH_WAYS = pytest.mark.parametrize("decide", [CompleteWithdrawal, RejectWithdrawal])


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.define("USD")
    return desk


def request(desk: Desk, customer: CustomerId, amount_minor: int) -> TransferId:
    requested = desk.do(RequestWithdrawal(customer, "USD", amount_minor))[1]
    assert isinstance(requested, WithdrawalRequested)
    return requested.withdrawal


def test_a_request_sets_the_money_aside_under_the_id_of_its_transfer(desk: Desk) -> None:
    ann = desk.register("ann", USD=100)
    at = desk.next_at
    moved, requested = desk.do(RequestWithdrawal(ann, "USD", 40, reference="r", destination="bank"))
    assert isinstance(moved, Transferred)
    assert (moved.transfer, moved.kind, moved.note) == (
        at, TransferKind.WITHDRAWAL, Note(reference="r", destination="bank"),
    )  # fmt: skip
    assert requested == WithdrawalRequested(TransferId(at), ann, 1, 40)
    assert (desk.balance_minor(ann, "USD"), desk.aside_minor(ann, "USD")) == (60, 40)


def test_money_set_aside_cannot_be_spent(desk: Desk) -> None:
    ann, bob = desk.register("ann", USD=100), desk.register("bob")
    request(desk, ann, 40)
    assert desk.refuse(Transfer(ann, bob, "USD", 61)).reason is SharedReason.INSUFFICIENT_FUNDS
    assert desk.refuse(Withdraw(ann, "USD", 61, Rail.DESK)).reason is SharedReason.INSUFFICIENT_FUNDS
    refusal = desk.refuse(RequestWithdrawal(ann, "USD", 61))
    assert refusal.facts == (("currency", "USD"), ("needed_minor", 61), ("available_minor", 60))


def test_a_completed_withdrawal_leaves_through_the_desk(desk: Desk) -> None:
    ann = desk.register("ann", USD=100)
    withdrawal = request(desk, ann, 40)
    moved, completed = desk.do(CompleteWithdrawal(withdrawal))
    assert isinstance(moved, Transferred)
    assert moved.kind is TransferKind.PAID_OUT
    assert completed == WithdrawalCompleted(withdrawal)
    assert (desk.balance_minor(ann, "USD"), desk.aside_minor(ann, "USD")) == (60, 0)
    assert desk.balance_minor(Rail.DESK, "USD", AccountClass.EXTERNAL) == -60


def test_a_withdrawal_that_a_chain_carried_leaves_through_it(desk: Desk) -> None:
    ann = desk.register("ann", USD=100)
    desk.do(CompleteWithdrawal(request(desk, ann, 40), Rail.CHAIN))
    outside = (desk.balance_minor(rail, "USD", AccountClass.EXTERNAL) for rail in (Rail.DESK, Rail.CHAIN))
    assert (desk.balance_minor(ann, "USD"), *outside) == (60, -100, 40)


def test_a_rejected_withdrawal_returns_to_cash(desk: Desk) -> None:
    ann = desk.register("ann", USD=100)
    withdrawal = request(desk, ann, 40)
    moved, rejected = desk.do(RejectWithdrawal(withdrawal))
    assert isinstance(moved, Transferred)
    assert moved.kind is TransferKind.RELEASE
    assert rejected == WithdrawalRejected(withdrawal)
    assert (desk.balance_minor(ann, "USD"), desk.aside_minor(ann, "USD")) == (100, 0)


@BOTH_WAYS
@pytest.mark.parametrize("again", [CompleteWithdrawal, RejectWithdrawal])
def test_a_withdrawal_is_decided_once(desk: Desk, decide: Decide, again: Decide) -> None:
    withdrawal = request(desk, desk.register("ann", USD=100), 40)
    desk.do(decide(withdrawal))
    assert desk.refuse(again(withdrawal)) == Rejected(WalletReason.WITHDRAWAL_NOT_PENDING)


@BOTH_WAYS
def test_a_withdrawal_that_never_was_is_not_pending(desk: Desk, decide: Decide) -> None:
    request(desk, desk.register("ann", USD=100), 40)
    assert desk.refuse(decide(TransferId(4711))).reason is WalletReason.WITHDRAWAL_NOT_PENDING


@BOTH_WAYS
def test_one_of_several_withdrawals_is_decided_and_the_others_wait(desk: Desk, decide: Decide) -> None:
    ann = desk.register("ann", USD=100)
    request(desk, ann, 10)
    second = request(desk, ann, 20)
    request(desk, ann, 40)
    desk.do(decide(second))
    assert desk.aside_minor(ann, "USD") == 50
    desk.house.check()


@BOTH_WAYS
def test_a_pending_withdrawal_of_a_frozen_customer_can_be_decided(desk: Desk, decide: Decide) -> None:
    ann = desk.register("ann", USD=100)
    withdrawal = request(desk, ann, 40)
    desk.do(FreezeCustomer(ann))
    desk.move(decide(withdrawal))


def test_a_frozen_customer_cannot_request_a_withdrawal(desk: Desk) -> None:
    ann = desk.register("ann", USD=100)
    desk.do(FreezeCustomer(ann))
    assert desk.refuse(RequestWithdrawal(ann, "USD", 1)).reason is SharedReason.CUSTOMER_FROZEN


def test_a_customer_may_have_so_many_withdrawals_waiting_and_no_more(desk: Desk) -> None:
    ann, bob = desk.register("ann", USD=1000), desk.register("bob", USD=1000)
    first = request(desk, ann, 1)
    for _ in range(PENDING_WITHDRAWALS_MAX - 1):
        request(desk, ann, 1)
    facts = (("pending_max", PENDING_WITHDRAWALS_MAX),)
    assert desk.refuse(RequestWithdrawal(ann, "USD", 1)) == Rejected(WalletReason.PENDING_WITHDRAWALS_LIMIT, facts)
    request(desk, bob, 1)
    desk.do(CompleteWithdrawal(first))
    request(desk, ann, 1)


def test_a_withdrawal_cannot_return_to_cash_that_could_not_hold_it(desk: Desk) -> None:
    ann = desk.register("ann", USD=AMOUNT_MINOR_MAX)
    withdrawal = request(desk, ann, AMOUNT_MINOR_MAX)
    for _ in range(9):
        desk.move(Deposit(ann, "USD", AMOUNT_MINOR_MAX, Rail.IMPORT))
    assert desk.refuse(RejectWithdrawal(withdrawal)) == Rejected(SharedReason.BALANCE_LIMIT, (("currency", "USD"),))
    desk.move(Withdraw(ann, "USD", AMOUNT_MINOR_MAX, Rail.IMPORT))
    desk.move(RejectWithdrawal(withdrawal))
