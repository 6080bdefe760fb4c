"""The ledger's live state: balances, drafts, totals, and a check that finds books that do not balance."""

import pytest

from evens.core.events.ledger import CurrencyDefined
from evens.core.ledger.accounts import InvariantBroken, Ledger
from evens.core.ledger.currencies import apply_currency_defined
from evens.core.values.ids import AccountClass, Rail, account_id

ANN = account_id(11, 1, AccountClass.CASH)
BOB = account_id(12, 1, AccountClass.CASH)
ANN_ASIDE = account_id(11, 1, AccountClass.WITHDRAWING)
OUTSIDE = account_id(Rail.DESK, 1, AccountClass.EXTERNAL)


def test_an_account_that_was_never_touched_stands_at_zero() -> None:
    assert Ledger().balance_minor(ANN) == 0


def test_a_draft_sees_the_books_but_keeps_its_changes_to_itself() -> None:
    ledger = Ledger({ANN: 5, OUTSIDE: -5})
    draft = ledger.draft()
    draft.balances[ANN] = 3
    draft.balances[BOB] = 2
    assert (draft.balance_minor(ANN), draft.balance_minor(BOB), draft.balance_minor(OUTSIDE)) == (3, 2, -5)
    assert dict(ledger.balances) == {ANN: 5, OUTSIDE: -5}


def test_a_draft_knows_the_currencies() -> None:
    ledger = Ledger()
    apply_currency_defined(ledger, CurrencyDefined(1, "USD", 2))
    draft = ledger.draft()
    assert draft.currencies == ledger.currencies
    assert draft.currencies_by_number == ledger.currencies_by_number


def test_totals_are_by_currency_and_class() -> None:
    in_euro = account_id(12, 2, AccountClass.CASH)
    ledger = Ledger({ANN: 5, BOB: 7, ANN_ASIDE: 1, OUTSIDE: -13, in_euro: 9})
    assert ledger.totals_minor() == {
        (1, AccountClass.CASH): 12,
        (1, AccountClass.WITHDRAWING): 1,
        (1, AccountClass.EXTERNAL): -13,
        (2, AccountClass.CASH): 9,
    }


def test_books_that_balance_pass_the_check() -> None:
    Ledger({ANN: 5, ANN_ASIDE: 1, OUTSIDE: -6}).check()


def test_a_currency_that_does_not_sum_to_zero_is_found() -> None:
    with pytest.raises(InvariantBroken, match="balances of currency 1 sum to 1, not zero"):
        Ledger({ANN: 6, OUTSIDE: -5}).check()


def test_two_currencies_do_not_make_up_for_each_other() -> None:
    with pytest.raises(InvariantBroken, match="currency 1 sum to 5"):
        Ledger({ANN: 5, account_id(Rail.DESK, 2, AccountClass.EXTERNAL): -5}).check()


@pytest.mark.parametrize("of", [of for of in AccountClass if of < AccountClass.RECEIVABLE])
def test_a_bounded_account_below_zero_is_found(of: AccountClass) -> None:
    account = account_id(11, 1, of)
    with pytest.raises(InvariantBroken, match=f"account {account} stands at -1"):
        Ledger({account: -1, BOB: 1}).check()


def test_the_state_as_text_leaves_out_accounts_at_zero() -> None:
    ledger = Ledger({BOB: 0, ANN: 5, OUTSIDE: -5})
    apply_currency_defined(ledger, CurrencyDefined(1, "USD", 2))
    assert list(ledger.lines()) == ["currency 1 USD 2", f"balance {OUTSIDE} -5", f"balance {ANN} 5"]
