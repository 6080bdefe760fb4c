"""The account channel from a place in the journal: what a client missed is told, nothing twice and nothing left out."""

import asyncio
from typing import Any

import pytest

from evens.core.commands.exchange import CancelOrder, PlaceOrder, TurnInPlay
from evens.core.events.exchange import OrderPlaced
from evens.core.values.betting import Side
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from tests.edges.conftest import Caller
from tests.stream.client import AccountCopy, Client, Message
from tests.stream.conftest import StreamServer, id_of
from tests.stream.trading import Trading

pytestmark = pytest.mark.anyio


async def _order(
    streaming: StreamServer, who: CustomerId, market: MarketId, side: Side, odds: int, stake_minor: int
) -> OrderId:
    events = (await streaming.book(PlaceOrder(who, market, RunnerId(1), side, odds, stake_minor))).events
    return next(event.order for event in events if isinstance(event, OrderPlaced))


async def _resume(client: Client, who: Caller, seq: int) -> Message:
    await client.authenticate(who.bearer)
    await client.request("subscribe", channel="account", seq=seq)
    return await client.receive()


async def _matches(who: Caller) -> list[dict[str, Any]]:
    """Return all matches of somebody, oldest first, as the stream tells them."""
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = (await who.get("/v1/exchange/matches", limit=200, **after)).json()
        found += page["items"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    return [{name: each[name] for name in each if name not in {"user_id", "currency"}} for each in reversed(found)]


async def test_a_client_that_was_away_is_told_what_it_missed(streaming: StreamServer) -> None:
    """Hold 20: matches, and orders that were filled, taken back or lapsed meanwhile; open ones are in the snapshot."""
    market = await streaming.market()
    ada, bob = await streaming.customer("ada"), await streaming.customer("bob")
    me, other = id_of(ada), id_of(bob)
    before = await _order(streaming, me, market, Side.BACK, 200, 500)
    await _order(streaming, other, market, Side.LAY, 200, 500)
    filled, cancelled, lapsed = [await _order(streaming, me, market, Side.BACK, odds, 500) for odds in (300, 310, 320)]
    seq = await streaming.deposit(me, 1)
    await _order(streaming, other, market, Side.LAY, 300, 500)
    await streaming.book(CancelOrder(me, cancelled))
    new = await _order(streaming, me, market, Side.LAY, 150, 500)
    await _order(streaming, other, market, Side.BACK, 150, 500)
    await streaming.book(TurnInPlay(market))
    await streaming.wait_until_idle(market)
    last = await streaming.deposit(me, 1)

    async with streaming.connected() as client:
        snapshot = await _resume(client, ada, seq)
        assert (snapshot["type"], snapshot["seq"]) == ("snapshot", last)
        missed = snapshot["missed"]
        assert missed["since"] == seq
        assert [(each["order_id"], each["side"]) for each in missed["matches"]] == [
            (f"ord_{filled}", "back"),
            (f"ord_{new}", "lay"),
        ]
        assert {each["id"]: each["status"] for each in missed["orders"]} == {
            f"ord_{filled}": "complete",
            f"ord_{cancelled}": "cancelled",
            f"ord_{lapsed}": "lapsed",
            f"ord_{new}": "complete",
        }
        assert before not in {each["id"] for each in missed["orders"]}
        later = await streaming.deposit(me, 1)
        delta = await client.receive()
        assert (delta["type"], delta["prev_seq"], delta["seq"]) == ("delta", last, later)


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_is_told_twice_or_left_out_while_betting_goes_on(streaming: StreamServer, seed: int) -> None:
    """Hold 20: what was missed ends exactly where the deltas begin, whatever is committed meanwhile."""
    market = await streaming.market()
    people = [await streaming.customer(f"c{number}") for number in range(3)]
    trading = Trading(streaming, market, [id_of(who) for who in people], seed)
    await trading.go_on(40)
    seq = await streaming.deposit(id_of(people[0]), 1)
    told = len(await _matches(people[0]))
    await trading.go_on(40)
    async with streaming.connected() as early, streaming.connected() as late:
        await early.authenticate(people[0].bearer)
        await early.request("subscribe", channel="account")
        betting = asyncio.create_task(trading.go_on(60))
        await late.authenticate(people[0].bearer)
        await late.request("subscribe", channel="account", seq=seq)
        snapshot = await late.receive()
        copy = AccountCopy(late)
        copy.take(snapshot)
        await betting
        await copy.follow(await streaming.deposit(id_of(people[0]), 1))
        assert [*snapshot["missed"]["matches"], *copy.matches] == (await _matches(people[0]))[told:]
        open_orders = (await people[0].get("/v1/exchange/orders", status="executable", limit=200)).json()["items"]
        assert copy.open_orders == {order["id"]: order for order in open_orders}


async def test_a_place_that_is_none_is_refused(streaming: StreamServer) -> None:
    """Hold 20: a seq of the future, of another channel, or of the wrong kind is named."""
    market = await streaming.market()
    ada = await streaming.customer("ada")
    async with streaming.connected() as client:
        refused = await _resume(client, ada, 10**9)
        assert (refused["code"], refused["field"]) == ("field_invalid", "seq")
        for fields, code in (
            ({"channel": "account", "seq": "7"}, "field_invalid"),
            ({"channel": "account", "seq": -1}, "field_invalid"),
            ({"channel": "account", "seq": True}, "field_invalid"),
            ({"channel": "market", "id": f"mkt_{market}", "seq": 1}, "field_unknown"),
        ):
            await client.request("subscribe", **fields)
            refused = await client.receive()
            assert (refused["code"], refused["field"]) == (code, "seq")
        snapshot = await _resume_again(client)
        assert snapshot["missed"] == {"since": 0, "matches": [], "orders": []}


async def _resume_again(client: Client) -> Message:
    await client.request("subscribe", channel="account", seq=0)
    return await client.receive()
