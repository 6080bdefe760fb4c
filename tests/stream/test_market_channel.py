"""The market channel: a client that applies every message has exactly the market."""

import asyncio
from typing import Any

import pytest

from evens.core.commands.exchange import (
    PlaceOrder,
    RemoveRunner,
    ResumeMarket,
    SettleMarket,
    SuspendMarket,
    TurnInPlay,
    VoidMarket,
)
from evens.core.values.betting import Side
from evens.core.values.ids import MarketId, RunnerId
from evens.identity.principal import Role
from tests.stream.client import Client, MarketCopy, Prices
from tests.stream.conftest import StreamServer
from tests.stream.trading import Trading

pytestmark = pytest.mark.anyio


async def _book(streaming: StreamServer, market: MarketId) -> dict[str, tuple[Prices, Prices]]:
    """Return what GET …/book says waits, per runner."""
    desk = await streaming.someone(Role.OPERATOR)
    answer = await desk.get(f"/v1/exchange/markets/mkt_{market}/book", depth=1000)
    return {
        runner["runner_id"]: (_prices(runner["to_back"]), _prices(runner["to_lay"]))
        for runner in answer.json()["runners"]
    }


def _prices(levels: list[dict[str, Any]]) -> Prices:
    return [(level["odds"], level["size"]) for level in levels]


async def _market(streaming: StreamServer, market: MarketId) -> dict[str, Any]:
    desk = await streaming.someone(Role.OPERATOR)
    return (await desk.get(f"/v1/exchange/markets/mkt_{market}")).json()


async def _follow(client: Client, market: MarketId) -> MarketCopy:
    await client.request("subscribe", channel="market", id=f"mkt_{market}")
    copy = MarketCopy(client)
    copy.take(await client.receive())
    return copy


async def _settle_down(streaming: StreamServer, market: MarketId) -> int:
    """Wait until the house has done what it has to do of itself; return a place in the journal after that."""
    await streaming.wait_until_idle(market)
    return (await streaming.book(SuspendMarket(market))).seq


async def _in_play(streaming: StreamServer, market: MarketId) -> None:
    await streaming.book(TurnInPlay(market))
    await streaming.wait_until_idle(market)


@pytest.mark.parametrize("crossing", [False, True])
@pytest.mark.parametrize("seed", range(2))
async def test_a_client_that_applies_every_delta_has_exactly_the_book(
    streaming: StreamServer, seed: int, crossing: bool
) -> None:
    market = await streaming.market(cross_matching=crossing)
    customers = await streaming.customers(5)
    trading = Trading(streaming, market, customers, seed)
    await trading.go_on(30)
    async with streaming.connected() as client:
        copy = await _follow(client, market)
        await trading.go_on(150)
        await streaming.book(SuspendMarket(market))
        await streaming.book(ResumeMarket(market))
        await _in_play(streaming, market)
        await trading.go_on(80)
        await streaming.book(RemoveRunner(market, RunnerId(3), 1_500))
        await streaming.wait_until_idle(market)
        await streaming.book(ResumeMarket(market))
        await trading.go_on(60)
        await copy.follow(await _settle_down(streaming, market))
    assert copy.deltas > 10
    assert copy.book() == await _book(streaming, market)
    shown = await _market(streaming, market)
    for runner in shown["runners"]:
        copied = copy.runners[runner["id"]]
        for name in ("name", "status", "reduction_bps", "last_odds", "matched"):
            assert copied[name] == runner[name], name
    assert {name: copy.market[name] for name in ("status", "working", "version")} == {
        name: shown[name] for name in ("status", "working", "version")
    }


async def test_subscribing_amid_trading_misses_nothing(streaming: StreamServer) -> None:
    market = await streaming.market()
    customers = await streaming.customers(5)
    trading = asyncio.create_task(Trading(streaming, market, customers).go_on(400))
    last: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def join() -> MarketCopy:
        async with streaming.connected() as client:
            copy = await _follow(client, market)
            await copy.follow(await last)
            return copy

    followers: list[asyncio.Task[MarketCopy]] = []
    while not trading.done():
        if len(followers) < 50:
            followers.append(asyncio.create_task(join()))
        await asyncio.sleep(0)
    await trading
    last.set_result(await _settle_down(streaming, market))
    book = await _book(streaming, market)
    for follower in followers:
        assert (await follower).book() == book


async def test_every_trade_is_sent_once_and_in_order(streaming: StreamServer) -> None:
    market = await streaming.market()
    customers = await streaming.customers(5)
    async with streaming.connected() as client:
        copy = await _follow(client, market)
        await Trading(streaming, market, customers).go_on(200)
        await copy.follow(await _settle_down(streaming, market))
    desk = await streaming.someone(Role.OPERATOR)
    listed = (await desk.get(f"/v1/exchange/markets/mkt_{market}/trades", limit=200)).json()["items"]
    assert listed
    assert not copy.omitted
    assert [{**trade, "order_id": None} for trade in copy.trades] == listed[::-1]


async def test_the_snapshot_agrees_with_the_http_api(streaming: StreamServer) -> None:
    market = await streaming.market()
    shown = await _market(streaming, market)
    async with streaming.connected() as client:
        await client.request("subscribe", channel="market", id=f"mkt_{market}")
        snapshot = await client.receive()
    assert snapshot["type"] == "snapshot"
    assert snapshot["channel"] == "market"
    for name in ("id", "name", "currency", "starts_at", "winners", "commission_bps", "ladder", "min_stake", "status"):
        assert snapshot[name] == shown[name], name
    assert snapshot["runners"] == shown["runners"]


async def test_changes_between_two_messages_are_sent_in_one_delta(streaming: StreamServer) -> None:
    market = await streaming.market()
    (customer,) = await streaming.customers(1)
    async with streaming.connected() as client:
        copy = await _follow(client, market)
        orders = [PlaceOrder(customer, market, RunnerId(1), Side.LAY, 300, 100) for _ in range(100)]
        receipts = await asyncio.gather(*(streaming.book(order) for order in orders))
        await copy.follow(max(receipt.seq for receipt in receipts))
    assert copy.book()["1"][0] == [("3.00", "100.00")]
    assert copy.deltas < 20


async def test_a_result_is_sent_with_its_winners(streaming: StreamServer) -> None:
    market = await streaming.market()
    async with streaming.connected() as client:
        copy = await _follow(client, market)
        await streaming.book(SettleMarket(market, (RunnerId(2),)))
        while copy.market["status"] != "settled":
            copy.take(await client.receive())
    assert [runner["status"] for runner in copy.runners.values()] == ["loser", "winner", "loser"]
    assert copy.market["working"] is False


async def test_a_void_market_has_no_winners(streaming: StreamServer) -> None:
    market = await streaming.market()
    async with streaming.connected() as client:
        copy = await _follow(client, market)
        await streaming.book(VoidMarket(market))
        while copy.market["status"] != "void":
            copy.take(await client.receive())
    assert {runner["status"] for runner in copy.runners.values()} == {"active"}


async def test_nothing_is_sent_after_unsubscribing(streaming: StreamServer) -> None:
    market, other = await streaming.market(), await streaming.market()
    async with streaming.connected() as client:
        await _follow(client, market)
        await client.request("unsubscribe", channel="market", id=f"mkt_{market}")
        assert await client.receive() == {"type": "unsubscribed", "channel": "market", "id": f"mkt_{market}"}
        await _follow(client, other)
        await streaming.book(SuspendMarket(market))
        await streaming.book(SuspendMarket(other))
        delta = await client.receive()
        assert (delta["id"], delta["status"]) == (f"mkt_{other}", "suspended")


async def test_one_connection_can_follow_several_markets(streaming: StreamServer) -> None:
    markets = [await streaming.market() for _ in range(3)]
    async with streaming.connected() as client:
        copies = {f"mkt_{market}": await _follow(client, market) for market in markets}
        last = [await streaming.book(SuspendMarket(market)) for market in markets]
        for _ in markets:
            message = await client.receive()
            copies[message["id"]].take(message)
    assert [copy.market["status"] for copy in copies.values()] == ["suspended"] * 3
    assert [copy.seq for copy in copies.values()] == [receipt.seq for receipt in last]


async def test_subscribing_again_gives_a_new_snapshot(streaming: StreamServer) -> None:
    market = await streaming.market()
    async with streaming.connected() as client:
        await _follow(client, market)
        await client.request("unsubscribe", channel="market", id=f"mkt_{market}")
        await client.receive()
        receipt = await streaming.book(SuspendMarket(market))
        copy = await _follow(client, market)
    assert copy.market["status"] == "suspended"
    assert copy.seq >= receipt.seq
