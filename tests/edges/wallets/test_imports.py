"""Importing a payments history over HTTP."""

import asyncio
from typing import Any

import pytest

from evens.identity.principal import Role
from tests.edges.conftest import Caller, OpenHouse


def row(reference: str, kind: str = "deposit", amount: str = "10.00", **other: Any) -> dict[str, Any]:
    return {
        "account": "4711",
        "kind": kind,
        "amount": amount,
        "reference": reference,
        "effective_date": "1993-01-21",
        **other,
    }


async def bring(caller: Caller, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await caller.post("/v1/imports", {"currency": "USD", "rows": rows})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def outcomes(results: list[dict[str, Any]]) -> list[str]:
    return [result["reason"] or result["outcome"] for result in results]


async def user_of(operator: Caller, account: str) -> dict[str, Any]:
    (user,) = (await operator.get("/v1/users", username=account)).json()["items"]
    return user


async def test_rows_are_booked_with_their_dates_and_accounts_become_users(operator: Caller) -> None:
    results = await bring(
        operator,
        row("a", amount="1000.00"),
        row("b", "withdrawal", "300.00", effective_date=None, effective_at="1993-02-01T12:00:00+01:00"),
        row("a", account="Savings", amount="5"),
    )
    assert outcomes(results) == ["booked", "booked", "booked"]
    user = await user_of(operator, "4711")
    balances = {
        "1993-01-20T23:59:59Z": "0.00",
        "1993-01-21T00:00:00Z": "1000.00",
        "1993-02-01T10:59:59Z": "1000.00",
        "1993-02-01T11:00:00Z": "700.00",
    }
    for at, cash in balances.items():
        assert (await operator.get(f"/v1/users/{user['id']}/balance", at=at)).json()["cash"] == cash
    transaction = (await operator.get(f"/v1/transactions/{results[1]['transaction_id']}")).json()
    assert (transaction["kind"], transaction["status"], transaction["reference"]) == ("withdrawal", "completed", "b")
    assert (await user_of(operator, "savings"))["username"] == "Savings"


async def test_what_was_booked_is_not_booked_again_whoever_brings_it(house: OpenHouse, operator: Caller) -> None:
    rows = [row("a"), row("b", amount="20.00")]
    first = await bring(operator, *rows)
    again = await bring(await house.someone(Role.SERVICE, "other"), *rows, row("c"))
    assert outcomes(first) == ["booked", "booked"]
    assert outcomes(again) == ["already_booked", "already_booked", "booked"]
    assert [each["transaction_id"] for each in again[:2]] == [each["transaction_id"] for each in first]
    user = await user_of(operator, "4711")
    assert (await operator.get(f"/v1/users/{user['id']}/balance")).json()["cash"] == "40.00"


async def test_two_imports_at_once_book_everything_once(operator: Caller) -> None:
    rows = [row(f"{number}", account=f"account-{number % 7}") for number in range(50)]
    results = await asyncio.gather(*(bring(operator, *rows) for _ in range(4)))
    booked = [outcome for result in results for outcome in outcomes(result)]
    assert booked.count("booked") == 50
    assert booked.count("already_booked") == 150
    tvl = (await operator.get("/v1/tvl")).json()["items"]
    assert tvl[0]["total_cash"] == "500.00"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"account": "no blanks"}, "validation_failed"),
        ({"account": ""}, "validation_failed"),
        ({"kind": "gift"}, "validation_failed"),
        ({"amount": "1.001"}, "validation_failed"),
        ({"amount": "-1"}, "validation_failed"),
        ({"amount": ""}, "validation_failed"),
        ({"reference": ""}, "validation_failed"),
        ({"reference": "a\x00b"}, "validation_failed"),
        ({"reference": "x" * 501}, "validation_failed"),
        ({"effective_date": "21.01.1993"}, "validation_failed"),
        ({"effective_date": None}, "validation_failed"),
        ({"effective_at": "1993-01-21T00:00:00Z"}, "validation_failed"),
        ({"effective_date": "2200-01-01"}, "effective_in_future"),
        ({"kind": "withdrawal", "amount": "99.00"}, "insufficient_funds"),
    ],
)
async def test_a_bad_row_is_reported_and_the_rest_is_booked(
    operator: Caller, change: dict[str, Any], reason: str
) -> None:
    results = await bring(operator, row("first"), {**row("bad"), **change}, row("last"))
    assert outcomes(results) == ["booked", reason, "booked"]
    assert results[1]["detail"]
    user = await user_of(operator, "4711")
    assert (await operator.get(f"/v1/users/{user['id']}/balance")).json()["cash"] == "20.00"


async def test_a_row_that_was_refused_can_come_again_right(operator: Caller) -> None:
    too_much = row("r", "withdrawal", "99.00")
    for _ in range(3):
        assert outcomes(await bring(operator, row("a"), too_much))[1] == "insufficient_funds"
    assert outcomes(await bring(operator, row("r", "withdrawal", "9.00"))) == ["booked"]
    assert outcomes(await bring(operator, row("r", "withdrawal", "9.00"))) == ["already_booked"]
    assert outcomes(await bring(operator, too_much)) == ["reference_reused"]


async def test_a_refused_row_is_booked_once_the_money_is_there(operator: Caller) -> None:
    late = row("late", "withdrawal", "15.00")
    assert outcomes(await bring(operator, row("a"), late)) == ["booked", "insufficient_funds"]
    assert outcomes(await bring(operator, row("a"), late, row("b"))) == ["already_booked", "booked", "booked"]


async def test_a_reference_means_one_payment_of_its_account(operator: Caller) -> None:
    results = await bring(operator, row("a"), row("a"), row("a", amount="11.00"), row("a", account="other"))
    assert outcomes(results) == ["booked", "already_booked", "reference_reused", "booked"]
    assert outcomes(await bring(operator, row("a", account="OTHER"))) == ["already_booked"]


async def test_an_account_may_be_a_user_already(operator: Caller, ada: Caller) -> None:
    assert outcomes(await bring(operator, row("a", account="Ada", amount="1"))) == ["booked"]
    assert (await ada.get("/v1/users/me/balance")).json()["cash"] == "101.00"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rows": []}, "rows"),
        ({"rows": [row("a")] * 1001}, "rows"),
        ({"rows": [{**row("a"), "operation": "VKLAD"}]}, "rows[0].operation"),
        ({"rows": [{**row("a"), "amount": 10}]}, "rows[0].amount"),
        ({"rows": [row("a")], "currency": "XXX"}, "currency"),
        ({}, "rows"),
    ],
)
async def test_a_request_of_the_wrong_shape_books_nothing(operator: Caller, body: dict[str, Any], field: str) -> None:
    answer = await operator.post("/v1/imports", body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await operator.get("/v1/users")).json()["items"] == []


async def test_a_row_may_have_a_currency_of_its_own(operator: Caller) -> None:
    """Hold 22: a currency column is honoured."""
    results = await bring(operator, row("a", currency="EUR"), row("b", currency=""), row("c", currency="XXX"))
    assert outcomes(results) == ["booked", "booked", "validation_failed"]
    assert (results[2]["field"], results[2]["detail"][:32]) == ("currency", "currency must be a currency of t")
    user = await user_of(operator, "4711")
    for currency in ("EUR", "USD"):
        assert (await operator.get(f"/v1/users/{user['id']}/balance", currency=currency)).json()["cash"] == "10.00"


async def test_an_account_may_be_an_id_and_means_the_same_as_the_name(operator: Caller, ada: Caller) -> None:
    """Hold 22: an account that is an id books to it."""
    results = await bring(operator, row("a", account=ada.id), row("a", account="Ada"), row("b", account="usr_99999"))
    assert outcomes(results) == ["booked", "already_booked", "validation_failed"]
    assert results[2]["field"] == "account"
    assert (await operator.get("/v1/users", username="usr_99999")).json()["items"] == []


async def test_a_users_own_transaction_is_booked_already(operator: Caller, ada: Caller, bob: Caller) -> None:
    """Hold 22: our own statement imports back to the same balances."""
    paid = (await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "10", "currency": "USD"})).json()["id"]
    results = await bring(
        operator,
        row(paid, "withdrawal", account="ada"),
        row(paid, "deposit", account="bob"),
        # Another amount, another direction, somebody else: none of these is that transaction.
        row(paid, "deposit", "10.01", account="cleo"),
        row("txn_1", "deposit", account="bob"),
    )
    assert outcomes(results) == ["already_booked", "already_booked", "booked", "booked"]
    assert [result["transaction_id"] for result in results[:2]] == [paid, paid]
    assert outcomes(await bring(operator, row(paid, "deposit", "9.00", account="bob"))) == ["booked"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "1.001"}, "amount"),
        ({"kind": "gift"}, "kind"),
        ({"account": "no blanks"}, "account"),
        ({"reference": ""}, "reference"),
        ({"effective_date": "21.01.1993"}, "effective_date"),
        ({"effective_date": None, "effective_at": "noon"}, "effective_at"),
        ({"effective_date": None}, "effective_date"),
    ],
)
async def test_a_bad_row_names_the_value(operator: Caller, change: dict[str, Any], field: str) -> None:
    """Hold 22: errors name the column."""
    (result,) = await bring(operator, {**row("bad"), **change})
    assert result["field"] == field
    assert result["detail"].startswith(field)
