"""Moving money: both sides or none, and whatever would break the books is stopped with the balances as they were."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.core.events.ledger import Note, TransferKind, Transferred
from evens.core.ledger.accounts import InvariantBroken, Ledger
from evens.core.ledger.transfers import apply_transferred, propose
from evens.core.values.ids import AccountClass, Rail, TransferId, account_id, may_be_negative

ANN = account_id(11, 1, AccountClass.CASH)
BOB = account_id(12, 1, AccountClass.CASH)
BOB_IN_EURO = account_id(12, 2, AccountClass.CASH)
OUTSIDE = account_id(Rail.DESK, 1, AccountClass.EXTERNAL)


def small_ledger() -> Ledger:
    return Ledger({ANN: 100, BOB: 30, OUTSIDE: -130})


def pay(ledger: Ledger, debit: int, credit: int, amount_minor: int) -> Transferred:
    return propose(ledger, TransferId(77), TransferKind.TRANSFER, debit, credit, amount_minor, None)


def test_a_proposal_names_both_balances_after_it_and_moves_nothing() -> None:
    ledger = small_ledger()
    proposed = propose(ledger, TransferId(77), TransferKind.TRANSFER, ANN, BOB, 40, 5, Note(memo="rent"))
    assert proposed == Transferred(TransferId(77), TransferKind.TRANSFER, ANN, BOB, 40, 60, 70, 5, Note(memo="rent"))
    assert dict(ledger.balances) == dict(small_ledger().balances)


def test_without_a_value_date_a_transfer_takes_effect_when_it_is_recorded() -> None:
    assert pay(small_ledger(), ANN, BOB, 1).effective_at == 77


def test_a_value_date_of_zero_is_a_date() -> None:
    assert propose(small_ledger(), TransferId(77), TransferKind.DEPOSIT, OUTSIDE, ANN, 1, 0).effective_at == 0


def test_applying_a_proposal_leaves_the_balances_it_named() -> None:
    ledger = small_ledger()
    apply_transferred(ledger, pay(ledger, ANN, BOB, 100))
    assert (ledger.balance_minor(ANN), ledger.balance_minor(BOB)) == (0, 130)
    ledger.check()


def test_money_from_outside_is_owed_to_the_outside() -> None:
    ledger = Ledger()
    apply_transferred(ledger, pay(ledger, OUTSIDE, ANN, 25))
    assert dict(ledger.balances) == {OUTSIDE: -25, ANN: 25}


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"amount_minor": 0, "debit_after_minor": 100, "credit_after_minor": 30}, id="nothing moves"),
        pytest.param({"amount_minor": -5, "debit_after_minor": 105, "credit_after_minor": 25}, id="negative amount"),
        pytest.param({"credit": ANN, "credit_after_minor": 110}, id="to itself"),
        pytest.param({"debit_after_minor": 91}, id="wrong balance after, paying side"),
        pytest.param({"credit_after_minor": 39}, id="wrong balance after, receiving side"),
        pytest.param({"amount_minor": 101, "debit_after_minor": -1, "credit_after_minor": 131}, id="below zero"),
        pytest.param({"credit": BOB_IN_EURO, "credit_after_minor": 10}, id="two currencies"),
    ],
)
def test_a_transfer_that_does_not_fit_the_books_changes_no_balance(broken: dict[str, int]) -> None:
    ledger = small_ledger()
    sound = pay(ledger, ANN, BOB, 10)
    unsound = replace(sound, **broken)
    with pytest.raises(InvariantBroken, match="transfer 77 does not fit the books"):
        apply_transferred(ledger, unsound)
    assert dict(ledger.balances) == dict(small_ledger().balances)
    apply_transferred(ledger, sound)


def test_the_same_transfer_does_not_fit_twice() -> None:
    ledger = small_ledger()
    paid = pay(ledger, ANN, BOB, 10)
    apply_transferred(ledger, paid)
    with pytest.raises(InvariantBroken):
        apply_transferred(ledger, replace(paid, transfer=78))
    assert ledger.balance_minor(ANN) == 90


ACCOUNTS = st.sampled_from([ANN, BOB, OUTSIDE, account_id(13, 1, AccountClass.WITHDRAWING), BOB_IN_EURO])


@given(moves=st.lists(st.tuples(ACCOUNTS, ACCOUNTS, st.integers(-5, 120)), max_size=30))
def test_whatever_is_tried_the_books_balance_and_nobody_is_below_zero(moves: list[tuple[int, int, int]]) -> None:
    ledger = small_ledger()
    for debit, credit, amount_minor in moves:
        before = dict(ledger.balances)
        try:
            apply_transferred(ledger, pay(ledger, debit, credit, amount_minor))
        except InvariantBroken:
            assert dict(ledger.balances) == before
        ledger.check()
        assert sum(ledger.balances.values()) == 0
        assert all(balance >= 0 or may_be_negative(account) for account, balance in ledger.balances.items())
