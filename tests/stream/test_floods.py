"""Requests on the stream take from the same buckets as HTTP requests."""

import pytest

from evens.edges.stream.request_handler import FAULTS_MAX
from evens.identity.principal import Role
from evens.settings import Settings
from tests.conftest import Dsns
from tests.edges.conftest import Caller
from tests.stream.client import Client
from tests.stream.conftest import opened

pytestmark = pytest.mark.anyio

FEW = Settings(requests_per_minute=6, service_requests_per_minute=8)


async def follow_and_leave(client: Client, market: int) -> list[str]:
    """Follow a market and leave it; return the types or codes of the answers."""
    answers: list[str] = []
    for op in ("subscribe", "unsubscribe"):
        await client.request(op, channel="market", id=f"mkt_{market}")
        said = await client.receive()
        answers.append(said.get("code", said["type"]))
        if said["type"] == "error":
            assert 1 <= said["retry_after_s"] <= 120
            assert "try again in" in said["detail"]
            assert "field" not in said
    return answers


async def test_a_loop_of_subscriptions_loads_no_snapshots_without_end(dsns: Dsns) -> None:
    """Whoever is not known is counted by address, whichever connection they use; whoever is, by themselves."""
    async with opened(dsns, chosen=FEW) as streaming:
        market = await streaming.market()
        fine = ["snapshot", "unsubscribed"]
        async with streaming.connected() as client:
            for _ in range(3):
                assert await follow_and_leave(client, market) == fine
            assert await follow_and_leave(client, market) == ["rate_limited"] * 2
        async with streaming.connected() as client:
            assert await follow_and_leave(client, market) == ["rate_limited"] * 2
        ada = await streaming.customer("ada")
        desk = await streaming.someone(Role.OPERATOR)
        for caller, times in ((ada, 2), (desk, 3)):
            async with streaming.connected() as client:
                assert (await client.authenticate(caller.bearer))["type"] == "authenticated"
                for _ in range(times):
                    assert await follow_and_leave(client, market) == fine
                assert await follow_and_leave(client, market) == ["snapshot", "rate_limited"]
        # One caller has one bucket, on the stream and elsewhere.
        assert (await Caller(streaming.http, ada.bearer).get("/v1/me")).status_code == 429


async def test_whoever_guesses_keys_on_the_stream_fills_the_bucket_of_their_address(dsns: Dsns) -> None:
    async with opened(dsns, chosen=FEW) as streaming:
        ada = await streaming.customer("ada")
        async with streaming.connected() as client:
            guesses = [await client.authenticate(f"evk_{'a' * 16}_{'b' * 51}{digit}") for digit in "abcdefgh"]
            assert [each["code"] for each in guesses] == ["not_authenticated"] * 6 + ["rate_limited"] * 2
            assert (await client.authenticate(ada.bearer))["type"] == "authenticated"


async def test_a_connection_that_does_not_slow_down_is_closed(dsns: Dsns) -> None:
    async with opened(dsns, chosen=FEW) as streaming, streaming.connected() as client:
        for _ in range(FAULTS_MAX + 6):
            await client.request("unsubscribe", channel="market", id="mkt_1")
        assert await client.ended() == 1008
