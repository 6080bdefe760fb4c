"""The same key, the same answer: first, repeated, and asked for later."""

import asyncio
from typing import Any

import pytest

from evens.edges.http.protocol.idempotency import command_id
from evens.identity.principal import Role
from tests.edges.conftest import Caller, OpenHouse

REPLAYED = "Idempotency-Replayed"


async def cash(caller: Caller) -> str:
    return (await caller.get("/v1/users/me/balance")).json()["cash"]


async def test_a_repeated_request_gets_its_first_answer_and_moves_money_once(ada: Caller, bob: Caller) -> None:
    body = {"to_user_id": bob.id, "amount": "10", "currency": "USD"}
    first = await ada.post("/v1/transfers", body, key="k")
    again = await ada.post("/v1/transfers", body, key="k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert (first.headers.get(REPLAYED), again.headers.get(REPLAYED)) == (None, "true")
    assert await cash(ada) == "90.00"


async def test_a_repeated_refusal_is_the_first_refusal(ada: Caller, bob: Caller, operator: Caller) -> None:
    body = {"to_user_id": bob.id, "amount": "1000", "currency": "USD"}
    first = await ada.post("/v1/transfers", body, key="k")
    await operator.post("/v1/deposits", {"user_id": ada.id, "amount": "5000"})
    again = await ada.post("/v1/transfers", body, key="k")
    assert (first.status_code, again.status_code) == (402, 402)
    assert first.content == again.content
    assert again.headers[REPLAYED] == "true"
    assert again.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("change", [{"amount": "10.01"}, {"currency": "EUR"}, {"memo": "x"}, {"to_user_id": "usr_1"}])
async def test_another_request_under_the_same_key_is_refused(ada: Caller, bob: Caller, change: dict[str, str]) -> None:
    body = {"to_user_id": bob.id, "amount": "10", "currency": "USD"}
    await ada.post("/v1/transfers", body, key="k")
    answer = await ada.post("/v1/transfers", {**body, **change}, key="k")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert answer.headers.get(REPLAYED) is None
    assert await cash(ada) == "90.00"


async def test_another_kind_of_request_under_the_same_key_is_refused(ada: Caller, bob: Caller) -> None:
    await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "10"}, key="k")
    answer = await ada.post("/v1/withdrawals", {"amount": "10"}, key="k")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_ways_to_write_the_same_thing_are_the_same_request(ada: Caller, bob: Caller) -> None:
    await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "10", "currency": "USD"}, key="k")
    body = {"to_username": "BOB", "from_user_id": "me", "amount": "10.00", "memo": None}
    assert (await ada.post("/v1/transfers", body, key="k")).headers[REPLAYED] == "true"


async def test_a_hundred_at_once_under_one_key_move_money_once(ada: Caller, bob: Caller) -> None:
    body = {"to_user_id": bob.id, "amount": "10", "currency": "USD"}
    answers = await asyncio.gather(*(ada.post("/v1/transfers", body, key="k") for _ in range(100)))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert sorted(answer.headers.get(REPLAYED, "") for answer in answers) == [""] + ["true"] * 99
    assert await cash(bob) == "10.00"


async def test_keys_belong_to_their_callers(house: OpenHouse, ada: Caller, bob: Caller) -> None:
    eve = await house.customer("eve", USD=100_00)
    body = {"to_user_id": bob.id, "amount": "10"}
    answers = [await caller.post("/v1/transfers", body, key="k") for caller in (ada, eve)]
    assert [answer.headers.get(REPLAYED) for answer in answers] == [None, None]
    assert await cash(bob) == "20.00"


async def test_a_replaced_api_key_of_the_same_name_keeps_its_idempotency_keys(house: OpenHouse, bob: Caller) -> None:
    body = {"user_id": bob.id, "amount": "10"}
    for replayed in (None, "true"):
        billing = await house.someone(Role.SERVICE, "billing")
        assert (await billing.post("/v1/deposits", body, key="k")).headers.get(REPLAYED) == replayed
    assert await cash(bob) == "10.00"


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x" * 256, "tab\t"])
async def test_what_can_be_no_key_is_refused_by_name(house: OpenHouse, ada: Caller, key: str) -> None:
    headers = [(b"Authorization", f"Bearer {ada.bearer}".encode()), (b"Idempotency-Key", key.encode())]
    answer = await house.http.post("/v1/withdrawals", json={"amount": "1"}, headers=headers)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["Idempotency-Key"]


@pytest.mark.parametrize("key", ["!", "~", "x" * 255, "9f1c/2026?#&%"])
async def test_a_key_is_any_visible_ascii(ada: Caller, key: str) -> None:
    assert (await ada.post("/v1/withdrawals", {"amount": "1"}, key=key)).status_code == 201


def test_scope_and_key_cannot_run_into_each_other() -> None:
    assert len(command_id("a", "b")) == 16
    assert command_id("customer:1", "2") != command_id("customer:12", "")
    assert command_id("customer:1", "2") == command_id("customer:1", "2")


async def test_an_unknown_recipient_of_a_repeated_request_stays_unknown(ada: Caller, operator: Caller) -> None:
    single = {"to_username": "zoe", "amount": "1"}
    batch = {"transfers": [single, {"to_username": "ada", "amount": "1"}], "atomic": False}
    firsts = [await ada.post(path, body, key=path) for path, body in both(single, batch)]
    await operator.post("/v1/users", {"username": "zoe"})
    agains = [await ada.post(path, body, key=path) for path, body in both(single, batch)]
    assert [answer.content for answer in firsts] == [answer.content for answer in agains]
    assert [answer.headers.get(REPLAYED) for answer in agains] == ["true", "true"]
    assert (await ada.post("/v1/transfers", single, key="another")).status_code == 201


def both(single: Any, batch: Any) -> tuple[tuple[str, Any], tuple[str, Any]]:
    return ("/v1/transfers", single), ("/v1/transfers/batch", batch)


async def test_whatever_books_can_be_repeated(house: OpenHouse, operator: Caller, ada: Caller, bob: Caller) -> None:
    asked = [(await ada.post("/v1/withdrawals", {"amount": "1"})).json()["id"] for _ in range(2)]
    transfer = {"to_user_id": bob.id, "from_user_id": ada.id, "amount": "1"}
    requests = [
        ("/v1/users", {"username": "carl", "email": "carl@example.com"}),
        (f"/v1/users/{ada.id}/freeze", None),
        (f"/v1/users/{ada.id}/unfreeze", None),
        ("/v1/deposits", {"user_id": ada.id, "amount": "1", "reference": "r"}),
        ("/v1/withdrawals", {"user_id": ada.id, "amount": "1", "destination": "d"}),
        (f"/v1/withdrawals/{asked[0]}/complete", None),
        (f"/v1/withdrawals/{asked[1]}/reject", None),
        ("/v1/transfers", {**transfer, "memo": "m"}),
        ("/v1/transfers/batch", {"transfers": [transfer, transfer], "atomic": True}),
        ("/v1/api-keys", {"role": "service", "name": "billing"}),
    ]
    for number, (path, body) in enumerate(requests):
        first = await operator.post(path, body, key=f"key-{number}")
        again = await operator.post(path, body, key=f"key-{number}")
        assert first.is_success, path
        assert (again.status_code, again.content) == (first.status_code, first.content), path
        assert (first.headers.get(REPLAYED), again.headers.get(REPLAYED)) == (None, "true"), path
        if path != "/v1/api-keys":
            outcome = (await operator.get(f"/v1/outcomes/key-{number}")).json()
            assert (outcome["status"], outcome["body"]) == (first.status_code, expected_outcome(path, first.json()))


def expected_outcome(path: str, body: Any) -> Any:
    """Return what the journal alone can tell: it knows no e-mail addresses."""
    return {**body, "email": None} if path == "/v1/users" else body


async def test_the_outcome_of_a_refusal_is_the_refusal(ada: Caller, bob: Caller) -> None:
    refused = await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "1000"}, key="order/1")
    outcome = await ada.get("/v1/outcomes/order/1")
    assert outcome.status_code == 200
    assert (outcome.json()["command"], outcome.json()["status"]) == ("Transfer", 402)
    assert outcome.json()["body"] == refused.json()


async def test_what_was_never_decided_has_no_outcome(ada: Caller, bob: Caller) -> None:
    await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "bad"}, key="k")
    for caller, key in ((ada, "k"), (ada, "other"), (bob, "k")):
        answer = await caller.get(f"/v1/outcomes/{key}")
        assert (answer.status_code, answer.json()["code"]) == (404, "outcome_unknown")
    assert (await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "1"}, key="k")).status_code == 201
    assert (await bob.get("/v1/outcomes/k")).status_code == 404


async def test_a_repeated_registration_of_a_user_with_another_address_is_refused(operator: Caller) -> None:
    first = await operator.post("/v1/users", {"username": "carl", "email": "carl@example.com"}, key="k")
    assert first.status_code == 201
    for body in ({"username": "carl"}, {"username": "carl", "email": "other@example.com"}):
        answer = await operator.post("/v1/users", body, key="k")
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
