"""Which references may have been used: whoever cannot know it says that they may."""

import asyncio
import gc
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from evens.core.commands.exchange import CancelOrders
from evens.core.values.ids import CustomerId
from evens.edges.betfair import references
from evens.edges.betfair.references import RecentReferences
from evens.edges.betfair.submitting import Submitter
from evens.edges.http.protocol.idempotency import command_id
from evens.sequencer.errors import ConditionRefused, KeyReused

MINUTE_NS = 60 * 10**9
ANN, BOB = ("customer:1", "x"), ("customer:2", "x")


class Clock:
    """A clock that is set by hand, in minutes."""

    minute: float = 100

    def __call__(self) -> int:
        """Return the time."""
        return int(self.minute * MINUTE_NS)


@pytest.fixture
def recent() -> RecentReferences:
    """Return what a server knows that begins to write within minute 100."""
    recent = RecentReferences(MINUTE_NS, Clock())
    assert recent.may_be_used(ANN, 10**6)
    recent.leading(7)
    return recent


def test_a_server_knows_only_of_minutes_in_which_no_other_one_can_have_written(recent: RecentReferences) -> None:
    assert [recent.may_be_used(ANN, minute) for minute in (99, 100, 101, 102, 103)] == [True, True, True, False, False]
    recent.idle("another server leads")
    assert recent.may_be_used(ANN, 103)


def test_what_was_used_is_known_by_caller_and_minute_and_then_forgotten(recent: RecentReferences) -> None:
    recent.use(ANN, 102)
    assert [recent.may_be_used(*each) for each in ((ANN, 102), (BOB, 102), (ANN, 103))] == [True, False, False]
    recent.use(BOB, 103)
    assert recent.may_be_used(ANN, 102)
    recent.use(BOB, 104)
    # Nothing is known of minute 102 any more.
    assert [recent.may_be_used(*each) for each in ((BOB, 102), (BOB, 103), (ANN, 103))] == [True, True, False]


def test_what_was_forgotten_may_be_used_once_the_clock_is_set_back(recent: RecentReferences) -> None:
    recent.use(ANN, 110)
    # The clock is an hour ahead for a moment.
    recent.use(BOB, 170)
    assert [recent.may_be_used(ANN, minute) for minute in (109, 110, 111)] == [True, True, True]
    recent.use(BOB, 111)
    assert recent.may_be_used(ANN, 110)
    assert not recent.may_be_used(ANN, 170)


def test_with_too_many_the_server_knows_nothing_for_a_while(
    recent: RecentReferences, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "REMEMBERED_MAX", 2)
    monkeypatch.setattr(Clock, "minute", 102)
    for number in range(3):
        recent.use(("customer:1", f"{number}"), 102)
    assert [recent.may_be_used(ANN, minute) for minute in (102, 103, 104)] == [True, True, False]


class Desk:
    """A gateway that books nothing, and the calls to it; ``booked`` has when commands were booked before, by id."""

    def __init__(self) -> None:
        self.booked: dict[bytes, int] = {}
        self.gateway: Any = self
        self.call: Any = SimpleNamespace(
            principal=SimpleNamespace(scope="customer:1"), services=SimpleNamespace(gateway=self), raw={}
        )

    async def receipt(self, command_id: bytes) -> Any:
        """Return when a command was booked."""
        at = self.booked.get(command_id)
        return None if at is None else SimpleNamespace(at=at)

    def follow(self, _follower: object) -> None:
        """Never tell that this server leads: it knows nothing."""

    def submit_all(self, commands: Sequence[Any], **_how: Any) -> list[asyncio.Future[Any]]:
        """Say that the id of the first stands for another command, which is the condition of the others."""
        futures = [asyncio.get_running_loop().create_future() for _ in commands]
        for future, trouble in zip(futures, [KeyReused(), *(ConditionRefused() for _ in commands[1:])], strict=True):
            future.set_exception(trouble)
        return futures


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("minute", "key"), [(99.5, "x\x00100"), (100.5, "x\x00100"), (98, "x\x0098"), (102, "x\x00102")]
)
async def test_a_reference_is_found_again_where_another_servers_clock_was_ahead(minute: float, key: str) -> None:
    clock, desk = Clock(), Desk()
    clock.minute = minute
    desk.booked[command_id("customer:1", "x\x00100")] = int(100.1 * MINUTE_NS)
    assert await Submitter(desk.gateway, clock).find_key(desk.call, "x") == key


@pytest.mark.anyio
@pytest.mark.parametrize("ahead", [-60, -2, 2, 60])
async def test_a_reference_is_found_again_whatever_the_machines_own_clock_does(
    monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    clock, desk = Clock(), Desk()
    clock.minute = 100.95
    submitter = Submitter(desk.gateway, clock)
    key = await submitter.find_key(desk.call, "x")
    desk.booked[command_id("customer:1", key)] = clock()
    clock.minute = 101.05
    monkeypatch.setattr(time, "time_ns", lambda: clock() + ahead * MINUTE_NS)
    assert await submitter.find_key(desk.call, "x") == key


@pytest.mark.anyio
async def test_a_reference_that_stands_for_another_request_leaves_nothing_for_the_log() -> None:
    desk, told = Desk(), list[str]()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context["message"]))
    commands = [CancelOrders(CustomerId(1), None)] * 2
    with pytest.raises(KeyReused):
        await Submitter(desk.gateway, Clock()).submit(desk.call, "cancelOrders", "x", commands)
    gc.collect()
    await asyncio.sleep(0)
    assert told == []
