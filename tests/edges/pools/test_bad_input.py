"""Whatever is asked of the pools, the answer is a clear problem document that names what is wrong."""

from typing import Any

import pytest

from evens.core.commands.wallets import FreezeCustomer
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.pools.window import CODE, PATH, POOL, TIMES, bet, create, open_round, refused


def fields(answer: Any) -> list[str]:
    """Return the fields that an answer names."""
    assert answer.status_code == 422, answer.text
    return [each["field"] for each in answer.json()["errors"]]


@pytest.mark.parametrize("amount", ["1.234", "0", "-1.00", "1e3", "１.50", "NaN", "9" * 30, "", 1, True, None])
async def test_amounts_that_are_none_are_refused_by_name(operator: Caller, ada: Caller, amount: Any) -> None:
    await create(operator)
    await open_round(operator)
    assert fields(await ada.post(f"{PATH}/bets", {"side": "up", "amount": amount})) == ["amount"]
    if amount is not None:
        quote = await ada.get(f"{PATH}/rounds/{CODE}/quote", side="up", amount=amount)
        # In an address there are no numbers: 1 is the text "1".
        assert amount == 1 if quote.status_code == 200 else fields(quote) == ["amount"]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"side": "sideways", "amount": "1.00"}, ["side"]),
        ({"side": "UP", "amount": "1.00"}, ["side"]),
        ({"amount": "1.00"}, ["side"]),
        ({"side": "up", "amount": "1.00", "currency": "EUR"}, ["currency"]),
        ({"side": "up", "amount": "1.00", "round": "a/b"}, ["round"]),
        ({"side": "up", "amount": "1.00", "round": ""}, ["round"]),
        ({"side": "up", "amount": "1.00", "more": 1}, ["more"]),
        ([], ["body"]),
    ],
)
async def test_bets_that_are_none_are_refused_by_name(
    operator: Caller, ada: Caller, body: Any, wrong: list[str]
) -> None:
    await create(operator)
    await open_round(operator)
    assert fields(await ada.post(f"{PATH}/bets", body)) == wrong


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"key": "bets"}, "key"),
        ({"key": "NDX"}, "key"),
        ({"key": "a" * 33}, "key"),
        ({"key": ""}, "key"),
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"symbol": "a\u202eb"}, "symbol"),
        ({"fee_bps": -1}, "fee_bps"),
        ({"fee_bps": 10_001}, "fee_bps"),
        ({"fee_bps": 1.5}, "fee_bps"),
        ({"currency": "XXX"}, "currency"),
        ({"min_stake": "0.001"}, "min_stake"),
        ({"min_stake": "5.00", "max_stake": "4.99"}, "max_stake"),
        ({"calendar": "tomorrow"}, "calendar"),
        ({"calendar": "every:0"}, "calendar"),
        ({"calendar": "every:60", "lock_before_close_s": 60}, "lock_before_close_s"),
        ({"grace_s": -1}, "grace_s"),
        ({"quorum": 2}, "quorum"),
        ({"quorum": 10**30}, "quorum"),
        ({"closed": ["2025-13-01"]}, "closed"),
        ({"early": {"2025-01-09": "noon"}}, "early"),
        ({"sources": []}, "sources"),
        ({"sources": [{"name": "x", "kind": "crystal_ball"}]}, "sources[0].kind"),
        ({"sources": [{"name": "x", "kind": "http_json"}]}, "sources[0].url"),
        ({"sources": [{"name": "A", "kind": "manual"}]}, "sources[0].name"),
        (
            {"sources": [{"name": "x", "kind": "http_csv", "url": "https://a/b", "price": "Adj Close", "date": "d"}]},
            "sources[0].price",
        ),
    ],
)
async def test_pools_that_cannot_be_are_refused_by_name(operator: Caller, change: dict[str, Any], wrong: str) -> None:
    assert fields(await operator.post("/v1/pools", {**POOL, **change})) == [wrong]
    if not change.keys() & {"key", "currency"}:
        await create(operator)
        assert fields(await operator.patch(PATH, change)) == [wrong]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"code": "current", **TIMES}, ["code"]),
        ({"code": "a b", **TIMES}, ["code"]),
        ({**TIMES}, ["code"]),
        ({"code": CODE, "locks_at": TIMES["locks_at"]}, ["settles_at"]),
        ({"code": CODE, "settles_at": TIMES["settles_at"]}, ["locks_at"]),
        ({"code": CODE, "locks_at": "2020-01-01T00:00:00Z", "settles_at": TIMES["settles_at"]}, ["locks_at"]),
        ({"code": CODE, "locks_at": TIMES["settles_at"], "settles_at": TIMES["locks_at"]}, ["settles_at"]),
        ({"code": CODE, "locks_at": "yesterday", "settles_at": "tomorrow"}, ["locks_at", "settles_at"]),
    ],
)
async def test_rounds_that_cannot_be_are_refused_by_name(operator: Caller, body: Any, wrong: list[str]) -> None:
    await create(operator)
    assert fields(await operator.post(f"{PATH}/rounds", body)) == wrong


async def test_results_that_are_none_are_refused_by_name(operator: Caller) -> None:
    await create(operator)
    await open_round(operator)
    path = f"{PATH}/rounds/{CODE}"
    await operator.post(f"{path}/lock")
    for price in ("NaN", "-1", "1e9", "１", "", "1" * 13, "1.1234567890123", "01"):
        assert fields(await operator.post(f"{path}/settle", {"result": "up", "price": price})) == ["price"]
    assert fields(await operator.post(f"{path}/settle", {"result": "auto", "price": "1"})) == ["price"]
    assert fields(await operator.post(f"{path}/settle", {"result": "void"})) == ["result"]
    assert fields(await operator.post(f"{path}/settle", {})) == ["result"]
    assert fields(await operator.post(f"{path}/correct", {"result": "auto"})) == ["result"]
    assert fields(await operator.post(f"{path}/void", {})) == ["reason"]
    assert fields(await operator.post(f"{path}/void", {"reason": ""})) == ["reason"]


@pytest.mark.parametrize("text", ["a%2Fb", "a%00b", "%0A", "x" * 300, "%FF", "..%2F..%2Fmetrics", "NDX", "%EF%BC%91"])
async def test_an_address_of_nothing_is_404(operator: Caller, text: str) -> None:
    await create(operator)
    answers = [
        await operator.get(f"/v1/pools/{text}/rounds"),
        await operator.get(f"/v1/pools/{text}/rounds/current"),
        await operator.get(f"{PATH}/rounds/{text}"),
        await operator.get(f"{PATH}/rounds/{text}/proof"),
        await operator.get(f"{PATH}/rounds/{text}/quote", side="up", amount="1.00"),
        await operator.get(f"/v1/pools/bets/{text}"),
        await operator.post(f"{PATH}/rounds/{text}/lock"),
        await operator.post(f"/v1/pools/{text}/bets", {"side": "up", "amount": "1.00"}),
        await operator.patch(f"/v1/pools/{text}", {"fee_bps": 1}),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    assert (await operator.get("/v1/pools/bets", pool="ndx-daily", round="nothing")).status_code == 404
    assert fields(await operator.get("/v1/pools/bets", round=CODE)) == ["pool"]
    assert fields(await operator.get(f"{PATH}/rounds", status="over")) == ["status"]


async def test_who_cannot_bet_hears_why(house: OpenHouse, operator: Caller, ada: Caller, bob: Caller) -> None:
    await create(operator)
    await open_round(operator)
    stake = {"side": "up", "amount": "1.00"}
    assert await refused(bob, f"{PATH}/bets", stake) == (402, "insufficient_funds")
    assert await refused(operator, f"{PATH}/bets", stake) == (422, "validation_failed")
    assert await refused(ada, f"{PATH}/bets", {**stake, "user_id": bob.id}) == (403, "forbidden")
    await bet(ada, "up", "1.00")
    assert ada.customer is not None
    await house.stage.submit(FreezeCustomer(ada.customer))
    assert (await refused(ada, f"{PATH}/bets", stake))[1] in {"customer_frozen", "not_authenticated"}
