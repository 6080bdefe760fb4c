"""Account ids: three numbers packed into one, and nothing lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.core.values.ids import (
    CURRENCY_NUMBER_MAX,
    HOUSE,
    AccountClass,
    MarketId,
    Rail,
    account_class,
    account_currency,
    account_holder,
    account_id,
    account_range,
    may_be_negative,
)

HOLDER_MAX = 2**49 - 1
HOLDERS = st.integers(HOUSE, HOLDER_MAX)
NUMBERS = st.integers(0, CURRENCY_NUMBER_MAX)
CLASSES = st.sampled_from(AccountClass)


@given(holder=HOLDERS, number=NUMBERS, of=CLASSES)
def test_an_account_id_gives_back_what_it_was_made_of(holder: int, number: int, of: AccountClass) -> None:
    account = account_id(holder, number, of)
    assert (account_holder(account), account_currency(account)) == (holder, number)
    assert account_class(account) is of


@given(left=st.tuples(HOLDERS, NUMBERS, CLASSES), right=st.tuples(HOLDERS, NUMBERS, CLASSES))
def test_accounts_are_ordered_by_holder_then_currency_then_class(
    left: tuple[int, int, AccountClass], right: tuple[int, int, AccountClass]
) -> None:
    assert (account_id(*left) < account_id(*right)) is (left < right)
    assert (account_id(*left) == account_id(*right)) is (left == right)


def test_the_largest_account_id_fits_a_signed_64_bit_integer() -> None:
    assert account_id(HOLDER_MAX, CURRENCY_NUMBER_MAX, AccountClass.EXTERNAL) == 2**63 - 1


@given(holder=HOLDERS, number=NUMBERS, of=CLASSES, other=HOLDERS)
def test_a_holders_range_holds_all_its_accounts_and_no_others(
    holder: int, number: int, of: AccountClass, other: MarketId
) -> None:
    first, end = account_range(holder)
    assert first <= account_id(holder, number, of) < end
    assert (first <= account_id(other, number, of) < end) is (other == holder)


@pytest.mark.parametrize("of", list(AccountClass))
def test_only_accounts_that_stand_for_others_money_may_be_negative(of: AccountClass) -> None:
    expected = of in {AccountClass.RECEIVABLE, AccountClass.EXTERNAL}
    assert may_be_negative(account_id(7, 3, of)) is expected


def test_the_numbers_inside_stored_ids_stay_as_they_are() -> None:
    assert {of.name: of.value for of in AccountClass} == {
        "CASH": 0,
        "ESCROW": 1,
        "WITHDRAWING": 2,
        "BANK": 8,
        "FEES": 9,
        "ROUNDING": 10,
        "SETTLEMENT": 11,
        "RECEIVABLE": 14,
        "EXTERNAL": 15,
    }
    assert {rail.name: rail.value for rail in Rail} == {"DESK": -1, "IMPORT": -2, "CHAIN": -3}
    assert account_id(5, 3, AccountClass.WITHDRAWING) == 5 * 2**14 + 3 * 2**4 + 2
