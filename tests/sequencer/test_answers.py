"""Answers: in order, and never before the commit of what they answer."""

import asyncio

import pytest

from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.wallets import Deposit, Transfer, Withdraw
from evens.core.events.ledger import Rejected, Transferred
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import CustomerId, Rail
from evens.sequencer.errors import Overloaded
from evens.sequencer.grouping import SPLIT_MIN
from evens.sequencer.inbox import Answer
from tests.sequencer.writing import writing

pytestmark = pytest.mark.anyio


def note_order(answers: list[asyncio.Future[Answer]]) -> list[int]:
    """Return a list that will hold the seqs of the answers in the order in which they are given."""
    order: list[int] = []
    for answer in answers:
        answer.add_done_callback(lambda done: order.append(done.result()[0].seq))
    return order


async def test_a_receipt_holds_the_command_its_place_and_what_came_of_it() -> None:
    async with writing() as writer:
        command = DefineCurrency("USD", 2)
        receipt, replayed = await writer.submit(command, key="k")
        assert (receipt.seq, receipt.command, receipt.actor, replayed) == (1, command, "desk", False)
        assert writer.journal.disk.receipts == [receipt]
        assert len(receipt.events) == 1


async def test_nobody_is_answered_before_the_commit() -> None:
    async with writing() as writer:
        gate = writer.journal.stall()
        answer = writer.submit(DefineCurrency("USD", 2))
        await gate.entered.wait()
        assert writer.sequencer.house.seq == 1
        assert not answer.done()
        gate.open()
        receipt, _ = await answer
        assert receipt in writer.journal.disk.receipts


async def test_not_even_a_refusal_is_told_before_its_commit() -> None:
    async with writing() as writer:
        gate = writer.journal.stall()
        answer = writer.submit(Deposit(CustomerId(4711), "USD", 1, Rail.DESK))
        await gate.entered.wait()
        assert not answer.done()
        gate.open()
        assert (await answer)[0].events == (Rejected(SharedReason.CURRENCY_UNKNOWN, (("currency", "USD"),)),)


async def test_while_one_batch_commits_the_next_is_decided_but_not_answered() -> None:
    async with writing() as writer:
        first_gate, second_gate = writer.journal.stall(), writer.journal.stall()
        first = writer.submit(DefineCurrency("USD", 2))
        await first_gate.entered.wait()
        second = writer.submit(DefineCurrency("EUR", 2))
        await writer.journal.milestones.reached("prepared", 2)
        assert writer.sequencer.house.seq == 2
        assert writer.journal.milestones.counts["appending"] == 1
        assert (first.done(), second.done(), writer.journal.disk.receipts) == (False, False, [])

        first_gate.open()
        await second_gate.entered.wait()
        assert (first.done(), second.done()) == (True, False)

        second_gate.open()
        assert [(await answer)[0].seq for answer in (first, second)] == [1, 2]


async def test_the_next_batch_is_sent_before_the_callers_of_the_one_before_are_answered() -> None:
    async with writing() as writer:
        gate = writer.journal.stall()
        sent_when_answered: list[int] = []
        first = writer.submit(DefineCurrency("USD", 2))
        first.add_done_callback(lambda _: sent_when_answered.append(writer.journal.milestones.counts["appending"]))
        await gate.entered.wait()
        second = writer.submit(DefineCurrency("EUR", 2))
        await writer.journal.milestones.reached("prepared", 2)
        gate.open()
        await asyncio.gather(first, second)
        assert sent_when_answered == [2]


async def test_no_more_than_one_batch_is_decided_ahead() -> None:
    async with writing() as writer:
        gate = writer.journal.stall()
        answers = [writer.submit(DefineCurrency("A", 2))]
        await gate.entered.wait()
        answers.append(writer.submit(DefineCurrency("B", 2)))
        await writer.journal.milestones.reached("prepared", 2)
        answers += [writer.submit(DefineCurrency(code, 2)) for code in "CDE"]
        for _ in range(5):
            await asyncio.sleep(0)
        assert (writer.inbox.waiting, writer.sequencer.house.seq) == (3, 2)
        gate.open()
        await asyncio.gather(*answers)
        assert [len(batch) for batch in writer.journal.batches] == [1, 1, 3]


async def test_the_next_batch_is_decided_on_what_the_one_before_left() -> None:
    async with writing() as writer:
        ann, bob = await writer.open_house(ann=0, bob=0)
        gate = writer.journal.stall()
        paid_in = writer.submit(Deposit(ann, "USD", 5, Rail.DESK))
        await gate.entered.wait()
        answers = [
            paid_in,
            writer.submit(Transfer(ann, bob, "USD", 5)),
            writer.submit(Transfer(ann, bob, "USD", 1)),
        ]
        gate.open()
        moved, passed_on, refused = [receipt.events[0] for receipt, _ in await asyncio.gather(*answers)]
        assert isinstance(moved, Transferred)
        assert isinstance(passed_on, Transferred)
        assert isinstance(refused, Rejected)


async def test_receipts_come_in_the_order_of_submission() -> None:
    async with writing(batch_max=7) as writer:
        answers = [writer.submit(DefineCurrency(f"C{number}", 2)) for number in range(50)]
        order = note_order(answers)
        receipts = [receipt for receipt, _ in await asyncio.gather(*answers)]
        assert [receipt.seq for receipt in receipts] == list(range(1, 51))
        assert order == list(range(1, 51))
        assert writer.journal.disk.receipts == receipts


async def test_no_batch_is_larger_than_allowed() -> None:
    async with writing(batch_max=10) as writer:
        await asyncio.gather(*[writer.submit(DefineCurrency(f"C{number}", 2)) for number in range(25)])
        assert [len(batch) for batch in writer.journal.batches] == [10, 10, 5]
        assert writer.diary.commits == [10, 10, 5]


async def test_what_waits_together_is_committed_together() -> None:
    async with writing() as writer:
        await asyncio.gather(*[writer.submit(DefineCurrency(f"C{number}", 2)) for number in range(SPLIT_MIN - 1)])
        assert [len(batch) for batch in writer.journal.batches] == [SPLIT_MIN - 1]


async def test_of_many_that_wait_together_half_is_decided_while_the_other_half_commits() -> None:
    async with writing() as writer:
        gate = writer.journal.stall()
        answers = [writer.submit(DefineCurrency(f"C{number}", 2)) for number in range(500)]
        order = note_order(answers)
        await gate.entered.wait()
        await writer.journal.milestones.reached("prepared", 2)
        assert writer.journal.milestones.counts["appending"] == 1
        gate.open()
        await asyncio.gather(*answers)
        assert [len(batch) for batch in writer.journal.batches] == [250, 250]
        assert order == list(range(1, 501))


async def test_while_a_batch_commits_what_waits_is_not_split() -> None:
    async with writing() as writer:
        gate = writer.journal.stall()
        first = writer.submit(DefineCurrency("USD", 2))
        await gate.entered.wait()
        answers = [writer.submit(DefineCurrency(f"C{number}", 2)) for number in range(500)]
        await writer.journal.milestones.reached("prepared", 2)
        gate.open()
        await asyncio.gather(first, *answers)
        assert [len(batch) for batch in writer.journal.batches] == [1, 500]


async def test_a_full_inbox_refuses_and_what_waits_is_booked_all_the_same() -> None:
    async with writing(capacity=3) as writer:
        gate = writer.journal.stall()
        answers = [writer.submit(DefineCurrency("A", 2))]
        await gate.entered.wait()
        answers.append(writer.submit(DefineCurrency("B", 2)))
        await writer.journal.milestones.reached("prepared", 2)
        answers += [writer.submit(DefineCurrency(code, 2)) for code in "CDE"]
        with pytest.raises(Overloaded):
            writer.submit(DefineCurrency("F", 2))
        gate.open()
        assert [receipt.seq for receipt, _ in await asyncio.gather(*answers)] == [1, 2, 3, 4, 5]
        await writer.book(DefineCurrency("F", 2))


async def test_a_caller_who_went_away_takes_nothing_back_and_disturbs_nobody() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=10)
        gate = writer.journal.stall()
        gone = writer.submit(Withdraw(ann, "USD", 4, Rail.DESK), key="gone")
        stays = writer.submit(Withdraw(ann, "USD", 4, Rail.DESK))
        await gate.entered.wait()
        gone.cancel()
        gate.open()
        (moved,) = (await stays)[0].events
        assert isinstance(moved, Transferred)
        assert moved.debit_after_minor == 2
        again, replayed = await writer.submit(Withdraw(ann, "USD", 4, Rail.DESK), key="gone")
        assert replayed
        assert again.seq == (await stays)[0].seq - 1
