"""Deposits, withdrawals and transfers, as callers see them."""

import asyncio
import dataclasses
import re
from typing import Any

import pytest

from evens.edges.http.app import create_app
from evens.identity.principal import CONSOLE, Role
from tests.edges.conftest import Caller, OpenHouse, talking_to

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


async def cash(caller: Caller, currency: str = "USD") -> str:
    return (await caller.get("/v1/users/me/balance", currency=currency)).json()["cash"]


async def test_a_transfer_is_told_from_the_payers_side(ada: Caller, bob: Caller) -> None:
    answer = await ada.post(
        "/v1/transfers", {"to_user_id": bob.id, "amount": "10.5", "currency": "USD", "memo": "Lunch ☕"}
    )
    assert answer.status_code == 201
    told = answer.json()
    assert told.pop("id").startswith("txn_")
    assert TIME.fullmatch(told["recorded_at"])
    assert told.pop("recorded_at") == told.pop("effective_at")
    assert told == {
        "kind": "transfer",
        "reverses": None,
        "reversed_by": None,
        "status": "completed",
        "direction": "out",
        "user_id": ada.id,
        "counterparty_id": bob.id,
        "amount": "10.50",
        "currency": "USD",
        "balance_after": "89.50",
        "reference": None,
        "memo": "Lunch ☕",
        "destination": None,
    }
    assert (await cash(ada), await cash(bob)) == ("89.50", "10.50")


async def test_a_recipient_can_be_named_by_username_in_any_case(ada: Caller, bob: Caller) -> None:
    answer = await ada.post("/v1/transfers", {"to_username": "BoB", "amount": "1"})
    assert answer.json()["counterparty_id"] == bob.id


async def test_the_servers_own_currency_is_meant_where_none_is_named(ada: Caller, bob: Caller) -> None:
    assert (await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "1"})).json()["currency"] == "USD"


async def test_an_operator_can_send_somebody_elses_money(operator: Caller, ada: Caller, bob: Caller) -> None:
    body = {"from_user_id": ada.id, "to_user_id": bob.id, "amount": "100.00", "currency": "USD"}
    assert (await operator.post("/v1/transfers", body)).status_code == 201
    assert (await cash(ada), await cash(bob)) == ("0.00", "100.00")


async def test_too_much_is_402_with_what_was_needed_and_what_there_was(ada: Caller, bob: Caller) -> None:
    answer = await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "100.01", "currency": "USD"})
    assert answer.status_code == 402
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:evens:problem:insufficient_funds",
        "title": "Payment Required",
        "status": 402,
        "detail": "100.01 USD is needed and 100.00 USD is available.",
        "code": "insufficient_funds",
        "currency": "USD",
        "needed": "100.01",
        "available": "100.00",
    }
    assert await cash(ada) == "100.00"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"to_user_id": "usr_999"}, 404, "recipient_unknown"),
        ({"to_user_id": "nonsense"}, 404, "recipient_unknown"),
        ({"to_user_id": None, "to_username": "zoe"}, 404, "recipient_unknown"),
        ({"to_user_id": "me"}, 422, "same_customer"),
        ({"to_user_id": None, "to_username": "ada"}, 422, "same_customer"),
        ({"currency": "XXX"}, 422, "currency_unknown"),
        ({"from_user_id": "usr_999"}, 403, "forbidden"),
    ],
)
async def test_a_transfer_is_refused_with_its_reason(
    ada: Caller, bob: Caller, change: dict[str, Any], status: int, code: str
) -> None:
    body = {"to_user_id": bob.id, "amount": "1", "currency": "USD", **change}
    answer = await ada.post("/v1/transfers", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await cash(ada) == "100.00"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "0.00"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "+1"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"amount": "1e3"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "1,00"}, "amount"),
        ({"amount": " 1"}, "amount"),
        ({"amount": "01"}, "amount"),
        ({"amount": ".5"}, "amount"),
        ({"amount": "٣"}, "amount"),
        ({"amount": "9" * 400}, "amount"),
        ({"amount": str(2**63)}, "amount"),
        ({"amount": ""}, "amount"),
        ({"amount": None}, "amount"),
        ({"amount": 1}, "amount"),
        ({"amount": 1.5}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": ["1"]}, "amount"),
        ({"currency": 840}, "currency"),
        ({"currency": "usd"}, "currency"),
        ({"currency": ""}, "currency"),
        ({"memo": ""}, "memo"),
        ({"memo": "a\x00b"}, "memo"),
        ({"memo": "two\nlines"}, "memo"),
        ({"memo": "x" * 501}, "memo"),
        ({"memo": 7}, "memo"),
        ({"to_user_id": 7}, "to_user_id"),
        ({"to_user_id": None}, "to_user_id"),
        ({"to_username": "bob"}, "to_username"),
        ({"to_user_id": None, "to_username": "no blanks"}, "to_username"),
        ({"ammount": "1"}, "ammount"),
        ({"effective_at": "2020-01-01T00:00:00Z"}, "effective_at"),
    ],
)
async def test_a_wrong_value_is_422_with_the_field_named(
    ada: Caller, bob: Caller, change: dict[str, Any], field: str
) -> None:
    body = {"to_user_id": bob.id, "amount": "1", "currency": "USD", **change}
    answer = await ada.post("/v1/transfers", body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert field in answer.json()["detail"]


@pytest.mark.parametrize("body", [[], "text", 7, None, [{"amount": "1"}]])
async def test_a_body_that_is_no_object_is_422(ada: Caller, body: Any) -> None:
    answer = await ada.post("/v1/transfers", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body")


async def test_the_number_of_digits_is_the_currencys(house: OpenHouse, bob: Caller) -> None:
    eve = await house.customer("eve", USDC=1_000_000)
    body = {"to_user_id": bob.id, "amount": "0.000001", "currency": "USDC"}
    assert (await eve.post("/v1/transfers", body)).json()["balance_after"] == "0.999999"


async def test_a_deposit_is_told_from_the_customers_side(operator: Caller, bob: Caller) -> None:
    body = {
        "user_id": bob.id,
        "amount": "7",
        "currency": "EUR",
        "reference": "bank 1842",
        "effective_at": "2020-01-01T00:00:00.5+01:00",
    }
    answer = await operator.post("/v1/deposits", body)
    told = answer.json()
    assert answer.status_code == 201
    assert (told["kind"], told["direction"], told["user_id"]) == ("deposit", "in", bob.id)
    assert (told["amount"], told["balance_after"], told["reference"]) == ("7.00", "7.00", "bank 1842")
    assert told["effective_at"] == "2019-12-31T23:00:00.5Z"
    assert told["effective_at"] < told["recorded_at"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"user_id": "usr_999"}, 404, "customer_unknown"),
        ({"user_id": "nonsense"}, 404, "customer_unknown"),
        ({"effective_at": "2200-01-01T00:00:00Z"}, 422, "effective_in_future"),
        ({"effective_at": "2020-01-01T00:00:00"}, 422, "validation_failed"),
        ({"effective_at": 1577836800}, 422, "validation_failed"),
    ],
)
async def test_a_deposit_is_refused_with_its_reason(
    operator: Caller, bob: Caller, change: dict[str, Any], status: int, code: str
) -> None:
    answer = await operator.post("/v1/deposits", {"user_id": bob.id, "amount": "1", "currency": "USD", **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await cash(bob) == "0.00"


async def test_a_customers_withdrawal_waits_until_it_is_completed(operator: Caller, ada: Caller) -> None:
    asked = await ada.post("/v1/withdrawals", {"amount": "30", "currency": "USD", "destination": "DE02 1203"})
    assert (asked.status_code, asked.json()["status"], asked.json()["balance_after"]) == (201, "pending", "70.00")
    balance = (await ada.get("/v1/users/me/balance")).json()
    assert (balance["cash"], balance["withdrawing"], balance["total"]) == ("70.00", "30.00", "100.00")
    (waiting,) = (await operator.get("/v1/withdrawals", status="pending")).json()["items"]
    assert waiting == asked.json()

    done = await operator.post(f"/v1/withdrawals/{waiting['id']}/complete")
    assert (done.status_code, done.json()) == (200, {**waiting, "status": "completed"})
    assert (await ada.get(f"/v1/transactions/{waiting['id']}")).json() == done.json()
    assert (await operator.get("/v1/withdrawals", status="pending")).json()["items"] == []
    balance = (await ada.get("/v1/users/me/balance")).json()
    assert (balance["cash"], balance["withdrawing"], balance["total"]) == ("70.00", "0.00", "70.00")


async def test_a_rejected_withdrawals_money_comes_back_as_a_release(operator: Caller, ada: Caller) -> None:
    asked = (await ada.post("/v1/withdrawals", {"amount": "30", "currency": "USD"})).json()
    rejected = await operator.post(f"/v1/withdrawals/{asked['id']}/reject")
    assert (rejected.status_code, rejected.json()["status"]) == (200, "rejected")
    release, withdrawal, _deposit = (await ada.get("/v1/users/me/transactions")).json()["items"]
    assert (release["kind"], release["direction"], release["balance_after"]) == ("release", "in", "100.00")
    assert (withdrawal["id"], withdrawal["status"], withdrawal["balance_after"]) == (asked["id"], "rejected", "70.00")


async def test_a_withdrawal_is_decided_once(operator: Caller, ada: Caller) -> None:
    asked = (await ada.post("/v1/withdrawals", {"amount": "30", "currency": "USD"})).json()
    paths = [f"/v1/withdrawals/{asked['id']}/{decision}" for decision in ("complete", "reject")] * 5
    answers = await asyncio.gather(*(operator.post(path) for path in paths))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert {answer.json().get("code") for answer in answers} == {None, "withdrawal_not_pending"}


async def test_only_a_withdrawal_that_was_asked_for_can_be_decided(operator: Caller, ada: Caller, bob: Caller) -> None:
    transfer = (await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "1"})).json()
    for withdrawal in (transfer["id"], "txn_1", "nonsense"):
        answer = await operator.post(f"/v1/withdrawals/{withdrawal}/complete")
        assert (answer.status_code, answer.json()["code"]) == (404, "withdrawal_unknown")


async def test_the_desks_withdrawal_for_a_user_completes_at_once(operator: Caller, ada: Caller) -> None:
    body = {
        "user_id": ada.id,
        "amount": "40",
        "currency": "USD",
        "destination": "counter 3",
        "effective_at": "2026-01-01T00:00:00Z",
    }
    told = (await operator.post("/v1/withdrawals", body)).json()
    assert (told["status"], told["direction"], told["balance_after"]) == ("completed", "out", "60.00")
    assert (told["effective_at"], told["destination"]) == ("2026-01-01T00:00:00Z", "counter 3")
    assert (await operator.get("/v1/withdrawals")).json()["items"] == []


async def test_a_customer_cannot_date_a_withdrawal(ada: Caller) -> None:
    body = {"amount": "1", "currency": "USD", "effective_at": "2026-01-01T00:00:00Z"}
    assert (await ada.post("/v1/withdrawals", body)).status_code == 403


async def test_a_key_without_an_account_has_to_name_a_user(operator: Caller, ada: Caller) -> None:
    withdrawal = await operator.post("/v1/withdrawals", {"amount": "1", "currency": "USD"})
    transfer = await operator.post("/v1/transfers", {"to_user_id": ada.id, "amount": "1", "currency": "USD"})
    assert [(each.status_code, each.json()["errors"][0]["field"]) for each in (withdrawal, transfer)] == [
        (422, "user_id"),
        (422, "from_user_id"),
    ]


async def test_parallel_withdrawals_take_exactly_what_there_is(ada: Caller) -> None:
    answers = await asyncio.gather(*(ada.post("/v1/withdrawals", {"amount": "30"}) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [402] * 17
    assert await cash(ada) == "10.00"


async def test_money_sent_to_and_fro_a_thousand_times_stays_the_same(ada: Caller, bob: Caller) -> None:
    there = {"to_user_id": bob.id, "amount": "0.70", "currency": "USD"}
    back = {"to_user_id": ada.id, "amount": "0.30", "currency": "USD"}
    moves = [(ada, there), (bob, back)] * 500
    answers = await asyncio.gather(*(caller.post("/v1/transfers", body) for caller, body in moves))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {201, 402}
    sent, returned = statuses[::2].count(201), statuses[1::2].count(201)
    in_cents = 100_00 - 70 * sent + 30 * returned
    assert await cash(ada) == f"{in_cents / 100:.2f}"
    assert await cash(bob) == f"{(100_00 - in_cents) / 100:.2f}"


async def test_each_transfer_of_a_batch_stands_on_its_own(ada: Caller, bob: Caller) -> None:
    transfers = [
        {"to_username": "bob", "amount": "60", "currency": "USD"},
        {"to_user_id": bob.id, "amount": "60", "currency": "USD", "memo": "too much"},
        {"to_username": "zoe", "amount": "1", "currency": "USD"},
        {"to_user_id": bob.id, "amount": "40", "currency": "USD"},
    ]
    answer = await ada.post("/v1/transfers/batch", {"transfers": transfers, "atomic": False})
    results = answer.json()["results"]
    assert answer.status_code == 200
    assert [result.get("balance_after") for result in results] == ["40.00", None, None, "0.00"]
    assert [result["status"] for result in results] == ["completed", 402, 404, "completed"]
    assert results[1]["code"] == "insufficient_funds"
    assert results[2]["code"] == "recipient_unknown"
    assert len({result["id"] for result in (results[0], results[3])}) == 2


async def test_an_atomic_batch_is_all_or_none(ada: Caller, bob: Caller) -> None:
    transfers = [{"to_user_id": bob.id, "amount": "60"}, {"to_user_id": bob.id, "amount": "60"}]
    refused = await ada.post("/v1/transfers/batch", {"transfers": transfers, "atomic": True})
    assert (refused.status_code, refused.json()["code"], refused.json()["position"]) == (402, "insufficient_funds", 1)
    assert await cash(ada) == "100.00"
    transfers[1]["amount"] = "40"
    made = await ada.post("/v1/transfers/batch", {"transfers": transfers, "atomic": True})
    assert [each["status"] for each in made.json()["results"]] == ["completed", "completed"]
    assert await cash(ada) == "0.00"


async def test_wrong_values_in_a_batch_are_named_with_their_place(ada: Caller, bob: Caller) -> None:
    transfers: list[dict[str, Any]] = [
        {"to_user_id": bob.id, "amount": "1"},
        {"to_user_id": bob.id, "amount": "1.001"},
        {"amount": "1"},
    ]
    answer = await ada.post("/v1/transfers/batch", {"transfers": transfers, "atomic": False})
    fields = [error["field"] for error in answer.json()["errors"]]
    assert (answer.status_code, fields) == (422, ["transfers[1].amount", "transfers[2].to_user_id"])
    transfers[0]["amount"] = 1
    answer = await ada.post("/v1/transfers/batch", {"transfers": transfers, "atomic": False})
    assert [error["field"] for error in answer.json()["errors"]] == ["transfers[0].amount"]
    assert await cash(ada) == "100.00"


@pytest.mark.parametrize(("count", "status"), [(0, 422), (1000, 200), (1001, 422)])
async def test_a_batch_has_a_largest_size(ada: Caller, bob: Caller, count: int, status: int) -> None:
    transfers = [{"to_user_id": bob.id, "amount": "0.01"}] * count
    answer = await ada.post("/v1/transfers/batch", {"transfers": transfers, "atomic": False})
    assert answer.status_code == status


async def test_somebody_elses_money_in_a_batch_refuses_the_whole(ada: Caller, bob: Caller) -> None:
    transfers = [
        {"to_user_id": bob.id, "amount": "1"},
        {"from_user_id": bob.id, "to_user_id": ada.id, "amount": "1"},
    ]
    answer = await ada.post("/v1/transfers/batch", {"transfers": transfers, "atomic": False})
    assert answer.status_code == 403
    assert await cash(ada) == "100.00"


async def test_a_frozen_users_money_stays_until_it_is_unfrozen(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller
) -> None:
    frozen = await operator.post(f"/v1/users/{ada.id}/freeze")
    assert (frozen.status_code, frozen.json()) == (200, {"id": ada.id, "status": "frozen"})
    assert (await operator.get(f"/v1/users/{ada.id}")).json()["status"] == "frozen"
    assert (await ada.get("/v1/me")).status_code == 401, "keys end with the freeze"
    made = await house.services.identity.create_api_key(CONSOLE, role=Role.CUSTOMER, customer=ada.customer)
    ada = dataclasses.replace(ada, bearer=made.key)
    for path, body in (("/v1/transfers", {"to_user_id": bob.id, "amount": "1"}), ("/v1/withdrawals", {"amount": "1"})):
        answer = await ada.post(path, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "customer_frozen")
    assert (await operator.post("/v1/deposits", {"user_id": ada.id, "amount": "1"})).status_code == 201
    thawed = await operator.post(f"/v1/users/{ada.id}/unfreeze")
    assert (thawed.status_code, thawed.json()) == (200, {"id": ada.id, "status": "active"})
    assert (await operator.post(f"/v1/users/{ada.id}/unfreeze")).json()["code"] == "customer_not_frozen"
    assert (await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "1"})).status_code == 201


async def test_in_a_demo_one_books_ones_own_play_money(house: OpenHouse, ada: Caller) -> None:
    body = {"amount": "40.00", "currency": "USD"}
    refused = await ada.post("/v1/demo/deposits", body)
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    before = await cash(ada)
    wallets = dataclasses.replace(house.services.wallets, is_demo=True)
    async with talking_to(create_app(dataclasses.replace(house.services, wallets=wallets))) as demo:
        booked = await dataclasses.replace(ada, http=demo).post("/v1/demo/deposits", body)
    assert (booked.status_code, booked.json()["kind"]) == (201, "deposit")
    assert (before, await cash(ada)) == ("100.00", "140.00")
