"""Wrong requests, and the errors that answer them."""

import json

import pytest

from evens.edges.stream.request_handler import FAULTS_MAX
from tests.stream.conftest import SETTINGS, StreamServer

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ("", "json_invalid", None),
        ("{", "json_invalid", None),
        ("[]", "json_invalid", None),
        ('"subscribe"', "json_invalid", None),
        ("[" * 30_000, "json_invalid", None),
        ('{"op": "subscribe", "channel": "\\ud800"}', "json_invalid", None),
        ("{}", "op_unknown", "op"),
        ('{"op": null}', "op_unknown", "op"),
        ('{"op": ["auth"]}', "op_unknown", "op"),
        ('{"op": "listen"}', "op_unknown", "op"),
        ('{"op": "auth"}', "field_missing", "token"),
        ('{"op": "auth", "token": 5}', "field_invalid", "token"),
        ('{"op": "auth", "token": "x", "user": "ada"}', "field_unknown", "user"),
        ('{"op": "subscribe"}', "field_missing", "channel"),
        ('{"op": "subscribe", "channel": "market"}', "field_missing", "id"),
        ('{"op": "subscribe", "channel": "market", "id": 5}', "field_invalid", "id"),
        ('{"op": "subscribe", "channel": "market", "id": "mkt_1", "depth": 3}', "field_unknown", "depth"),
        ('{"op": "subscribe", "channel": "market", "id": "5"}', "market_unknown", "id"),
        ('{"op": "subscribe", "channel": "weather", "id": "5"}', "channel_unknown", "channel"),
        ('{"op": "unsubscribe", "channel": "market", "id": "mkt_1"}', "not_subscribed", None),
    ],
)
async def test_a_wrong_request_is_answered_by_an_error_that_names_the_field(
    streaming: StreamServer, said: str, code: str, field: str | None
) -> None:
    market = await streaming.market()
    async with streaming.connected() as client:
        await client.socket.send(said)
        error = await client.receive()
        assert (error["type"], error["code"], error.get("field")) == ("error", code, field)
        assert error["detail"]
        await client.request("subscribe", channel="market", id=f"mkt_{market}")
        assert (await client.receive())["type"] == "snapshot"


async def test_subscribing_to_an_unknown_market_is_an_error(streaming: StreamServer) -> None:
    async with streaming.connected() as client:
        await client.request("subscribe", channel="market", id="mkt_999")
        error = await client.receive()
        assert (error["code"], error["channel"], error["id"]) == ("market_unknown", "market", "mkt_999")
        await client.request("unsubscribe", channel="market", id="mkt_999")
        assert (await client.receive())["code"] == "not_subscribed"


async def test_subscribing_twice_to_the_same_market_is_an_error(streaming: StreamServer) -> None:
    market = await streaming.market()
    async with streaming.connected() as client:
        await client.request("subscribe", channel="market", id=f"mkt_{market}")
        assert (await client.receive())["type"] == "snapshot"
        await client.request("subscribe", channel="market", id=f"mkt_{market}")
        assert (await client.receive())["code"] == "already_subscribed"


async def test_the_subscriptions_of_a_connection_are_limited(streaming: StreamServer) -> None:
    markets = [await streaming.market() for _ in range(SETTINGS.subscriptions_max + 1)]
    async with streaming.connected() as client:
        for market in markets[:-1]:
            await client.request("subscribe", channel="market", id=f"mkt_{market}")
            assert (await client.receive())["type"] == "snapshot"
        await client.request("subscribe", channel="market", id=f"mkt_{markets[-1]}")
        assert (await client.receive())["code"] == "subscriptions_limit"
        await client.request("unsubscribe", channel="market", id=f"mkt_{markets[0]}")
        assert (await client.receive())["type"] == "unsubscribed"
        await client.request("subscribe", channel="market", id=f"mkt_{markets[-1]}")
        assert (await client.receive())["type"] == "snapshot"


async def test_a_request_may_come_as_bytes(streaming: StreamServer) -> None:
    market = await streaming.market()
    async with streaming.connected() as client:
        await client.socket.send(json.dumps({"op": "subscribe", "channel": "market", "id": f"mkt_{market}"}).encode())
        assert (await client.receive())["type"] == "snapshot"


async def test_a_message_over_64_kb_ends_the_connection(streaming: StreamServer) -> None:
    async with streaming.connected() as client:
        await client.socket.send('{"op": "auth", "token": "%s"}' % ("x" * 64_000))
        assert (await client.receive())["code"] == "not_authenticated"
        await client.socket.send('{"op": "auth", "token": "%s"}' % ("x" * 66_000))
        assert await client.ended() == 1009


async def test_a_fragmented_message_over_64_kb_ends_the_connection(streaming: StreamServer) -> None:
    async with streaming.connected() as client:
        await client.socket.send(["x" * 30_000] * 3)
        assert await client.ended() == 1009


async def test_a_connection_with_too_many_wrong_requests_is_closed(streaming: StreamServer) -> None:
    async with streaming.connected() as client:
        for _ in range(FAULTS_MAX):
            await client.request("listen")
        codes = [(await client.receive())["code"] for _ in range(FAULTS_MAX + 1)]
        assert codes == ["op_unknown"] * FAULTS_MAX + ["too_many_errors"]
        assert await client.ended() == 1008
