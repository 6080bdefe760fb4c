"""What subscribers hear of, decided on real receipts of the kernel."""

import json
from typing import Any

from evens.core.commands.every import Command
from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.wallets import (
    CompleteWithdrawal,
    Deposit,
    FreezeCustomer,
    RegisterCustomer,
    RejectWithdrawal,
    RequestWithdrawal,
    Transfer,
    TransferBatch,
    Withdraw,
)
from evens.core.kernel import step
from evens.core.receipts import Receipt
from evens.core.state import House
from evens.core.values.ids import CustomerId, Rail, TransferId
from evens.core.values.moments import format_time
from evens.store.wallets.notices import Topic, notices_for

ALL = frozenset(Topic)
SECOND = 1_000_000_000
START = 1_800_000_000 * SECOND


class HouseWithNotices:
    """A house, and what is heard of each command."""

    def __init__(self) -> None:
        self.house = House()
        self.at = START
        self.hear(DefineCurrency("USD", 2))
        self.hear(DefineCurrency("JPY", 0))
        self.ann = self.customer("ann")
        self.bob = self.customer("bob")

    def customer(self, username: str) -> CustomerId:
        self.hear(RegisterCustomer(username))
        return CustomerId(self.house.seq)

    def hear(self, command: Command, wanted: frozenset[Topic] = ALL) -> list[tuple[str, dict[str, Any]]]:
        self.at += SECOND
        seq = self.house.seq + 1
        events = tuple(step(self.house, command, seq, self.at))
        receipt = Receipt(seq, self.at, bytes(16), "operator:test", command, events)
        notices = notices_for(receipt, self.house.ledger.currencies_by_number, wanted)
        return [(topic, json.loads(data)) for topic, data in notices]

    def topics(self, command: Command) -> list[str]:
        return [topic for topic, _ in self.hear(command)]


def test_a_first_deposit_is_recorded_and_funds_the_account() -> None:
    desk = HouseWithNotices()
    notices = desk.hear(Deposit(desk.ann, "USD", 10_50, Rail.DESK, START, "invoice 7"))
    at = format_time(desk.at)
    assert notices == [
        (
            "transaction.recorded",
            {
                "transaction_id": f"txn_{desk.at}",
                "kind": "deposit",
                "direction": "in",
                "user_id": f"usr_{desk.ann}",
                "counterparty_id": None,
                "amount": "10.50",
                "currency": "USD",
                "balance_after": "10.50",
                "effective_at": format_time(START),
                "reference": "invoice 7",
                "memo": None,
                "destination": None,
                "at": at,
            },
        ),
        (
            "account.funded",
            {
                "user_id": f"usr_{desk.ann}",
                "currency": "USD",
                "balance": "10.50",
                "amount": "10.50",
                "transaction_id": f"txn_{desk.at}",
                "at": at,
            },
        ),
        (
            "deposit.completed",
            {
                "user_id": f"usr_{desk.ann}",
                "currency": "USD",
                "amount": "10.50",
                "transaction_id": f"txn_{desk.at}",
                "rail": "desk",
                "reference": "invoice 7",
                "at": at,
            },
        ),
    ]


def test_a_further_deposit_funds_nothing() -> None:
    desk = HouseWithNotices()
    desk.hear(Deposit(desk.ann, "USD", 1, Rail.DESK))
    assert desk.topics(Deposit(desk.ann, "USD", 1, Rail.DESK)) == ["transaction.recorded", "deposit.completed"]


def test_each_currency_is_an_account_of_its_own() -> None:
    desk = HouseWithNotices()
    desk.hear(Deposit(desk.ann, "USD", 1, Rail.DESK))
    _, (topic, data), _ = desk.hear(Deposit(desk.ann, "JPY", 500, Rail.DESK))
    assert (topic, data["currency"], data["balance"]) == ("account.funded", "JPY", "500")


def test_a_withdrawal_of_everything_empties_the_account() -> None:
    desk = HouseWithNotices()
    desk.hear(Deposit(desk.ann, "USD", 5_00, Rail.DESK))
    assert desk.topics(Withdraw(desk.ann, "USD", 4_99, Rail.DESK)) == ["transaction.recorded"]
    (_, recorded), (topic, emptied) = desk.hear(Withdraw(desk.ann, "USD", 1, Rail.DESK))
    assert (recorded["kind"], recorded["balance_after"], recorded["direction"]) == ("withdrawal", "0.00", "out")
    assert recorded["user_id"] == f"usr_{desk.ann}"
    assert (topic, emptied["balance"], emptied["amount"]) == ("account.emptied", "0.00", "0.01")


def test_a_transfer_can_empty_one_account_and_fund_another() -> None:
    desk = HouseWithNotices()
    desk.hear(Deposit(desk.ann, "USD", 5_00, Rail.DESK))
    recorded, emptied, funded = desk.hear(Transfer(desk.ann, desk.bob, "USD", 5_00, memo="lunch"))
    assert recorded[0] == "transaction.recorded"
    assert recorded[1]["user_id"] == f"usr_{desk.ann}"
    assert recorded[1]["counterparty_id"] == f"usr_{desk.bob}"
    assert (recorded[1]["kind"], recorded[1]["memo"]) == ("transfer", "lunch")
    assert (emptied[0], emptied[1]["user_id"]) == ("account.emptied", f"usr_{desk.ann}")
    assert (funded[0], funded[1]["user_id"]) == ("account.funded", f"usr_{desk.bob}")


def test_each_transfer_of_a_batch_is_told_under_its_own_id() -> None:
    desk = HouseWithNotices()
    desk.hear(Deposit(desk.ann, "USD", 5_00, Rail.DESK))
    there, too_much, back = (
        Transfer(desk.ann, desk.bob, "USD", 5_00),
        Transfer(desk.ann, desk.bob, "USD", 1),
        Transfer(desk.bob, desk.ann, "USD", 5_00),
    )
    notices = desk.hear(TransferBatch((there, too_much, back), atomic=False))
    told = [(topic, data["user_id"], data["transaction_id"]) for topic, data in notices]
    ann, bob, first, last = f"usr_{desk.ann}", f"usr_{desk.bob}", f"txn_{desk.at}", f"txn_{desk.at + 2}"
    assert told == [
        ("transaction.recorded", ann, first),
        ("account.emptied", ann, first),
        ("account.funded", bob, first),
        ("transaction.recorded", bob, last),
        ("account.emptied", bob, last),
        ("account.funded", ann, last),
    ]


def test_a_withdrawal_is_told_when_requested_and_when_completed() -> None:
    desk = HouseWithNotices()
    desk.hear(Deposit(desk.ann, "USD", 5_00, Rail.DESK))
    recorded, emptied, requested = desk.hear(RequestWithdrawal(desk.ann, "USD", 5_00))
    asked_at = desk.at
    assert (recorded[1]["kind"], recorded[1]["counterparty_id"]) == ("withdrawal", None)
    assert (recorded[1]["direction"], recorded[1]["balance_after"]) == ("out", "0.00")
    assert emptied[0] == "account.emptied"
    told = {
        "user_id": f"usr_{desk.ann}",
        "currency": "USD",
        "amount": "5.00",
        "transaction_id": f"txn_{asked_at}",
        "at": format_time(asked_at),
    }
    assert requested == ("withdrawal.requested", told)

    (completed,) = desk.hear(CompleteWithdrawal(TransferId(asked_at)))
    assert completed == ("withdrawal.completed", told | {"at": format_time(desk.at)})


def test_a_rejected_withdrawal_gives_the_money_back() -> None:
    desk = HouseWithNotices()
    desk.hear(Deposit(desk.ann, "USD", 5_00, Rail.DESK))
    desk.hear(RequestWithdrawal(desk.ann, "USD", 5_00))
    asked_at = TransferId(desk.at)
    released, funded, rejected = desk.hear(RejectWithdrawal(asked_at))
    assert (released[1]["kind"], released[1]["direction"], released[1]["balance_after"]) == ("release", "in", "5.00")
    assert released[1]["counterparty_id"] is None
    assert funded[0] == "account.funded"
    assert (rejected[0], rejected[1]["transaction_id"]) == ("withdrawal.rejected", f"txn_{asked_at}")


def test_a_registration_is_told_with_the_username() -> None:
    desk = HouseWithNotices()
    notices = desk.hear(RegisterCustomer('Zoë "☃"'))
    user_id = f"usr_{desk.house.seq}"
    assert notices == [("customer.registered", {"user_id": user_id, "username": 'Zoë "☃"', "at": format_time(desk.at)})]


def test_refusals_and_what_moves_no_money_are_not_told() -> None:
    desk = HouseWithNotices()
    assert desk.topics(Withdraw(desk.ann, "USD", 1, Rail.DESK)) == []
    assert desk.topics(FreezeCustomer(desk.ann)) == []
    assert desk.topics(DefineCurrency("EUR", 2)) == []


def test_only_what_somebody_wants_is_told() -> None:
    desk = HouseWithNotices()
    assert desk.hear(Deposit(desk.ann, "USD", 5_00, Rail.DESK), frozenset()) == []
    funded = desk.hear(Deposit(desk.bob, "USD", 5_00, Rail.DESK), frozenset({Topic.ACCOUNT_FUNDED}))
    assert [topic for topic, _ in funded] == ["account.funded"]
    requested = desk.hear(RequestWithdrawal(desk.bob, "USD", 5_00), frozenset({Topic.WITHDRAWAL_REQUESTED}))
    assert [topic for topic, _ in requested] == ["withdrawal.requested"]
    completed = desk.hear(CompleteWithdrawal(TransferId(desk.at)), frozenset({Topic.WITHDRAWAL_COMPLETED}))
    assert [data["amount"] for _, data in completed] == ["5.00"]


def test_moments_have_as_many_digits_as_they_need_and_may_lie_before_1970() -> None:
    assert format_time(0) == "1970-01-01T00:00:00Z"
    assert format_time(1_500_000_000) == "1970-01-01T00:00:01.5Z"
    assert format_time(1) == "1970-01-01T00:00:00.000000001Z"
    assert format_time(-1) == "1969-12-31T23:59:59.999999999Z"


def test_a_deposit_tells_by_which_way_it_came() -> None:
    desk = HouseWithNotices()
    wanted = frozenset({Topic.DEPOSIT_COMPLETED})
    ((topic, data),) = desk.hear(Deposit(desk.ann, "USD", 1, Rail.CHAIN, None, "0xabc"), wanted)
    assert (topic, data["rail"], data["reference"], data["amount"]) == ("deposit.completed", "chain", "0xabc", "0.01")
    desk.hear(Deposit(desk.bob, "USD", 1, Rail.DESK))
    assert desk.hear(Transfer(desk.bob, desk.ann, "USD", 1), wanted) == []
