"""Registering, logging in and out, tokens, API keys, and who one is."""

from typing import Any

import pytest

from evens.edges.http.protocol.problem import Refused
from evens.edges.http.protocol.throttle import Throttle
from evens.edges.http.services import HttpSettings
from evens.identity.principal import Role
from tests.edges.conftest import Caller, OpenHouse

ADA = {"email": "Ada@example.com", "username": "Ada", "password": "correct horse"}


def holding(house: OpenHouse, tokens: dict[str, Any]) -> Caller:
    return Caller(house.http, tokens["access_token"])


async def test_whoever_registers_is_logged_in(house: OpenHouse) -> None:
    answer = await house.nobody.post("/v1/auth/register", ADA)
    tokens = answer.json()
    assert answer.status_code == 201
    assert set(tokens) == {"user", "access_token", "refresh_token", "token_type", "expires_in"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 900)
    assert (tokens["user"]["username"], tokens["user"]["email"]) == ("Ada", "Ada@example.com")
    assert answer.headers["cache-control"] == "no-store"
    me = (await holding(house, tokens).get("/v1/me")).json()
    assert me == {"role": "customer", "name": "Ada", **tokens["user"]}


@pytest.mark.parametrize("login", ["Ada", "ADA", "ada@EXAMPLE.com"])
async def test_one_logs_in_by_username_or_address_in_any_case(house: OpenHouse, login: str) -> None:
    await house.nobody.post("/v1/auth/register", ADA)
    answer = await house.nobody.post("/v1/auth/login", {"login": login, "password": ADA["password"]})
    assert answer.status_code == 200
    assert (await holding(house, answer.json()).get("/v1/me")).json()["username"] == "Ada"


@pytest.mark.parametrize("body", [{"login": "Ada", "password": "wrong"}, {"login": "zoe", "password": "correct horse"}])
async def test_a_wrong_login_and_a_wrong_password_sound_the_same(house: OpenHouse, body: dict[str, str]) -> None:
    await house.nobody.post("/v1/auth/register", ADA)
    answer = await house.nobody.post("/v1/auth/login", body)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    assert answer.json()["detail"] == "The login or the password is wrong."


async def test_guessing_passwords_is_refused_where_nobody_logged_in_before(house: OpenHouse) -> None:
    await house.nobody.post("/v1/auth/register", ADA)
    async with house.database.connection() as connection:
        await connection.execute("DELETE FROM evens.known_places")
    answers = [await house.nobody.post("/v1/auth/login", {"login": "Ada", "password": f"{n}"}) for n in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert answers[-1].json()["code"] == "too_many_attempts"
    assert int(answers[-1].headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"username": "ADA", "email": "b@example.com"}, 409, "username_taken"),
        ({"username": "bob", "email": "ada@example.com"}, 409, "email_taken"),
        ({}, 409, "username_taken"),
    ],
)
async def test_what_is_taken_is_409(house: OpenHouse, change: dict[str, str], status: int, code: str) -> None:
    await house.nobody.post("/v1/auth/register", ADA)
    answer = await house.nobody.post("/v1/auth/register", {**ADA, **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nowhere"}, "email"),
        ({"email": None}, "email"),
        ({"username": "no blanks"}, "username"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 201}, "password"),
        ({"password": 1234567890}, "password"),
        ({"role": "admin"}, "role"),
    ],
)
async def test_a_wrong_value_is_named_and_nobody_is_registered(
    house: OpenHouse, operator: Caller, change: dict[str, Any], field: str
) -> None:
    answer = await house.nobody.post("/v1/auth/register", {**ADA, **change})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await operator.get("/v1/users")).json()["items"] == []


async def test_a_registration_can_be_repeated_under_its_key_by_whoever_knows_the_password(house: OpenHouse) -> None:
    first = await house.nobody.post("/v1/auth/register", ADA, key="k")
    again = await house.nobody.post("/v1/auth/register", ADA, key="k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["user"] == first.json()["user"]
    other = await house.nobody.post("/v1/auth/register", {**ADA, "password": "another horse"}, key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_registration_that_broke_off_in_the_middle_can_be_finished(house: OpenHouse, operator: Caller) -> None:
    # What is left if the server stops between booking the customer and recording the login.
    nobody = house.nobody
    await nobody.post("/v1/auth/register", ADA)
    async with house.database.connection() as connection:
        await connection.execute("DELETE FROM evens.refresh_tokens")
        await connection.execute("DELETE FROM evens.logins")
    finished = await nobody.post("/v1/auth/register", ADA)
    assert finished.status_code == 201
    assert len((await operator.get("/v1/users")).json()["items"]) == 1
    assert (await nobody.post("/v1/auth/register", ADA)).status_code == 409


async def test_a_username_that_an_operator_gave_cannot_be_taken_over(house: OpenHouse, operator: Caller) -> None:
    await operator.post("/v1/users", {"username": "Ada"})
    answer = await house.nobody.post("/v1/auth/register", ADA)
    assert (answer.status_code, answer.json()["code"]) == (409, "username_taken")


async def test_a_refresh_token_is_good_once_and_its_return_ends_the_session(house: OpenHouse) -> None:
    tokens = (await house.nobody.post("/v1/auth/register", ADA)).json()
    second = await house.nobody.post("/v1/auth/refresh", {"refresh_token": tokens["refresh_token"]})
    assert second.status_code == 200
    assert second.json()["user"] == tokens["user"]
    reused = await house.nobody.post("/v1/auth/refresh", {"refresh_token": tokens["refresh_token"]})
    assert (reused.status_code, reused.json()["code"]) == (401, "refresh_token_reused")
    ended = await house.nobody.post("/v1/auth/refresh", {"refresh_token": second.json()["refresh_token"]})
    assert (ended.status_code, ended.json()["code"]) == (401, "refresh_token_invalid")
    assert (await holding(house, second.json()).get("/v1/me")).status_code == 401


async def test_whoever_logs_out_is_out(house: OpenHouse) -> None:
    tokens = (await house.nobody.post("/v1/auth/register", ADA)).json()
    ada = holding(house, tokens)
    answer = await ada.post("/v1/auth/logout")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await ada.get("/v1/me")).status_code == 401
    refreshed = await house.nobody.post("/v1/auth/refresh", {"refresh_token": tokens["refresh_token"]})
    assert refreshed.status_code == 401


async def test_a_key_without_an_account_is_told_its_role_and_name(operator: Caller) -> None:
    me = (await operator.get("/v1/me")).json()
    assert me.pop("role") == "operator"
    assert me.pop("name") == "desk"
    assert set(me) == {"id", "username", "email", "status", "created_at"}
    assert set(me.values()) == {None}


async def test_an_api_key_works_until_it_is_revoked(house: OpenHouse, operator: Caller) -> None:
    made = await operator.post("/v1/api-keys", {"role": "service", "name": "billing"})
    created = made.json()
    assert made.status_code == 201
    billing = Caller(house.http, created.pop("key"))
    assert (await billing.get("/v1/me")).json()["name"] == "billing"
    listed = (await operator.get("/v1/api-keys")).json()["items"]
    assert created in listed
    assert all("key" not in each for each in listed)
    assert (await operator.delete(f"/v1/api-keys/{created['id']}")).status_code == 204
    assert (await operator.delete(f"/v1/api-keys/{created['id']}")).status_code == 204
    assert (await billing.get("/v1/me")).status_code == 401
    (revoked,) = [each for each in (await operator.get("/v1/api-keys")).json()["items"] if each["id"] == created["id"]]
    assert revoked == {**created, "revoked_at": revoked["revoked_at"]}
    assert revoked["revoked_at"] >= created["created_at"]


async def test_an_operator_makes_a_key_for_a_customer(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    created = (await operator.post("/v1/api-keys", {"role": "customer", "user_id": ada.id})).json()
    assert created["user_id"] == ada.id
    assert (await Caller(house.http, created["key"]).get("/v1/me")).json()["id"] == ada.id


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"role": "admin"}, 403, "role_above_own"),
        ({"role": "king"}, 422, "validation_failed"),
        ({"role": "customer"}, 422, "customer_required"),
        ({"role": "customer", "user_id": "usr_999"}, 404, "customer_unknown"),
        ({"role": "customer", "user_id": "nonsense"}, 404, "customer_unknown"),
        ({"role": "service", "name": ""}, 422, "key_name_invalid"),
        ({"role": "service", "name": "a\0b"}, 422, "key_name_invalid"),
    ],
)
async def test_an_api_key_is_refused_with_its_reason(
    operator: Caller, body: dict[str, str], status: int, code: str
) -> None:
    answer = await operator.post("/v1/api-keys", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_unknown_api_keys_cannot_be_revoked(ada: Caller) -> None:
    for key in ("key_aaaaaaaaaaaaaaaa", "nonsense"):
        answer = await ada.delete(f"/v1/api-keys/{key}")
        assert (answer.status_code, answer.json()["code"]) == (404, "api_key_unknown")


async def test_an_address_that_registers_too_often_has_to_wait(house: OpenHouse) -> None:
    most = HttpSettings().registrations_per_minute_and_address
    wrong = {**ADA, "password": "short"}
    answers = [await house.nobody.post("/v1/auth/register", wrong) for _ in range(most)]
    assert {answer.status_code for answer in answers} == {422}
    refused = await house.nobody.post("/v1/auth/register", ADA)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 60


def test_a_throttle_counts_each_address_by_itself() -> None:
    throttle = Throttle("test", 1)
    throttle.check("10.0.0.1")
    throttle.check("10.0.0.2")
    with pytest.raises(Refused):
        throttle.check("10.0.0.1")


async def test_a_role_of_a_key_is_the_callers_role(house: OpenHouse) -> None:
    for role in (Role.SERVICE, Role.OPERATOR, Role.ADMIN):
        caller = await house.someone(role, "x")
        assert (await caller.get("/v1/me")).json()["role"] == role
