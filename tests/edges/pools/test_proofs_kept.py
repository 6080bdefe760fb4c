"""A proof is made once for all who ask for it, and anew when the round has changed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from evens.core.values.ids import PoolBetId, RoundId
from evens.core.values.pools import PoolSide
from evens.edges.http.pools.proofs import MAKING_MAX, SLICE_BYTES, Proofs, in_slices
from evens.edges.http.protocol.problem import Refused
from evens.store.pools.queries import PoolQueries, ResultRow, StakeRow
from evens.store.pools.rows import RoundRow
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.pools.window import CODE, PATH, at_rest, bet, create, open_round

pytestmark = pytest.mark.anyio


class Counted(PoolQueries):
    """Reads that count how often the stakes of a round were read, and wait until they may go on."""

    def __init__(self, reads: PoolQueries) -> None:
        self._real = reads
        self.read = 0
        self.may_go_on = asyncio.Event()

    async def stakes(self, number: RoundId) -> AsyncIterator[Sequence[StakeRow]]:
        self.read += 1
        await self.may_go_on.wait()
        yield [StakeRow(PoolBetId(7), PoolSide.UP, 500)]

    async def results(self, number: RoundId) -> list[ResultRow]:
        return await self._real.results(number)


async def locked(house: OpenHouse, operator: Caller, ada: Caller) -> RoundRow:
    """Return a locked round with one bet."""
    await create(operator)
    await open_round(operator)
    await bet(ada, "up", "5.00")
    assert (await operator.post(f"{PATH}/rounds/{CODE}/lock")).status_code == 200
    return await house.services.pools.pools.round("ndx-daily", CODE)


async def test_those_who_ask_at_once_and_later_share_one(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    row = await locked(house, operator, ada)
    currency = house.services.currencies.by_number(row.currency_number)
    reads = Counted(house.services.pools.reads)
    proofs = Proofs(reads)
    asked = [asyncio.ensure_future(proofs.of(row, currency)) for _ in range(40)]
    await asyncio.sleep(0)
    asked[0].cancel()
    reads.may_go_on.set()
    made = await asyncio.gather(*asked[1:])
    assert await proofs.of(row, currency) == made[0]
    assert (len(set(made)), reads.read) == (1, 1)


async def test_a_round_that_has_changed_has_another(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    await locked(house, operator, ada)
    before = (await ada.get(f"{PATH}/rounds/{CODE}/proof")).json()
    assert before["results"] == []
    assert (await operator.post(f"{PATH}/rounds/{CODE}/void", {"reason": "no price"})).status_code == 200
    await at_rest(operator)
    after = (await ada.get(f"{PATH}/rounds/{CODE}/proof")).json()
    assert [each["result"] for each in after["results"]] == ["void"]
    assert after["stakes"][0]["payout_minor"] == 500


async def test_no_more_than_a_few_are_made_at_a_time(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    row = await locked(house, operator, ada)
    currency = house.services.currencies.by_number(row.currency_number)
    reads = Counted(house.services.pools.reads)
    proofs = Proofs(reads)
    others: list[Any] = [asyncio.ensure_future(proofs.of(other(row, number), currency)) for number in range(MAKING_MAX)]
    await asyncio.sleep(0)
    with pytest.raises(Refused) as refused:
        await proofs.of(other(row, MAKING_MAX), currency)
    assert (refused.value.problem.status, refused.value.problem.code) == (503, "busy")
    reads.may_go_on.set()
    await asyncio.gather(*others)
    assert await proofs.of(other(row, MAKING_MAX), currency)


async def test_what_is_kept_is_bounded(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    row = await locked(house, operator, ada)
    currency = house.services.currencies.by_number(row.currency_number)
    reads = Counted(house.services.pools.reads)
    reads.may_go_on.set()
    proofs = Proofs(reads, kept_bytes=1)
    for number in (0, 1, 0):
        await proofs.of(other(row, number), currency)
    assert reads.read == 3


async def test_a_proof_is_sent_in_slices() -> None:
    content = b"p" * (2 * SLICE_BYTES + 5)
    assert [len(part) async for part in in_slices(content)] == [SLICE_BYTES, SLICE_BYTES, 5]


def other(row: RoundRow, number: int) -> RoundRow:
    """Return a round that differs in what a proof depends on."""
    return replace(row, fee_minor=number)
