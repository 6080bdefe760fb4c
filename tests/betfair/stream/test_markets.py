"""Market subscriptions: a client that applies every message has exactly the market."""

import asyncio
from typing import Any

import pytest

from evens.core.commands.exchange import CreateMarket, PlaceOrder, SettleMarket, SuspendMarket, TurnInPlay
from evens.core.values.betting import MarketTerms, Side
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from tests.betfair.stream.conftest import BetfairServer, LineClient
from tests.betfair.stream.naive_client import MarketCopy
from tests.stream.trading import Trading

pytestmark = pytest.mark.anyio

EVERYTHING = {"ladderLevels": 3}


async def _book(betfair: BetfairServer, market: MarketId) -> dict[int, dict[str, dict[float, float]]]:
    """Return what waits and was matched, read from the tables."""
    snapshot = await betfair.house.snapshots.market(market)
    assert snapshot is not None
    found: dict[int, dict[str, dict[float, float]]] = {
        runner: {"atb": {}, "atl": {}, "trd": {}} for runner in range(1, len(snapshot.market.terms.runners) + 1)
    }
    for level in snapshot.levels:
        side = "atb" if level.side is Side.LAY else "atl"
        found[level.runner][side][level.odds / 100] = level.waiting_minor / 100
    for row in snapshot.traded:
        found[row.runner]["trd"][row.odds / 100] = row.both_sides_minor / 100
    return found


def _drawn(copy: MarketCopy, runners: int = 3) -> dict[int, dict[str, dict[float, float]]]:
    return {
        number: {name: copy.runner(number).get(name, {}) for name in ("atb", "atl", "trd")}
        for number in range(1, runners + 1)
    }


async def _until_same(betfair: BetfairServer, client: LineClient, market: MarketId) -> None:
    """Apply messages until the client has the book."""
    book = await _book(betfair, market)
    while _drawn(client.markets[f"1.{market}"]) != book:
        await client.next_change()


def _filter(*markets: MarketId) -> dict[str, Any]:
    return {"marketIds": [f"1.{market}" for market in markets]}


async def place(betfair: BetfairServer, who: CustomerId, market: MarketId, side: Side, odds: int, minor: int) -> None:
    await betfair.house.book(PlaceOrder(who, market, RunnerId(1), side, odds, minor))


@pytest.mark.parametrize("conflate_ms", [0, 40])
async def test_a_client_that_applies_every_change_has_exactly_the_book(
    betfair: BetfairServer, conflate_ms: int
) -> None:
    house = betfair.house
    market, customers = await house.market(), await house.customers(4)
    trading = Trading(house, market, customers)
    await trading.go_on(30)
    async with betfair.connected(await betfair.session()) as client:
        first = await client.follow(
            marketFilter=_filter(market), marketDataFilter=EVERYTHING, conflateMs=conflate_ms, heartbeatMs=500
        )
        assert (first["ct"], first["id"], first["conflateMs"], first["heartbeatMs"]) == (
            "SUB_IMAGE", 7, conflate_ms, 500,
        )  # fmt: skip
        assert {"initialClk", "clk"} <= first.keys()
        assert first["mc"][0]["img"] is True
        await _until_same(betfair, client, market)
        await trading.go_on(60)
        await _until_same(betfair, client, market)
        await house.book(TurnInPlay(market))
        await house.wait_until_idle(market)
        await trading.go_on(30)
        await house.wait_until_idle(market)
        await _until_same(betfair, client, market)
        copy = client.markets[f"1.{market}"]
        for number in range(1, 4):
            runner = copy.runner(number)
            best = [sorted(runner.get("atb", {}).items(), reverse=True)[:3], sorted(runner.get("atl", {}).items())[:3]]
            assert [runner.get(name, {}) for name in ("batb", "batl")] == [dict(enumerate(side)) for side in best]
        assert copy.definition is not None
        assert copy.definition["inPlay"] is True


async def test_what_is_matched_in_sets_is_counted_once_for_each_customer(betfair: BetfairServer) -> None:
    house = betfair.house
    terms = MarketTerms("Sets", ("A", "B", "C"), 1, 0, 100, cross_matching=True)
    market = MarketId((await house.book(CreateMarket("USD", terms))).seq)
    customers = await house.customers(3)

    async def set_of_backs() -> None:
        for runner, who in enumerate(customers, 1):
            await house.book(PlaceOrder(who, market, RunnerId(runner), Side.BACK, 300, 1_000))

    await set_of_backs()
    async with betfair.connected(await betfair.session()) as client:
        for sets in (1, 2):
            if sets == 1:
                await client.follow(marketFilter=_filter(market), marketDataFilter=EVERYTHING)
            else:
                await set_of_backs()
            await _until_same(betfair, client, market)
            copy = client.markets[f"1.{market}"]
            assert copy.volume == 30 * sets
            assert [copy.runner(number)["trd"] for number in (1, 2, 3)] == [{3.0: 10.0 * sets}] * 3
            assert [copy.runner(number)["tv"] for number in (1, 2, 3)] == [10.0 * sets] * 3


async def test_the_definition_says_how_the_market_ended_and_then_nothing_is_told_of_it(betfair: BetfairServer) -> None:
    market = await betfair.house.market()
    async with betfair.connected(await betfair.session()) as client:
        await client.follow(marketFilter={}, marketDataFilter={"fields": ["EX_MARKET_DEF"]})
        copy = client.markets[f"1.{market}"]
        assert copy.definition is not None
        assert copy.definition["status"] == "OPEN"
        await betfair.house.book(SuspendMarket(market))
        await client.next_change()
        assert copy.definition["status"] == "SUSPENDED"
        await betfair.house.book(SettleMarket(market, (RunnerId(2),)))
        while copy.definition["status"] != "CLOSED":
            await client.next_change()
        assert [runner["status"] for runner in copy.definition["runners"]] == ["LOSER", "WINNER", "LOSER"]
        await client.follow(marketFilter={}, marketDataFilter={"fields": ["EX_MARKET_DEF"]})
        another = await betfair.house.market()
        message = await client.next_change()
        assert [entry["id"] for entry in message["mc"]] == [f"1.{another}"]


async def test_a_filter_takes_what_fits_all_of_it_and_new_markets_join(betfair: BetfairServer) -> None:
    soccer = MarketTerms("Goals", ("A", "B"), 1, 0, 100, event="Leeds v York", event_type="Soccer")
    tennis = MarketTerms("Sets", ("A", "B"), 1, 0, 100, event="Ann v Bo", event_type="Tennis")
    one = (await betfair.house.book(CreateMarket("USD", soccer))).seq
    await betfair.house.book(CreateMarket("USD", tennis))
    async with betfair.connected(await betfair.session()) as client:
        await client.follow(marketFilter={"eventTypeIds": ["1"]})
        assert set(client.markets) == {f"1.{one}"}
        await betfair.house.book(CreateMarket("USD", tennis))
        two = (await betfair.house.book(CreateMarket("USD", soccer))).seq
        message = await client.next_change()
        assert [entry["id"] for entry in message["mc"]] == [f"1.{two}"]
        assert message["mc"][0]["img"] is True


async def test_what_is_not_asked_for_is_not_told(betfair: BetfairServer) -> None:
    house = betfair.house
    market, (ann, bob) = await house.market(), await house.customers(2)
    async with betfair.connected(await betfair.session()) as client:
        first = await client.follow(marketFilter=_filter(market), marketDataFilter={"fields": ["EX_LTP"]})
        assert not {"marketDefinition", "tv"} & first["mc"][0].keys()
        await place(betfair, ann, market, Side.LAY, 250, 1_000)
        await place(betfair, bob, market, Side.BACK, 250, 400)
        assert (await client.next_change())["mc"][0]["rc"] == [{"ltp": 2.5, "id": 1}]


async def test_a_client_that_nothing_happens_for_hears_heartbeats(betfair: BetfairServer) -> None:
    market = await betfair.house.market()
    async with betfair.connected(await betfair.session()) as client:
        await client.follow(marketFilter=_filter(market), heartbeatMs=500)
        beat = await client.receive()
        assert (beat["op"], beat["ct"], beat["id"]) == ("mcm", "HEARTBEAT", 7)
        assert beat.keys() == {"op", "ct", "id", "clk", "pt"}


async def test_a_client_that_asks_for_few_messages_is_told_that_they_are_conflated(betfair: BetfairServer) -> None:
    house = betfair.house
    market, (ann,) = await house.market(), await house.customers(1)
    async with betfair.connected(await betfair.session()) as client:
        await client.follow(marketFilter=_filter(market), conflateMs=400)
        for odds in (250, 260, 270, 280):
            await place(betfair, ann, market, Side.LAY, odds, 1_000)
            await asyncio.sleep(0.03)
        message = await client.next_change()
        assert message["mc"][0]["con"] is True
        assert len(message["mc"][0]["rc"][0]["atb"]) == 4


async def test_an_image_in_segments_has_its_clock_at_the_end(betfair: BetfairServer) -> None:
    terms = MarketTerms("Winner", ("A", "B"), 1, 0, 100)
    markets = [(await betfair.house.book(CreateMarket("USD", terms))).seq for _ in range(110)]
    async with betfair.connected(await betfair.session()) as client:
        first = await client.follow(marketFilter={}, segmentationEnabled=True)
        messages = [first, await client.next_change(), await client.next_change()]
        assert [message["segmentType"] for message in messages] == ["SEG_START", "SEG", "SEG_END"]
        assert ["clk" in message for message in messages] == [False, False, True]
        assert set(client.markets) == {f"1.{market}" for market in markets}
