"""Bad days: whatever befalls a commit, nothing acknowledged is lost and nothing has two effects."""

import asyncio

import pytest

from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.wallets import Deposit, RegisterCustomer, Withdraw
from evens.core.ledger.accounts import InvariantBroken
from evens.core.state import House
from evens.core.values.ids import Rail
from evens.sequencer.chores import Chores
from evens.sequencer.errors import NotLeading, OutcomeUnknown
from evens.sequencer.grouping import SPLIT_MIN
from evens.sequencer.inbox import Inbox, Submission
from evens.sequencer.sequencer import Sequencer
from tests.sequencer.memory_journal import MemoryDisk, MemoryJournal, Trouble
from tests.sequencer.writing import NOON, id_of, writing

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("trouble", "stored"),
    [(Trouble.LOST_BEFORE_STORING, False), (Trouble.LOST_AFTER_STORING, True), (Trouble.DEPOSED, False)],
)
async def test_after_a_failed_commit_the_same_key_tells_what_became_of_it(trouble: Trouble, stored: bool) -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=0)
        command = Deposit(ann, "USD", 5, Rail.DESK)
        writer.journal.troubles.append(trouble)
        with pytest.raises(OutcomeUnknown, match="ask again with the same key"):
            await writer.submit(command, key="k")
        await writer.leads()
        receipt, replayed = await writer.submit(command, key="k")
        assert replayed is stored
        assert writer.journal.disk.effects()[id_of("k")] == 1
        assert receipt in writer.journal.disk.receipts
        assert writer.sequencer.house.digest() == writer.journal.disk.house().digest()


@pytest.mark.parametrize("trouble", list(Trouble))
async def test_what_was_decided_on_a_lost_batch_is_thrown_away_with_it(trouble: Trouble) -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=0)
        gate = writer.journal.stall()
        before = writer.submit(RegisterCustomer("bob"))
        await gate.entered.wait()
        writer.journal.troubles.append(trouble)
        paid_in = writer.submit(Deposit(ann, "USD", 5, Rail.DESK), key="in")
        await writer.journal.milestones.reached("prepared", 4)
        gate.open()
        await before
        paid_out = writer.submit(Withdraw(ann, "USD", 5, Rail.DESK), key="out")
        with pytest.raises(OutcomeUnknown):
            await paid_in
        with pytest.raises((OutcomeUnknown, NotLeading)):
            await paid_out
        await writer.leads()
        for key, command in {
            "in": Deposit(ann, "USD", 5, Rail.DESK),
            "out": Withdraw(ann, "USD", 5, Rail.DESK),
        }.items():
            await writer.book(command, key)
        assert {writer.journal.disk.effects()[id_of(key)] for key in ("in", "out")} == {1}
        assert writer.journal.milestones.counts["loaded"] == 2


async def test_what_still_waits_when_the_journal_is_lost_was_surely_not_booked() -> None:
    async with writing() as writer:
        gate = writer.journal.stall()
        under_way = writer.submit(DefineCurrency("A", 2))
        await gate.entered.wait()
        decided = writer.submit(DefineCurrency("B", 2))
        await writer.journal.milestones.reached("prepared", 2)
        waiting = writer.submit(DefineCurrency("C", 2))
        writer.journal.lose()
        await writer.idles()
        assert isinstance(under_way.exception(), OutcomeUnknown)
        assert isinstance(decided.exception(), OutcomeUnknown)
        assert isinstance(waiting.exception(), NotLeading)


async def test_nobody_waits_for_ever_for_what_was_taken_when_the_journal_was_lost() -> None:
    async with writing() as writer:
        writer.journal.blind = 1
        # So many are looked at by halves.
        answers = [writer.submit(DefineCurrency(f"C{place}", 2), key=f"k{place}") for place in range(SPLIT_MIN)]
        await asyncio.wait(answers)
        half = SPLIT_MIN // 2
        assert [type(answer.exception()) for answer in answers] == half * [OutcomeUnknown] + half * [NotLeading]
        await writer.leads()
        await writer.book(DefineCurrency("C0", 2), key="k0")


async def test_a_commit_cut_off_after_it_was_stored_is_found_again() -> None:
    async with writing() as writer:
        gate = writer.journal.stall(after_storing=True)
        answer = writer.submit(DefineCurrency("USD", 2), key="k")
        await gate.entered.wait()
        writer.journal.lose()
        with pytest.raises(OutcomeUnknown):
            await answer
        await writer.leads()
        receipt, replayed = await writer.submit(DefineCurrency("USD", 2), key="k")
        assert replayed
        assert writer.journal.disk.receipts == [receipt]


async def test_followers_of_a_lost_command_hear_the_same() -> None:
    async with writing() as writer:
        gate = writer.journal.stall()
        answers = [writer.submit(DefineCurrency("USD", 2), key="k")]
        await gate.entered.wait()
        answers += [writer.submit(DefineCurrency("USD", 2), key="k") for _ in range(3)]
        other = writer.submit(DefineCurrency("EUR", 2))
        await writer.journal.milestones.reached("prepared", 2)
        writer.journal.lose()
        await writer.idles()
        assert [type(answer.exception()) for answer in (*answers, other)] == 5 * [OutcomeUnknown]


async def test_while_the_journal_cannot_be_reached_everything_is_refused_at_once() -> None:
    journal = MemoryJournal()
    async with writing(journal) as writer:
        await writer.book(DefineCurrency("USD", 2))
        journal.unreachable = 1_000_000
        journal.lose()
        await writer.idles()
        with pytest.raises(NotLeading, match="cannot book anything now"):
            writer.submit(DefineCurrency("EUR", 2))
        journal.unreachable = 3
        await writer.leads()
        assert (await writer.book(DefineCurrency("EUR", 2))).seq == 2
        assert writer.diary.led_from == [0, 1]


async def test_a_look_up_that_fails_is_a_lost_journal() -> None:
    async with writing() as writer:
        writer.journal.blind = 1
        with pytest.raises(OutcomeUnknown):
            await writer.submit(DefineCurrency("USD", 2), key="k")
        await writer.leads()
        receipt, replayed = await writer.submit(DefineCurrency("USD", 2), key="k")
        assert (receipt.seq, replayed) == (1, False)


async def test_leadership_lost_while_idle_is_taken_again() -> None:
    async with writing() as writer:
        await writer.book(DefineCurrency("USD", 2))
        writer.journal.lose()
        await writer.idles()
        await writer.leads()
        assert (await writer.book(DefineCurrency("EUR", 2))).seq == 2
        assert writer.journal.milestones.counts["led"] == 2


async def test_a_second_server_stands_by_and_takes_over_with_every_answer() -> None:
    disk = MemoryDisk()
    async with writing(MemoryJournal(disk)) as first:
        (ann,) = await first.open_house(ann=5)
        booked = await first.book(Withdraw(ann, "USD", 5, Rail.DESK), key="k")
        async with writing(MemoryJournal(disk), wait_to_lead=False) as second:
            await second.idles()
            with pytest.raises(NotLeading, match="another server leads"):
                second.submit(DefineCurrency("EUR", 2))
            first.sequencer.stop()
            await second.leads()
            assert await second.submit(Withdraw(ann, "USD", 5, Rail.DESK), key="k") == (booked, True)
            await second.book(Deposit(ann, "USD", 1, Rail.DESK))
    assert max(disk.effects().values()) == 1
    disk.house().check()


async def test_a_deposed_leader_commits_nothing_more() -> None:
    disk = MemoryDisk()
    async with writing(MemoryJournal(disk)) as deposed:
        (ann,) = await deposed.open_house(ann=5)
        gate = deposed.journal.stall()
        late = deposed.submit(Withdraw(ann, "USD", 5, Rail.DESK), key="k")
        await gate.entered.wait()
        disk.depose()  # The lock is gone, and the leader has not noticed.
        async with writing(MemoryJournal(disk)) as usurper:
            await usurper.book(Withdraw(ann, "USD", 5, Rail.DESK), key="other")
            gate.open()
            with pytest.raises(OutcomeUnknown):
                await late
            refused, _ = await usurper.submit(Withdraw(ann, "USD", 5, Rail.DESK), key="k")
    assert refused == disk.receipts[-1]
    assert disk.house().ledger.totals_minor() == dict.fromkeys(disk.house().ledger.totals_minor(), 0)


async def test_books_that_contradict_themselves_are_not_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(house: House) -> None:
        raise InvariantBroken("the sum is wrong")

    monkeypatch.setattr(House, "check", broken)
    journal, inbox = MemoryJournal(), Inbox(1)
    with pytest.raises(InvariantBroken, match="the sum is wrong"):
        await asyncio.wait_for(Sequencer(journal, inbox, lambda: NOON).run(), 10)
    assert inbox.closed_because == "the books contradict themselves; run 'evens audit'"
    assert journal.disk.leader is None


async def test_those_who_watch_hear_of_starts_commits_and_troubles() -> None:
    async with writing() as writer:
        await writer.open_house(ann=5)
        writer.journal.troubles.append(Trouble.LOST_BEFORE_STORING)
        with pytest.raises(OutcomeUnknown):
            await writer.book(RegisterCustomer("bob"))
        await writer.leads()
        assert writer.diary.led_from == [0, 3]
        assert writer.diary.commits == [1, 1, 1]
        assert [str(failure) for failure in writer.diary.failures] == ["the connection broke"]
        assert len(writer.diary.idle_because) == 1


async def test_those_who_watch_hear_of_one_trouble_once() -> None:
    async with writing() as writer:
        gate = writer.journal.stall(then=Trouble.LOST_BEFORE_STORING)
        under_way = writer.submit(DefineCurrency("A", 2))
        await gate.entered.wait()
        decided = writer.submit(DefineCurrency("B", 2))
        await writer.journal.milestones.reached("prepared", 2)
        gate.open()
        await writer.idles()
        assert [type(answer.exception()) for answer in (under_way, decided)] == 2 * [OutcomeUnknown]
        assert [str(failure) for failure in writer.diary.failures] == ["the connection broke"]


async def test_callers_are_answered_even_if_no_chore_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    async with writing() as writer:
        real = Chores.take

        def broken(_chores: Chores, _house: House) -> list[Submission]:
            monkeypatch.setattr(Chores, "take", real)
            raise ZeroDivisionError

        monkeypatch.setattr(Chores, "take", broken)
        with pytest.raises(NotLeading):
            await writer.submit(DefineCurrency("USD", 2), key="k")
        await writer.leads()
        await writer.book(DefineCurrency("USD", 2), key="k")
        assert writer.journal.disk.effects()[id_of("k")] == 1
