"""The rules of the connection, and clients that do not keep to them: they are dropped, and others are unharmed."""

import asyncio
from typing import Any

import pytest

from evens.core.commands.exchange import CreateMarket, PlaceOrder
from evens.core.values.betting import MarketTerms, Side
from evens.core.values.ids import MarketId, RunnerId
from evens.identity.principal import Role
from evens.settings import Settings
from evens.store.database import Database
from tests.betfair.stream.conftest import BetfairServer, LineClient, betfair_beside
from tests.conftest import Dsns
from tests.stream.conftest import opened, until

pytestmark = pytest.mark.anyio

NO_MARKET = {"marketIds": ["1.999999"]}


async def _failure(client: LineClient, op: str, **fields: Any) -> tuple[str, bool]:
    """Send a request that fails; return the code, and whether the connection was closed."""
    answer = await client.ask(op, **fields)
    assert answer["statusCode"] == "FAILURE"
    assert answer["errorMessage"]
    return answer["errorCode"], answer["connectionClosed"]


async def _unharmed(betfair: BetfairServer, client: LineClient, market: MarketId) -> None:
    """See that a client that follows a market still hears of it."""
    customers = await betfair.house.customers(1)
    await betfair.house.book(PlaceOrder(customers[0], market, RunnerId(1), Side.LAY, 250, 1_000))
    while client.markets[f"1.{market}"].runner(1).get("atb", {}).get(2.5) is None:
        await client.next_change()


async def test_a_session_authenticates_and_says_how_many_connections_are_left(betfair: BetfairServer) -> None:
    session = await betfair.session()
    async with betfair.connected() as client, betfair.connected(session):
        assert await client.authenticate(session) == {
            "op": "status", "id": 1, "statusCode": "SUCCESS", "connectionClosed": False, "connectionsAvailable": 1,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"session": "x"}, "NO_APP_KEY"),
        ({"appKey": "x"}, "NO_SESSION"),
        ({"appKey": "x", "session": "wrong"}, "INVALID_SESSION_INFORMATION"),
        ({"appKey": "x", "session": "evc_" + 43 * "x"}, "INVALID_SESSION_INFORMATION"),
    ],
)
async def test_who_cannot_say_who_they_are_is_disconnected(
    betfair: BetfairServer, fields: dict[str, Any], code: str
) -> None:
    async with betfair.connected() as client:
        assert await _failure(client, "authentication", **fields) == (code, True)
        assert await client.ended() == []


async def test_nothing_can_be_followed_before_authenticating(betfair: BetfairServer) -> None:
    async with betfair.connected() as client:
        assert await _failure(client, "marketSubscription", id=2, marketFilter={}) == ("NOT_AUTHORIZED", True)


async def test_a_caller_has_so_many_connections_at_most(betfair: BetfairServer) -> None:
    session = await betfair.session()
    async with betfair.connected(session), betfair.connected(session), betfair.connected(session):
        async with betfair.connected() as client:
            answer = await client.authenticate(session)
            assert (answer["errorCode"], answer["connectionClosed"]) == ("MAX_CONNECTION_LIMIT_EXCEEDED", True)
        async with betfair.connected(await betfair.session("bob")):
            pass


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"conflateMs": 120_001}, "conflateMs"),
        ({"heartbeatMs": 499}, "heartbeatMs"),
        ({"marketDataFilter": {"fields": ["EX_ALL"]}}, "fields"),
        ({"marketDataFilter": {"ladderLevels": 11}}, "ladderLevels"),
        ({"marketFilter": {"market": ["1.1"]}}, "market"),
        ({"marketFilter": {"marketIds": ["mkt_1"]}}, "marketIds"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_a_wrong_field_is_named_and_the_connection_stays(
    betfair: BetfairServer, fields: dict[str, Any], named: str
) -> None:
    async with betfair.connected(await betfair.session()) as client:
        answer = await client.ask("marketSubscription", id=3, **fields)
        assert (answer["id"], answer["errorCode"], answer["connectionClosed"]) == (3, "INVALID_INPUT", False)
        assert named in answer["errorMessage"]
        assert (await client.ask("heartbeat", id=4))["statusCode"] == "SUCCESS"


async def test_more_than_two_hundred_markets_are_too_many(betfair: BetfairServer) -> None:
    terms = MarketTerms("Winner", ("A", "B"), 1, 0, 100)
    for _ in range(201):
        await betfair.house.book(CreateMarket("USD", terms))
    async with betfair.connected(await betfair.session()) as client:
        assert await _failure(client, "marketSubscription", marketFilter={}) == ("SUBSCRIPTION_LIMIT_EXCEEDED", False)


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"op":"dance"}', b"\xff\xfe", b"GET / HTTP/1.1", b"[" * 60_000])
async def test_what_is_no_request_ends_the_connection_or_is_refused(betfair: BetfairServer, text: bytes) -> None:
    async with betfair.connected() as client:
        await client.send_raw(text + b"\r\n")
        assert (await client.receive())["errorCode"] in {"INVALID_REQUEST", "INVALID_INPUT"}


async def test_ten_megabytes_without_an_end_are_refused_and_others_are_unharmed(betfair: BetfairServer) -> None:
    market = await betfair.house.market()
    async with betfair.connected(await betfair.session()) as other, betfair.connected() as client:
        await other.follow(marketFilter={})
        client.writer.write(10 * 1024 * 1024 * b"x")
        assert [message["errorCode"] for message in await client.ended()] in ([], ["INVALID_INPUT"])
        await _unharmed(betfair, other, market)
    assert betfair.metric("requests_failed_total", code="INVALID_INPUT") == 1


async def test_who_vanishes_within_a_line_leaves_nothing_behind(betfair: BetfairServer) -> None:
    market = await betfair.house.market()
    async with betfair.connected(await betfair.session()) as other:
        await other.follow(marketFilter={})
        async with betfair.connected(await betfair.session("bob")) as client:
            await client.follow(marketFilter={})
            await client.send_raw(b'{"op":"marketSubs')
            client.writer.transport.abort()
        await until(lambda: betfair.metric("connections") == 1)
        assert betfair.metric("subscriptions", op="mcm") == 1
        await _unharmed(betfair, other, market)


async def test_who_never_reads_is_dropped_and_others_are_unharmed(betfair: BetfairServer) -> None:
    market = await betfair.house.market()
    async with (
        betfair.connected(await betfair.session()) as other,
        betfair.connected(await betfair.session("bob"), receive_buffer=4096) as client,
    ):
        await other.follow(marketFilter={})
        reading = client.writer.transport
        assert isinstance(reading, asyncio.ReadTransport)
        reading.pause_reading()
        client.writer.write(b'{"op":"heartbeat","id":1}\r\n' * 5_900)
        await until(lambda: betfair.metric("dropped_total") == 1)
        await until(lambda: betfair.metric("connections") == 1)
        await _unharmed(betfair, other, market)


async def test_a_flood_of_requests_is_counted_and_ends_the_connection(betfair: BetfairServer) -> None:
    market = await betfair.house.market()
    async with (
        betfair.connected(await betfair.session()) as other,
        betfair.connected(await betfair.session("bob")) as client,
    ):
        await other.follow(marketFilter={})
        client.writer.write(b'{"op":"heartbeat","id":1}\r\n' * 7_000)
        last = (await client.ended())[-1]
        assert (last["errorCode"], last["connectionClosed"]) == ("TOO_MANY_REQUESTS", True)
        await _unharmed(betfair, other, market)


async def test_who_is_silent_before_following_anything_is_disconnected(betfair: BetfairServer) -> None:
    async with betfair.connected() as client:
        assert [message["errorCode"] for message in await client.ended()] == ["TIMEOUT"]
    async with betfair.connected(await betfair.session()) as client:
        await client.follow(marketFilter=NO_MARKET, heartbeatMs=500)
        for _ in range(4):
            assert (await client.receive())["ct"] == "HEARTBEAT"


async def test_a_session_that_ends_ends_the_connection(betfair: BetfairServer) -> None:
    session = await betfair.session()
    async with betfair.connected(session) as client:
        await client.follow(marketFilter=NO_MARKET)
        identity = betfair.house.house.services.identity
        principal = await identity.authenticate(session)
        desk = await betfair.house.someone(Role.ADMIN)
        answer = await desk.delete(f"/v1/api-keys/{principal.key_id}")
        assert answer.status_code in {200, 204}, answer.text
        last = (await client.ended())[-1]
        assert (last["errorCode"], last["connectionClosed"]) == ("INVALID_SESSION_INFORMATION", True)


async def test_a_second_subscription_takes_the_place_of_the_first(betfair: BetfairServer) -> None:
    one, two = await betfair.house.market(), await betfair.house.market()
    async with betfair.connected(await betfair.session()) as client:
        await client.follow(marketFilter={"marketIds": [f"1.{one}"]})
        await client.follow(marketFilter={"marketIds": [f"1.{two}"]})
        customers = await betfair.house.customers(1)
        for market in (one, two):
            await betfair.house.book(PlaceOrder(customers[0], market, RunnerId(1), Side.LAY, 250, 1_000))
        assert [entry["id"] for entry in (await client.next_change())["mc"]] == [f"1.{two}"]


async def test_a_server_that_does_not_write_says_so_and_then_goes_on(betfair: BetfairServer) -> None:
    market = await betfair.house.market()
    async with betfair.connected(await betfair.session()) as client:
        await client.follow(marketFilter={}, heartbeatMs=500)
        betfair.stream.idle("another server leads")
        assert (await client.receive())["status"] == 503
        while (await client.receive()).get("status") != 503:
            pass
        await asyncio.sleep(0)
        betfair.stream.leading(0)
        await _unharmed(betfair, client, market)


async def test_nothing_that_stands_behind_a_line_that_ends_the_connection_is_done(betfair: BetfairServer) -> None:
    async with betfair.connected() as client:
        client.writer.write(b"x\n" * 50_000)
        answers = await client.ended()
        assert [answer["statusCode"] for answer in answers] == ["FAILURE"]


async def test_right_sessions_do_not_count_against_their_address(dsns: Dsns) -> None:
    database = await Database.open(dsns.app)
    async with (
        opened(dsns, chosen=Settings(requests_per_minute=8)) as house,
        betfair_beside(house, database) as betfair,
    ):
        for name in [f"ann{number}" for number in range(12)]:
            async with betfair.connected(await betfair.session(name)):
                continue
        async with betfair.connected() as stranger:
            assert await _failure(stranger, "heartbeat") == ("NOT_AUTHORIZED", True)
    await database.close()
