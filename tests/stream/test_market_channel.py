"""A market's channel: whoever applies what it tells has exactly the market, whatever happened meanwhile."""

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
from evens.identity.principal import Role
from tests.stream.client import Client, MarketCopy, Prices
from tests.stream.conftest import Arena
from tests.stream.trading import Trading

pytestmark = pytest.mark.anyio


async def _book(arena: Arena, market: int) -> dict[str, tuple[Prices, Prices]]:
    """Return what GET …/book says waits, per runner."""
    desk = await arena.someone(Role.OPERATOR)
    answer = await desk.get(f"/v1/exchange/markets/mkt_{market}/book", depth=1000)
    return {
        runner["runner_id"]: (_prices(runner["to_back"]), _prices(runner["to_lay"]))
        for runner in answer.json()["runners"]
    }


def _prices(levels: list[dict[str, Any]]) -> Prices:
    return [(level["odds"], level["size"]) for level in levels]


async def _market(arena: Arena, market: int) -> dict[str, Any]:
    desk = await arena.someone(Role.OPERATOR)
    return (await desk.get(f"/v1/exchange/markets/mkt_{market}")).json()


async def _follow(client: Client, market: int) -> MarketCopy:
    await client.ask("subscribe", channel="market", id=f"mkt_{market}")
    copy = MarketCopy(client)
    copy.take(await client.hear())
    return copy


async def _settle_down(arena: Arena, market: int) -> int:
    """Wait until the house has done what it has to do of itself; return a place in the journal after that."""
    await arena.rests(market)
    return (await arena.book(SuspendMarket(market))).seq


async def _in_play(arena: Arena, market: int) -> None:
    await arena.book(TurnInPlay(market))
    await arena.rests(market)


@pytest.mark.parametrize("seed", range(4))
async def test_applying_what_is_told_gives_exactly_the_book(arena: Arena, seed: int) -> None:
    market = await arena.market()
    customers = await arena.customers(5)
    trading = Trading(arena, market, customers, seed)
    await trading.go_on(30)
    async with arena.listening() as client:
        copy = await _follow(client, market)
        await trading.go_on(150)
        await arena.book(SuspendMarket(market))
        await arena.book(ResumeMarket(market))
        await _in_play(arena, market)
        await trading.go_on(80)
        await arena.book(RemoveRunner(market, 3, 1_500))
        await arena.rests(market)
        await arena.book(ResumeMarket(market))
        await trading.go_on(60)
        await copy.follow(await _settle_down(arena, market))
    assert copy.deltas > 10
    assert copy.book() == await _book(arena, market)
    shown = await _market(arena, market)
    for runner in shown["runners"]:
        told = copy.runners[runner["id"]]
        for name in ("name", "status", "reduction_bps", "last_odds", "matched"):
            assert told[name] == runner[name], name
    assert {name: copy.market[name] for name in ("status", "working", "version")} == {
        name: shown[name] for name in ("status", "working", "version")
    }


async def test_subscribing_amid_trading_misses_nothing(arena: Arena) -> None:
    market = await arena.market()
    customers = await arena.customers(5)
    trading = asyncio.create_task(Trading(arena, market, customers).go_on(400))
    last: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def join() -> MarketCopy:
        async with arena.listening() as client:
            copy = await _follow(client, market)
            await copy.follow(await last)
            return copy

    followers: list[asyncio.Task[MarketCopy]] = []
    while not trading.done():
        if len(followers) < 50:
            followers.append(asyncio.create_task(join()))
        await asyncio.sleep(0)
    await trading
    last.set_result(await _settle_down(arena, market))
    book = await _book(arena, market)
    for follower in followers:
        assert (await follower).book() == book


async def test_every_trade_is_told_once_and_in_order(arena: Arena) -> None:
    market = await arena.market()
    customers = await arena.customers(5)
    async with arena.listening() as client:
        copy = await _follow(client, market)
        await Trading(arena, market, customers).go_on(200)
        await copy.follow(await _settle_down(arena, market))
    desk = await arena.someone(Role.OPERATOR)
    listed = (await desk.get(f"/v1/exchange/markets/mkt_{market}/trades", limit=200)).json()["items"]
    assert listed
    assert not copy.omitted
    assert copy.trades == listed[::-1]


async def test_the_snapshot_tells_what_the_market_shows(arena: Arena) -> None:
    market = await arena.market()
    shown = await _market(arena, market)
    async with arena.listening() as client:
        await client.ask("subscribe", channel="market", id=f"mkt_{market}")
        snapshot = await client.hear()
    assert snapshot["type"] == "snapshot"
    assert snapshot["channel"] == "market"
    for name in ("id", "name", "currency", "starts_at", "winners", "commission_bps", "ladder", "min_stake", "status"):
        assert snapshot[name] == shown[name], name
    assert snapshot["runners"] == shown["runners"]


async def test_what_happens_between_two_messages_is_told_together(arena: Arena) -> None:
    market = await arena.market()
    (customer,) = await arena.customers(1)
    async with arena.listening() as client:
        copy = await _follow(client, market)
        orders = [PlaceOrder(customer, market, 1, Side.LAY, 300, 100) for _ in range(100)]
        receipts = await asyncio.gather(*(arena.book(order) for order in orders))
        await copy.follow(max(receipt.seq for receipt in receipts))
    assert copy.book()["1"][0] == [("3.00", "100.00")]
    assert copy.deltas < 20


async def test_a_result_is_told_with_its_winners(arena: Arena) -> None:
    market = await arena.market()
    async with arena.listening() as client:
        copy = await _follow(client, market)
        await arena.book(SettleMarket(market, (2,)))
        while copy.market["status"] != "settled":
            copy.take(await client.hear())
    assert [runner["status"] for runner in copy.runners.values()] == ["loser", "winner", "loser"]
    assert copy.market["working"] is False


async def test_a_void_market_has_no_winners(arena: Arena) -> None:
    market = await arena.market()
    async with arena.listening() as client:
        copy = await _follow(client, market)
        await arena.book(VoidMarket(market))
        while copy.market["status"] != "void":
            copy.take(await client.hear())
    assert {runner["status"] for runner in copy.runners.values()} == {"active"}


async def test_nothing_is_told_after_unsubscribing(arena: Arena) -> None:
    market, other = await arena.market(), await arena.market()
    async with arena.listening() as client:
        await _follow(client, market)
        await client.ask("unsubscribe", channel="market", id=f"mkt_{market}")
        assert await client.hear() == {"type": "unsubscribed", "channel": "market", "id": f"mkt_{market}"}
        await _follow(client, other)
        await arena.book(SuspendMarket(market))
        await arena.book(SuspendMarket(other))
        told = await client.hear()
        assert (told["id"], told["status"]) == (f"mkt_{other}", "suspended")


async def test_one_connection_follows_several_markets_each_on_its_own(arena: Arena) -> None:
    markets = [await arena.market() for _ in range(3)]
    async with arena.listening() as client:
        copies = {f"mkt_{market}": await _follow(client, market) for market in markets}
        last = [await arena.book(SuspendMarket(market)) for market in markets]
        for _ in markets:
            message = await client.hear()
            copies[message["id"]].take(message)
    assert [copy.market["status"] for copy in copies.values()] == ["suspended"] * 3
    assert [copy.seq for copy in copies.values()] == [receipt.seq for receipt in last]


async def test_whoever_comes_back_gets_another_snapshot(arena: Arena) -> None:
    market = await arena.market()
    async with arena.listening() as client:
        await _follow(client, market)
        await client.ask("unsubscribe", channel="market", id=f"mkt_{market}")
        await client.hear()
        receipt = await arena.book(SuspendMarket(market))
        copy = await _follow(client, market)
    assert copy.market["status"] == "suspended"
    assert copy.seq >= receipt.seq
