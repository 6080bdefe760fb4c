"""Readers who do not keep up: they cost no more memory, miss nothing that is still so, or are let go."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from websockets.exceptions import ConnectionClosed

from evens.core.commands.exchange import PlaceOrder, SuspendMarket
from evens.core.values.betting import Side
from evens.edges.stream.protocol import StreamProtocol
from evens.edges.stream.stream import StreamSettings
from tests.conftest import Dsns
from tests.stream.client import Client, MarketCopy
from tests.stream.conftest import SETTINGS, Arena, opened, until

pytestmark = pytest.mark.anyio

_PATIENT = replace(SETTINGS, stalled_after_s=30.0)
_HASTY = replace(SETTINGS, stalled_after_s=0.2)
_BUFFERED_MAX = 256 * 1024
_ROUNDS = 40
_BETS = 100


@asynccontextmanager
async def _slow(arena: Arena) -> AsyncGenerator[Client]:
    """Connect somebody with little room for what they have not read."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", arena.port))
    async with arena.listening(sock=sock, max_queue=1, close_timeout=0.1) as client:
        yield client


class _Bets:
    """Two customers who bet with each other, at a price that moves."""

    def __init__(self, arena: Arena, market: int, customers: list[int]) -> None:
        self._arena, self._market, self._customers = arena, market, customers
        self.buffered_max = 0

    async def round(self, number: int) -> None:
        """Make so many bets at once, and leave an offer behind."""
        arena, (layer, backer) = self._arena, self._customers
        odds = 200 + number * 2
        offers = [PlaceOrder(layer, self._market, 1, Side.LAY, odds, 100) for _ in range(_BETS + 1)]
        takers = [PlaceOrder(backer, self._market, 1, Side.BACK, odds, 100) for _ in range(_BETS)]
        await asyncio.gather(*(arena.book(order) for order in offers + takers))
        for connection in arena.server.server_state.connections:
            self.buffered_max = max(self.buffered_max, connection.transport.get_write_buffer_size())


async def _follow(client: Client, market: int) -> MarketCopy:
    await client.ask("subscribe", channel="market", id=f"mkt_{market}")
    copy = MarketCopy(client)
    copy.take(await client.hear())
    return copy


async def _bets(arena: Arena) -> tuple[int, _Bets]:
    market = await arena.market(("Ann", "Bo"))
    return market, _Bets(arena, market, await arena.customers(2))


@pytest.fixture
def stream_settings() -> StreamSettings:
    return _PATIENT


async def test_a_slow_reader_gets_fewer_messages_and_the_same_book(arena: Arena) -> None:
    market, bets = await _bets(arena)
    async with _slow(arena) as slow, arena.listening() as quick:
        slow_copy, quick_copy = await _follow(slow, market), await _follow(quick, market)
        last: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def keep_up() -> None:
            while not last.done() or quick_copy.seq < last.result():
                quick_copy.take(await quick.hear())

        reading = asyncio.create_task(keep_up())
        for number in range(_ROUNDS):
            await bets.round(number)
        last.set_result((await arena.book(SuspendMarket(market))).seq)
        await reading
        assert arena.measured("conflated_total") > 0
        await slow_copy.follow(last.result())
    assert slow_copy.deltas < quick_copy.deltas
    assert slow_copy.book() == quick_copy.book()
    assert len(slow_copy.book()["1"][0]) > 0
    assert slow_copy.runners == quick_copy.runners
    assert slow_copy.omitted
    assert bets.buffered_max < _BUFFERED_MAX


async def test_a_reader_that_takes_nothing_for_too_long_is_let_go(dsns: Dsns) -> None:
    async with opened(dsns, _HASTY) as arena:
        market, bets = await _bets(arena)
        async with _slow(arena) as client:
            await _follow(client, market)
            number = 0
            while not arena.measured("dropped_total"):
                await bets.round(number % _ROUNDS)
                number += 1
            await until(lambda: arena.measured("connections") == 0)
            with suppress(ConnectionClosed):
                while True:
                    await client.hear()
        assert arena.measured("subscriptions", channel="market") == 0
        assert bets.buffered_max < _BUFFERED_MAX


async def test_a_stalled_reader_who_wakes_up_is_told_why(dsns: Dsns) -> None:
    async with opened(dsns, _HASTY) as arena:
        market, bets = await _bets(arena)
        async with _slow(arena) as client:
            await _follow(client, market)
            number = 0
            while not arena.measured("dropped_total"):
                await bets.round(number % _ROUNDS)
                number += 1
            assert await client.ended() == 1008


async def test_answers_to_pings_do_not_pile_up(arena: Arena) -> None:
    async with _slow(arena) as client:
        await client.hear_anything()
        client.socket.transport.pause_reading()
        for number in range(10_000):
            await client.socket.ping(number.to_bytes(4, "big") * 31)
        await client.socket.send("{")
        # By then the server has read everything that was sent before.
        await until(lambda: arena.measured("messages_sent_total", type="error") == 1)
        (connection,) = arena.server.server_state.connections
        assert isinstance(connection, StreamProtocol)
        assert connection.is_behind
        assert connection.transport.get_write_buffer_size() < _BUFFERED_MAX
