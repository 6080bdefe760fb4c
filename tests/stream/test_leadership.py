"""Servers that do not write hear no news, so they promise none; whoever follows is told to come back."""

import asyncio

import asyncpg
import pytest

from evens.core.commands.exchange import SuspendMarket
from tests.conftest import Dsns
from tests.stream.client import Client, MarketCopy, Message
from tests.stream.conftest import Arena, opened
from tests.stream.trading import Trading

pytestmark = pytest.mark.anyio


async def _cut_journal(dsns: Dsns) -> None:
    """Take the journal away from whoever leads."""
    connection = await asyncpg.connect(dsns.owner)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    await connection.close()


async def _subscribed(client: Client, market: int) -> Message:
    """Subscribe, and come back as often as one is told to."""
    async with asyncio.timeout(30):
        while True:
            await client.ask("subscribe", channel="market", id=f"mkt_{market}")
            told = await client.hear()
            if told["type"] == "snapshot":
                return told
            assert told["retry_after_s"] > 0
            await asyncio.sleep(0.05)


async def test_a_server_that_loses_its_journal_ends_what_was_followed(arena: Arena, dsns: Dsns) -> None:
    market = await arena.market()
    customers = await arena.customers(3)
    async with arena.listening() as client, arena.listening() as other:
        for each in (client, other):
            await _subscribed(each, market)
        await _cut_journal(dsns)
        for each in (client, other):
            ended = await each.hear()
            assert (ended["type"], ended["code"]) == ("error", "not_leading")
            assert (ended["channel"], ended["id"]) == ("market", f"mkt_{market}")
        copies: list[MarketCopy] = []
        for each in (client, other):
            copy = MarketCopy(each)
            copy.take(await _subscribed(each, market))
            copies.append(copy)
        await Trading(arena, market, customers).go_on(30)
        last = await arena.book(SuspendMarket(market))
        for copy in copies:
            await copy.follow(last.seq)
    assert copies[0].book() == copies[1].book()
    assert copies[0].market["status"] == "suspended"


async def test_a_server_that_stands_by_sends_followers_away_until_it_leads(dsns: Dsns) -> None:
    async with opened(dsns) as leader:
        market = await leader.market()
        await Trading(leader, market, await leader.customers(3)).go_on(30)
        async with leader.listening() as client:
            snapshot = await _subscribed(client, market)
        standby = opened(dsns)
        second = await standby.__aenter__()
        async with second.listening() as client:
            await client.ask("subscribe", channel="market", id=f"mkt_{market}")
            told = await client.hear()
            assert (told["code"], told["id"]) == ("not_leading", f"mkt_{market}")
    async with second.listening() as client:
        assert (await _subscribed(client, market))["runners"] == snapshot["runners"]
    await standby.__aexit__(None, None, None)
