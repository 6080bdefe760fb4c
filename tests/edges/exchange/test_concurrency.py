"""Many at once on one market: exactly what is offered is taken, and everybody's money adds up."""

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import (
    ANN,
    BO,
    at_rest,
    check_books,
    items,
    open_market,
    order_of,
    place,
    settle,
    wallet,
)

REPLAYED = "Idempotency-Replayed"


async def many(house: OpenHouse, count: int, cash_minor: int) -> list[Caller]:
    return [await house.customer(f"taker{number}", USD=cash_minor) for number in range(count)]


async def test_a_hundred_takers_of_one_offer_take_exactly_what_is_offered(house: OpenHouse, operator: Caller) -> None:
    maker = await house.customer("maker", USD=1_000_00)
    takers = await many(house, 100, 10_00)
    market = await open_market(operator, commission_bps=0)
    offer = await place(maker, market, "lay", "3.00", "105.00")

    answers = await asyncio.gather(
        *(taker.post("/v1/exchange/orders", order_of(market, "back", "3.00", "3.00")) for taker in takers)
    )
    assert {answer.status_code for answer in answers} == {201}
    matched = Counter(answer.json()["matched"] for answer in answers)
    assert matched == {"3.00": 35, "0.00": 65}
    assert (await maker.get(f"/v1/exchange/orders/{offer['id']}")).json()["status"] == "complete"
    ann = (await at_rest(operator, market))["runners"][0]
    assert (ann["matched"], ann["to_back"], ann["to_lay"]) == ("105.00", [], [{"odds": "3.00", "size": "195.00"}])
    assert {await wallet(taker) for taker in takers} == {("7.00", "3.00")}
    assert await wallet(maker) == ("790.00", "210.00")
    await check_books(house)

    await settle(operator, market, ANN)
    assert Counter([await wallet(taker) for taker in takers]) == {("16.00", "0.00"): 35, ("10.00", "0.00"): 65}
    assert await wallet(maker) == ("790.00", "0.00")
    await check_books(house)


async def test_a_hundred_at_once_who_want_all_or_nothing_never_share(house: OpenHouse, operator: Caller) -> None:
    maker = await house.customer("maker", USD=1_000_00)
    takers = await many(house, 100, 10_00)
    market = await open_market(operator)
    await place(maker, market, "lay", "2.00", "25.00")
    body = order_of(market, "back", "2.00", "10.00", time_in_force="fok")
    answers = await asyncio.gather(*(taker.post("/v1/exchange/orders", body) for taker in takers))
    assert Counter(answer.json()["status"] for answer in answers) == {"complete": 2, "lapsed": 98}
    (left,) = (await at_rest(operator, market))["runners"][0]["to_back"]
    assert left == {"odds": "2.00", "size": "5.00"}


async def test_the_same_key_a_hundred_times_at_once_is_one_order(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    market = await open_market(operator)
    body = order_of(market, "back", "2.00", "10.00")
    answers = await asyncio.gather(*(ada.post("/v1/exchange/orders", body, key="k") for _ in range(100)))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert sorted(answer.headers.get(REPLAYED, "") for answer in answers) == [""] + ["true"] * 99
    (order,) = await items(ada, "/v1/exchange/orders")
    assert order == answers[0].json()
    assert await wallet(ada) == ("90.00", "10.00")


async def test_of_too_many_orders_at_once_exactly_the_affordable_ones_are_placed(operator: Caller, ada: Caller) -> None:
    market = await open_market(operator)
    bodies = [order_of(market, "back", "2.00", "3.00", (ANN, BO)[number % 2]) for number in range(100)]
    answers = await asyncio.gather(*(ada.post("/v1/exchange/orders", body) for body in bodies))
    assert Counter(answer.status_code for answer in answers) == {201: 33, 402: 67}
    assert await wallet(ada) == ("1.00", "99.00")


async def test_taking_back_and_taking_at_once_never_counts_a_stake_twice(house: OpenHouse, operator: Caller) -> None:
    maker = await house.customer("maker", USD=1_000_00)
    takers = await many(house, 20, 10_00)
    market = await open_market(operator)
    offers = [await place(maker, market, "lay", "2.00", "10.00") for _ in range(20)]

    async def cancel(offer: dict[str, Any]) -> int:
        return (await maker.delete(f"/v1/exchange/orders/{offer['id']}")).status_code

    async def take(taker: Caller) -> Decimal:
        answer = await taker.post("/v1/exchange/orders", order_of(market, "back", "2.00", "10.00"))
        return Decimal(answer.json()["matched"])

    taking = asyncio.gather(*map(take, takers))
    cancelled = await asyncio.gather(*map(cancel, offers))
    matched = sum(await taking, Decimal())
    made = await items(maker, "/v1/exchange/orders")
    assert sum(Decimal(order["matched"]) for order in made) == matched
    assert sum(Decimal(order["cancelled"]) for order in made) == 200 - matched
    assert set(cancelled) <= {200, 409}
    assert await wallet(maker) == (f"{1_000 - matched:.2f}", f"{matched:.2f}")
    await check_books(house)


async def test_a_settlement_and_orders_at_once_leave_nobody_with_money_in_escrow(
    house: OpenHouse, operator: Caller
) -> None:
    takers = await many(house, 40, 10_00)
    market = await open_market(operator, commission_bps=0)
    sides = ("back", "lay")

    async def bet(number: int, taker: Caller) -> int:
        body = order_of(market, sides[number % 2], "2.00", "10.00")
        return (await taker.post("/v1/exchange/orders", body)).status_code

    async def end() -> int:
        return (await operator.post(f"/v1/exchange/markets/{market}/settle", {"winners": [ANN]})).status_code

    half = len(takers) // 2
    early = [bet(number, taker) for number, taker in enumerate(takers[:half])]
    late = [bet(number, taker) for number, taker in enumerate(takers[half:])]
    statuses = await asyncio.gather(*early, end(), *late)
    assert set(statuses) <= {200, 201, 409}
    await at_rest(operator, market)
    wallets = [await wallet(taker) for taker in takers]
    assert {escrow for _, escrow in wallets} == {"0.00"}
    assert sum(Decimal(cash) for cash, _ in wallets) == 400
    await check_books(house)
