"""Deposits, withdrawals at once and transfers: who ends up with what, what is recorded, and when it is refused."""

from dataclasses import replace

import pytest

from evens.core.commands.wallets import Deposit, FreezeCustomer, Transfer, TransferBatch, Withdraw
from evens.core.events.ledger import Note, Rejected, TransferKind, Transferred
from evens.core.events.wallets import TransferRefused
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import AccountClass, CustomerId, Rail, TransferId, account_id
from evens.core.values.money import AMOUNT_MINOR_MAX
from evens.core.values.reasons import Reason
from evens.core.wallets.reasons import WalletReason
from tests.core.desk import Desk

EXTERNAL = AccountClass.EXTERNAL


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.define("USD")
    desk.define("EUR")
    return desk


def test_a_deposit_comes_from_its_rail(desk: Desk) -> None:
    ann = desk.register("ann")
    at = desk.next_at
    (deposited,) = desk.do(Deposit(ann, "USD", 500, Rail.IMPORT, reference="row 7"))
    imported, cash = account_id(Rail.IMPORT, 1, EXTERNAL), account_id(ann, 1, AccountClass.CASH)
    assert deposited == Transferred(
        TransferId(at), TransferKind.DEPOSIT, imported, cash, 500, -500, 500, at, Note(reference="row 7")
    )
    assert desk.balance_minor(Rail.IMPORT, "USD", EXTERNAL) == -500
    assert desk.balance_minor(Rail.DESK, "USD", EXTERNAL) == 0


def test_a_frozen_customer_can_be_paid_but_cannot_pay(desk: Desk) -> None:
    ann, bob = desk.register("ann", USD=100), desk.register("bob", USD=100)
    desk.do(FreezeCustomer(ann))
    desk.move(Deposit(ann, "USD", 1, Rail.DESK))
    desk.move(Transfer(bob, ann, "USD", 1))
    assert desk.refuse(Transfer(ann, bob, "USD", 1)).reason is SharedReason.CUSTOMER_FROZEN
    assert desk.refuse(Withdraw(ann, "USD", 1, Rail.DESK)).reason is SharedReason.CUSTOMER_FROZEN
    assert desk.balance_minor(ann, "USD") == 102


def test_a_withdrawal_of_everything_leaves_nothing(desk: Desk) -> None:
    ann = desk.register("ann", USD=100)
    withdrawn = desk.move(Withdraw(ann, "USD", 100, Rail.DESK, reference="r", destination="bank"))
    assert (withdrawn.kind, withdrawn.debit_after_minor) == (TransferKind.WITHDRAWAL, 0)
    assert withdrawn.note == Note(reference="r", destination="bank")
    assert desk.balance_minor(Rail.DESK, "USD", EXTERNAL) == 0


def test_a_withdrawal_larger_than_the_balance_is_refused_with_both_figures(desk: Desk) -> None:
    ann = desk.register("ann", USD=100)
    refusal = desk.refuse(Withdraw(ann, "USD", 101, Rail.DESK))
    facts = (("currency", "USD"), ("needed_minor", 101), ("available_minor", 100))
    assert refusal == Rejected(SharedReason.INSUFFICIENT_FUNDS, facts)
    assert desk.balance_minor(ann, "USD") == 100


def test_money_in_one_currency_does_not_pay_in_another(desk: Desk) -> None:
    ann, bob = desk.register("ann", USD=100), desk.register("bob")
    assert desk.refuse(Transfer(ann, bob, "EUR", 1)).facts == (
        ("currency", "EUR"), ("needed_minor", 1), ("available_minor", 0),
    )  # fmt: skip


def test_a_transfer_moves_cash_and_keeps_its_memo(desk: Desk) -> None:
    ann, bob = desk.register("ann", USD=100), desk.register("bob", USD=1)
    paid = desk.move(Transfer(ann, bob, "USD", 30, memo="rent"))
    assert (paid.kind, paid.debit_after_minor, paid.credit_after_minor) == (TransferKind.TRANSFER, 70, 31)
    assert paid.note == Note(memo="rent")


@pytest.mark.parametrize("text", [None, ""])
def test_an_empty_text_is_a_note_but_none_is_not(desk: Desk, text: str | None) -> None:
    ann, bob = desk.register("ann", USD=100), desk.register("bob")
    assert (desk.move(Transfer(ann, bob, "USD", 1, memo=text)).note is None) is (text is None)
    assert (desk.move(Deposit(ann, "USD", 1, Rail.DESK, reference=text)).note is None) is (text is None)
    assert (desk.move(Withdraw(ann, "USD", 1, Rail.DESK, destination=text)).note is None) is (text is None)


@pytest.mark.parametrize("kind", [Deposit, Withdraw, Transfer])
def test_a_value_date_may_lie_in_the_past_or_now_but_not_in_the_future(
    desk: Desk, kind: type[Deposit] | type[Withdraw] | type[Transfer]
) -> None:
    ann, bob = desk.register("ann", USD=100), desk.register("bob")
    command = Transfer(ann, bob, "USD", 1) if issubclass(kind, Transfer) else kind(ann, "USD", 1, Rail.DESK)
    for effective_at in (-1, 0, desk.next_at):
        assert desk.move(replace(command, effective_at=effective_at)).effective_at == effective_at
    future = replace(command, effective_at=desk.next_at + 1)
    assert desk.refuse(future) == Rejected(SharedReason.EFFECTIVE_IN_FUTURE)


@pytest.mark.parametrize(("payer", "payee", "reason"), [
    ("ghost", "ann", SharedReason.CUSTOMER_UNKNOWN),
    ("ann", "ghost", WalletReason.RECIPIENT_UNKNOWN),
    ("ann", "ann", WalletReason.SAME_CUSTOMER),
    ("ghost", "ghost", SharedReason.CUSTOMER_UNKNOWN),
])  # fmt: skip
def test_a_transfer_needs_two_customers(desk: Desk, payer: str, payee: str, reason: Reason) -> None:
    people = {"ann": desk.register("ann", USD=100), "ghost": CustomerId(4711)}
    assert desk.refuse(Transfer(people[payer], people[payee], "USD", 1)).reason is reason


def test_a_balance_never_outgrows_what_the_database_holds(desk: Desk) -> None:
    ann = desk.register("ann")
    for _ in range(9):
        desk.move(Deposit(ann, "USD", AMOUNT_MINOR_MAX, Rail.DESK))
    too_much = Deposit(ann, "USD", AMOUNT_MINOR_MAX, Rail.IMPORT)
    assert desk.refuse(too_much) == Rejected(SharedReason.BALANCE_LIMIT, (("currency", "USD"),))
    desk.move(replace(too_much, amount_minor=2**63 - 1 - 9 * AMOUNT_MINOR_MAX))
    assert desk.balance_minor(ann, "USD") == 2**63 - 1
    assert desk.refuse(replace(too_much, amount_minor=1)).reason is SharedReason.BALANCE_LIMIT


def test_what_a_rail_owes_has_a_limit_too(desk: Desk) -> None:
    people = [desk.register("ann"), desk.register("bob")]
    for position in range(9):
        desk.move(Deposit(people[position % 2], "USD", AMOUNT_MINOR_MAX, Rail.DESK))
    assert desk.refuse(Deposit(people[1], "USD", AMOUNT_MINOR_MAX, Rail.DESK)).reason is SharedReason.BALANCE_LIMIT
    desk.move(Deposit(people[1], "USD", AMOUNT_MINOR_MAX, Rail.IMPORT))


class TestBatches:
    """Transfers under one key."""

    def test_each_transfer_sees_what_the_ones_before_it_left(self, desk: Desk) -> None:
        ann, bob, cid = desk.register("ann", USD=10), desk.register("bob"), desk.register("cid")
        at = desk.next_at
        for atomic in (True, False):
            paid = desk.do(TransferBatch((Transfer(ann, bob, "USD", 10), Transfer(bob, cid, "USD", 10)), atomic))
            assert [event.transfer - at for event in paid if isinstance(event, Transferred)] == [0, 1]
            desk.move(Transfer(cid, ann, "USD", 10))
            at = desk.next_at

    def test_an_atomic_batch_with_one_refusal_moves_nothing_and_names_the_position(self, desk: Desk) -> None:
        ann, bob = desk.register("ann", USD=10), desk.register("bob")
        items = (Transfer(ann, bob, "USD", 6), Transfer(bob, ann, "USD", 5), Transfer(ann, bob, "USD", 10))
        refusal = desk.refuse(TransferBatch(items, atomic=True))
        facts = (("currency", "USD"), ("needed_minor", 10), ("available_minor", 9), ("position", 2))
        assert refusal == Rejected(SharedReason.INSUFFICIENT_FUNDS, facts)
        assert (desk.balance_minor(ann, "USD"), desk.balance_minor(bob, "USD")) == (10, 0)

    def test_an_atomic_batch_is_refused_for_the_first_transfer_that_is(self, desk: Desk) -> None:
        ann, bob = desk.register("ann", USD=10), desk.register("bob")
        items = (Transfer(ann, bob, "USD", 11), Transfer(ann, CustomerId(4711), "USD", 1))
        assert desk.refuse(TransferBatch(items, atomic=True)).reason is SharedReason.INSUFFICIENT_FUNDS

    def test_in_any_other_batch_each_transfer_is_decided_on_its_own_merits(self, desk: Desk) -> None:
        ann, bob = desk.register("ann", USD=10), desk.register("bob")
        items = (Transfer(ann, bob, "USD", 6), Transfer(ann, bob, "USD", 6), Transfer(ann, bob, "USD", 4))
        first, second, third = desk.do(TransferBatch(items, atomic=False))
        assert isinstance(first, Transferred)
        assert isinstance(third, Transferred)
        facts = (("currency", "USD"), ("needed_minor", 6), ("available_minor", 4))
        assert second == TransferRefused(1, SharedReason.INSUFFICIENT_FUNDS, facts)
        assert third.transfer == first.transfer + 2
        assert desk.balance_minor(bob, "USD") == 10

    @pytest.mark.parametrize("atomic", [True, False])
    def test_a_batch_of_a_thousand_takes_one_place_and_ends_before_the_next(self, desk: Desk, atomic: bool) -> None:
        ann, bob = desk.register("ann", USD=1000), desk.register("bob")
        paid = desk.do(TransferBatch((Transfer(ann, bob, "USD", 1),) * 1000, atomic))
        assert len(paid) == 1000
        last = paid[-1]
        assert isinstance(last, Transferred)
        assert last.transfer < desk.next_at
        assert desk.balance_minor(bob, "USD") == 1000
