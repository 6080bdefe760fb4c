"""What the exchange refuses: with which status and code, naming what is wrong, and leaving everything as it was."""

import itertools
from typing import Any

import pytest

from evens.core.commands.exchange import ORDERS_PER_MARKET_MAX
from evens.core.exchange.reasons import ExchangeReason
from evens.core.values.reasons import Reason
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import ANN, BO, CY, change, open_market, order_of, over, place, settle, wallet


@pytest.fixture
async def market(operator: Caller) -> str:
    """An open market of three runners."""
    return await open_market(operator)


def told(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def fields(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["field"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("market_id", ["mkt_999", "nonsense", "mkt_" + "9" * 15])
async def test_an_unknown_market_is_404_everywhere(operator: Caller, ada: Caller, market_id: str) -> None:
    path = f"/v1/exchange/markets/{market_id}"
    answers = [
        await ada.get(path),
        await ada.get(f"{path}/book"),
        await ada.get(f"{path}/trades"),
        await ada.get(f"{path}/candles", runner="1", interval="1m"),
        await operator.post(f"{path}/suspend"),
        await operator.post(f"{path}/settle", {"winners": ["1"]}),
        await ada.post("/v1/exchange/orders", order_of(market_id, "back", "2.00", "5.00")),
        await ada.post("/v1/exchange/orders/cancel", {"market_id": market_id}),
        await ada.get("/v1/exchange/orders", market_id=market_id),
        await ada.get("/v1/exchange/positions", market_id=market_id),
    ]
    assert {told(answer) for answer in answers} == {(404, "market_unknown")}


@pytest.mark.parametrize("runner", ["4", "0", "Ann"])
async def test_an_unknown_runner_is_404(operator: Caller, ada: Caller, market: str, runner: str) -> None:
    path = f"/v1/exchange/markets/{market}"
    answers = [
        await ada.post("/v1/exchange/orders", order_of(market, "back", "2.00", "5.00", runner)),
        await operator.post(f"{path}/settle", {"winners": [runner]}),
        await operator.post(f"{path}/runners/{runner}/remove", {"reduction_bps": 0}),
        await ada.get(f"{path}/trades", runner=runner),
        await ada.get(f"{path}/candles", runner=runner, interval="1m"),
    ]
    assert {told(answer) for answer in answers} == {(404, "runner_unknown")}


async def test_an_unknown_order_is_404(operator: Caller, ada: Caller) -> None:
    orders = ["ord_1", "ord_999", "ord_0", "nonsense", "mkt_5", "ord_" + "9" * 19]
    for caller, order in itertools.product((operator, ada), orders):
        path = f"/v1/exchange/orders/{order}"
        answers = [await caller.get(path), await caller.delete(path), await caller.put(path, {"odds": "2.00"})]
        assert {told(answer) for answer in answers} == {(404, "order_unknown")}


async def test_a_users_bets_are_refused_who_is_not_there(operator: Caller, market: str) -> None:
    body = order_of(market, "back", "2.00", "5.00", user_id="usr_999")
    assert told(await operator.post("/v1/exchange/orders", body)) == (404, "customer_unknown")
    assert told(await operator.put("/v1/users/usr_999/commission-discount", {"discount_bps": 1})) == (
        404,
        "customer_unknown",
    )


async def test_too_little_money_is_402_with_what_was_needed_and_what_there_was(ada: Caller, market: str) -> None:
    answer = await ada.post("/v1/exchange/orders", order_of(market, "lay", "5.00", "30.00"))
    assert answer.status_code == 402
    assert answer.json() == {
        "type": "urn:evens:problem:insufficient_funds",
        "title": "Payment Required",
        "status": 402,
        "detail": "120.00 USD is needed and 100.00 USD is available.",
        "code": "insufficient_funds",
        "currency": "USD",
        "needed": "120.00",
        "available": "100.00",
    }
    assert await wallet(ada) == ("100.00", "0.00")


async def test_only_what_a_change_takes_besides_is_needed(ada: Caller, market: str) -> None:
    order = (await place(ada, market, "back", "5.00", "60.00"))["id"]
    answer = await ada.put(f"/v1/exchange/orders/{order}", {"stake": "150.00"})
    assert told(answer) == (402, "insufficient_funds")
    assert (answer.json()["needed"], answer.json()["available"]) == ("90.00", "40.00")
    assert (await ada.get(f"/v1/exchange/orders/{order}")).json()["remaining"] == "60.00"


async def test_odds_off_the_ladder_are_told_with_their_neighbours(ada: Caller, market: str) -> None:
    answer = await ada.post("/v1/exchange/orders", order_of(market, "back", "3.03", "5.00"))
    assert fields(answer) == ["odds"]
    body = answer.json()
    assert (body["code"], body["odds_below"], body["odds_above"]) == ("odds_off_ladder", "3.00", "3.05")


async def test_too_small_and_too_large_a_stake_are_told_with_the_limit(ada: Caller, market: str) -> None:
    small = await ada.post("/v1/exchange/orders", order_of(market, "back", "2.00", "0.99"))
    assert fields(small) == ["stake"]
    assert (small.json()["code"], small.json()["limit"], small.json()["currency"]) == ("stake_too_small", "1.00", "USD")
    large = await ada.post("/v1/exchange/orders", order_of(market, "back", "1000", "10000000000.01"))
    assert fields(large) == ["stake"]
    assert (large.json()["code"], large.json()["limit"]) == ("stake_too_large", "100000000.00")


async def test_the_whole_stake_cannot_become_less_than_what_is_matched(
    house: OpenHouse, ada: Caller, market: str
) -> None:
    bob = await house.customer("bob", USD=100_00)
    order = (await place(ada, market, "back", "2.00", "10.00"))["id"]
    await place(bob, market, "lay", "2.00", "4.00")
    answer = await ada.put(f"/v1/exchange/orders/{order}", {"stake": "4.00"})
    assert fields(answer) == ["stake"]
    assert (answer.json()["code"], answer.json()["matched"]) == ("stake_too_small", "4.00")


async def test_a_least_fill_above_the_stake_is_refused(ada: Caller, market: str) -> None:
    body = order_of(market, "back", "2.00", "5.00", time_in_force="fok", min_fill="5.01")
    answer = await ada.post("/v1/exchange/orders", body)
    assert (fields(answer), answer.json()["code"]) == (["min_fill"], "min_fill_too_large")


async def test_an_order_that_knows_an_old_market_is_refused_with_the_new_version(
    operator: Caller, ada: Caller, market: str
) -> None:
    await change(operator, market, "suspend")
    await change(operator, market, "resume")
    answer = await ada.post("/v1/exchange/orders", order_of(market, "back", "2.00", "5.00", market_version=2))
    assert told(answer) == (409, "market_version_stale")
    assert answer.json()["market_version"] == 3
    await place(ada, market, "back", "2.00", "5.00", market_version=3)


async def test_nobody_is_matched_with_themselves(ada: Caller, market: str) -> None:
    await place(ada, market, "lay", "2.00", "5.00")
    answer = await ada.post("/v1/exchange/orders", order_of(market, "back", "2.00", "5.00"))
    assert told(answer) == (409, "self_match")


async def test_a_frozen_user_bets_no_more_and_open_orders_lapse(operator: Caller, ada: Caller, market: str) -> None:
    """Hold 13: freezing an account ends what it has on offer."""
    order = (await place(ada, market, "back", "2.00", "5.00"))["id"]
    await operator.post(f"/v1/users/{ada.id}/freeze")
    answer = await ada.post("/v1/exchange/orders", order_of(market, "back", "2.00", "5.00"))
    assert told(answer) == (409, "customer_frozen")
    assert (await over(ada, order))["status"] == "lapsed"


async def test_only_so_many_orders_of_a_user_wait_in_a_market(house: OpenHouse, market: str) -> None:
    eve = await house.customer("eve", USD=2_000_00)
    batch = {"orders": [order_of(market, "back", "9.00", "1.00")] * 200}
    for _ in range(ORDERS_PER_MARKET_MAX // 200):
        assert (await eve.post("/v1/exchange/orders/batch", batch)).status_code == 200
    answer = await eve.post("/v1/exchange/orders", order_of(market, "back", "9.00", "1.00"))
    assert told(answer) == (409, "orders_limit")
    assert "1000" in answer.json()["detail"]
    assert await wallet(eve) == ("1000.00", "1000.00")


async def test_what_would_change_nothing_is_refused(ada: Caller, market: str) -> None:
    order = (await place(ada, market, "back", "2.00", "5.00"))["id"]
    path = f"/v1/exchange/orders/{order}"
    assert told(await ada.put(path, {"odds": "2.00", "stake": "5.00"})) == (409, "nothing_changes")


async def test_an_order_that_is_over_cannot_be_changed(ada: Caller, market: str) -> None:
    order = (await place(ada, market, "back", "2.00", "5.00"))["id"]
    await ada.delete(f"/v1/exchange/orders/{order}")
    path = f"/v1/exchange/orders/{order}"
    answers = [await ada.delete(path), await ada.put(path, {"odds": "3.00"}), await ada.put(path, {"stake": "9.00"})]
    assert [told(answer) for answer in answers] == [(409, "order_not_executable")] * 3


async def test_a_suspended_or_closed_market_takes_no_orders_but_gives_them_back(
    operator: Caller, ada: Caller, market: str
) -> None:
    order = (await place(ada, market, "back", "2.00", "5.00"))["id"]
    await change(operator, market, "suspend")
    body = order_of(market, "back", "2.00", "5.00")
    assert told(await ada.post("/v1/exchange/orders", body)) == (409, "market_suspended")
    assert told(await ada.put(f"/v1/exchange/orders/{order}", {"odds": "3.00"})) == (409, "market_suspended")
    assert (await ada.delete(f"/v1/exchange/orders/{order}")).status_code == 200
    await change(operator, market, "close")
    assert told(await ada.post("/v1/exchange/orders", body)) == (409, "market_closed")


@pytest.mark.parametrize(
    ("before", "deed", "body", "status", "code"),
    [
        ([], "resume", None, 409, ExchangeReason.MARKET_NOT_SUSPENDED),
        (["suspend"], "suspend", None, 409, ExchangeReason.MARKET_SUSPENDED),
        (["in-play"], "in-play", None, 409, ExchangeReason.MARKET_IN_PLAY),
        (["close"], "suspend", None, 409, ExchangeReason.MARKET_CLOSED),
        (["close"], "close", None, 409, ExchangeReason.MARKET_CLOSED),
        ([], "settle", {"winners": [ANN, BO]}, 422, ExchangeReason.WINNERS_WRONG),
        ([], "settle", {"winners": [ANN, ANN], "dead_heat": True}, 422, ExchangeReason.WINNERS_WRONG),
        ([], "settle", {"winners": [ANN], "correction": True}, 409, ExchangeReason.NOT_SETTLED),
        ([], "void", {"correction": True}, 409, ExchangeReason.NOT_SETTLED),
    ],
)
async def test_what_a_markets_state_does_not_allow_is_refused(
    operator: Caller, market: str, before: list[str], deed: str, body: Any, status: int, code: Reason
) -> None:
    for each in before:
        await change(operator, market, each)
    answer = await operator.post(f"/v1/exchange/markets/{market}/{deed}", body)
    assert told(answer) == (status, code)
    if status == 422:
        assert fields(answer) == ["winners"]
        assert answer.json()["winners"] == 1


async def test_a_settled_market_is_settled_once(operator: Caller, ada: Caller, market: str) -> None:
    await settle(operator, market, ANN)
    path = f"/v1/exchange/markets/{market}"
    answers = [
        await operator.post(f"{path}/settle", {"winners": [BO]}),
        await operator.post(f"{path}/void"),
        await operator.post(f"{path}/suspend"),
        await operator.post(f"{path}/runners/{BO}/remove", {"reduction_bps": 0}),
    ]
    assert {told(answer) for answer in answers} == {(409, "already_settled")}
    body = order_of(market, "back", "2.00", "5.00")
    assert told(await ada.post("/v1/exchange/orders", body)) == (409, "market_closed")


async def test_a_removed_runner_is_gone_and_the_last_one_stays(operator: Caller, ada: Caller, market: str) -> None:
    path = f"/v1/exchange/markets/{market}"
    for runner in (ANN, BO):
        await change(operator, market, f"runners/{runner}/remove", {"reduction_bps": 0})
    again = await operator.post(f"{path}/runners/{ANN}/remove", {"reduction_bps": 0})
    assert told(again) == (409, "runner_removed")
    last = await operator.post(f"{path}/runners/{CY}/remove", {"reduction_bps": 0})
    assert told(last) == (409, "last_runner")
    assert told(await operator.post(f"{path}/settle", {"winners": [ANN]})) == (409, "runner_removed")
    await change(operator, market, "resume")
    body = order_of(market, "back", "2.00", "5.00", ANN)
    assert told(await ada.post("/v1/exchange/orders", body)) == (409, "runner_removed")
