"""A command that depends on what only the tables know is decided on all that came before it, and nothing less."""

import asyncio

import pytest

from evens.core.commands.wallets import Deposit, SetDepositLimits
from evens.core.events.ledger import Rejected, Transferred
from evens.core.events.wallets import DepositLimitsSet
from evens.core.values.deposit_limits import RAISE_DELAY_NS, GrossDeposits
from evens.core.values.ids import Rail
from tests.sequencer.writing import NOON, Writer, writing

pytestmark = pytest.mark.anyio


async def test_what_is_under_way_is_stored_before_the_past_is_recalled() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=40)
        gate = writer.journal.stall()
        deposit = writer.submit(Deposit(ann, "USD", 30, Rail.DESK))
        await gate.entered.wait()
        in_the_same_batch = writer.submit(Deposit(ann, "USD", 20, Rail.DESK))
        limited = writer.submit(SetDepositLimits(ann, "USD", 100))
        too_much = writer.submit(Deposit(ann, "USD", 11, Rail.DESK))
        the_rest = writer.submit(Deposit(ann, "USD", 10, Rail.DESK))
        assert writer.journal.milestones.counts["recalled"] == 0
        gate.open()
        answers = await asyncio.gather(deposit, in_the_same_batch, limited, too_much, the_rest)
        kinds = [type(receipt.events[0]) for receipt, _ in answers]
        assert kinds == [Transferred, Transferred, DepositLimitsSet, Rejected, Transferred]
        assert deposited(answers[2][0].events[0]).day_minor == 90
        assert writer.journal.disk.house().digest() == writer.sequencer.house.digest()


async def test_the_past_is_recalled_once_and_a_retry_gets_the_first_answer() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=40)
        first = await writer.book(SetDepositLimits(ann, "USD", 100), key="k")
        await writer.book(Deposit(ann, "USD", 30, Rail.DESK))
        again, replayed = await writer.submit(SetDepositLimits(ann, "USD", 100), key="k")
        assert (again, replayed) == (first, True)
        lowered = await writer.book(SetDepositLimits(ann, "USD", 80))
        assert isinstance(lowered.events[0], DepositLimitsSet)
        assert lowered.events[0].deposited is None
        assert writer.journal.milestones.counts["recalled"] == 1


async def test_a_limit_that_goes_and_comes_in_one_batch_is_recalled_again() -> None:
    now = [NOON]
    async with writing(clock=lambda: now[0]) as writer:
        (ann,) = await writer.open_house(ann=40)
        await writer.book(SetDepositLimits(ann, "USD", 100))
        await writer.book(SetDepositLimits(ann, "USD"))
        now[0] += 2 * RAISE_DELAY_NS
        await limit_twice_at_once(writer, SetDepositLimits(ann, "USD"), SetDepositLimits(ann, "USD", 50))
        assert writer.journal.milestones.counts["recalled"] == 2
        assert writer.journal.disk.house().digest() == writer.sequencer.house.digest()


async def limit_twice_at_once(writer: Writer, *commands: SetDepositLimits) -> None:
    answers = await asyncio.gather(*[writer.submit(command) for command in commands])
    assert [type(receipt.events[0]) for receipt, _ in answers] == [DepositLimitsSet] * 2


def deposited(event: object) -> GrossDeposits:
    assert isinstance(event, DepositLimitsSet)
    assert event.deposited is not None
    return event.deposited
