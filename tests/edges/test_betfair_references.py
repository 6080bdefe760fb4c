"""Which references may have been used: whoever cannot know it says that they may."""

import asyncio
import gc
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from evens.core.commands.exchange import CancelOrders
from evens.core.values.ids import CustomerId
from evens.edges.betfair import references, submitting
from evens.edges.betfair.references import RecentReferences
from evens.edges.betfair.submitting import Submitter
from evens.edges.http.protocol.idempotency import command_id
from evens.sequencer.errors import ConditionRefused, KeyReused

MINUTE_NS = 60 * 10**9
ANN, BOB = ("customer:1", "x"), ("customer:2", "x")


class Clock:
    """A clock that is set by hand, in minutes."""

    minute = 100

    def time_ns(self) -> int:
        """Return the time."""
        return self.minute * MINUTE_NS


@pytest.fixture
def recent(monkeypatch: pytest.MonkeyPatch) -> RecentReferences:
    """Return what a server knows that begins to write within minute 100."""
    monkeypatch.setattr(references, "time", Clock())
    recent = RecentReferences(MINUTE_NS)
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


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("minute", "key"), [(99.5, "x\x00100"), (100.5, "x\x00100"), (98, "x\x0098"), (102, "x\x00102")]
)
async def test_a_reference_is_found_again_where_the_clock_was_set_back(
    monkeypatch: pytest.MonkeyPatch, minute: float, key: str
) -> None:
    monkeypatch.setattr(submitting, "time", SimpleNamespace(time_ns=lambda: int(minute * MINUTE_NS)))
    booked = {command_id("customer:1", "x\x00100"): SimpleNamespace(at=int(100.1 * MINUTE_NS))}

    async def receipt(command_id: bytes) -> Any:
        return booked.get(command_id)

    def follow(_follower: object) -> None:
        """Never tell that this server leads: it knows nothing."""

    gateway: Any = SimpleNamespace(receipt=receipt, follow=follow)
    call: Any = SimpleNamespace(
        principal=SimpleNamespace(scope="customer:1"), services=SimpleNamespace(gateway=gateway)
    )
    assert await Submitter(gateway).find_key(call, "x") == key


@pytest.mark.anyio
async def test_a_reference_that_stands_for_another_request_leaves_nothing_for_the_log() -> None:
    loop, told = asyncio.get_running_loop(), list[str]()
    loop.set_exception_handler(lambda _loop, context: told.append(context["message"]))

    def submit_all(commands: Sequence[Any], **_how: Any) -> list[asyncio.Future[Any]]:
        futures = [loop.create_future() for _ in commands]
        for future, trouble in zip(futures, [KeyReused(), *(ConditionRefused() for _ in commands[1:])], strict=True):
            future.set_exception(trouble)
        return futures

    async def receipt(_command_id: bytes) -> None:
        """Know of no command."""

    gateway: Any = SimpleNamespace(receipt=receipt, follow=lambda _follower: None, submit_all=submit_all)
    call: Any = SimpleNamespace(
        principal=SimpleNamespace(scope="customer:1"), services=SimpleNamespace(gateway=gateway), raw={}
    )
    with pytest.raises(KeyReused):
        await Submitter(gateway).submit(call, "cancelOrders", "x", [CancelOrders(CustomerId(1), None)] * 2)
    gc.collect()
    await asyncio.sleep(0)
    assert told == []
