"""Order subscriptions: a client that applies every message has exactly the orders in the tables."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from evens.core.commands.exchange import CancelOrders, PlaceOrder, RemoveRunner, SettleMarket, TurnInPlay, VoidMarket
from evens.core.values.betting import MarketStatus, Side
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.identity.principal import Role
from evens.store.exchange.queries import ExchangeQueries
from tests.betfair.stream.conftest import BetfairServer, LineClient, Message
from tests.betfair.stream.naive_client import BetsCopy
from tests.stream.conftest import id_of
from tests.stream.trading import Trading

pytestmark = pytest.mark.anyio


@dataclass(slots=True)
class Follower:
    """A client that follows its own orders."""

    client: LineClient
    bets: BetsCopy = field(default_factory=BetsCopy)
    clocks: dict[str, str] = field(default_factory=dict[str, str])

    async def follow(self, **fields: Any) -> Message:
        """Subscribe, and return the first message, applied."""
        status = await self.client.ask("orderSubscription", id=8, **fields)
        assert status["statusCode"] == "SUCCESS", status
        return await self.next()

    async def next(self) -> Message:
        """Return the next message of orders that is no heartbeat, applied."""
        while (message := await self.client.receive()).get("ct") == "HEARTBEAT" or message["op"] != "ocm":
            pass
        self.clocks |= {name: message[name] for name in ("initialClk", "clk") if name in message}
        for entry in message.get("oc", ()):
            self.bets.take(entry)
        return message


async def _orders(betfair: BetfairServer, who: CustomerId) -> dict[str, tuple[float, ...]]:
    """Return matched, remaining, lapsed and cancelled by order, as the tables have them."""
    queries = ExchangeQueries(betfair.house.house.services.exchange.queries.database)
    return {
        str(order.id): tuple(
            minor / 100
            for minor in (order.matched_minor, order.remaining_minor, order.lapsed_minor, order.cancelled_minor)
        )
        for order in await queries.orders(who, limit=1_000)
    }


def _told(bets: BetsCopy) -> dict[str, tuple[float, ...]]:
    return {number: tuple(order[name] for name in ("sm", "sr", "sl", "sc")) for number, order in bets.orders.items()}


async def _until_same(betfair: BetfairServer, follower: Follower, who: CustomerId) -> None:
    orders = await _orders(betfair, who)
    while _told(follower.bets) != orders:
        await follower.next()
    for number, order in follower.bets.orders.items():
        assert order["status"] == ("E" if orders[number][1] else "EC")


async def _matched(betfair: BetfairServer, who: CustomerId, market: MarketId) -> dict[Any, dict[float, float]]:
    queries = ExchangeQueries(betfair.house.house.services.exchange.queries.database)
    found: dict[Any, dict[float, float]] = {}
    for fill in await queries.fills(who, market=market, limit=10_000):
        name = "mb" if fill.side is Side.BACK else "ml"
        sizes = found.setdefault((f"1.{market}", fill.runner, name), {})
        sizes[fill.odds / 100] = round(sizes.get(fill.odds / 100, 0) + fill.stake_minor / 100, 2)
    return found


@pytest.mark.parametrize("follows_at_once", [True, False])
async def test_a_client_has_exactly_its_orders_and_what_was_matched(
    betfair: BetfairServer, follows_at_once: bool
) -> None:
    house = betfair.house
    market, customers = await house.market(), await house.customers(3)
    ann = await house.customer("ann")
    trading = Trading(house, market, [*customers, id_of(ann)])
    if not follows_at_once:
        await trading.go_on(100)
    async with betfair.connected(ann.bearer) as client:
        follower = Follower(client)
        first = await follower.follow()
        assert (first["ct"], first["id"]) == ("SUB_IMAGE", 8)
        await trading.go_on(120)
        await house.book(TurnInPlay(market))
        await house.wait_until_idle(market)
        await trading.go_on(20)
        await house.wait_until_idle(market)
        await house.book(CancelOrders(id_of(ann), market))
        await _until_same(betfair, follower, id_of(ann))
        matched = await _matched(betfair, id_of(ann), market)
        assert {key: sizes for key, sizes in follower.bets.matched.items() if sizes} == matched
        assert matched
        await house.book(SettleMarket(market, (RunnerId(1),)))
        while follower.bets.closed != {f"1.{market}"}:
            await follower.next()


async def test_an_order_is_told_with_its_dates_and_references(betfair: BetfairServer) -> None:
    house = betfair.house
    market, ann, bob = await house.market(), await house.customer("ann"), await house.customer("bob")
    async with betfair.connected(ann.bearer) as client:
        follower = Follower(client)
        await follower.follow()
        await house.book(
            PlaceOrder(id_of(ann), market, RunnerId(2), Side.BACK, 300, 1_000, client_ref="mine", strategy_ref="plan")
        )
        await follower.next()
        (order,) = follower.bets.orders.values()
        assert (order["p"], order["s"], order["side"], order["status"], order["ot"], order["pt"]) == (
            3.0, 10.0, "B", "E", "L", "L",
        )  # fmt: skip
        assert (order["rfo"], order["rfs"]) == ("mine", "plan")
        assert not {"md", "cd", "ld", "avp"} & order.keys()
        await house.book(PlaceOrder(id_of(bob), market, RunnerId(2), Side.LAY, 300, 400))
        await follower.next()
        (order,) = follower.bets.orders.values()
        assert (order["sm"], order["avp"]) == (4.0, 3.0)
        assert order["md"] >= order["pd"]
        await house.book(CancelOrders(id_of(ann), market))
        await follower.next()
        (order,) = follower.bets.orders.values()
        assert (order["status"], order["sc"]) == ("EC", 6.0)
        assert order["cd"] >= order["md"]


async def test_bets_on_a_runner_that_is_removed_and_in_a_void_market_are_void(betfair: BetfairServer) -> None:
    house = betfair.house
    market, ann, bob = await house.market(), await house.customer("ann"), await house.customer("bob")
    async with betfair.connected(ann.bearer) as client:
        follower = Follower(client)
        await follower.follow()
        for runner in (1, 2):
            await house.book(PlaceOrder(id_of(ann), market, RunnerId(runner), Side.BACK, 300, 1_000))
            await house.book(PlaceOrder(id_of(bob), market, RunnerId(runner), Side.LAY, 300, 1_000))
        await house.book(RemoveRunner(market, RunnerId(1), 1_000))
        while [order["sv"] for order in follower.bets.orders.values()] != [10.0, 0.0]:
            await follower.next()
        assert follower.bets.matched[f"1.{market}", 1, "mb"] == {}
        assert follower.bets.matched[f"1.{market}", 2, "mb"] == {3.0: 10.0}
        await house.wait_until_idle(market)
        await house.book(VoidMarket(market))
        while [order["sv"] for order in follower.bets.orders.values()] != [10.0, 10.0]:
            await follower.next()
        snapshot = await house.snapshots.market(market)
        assert snapshot is not None
        assert snapshot.market.status is MarketStatus.VOID


async def test_strategies_are_told_apart(betfair: BetfairServer) -> None:
    house = betfair.house
    market, ann, bob = await house.market(), await house.customer("ann"), await house.customer("bob")
    async with betfair.connected(ann.bearer) as client:
        follower = Follower(client)
        await follower.follow(
            orderFilter={
                "includeOverallPosition": False,
                "customerStrategyRefs": ["one"],
                "partitionMatchedByStrategyRef": True,
            }
        )
        for strategy in ("two", "one"):
            await house.book(PlaceOrder(id_of(ann), market, RunnerId(1), Side.BACK, 300, 1_000, strategy_ref=strategy))
        await house.book(PlaceOrder(id_of(bob), market, RunnerId(1), Side.LAY, 300, 2_000))
        while True:
            message = await follower.next()
            (runner,) = message["oc"][0]["orc"]
            assert not {"mb", "ml"} & runner.keys()
            if "smc" in runner:
                break
        assert runner["smc"] == {"one": {"mb": [[3.0, 10.0]]}}
        assert [order["rfs"] for order in follower.bets.orders.values()] == ["one"]


async def test_a_client_that_comes_back_is_told_only_what_it_missed(betfair: BetfairServer) -> None:
    house = betfair.house
    market, ann = await house.market(), await house.customer("ann")
    order = PlaceOrder(id_of(ann), market, RunnerId(1), Side.BACK, 300, 1_000)
    async with betfair.connected(ann.bearer) as client:
        before = Follower(client)
        await before.follow()
        await house.book(order)
        await before.next()
    second = (await house.book(order)).seq
    async with betfair.connected(ann.bearer) as client:
        after = Follower(client, before.bets)
        again = await after.follow(**before.clocks)
        assert again["ct"] == "RESUB_DELTA"
        assert [row["id"] for entry in again["oc"] for row in entry["orc"][0]["uo"]] == [str(second)]
        await _until_same(betfair, after, id_of(ann))


async def test_orders_are_a_customers(betfair: BetfairServer) -> None:
    desk = await betfair.house.someone(Role.OPERATOR)
    async with betfair.connected(desk.bearer) as client:
        assert (await client.ask("orderSubscription", id=1))["errorCode"] == "NOT_AUTHORIZED"
