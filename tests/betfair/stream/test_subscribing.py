"""Subscriptions that cannot begin, or not yet."""

import pytest

from evens.core.commands.exchange import CreateMarket, PlaceOrder
from evens.core.values.betting import MarketTerms, Side
from evens.core.values.ids import RunnerId
from tests.betfair.stream.conftest import BetfairServer

pytestmark = pytest.mark.anyio

TOO_MANY = {"marketIds": [f"1.{number}" for number in range(1, 202)]}


async def test_who_subscribes_where_nothing_is_heard_is_told_so_before_the_image(betfair: BetfairServer) -> None:
    market = await betfair.house.market()
    betfair.stream.idle("another server leads")
    async with betfair.connected(await betfair.session()) as client:
        status = await client.ask("marketSubscription", id=7, marketFilter={}, heartbeatMs=500)
        assert status["statusCode"] == "SUCCESS"
        for _ in range(3):
            message = await client.receive()
            assert (message["op"], message["id"], message["ct"], message["status"]) == ("mcm", 7, "HEARTBEAT", 503)
            assert "clk" not in message
        betfair.stream.leading(0)
        image = await client.next_change()
        assert (image["ct"], [entry["id"] for entry in image["mc"]]) == ("SUB_IMAGE", [f"1.{market}"])
        assert "status" not in image


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"marketIds": ["mkt_1"]}, "INVALID_INPUT"), (TOO_MANY, "SUBSCRIPTION_LIMIT_EXCEEDED")],
)
async def test_a_second_subscription_that_fails_leaves_the_first(
    betfair: BetfairServer, wrong: dict[str, list[str]], code: str
) -> None:
    market, (customer,) = await betfair.house.market(), await betfair.house.customers(1)
    async with betfair.connected(await betfair.session()) as client:
        await client.follow(marketFilter={})
        failed = await client.ask("marketSubscription", id=8, marketFilter=wrong)
        assert (failed["errorCode"], failed["connectionClosed"]) == (code, False)
        await betfair.house.book(PlaceOrder(customer, market, RunnerId(1), Side.LAY, 250, 1_000))
        change = await client.next_change()
        assert (change["id"], change["mc"][0]["id"]) == (7, f"1.{market}")
        created = await betfair.house.book(CreateMarket("USD", MarketTerms("Winner", ("A", "B"), 1, 0, 100)))
        assert (await client.next_change())["mc"][0]["id"] == f"1.{created.seq}"
