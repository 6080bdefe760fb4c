"""Heartbeats of Betfair's dialect: whose orders are taken back, and when nothing is promised."""

import asyncio
from dataclasses import dataclass

import pytest

from evens.core.values.ids import CustomerId
from evens.edges.betfair.errors import ApiError
from evens.edges.betfair.heartbeat import Heartbeats
from tests.edges.conftest import Caller, OpenHouse


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
