"""Many at once, over real connections to a real server: what one after another would give, and nothing else."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.cli.program import Server, running
from tests.faults.desk import Desk, desk_at
from tests.folders import passable_folder

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with passable_folder(on_disk=True) as folder, running(["serve", "--port", "0"], folder / "data") as server:
        yield server


@pytest.fixture
async def desk(server: Server) -> AsyncIterator[Desk]:
    async with desk_at(server) as desk:
        yield desk


async def test_of_too_many_withdrawals_exactly_the_affordable_ones_succeed(desk: Desk) -> None:
    (ann,) = await desk.customers(1, "10.00", "overdrawn")
    body = {"user_id": ann, "amount": "0.30", "currency": "USD"}

    answers = await asyncio.gather(*(desk.post("/v1/withdrawals", body, f"w{number}") for number in range(100)))

    assert Counter(answer.status_code for answer in answers) == {201: 33, 402: 67}
    assert await desk.cash(ann) == "0.10"


async def test_payments_back_and_forth_end_where_they_began(desk: Desk) -> None:
    ann, bob = await desk.customers(2, "100.00", "swinging")

    there = [desk.pay(f"there-{number}", ann, bob, "0.01") for number in range(500)]
    back = [desk.pay(f"back-{number}", bob, ann, "0.01") for number in range(500)]
    await asyncio.gather(*(payment for pair in zip(there, back, strict=True) for payment in pair))

    assert desk.statuses == {201: 1000}
    assert await desk.cash(ann) == await desk.cash(bob) == "100.00"


async def test_the_same_key_a_hundred_times_at_once_moves_money_once(desk: Desk) -> None:
    ann, bob = await desk.customers(2, "100.00", "insistent")

    answers = await asyncio.gather(*(desk.pay("once", ann, bob, "7.00") for _ in range(100)))

    assert [answer.status_code for answer in answers if answer is not None] == [201] * 100
    assert len({answer.content for answer in answers if answer is not None}) == 1
    replayed = Counter(answer.headers.get("Idempotency-Replayed") for answer in answers if answer is not None)
    assert replayed == {"true": 99, None: 1}
    assert await desk.cash(ann) == "93.00"


async def test_the_same_key_with_other_amounts_at_once_moves_one_of_them(desk: Desk) -> None:
    ann, bob = await desk.customers(2, "100.00", "undecided")

    answers = await asyncio.gather(*(desk.pay("either", ann, bob, f"{1 + number % 2}.00") for number in range(50)))

    statuses = Counter(answer.status_code for answer in answers if answer is not None)
    assert statuses == {201: 25, 422: 25}
    assert await desk.cash(ann) in {"99.00", "98.00"}
