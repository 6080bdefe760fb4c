"""Lanes: callers overtake what is in the background, which goes on all the same, and each command is booked once."""

import asyncio
from collections.abc import Sequence

import pytest

from evens.core.commands.exchange import SettleMarket
from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.wallets import Deposit, RegisterCustomer
from evens.core.exchange import parts
from evens.core.receipts import Receipt
from evens.core.values.ids import Rail, RunnerId
from evens.sequencer import sequencer
from evens.sequencer.errors import CommandFailed, NotLeading, OutcomeUnknown
from evens.sequencer.inbox import HOUSE_ACTOR
from evens.sequencer.pacing import BACKGROUND_MIN
from tests.sequencer.memory_journal import MemoryJournal, Prepared, Trouble
from tests.sequencer.trading import has_nothing_to_advance, open_house, open_traded_market
from tests.sequencer.writing import Writer, id_of, writing

pytestmark = pytest.mark.anyio


def customers(count: int, prefix: str = "copy") -> list[RegisterCustomer]:
    return [RegisterCustomer(f"{prefix}{number}") for number in range(count)]


def actors(writer: Writer) -> list[tuple[int, int]]:
    """Return how many commands of callers and how many of the background each batch has, the callers' first."""
    counts: list[tuple[int, int]] = []
    for batch in writer.journal.batches:
        order = [receipt.actor for receipt in batch]
        assert order == sorted(order, reverse=True), "a caller's command is behind one of the background"
        counts.append((order.count("desk"), order.count("copier")))
    return counts


async def test_callers_overtake_what_waits_in_the_background() -> None:
    async with writing() as writer:
        gate = writer.journal.stall()
        copies = writer.submit_in_background(customers(100))
        await writer.journal.milestones.reached("prepared", 2)
        asked = [writer.submit(command) for command in customers(3, "caller")]
        gate.open()
        seqs = [receipt.seq for receipt, _ in await asyncio.gather(*asked)]
        assert seqs == [2 * BACKGROUND_MIN + place for place in (1, 2, 3)]
        copied = [receipt.seq for receipt, _ in await asyncio.gather(*copies)]
        assert copied == sorted(copied)
        assert copied[-1] == 103
        assert actors(writer)[:2] == [(0, BACKGROUND_MIN)] * 2


async def test_the_background_goes_on_where_callers_fill_every_batch() -> None:
    async with writing(batch_max=5) as writer:
        asked = [writer.submit(command) for command in customers(25, "caller")]
        copies = writer.submit_in_background(customers(2 * BACKGROUND_MIN + 1))
        await asyncio.gather(*asked, *copies)
        assert actors(writer) == [(5, BACKGROUND_MIN), (5, BACKGROUND_MIN), (5, 1), (5, 0), (5, 0)]


class TimedJournal(MemoryJournal):
    """A journal on which preparing a command takes 10 ms and a commit so long, by a clock of its own.

    A commit takes so much longer for each chore.
    """

    def __init__(self, commit_s: float, chore_s: float = 0.0) -> None:
        super().__init__()
        self.now_s = 0.0
        self._commit_s = commit_s
        self._chore_s = chore_s

    def prepare(self, receipts: Sequence[Receipt]) -> Prepared:
        self.now_s += 0.01 * len(receipts)
        return super().prepare(receipts)

    async def append(self, prepared: Prepared) -> None:
        chores = sum([receipt.actor == HOUSE_ACTOR for receipt in prepared.receipts])
        self.now_s += self._commit_s + self._chore_s * chores
        await super().append(prepared)


@pytest.mark.parametrize(("commit_s", "largest"), [(0.01, (8, 8)), (1.0, (30, 100)), (100.0, (150, 184))])
async def test_the_slower_the_disk_is_the_more_of_the_background_is_committed_together(
    monkeypatch: pytest.MonkeyPatch, commit_s: float, largest: tuple[int, int]
) -> None:
    journal = TimedJournal(commit_s)
    monkeypatch.setattr(sequencer, "perf_counter", lambda: journal.now_s)
    async with writing(journal) as writer:
        await writer.book(DefineCurrency("USD", 2))
        await asyncio.gather(*writer.submit_in_background(customers(200)))
        sizes = [background for _callers, background in actors(writer)]
        assert sum(sizes) == 200
        assert sizes[1:3] == [BACKGROUND_MIN] * 2
        assert largest[0] <= max(sizes) <= largest[1]


async def test_chores_do_not_count_for_what_callers_wait_without_the_background(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = TimedJournal(0.01, chore_s=10.0)
    monkeypatch.setattr(sequencer, "perf_counter", lambda: journal.now_s)
    monkeypatch.setattr(parts, "CUSTOMERS_PER_CHUNK", 1)
    async with writing(journal) as writer:
        people = await open_house(writer)
        for _ in range(5):
            market = await open_traded_market(writer, people)
            await writer.book(SettleMarket(market, (RunnerId(1),)))
            await has_nothing_to_advance(writer)
        before = len(journal.batches)
        await asyncio.gather(*writer.submit_in_background(customers(200)))
        assert {len(batch) for batch in journal.batches[before:]} == {BACKGROUND_MIN}


@pytest.mark.parametrize("background_first", [True, False])
async def test_one_id_in_both_lanes_is_booked_once(background_first: bool) -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=0)
        command = Deposit(ann, "USD", 5, Rail.DESK)
        if background_first:
            (copied,) = writer.submit_in_background([command], ["k"])
            asked = writer.submit(command, "k")
        else:
            asked = writer.submit(command, "k")
            (copied,) = writer.submit_in_background([command], ["k"])
        (receipt, replayed), (same, again) = await asked, await copied
        assert (receipt, replayed, again) == (same, False, True)
        (later,) = writer.submit_in_background([command], ["k"])
        assert await later == (receipt, True)
        assert writer.journal.disk.effects()[id_of("k")] == 1


async def test_an_id_whose_batch_commits_is_answered_in_the_other_lane_with_it() -> None:
    async with writing() as writer:
        gate = writer.journal.stall()
        (copied,) = writer.submit_in_background([DefineCurrency("USD", 2)], ["k"])
        await gate.entered.wait()
        asked = writer.submit(DefineCurrency("USD", 2), "k")
        gate.open()
        receipt, replayed = await copied
        assert (replayed, await asked) == (False, (receipt, True))


async def test_nobody_in_either_lane_waits_for_ever_when_the_journal_is_lost() -> None:
    async with writing() as writer:
        gate = writer.journal.stall(then=Trouble.LOST_BEFORE_STORING)
        copies = writer.submit_in_background(customers(4 * BACKGROUND_MIN))
        await writer.journal.milestones.reached("prepared", 2)
        asked = writer.submit(RegisterCustomer("caller"))
        gate.open()
        await asyncio.wait([*copies, asked])
        decided, waiting = copies[: 2 * BACKGROUND_MIN], copies[2 * BACKGROUND_MIN :]
        assert {type(answer.exception()) for answer in decided} == {OutcomeUnknown}
        assert {type(answer.exception()) for answer in [*waiting, asked]} == {NotLeading}
        await writer.leads()
        again = writer.submit_in_background(customers(4 * BACKGROUND_MIN))
        assert [receipt.seq for receipt, _ in await asyncio.gather(*again)] == list(range(1, 4 * BACKGROUND_MIN + 1))


async def test_stopping_answers_both_lanes() -> None:
    async with writing() as writer:
        gate = writer.journal.stall()
        copies = writer.submit_in_background(customers(3 * BACKGROUND_MIN))
        await writer.journal.milestones.reached("prepared", 2)
        asked = writer.submit(RegisterCustomer("caller"))
        writer.sequencer.stop()
        assert isinstance(asked.exception(), NotLeading)
        assert {type(answer.exception()) for answer in copies[2 * BACKGROUND_MIN :]} == {NotLeading}
        gate.open()
        await writer.running
        assert [receipt.seq for receipt, _ in await asyncio.gather(*copies[: 2 * BACKGROUND_MIN])] == list(
            range(1, 2 * BACKGROUND_MIN + 1)
        )


async def insist(writer: Writer, command: RegisterCustomer, key: str, *, background: bool) -> str:
    """Ask for a command until it is booked or set aside; return which."""
    while True:
        try:
            await (writer.submit_in_background([command], [key])[0] if background else writer.submit(command, key))
        except CommandFailed:
            return "failed"
        except (NotLeading, OutcomeUnknown):
            await writer.leads()
        else:
            return "booked"


async def test_what_cannot_be_stored_is_found_in_the_background_too_and_set_aside() -> None:
    journal = MemoryJournal()
    journal.unstorable = RegisterCustomer("copy3")
    async with writing(journal) as writer:
        commands = [*customers(6), *customers(6, "caller")]
        outcomes = await asyncio.gather(
            *(insist(writer, command, f"k{n}", background=n < 6) for n, command in enumerate(commands))
        )
        assert [n for n, outcome in enumerate(outcomes) if outcome == "failed"] == [3]
        assert len(writer.sequencer.house.wallets.customers) == 11
