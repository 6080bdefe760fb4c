"""The house as one value: its digest tells houses apart exactly when they would decide differently."""

from collections.abc import Callable

import pytest

from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.wallets import (
    CompleteWithdrawal,
    Deposit,
    FreezeCustomer,
    RegisterCustomer,
    RejectWithdrawal,
    RequestWithdrawal,
    Transfer,
    UnfreezeCustomer,
    Withdraw,
)
from evens.core.events.wallets import WithdrawalRequested
from evens.core.ledger.accounts import InvariantBroken
from evens.core.state import House
from evens.core.values.ids import AccountClass, CustomerId, Rail, TransferId, account_id
from tests.core.desk import Desk


def small_house() -> Desk:
    """A house with two customers (2 and 4) and a pending withdrawal."""
    desk = Desk()
    desk.define("USD")
    ann = desk.register("ann", USD=100)
    desk.register("bob")
    desk.do(RequestWithdrawal(ann, "USD", 30))
    return desk


def pending_of(desk: Desk) -> TransferId:
    requested = desk.history[-1].events[1]
    assert isinstance(requested, WithdrawalRequested)
    return requested.withdrawal


CHANGES: dict[str, Callable[[Desk], object]] = {
    "a currency": lambda desk: desk.do(DefineCurrency("EUR", 2)),
    "a currency of another scale": lambda desk: desk.do(DefineCurrency("EUR", 3)),
    "a customer": lambda desk: desk.do(RegisterCustomer("cid")),
    "a customer spelt otherwise": lambda desk: desk.do(RegisterCustomer("CID")),
    "a deposit": lambda desk: desk.do(Deposit(CustomerId(2), "USD", 1, Rail.DESK)),
    "a deposit by another rail": lambda desk: desk.do(Deposit(CustomerId(2), "USD", 1, Rail.IMPORT)),
    "a deposit to another": lambda desk: desk.do(Deposit(CustomerId(4), "USD", 1, Rail.DESK)),
    "a withdrawal": lambda desk: desk.do(Withdraw(CustomerId(2), "USD", 1, Rail.DESK)),
    "a transfer": lambda desk: desk.do(Transfer(CustomerId(2), CustomerId(4), "USD", 1)),
    "a frozen customer": lambda desk: desk.do(FreezeCustomer(CustomerId(2))),
    "another frozen customer": lambda desk: desk.do(FreezeCustomer(CustomerId(4))),
    "a request": lambda desk: desk.do(RequestWithdrawal(CustomerId(2), "USD", 1)),
    "a completion": lambda desk: desk.do(CompleteWithdrawal(pending_of(desk))),
    "a rejection": lambda desk: desk.do(RejectWithdrawal(pending_of(desk))),
    "a refusal": lambda desk: desk.do(RegisterCustomer("ann")),
}


def test_the_same_history_gives_the_same_digest() -> None:
    assert small_house().house.digest() == small_house().house.digest()


def test_every_different_turn_of_events_gives_a_digest_of_its_own() -> None:
    digests = {small_house().house.digest()}
    for change in CHANGES.values():
        desk = small_house()
        change(desk)
        digests.add(desk.house.digest())
    assert len(digests) == len(CHANGES) + 1


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_replayed_house_has_the_digest_of_the_lived_one(change: Callable[[Desk], object]) -> None:
    desk = small_house()
    change(desk)
    assert desk.replayed().digest() == desk.house.digest()


def test_the_place_in_the_journal_is_part_of_the_digest() -> None:
    here, there = House(), House()
    there.seq = 1
    assert here.digest() != there.digest()
    there.seq, there.at = 0, 1
    assert here.digest() != there.digest()


def test_an_account_that_was_emptied_leaves_no_trace() -> None:
    desk = small_house()
    lines = list(desk.house.lines())[1:]
    desk.do(Deposit(CustomerId(4), "USD", 7, Rail.IMPORT))
    desk.do(Withdraw(CustomerId(4), "USD", 7, Rail.IMPORT))
    assert list(desk.house.lines())[1:] == lines


def test_freezing_and_unfreezing_leave_no_trace() -> None:
    desk = small_house()
    lines = list(desk.house.lines())[1:]
    desk.do(FreezeCustomer(CustomerId(2)))
    desk.do(UnfreezeCustomer(CustomerId(2)))
    assert list(desk.house.lines())[1:] == lines


def test_a_sound_house_passes_its_check() -> None:
    small_house().house.check()


def test_the_check_finds_books_that_do_not_balance() -> None:
    house = small_house().house
    house.ledger.balances[account_id(2, 1, AccountClass.CASH)] += 1
    with pytest.raises(InvariantBroken, match="sum to 1"):
        house.check()


def test_the_check_finds_money_set_aside_for_nothing() -> None:
    house = small_house().house
    house.ledger.balances[account_id(2, 1, AccountClass.CASH)] -= 1
    house.ledger.balances[account_id(2, 1, AccountClass.WITHDRAWING)] += 1
    with pytest.raises(InvariantBroken, match="set aside"):
        house.check()
