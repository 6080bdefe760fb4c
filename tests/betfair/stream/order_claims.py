"""The claims of the Exchange Stream's table about orders: which are told, what is chosen, and what is told of each."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest

from evens.core.commands.exchange import CancelOrders, RemoveRunner, SettleMarket, TurnInPlay
from evens.core.values.betting import Persistence
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.edges.betfair.stream import bet_channel
from evens.store.exchange import followed
from tests.betfair.stream.claims import Claim, place, refused
from tests.betfair.stream.conftest import BetfairServer, LineClient, Message, betfair_beside
from tests.betfair.stream.naive_client import BetsCopy
from tests.stream.conftest import id_of


@dataclass(slots=True)
class Follower:
    """A client that follows its own orders."""

    client: LineClient
    bets: BetsCopy = field(default_factory=BetsCopy)

    async def follow(self, **chosen: Any) -> Message:
        """Subscribe, and return the image, applied."""
        status = await self.client.ask("orderSubscription", id=8, orderFilter=chosen)
        assert status["statusCode"] == "SUCCESS", status
        return await self.next()

    async def next(self) -> Message:
        """Return the next message that is no heartbeat, applied."""
        message = await self.client.next_change()
        for entry in message.get("oc", ()):
            self.bets.take(entry)
        return message

    async def until(self, number: str, **expected: Any) -> Message:
        """Wait until an order is told with such values, and return it."""
        while True:
            order = self.bets.orders.get(number, {})
            if {name: order.get(name) for name in expected} == expected:
                return order
            await self.next()


@dataclass(slots=True)
class People:
    """Ann, who follows her orders, and bob, who bets against her."""

    betfair: BetfairServer
    ann: CustomerId
    bob: CustomerId
    session: str

    @asynccontextmanager
    async def following(self, **chosen: Any) -> AsyncGenerator[tuple[Follower, Message]]:
        """Connect as ann, subscribe, and give the image, too."""
        async with self.betfair.connected(self.session) as client:
            follower = Follower(client)
            yield follower, await follower.follow(**chosen)

    async def match(self, market: MarketId, runner: int = 1, **more: Any) -> str:
        """Match 10.00 at 3.00; return the number of ann's order."""
        number = await place(self.betfair, self.ann, market, f"{runner} back 10 @ 3.00", **more)
        await place(self.betfair, self.bob, market, f"{runner} lay 10 @ 3.00")
        return number


async def people(betfair: BetfairServer, names: tuple[str, str] = ("ann", "bob")) -> People:
    """Register both."""
    ann, bob = [await betfair.house.customer(name) for name in names]
    return People(betfair, id_of(ann), id_of(bob), ann.bearer or "")


def _orders(message: Message) -> list[str]:
    return sorted(
        row["id"] for entry in message["oc"] for runner in entry.get("orc", ()) for row in runner.get("uo", ())
    )


async def _subscription(betfair: BetfairServer) -> None:
    house, both = betfair.house, await people(betfair)
    market, settled = await house.market(), await house.market()
    matched, late = await both.match(market), await both.match(settled)
    cancelled = await place(betfair, both.ann, market, "1 back 5 @ 4.00")
    await house.book(CancelOrders(both.ann, market))
    waiting = await place(betfair, both.ann, market, "1 back 6 @ 4.00")
    await house.book(SettleMarket(settled, (RunnerId(1),)))
    await house.wait_until_idle(settled)
    async with both.following() as (follower, image):
        assert (image["ct"], _orders(image)) == ("SUB_IMAGE", sorted([matched, late, cancelled, waiting]))
        assert follower.bets.closed == {f"1.{settled}"}
        assert follower.bets.matched[f"1.{market}", 1, "mb"] == {3.0: 10.0}
        assert [follower.bets.orders[number]["status"] for number in (matched, cancelled, waiting)] == ["EC", "EC", "E"]

    await _see_what_is_left_out(betfair, await people(betfair, ("cid", "dot")))


async def _see_what_is_left_out(betfair: BetfairServer, both: People) -> None:
    """See that only the latest orders that are over are told, and nothing of what was settled long ago."""
    house = betfair.house
    market, settled = await house.market(), await house.market()
    await both.match(settled)
    await house.book(SettleMarket(settled, (RunnerId(1),)))
    await house.wait_until_idle(settled)
    over = [await both.match(market) for _ in range(3)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(followed, "ENDED_MAX", 2)
        patched.setattr(bet_channel, "SETTLED_SINCE_S", -60)
        async with both.following() as (_, image):
            assert _orders(image) == over[1:]


async def _filter(betfair: BetfairServer) -> None:
    market, both = await betfair.house.market(), await people(betfair)
    for strategy in ("one", "two"):
        await both.match(market, strategy_ref=strategy)

    async def told(**chosen: Any) -> tuple[set[str], set[str], Any]:
        """Return the strategies of the orders, what else is told of the runner, and what by strategy."""
        async with both.following(**chosen) as (_, image):
            (runner,) = image["oc"][0]["orc"]
            return {row["rfs"] for row in runner["uo"]}, runner.keys() - {"id", "fullImage", "uo"}, runner.get("smc")

    each = {name: {"mb": [[3.0, 10.0]]} for name in ("one", "two")}
    assert await told() == ({"one", "two"}, {"mb"}, None)
    assert await told(includeOverallPosition=False) == ({"one", "two"}, set(), None)
    assert await told(customerStrategyRefs=["two"]) == ({"two"}, {"mb"}, None)
    assert await told(partitionMatchedByStrategyRef=True) == ({"one", "two"}, {"mb", "smc"}, each)
    async with betfair.connected(both.session) as client:
        code, message = await refused(client, "orderSubscription", orderFilter={"accountIds": [1]})
        assert (code, "accountIds" in message) == ("INVALID_INPUT", True)


async def _order(betfair: BetfairServer) -> None:
    house, both = betfair.house, await people(betfair)
    market = await house.market()
    async with both.following() as (follower, _):
        matched = await both.match(market, runner=2)
        cancelled = await place(betfair, both.ann, market, "2 back 5 @ 4.00", persistence=Persistence.PERSIST)
        await follower.until(cancelled, status="E")
        await house.book(CancelOrders(both.ann, market))
        order = await follower.until(cancelled, sc=5.0)
        assert (order["cd"] >= order["pd"], "ld" in order) == (True, False)
        lapsed = await place(betfair, both.ann, market, "3 back 6 @ 4.00")
        await follower.until(lapsed, status="E")
        await house.book(TurnInPlay(market))
        order = await follower.until(lapsed, sl=6.0)
        assert (order["ld"] >= order["pd"], "cd" in order) == (True, False)
        await house.wait_until_idle(market)
        await house.book(RemoveRunner(market, RunnerId(1), 1_000))
        await house.wait_until_idle(market)
        assert (await follower.until(matched, sm=10.0))["avp"] == 3.0
        told = list(follower.bets.orders.values())
    # The server keeps the bets for a minute; another one has read them from the tables.
    database = house.house.services.exchange.queries.database
    async with betfair_beside(house, database) as another, replace(both, betfair=another).following() as (late, _):
        assert late.bets.orders.keys() == {matched, cancelled, lapsed}
        assert not [order for order in late.bets.orders.values() if {"cd", "ld"} & order.keys()]
        assert late.bets.orders[matched]["avp"] == 3.0
        told += late.bets.orders.values()
    assert not [order for order in told if {"lsrc", "rac", "rc"} & order.keys()]


OF_ORDERS: Final[Mapping[str, Claim]] = {
    "orderSubscription": _subscription,
    "orderFilter": _filter,
    "uo": _order,
}
