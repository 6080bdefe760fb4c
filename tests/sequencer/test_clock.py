"""Time in the journal only goes forward, whatever the clock does."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evens.core.commands.ledger import DefineCurrency
from evens.core.receipts import Receipt
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX
from tests.sequencer.memory_journal import MemoryDisk, MemoryJournal
from tests.sequencer.writing import NOON, writing


async def book_by(readings: list[int], disk: MemoryDisk) -> list[Receipt]:
    """Book a command for each reading of a clock."""
    clock = iter(readings)
    async with writing(MemoryJournal(disk), clock=lambda: next(clock)) as writer:
        seq = writer.sequencer.house.seq
        return [await writer.book(DefineCurrency(f"C{seq + count}", 2)) for count in range(len(readings))]


@given(readings=st.lists(st.integers(NOON - 10**6, NOON + 10**6), min_size=2, max_size=20))
@settings(max_examples=50)
def test_recorded_times_leave_room_for_each_commands_transfers(readings: list[int]) -> None:
    receipts = asyncio.run(book_by(readings, MemoryDisk()))
    for earlier, later in pairwise(receipts):
        assert later.at - earlier.at >= TRANSFERS_PER_COMMAND_MAX
    for reading, receipt in zip(readings, receipts, strict=True):
        assert receipt.at >= reading


@pytest.mark.anyio
async def test_the_clock_is_believed_where_it_goes_forward() -> None:
    readings = [NOON, NOON + TRANSFERS_PER_COMMAND_MAX, NOON + 10**9]
    assert [receipt.at for receipt in await book_by(readings, MemoryDisk())] == readings


@pytest.mark.anyio
async def test_a_clock_that_jumps_back_an_hour_is_outwaited_in_small_steps() -> None:
    receipts = await book_by([NOON, NOON - 3600 * 10**9, NOON - 3600 * 10**9], MemoryDisk())
    assert [receipt.at - NOON for receipt in receipts] == [0, TRANSFERS_PER_COMMAND_MAX, 2 * TRANSFERS_PER_COMMAND_MAX]


@pytest.mark.anyio
async def test_a_restarted_server_with_a_late_clock_continues_after_the_last_record() -> None:
    disk = MemoryDisk()
    await book_by([NOON], disk)
    (receipt,) = await book_by([NOON - 10**12], disk)
    assert receipt.at == NOON + TRANSFERS_PER_COMMAND_MAX
