"""Many orders in one request, and what the same key asks for again."""

import asyncio
from typing import Any

import pytest

from evens.sequencer.errors import Overloaded
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import ANN, BO, items, open_market, order_of, place, settle, wallet

BATCH = "/v1/exchange/orders/batch"
REPLAYED = "Idempotency-Replayed"


@pytest.fixture
async def market(operator: Caller) -> str:
    """An open market of three runners."""
    return await open_market(operator)


def codes(answer: Any) -> list[str | None]:
    """Return the code of each result that is a problem, ``None`` for an order."""
    assert answer.status_code == 200, answer.text
    return [result.get("code") for result in answer.json()["results"]]


async def test_orders_of_a_batch_are_placed_in_order_each_on_its_own_merits(
    operator: Caller, ada: Caller, market: str
) -> None:
    answer = await ada.post(
        BATCH,
        {
            "orders": [
                order_of(market, "back", "2.00", "90.00"),
                order_of(market, "back", "2.00", "20.00"),
                order_of(market, "back", "2.00", "10.00", "9"),
                order_of("mkt_999", "back", "2.00", "10.00"),
                order_of(market, "back", "2.00", "10.00", BO),
            ]
        },
    )
    assert codes(answer) == [None, "insufficient_funds", "runner_unknown", "market_unknown", None]
    first, short, _, _, last = answer.json()["results"]
    assert (short["status"], short["needed"], short["available"]) == (402, "20.00", "10.00")
    # Nine tenths of the money are on Ann; on another runner ten more are at stake.
    assert [order["id"] for order in await items(ada, "/v1/exchange/orders")] == [last["id"], first["id"]]
    assert await wallet(ada) == ("0.00", "100.00")


async def test_a_wrong_value_anywhere_in_a_batch_refuses_all_of_it(ada: Caller, market: str) -> None:
    right = order_of(market, "back", "2.00", "1.00")
    for wrong, field in (
        ({"odds": "2.001"}, "orders[1].odds"),
        ({"stake": "1.001"}, "orders[1].stake"),
        ({"min_fill": "1.00"}, "orders[1].min_fill"),
        ({"side": 1}, "orders[1].side"),
    ):
        answer = await ada.post(BATCH, {"orders": [right, {**right, **wrong}]})
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await items(ada, "/v1/exchange/orders") == []


async def test_a_batch_has_one_to_two_hundred_orders(ada: Caller, market: str) -> None:
    right = order_of(market, "back", "2.00", "1.00")
    for orders in ([], [right] * 201):
        answer = await ada.post(BATCH, {"orders": orders})
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["orders"]
    answer = await ada.post(BATCH, {"orders": [right] * 200})
    assert codes(answer) == [None] * 100 + ["insufficient_funds"] * 100


async def test_nobody_can_bet_for_somebody_else_within_a_batch(
    house: OpenHouse, operator: Caller, ada: Caller, market: str
) -> None:
    bob = await house.customer("bob", USD=100_00)
    order = order_of(market, "back", "2.00", "1.00", user_id=ada.id)
    assert (await bob.post(BATCH, {"orders": [order]})).status_code == 403
    both = [order, {**order, "user_id": bob.id}]
    answer = await operator.post(BATCH, {"orders": both})
    assert [result["user_id"] for result in answer.json()["results"]] == [ada.id, bob.id]


async def test_a_repeated_batch_gets_its_first_answer(house: OpenHouse, ada: Caller, market: str) -> None:
    bob = await house.customer("bob", USD=100_00)
    body = {"orders": [order_of(market, "back", "2.00", "60.00"), order_of(market, "back", "2.00", "60.00")]}
    first = await ada.post(BATCH, body, key="k")
    assert codes(first) == [None, "insufficient_funds"]
    await place(bob, market, "lay", "2.00", "60.00")
    again = await ada.post(BATCH, body, key="k")
    assert first.content == again.content
    assert (first.headers.get(REPLAYED), again.headers.get(REPLAYED)) == (None, "true")
    assert len(await items(ada, "/v1/exchange/orders")) == 1


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_a_repeated_batch_gets_its_first_answer_when_the_market_it_named_exists_now(
    operator: Caller, ada: Caller, market: str, place: int
) -> None:
    # Behind the market come the batch's key and its two orders.
    coming = f"mkt_{int(market.removeprefix('mkt_')) + 4}"
    orders = [order_of(market, "back", "2.00", "10.00")] * 2
    body = {"orders": [*orders[:place], order_of(coming, "back", "2.00", "10.00"), *orders[place:]]}
    first = await ada.post(BATCH, body, key="k")
    assert codes(first) == ["market_unknown" if each == place else None for each in range(3)]
    assert await open_market(operator) == coming
    again = await ada.post(BATCH, body, key="k")
    assert (again.content, again.headers.get(REPLAYED)) == (first.content, "true")
    assert len(await items(ada, "/v1/exchange/orders")) == 2
    assert codes(await ada.post(BATCH, body, key="other")) == [None] * 3


async def test_another_batch_under_the_same_key_is_refused_before_anything_is_placed(ada: Caller, market: str) -> None:
    order = order_of(market, "back", "2.00", "1.00")
    await ada.post(BATCH, {"orders": [order, order]}, key="k")
    other = {**order, "odds": "3.00"}
    for orders in ([order], [order, order, order], [order, other], [other, order], [order, other, order]):
        answer = await ada.post(BATCH, {"orders": orders}, key="k")
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    await ada.post("/v1/transfers", {"to_username": "nobody", "amount": "1"}, key="t")
    await ada.post("/v1/exchange/orders", order, key="s")
    assert (await ada.post(BATCH, {"orders": [order]}, key="s")).json()["code"] == "idempotency_key_reused"
    assert len(await items(ada, "/v1/exchange/orders")) == 3


async def test_nothing_else_is_booked_under_the_key_of_a_batch(operator: Caller, ada: Caller, market: str) -> None:
    """Hold 6: a key names one request, also if several commands come of it."""
    body = {"orders": [{**order_of(market, "back", "2.00", "1.00"), "user_id": ada.id}]}
    first = await operator.post(BATCH, body, key="k")
    deposit = {"user_id": ada.id, "amount": "1.00", "currency": "USD"}
    for path, other in (("/v1/deposits", deposit), ("/v1/exchange/orders", body["orders"][0])):
        answer = await operator.post(path, other, key="k")
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused"), path
    again = await operator.post(BATCH, body, key="k")
    assert (again.content, again.headers.get(REPLAYED)) == (first.content, "true")
    assert (await operator.get("/v1/outcomes/k")).json()["body"] == first.json()


async def test_of_two_requests_under_one_key_at_once_one_is_booked(operator: Caller, ada: Caller, market: str) -> None:
    body = {"orders": [{**order_of(market, "back", "2.00", "1.00"), "user_id": ada.id}] * 2}
    deposit = {"user_id": ada.id, "amount": "1.00", "currency": "USD"}
    for number in range(10):
        batch, single = await asyncio.gather(
            operator.post(BATCH, body, key=f"k{number}"), operator.post("/v1/deposits", deposit, key=f"k{number}")
        )
        assert sorted([batch.status_code // 100, single.status_code // 100]) == [2, 4]
        assert len(await items(operator, "/v1/exchange/orders", user_id=ada.id)) % 2 == 0


async def test_what_became_of_a_batch_can_be_asked_for(ada: Caller, market: str) -> None:
    body = {
        "orders": [
            order_of(market, "back", "2.00", "90.00"),
            order_of("mkt_999", "back", "2.00", "1.00"),
            order_of(market, "back", "2.00", "90.00"),
        ]
    }
    answer = await ada.post(BATCH, body, key="k")
    outcome = (await ada.get("/v1/outcomes/k")).json()
    assert (outcome["status"], outcome["body"]) == (200, answer.json())
    assert outcome["command"] == "PlaceOrder"
    assert (await ada.get("/v1/outcomes/other")).status_code == 404


async def test_a_full_house_takes_nothing_of_a_batch(
    house: OpenHouse, ada: Caller, market: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise Overloaded

    body = {"orders": [order_of(market, "back", "2.00", "1.00")] * 2}
    with monkeypatch.context() as patch:
        patch.setattr(house.stage.inbox, "submit_all", full)
        answer = await ada.post(BATCH, body, key="k")
    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    assert answer.headers["Retry-After"]
    assert await items(ada, "/v1/exchange/orders") == []
    assert codes(await ada.post(BATCH, body, key="k")) == [None, None]


@pytest.mark.parametrize("deed", ["place", "replace", "shrink", "reduce", "cancel", "cancel-all", "refused"])
async def test_a_repeated_request_gets_its_first_answer_and_is_done_once(ada: Caller, market: str, deed: str) -> None:
    order = (await place(ada, market, "back", "3.00", "10.00"))["id"]
    path = f"/v1/exchange/orders/{order}"

    async def ask() -> Any:
        match deed:
            case "place":
                return await ada.post("/v1/exchange/orders", order_of(market, "back", "2.00", "5.00"), key="k")
            case "replace":
                return await ada.put(path, {"odds": "4.00"}, key="k")
            case "shrink":
                return await ada.put(path, {"stake": "5.00"}, key="k")
            case "reduce":
                return await ada.delete(path, key="k", reduce_by="4.00")
            case "cancel":
                return await ada.delete(path, key="k")
            case "cancel-all":
                return await ada.post("/v1/exchange/orders/cancel", {"market_id": market}, key="k")
            case _:
                return await ada.post("/v1/exchange/orders", order_of(market, "back", "2.00", "500.00"), key="k")

    first = await ask()
    assert first.status_code == {"place": 201, "refused": 402}.get(deed, 200)
    held = await wallet(ada)
    again = await ask()
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (first.headers.get(REPLAYED), again.headers.get(REPLAYED)) == (None, "true")
    assert await wallet(ada) == held
    outcome = (await ada.get("/v1/outcomes/k")).json()
    assert (outcome["status"], outcome["body"]) == (first.status_code, first.json())


async def test_a_repeated_order_is_told_as_it_was_at_first(house: OpenHouse, ada: Caller, market: str) -> None:
    bob = await house.customer("bob", USD=100_00)
    body = order_of(market, "back", "3.00", "10.00")
    first = await ada.post("/v1/exchange/orders", body, key="k")
    await place(bob, market, "lay", "3.00", "10.00")
    assert (await ada.post("/v1/exchange/orders", body, key="k")).content == first.content


async def test_a_repeated_settlement_is_told_as_it_was_at_first(operator: Caller, market: str) -> None:
    path = f"/v1/exchange/markets/{market}/settle"
    first = await operator.post(path, {"winners": [ANN]}, key="k")
    await settle(operator, market, BO, correction=True)
    again = await operator.post(path, {"winners": [ANN]}, key="k")
    assert (again.status_code, again.content, again.headers[REPLAYED]) == (200, first.content, "true")


async def test_another_order_under_the_same_key_is_refused(ada: Caller, market: str) -> None:
    body = order_of(market, "back", "3.00", "10.00")
    await ada.post("/v1/exchange/orders", body, key="k")
    for change in ({"odds": "3.05"}, {"stake": "10.01"}, {"side": "lay"}, {"runner_id": BO}, {"client_ref": "x"}):
        answer = await ada.post("/v1/exchange/orders", {**body, **change}, key="k")
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert await wallet(ada) == ("90.00", "10.00")


async def test_a_stake_that_is_no_amount_is_refused_before_its_market_is_looked_up(ada: Caller) -> None:
    answer = await ada.post(BATCH, {"orders": [order_of("mkt_999", "back", "2.00", "0*")]})
    assert (answer.status_code, answer.json()["errors"]) == (
        422,
        [{"field": "orders[0].stake", "message": 'must be a plain positive decimal such as "10.50"'}],
    )
