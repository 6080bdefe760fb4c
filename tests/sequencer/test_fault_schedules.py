"""Any schedule of faults: callers who ask again until they are answered end with exactly one effect each."""

import asyncio
from collections.abc import Sequence

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from evens.core.commands.wallets import Deposit, Transfer
from evens.core.receipts import Receipt
from evens.core.values.ids import Rail
from evens.sequencer.errors import NotBooked
from tests.sequencer.memory_journal import MemoryDisk, MemoryJournal, Trouble
from tests.sequencer.writing import Writer, id_of, writing

CALLERS = 12
# A writer that is stuck costs seconds each time, so that shrinking would take minutes.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
TROUBLES = st.lists(st.none() | st.sampled_from(Trouble), max_size=12)


async def insist(writer: Writer, command: Deposit | Transfer, key: str, *, background: bool = False) -> Receipt:
    """Ask for a command under a key until there is an answer."""
    while True:
        try:
            if background:
                (answer,) = writer.submit_in_background([command], [key])
                return (await answer)[0]
            return await writer.book(command, key)
        except NotBooked:
            await asyncio.sleep(0)
            await writer.leads()


async def live_through(
    troubles: Sequence[Trouble | None], unreachable: int, blind: int, batch_max: int
) -> tuple[MemoryDisk, Writer, list[Receipt]]:
    """Let callers make payments, each asked for in both lanes, while troubles befall the journal."""
    journal = MemoryJournal()
    async with writing(journal, batch_max=batch_max, patience_s=3) as writer:
        ann, bob = await writer.open_house(ann=1000, bob=0)
        journal.troubles.extend(troubles)
        journal.unreachable, journal.blind = unreachable, blind
        payments = {f"k{number}": Transfer(ann, bob, "USD", 1 + number) for number in range(CALLERS)}
        async with asyncio.TaskGroup() as tasks:
            asking = [
                tasks.create_task(insist(writer, command, key, background=background))
                for background in (False, True)
                for key, command in payments.items()
            ]
    return journal.disk, writer, [asked.result() for asked in asking]


@given(troubles=TROUBLES, unreachable=st.integers(0, 2), blind=st.integers(0, 3), batch_max=st.integers(1, CALLERS))
@settings(max_examples=200, phases=PHASES)
def test_whatever_befalls_the_journal_each_payment_is_made_once(
    troubles: list[Trouble | None], unreachable: int, blind: int, batch_max: int
) -> None:
    disk, writer, receipts = asyncio.run(live_through(troubles, unreachable, blind, batch_max))
    effects = disk.effects()
    assert [effects[id_of(f"k{number}")] for number in range(CALLERS)] == [1] * CALLERS
    assert [receipt.seq for receipt in disk.receipts] == list(range(1, len(disk.receipts) + 1))
    assert receipts[:CALLERS] == receipts[CALLERS:]
    assert all(receipt in disk.receipts for receipt in receipts)
    house = disk.house()
    house.check()
    assert house.digest() == writer.sequencer.house.digest()
    assert sorted(house.ledger.balances.values()) == [
        -1000,
        sum(range(1, CALLERS + 1)),
        1000 - sum(range(1, CALLERS + 1)),
    ]


@given(cuts=st.lists(st.booleans(), min_size=1, max_size=6))
@settings(max_examples=50, phases=PHASES)
def test_a_commit_cut_off_at_any_moment_is_made_once(cuts: list[bool]) -> None:
    async def live() -> None:
        async with writing(patience_s=3) as writer:
            (ann,) = await writer.open_house(ann=0)
            for number, after_storing in enumerate(cuts):
                gate = writer.journal.stall(after_storing)
                asking = asyncio.create_task(insist(writer, Deposit(ann, "USD", 1, Rail.DESK), f"k{number}"))
                await gate.entered.wait()
                writer.journal.lose()
                receipt = await asking
                assert writer.journal.disk.effects()[receipt.command_id] == 1
            assert sorted(writer.journal.disk.house().ledger.balances.values()) == [-len(cuts), len(cuts)]

    asyncio.run(live())
