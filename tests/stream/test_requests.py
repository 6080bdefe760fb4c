"""What clients may not say, and what they hear then."""

import json

import pytest

from evens.edges.stream.desk import FAULTS_MAX
from tests.stream.conftest import SETTINGS, Arena

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
async def test_a_request_that_makes_no_sense_is_told_why(arena: Arena, said: str, code: str, field: str | None) -> None:
    market = await arena.market()
    async with arena.listening() as client:
        await client.socket.send(said)
        error = await client.hear()
        assert (error["type"], error["code"], error.get("field")) == ("error", code, field)
        assert error["detail"]
        await client.ask("subscribe", channel="market", id=f"mkt_{market}")
        assert (await client.hear())["type"] == "snapshot"


async def test_an_unknown_market_is_told_when_it_was_looked_for(arena: Arena) -> None:
    async with arena.listening() as client:
        await client.ask("subscribe", channel="market", id="mkt_999")
        error = await client.hear()
        assert (error["code"], error["channel"], error["id"]) == ("market_unknown", "market", "mkt_999")
        await client.ask("unsubscribe", channel="market", id="mkt_999")
        assert (await client.hear())["code"] == "not_subscribed"


async def test_nothing_is_followed_twice_on_one_connection(arena: Arena) -> None:
    market = await arena.market()
    async with arena.listening() as client:
        await client.ask("subscribe", channel="market", id=f"mkt_{market}")
        assert (await client.hear())["type"] == "snapshot"
        await client.ask("subscribe", channel="market", id=f"mkt_{market}")
        assert (await client.hear())["code"] == "already_subscribed"


async def test_a_connection_follows_only_so_many_things(arena: Arena) -> None:
    markets = [await arena.market() for _ in range(SETTINGS.subscriptions_max + 1)]
    async with arena.listening() as client:
        for market in markets[:-1]:
            await client.ask("subscribe", channel="market", id=f"mkt_{market}")
            assert (await client.hear())["type"] == "snapshot"
        await client.ask("subscribe", channel="market", id=f"mkt_{markets[-1]}")
        assert (await client.hear())["code"] == "subscriptions_limit"
        await client.ask("unsubscribe", channel="market", id=f"mkt_{markets[0]}")
        assert (await client.hear())["type"] == "unsubscribed"
        await client.ask("subscribe", channel="market", id=f"mkt_{markets[-1]}")
        assert (await client.hear())["type"] == "snapshot"


async def test_a_request_may_come_as_bytes(arena: Arena) -> None:
    market = await arena.market()
    async with arena.listening() as client:
        await client.socket.send(json.dumps({"op": "subscribe", "channel": "market", "id": f"mkt_{market}"}).encode())
        assert (await client.hear())["type"] == "snapshot"


async def test_a_message_over_64_kb_ends_the_connection(arena: Arena) -> None:
    async with arena.listening() as client:
        await client.socket.send('{"op": "auth", "token": "%s"}' % ("x" * 64_000))
        assert (await client.hear())["code"] == "not_authenticated"
        await client.socket.send('{"op": "auth", "token": "%s"}' % ("x" * 66_000))
        assert await client.ended() == 1009


async def test_a_message_in_pieces_is_no_way_around_the_limit(arena: Arena) -> None:
    async with arena.listening() as client:
        await client.socket.send(["x" * 30_000] * 3)
        assert await client.ended() == 1009


async def test_whoever_goes_on_asking_nonsense_is_shown_the_door(arena: Arena) -> None:
    async with arena.listening() as client:
        for _ in range(FAULTS_MAX):
            await client.ask("listen")
        told = [(await client.hear())["code"] for _ in range(FAULTS_MAX + 1)]
        assert told == ["op_unknown"] * FAULTS_MAX + ["too_many_errors"]
        assert await client.ended() == 1008
