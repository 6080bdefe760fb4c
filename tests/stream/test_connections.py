"""Connections: who may open one, how they are kept alive, and how they end."""

from dataclasses import replace

import pytest
from websockets.exceptions import InvalidStatus

from evens.core.commands.exchange import SuspendMarket
from evens.edges.stream.stream import StreamSettings
from tests.conftest import Dsns
from tests.stream.client import listening
from tests.stream.conftest import SETTINGS, Arena, opened, until

pytestmark = pytest.mark.anyio

_FRIEND = "https://tips.example"


@pytest.fixture
def stream_settings() -> StreamSettings:
    return replace(SETTINGS, origins=frozenset({_FRIEND}), connections_max=2)


async def _refused(url: str, **options: str) -> InvalidStatus:
    with pytest.raises(InvalidStatus) as refusal:
        async with listening(url, **options):
            pass
    return refusal.value


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", "http://[", "http://127.0.0.1:1", "http://127.0.0.1.evil.example"]
)
async def test_pages_of_other_sites_are_turned_away(arena: Arena, origin: str) -> None:
    refusal = await _refused(arena.url, origin=origin)
    assert refusal.response.status_code == 403
    assert b'"code":"origin_foreign"' in refusal.response.body
    assert arena.measured("refused_total", reason="origin") == 1


@pytest.mark.parametrize("secure", ["http", "https"])
async def test_our_own_pages_are_let_in(arena: Arena, secure: str) -> None:
    async with arena.listening(origin=f"{secure}://127.0.0.1:{arena.port}") as client:
        assert (await client.hear_anything())["type"] == "heartbeat"


async def test_pages_of_sites_that_are_named_are_let_in(arena: Arena) -> None:
    async with arena.listening(origin=_FRIEND) as client:
        assert (await client.hear_anything())["type"] == "heartbeat"


async def test_there_is_only_one_stream(arena: Arena) -> None:
    refusal = await _refused(arena.url + "/more")
    assert refusal.response.status_code == 404


async def test_a_full_server_asks_to_come_back(arena: Arena) -> None:
    async with arena.listening(), arena.listening():
        refusal = await _refused(arena.url)
        assert refusal.response.status_code == 503
        assert refusal.response.headers["Retry-After"]
    await until(lambda: arena.measured("connections") == 0)
    async with arena.listening() as client:
        assert (await client.hear_anything())["type"] == "heartbeat"


async def test_http_goes_on_beside_the_stream(arena: Arena) -> None:
    async with arena.listening():
        assert (await arena.http.get("/healthz")).status_code == 200


async def test_heartbeats_come_while_nothing_happens(arena: Arena) -> None:
    async with arena.listening() as client:
        beats = [await client.hear_anything() for _ in range(3)]
    assert {beat["type"] for beat in beats} == {"heartbeat"}
    assert len({beat["at"] for beat in beats}) == 3


async def test_a_stopping_server_says_goodbye(dsns: Dsns) -> None:
    async with opened(dsns) as arena:
        market = await arena.market()
        async with arena.listening() as client:
            await client.ask("subscribe", channel="market", id=f"mkt_{market}")
            await client.hear()
            arena.server.should_exit = True
            assert await client.ended() == 1001


async def test_a_stopping_server_waits_for_no_client(dsns: Dsns) -> None:
    async with opened(dsns) as arena, arena.listening(max_queue=1) as client:
        client.socket.transport.pause_reading()
        arena.server.should_exit = True
        await until(lambda: not arena.server.server_state.connections)


async def test_who_listens_and_what_they_are_told_is_measured(arena: Arena) -> None:
    market = await arena.market()
    async with arena.listening() as client:
        await client.ask("subscribe", channel="market", id=f"mkt_{market}")
        await client.hear()
        await arena.book(SuspendMarket(market))
        await client.hear()
        await client.ask("nonsense")
        await client.hear()
        assert arena.measured("connections") == 1
        assert arena.measured("subscriptions", channel="market") == 1
        for kind in ("snapshot", "delta", "error"):
            assert arena.measured("messages_sent_total", type=kind) == 1
    await until(lambda: arena.measured("connections") == 0)
    assert arena.measured("subscriptions", channel="market") == 0
    assert "evens_stream_connections" in (await arena.http.get("/metrics")).text
