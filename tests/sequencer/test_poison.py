"""Commands that break the rules: set aside, never tried again, and everybody else goes on."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from evens.core import kernel
from evens.core.commands.wallets import Deposit, FreezeCustomer, RegisterCustomer
from evens.core.events.every import Event
from evens.core.events.wallets import CustomerFrozen
from evens.core.kernel import HandlerFailed
from evens.core.values.ids import CustomerId, Rail
from evens.sequencer.errors import CommandFailed, OutcomeUnknown
from tests.sequencer.memory_journal import MemoryJournal
from tests.sequencer.writing import Writer, id_of, writing

pytestmark = pytest.mark.anyio

MILD, STRONG = CustomerId(666), CustomerId(667)
"""Customers whom to freeze breaks the rules: before anything has happened, and after."""


@pytest.fixture(autouse=True)
def poison(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant a bug in the rules about freezing."""
    room, sound = kernel.HANDLERS[FreezeCustomer]

    def broken(wallets: Any, command: FreezeCustomer, seq: int, at: int) -> Iterator[Event]:
        if command.customer == MILD:
            raise ZeroDivisionError("mild")
        if command.customer == STRONG:
            yield CustomerFrozen(command.customer)
            raise ZeroDivisionError("strong")
        yield from sound(wallets, command, seq, at)

    monkeypatch.setitem(kernel.HANDLERS, FreezeCustomer, (room, broken))


async def failure_of(answer: asyncio.Future[Any]) -> type[BaseException] | None:
    await asyncio.wait([answer])
    failure = answer.exception()
    return None if failure is None else type(failure)


def times_loaded(writer: Writer) -> int:
    return writer.journal.milestones.counts["loaded"]


async def leads_again(writer: Writer, times: int) -> None:
    """Wait until it has loaded the house so many times, and writes."""
    await writer.journal.milestones.reached("loaded", times)
    await writer.leads()


async def test_a_command_that_breaks_the_rules_is_refused_and_kept_for_the_operator() -> None:
    async with writing() as writer:
        with pytest.raises(CommandFailed, match="set aside for inspection; nothing was booked"):
            await writer.book(FreezeCustomer(MILD), key="k")
        assert writer.journal.disk.set_aside == {
            id_of("k"): f"desk: {FreezeCustomer(MILD)}: ZeroDivisionError('mild')",
        }
        assert [type(failure) for failure in writer.diary.failures] == [HandlerFailed]
        assert writer.journal.disk.receipts == []


async def test_its_neighbours_do_not_notice_where_nothing_had_happened_yet() -> None:
    async with writing() as writer:
        commands = [
            RegisterCustomer("ann"),
            FreezeCustomer(MILD),
            RegisterCustomer("bob"),
            FreezeCustomer(CustomerId(1)),
        ]
        answers = [writer.submit(command) for command in commands]
        assert [await failure_of(answer) for answer in answers] == [None, CommandFailed, None, None]
        assert [receipt.command for receipt in writer.journal.disk.receipts] == [*commands[:1], *commands[2:]]
        assert times_loaded(writer) == 1
        assert writer.sequencer.house.digest() == writer.journal.disk.house().digest()


@pytest.mark.parametrize("customer", [MILD, STRONG])
async def test_it_is_never_tried_again_under_the_same_key(customer: CustomerId) -> None:
    async with writing() as writer:
        assert await failure_of(writer.submit(FreezeCustomer(customer), key="k")) is CommandFailed
        if customer == STRONG:
            await writer.idles()
            await writer.leads()
        for _ in range(3):
            assert await failure_of(writer.submit(FreezeCustomer(customer), key="k")) is CommandFailed
        rules_broken = [failure for failure in writer.diary.failures if isinstance(failure, HandlerFailed)]
        assert len(rules_broken) == 1


async def test_where_something_had_happened_the_house_is_loaded_again_without_it() -> None:
    async with writing() as writer:
        await writer.open_house(ann=5)
        assert await failure_of(writer.submit(FreezeCustomer(STRONG))) is CommandFailed
        await writer.idles()
        await writer.leads()
        assert times_loaded(writer) == 2
        assert STRONG not in writer.sequencer.house.wallets.frozen
        await writer.book(RegisterCustomer("bob"))
        assert writer.sequencer.house.digest() == writer.journal.disk.house().digest()


async def test_what_was_decided_before_it_is_booked_and_what_came_after_can_be_asked_again() -> None:
    async with writing() as writer:
        (ann,) = await writer.open_house(ann=5)
        before = writer.submit(Deposit(ann, "USD", 1, Rail.DESK), key="before")
        poisoned = writer.submit(FreezeCustomer(STRONG), key="poison")
        after = writer.submit(Deposit(ann, "USD", 2, Rail.DESK), key="after")
        assert await failure_of(poisoned) is CommandFailed
        assert await failure_of(before) is None
        assert await failure_of(after) is OutcomeUnknown
        await writer.leads()
        _, replayed = await writer.submit(Deposit(ann, "USD", 2, Rail.DESK), key="after")
        assert not replayed
        assert {writer.journal.disk.effects()[id_of(key)] for key in ("before", "after")} == {1}
        assert writer.journal.disk.effects()[id_of("poison")] == 0


@pytest.mark.parametrize("customer", [MILD, STRONG])
async def test_a_batch_under_way_is_finished_first(customer: CustomerId) -> None:
    async with writing() as writer:
        gate = writer.journal.stall()
        under_way = writer.submit(RegisterCustomer("ann"))
        await gate.entered.wait()
        poisoned = writer.submit(FreezeCustomer(customer))
        gate.open()
        assert await failure_of(poisoned) is CommandFailed
        assert await failure_of(under_way) is None
        if customer == STRONG:
            await writer.idles()
            await writer.leads()
        await writer.book(RegisterCustomer("bob"))
        assert writer.sequencer.house.digest() == writer.journal.disk.house().digest()


async def test_all_who_asked_under_its_key_hear_that_it_failed() -> None:
    async with writing() as writer:
        answers = [writer.submit(FreezeCustomer(MILD), key="k") for _ in range(4)]
        assert [await failure_of(answer) for answer in answers] == 4 * [CommandFailed]


async def test_where_it_cannot_be_set_aside_its_neighbours_are_asked_again_and_it_still_fails() -> None:
    async with writing() as writer:
        writer.journal.full = 1
        poisoned = writer.submit(FreezeCustomer(MILD), key="poison")
        neighbour = writer.submit(RegisterCustomer("ann"), key="ann")
        assert await failure_of(poisoned) is OutcomeUnknown
        assert await failure_of(neighbour) in {OutcomeUnknown, None}
        await writer.leads()
        assert await failure_of(writer.submit(FreezeCustomer(MILD), key="poison")) is CommandFailed
        await writer.book(RegisterCustomer("ann"), key="ann")
        assert writer.journal.disk.effects() == {id_of("ann"): 1}


async def test_a_command_that_cannot_be_stored_is_found_out_and_its_neighbours_are_booked() -> None:
    async with writing() as writer:
        keys = ("ann", "too long", "bob")
        commands = {key: RegisterCustomer(key) for key in keys}
        writer.journal.unstorable = commands["too long"]

        first = [writer.submit(commands[key], key=key) for key in keys]
        assert [await failure_of(answer) for answer in first] == 3 * [OutcomeUnknown]
        await leads_again(writer, 2)
        await writer.book(commands["ann"], key="ann")
        assert await failure_of(writer.submit(commands["too long"], key="too long")) is CommandFailed
        await leads_again(writer, 3)
        await writer.book(commands["bob"], key="bob")

        assert writer.journal.disk.effects() == {id_of("ann"): 1, id_of("bob"): 1}
        assert await failure_of(writer.submit(commands["too long"], key="too long")) is CommandFailed
        assert "no room for this value" in writer.journal.disk.set_aside[id_of("too long")]


async def test_suspects_that_come_together_are_tried_one_by_one_between_the_others() -> None:
    async with writing() as writer:
        writer.journal.unstorable = RegisterCustomer("too long")
        suspects = [writer.submit(RegisterCustomer(name), key=name) for name in ("ann", "too long")]
        assert [await failure_of(answer) for answer in suspects] == 2 * [OutcomeUnknown]
        await leads_again(writer, 2)

        names = ["cat", "ann", "dan"]
        await asyncio.gather(*(writer.submit(RegisterCustomer(name), key=name) for name in names))

        assert [[receipt.command for receipt in batch] for batch in writer.journal.batches] == [
            [RegisterCustomer(name)] for name in names
        ]


async def test_what_was_set_aside_stays_aside_after_a_restart() -> None:
    async with writing() as writer:
        assert await failure_of(writer.submit(FreezeCustomer(MILD), key="k")) is CommandFailed
    async with writing(MemoryJournal(writer.journal.disk)) as restarted:
        assert await failure_of(restarted.submit(FreezeCustomer(MILD), key="k")) is CommandFailed
        assert [failure for failure in restarted.diary.failures if isinstance(failure, HandlerFailed)] == []
