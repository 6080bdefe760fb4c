"""Users, their balances now and at a date, and all their wallets."""

import asyncio
from typing import Any

import pytest

from tests.edges.conftest import Caller, OpenHouse

DAY = "T00:00:00Z"


async def test_an_operator_opens_and_finds_users(operator: Caller) -> None:
    made = await operator.post("/v1/users", {"username": "Carl.B-1_x", "email": "carl@example.com"})
    user = made.json()
    assert made.status_code == 201
    assert set(user) == {"id", "username", "email", "status", "created_at"}
    assert (user["username"], user["email"], user["status"]) == ("Carl.B-1_x", "carl@example.com", "active")
    assert (await operator.get(f"/v1/users/{user['id']}")).json() == user
    assert (await operator.get("/v1/users", username="carl.b-1_X")).json() == {"items": [user], "next": None}
    assert (await operator.get("/v1/users", username="nobody")).json() == {"items": [], "next": None}
    assert (await operator.get("/v1/users")).json()["items"][0] == user


async def test_a_username_is_taken_once_whatever_the_case(operator: Caller) -> None:
    answers = await asyncio.gather(*(operator.post("/v1/users", {"username": name}) for name in ("zoe", "Zoe", "ZOE")))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert {answer.json().get("code") for answer in answers} == {None, "username_taken"}


async def test_an_email_address_is_taken_once_whatever_the_case(operator: Caller) -> None:
    assert (await operator.post("/v1/users", {"username": "a1", "email": "a@example.com"})).status_code == 201
    answer = await operator.post("/v1/users", {"username": "a2", "email": "A@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    assert (await operator.get("/v1/users", username="a2")).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "username"),
        ({"username": ""}, "username"),
        ({"username": "-a"}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "ä"}, "username"),
        ({"username": "a\n"}, "username"),
        ({"username": "a" * 65}, "username"),
        ({"username": 7}, "username"),
        ({"username": "a", "email": "nowhere"}, "email"),
        ({"username": "a", "email": "a@b.c\0"}, "email"),
        ({"username": "a", "role": "admin"}, "role"),
    ],
)
async def test_a_wrong_value_for_a_user_is_named(operator: Caller, body: dict[str, Any], field: str) -> None:
    answer = await operator.post("/v1/users", body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_customer_sees_themselves_under_me_and_under_their_id(ada: Caller) -> None:
    mine = (await ada.get("/v1/users/me")).json()
    assert (mine["id"], mine["username"]) == (ada.id, "ada")
    assert (await ada.get(f"/v1/users/{ada.id}")).json() == mine


async def test_a_balance_counts_all_that_took_effect_until_the_moment_asked_for(operator: Caller, bob: Caller) -> None:
    for amount, day in (("100", "2024-03-01"), ("10", "2024-01-01"), ("1", "2024-02-01")):
        body = {"user_id": bob.id, "amount": amount, "currency": "EUR", "effective_at": day + DAY}
        assert (await operator.post("/v1/deposits", body)).status_code == 201
    expected = {
        "2023-12-31T23:59:59.999999999Z": "0.00",
        "2024-01-01T00:00:00Z": "10.00",
        "2024-01-01T00:59:59+01:00": "0.00",
        "2024-01-31T23:59:59Z": "10.00",
        "2024-02-01T00:00:00Z": "11.00",
        "2024-03-01T01:00:00+01:00": "111.00",
        "2200-01-01T00:00:00Z": "111.00",
        "1677-09-22T00:00:00Z": "0.00",
        "2262-04-11T23:47:16.854775807Z": "111.00",
    }
    for at, cash in expected.items():
        balance = (await bob.get("/v1/users/me/balance", currency="EUR", at=at)).json()
        assert (balance["cash"], balance["total"]) == (cash, cash), at
    assert (await bob.get("/v1/users/me/balance", currency="EUR")).json()["at"] is None


async def test_a_balance_at_a_moment_tells_all_three_accounts(operator: Caller, ada: Caller) -> None:
    asked = (await ada.post("/v1/withdrawals", {"amount": "30"})).json()
    between = asked["recorded_at"]
    await operator.post(f"/v1/withdrawals/{asked['id']}/complete")
    then = (await ada.get("/v1/users/me/balance", at=between)).json()
    now = (await ada.get("/v1/users/me/balance")).json()
    assert (then["cash"], then["withdrawing"], then["total"], then["at"]) == ("70.00", "30.00", "100.00", between)
    assert (now["cash"], now["withdrawing"], now["total"]) == ("70.00", "0.00", "70.00")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"at": "2024-01-01"}, "at"),
        ({"at": "2024-01-01T00:00:00"}, "at"),
        ({"at": "yesterday"}, "at"),
        ({"at": ""}, "at"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": ""}, "currency"),
        ({"curency": "USD"}, "curency"),
        ({"currency": ["USD", "EUR"]}, "currency"),
    ],
)
async def test_a_wrong_parameter_of_a_balance_is_named(ada: Caller, query: dict[str, Any], field: str) -> None:
    answer = await ada.get("/v1/users/me/balance", **query)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_wallets_show_every_currency(house: OpenHouse) -> None:
    eve = await house.customer("eve", USD=1, USDC=5)
    page = (await eve.get("/v1/users/me/wallets")).json()
    assert page["next"] is None
    assert [(wallet["currency"], wallet["cash"]) for wallet in page["items"]] == [
        ("USD", "0.01"),
        ("EUR", "0.00"),
        ("USDC", "0.000005"),
    ]
    assert all(wallet["user_id"] == eve.id for wallet in page["items"])
