"""Limits that users set themselves on what is deposited for them."""

import time
from typing import Any

import pytest

from evens.core.values.deposit_limits import Period, bounds
from evens.core.values.moments import DAY_NS, format_time, parse_time
from tests.edges.conftest import Caller

NONE = {"day": None, "week": None, "month": None}


async def deposit(operator: Caller, user: Caller, amount: str, **more: Any) -> Any:
    return await operator.post("/v1/deposits", {"user_id": user.id, "amount": amount, **more})


async def test_a_user_without_limits_has_none(ada: Caller) -> None:
    answer = await ada.get("/v1/me/limits")
    assert answer.status_code == 200
    deposited = {"day": "100.00", "week": "100.00", "month": "100.00"}
    expected: dict[str, Any] = {
        "user_id": ada.id,
        "currency": "USD",
        "deposit": NONE,
        "raises": [],
        "deposited": deposited,
    }
    assert answer.json() == expected


async def test_a_limit_counts_at_once_and_the_refusal_says_what_is_left(ada: Caller, operator: Caller) -> None:
    made = await ada.put("/v1/me/limits", {"currency": "USD", "deposit": {"month": "150.00"}})
    assert made.status_code == 200
    limits = {**NONE, "month": "150.00"}
    expected: dict[str, Any] = {
        "user_id": ada.id,
        "currency": "USD",
        "deposit": limits,
        "raises": [],
        "deposited": None,
    }
    assert made.json() == expected
    assert (await deposit(operator, ada, "30.00")).status_code == 201
    refused = await deposit(operator, ada, "20.01")
    next_month = format_time(bounds(Period.MONTH, time.time_ns())[1])
    assert refused.status_code == 409
    assert refused.json() == {
        "type": "urn:evens:problem:deposit_limit",
        "title": "Conflict",
        "status": 409,
        "detail": f"This user's limit is 150.00 USD a month; 20.00 USD more can be deposited until {next_month}.",
        "code": "deposit_limit",
        "currency": "USD",
        "limit": "150.00",
        "available": "20.00",
        "resets_at": next_month,
    }
    assert (await ada.get("/v1/me/limits")).json()["deposited"]["month"] == "130.00"


async def test_a_raise_is_shown_until_it_counts(ada: Caller, operator: Caller) -> None:
    await ada.put("/v1/me/limits", {"deposit": {"day": "500.00", "week": "700.00"}})
    before = time.time_ns()
    raised = (await ada.put("/v1/me/limits", {"deposit": {"day": "600.00"}})).json()
    assert raised["deposit"] == {"day": "500.00", "week": "700.00", "month": None}
    day, week = raised["raises"]
    assert (day["period"], day["limit"], week["period"], week["limit"]) == ("day", "600.00", "week", None)
    assert before + DAY_NS <= parse_time(day["effective_at"]) <= time.time_ns() + DAY_NS
    assert (await operator.get(f"/v1/users/{ada.id}/limits")).json()["raises"] == raised["raises"]


async def test_the_same_key_gives_the_same_answer(ada: Caller) -> None:
    body = {"deposit": {"day": "500.00"}}
    first = await ada.put("/v1/me/limits", body, key="limit-1")
    await ada.put("/v1/me/limits", {"deposit": {"day": "400.00"}})
    again = await ada.put("/v1/me/limits", body, key="limit-1")
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert (await ada.get("/v1/me/limits")).json()["deposit"]["day"] == "400.00"
    other = await ada.put("/v1/me/limits", {"deposit": {"day": "1.00"}}, key="limit-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_each_currency_has_limits_of_its_own(ada: Caller, operator: Caller) -> None:
    await ada.put("/v1/me/limits", {"currency": "USDC", "deposit": {"day": "0.000001"}})
    assert (await ada.get("/v1/me/limits", currency="USDC")).json()["deposit"]["day"] == "0.000001"
    assert (await ada.get("/v1/me/limits")).json()["deposit"] == NONE
    assert (await deposit(operator, ada, "0.000002", currency="USDC")).json()["code"] == "deposit_limit"
    assert (await deposit(operator, ada, "0.01", currency="EUR")).status_code == 201


async def test_a_deposit_counts_in_the_period_of_its_value_date(ada: Caller, operator: Caller) -> None:
    await ada.put("/v1/me/limits", {"deposit": {"month": "100.00"}})
    assert (await deposit(operator, ada, "900.00", effective_at="2020-01-01T00:00:00Z")).status_code == 201
    assert (await deposit(operator, ada, "0.01")).json()["code"] == "deposit_limit"


async def test_operators_set_limits_for_others_and_customers_do_not(ada: Caller, bob: Caller, operator: Caller) -> None:
    body = {"deposit": {"day": "5.00"}}
    assert (await operator.put(f"/v1/users/{ada.id}/limits", body)).json()["deposit"]["day"] == "5.00"
    assert (await bob.put(f"/v1/users/{ada.id}/limits", body)).status_code == 403
    assert (await operator.put("/v1/users/usr_4711/limits", body)).json()["code"] == "customer_unknown"
    assert (await operator.get("/v1/users/usr_4711/limits")).json()["code"] == "customer_unknown"
    assert (await operator.put("/v1/me/limits", body)).json()["code"] == "customer_unknown"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "deposit"),
        ({"deposit": {"day": "0.00"}}, "deposit.day"),
        ({"deposit": {"week": "1.001"}}, "deposit.week"),
        ({"deposit": {"month": -1}}, "deposit.month"),
        ({"deposit": {"month": "1e3"}}, "deposit.month"),
        ({"deposit": {"year": "1.00"}}, "deposit.year"),
        ({"deposit": {}, "currency": "XXX"}, "currency"),
        ({"deposit": {}, "loss": {}}, "loss"),
    ],
)
async def test_bad_limits_are_refused_with_the_field(ada: Caller, body: dict[str, Any], field: str) -> None:
    answer = await ada.put("/v1/me/limits", body)
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, [field])
