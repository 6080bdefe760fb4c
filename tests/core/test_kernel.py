"""The kernel: places that follow each other, events applied as they are decided, and rules that break cleanly."""

from collections.abc import Iterator
from typing import Any

import pytest

from evens.core import kernel
from evens.core.commands.every import Command
from evens.core.commands.wallets import Deposit, RegisterCustomer, Transfer, TransferBatch, Withdraw
from evens.core.events.every import Event
from evens.core.events.ledger import Rejected
from evens.core.events.wallets import CustomerFrozen, CustomerRegistered
from evens.core.kernel import HandlerFailed, OutOfOrder
from evens.core.ledger.accounts import InvariantBroken
from evens.core.rules import LeftChanged
from evens.core.state import House
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX, CustomerId, Rail
from tests.core.desk import NOON, Desk


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.define("USD")
    return desk


def break_rule(monkeypatch: pytest.MonkeyPatch, command: type[Command], *yielded: Event) -> None:
    """Make the rules break on a kind of command, after it has said that these things happened."""

    def broken(room: Any, command: Any, seq: int, at: int) -> Iterator[Event]:
        yield from yielded
        raise ZeroDivisionError("a bug in the rules")

    room, _ = kernel.HANDLERS[command]
    monkeypatch.setitem(kernel.HANDLERS, command, (room, broken))


@pytest.mark.parametrize(
    ("seq", "at"),
    [
        pytest.param(1, NOON + TRANSFERS_PER_COMMAND_MAX, id="the same place again"),
        pytest.param(3, NOON + TRANSFERS_PER_COMMAND_MAX, id="a place left out"),
        pytest.param(0, NOON + TRANSFERS_PER_COMMAND_MAX, id="an earlier place"),
        pytest.param(2, NOON + TRANSFERS_PER_COMMAND_MAX - 1, id="too soon for the ids in between"),
        pytest.param(2, NOON, id="the same time"),
        pytest.param(2, NOON - 1, id="back in time"),
    ],
)
def test_a_place_that_does_not_follow_is_refused_and_changes_nothing(seq: int, at: int) -> None:
    house = House()
    kernel.step(house, RegisterCustomer("ann"), 1, NOON)
    before = house.digest()
    with pytest.raises(OutOfOrder, match=rf"place \({seq}, {at}\) does not follow \(1, {NOON}\)"):
        kernel.step(house, RegisterCustomer("bob"), seq, at)
    with pytest.raises(OutOfOrder):
        kernel.apply(house, [CustomerRegistered(CustomerId(2), "bob")], seq, at)
    assert house.digest() == before


def test_the_earliest_next_place_is_taken() -> None:
    house = House()
    kernel.step(house, RegisterCustomer("ann"), 1, NOON)
    kernel.step(house, RegisterCustomer("bob"), 2, NOON + TRANSFERS_PER_COMMAND_MAX)
    assert (house.seq, house.at) == (2, NOON + TRANSFERS_PER_COMMAND_MAX)


def test_a_refusal_takes_a_place_and_changes_nothing_else(desk: Desk) -> None:
    desk.register("ann")
    lines = list(desk.house.lines())
    desk.refuse(RegisterCustomer("ann"))
    assert list(desk.house.lines())[1:] == lines[1:]
    assert desk.house.seq == 3


def test_a_handler_that_breaks_before_any_event_leaves_the_house_intact(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = desk.house.digest()
    break_rule(monkeypatch, RegisterCustomer)
    with pytest.raises(HandlerFailed, match=r"deciding RegisterCustomer\(username='ann'\) failed") as failure:
        desk.do(RegisterCustomer("ann"))
    assert failure.value.house_intact
    assert isinstance(failure.value.__cause__, ZeroDivisionError)
    assert desk.house.digest() == before


def test_a_house_left_intact_by_a_broken_handler_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        break_rule(patch, RegisterCustomer)
        with pytest.raises(HandlerFailed):
            desk.do(RegisterCustomer("ann"))
    desk.register("ann", USD=5)
    assert desk.house.digest() == desk.replayed().digest()


def test_a_handler_that_breaks_after_an_event_admits_that_the_house_has_changed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = desk.house.digest()
    break_rule(monkeypatch, RegisterCustomer, CustomerRegistered(CustomerId(2), "ann"))
    with pytest.raises(HandlerFailed) as failure:
        desk.do(RegisterCustomer("ann"))
    assert not failure.value.house_intact
    assert desk.house.digest() != before
    assert desk.house.seq == 1


def test_an_event_that_cannot_be_applied_first_leaves_the_house_intact(desk: Desk) -> None:
    ann = desk.register("ann", USD=5)
    before = desk.house.digest()
    with pytest.raises(HandlerFailed) as failure:
        desk.do(Withdraw(ann, "USD", -1, Rail.DESK))
    assert isinstance(failure.value.__cause__, InvariantBroken)
    assert failure.value.house_intact
    assert desk.house.digest() == before


def test_an_event_that_cannot_be_applied_after_others_admits_the_change(desk: Desk) -> None:
    ann, bob = desk.register("ann", USD=5), desk.register("bob")
    items = (Transfer(ann, bob, "USD", 1), Transfer(ann, bob, "USD", -1))
    with pytest.raises(HandlerFailed) as failure:
        desk.do(TransferBatch(items, atomic=False))
    assert not failure.value.house_intact
    assert isinstance(failure.value.__cause__, InvariantBroken)


@pytest.mark.parametrize("count", [0, 1_001])
def test_a_batch_that_could_not_be_recorded_cannot_even_be_asked_for(count: int) -> None:
    with pytest.raises(ValueError, match=f"1 to 1000 transfers, not {count}"):
        TransferBatch((Transfer(CustomerId(1), CustomerId(2), "USD", 1),) * count, atomic=True)


def test_a_command_of_which_nothing_comes_breaks_the_rules(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    room, _ = kernel.HANDLERS[Deposit]

    def silent(room: Any, command: Any, seq: int, at: int) -> Iterator[Event]:
        return iter(())

    monkeypatch.setitem(kernel.HANDLERS, Deposit, (room, silent))
    before = desk.house.digest()
    with pytest.raises(HandlerFailed) as failure:
        desk.do(Deposit(CustomerId(1), "USD", 1, Rail.DESK))
    assert failure.value.house_intact
    assert desk.house.digest() == before


def test_a_handler_that_cannot_take_back_what_it_tried_out_leaves_the_house_broken(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, _ = kernel.HANDLERS[Deposit]

    def trying(room: Any, command: Any, seq: int, at: int) -> Iterator[Event]:
        raise LeftChanged
        yield

    monkeypatch.setitem(kernel.HANDLERS, Deposit, (room, trying))
    with pytest.raises(HandlerFailed) as failure:
        desk.do(Deposit(CustomerId(1), "USD", 1, Rail.DESK))
    assert not failure.value.house_intact


def test_a_negative_amount_in_an_atomic_batch_is_stopped_on_the_draft(desk: Desk) -> None:
    ann, bob = desk.register("ann", USD=5), desk.register("bob")
    before = desk.house.digest()
    items = (Transfer(ann, bob, "USD", 1), Transfer(ann, bob, "USD", -1))
    with pytest.raises(HandlerFailed) as failure:
        desk.do(TransferBatch(items, atomic=True))
    assert failure.value.house_intact
    assert desk.house.digest() == before


def test_a_later_event_of_a_command_is_decided_on_what_the_earlier_left(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def watching(wallets: Any, command: Any, seq: int, at: int) -> Iterator[Event]:
        yield CustomerRegistered(CustomerId(seq), "ann")
        seen.append(seq in wallets.customers)
        yield CustomerFrozen(CustomerId(seq))
        seen.append(seq in wallets.frozen)

    room, _ = kernel.HANDLERS[RegisterCustomer]
    monkeypatch.setitem(kernel.HANDLERS, RegisterCustomer, (room, watching))
    desk.do(RegisterCustomer("ann"))
    assert seen == [True, True]


def test_applying_what_was_recorded_leads_to_the_same_house(desk: Desk) -> None:
    ann, bob = desk.register("ann", USD=50), desk.register("bob")
    desk.do(Transfer(ann, bob, "USD", 20))
    desk.do(Transfer(ann, bob, "USD", 40))
    desk.do(Deposit(bob, "EUR", 1, Rail.DESK))
    assert any(isinstance(entry.events[0], Rejected) for entry in desk.history)
    assert list(desk.replayed().lines()) == list(desk.house.lines())
