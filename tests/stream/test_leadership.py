"""A server that does not write accepts no subscriptions; its clients are sent not_leading and try again."""

import asyncio

import asyncpg
import pytest

from evens.core.commands.exchange import SuspendMarket
from evens.core.values.ids import MarketId
from tests.conftest import Dsns
from tests.stream.client import Client, MarketCopy, Message
from tests.stream.conftest import StreamServer, opened
from tests.stream.trading import Trading

pytestmark = pytest.mark.anyio


async def _cut_journal(dsns: Dsns) -> None:
    """End the database session that holds the leader's lock."""
    connection = await asyncpg.connect(dsns.owner)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    await connection.close()


async def _subscribed(client: Client, market: MarketId) -> Message:
    """Subscribe, and try again after each error that asks to."""
    async with asyncio.timeout(30):
        while True:
            await client.request("subscribe", channel="market", id=f"mkt_{market}")
            message = await client.receive()
            if message["type"] == "snapshot":
                return message
            assert message["retry_after_s"] > 0
            await asyncio.sleep(0.05)


async def test_a_server_that_loses_its_journal_ends_what_was_followed(streaming: StreamServer, dsns: Dsns) -> None:
    market = await streaming.market()
    customers = await streaming.customers(3)
    async with streaming.connected() as client, streaming.connected() as other:
        for each in (client, other):
            await _subscribed(each, market)
        await _cut_journal(dsns)
        for each in (client, other):
            ended = await each.receive()
            assert (ended["type"], ended["code"]) == ("error", "not_leading")
            assert (ended["channel"], ended["id"]) == ("market", f"mkt_{market}")
        copies: list[MarketCopy] = []
        for each in (client, other):
            copy = MarketCopy(each)
            copy.take(await _subscribed(each, market))
            copies.append(copy)
        await Trading(streaming, market, customers).go_on(30)
        last = await streaming.book(SuspendMarket(market))
        for copy in copies:
            await copy.follow(last.seq)
    assert copies[0].book() == copies[1].book()
    assert copies[0].market["status"] == "suspended"


async def test_a_server_that_stands_by_sends_followers_away_until_it_leads(dsns: Dsns) -> None:
    async with opened(dsns) as leader:
        market = await leader.market()
        await Trading(leader, market, await leader.customers(3)).go_on(30)
        async with leader.connected() as client:
            snapshot = await _subscribed(client, market)
        standby = opened(dsns)
        second = await standby.__aenter__()
        async with second.connected() as client:
            await client.request("subscribe", channel="market", id=f"mkt_{market}")
            message = await client.receive()
            assert (message["code"], message["id"]) == ("not_leading", f"mkt_{market}")
    async with second.connected() as client:
        assert (await _subscribed(client, market))["runners"] == snapshot["runners"]
    await standby.__aexit__(None, None, None)
