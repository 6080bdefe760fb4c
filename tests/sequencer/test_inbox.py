"""The inbox: bounded, in order, and closed with a reason when nobody writes."""

import asyncio

import pytest

from evens.core.commands.wallets import FreezeCustomer
from evens.core.values.ids import CustomerId
from evens.sequencer.errors import NotLeading, Overloaded
from evens.sequencer.inbox import Answer, Inbox, Submission

pytestmark = pytest.mark.anyio


def open_inbox(capacity: int = 100, background_capacity: int = 100) -> Inbox:
    inbox = Inbox(capacity, background_capacity)
    inbox.open()
    return inbox


def submit(inbox: Inbox, number: int) -> asyncio.Future[Answer]:
    return inbox.submit(FreezeCustomer(CustomerId(number)), command_id=number.to_bytes(16), actor="desk")


def submit_in_background(inbox: Inbox, *several: int) -> list[asyncio.Future[Answer]]:
    commands = [(number.to_bytes(16), FreezeCustomer(CustomerId(number))) for number in several]
    return inbox.submit_all(commands, actor="job", background=True)


def numbers(taken: list[Submission]) -> list[int]:
    return [int.from_bytes(submission.command_id) for submission in taken]


async def test_an_inbox_is_closed_until_its_server_leads() -> None:
    inbox = Inbox(1)
    with pytest.raises(NotLeading, match=r"This server cannot book anything now: it is starting\."):
        submit(inbox, 1)
    inbox.open()
    submit(inbox, 1)
    assert inbox.closed_because is None


async def test_what_came_first_is_taken_first_and_never_more_than_asked_for() -> None:
    inbox = open_inbox()
    for number in range(5):
        submit(inbox, number)
    assert numbers(await inbox.take(2)) == [0, 1]
    assert numbers(await inbox.take(3)) == [2, 3, 4]
    assert inbox.waiting == 0


async def test_whoever_takes_waits_until_something_comes() -> None:
    inbox = open_inbox()
    taking = asyncio.create_task(inbox.take(10))
    for _ in range(3):
        await asyncio.sleep(0)
    assert not taking.done()
    submit(inbox, 7)
    assert numbers(await taking) == [7]


async def test_more_than_the_capacity_is_refused_until_there_is_room() -> None:
    inbox = open_inbox(capacity=2)
    submit(inbox, 1)
    submit(inbox, 2)
    with pytest.raises(Overloaded, match="Too many commands are waiting; try again in a moment"):
        submit(inbox, 3)
    assert numbers(await inbox.take(1)) == [1]
    submit(inbox, 4)
    assert numbers(await inbox.take(9)) == [2, 4]


async def test_several_commands_are_queued_side_by_side_or_not_at_all() -> None:
    inbox = open_inbox(capacity=3)
    submit(inbox, 1)
    three = [(number.to_bytes(16), FreezeCustomer(CustomerId(number))) for number in (2, 3, 4)]
    with pytest.raises(Overloaded):
        inbox.submit_all(three, actor="desk")
    assert inbox.waiting == 1
    answers = inbox.submit_all(three[:2], actor="desk")
    assert numbers(await inbox.take(9)) == [1, 2, 3]
    assert [answer.done() for answer in answers] == [False, False]


async def test_closing_refuses_what_waits_and_what_comes_with_the_reason() -> None:
    inbox = open_inbox()
    waiting = submit(inbox, 1)
    inbox.close("the lights are out")
    with pytest.raises(NotLeading, match="the lights are out"):
        await waiting
    with pytest.raises(NotLeading, match="the lights are out"):
        submit(inbox, 2)
    assert inbox.closed_because == "the lights are out"


async def test_closing_wakes_whoever_takes_and_gives_nothing() -> None:
    inbox = open_inbox()
    taking = asyncio.create_task(inbox.take(10))
    await asyncio.sleep(0)
    inbox.close("the lights are out")
    assert await taking == []
    assert await inbox.take(10) == []


async def test_a_caller_who_went_away_does_not_keep_the_inbox_from_closing() -> None:
    inbox = open_inbox()
    gone, waiting = submit(inbox, 1), submit(inbox, 2)
    gone.cancel()
    inbox.close("the lights are out")
    assert gone.cancelled()
    assert isinstance(waiting.exception(), NotLeading)


async def test_whoever_takes_does_not_wait_longer_than_they_want_to() -> None:
    inbox = open_inbox()
    assert await inbox.take(10, wait_s=0.001) == []
    submit(inbox, 7)
    assert numbers(await inbox.take(10, wait_s=3600)) == [7]


async def test_whoever_does_not_want_to_wait_still_lets_others_submit() -> None:
    inbox = open_inbox()
    asyncio.get_running_loop().call_soon(submit, inbox, 7)
    assert numbers(await inbox.take(10, wait_s=0)) == [7]


async def test_closing_wakes_whoever_waits_for_a_while() -> None:
    inbox = open_inbox()
    taking = asyncio.create_task(inbox.take(10, wait_s=3600))
    await asyncio.sleep(0)
    inbox.close("the lights are out")
    assert await taking == []


async def test_what_is_in_the_background_is_taken_apart_and_in_its_own_order() -> None:
    inbox = open_inbox()
    submit_in_background(inbox, 1, 2, 3)
    submit(inbox, 4)
    submit_in_background(inbox, 5)
    assert (inbox.waiting, inbox.waiting_in_background) == (1, 4)
    assert numbers(await inbox.take(9)) == [4]
    assert inbox.take_background(0) == []
    taken = inbox.take_background(2)
    assert numbers(taken) == [1, 2]
    assert {each.is_background for each in taken} == {True}
    assert numbers(inbox.take_background(9)) == [3, 5]


async def test_whoever_takes_hears_of_what_comes_in_the_background() -> None:
    inbox = open_inbox()
    taking = asyncio.create_task(inbox.take(10))
    await asyncio.sleep(0)
    submit_in_background(inbox, 7)
    assert await taking == []
    assert numbers(inbox.take_background(10)) == [7]


async def test_neither_lane_takes_the_room_of_the_other() -> None:
    inbox = open_inbox(capacity=1, background_capacity=2)
    submit(inbox, 1)
    submit_in_background(inbox, 2)
    with pytest.raises(Overloaded):
        submit(inbox, 3)
    with pytest.raises(Overloaded):
        submit_in_background(inbox, 4, 5)
    submit_in_background(inbox, 6)
    assert numbers(await inbox.take(9)) == [1]
    assert numbers(inbox.take_background(9)) == [2, 6]


async def test_closing_refuses_what_waits_in_the_background_too() -> None:
    inbox = open_inbox()
    (waiting,) = submit_in_background(inbox, 1)
    inbox.close("the lights are out")
    with pytest.raises(NotLeading, match="the lights are out"):
        await waiting
    with pytest.raises(NotLeading, match="the lights are out"):
        submit_in_background(inbox, 2)
    assert (inbox.waiting_in_background, inbox.take_background(9)) == (0, [])


async def test_what_depends_on_a_command_is_taken_from_the_background_with_it() -> None:
    inbox = open_inbox()
    three = [(number.to_bytes(16), FreezeCustomer(CustomerId(number))) for number in (1, 2, 3)]
    inbox.submit_all(three, actor="job", conditions=1, background=True)
    submit_in_background(inbox, 4)
    taken = inbox.take_background(1)
    assert numbers(taken) == [1, 2, 3]
    assert [each.condition for each in taken] == [None, taken[0], taken[0]]
