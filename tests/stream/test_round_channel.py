"""The round channel: a client that applies every message has exactly what HTTP shows, and the next round follows."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from evens.core.commands.pools import CreatePool, LockRound, OpenRound, PlacePoolBet, SettleRound, VoidRound
from evens.core.values.ids import PoolId, RoundId
from evens.core.values.pools import PoolSide, PoolTerms, RoundResult
from evens.identity.principal import Role
from tests.stream.client import Client, Copy, Message
from tests.stream.conftest import StreamServer

pytestmark = pytest.mark.anyio

FAR = 4 * 10**18
FRAME = {"type", "channel", "id", "seq", "prev_seq"}


@dataclass(slots=True)
class RoundCopy(Copy):
    """A round as one subscriber has it."""

    shown: dict[str, Any] = field(default_factory=dict[str, Any])

    def begin(self, message: Message) -> None:
        self.shown = {name: message[name] for name in message.keys() - FRAME}

    def change(self, message: Message) -> None:
        changed = {name: message[name] for name in message.keys() - FRAME}
        if "code" not in changed and isinstance(previous := changed.get("previous"), dict):
            changed["previous"] = {**self.shown["previous"], **previous}
        self.shown |= changed


async def _pool(streaming: StreamServer, key: str = "ndx") -> PoolId:
    # Nobody can run a pool without a calendar, so nobody opens its rounds but the test.
    terms = PoolTerms("NDX", "IXIC", 100, running='{"calendar":"none"}')
    return PoolId((await streaming.book(CreatePool(key, "USD", terms))).seq)


async def _open(streaming: StreamServer, pool: PoolId, code: str) -> RoundId:
    return RoundId((await streaming.book(OpenRound(pool, code, FAR + int(code[-1]), FAR + 10))).seq)


async def _shown(streaming: StreamServer, code: str, key: str = "ndx") -> dict[str, Any]:
    desk = await streaming.someone(Role.OPERATOR)
    return (await desk.get(f"/v1/pools/{key}/rounds/{code}")).json()


async def _follow(client: Client, public_id: str) -> RoundCopy:
    await client.request("subscribe", channel="round", id=public_id)
    copy = RoundCopy(client)
    copy.take(await client.receive())
    return copy


@pytest.mark.parametrize("seed", range(3))
async def test_a_client_that_applies_every_delta_has_exactly_the_round(streaming: StreamServer, seed: int) -> None:
    chance, customers = Random(seed), await streaming.customers(3)
    pool = await _pool(streaming)
    number = await _open(streaming, pool, "99990001")
    other = await _open(streaming, pool, "99990002")

    async def bets(count: int) -> None:
        for _ in range(count):
            side, code = chance.choice(list(PoolSide)), chance.choice(("99990001", "99990002"))
            await streaming.book(PlacePoolBet(chance.choice(customers), pool, side, chance.randint(1, 10**6), code))

    await bets(10)
    async with streaming.connected() as client:
        copy = await _follow(client, "ndx/99990001")
        await bets(40)
        for command in (
            LockRound(number),
            SettleRound(number, RoundResult.UP, '{"price":"2","reference":"1"}'),
            VoidRound(other, "closed"),
            SettleRound(number, chance.choice((RoundResult.DOWN, RoundResult.VOID)), "{}", correction=True),
        ):
            while copy.shown != await _shown(streaming, "99990001"):
                copy.take(await client.receive())
            await streaming.book(command)
        while (shown := await _shown(streaming, "99990001"))["fee"] is None or copy.shown != shown:
            copy.take(await client.receive())
        assert copy.deltas > 0
        assert copy.shown["corrected"] is True


async def test_a_pool_is_followed_from_round_to_round_with_the_result_of_the_one_before(
    streaming: StreamServer,
) -> None:
    (customer,) = await streaming.customers(1)
    pool = await _pool(streaming)
    async with streaming.connected() as client:
        copy = await _follow(client, "ndx")
        assert copy.shown == {"pool": "ndx", "code": None, "previous": None}
        first = await _open(streaming, pool, "99990001")
        await streaming.book(LockRound(first))
        await _open(streaming, pool, "99990002")
        await streaming.book(PlacePoolBet(customer, pool, PoolSide.UP, 500, "99990002"))
        await streaming.book(SettleRound(first, RoundResult.DOWN, '{"price":"1","reference":"2"}'))
        while copy.shown.get("code") != "99990002" or not _is_paid(copy.shown["previous"]):
            copy.take(await client.receive())
        while copy.shown["sides"]["up"]["bets"] != 1:
            copy.take(await client.receive())
        assert copy.shown["previous"] == await _shown(streaming, "99990001")
        assert {name: copy.shown[name] for name in copy.shown.keys() - {"previous"}} == await _shown(
            streaming, "99990002"
        )


def _is_paid(shown: dict[str, Any] | None) -> bool:
    return shown is not None and shown["fee"] is not None


async def test_many_bets_between_two_messages_are_one_message(streaming: StreamServer) -> None:
    customers = await streaming.customers(2)
    pool = await _pool(streaming)
    await _open(streaming, pool, "99990001")
    async with streaming.connected() as client:
        copy = await _follow(client, "ndx/99990001")
        for number in range(200):
            await streaming.book(PlacePoolBet(customers[number % 2], pool, PoolSide.UP, 1, "99990001"))
        while copy.shown["sides"]["up"]["bets"] != 200:
            copy.take(await client.receive())
        assert copy.shown["sides"]["up"]["staked"] == "2.00"
        assert copy.deltas < 200


async def test_ids_that_name_no_round_are_refused_with_the_field(streaming: StreamServer) -> None:
    await _pool(streaming)
    async with streaming.connected() as client:
        await client.request("subscribe", channel="round")
        missing = await client.receive()
        assert (missing["code"], missing["field"]) == ("field_missing", "id")
        for wrong in ("", "NDX", "ndx/", "ndx/2026 1127", "/20261127", "ndx/1/2", "x" * 33, "ndx\n", "nd\0x/1"):
            await client.request("subscribe", channel="round", id=wrong)
            told = await client.receive()
            assert (told["code"], told.get("field")) == ("field_invalid", "id"), wrong
        for unknown in ("ndx/20200101", "spx", "spx/20261127"):
            await client.request("subscribe", channel="round", id=unknown)
            assert (await client.receive())["code"] == "round_unknown", unknown
