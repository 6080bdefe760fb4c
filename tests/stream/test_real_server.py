"""The real program: after a stop or a kill, clients that subscribe again find the same book."""

import signal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.cli.program import Server, running
from tests.faults.desk import desk_at
from tests.stream.client import Client, MarketCopy, connected

pytestmark = pytest.mark.anyio


def _stream(server: Server) -> str:
    return server.url.replace("http", "ws", 1) + "/v1/stream"


async def _post(http: httpx2.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await http.post(path, json=body)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


async def _follow(client: Client, market: str) -> MarketCopy:
    await client.request("subscribe", channel="market", id=market)
    copy = MarketCopy(client)
    copy.take(await client.receive())
    return copy


async def _offer(http: httpx2.AsyncClient, user: str, market: str, side: str, odds: str) -> None:
    order = {"market_id": market, "runner_id": "1", "side": side, "odds": odds, "stake": "10.00", "user_id": user}
    await _post(http, "/v1/exchange/orders", order)


async def test_the_book_is_the_same_after_a_kill_and_after_a_stop(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(["serve", "--port", "0"], data) as server:
        async with desk_at(server) as desk, connected(_stream(server)) as client:
            terms = {"name": "Cup", "starts_at": "2030-01-01T12:00:00Z", "runners": [{"name": "Ann"}, {"name": "Bo"}]}
            market = (await _post(desk.http, "/v1/exchange/markets", terms))["id"]
            ada, bob = await desk.customers(2)
            copy = await _follow(client, market)
            await _offer(desk.http, ada, market, "back", "2.50")
            await _offer(desk.http, bob, market, "lay", "2.20")
            await _offer(desk.http, bob, market, "lay", "2.10")
            while copy.book()["1"] != ([("2.20", "10.00"), ("2.10", "10.00")], [("2.50", "10.00")]):
                copy.take(await client.receive())
            server.process.kill()
            assert await client.ended() is None
    with running(["serve", "--port", "0"], data) as server:
        async with desk_at(server) as desk, connected(_stream(server)) as client:
            again = await _follow(client, market)
            assert again.book() == copy.book()
            await _offer(desk.http, ada, market, "back", "2.20")
            while again.runners["1"]["matched"] != "10.00":
                again.take(await client.receive())
            assert again.seq > copy.seq
            assert again.book()["1"] == ([("2.10", "10.00")], [("2.50", "10.00")])
            server.process.send_signal(signal.SIGTERM)
            assert await client.ended() == 1001
            assert server.process.wait(30) == 0
