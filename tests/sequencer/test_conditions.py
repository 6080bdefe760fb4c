"""Commands behind a condition: all are booked in one commit, or none is, whatever happens and whoever asks again."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from evens.core import kernel
from evens.core.commands.every import Command
from evens.core.commands.wallets import Deposit, FreezeCustomer, RegisterCustomer, Withdraw
from evens.core.events.every import Event
from evens.core.events.ledger import Rejected
from evens.core.values.ids import CustomerId, Rail
from evens.sequencer.errors import OutcomeUnknown
from evens.sequencer.grouping import SPLIT_MIN
from evens.sequencer.inbox import Answer
from tests.sequencer.memory_journal import MemoryJournal, Trouble
from tests.sequencer.writing import Writer, id_of, writing

pytestmark = pytest.mark.anyio

OTHERS = [RegisterCustomer(name) for name in ("bob", "cid", "dot")]


def together(
    writer: Writer, condition: Command, others: list[RegisterCustomer] = OTHERS, key: str = "k"
) -> list[asyncio.Future[Answer]]:
    """Submit commands behind a condition, under ids of their own."""
    items = [(id_of(f"{key}{place}"), command) for place, command in enumerate([condition, *others])]
    return writer.inbox.submit_all(items, actor="desk", conditions=1)


async def outcomes(answers: list[asyncio.Future[Answer]]) -> list[str]:
    """Say what became of each: whether it was booked or refused, perhaps before, or what its future raises."""
    await asyncio.wait(answers)
    told: list[str] = []
    for answer in answers:
        if (failure := answer.exception()) is not None:
            told.append(type(failure).__name__)
            continue
        receipt, replayed = answer.result()
        told.append(("refused" if isinstance(receipt.events[0], Rejected) else "booked") + " again" * replayed)
    return told


async def test_all_are_booked_one_after_the_other_in_one_commit_where_the_condition_is_accepted() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=100)
        answers = together(writer, Withdraw(ann, "USD", 60, Rail.DESK))
        assert await outcomes(answers) == ["booked"] * 4
        assert [receipt.command for receipt in writer.journal.batches[-1]][1:] == OTHERS


async def test_only_the_refusal_is_booked_where_it_is_refused() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=50)
        booked = len(writer.journal.disk.receipts)
        answers = together(writer, Withdraw(ann, "USD", 60, Rail.DESK))
        after = writer.submit(RegisterCustomer("eve"))
        assert await outcomes([*answers, after]) == ["refused"] + ["ConditionRefused"] * 3 + ["booked"]
        assert [receipt.command for receipt in writer.journal.disk.receipts[booked:]] == [
            Withdraw(ann, "USD", 60, Rail.DESK),
            RegisterCustomer("eve"),
        ]


@pytest.mark.parametrize(("cash_minor", "first"), [(100, "booked"), (50, "refused")])
async def test_whoever_asks_again_hears_the_same(cash_minor: int, first: str) -> None:
    others = "booked" if first == "booked" else "ConditionRefused"
    again = [f"{first} again"] + ["booked again" if first == "booked" else others] * 3
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=cash_minor)
        command = Withdraw(ann, "USD", 60, Rail.DESK)
        gate = writer.journal.stall()
        at_first, at_once = together(writer, command), together(writer, command)
        await gate.entered.wait()
        meanwhile = together(writer, command)
        gate.open()
        assert await outcomes(at_first) == [first] + [others] * 3
        assert await outcomes(at_once) == again
        assert await outcomes(meanwhile) == again
        assert await outcomes(together(writer, command)) == again
        await writer.book(Withdraw(ann, "USD", 40, Rail.DESK))
        assert await outcomes(together(writer, command)) == again
    async with writing(MemoryJournal(writer.journal.disk)) as restarted:
        assert await outcomes(together(restarted, command)) == again
        assert set(restarted.journal.disk.effects().values()) == {1}


async def test_nothing_is_booked_behind_a_condition_whose_key_stands_for_another_one() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=100)
        first, other = Withdraw(ann, "USD", 60, Rail.DESK), Withdraw(ann, "USD", 10, Rail.DESK)
        gate = writer.journal.stall()
        at_first = together(writer, first, [])
        await gate.entered.wait()
        meanwhile = together(writer, other)
        gate.open()
        refused = ["KeyReused"] + ["ConditionRefused"] * 3
        assert await outcomes(at_first) == ["booked"]
        assert await outcomes(meanwhile) == refused
        assert await outcomes(together(writer, other)) == refused
        assert len(writer.sequencer.house.wallets.customers) == 1


@pytest.mark.parametrize("batch_max", [1, 2, 3, 1000])
async def test_no_batch_ends_between_a_condition_and_what_is_behind_it(batch_max: int) -> None:
    async with writing(batch_max=batch_max) as writer:
        (ann,) = await writer.open_house(ann=100)
        before = [writer.submit(RegisterCustomer(f"before{number}")) for number in range(SPLIT_MIN)]
        names = [f"behind{number}" for number in range(SPLIT_MIN)]
        answers = together(writer, Withdraw(ann, "USD", 60, Rail.DESK), [RegisterCustomer(name) for name in names])
        after = [writer.submit(RegisterCustomer(f"after{number}")) for number in range(SPLIT_MIN)]
        assert set(await outcomes([*before, *answers, *after])) == {"booked"}
        batches = [{receipt.command_id for receipt in batch} for batch in writer.journal.batches]
        mine = {id_of(f"k{place}") for place in range(SPLIT_MIN + 1)}
        assert [batch & mine for batch in batches if batch & mine] == [mine]


@pytest.mark.parametrize("trouble", [Trouble.LOST_BEFORE_STORING, Trouble.LOST_AFTER_STORING])
async def test_nobody_hears_that_part_is_booked_when_the_journal_is_lost(trouble: Trouble) -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=100)
        command = Withdraw(ann, "USD", 60, Rail.DESK)
        writer.journal.troubles.append(trouble)
        assert await outcomes(together(writer, command)) == ["OutcomeUnknown"] * 4
        await writer.leads()
        again = " again" if trouble is Trouble.LOST_AFTER_STORING else ""
        assert await outcomes(together(writer, command)) == [f"booked{again}"] * 4
        assert set(writer.journal.disk.effects().values()) == {1}


async def test_a_refusal_that_was_not_stored_is_decided_anew() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=50)
        writer.journal.troubles.append(Trouble.LOST_BEFORE_STORING)
        answers = together(writer, Withdraw(ann, "USD", 60, Rail.DESK))
        await asyncio.wait(answers)
        assert isinstance(answers[0].exception(), OutcomeUnknown)
        await writer.leads()
        assert (
            await outcomes(together(writer, Withdraw(ann, "USD", 60, Rail.DESK)))
            == ["refused"] + ["ConditionRefused"] * 3
        )


async def test_what_cannot_be_stored_is_set_aside_with_its_condition_and_others_are_not() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=100)
        command = Withdraw(ann, "USD", 60, Rail.DESK)
        writer.journal.unstorable = OTHERS[1]
        for _ in range(2):
            answers = together(writer, command)
            neighbour = writer.submit(RegisterCustomer("eve"), key="eve")
            await asyncio.wait([*answers, neighbour])
            await writer.leads()
        assert await outcomes(together(writer, command)) == ["CommandFailed"] + ["ConditionRefused"] * 3
        assert list(writer.journal.disk.set_aside) == [id_of("k0")]
        assert await outcomes([writer.submit(RegisterCustomer("eve"), key="eve")]) == ["booked"]
        assert writer.sequencer.house.digest() == writer.journal.disk.house().digest()


async def test_a_suspect_condition_is_tried_with_what_is_behind_it() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=50)
        command = Withdraw(ann, "USD", 60, Rail.DESK)
        writer.journal.unstorable = RegisterCustomer("eve")
        await outcomes([*together(writer, command), writer.submit(RegisterCustomer("eve"), key="eve")])
        await writer.leads()
        await writer.book(Deposit(ann, "USD", 50, Rail.DESK))
        assert await outcomes(together(writer, command)) == ["booked"] * 4
        assert len(writer.journal.batches[-1]) == 4


async def test_nothing_is_booked_behind_a_condition_that_breaks_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_wallets: Any, _command: FreezeCustomer, _seq: int, _at: int) -> Iterator[Event]:
        raise ZeroDivisionError

    room, _ = kernel.HANDLERS[FreezeCustomer]
    monkeypatch.setitem(kernel.HANDLERS, FreezeCustomer, (room, broken))
    async with writing() as writer:
        for _ in range(2):
            answers = together(writer, FreezeCustomer(CustomerId(1)))
            assert await outcomes(answers) == ["CommandFailed"] + ["ConditionRefused"] * 3
        assert writer.journal.disk.receipts == []


async def test_to_be_asked_for_nothing_is_to_do_nothing() -> None:
    async with writing() as writer:
        assert writer.inbox.submit_all([], actor="desk", conditions=1) == []
        assert (await writer.book(RegisterCustomer("ann"))).seq == 1


async def test_what_cannot_be_stored_behind_a_stored_condition_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    room, handler = kernel.HANDLERS[RegisterCustomer]

    def broken(wallets: Any, command: RegisterCustomer, seq: int, at: int) -> Iterator[Event]:
        yield from handler(wallets, command, seq, at)
        if command == OTHERS[0]:
            raise ZeroDivisionError

    monkeypatch.setitem(kernel.HANDLERS, RegisterCustomer, (room, broken))
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=100)
        command = Withdraw(ann, "USD", 60, Rail.DESK)
        writer.journal.unstorable = OTHERS[2]
        # The rules break on the first behind the condition, which is stored; then the last cannot be stored.
        assert (await outcomes(together(writer, command)))[:2] == ["booked", "CommandFailed"]
        await writer.leads()
        found = ["booked again", "CommandFailed", "booked again", "CommandFailed"]
        while await outcomes(together(writer, command)) != found:
            await writer.leads()
        assert writer.sequencer.house.digest() == writer.journal.disk.house().digest()


@pytest.mark.parametrize(("cash_minor", "second"), [(100, 10), (10, 10), (100, 60)])
async def test_a_condition_can_have_one_itself(cash_minor: int, second: int) -> None:
    """The first takes 60, and the second what is said; where one is refused, nothing behind it is booked."""
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=cash_minor)
        both = [Withdraw(ann, "USD", minor, Rail.DESK) for minor in (60, second)]
        items = [(id_of(f"k{place}"), command) for place, command in enumerate([*both, *OTHERS])]

        def submit() -> list[asyncio.Future[Answer]]:
            return writer.inbox.submit_all(items, actor="desk", conditions=2)

        barred = "ConditionRefused"
        if cash_minor < 60:
            expected, again = ["refused"] + [barred] * 4, ["refused again"] + [barred] * 4
        elif cash_minor < 60 + second:
            expected, again = ["booked", "refused"] + [barred] * 3, ["booked again", "refused again"] + [barred] * 3
        else:
            expected, again = ["booked"] * 5, ["booked again"] * 5
        booked = len(writer.journal.batches)
        assert await outcomes(submit()) == expected
        # All that was booked is in one batch.
        assert len(writer.journal.batches) == booked + 1
        assert await outcomes(submit()) == again


async def test_nothing_is_booked_behind_a_condition_whose_own_condition_has_another_ones_key() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=100)
        first, other, second = (Withdraw(ann, "USD", minor, Rail.DESK) for minor in (10, 20, 30))
        assert await outcomes(together(writer, first, [])) == ["booked"]
        commands = [other, second, *OTHERS]
        items = [(id_of(f"k{place}"), command) for place, command in enumerate(commands)]
        answers = writer.inbox.submit_all(items, actor="desk", conditions=2)
        assert await outcomes(answers) == ["KeyReused"] + ["ConditionRefused"] * 4


@pytest.mark.parametrize("is_first_stored", [False, True])
async def test_what_cannot_be_stored_is_set_aside_with_all_conditions_of_its_batch(is_first_stored: bool) -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=100)
        conditions = [Withdraw(ann, "USD", 10, Rail.DESK), Withdraw(ann, "USD", 20, Rail.DESK)]
        items = [(id_of(f"k{place}"), command) for place, command in enumerate([*conditions, *OTHERS])]
        if is_first_stored:
            await outcomes(together(writer, conditions[0], []))
        writer.journal.unstorable = OTHERS[1]
        for _ in range(2):
            answers = writer.inbox.submit_all(items, actor="desk", conditions=2)
            neighbour = writer.submit(RegisterCustomer("eve"), key="eve")
            await asyncio.wait([*answers, neighbour])
            await writer.leads()
        told = await outcomes(writer.inbox.submit_all(items, actor="desk", conditions=2))
        first = ["booked again", "CommandFailed"] if is_first_stored else ["CommandFailed", "ConditionRefused"]
        assert told == first + ["ConditionRefused"] * 3
        assert list(writer.journal.disk.set_aside) == [id_of("k1" if is_first_stored else "k0")]
        assert await outcomes([writer.submit(RegisterCustomer("eve"), key="eve")]) == ["booked"]
