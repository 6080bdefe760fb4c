"""Stopping: the commit under way is finished, the rest is refused, and nothing is left behind."""

import asyncio

import pytest

from evens.core.commands.ledger import DefineCurrency
from evens.sequencer.errors import NotLeading
from evens.sequencer.inbox import Inbox
from evens.sequencer.sequencer import Sequencer
from tests.sequencer.memory_journal import MemoryDisk, MemoryJournal
from tests.sequencer.writing import NOON, writing

pytestmark = pytest.mark.anyio


async def test_what_is_decided_is_committed_and_answered_and_what_waits_is_refused() -> None:
    async with writing() as writer:
        gate = writer.journal.stall()
        under_way = writer.submit(DefineCurrency("A", 2))
        await gate.entered.wait()
        decided = writer.submit(DefineCurrency("B", 2))
        await writer.journal.milestones.reached("prepared", 2)
        waiting = writer.submit(DefineCurrency("C", 2))

        writer.sequencer.stop()
        with pytest.raises(NotLeading, match="it is stopping"):
            await waiting
        with pytest.raises(NotLeading, match="it is stopping"):
            writer.submit(DefineCurrency("D", 2))
        assert not writer.running.done()

        gate.open()
        await writer.running
        assert [(await answer)[0].seq for answer in (under_way, decided)] == [1, 2]
        assert len(writer.journal.disk.receipts) == 2
        assert writer.journal.disk.leader is None


async def test_an_idle_sequencer_stops_at_once_and_may_be_told_twice() -> None:
    async with writing() as writer:
        writer.sequencer.stop()
        writer.sequencer.stop()
        await writer.running
        assert writer.journal.disk.leader is None


async def test_a_server_that_stands_by_can_be_stopped() -> None:
    disk = MemoryDisk()
    async with writing(MemoryJournal(disk)) as leader, writing(MemoryJournal(disk), wait_to_lead=False) as standby:
        await standby.idles()
        standby.sequencer.stop()
        await standby.running
        await leader.book(DefineCurrency("USD", 2))


async def test_a_server_that_cannot_reach_its_journal_can_be_stopped() -> None:
    journal = MemoryJournal()
    journal.unreachable = 1_000_000
    async with writing(journal, wait_to_lead=False) as writer:
        await writer.idles()
        writer.sequencer.stop()
        await writer.running
        assert journal.milestones.counts["led"] == 0


async def test_a_sequencer_stopped_before_it_runs_never_leads() -> None:
    journal = MemoryJournal()
    sequencer = Sequencer(journal, Inbox(1), lambda: NOON)
    sequencer.stop()
    await sequencer.run()
    assert journal.milestones.counts["led"] == 0


async def test_a_stop_while_loading_leaves_the_inbox_closed() -> None:
    async with writing(wait_to_lead=False) as writer:
        await writer.journal.milestones.reached("led", 1)
        writer.sequencer.stop()
        await writer.running
        with pytest.raises(NotLeading, match="it is stopping"):
            writer.submit(DefineCurrency("USD", 2))


async def test_a_cancelled_server_lets_go_of_everything() -> None:
    disk = MemoryDisk()
    async with writing(MemoryJournal(disk)) as leader:
        journal, inbox = MemoryJournal(disk), Inbox(1)
        running = asyncio.create_task(Sequencer(journal, inbox, lambda: NOON).run())
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        leader.sequencer.stop()
        await leader.running
        for _ in range(5):
            await asyncio.sleep(0)
        assert disk.leader is None
        assert journal.milestones.counts["led"] == 0
        assert inbox.closed_because is not None
