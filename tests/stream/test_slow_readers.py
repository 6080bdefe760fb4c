"""Slow readers: they cost no more memory and end with the same state, or are disconnected."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from websockets.exceptions import ConnectionClosed

from evens.core.commands.exchange import PlaceOrder, SuspendMarket
from evens.core.values.betting import Side
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.edges.stream.protocol import StreamProtocol
from evens.edges.stream.stream import StreamSettings
from tests.conftest import Dsns
from tests.stream.client import Client, MarketCopy
from tests.stream.conftest import SETTINGS, StreamServer, opened, until

pytestmark = pytest.mark.anyio

_PATIENT = replace(SETTINGS, stalled_after_s=30.0)
_HASTY = replace(SETTINGS, stalled_after_s=0.2)
_BUFFERED_MAX = 256 * 1024
_ROUNDS = 40
_BETS = 100


@asynccontextmanager
async def _slow(streaming: StreamServer) -> AsyncGenerator[Client]:
    """Connect a client with small receive buffers."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", streaming.port))
    async with streaming.connected(sock=sock, max_queue=1, close_timeout=0.1) as client:
        yield client


class _Bets:
    """Two customers who bet with each other, at a price that moves."""

    def __init__(self, streaming: StreamServer, market: MarketId, customers: list[CustomerId]) -> None:
        self._streaming, self._market, self._customers = streaming, market, customers
        self.buffered_max = 0

    async def round(self, number: int) -> None:
        """Make so many bets at once, and leave an offer behind."""
        streaming, (layer, backer) = self._streaming, self._customers
        odds = 200 + number * 2
        offers = [PlaceOrder(layer, self._market, RunnerId(1), Side.LAY, odds, 100) for _ in range(_BETS + 1)]
        takers = [PlaceOrder(backer, self._market, RunnerId(1), Side.BACK, odds, 100) for _ in range(_BETS)]
        await asyncio.gather(*(streaming.book(order) for order in offers + takers))
        for connection in streaming.server.server_state.connections:
            self.buffered_max = max(self.buffered_max, connection.transport.get_write_buffer_size())


async def _follow(client: Client, market: MarketId) -> MarketCopy:
    await client.request("subscribe", channel="market", id=f"mkt_{market}")
    copy = MarketCopy(client)
    copy.take(await client.receive())
    return copy


async def _bets(streaming: StreamServer) -> tuple[MarketId, _Bets]:
    market = await streaming.market(("Ann", "Bo"))
    return market, _Bets(streaming, market, await streaming.customers(2))


@pytest.fixture
def stream_settings() -> StreamSettings:
    return _PATIENT


async def test_a_slow_reader_gets_fewer_messages_and_the_same_book(streaming: StreamServer) -> None:
    market, bets = await _bets(streaming)
    async with _slow(streaming) as slow, streaming.connected() as quick:
        slow_copy, quick_copy = await _follow(slow, market), await _follow(quick, market)
        last: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def keep_up() -> None:
            while not last.done() or quick_copy.seq < last.result():
                quick_copy.take(await quick.receive())

        reading = asyncio.create_task(keep_up())
        for number in range(_ROUNDS):
            await bets.round(number)
        last.set_result((await streaming.book(SuspendMarket(market))).seq)
        await reading
        assert streaming.metric("conflated_total") > 0
        await slow_copy.follow(last.result())
    assert slow_copy.deltas < quick_copy.deltas
    assert slow_copy.book() == quick_copy.book()
    assert len(slow_copy.book()["1"][0]) > 0
    assert slow_copy.runners == quick_copy.runners
    assert slow_copy.omitted
    assert bets.buffered_max < _BUFFERED_MAX


async def test_a_reader_that_receives_nothing_for_too_long_is_disconnected(dsns: Dsns) -> None:
    async with opened(dsns, _HASTY) as streaming:
        market, bets = await _bets(streaming)
        async with _slow(streaming) as client:
            await _follow(client, market)
            number = 0
            while not streaming.metric("dropped_total"):
                await bets.round(number % _ROUNDS)
                number += 1
            await until(lambda: streaming.metric("connections") == 0)
            with suppress(ConnectionClosed):
                while True:
                    await client.receive()
        assert streaming.metric("subscriptions", channel="market") == 0
        assert bets.buffered_max < _BUFFERED_MAX


async def test_a_stalled_reader_that_reads_again_finds_the_close_code(dsns: Dsns) -> None:
    async with opened(dsns, _HASTY) as streaming:
        market, bets = await _bets(streaming)
        async with _slow(streaming) as client:
            await _follow(client, market)
            number = 0
            while not streaming.metric("dropped_total"):
                await bets.round(number % _ROUNDS)
                number += 1
            assert await client.ended() == 1008


async def test_answers_to_pings_do_not_pile_up(streaming: StreamServer) -> None:
    async with _slow(streaming) as client:
        await client.receive_any()
        client.socket.transport.pause_reading()
        for number in range(10_000):
            await client.socket.ping(number.to_bytes(4, "big") * 31)
        await client.socket.send("{")
        # By then the server has read everything that was sent before.
        await until(lambda: streaming.metric("messages_sent_total", type="error") == 1)
        (connection,) = streaming.server.server_state.connections
        assert isinstance(connection, StreamProtocol)
        assert connection.is_behind
        assert connection.transport.get_write_buffer_size() < _BUFFERED_MAX
