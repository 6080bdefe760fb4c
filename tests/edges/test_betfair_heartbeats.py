"""Heartbeats of Betfair's dialect: whose orders are taken back, and when nothing is promised."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final, cast

import pytest

from evens.core.commands.exchange import CancelOrders
from evens.core.events.ledger import Rejected
from evens.core.ledger.reasons import SharedReason
from evens.core.receipts import Receipt
from evens.core.values.ids import CustomerId
from evens.edges.betfair.errors import ApiError
from evens.edges.betfair.heartbeat import Heartbeats
from evens.sequencer.errors import CommandFailed, NotBooked, OutcomeUnknown
from tests.edges.conftest import Caller, OpenHouse

ONE: Final = CustomerId(1)
OTHER: Final = CustomerId(2)


@dataclass
class Clock:
    """A time that tests move."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.anyio
async def test_orders_are_taken_back_once_a_program_falls_silent(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller
) -> None:
    body = {"name": "Winner", "starts_at": "2030-01-01T12:00:00Z", "runners": [{"name": "Ann"}, {"name": "Bo"}]}
    market = (await operator.post("/v1/exchange/markets", body)).json()["id"]
    order = {"market_id": market, "runner_id": "1", "side": "back", "odds": "2.00", "stake": "5.00"}
    placed = (await ada.post("/v1/exchange/orders", order)).json()["id"]
    assert ada.customer is not None
    heartbeats = Heartbeats(house.services.gateway, clock := Clock())

    async def state() -> str:
        return (await ada.get(f"/v1/exchange/orders/{placed}")).json()["status"]

    assert heartbeats.beat(ada.customer, 10) == ("NONE", 10)
    clock.now = 9.9
    await heartbeats.look()
    assert (await state(), heartbeats.beat(ada.customer, 10)) == ("executable", ("NONE", 10))
    clock.now = 19.8
    await heartbeats.look()
    assert await state() == "executable"
    clock.now = 20.0
    await heartbeats.look()
    assert await state() == "cancelled"
    assert heartbeats.beat(ada.customer, 0) == ("ALL_BETS_CANCELLED", 0)
    assert heartbeats.beat(CustomerId(1), 0) == ("NONE", 0)
    running = asyncio.create_task(heartbeats.run())
    heartbeats.stop()
    await running


@pytest.mark.anyio
async def test_a_program_that_is_heard_while_its_orders_are_taken_back_hears_of_it_next(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    body = {"name": "Winner", "starts_at": "2030-01-01T12:00:00Z", "runners": [{"name": "Ann"}, {"name": "Bo"}]}
    market = (await operator.post("/v1/exchange/markets", body)).json()["id"]
    order = {"market_id": market, "runner_id": "1", "side": "back", "odds": "2.00", "stake": "5.00"}
    await ada.post("/v1/exchange/orders", order)
    assert ada.customer is not None
    heartbeats = Heartbeats(house.services.gateway, clock := Clock())
    heartbeats.beat(ada.customer, 10)
    clock.now = 11
    looking = asyncio.create_task(heartbeats.look())
    await asyncio.sleep(0)
    assert not looking.done()
    assert heartbeats.beat(ada.customer, 10) == ("NONE", 10)
    await looking
    assert heartbeats.beat(ada.customer, 10) == ("ALL_BETS_CANCELLED", 10)
    assert heartbeats.beat(ada.customer, 10) == ("NONE", 10)


@pytest.mark.anyio
async def test_a_server_that_books_nothing_promises_nothing_and_forgets_whom_it_has_heard(
    house: OpenHouse, ada: Caller
) -> None:
    assert ada.customer is not None
    heartbeats = Heartbeats(house.services.gateway, clock := Clock())
    heartbeats.beat(ada.customer, 10)
    house.stage.inbox.close("another server leads")
    with pytest.raises(ApiError) as refused:
        heartbeats.beat(ada.customer, 10)
    assert refused.value.code == "SERVICE_BUSY"
    await heartbeats.look()
    assert not heartbeats.hears(ada.customer)
    clock.now = 11
    await heartbeats.look()


@dataclass
class Desk:
    """A gateway whose answers tests give; ``asked`` are those whose orders are to be taken back."""

    closed_because: str | None = None
    asked: list[CustomerId] = field(default_factory=list[CustomerId])
    answers: list[asyncio.Future[Any]] = field(default_factory=list[asyncio.Future[Any]])

    def submit(self, command: CancelOrders, **_how: object) -> asyncio.Future[Any]:
        self.asked.append(command.customer)
        self.answers.append(asyncio.get_running_loop().create_future())
        return self.answers[-1]

    async def answer(self, heartbeats: Heartbeats, answer: Receipt | NotBooked) -> None:
        """Have somebody's orders taken back with an outcome."""
        looking = asyncio.create_task(heartbeats.look())
        await asyncio.sleep(0)
        if isinstance(answer, Receipt):
            self.answers[-1].set_result((answer, False))
        else:
            self.answers[-1].set_exception(answer)
        await looking


def _receipt(event: Any) -> Receipt:
    return Receipt(5, 0, b"1" * 16, "customer:1", CancelOrders(ONE), (event,))


CANCELLED: Final = _receipt(object())
NOTHING: Final = _receipt(Rejected(SharedReason.NOTHING_CHANGES))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def heartbeats(desk: Desk, clock: Clock) -> Heartbeats:
    return Heartbeats(cast("Any", desk), clock)


@pytest.mark.anyio
@pytest.mark.parametrize("seconds", [0, 10])
async def test_nobody_who_is_heard_while_others_orders_are_taken_back_loses_any(
    desk: Desk, clock: Clock, heartbeats: Heartbeats, seconds: int
) -> None:
    heartbeats.beat(ONE, 10)
    heartbeats.beat(OTHER, 10)
    clock.now = 11
    looking = asyncio.create_task(heartbeats.look())
    await asyncio.sleep(0)
    assert desk.asked == [ONE]
    heartbeats.beat(OTHER, seconds)
    desk.answers[0].set_result((CANCELLED, False))
    for _ in range(5):
        await asyncio.sleep(0)
    assert looking.done()
    assert desk.asked == [ONE]


@pytest.mark.anyio
async def test_what_the_rules_cannot_decide_is_asked_for_once(desk: Desk, clock: Clock, heartbeats: Heartbeats) -> None:
    heartbeats.beat(ONE, 10)
    clock.now = 11
    await desk.answer(heartbeats, CommandFailed())
    looking = asyncio.create_task(heartbeats.look())
    await asyncio.sleep(0)
    assert desk.asked == [ONE]
    await looking
    assert heartbeats.beat(ONE, 10) == ("CANCELLATION_REQUEST_ERROR", 10)


@pytest.mark.anyio
async def test_what_may_have_been_taken_back_is_told_though_nothing_is_left_the_next_time(
    desk: Desk, clock: Clock, heartbeats: Heartbeats
) -> None:
    heartbeats.beat(ONE, 10)
    clock.now = 11
    await desk.answer(heartbeats, OutcomeUnknown())
    await desk.answer(heartbeats, NOTHING)
    assert heartbeats.beat(ONE, 10) == ("CANCELLATION_REQUEST_ERROR", 10)
    assert heartbeats.beat(ONE, 10) == ("NONE", 10)
