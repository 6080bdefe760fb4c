"""Clients that come back with their clocks are told what they missed, and nothing twice."""

from typing import Any

import pytest

from evens.core.commands.exchange import PlaceOrder, SettleMarket
from evens.core.values.betting import Side
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from tests.betfair.stream.conftest import BetfairServer, LineClient, Message
from tests.betfair.stream.naive_client import MarketCopy
from tests.stream.conftest import id_of

pytestmark = pytest.mark.anyio


async def _place(betfair: BetfairServer, who: CustomerId, market: MarketId, odds: int) -> None:
    await betfair.house.book(PlaceOrder(who, market, RunnerId(1), Side.LAY, odds, 1_000))


async def _until_shown(client: LineClient, market: MarketId, odds: float) -> Message:
    while True:
        message = await client.next_change()
        if odds in client.markets[f"1.{market}"].runner(1).get("atb", {}):
            return message


async def _left(betfair: BetfairServer, markets: list[MarketId]) -> tuple[dict[str, MarketCopy], dict[str, Any]]:
    """Follow all markets, see the price 2.5 in the first of them and leave; return the copies and the clocks."""
    who = id_of(await betfair.house.customer("layer"))
    async with betfair.connected(await betfair.session()) as client:
        first = await client.follow(marketFilter={})
        await _place(betfair, who, markets[0], 250)
        last = await _until_shown(client, markets[0], 2.5)
    return client.markets, {"initialClk": first["initialClk"], "clk": last["clk"]}


async def test_a_client_that_comes_back_is_told_only_what_it_missed(betfair: BetfairServer) -> None:
    markets = [await betfair.house.market() for _ in range(3)]
    copies, clocks = await _left(betfair, markets)
    who = id_of(await betfair.house.customer("another"))
    await _place(betfair, who, markets[1], 260)
    await betfair.house.book(SettleMarket(markets[2], (RunnerId(1),)))
    await betfair.house.wait_until_idle(markets[2])
    async with betfair.connected(await betfair.session("bob")) as client:
        client.markets = copies
        again = await client.follow(marketFilter={}, **clocks)
        assert again["ct"] == "RESUB_DELTA"
        assert all("img" not in entry for entry in again["mc"])
        assert f"1.{markets[0]}" not in [entry["id"] for entry in again["mc"]]
        while copies[f"1.{markets[1]}"].runner(1).get("atb") != {2.6: 10.0}:
            await client.next_change()
        definition = copies[f"1.{markets[2]}"].definition
        assert definition is not None
        assert definition["status"] == "CLOSED"
        assert copies[f"1.{markets[0]}"].runner(1)["atb"] == {2.5: 10.0}


async def test_a_clock_of_another_server_is_answered_with_images(betfair: BetfairServer) -> None:
    markets = [await betfair.house.market()]
    _copies, clocks = await _left(betfair, markets)
    other = {name: "0123456789ab" + text[12:] for name, text in clocks.items()}
    async with betfair.connected(await betfair.session("bob")) as client:
        again = await client.follow(marketFilter={}, **other)
        assert again["ct"] == "RESUB_DELTA"
        assert again["mc"][0]["img"] is True
        assert client.markets[f"1.{markets[0]}"].runner(1)["atb"] == {2.5: 10.0}


@pytest.mark.parametrize(
    "wrong",
    [
        {"clk": None},
        {"initialClk": None},
        {"clk": "AAAAAAAA"},
        {"initialClk": "nonsense"},
        {"marketFilter": {"eventTypeIds": ["1"]}},
        {"marketDataFilter": {"ladderLevels": 4}},
    ],
)
async def test_a_clock_that_is_not_of_this_subscription_is_refused(
    betfair: BetfairServer, wrong: dict[str, Any]
) -> None:
    await betfair.house.market()
    _copies, clocks = await _left(betfair, [await betfair.house.market()])
    async with betfair.connected(await betfair.session("bob")) as client:
        answer = await client.ask("marketSubscription", id=9, **{"marketFilter": {}, **clocks, **wrong})
        assert (answer["errorCode"], answer["connectionClosed"]) == ("INVALID_CLOCK", False)


async def test_a_clock_from_the_future_is_refused(betfair: BetfairServer) -> None:
    _copies, clocks = await _left(betfair, [await betfair.house.market()])
    instance, serial, at = clocks["clk"].split(".")
    clocks["clk"] = f"{instance}.{int(serial) + 1000}.{at}"
    async with betfair.connected(await betfair.session("bob")) as client:
        answer = await client.ask("marketSubscription", id=9, marketFilter={}, **clocks)
        assert answer["errorCode"] == "INVALID_CLOCK"
