"""One key, one effect: at once, in different batches, after the commit, and after a restart."""

import asyncio

import pytest

from evens.core.commands.wallets import Deposit, RegisterCustomer, Withdraw
from evens.core.events.ledger import Rejected
from evens.core.values.ids import Rail
from evens.sequencer.errors import KeyReused
from evens.sequencer.inbox import Answer
from tests.sequencer.memory_journal import MemoryJournal
from tests.sequencer.writing import id_of, writing

pytestmark = pytest.mark.anyio


async def outcome_of(answer: asyncio.Future[Answer]) -> str:
    try:
        _, replayed = await answer
    except KeyReused:
        return "reused"
    return "replayed" if replayed else "booked"


async def test_the_same_key_a_hundred_times_at_once_has_one_effect() -> None:
    async with writing(batch_max=30) as writer:
        (ann,) = await writer.open_house(ann=100)
        command = Withdraw(ann, "USD", 60, Rail.DESK)
        answers = await asyncio.gather(*[writer.submit(command, key="k") for _ in range(100)])
        assert len({receipt.seq for receipt, _ in answers}) == 1
        assert [replayed for _, replayed in answers].count(False) == 1
        assert not answers[0][1]
        assert writer.journal.disk.effects()[id_of("k")] == 1
        assert writer.journal.disk.house().digest() == writer.sequencer.house.digest()


async def test_a_key_that_is_under_way_is_answered_with_the_first_and_not_before() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=0)
        command = Deposit(ann, "USD", 5, Rail.DESK)
        gate = writer.journal.stall()
        first = writer.submit(command, key="k")
        await gate.entered.wait()
        later = [writer.submit(command, key="k") for _ in range(3)]
        other = writer.submit(RegisterCustomer("bob"))
        await writer.journal.milestones.reached("prepared", 4)
        assert not any(answer.done() for answer in (first, *later, other))
        gate.open()
        assert [await outcome_of(answer) for answer in (first, *later)] == ["booked"] + 3 * ["replayed"]
        assert {(await answer)[0].seq for answer in (first, *later)} == {(await first)[0].seq}
        assert [len(batch) for batch in writer.journal.batches[-2:]] == [1, 1]


async def test_a_key_that_is_stored_is_answered_from_the_journal() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=0)
        first = await writer.book(Deposit(ann, "USD", 5, Rail.DESK), key="k")
        commits = len(writer.journal.batches)
        again, replayed = await writer.submit(Deposit(ann, "USD", 5, Rail.DESK), key="k")
        assert (again, replayed) == (first, True)
        assert len(writer.journal.batches) == commits


async def test_a_key_is_remembered_after_a_restart() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=0)
        first = await writer.book(Deposit(ann, "USD", 5, Rail.DESK), key="k")
    async with writing(MemoryJournal(writer.journal.disk)) as restarted:
        answer = await restarted.submit(Deposit(ann, "USD", 5, Rail.DESK), key="k")
        assert answer == (first, True)
        with pytest.raises(KeyReused):
            await restarted.submit(Deposit(ann, "USD", 6, Rail.DESK), key="k")


async def test_a_refusal_is_kept_under_its_key_even_when_it_would_be_granted_now() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=0)
        refused = await writer.book(Withdraw(ann, "USD", 5, Rail.DESK), key="k")
        assert isinstance(refused.events[0], Rejected)
        await writer.book(Deposit(ann, "USD", 100, Rail.DESK))
        assert await writer.submit(Withdraw(ann, "USD", 5, Rail.DESK), key="k") == (refused, True)


async def test_a_key_under_way_stands_for_one_command_only() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=0)
        gate = writer.journal.stall()
        first = writer.submit(Deposit(ann, "USD", 5, Rail.DESK), key="k")
        other = writer.submit(Deposit(ann, "USD", 6, Rail.DESK), key="k")
        same = writer.submit(Deposit(ann, "USD", 5, Rail.DESK), key="k")
        await gate.entered.wait()
        assert not other.done()
        gate.open()
        assert [await outcome_of(answer) for answer in (first, other, same)] == ["booked", "reused", "replayed"]


async def test_a_stored_key_stands_for_one_command_only() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=0)
        await writer.book(Deposit(ann, "USD", 5, Rail.DESK), key="k")
        both = (
            writer.submit(Deposit(ann, "USD", 6, Rail.DESK), key="k"),
            writer.submit(RegisterCustomer("bob"), key="k"),
        )
        assert [await outcome_of(answer) for answer in both] == ["reused", "reused"]
        same, other = (writer.submit(Deposit(ann, "USD", cents, Rail.DESK), key="k") for cents in (5, 6))
        assert [await outcome_of(answer) for answer in (same, other)] == ["replayed", "reused"]
        assert writer.journal.disk.effects()[id_of("k")] == 1


async def test_only_ids_that_may_have_been_seen_are_looked_up() -> None:
    async with writing() as writer:
        await writer.open_house(ann=0, bob=0)
        assert writer.journal.asked == []
        await writer.book(RegisterCustomer("cid"), key="k")
        assert writer.journal.asked == [id_of("k")]


async def test_a_repeated_key_neighbours_other_commands_without_disturbing_their_order() -> None:
    async with writing() as writer:
        keys = ["a", "b", "a", "c", "b", "a", "d"]
        answers = [writer.submit(RegisterCustomer(key), key=key) for key in keys]
        receipts = [receipt for receipt, _ in await asyncio.gather(*answers)]
        assert [receipt.seq for receipt in receipts] == [1, 2, 1, 3, 2, 1, 4]
