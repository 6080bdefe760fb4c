"""The lobby channel: the best prices and the status of a market, seldom, and nothing else."""

import time
from typing import Any

import pytest

from evens.core.commands.exchange import PlaceOrder, SuspendMarket
from evens.core.values.betting import Side
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from tests.stream.client import Client
from tests.stream.conftest import StreamServer

pytestmark = pytest.mark.anyio


async def _order(streaming: StreamServer, who: CustomerId, market: MarketId, side: Side, odds: int) -> int:
    return (await streaming.book(PlaceOrder(who, market, RunnerId(1), side, odds, 1_00))).seq


async def _follow(client: Client, market: MarketId) -> dict[str, Any]:
    await client.request("subscribe", channel="lobby", id=f"mkt_{market}")
    return await client.receive()


async def test_a_lobby_has_the_status_and_the_best_price_of_each_side(streaming: StreamServer) -> None:
    market, (ann, bob) = await streaming.market(), await streaming.customers(2)
    for odds in (300, 280):
        await _order(streaming, ann, market, Side.LAY, odds)
    for odds in (400, 420):
        await _order(streaming, bob, market, Side.BACK, odds)
    async with streaming.connected() as client:
        snapshot = await _follow(client, market)
        assert (snapshot["type"], snapshot["channel"], snapshot["status"]) == ("snapshot", "lobby", "open")
        runner = snapshot["runners"][0]
        assert (runner["to_back"], runner["to_lay"]) == ([["3.00", "1.00"]], [["4.00", "1.00"]])
        assert "name" not in snapshot

        deep = await _order(streaming, ann, market, Side.LAY, 200)
        best = await _order(streaming, ann, market, Side.LAY, 320)
        delta = await client.receive()
        assert (delta["prev_seq"], delta["seq"]) == (snapshot["seq"], best)
        assert deep < best
        (changed,) = delta["runners"]
        assert (changed["id"], changed["to_back"]) == ("1", [["3.20", "1.00"]])
        assert "status" not in delta

        await streaming.book(SuspendMarket(market))
        suspended = await client.receive()
        assert (suspended["status"], suspended["runners"]) == ("suspended", [])
        assert suspended["prev_seq"] == delta["seq"]


async def test_what_happens_deeper_in_the_book_is_not_sent(streaming: StreamServer) -> None:
    market, (ann,) = await streaming.market(), await streaming.customers(1)
    await _order(streaming, ann, market, Side.LAY, 300)
    async with streaming.connected() as client:
        snapshot = await _follow(client, market)
        for odds in (200, 210, 220):
            await _order(streaming, ann, market, Side.LAY, odds)
        last = (await streaming.book(SuspendMarket(market))).seq
        delta = await client.receive()
        assert (delta["prev_seq"], delta["seq"], delta["runners"]) == (snapshot["seq"], last, [])


async def test_a_busy_market_is_heard_of_twice_a_second(streaming: StreamServer) -> None:
    market, (ann,) = await streaming.market(), await streaming.customers(1)
    async with streaming.connected() as client:
        await _follow(client, market)
        began, heard, last = time.monotonic(), 0, 0
        for odds in range(110, 190):
            last = await _order(streaming, ann, market, Side.LAY, odds)
        seq = 0
        while seq < last:
            heard += 1
            seq = (await client.receive())["seq"]
        assert heard <= 2 + (time.monotonic() - began) * 2


async def test_a_lobby_takes_the_id_of_a_market(streaming: StreamServer) -> None:
    async with streaming.connected() as client:
        for asked, code in (({}, "field_missing"), ({"id": "mkt_999"}, "market_unknown")):
            await client.request("subscribe", channel="lobby", **asked)
            assert (await client.receive())["code"] == code
