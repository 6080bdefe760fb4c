"""Connections: who may open one, how they are kept alive, and how they end."""

from dataclasses import replace

import pytest
from websockets.exceptions import InvalidStatus

from evens.core.commands.exchange import SuspendMarket
from evens.edges.stream.stream import StreamSettings
from tests.conftest import Dsns
from tests.stream.client import connected
from tests.stream.conftest import SETTINGS, StreamServer, opened, until

pytestmark = pytest.mark.anyio

_FRIEND = "https://tips.example"


@pytest.fixture
def stream_settings() -> StreamSettings:
    return replace(SETTINGS, origins=frozenset({_FRIEND}), connections_max=2)


async def _refused(url: str, **options: str) -> InvalidStatus:
    with pytest.raises(InvalidStatus) as refusal:
        async with connected(url, **options):
            pass
    return refusal.value


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", "http://[", "http://127.0.0.1:1", "http://127.0.0.1.evil.example"]
)
async def test_pages_of_other_sites_are_refused(streaming: StreamServer, origin: str) -> None:
    refusal = await _refused(streaming.url, origin=origin)
    assert refusal.response.status_code == 403
    assert b'"code":"origin_foreign"' in refusal.response.body
    assert refusal.response.headers["X-Content-Type-Options"] == "nosniff"
    assert streaming.metric("refused_total", reason="origin") == 1


@pytest.mark.parametrize("secure", ["http", "https"])
async def test_pages_of_the_server_itself_may_connect(streaming: StreamServer, secure: str) -> None:
    async with streaming.connected(origin=f"{secure}://127.0.0.1:{streaming.port}") as client:
        assert (await client.receive_any())["type"] == "heartbeat"


async def test_pages_of_sites_in_the_settings_may_connect(streaming: StreamServer) -> None:
    async with streaming.connected(origin=_FRIEND) as client:
        assert (await client.receive_any())["type"] == "heartbeat"


async def test_other_paths_are_not_found(streaming: StreamServer) -> None:
    refusal = await _refused(streaming.url + "/more")
    assert refusal.response.status_code == 404


async def test_a_full_server_refuses_with_retry_after(streaming: StreamServer) -> None:
    async with streaming.connected(), streaming.connected():
        refusal = await _refused(streaming.url)
        assert refusal.response.status_code == 503
        assert refusal.response.headers["Retry-After"]
    await until(lambda: streaming.metric("connections") == 0)
    async with streaming.connected() as client:
        assert (await client.receive_any())["type"] == "heartbeat"


async def test_http_is_served_beside_the_stream(streaming: StreamServer) -> None:
    async with streaming.connected():
        assert (await streaming.http.get("/healthz")).status_code == 200


async def test_heartbeats_come_while_nothing_happens(streaming: StreamServer) -> None:
    async with streaming.connected() as client:
        beats = [await client.receive_any() for _ in range(3)]
    assert {beat["type"] for beat in beats} == {"heartbeat"}
    assert len({beat["at"] for beat in beats}) == 3


async def test_a_stopping_server_closes_with_going_away(dsns: Dsns) -> None:
    async with opened(dsns) as streaming:
        market = await streaming.market()
        async with streaming.connected() as client:
            await client.request("subscribe", channel="market", id=f"mkt_{market}")
            await client.receive()
            streaming.server.should_exit = True
            assert await client.ended() == 1001


async def test_a_stopping_server_does_not_wait_for_clients(dsns: Dsns) -> None:
    async with opened(dsns) as streaming, streaming.connected(max_queue=1) as client:
        client.socket.transport.pause_reading()
        streaming.server.should_exit = True
        await until(lambda: not streaming.server.server_state.connections)


async def test_metrics_count_connections_subscriptions_and_messages(streaming: StreamServer) -> None:
    market = await streaming.market()
    async with streaming.connected() as client:
        await client.request("subscribe", channel="market", id=f"mkt_{market}")
        await client.receive()
        await streaming.book(SuspendMarket(market))
        await client.receive()
        await client.request("nonsense")
        await client.receive()
        assert streaming.metric("connections") == 1
        assert streaming.metric("subscriptions", channel="market") == 1
        for kind in ("snapshot", "delta", "error"):
            assert streaming.metric("messages_sent_total", type=kind) == 1
    await until(lambda: streaming.metric("connections") == 0)
    assert streaming.metric("subscriptions", channel="market") == 0
    assert "evens_stream_connections" in (await streaming.http.get("/metrics")).text


async def test_who_neither_says_who_they_are_nor_follows_anything_is_disconnected(dsns: Dsns) -> None:
    """Hold 3: anonymous WebSockets that do nothing are closed, others are not."""
    async with opened(dsns, replace(SETTINGS, idle_s=0.1)) as streaming:
        ann = await streaming.customer("ann")
        market = await streaming.market()
        async with streaming.connected() as idle, streaming.connected() as known, streaming.connected() as follower:
            await known.authenticate(ann.bearer)
            await follower.request("subscribe", channel="market", id=f"mkt_{market}")
            await follower.receive()
            assert await idle.ended() == 1008
            await until(lambda: streaming.metric("connections") == 2)
            await follower.request("unsubscribe", channel="market", id=f"mkt_{market}")
            assert await follower.ended() == 1008
            assert (await known.receive_any())["type"] == "heartbeat"
