"""Many bets at once, and very large ones: exactly as many are taken as there is money for, and no sum is off."""

import asyncio

import asyncpg

from evens.store.auditing.audit import audit
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import check_books, wallet
from tests.edges.pools.window import CODE, PATH, bet, change, create, listed, open_round

MOST_MINOR = 10**15


async def test_of_thirty_bets_at_once_three_are_taken_when_there_is_money_for_three(
    house: OpenHouse, operator: Caller
) -> None:
    ann = await house.customer("ann", USD=30_00)
    await create(operator)
    await open_round(operator)
    answers = await asyncio.gather(
        *[ann.post(f"{PATH}/bets", {"side": ("up", "down")[number % 2], "amount": "9.99"}) for number in range(30)]
    )
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [402] * 27
    assert {answer.json()["code"] for answer in answers if answer.status_code == 402} == {"insufficient_funds"}
    assert await wallet(ann) == ("0.03", "29.97")
    assert len(await listed(ann)) == 3
    found = (await ann.get(f"{PATH}/rounds/{CODE}")).json()
    assert sum(side["bets"] for side in found["sides"].values()) == 3
    await check_books(house)


async def test_stakes_of_a_quadrillion_minor_units_a_side_are_exact(house: OpenHouse, operator: Caller) -> None:
    # Millionths of USDC: a billion USDC on each side, and one millionth more on up.
    ann = await house.customer("ann", USDC=MOST_MINOR)
    bob = await house.customer("bob", USDC=MOST_MINOR)
    cho = await house.customer("cho", USDC=1)
    await create(operator, currency="USDC", fee_bps=9_999, min_stake="0.000001")
    await open_round(operator)
    await bet(ann, "up", "1000000000.000000")
    await bet(bob, "down", "1000000000.000000")
    await bet(cho, "up", "0.000001")
    owner = await asyncpg.connect(house.stage.dsns.owner)
    sums = await owner.fetch("SELECT side, sum(stake)::bigint AS staked FROM evens.pool_bets GROUP BY side")
    sides = await owner.fetch("SELECT side, staked FROM evens.round_sides")
    await owner.close()
    assert dict(map(tuple, sums)) == dict(map(tuple, sides)) == {1: MOST_MINOR + 1, 2: MOST_MINOR}
    await operator.post(f"{PATH}/rounds/{CODE}/lock")
    paid = await change(operator, "settle", {"result": "up"})
    fee_minor = MOST_MINOR * 9_999 // 10_000
    shares = [(MOST_MINOR - fee_minor) * stake // (MOST_MINOR + 1) for stake in (MOST_MINOR, 1)]
    assert shares == [99_999_999_999, 0]
    assert (paid["fee"], paid["rounding"]) == ("999900000.000000", "0.000001")
    assert [await wallet(each, "USDC") for each in (ann, bob, cho)] == [
        ("1000099999.999999", "0.000000"),
        ("0.000000", "0.000000"),
        ("0.000001", "0.000000"),
    ]
    down = await change(operator, "correct", {"result": "down"})
    # 9,999 of 10,000 of a quadrillion and one, rounded down.
    assert (down["fee"], down["rounding"]) == ("999900000.000000", "0.000000")
    # Ann owes nothing: all of what she had been paid is still hers to give back.
    assert await wallet(bob, "USDC") == ("1000100000.000001", "0.000000")
    assert (await audit(house.stage.dsns.app)).problems == []
    await check_books(house)
