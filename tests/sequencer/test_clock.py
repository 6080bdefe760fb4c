"""Time in the journal only goes forward, whatever the clock does."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evens.core.commands.ledger import DefineCurrency
from evens.core.receipts import Receipt
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX
from evens.core.values.moments import SECOND_NS as SECOND
from evens.sequencer import sequencer
from evens.sequencer.errors import NotLeading
from evens.sequencer.steady_clock import SteadyClock
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
async def test_a_restarted_server_with_a_slightly_late_clock_continues_after_the_last_record() -> None:
    disk = MemoryDisk()
    await book_by([NOON], disk)
    clock = iter([NOON - SECOND, NOON - SECOND])
    async with writing(MemoryJournal(disk), clock=lambda: next(clock)) as writer:
        receipt = await writer.book(DefineCurrency("LATE", 2))
    assert receipt.at == NOON + TRANSFERS_PER_COMMAND_MAX


@pytest.mark.anyio
async def test_a_server_behind_the_journal_does_not_lead_until_its_clock_is_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Hold 9: it says why, books nothing, lets others lead, and leads once the time has come."""
    monkeypatch.setattr(sequencer, "CLOCK_WAIT_S", 0)
    disk = MemoryDisk()
    await book_by([NOON], disk)
    now = [NOON - 3600 * SECOND]
    async with writing(MemoryJournal(disk), clock=lambda: now[0], wait_to_lead=False) as writer:
        await writer.journal.milestones.reached("led", 3)
        assert writer.diary.led_from == []
        with pytest.raises(NotLeading, match="last record is from 2026-01-01T12:00:00Z, which this server's clock"):
            writer.submit(DefineCurrency("EARLY", 2))
        assert writer.diary.idle_because[-1] == writer.inbox.closed_because
        now[0] = NOON - SECOND
        await writer.leads()
        assert (await writer.book(DefineCurrency("FINE", 2))).at > NOON


class Clocks:
    """A wall clock and a monotonic clock that go on as they are told."""

    def __init__(self) -> None:
        self.wall = NOON
        self.monotonic = 17
        self.steady = SteadyClock(5, wall=lambda: self.wall, monotonic=lambda: self.monotonic)

    def go(self, nanoseconds: int) -> None:
        """Let time pass."""
        self.wall += nanoseconds
        self.monotonic += nanoseconds


@pytest.mark.parametrize("jump", [3600 * SECOND, -3600 * SECOND, 6 * SECOND])
def test_a_jump_that_the_monotonic_clock_denies_is_not_followed(jump: int) -> None:
    """Hold 9: the time goes on evenly, and the trouble is named until the clock is right again."""
    clocks = Clocks()
    assert clocks.steady() == NOON
    assert clocks.steady.trouble is None
    clocks.wall += jump
    for count in range(1, 11):
        clocks.go(SECOND)
        assert clocks.steady() == NOON + count * SECOND
    assert clocks.steady.off_s == jump / SECOND
    assert f"{abs(jump) / SECOND:.1f} s {'ahead of' if jump > 0 else 'behind'}" in str(clocks.steady.trouble)
    clocks.wall -= jump
    clocks.go(SECOND)
    assert clocks.steady() == NOON + 11 * SECOND
    assert clocks.steady.trouble is None


def test_a_small_difference_is_taken_up_slowly() -> None:
    clocks = Clocks()
    clocks.wall += 2 * SECOND
    clocks.go(SECOND)
    assert clocks.steady() == NOON + SECOND + SECOND // 1000
    for _ in range(2_000):
        clocks.go(SECOND)
        clocks.steady()
    assert clocks.steady() == clocks.wall


@given(steps=st.lists(st.tuples(st.integers(0, 10 * SECOND), st.integers(-SECOND * 4000, SECOND * 4000)), max_size=50))
@settings(max_examples=200)
def test_the_steady_clock_goes_as_fast_as_the_monotonic_one(steps: list[tuple[int, int]]) -> None:
    clocks = Clocks()
    for passed, jump in steps:
        before = clocks.steady()
        clocks.go(passed)
        clocks.wall += jump
        assert abs(clocks.steady() - before - passed) <= passed // 1000 + SECOND // 10_000


@pytest.mark.anyio
async def test_what_is_booked_while_the_clock_is_ahead_has_the_right_time() -> None:
    """Hold 9: a clock that is ahead for a moment leaves no trace in the journal."""
    clocks = Clocks()
    async with writing(clock=clocks.steady) as writer:
        first = await writer.book(DefineCurrency("A", 2))
        clocks.wall += 3600 * SECOND
        clocks.go(SECOND)
        second = await writer.book(DefineCurrency("B", 2))
        clocks.wall -= 3600 * SECOND
        clocks.go(SECOND)
        third = await writer.book(DefineCurrency("C", 2))
    assert [receipt.at - first.at for receipt in (second, third)] == [SECOND, 2 * SECOND]
