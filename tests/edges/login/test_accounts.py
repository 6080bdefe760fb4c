"""Passwords, sessions, the second factor and roles over HTTP."""

from typing import Any

import pytest
from pyotp import random_base32
from pyotp.totp import TOTP

from evens.identity.principal import Role
from tests.edges.conftest import Caller, OpenHouse

PASSWORD = "correct horse"


@pytest.fixture
async def ada(house: OpenHouse) -> Caller:
    """Log in as a customer."""
    return await house.user("ada", PASSWORD)


async def log_in(house: OpenHouse, **changes: Any) -> Any:
    return await house.nobody.post("/v1/auth/login", {"login": "ada", "password": PASSWORD, **changes})


async def test_a_password_is_changed(house: OpenHouse, ada: Caller) -> None:
    """Hold 19: change password."""
    wrong = await ada.post("/v1/auth/password", {"current": "wrong horse", "new": "battery staple"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "password_wrong")
    assert wrong.json()["errors"] == [{"field": "current", "message": "is not your present password"}]
    common = await ada.post("/v1/auth/password", {"current": PASSWORD, "new": "password123"})
    assert (common.status_code, common.json()["code"]) == (422, "password_common")
    assert common.json()["errors"][0]["field"] == "new"
    changed = await ada.post("/v1/auth/password", {"current": PASSWORD, "new": "battery staple"})
    assert (changed.status_code, changed.content) == (204, b"")
    assert (await ada.get("/v1/me")).status_code == 200
    assert (await log_in(house)).status_code == 401
    assert (await log_in(house, password="battery staple")).status_code == 200


async def test_a_common_password_opens_no_account(house: OpenHouse, operator: Caller) -> None:
    """Hold 19: common passwords are refused, and then nobody is registered."""
    body = {"username": "bob", "email": "bob@example.com", "password": "qwertyuiop"}
    answer = await house.nobody.post("/v1/auth/register", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "password_common")
    assert (await operator.get("/v1/users", username="bob")).json()["items"] == []


async def test_a_customer_whom_an_operator_made_gets_in_by_a_reset_token(house: OpenHouse, operator: Caller) -> None:
    """Hold 19: reset by a token that an operator hands out, also for customers without a password."""
    user = (await operator.post("/v1/users", {"username": "ada"})).json()
    answer = await operator.post(f"/v1/users/{user['id']}/reset-token")
    made = answer.json()
    assert answer.status_code == 201
    assert (made["user_id"], made["mailed_to"]) == (user["id"], None)
    used = await house.nobody.post("/v1/auth/reset", {"token": made["token"], "new": PASSWORD})
    assert (used.status_code, used.content) == (204, b"")
    assert (await log_in(house)).json()["user"]["id"] == user["id"]
    again = await house.nobody.post("/v1/auth/reset", {"token": made["token"], "new": PASSWORD})
    assert (again.status_code, again.json()["code"]) == (401, "reset_token_invalid")


async def test_a_customer_who_was_imported_gets_in_by_a_reset_token(house: OpenHouse, operator: Caller) -> None:
    """Hold 19: imported customers get in by the same way."""
    row = {"account": "ada", "kind": "deposit", "amount": "1.00", "reference": "1", "effective_date": "2020-01-01"}
    await operator.post("/v1/imports", {"currency": "USD", "rows": [row]})
    (user,) = (await operator.get("/v1/users", username="ada")).json()["items"]
    token = (await operator.post(f"/v1/users/{user['id']}/reset-token")).json()["token"]
    await house.nobody.post("/v1/auth/reset", {"token": token, "new": PASSWORD})
    assert (await log_in(house)).status_code == 200


async def test_a_token_cannot_be_mailed_without_a_mail_server(operator: Caller, ada: Caller) -> None:
    answer = await operator.post(f"/v1/users/{ada.id}/reset-token", {"delivery": "mail"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "delivery")
    assert (await operator.post("/v1/users/usr_999/reset-token")).json()["code"] == "customer_unknown"


async def test_own_sessions_are_listed_and_ended(house: OpenHouse, ada: Caller) -> None:
    """Hold 19: list and end own sessions."""
    tokens = (await log_in(house)).json()
    listed = (await ada.get("/v1/me/sessions")).json()
    assert listed["next"] is None
    assert [each["current"] for each in listed["items"]] == [False, True]
    assert listed["items"][0]["address"] == "127.0.0.1"
    assert listed["items"][0]["client"].startswith("python-httpx")
    assert (await ada.delete(f"/v1/me/sessions/{listed['items'][0]['id']}")).status_code == 204
    assert (await Caller(house.http, tokens["access_token"]).get("/v1/me")).status_code == 401
    unknown = await ada.delete("/v1/me/sessions/nonsense")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "session_unknown")


async def test_a_session_too_many_is_refused_with_what_to_do(house: OpenHouse, ada: Caller) -> None:
    """Hold 7: a cap on sessions, and a refusal that says what to do."""
    async with house.database.connection() as connection:
        await connection.execute(
            "INSERT INTO evens.sessions (id, customer, expires_at)"
            " SELECT gen_random_uuid(), $1, now() + interval '1 day' FROM generate_series(1, 49)",
            ada.customer,
        )
    answer = await log_in(house)
    assert (answer.status_code, answer.json()["code"]) == (409, "sessions_limit")
    assert "end_oldest" in answer.json()["detail"]
    assert (await log_in(house, end_oldest=True)).status_code == 200


async def test_a_key_too_many_is_refused_with_what_to_do(house: OpenHouse, ada: Caller) -> None:
    """Hold 7: a cap on API keys, and a refusal that says what to do."""
    for _ in range(50):
        assert (await ada.post("/v1/api-keys", {"role": "customer"})).status_code == 201
    answer = await ada.post("/v1/api-keys", {"role": "customer"})
    assert (answer.status_code, answer.json()["code"]) == (409, "api_keys_limit")
    assert "revoke" in answer.json()["detail"]


async def test_a_service_hears_that_a_name_is_taken(house: OpenHouse) -> None:
    """Hold 6: a service key cannot take another service's name, nor read its outcomes."""
    await house.someone(Role.SERVICE, "billing")
    mailer = await house.someone(Role.SERVICE, "mailer")
    answer = await mailer.post("/v1/api-keys", {"role": "service", "name": "billing"})
    assert (answer.status_code, answer.json()["code"]) == (409, "key_name_taken")


async def test_a_key_can_be_bound_to_the_session_that_makes_it(house: OpenHouse, ada: Caller) -> None:
    """Hold 19: API keys made in a session can be bound to it."""
    made = (await ada.post("/v1/api-keys", {"role": "customer", "bound_to_session": True})).json()
    (current,) = (await ada.get("/v1/me/sessions")).json()["items"]
    assert made["session_id"] == current["id"]
    bound = Caller(house.http, made["key"])
    assert (await bound.get("/v1/me")).status_code == 200
    await ada.post("/v1/auth/logout")
    assert (await bound.get("/v1/me")).status_code == 401


async def test_a_second_factor_is_set_up_used_and_removed(house: OpenHouse, ada: Caller, operator: Caller) -> None:
    """Hold 19: second factor with recovery codes, for everyone."""
    assert (await ada.get("/v1/me/totp")).json() == {"enabled": False, "recovery_codes_left": 0}
    proposed = await ada.post("/v1/me/totp")
    assert proposed.status_code == 201
    app = TOTP(proposed.json()["secret"])
    wrong = await ada.post("/v1/me/totp/confirm", {"code": TOTP(random_base32()).now()})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "second_factor_wrong")
    confirmed = await ada.post("/v1/me/totp/confirm", {"code": app.now()})
    codes = confirmed.json()["recovery_codes"]
    assert (confirmed.status_code, len(codes)) == (200, 10)
    assert (await ada.get("/v1/me/totp")).json() == {"enabled": True, "recovery_codes_left": 10}
    missing = await log_in(house)
    assert (missing.status_code, missing.json()["code"]) == (401, "second_factor_required")
    assert (await log_in(house, code=codes[0])).status_code == 200
    assert (await ada.delete("/v1/me/totp")).json()["code"] == "second_factor_required"
    in_address = await ada.delete("/v1/me/totp", code=codes[1])
    assert (in_address.status_code, in_address.json()["errors"][0]["field"]) == (422, "code")
    assert (await ada.delete("/v1/me/totp", {"code": codes[0]})).json()["code"] == "second_factor_wrong"
    assert (await ada.delete("/v1/me/totp", {"code": codes[1]})).status_code == 204
    assert (await log_in(house)).status_code == 200
    await ada.post("/v1/me/totp")
    assert (await operator.delete(f"/v1/users/{ada.id}/totp")).status_code == 204
    assert (await operator.delete(f"/v1/users/{ada.id}/totp")).json()["code"] == "second_factor_unknown"


async def test_a_key_cannot_set_up_a_second_factor(house: OpenHouse) -> None:
    bob = await house.customer("bob")
    for answer in (await bob.post("/v1/me/totp"), await bob.delete("/v1/me/totp")):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_a_session")


async def test_an_admin_lets_somebody_log_in_as_an_operator(house: OpenHouse, ada: Caller) -> None:
    admin = await house.someone(Role.ADMIN, "root")
    answer = await admin.put(f"/v1/users/{ada.id}/role", {"role": "operator"})
    assert (answer.status_code, answer.json()) == (200, {"user_id": ada.id, "role": "operator"})
    assert (await ada.get("/v1/me")).status_code == 401
    operator = Caller(house.http, (await log_in(house)).json()["access_token"])
    assert (await operator.get("/v1/me")).json()["role"] == "operator"
    assert (await operator.get("/v1/users")).status_code == 200


async def test_a_frozen_customer_is_logged_out_and_can_log_in_to_look(
    house: OpenHouse, ada: Caller, operator: Caller
) -> None:
    """Hold 13: freezing a customer ends their sessions and keys."""
    key = (await ada.post("/v1/api-keys", {"role": "customer"})).json()["key"]
    assert (await operator.post(f"/v1/users/{ada.id}/freeze")).status_code == 200
    for bearer in (ada.bearer, key):
        assert (await Caller(house.http, bearer).get("/v1/me")).status_code == 401
    again = Caller(house.http, (await log_in(house)).json()["access_token"])
    assert (await again.get("/v1/me")).json()["status"] == "frozen"


async def test_an_operator_opens_no_login_of_their_own_rank_or_above(house: OpenHouse, ada: Caller) -> None:
    """A reset token, or a second factor taken away, would make an operator an admin."""
    operator, admin = await house.someone(Role.OPERATOR, "desk"), await house.someone(Role.ADMIN, "root")
    for role, by_operator in (("admin", 403), ("operator", 403), ("service", 201), ("customer", 201)):
        await admin.put(f"/v1/users/{ada.id}/role", {"role": role})
        asked = await operator.post(f"/v1/users/{ada.id}/reset-token")
        taken = await operator.delete(f"/v1/users/{ada.id}/totp")
        assert asked.status_code == by_operator
        assert taken.json()["code"] == ("role_not_below_own" if by_operator == 403 else "second_factor_unknown")
        if by_operator == 403:
            words = f"This user logs in as {role} and your role is operator; ask an admin to do this."
            assert asked.json()["detail"] == words
        assert (await admin.post(f"/v1/users/{ada.id}/reset-token")).status_code == 201
        assert (await admin.delete(f"/v1/users/{ada.id}/totp")).json()["code"] == "second_factor_unknown"


async def test_an_operator_acts_on_no_login_of_their_own_rank_or_above(house: OpenHouse, ada: Caller) -> None:
    """Freezing ends sessions and keys, and a key acts for whoever it is made for: neither reaches an admin."""
    operator, admin = await house.someone(Role.OPERATOR, "desk"), await house.someone(Role.ADMIN, "root")
    acts: tuple[tuple[str, dict[str, str]], ...] = (
        (f"/v1/users/{ada.id}/freeze", {}),
        (f"/v1/users/{ada.id}/unfreeze", {}),
        ("/v1/api-keys", {"role": "customer", "user_id": ada.id}),
        (f"/v1/users/{ada.id}/self-exclusion", {"until": "2000-01-01T00:00:00Z"}),
    )
    for role, reached in (("admin", False), ("operator", False), ("service", True), ("customer", True)):
        await admin.put(f"/v1/users/{ada.id}/role", {"role": role})
        for path, body in acts:
            answer = await operator.post(path, body)
            assert (answer.json().get("code") == "role_not_below_own") is not reached, (role, path, answer.text)
            assert (answer.status_code == 403) is not reached, (role, path)
            assert (await admin.post(path, body)).status_code != 403


async def test_an_operator_may_make_keys_for_and_exclude_themselves(house: OpenHouse, ada: Caller) -> None:
    admin = await house.someone(Role.ADMIN, "root")
    await admin.put(f"/v1/users/{ada.id}/role", {"role": "operator"})
    operator = Caller(house.http, (await log_in(house)).json()["access_token"])
    assert (await operator.post("/v1/api-keys", {"role": "operator", "user_id": ada.id})).status_code == 201
    until = {"until": "2099-01-01T00:00:00Z"}
    assert (await operator.post(f"/v1/users/{ada.id}/self-exclusion", until)).status_code == 200


async def test_a_token_made_for_a_customer_opens_no_admin(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    token = (await operator.post(f"/v1/users/{ada.id}/reset-token")).json()["token"]
    admin = await house.someone(Role.ADMIN, "root")
    await admin.put(f"/v1/users/{ada.id}/role", {"role": "admin"})
    used = await house.nobody.post("/v1/auth/reset", {"token": token, "new": "battery staple"})
    assert (used.status_code, used.json()["code"]) == (401, "reset_token_invalid")


async def keys_of(ada: Caller, operator: Caller) -> list[Caller]:
    """Make two keys for Ada, one by herself and one by an operator, and use them."""
    made = [await ada.post("/v1/api-keys", {"role": "customer"})]
    made.append(await operator.post("/v1/api-keys", {"role": "customer", "user_id": ada.id}))
    keys = [Caller(ada.http, answer.json()["key"]) for answer in made]
    assert [(await key.get("/v1/me")).status_code for key in keys] == [200, 200]
    return keys


async def test_a_reset_revokes_the_api_keys_of_its_user(house: OpenHouse, ada: Caller, operator: Caller) -> None:
    """Whoever had the old password may have made them."""
    keys, bob = await keys_of(ada, operator), await house.customer("bob")
    token = (await operator.post(f"/v1/users/{ada.id}/reset-token")).json()["token"]
    assert (await house.nobody.post("/v1/auth/reset", {"token": token, "new": "battery staple"})).status_code == 204
    assert [(await key.get("/v1/me")).status_code for key in keys] == [401, 401]
    assert [(await other.get("/v1/me")).status_code for other in (bob, operator)] == [200, 200]


async def test_a_password_change_revokes_api_keys_if_it_is_asked_to(
    house: OpenHouse, ada: Caller, operator: Caller
) -> None:
    keys = await keys_of(ada, operator)
    body = {"current": PASSWORD, "new": "battery staple"}
    assert (await ada.post("/v1/auth/password", body)).status_code == 204
    assert [(await key.get("/v1/me")).status_code for key in keys] == [200, 200]
    body = {"current": "battery staple", "new": "correct horse", "revoke_api_keys": True}
    assert (await ada.post("/v1/auth/password", {**body, "current": "wrong horse"})).status_code == 422
    assert [(await key.get("/v1/me")).status_code for key in keys] == [200, 200]
    assert (await ada.post("/v1/auth/password", body)).status_code == 204
    assert [(await key.get("/v1/me")).status_code for key in keys] == [401, 401]
    assert [(await other.get("/v1/me")).status_code for other in (ada, operator)] == [200, 200]
