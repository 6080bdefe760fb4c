"""Passkeys: adding one, logging in by it, and the answers that log nobody in."""

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from evens.core.values.ids import CustomerId
from evens.edges.http.app import create_app
from evens.identity.ended import Ended
from evens.identity.keys import InstallationKeys
from evens.identity.passkey_place import PasskeyPlace
from evens.identity.passkeys import LIVE_MAX, PasskeyInvalid, PasskeyRefused, Passkeys
from evens.identity.principal import Role
from evens.identity.sessions import Device, Sessions
from evens.identity.tokens import AccessTokens
from evens.store.identity import IdentityTables
from tests.edges.conftest import OpenHouse
from tests.edges.login.authenticator import DOMAIN, ORIGIN, PRESENT, Authenticator, client_data, encoded
from tests.edges.login.browser import browsing, register

pytestmark = pytest.mark.anyio

PLACE = PasskeyPlace(DOMAIN, ORIGIN)


@pytest.fixture
async def browser(house: OpenHouse) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser in which Ada has registered."""
    async with browsing(house.app) as browser:
        await register(browser)
        yield browser


async def options_for(browser: httpx2.AsyncClient, path: str) -> dict[str, Any]:
    answer = await browser.post(path)
    assert answer.status_code == 200, answer.text
    return answer.json()["options"]


async def add(browser: httpx2.AsyncClient, authenticator: Authenticator, **changes: Any) -> httpx2.Response:
    options = await options_for(browser, "/v1/me/passkeys/options")
    body = {"credential": authenticator.make(options, **changes), "name": "phone"}
    return await browser.post("/v1/me/passkeys", json=body)


async def log_in(browser: httpx2.AsyncClient, authenticator: Authenticator, **changes: Any) -> httpx2.Response:
    options = await options_for(browser, "/v1/auth/passkey/options")
    body = {"credential": authenticator.sign(options, **changes), "cookie": True}
    return await browser.post("/v1/auth/passkey", json=body)


def is_refused(answer: httpx2.Response) -> bool:
    return (answer.status_code, answer.json()["code"]) == (401, "passkey_refused")


async def test_a_passkey_logs_its_owner_in_as_with_a_second_factor(
    house: OpenHouse, browser: httpx2.AsyncClient
) -> None:
    phone = Authenticator()
    added = await add(browser, phone)
    assert (added.status_code, added.json()["name"], added.json()["used_at"]) == (201, "phone", None)
    async with browsing(house.app) as elsewhere:
        for _ in range(2):
            answer = await log_in(elsewhere, phone)
            assert (answer.status_code, answer.json()["user"]["username"]) == (200, "ada"), answer.text
        assert (await elsewhere.get("/v1/me")).json()["username"] == "ada"
        current = [each for each in (await elsewhere.get("/v1/me/sessions")).json()["items"] if each["current"]]
        assert [each["second_factor"] for each in current] == [True]
        assert (await elsewhere.get("/v1/me/passkeys")).json()["items"][0]["used_at"] is not None


async def test_whoever_asks_for_tokens_gets_tokens(house: OpenHouse, browser: httpx2.AsyncClient) -> None:
    phone = Authenticator()
    await add(browser, phone)
    async with browsing(house.app) as elsewhere:
        options = await options_for(elsewhere, "/v1/auth/passkey/options")
        answer = await elsewhere.post("/v1/auth/passkey", json={"credential": phone.sign(options)})
        assert answer.json()["access_token"]


async def test_an_operator_who_needs_a_second_factor_has_it_with_a_passkey(
    house: OpenHouse, browser: httpx2.AsyncClient
) -> None:
    phone = Authenticator()
    await add(browser, phone)
    customer = CustomerId(int((await browser.get("/v1/me")).json()["id"].removeprefix("usr_")))
    await house.services.identity.set_role(customer, Role.OPERATOR)
    async with browsing(house.app) as elsewhere:
        await log_in(elsewhere, phone)
        assert (await elsewhere.get("/v1/me")).json()["role"] == "operator"


async def test_an_answer_that_was_given_before_logs_nobody_in(house: OpenHouse, browser: httpx2.AsyncClient) -> None:
    phone = Authenticator(counts=False)
    await add(browser, phone)
    async with browsing(house.app) as elsewhere:
        options = await options_for(elsewhere, "/v1/auth/passkey/options")
        body = {"credential": phone.sign(options), "cookie": True}
        assert (await elsewhere.post("/v1/auth/passkey", json=body)).status_code == 200
        assert is_refused(await elsewhere.post("/v1/auth/passkey", json=body))


async def test_an_answer_is_good_only_in_the_browser_that_asked(house: OpenHouse, browser: httpx2.AsyncClient) -> None:
    phone = Authenticator(counts=False)
    await add(browser, phone)
    async with browsing(house.app) as asking, browsing(house.app) as another:
        body = {"credential": phone.sign(await options_for(asking, "/v1/auth/passkey/options")), "cookie": True}
        assert is_refused(await another.post("/v1/auth/passkey", json=body))
        await options_for(another, "/v1/auth/passkey/options")
        assert is_refused(await another.post("/v1/auth/passkey", json=body))
        assert (await asking.post("/v1/auth/passkey", json=body)).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8000"},
        {"domain": "evil.example"},
        {"origin": "https://localhost"},
    ],
    ids=str,
)
async def test_an_answer_from_another_page_or_for_another_domain_logs_nobody_in(
    house: OpenHouse, browser: httpx2.AsyncClient, changes: dict[str, str]
) -> None:
    phone = Authenticator()
    refused = await add(browser, phone, **changes)
    assert (refused.status_code, refused.json()["code"]) == (422, "passkey_invalid")
    await add(browser, phone)
    async with browsing(house.app) as elsewhere:
        assert is_refused(await log_in(elsewhere, phone, **changes))
        assert (await log_in(elsewhere, phone)).status_code == 200


async def test_a_copy_that_counts_on_its_own_logs_nobody_in(house: OpenHouse, browser: httpx2.AsyncClient) -> None:
    phone = Authenticator()
    await add(browser, phone)
    thief = phone.copy()
    async with browsing(house.app) as elsewhere:
        for _ in range(2):
            assert (await log_in(elsewhere, phone)).status_code == 200
        assert is_refused(await log_in(elsewhere, thief))
        assert is_refused(await log_in(elsewhere, thief))
        assert (await log_in(elsewhere, phone)).status_code == 200


async def test_a_user_whom_the_authenticator_did_not_verify_is_not_in(
    house: OpenHouse, browser: httpx2.AsyncClient
) -> None:
    phone = Authenticator()
    phone.flags = PRESENT
    assert (await add(browser, phone)).status_code == 422
    phone = Authenticator()
    await add(browser, phone)
    phone.flags = PRESENT
    async with browsing(house.app) as elsewhere:
        assert is_refused(await log_in(elsewhere, phone))


async def test_a_signature_of_another_key_logs_nobody_in(house: OpenHouse, browser: httpx2.AsyncClient) -> None:
    phone = Authenticator()
    await add(browser, phone)
    forged = Authenticator(credential_id=phone.credential_id, handle=phone.handle, count=5)
    unknown = Authenticator(handle=phone.handle)
    elses = phone.copy()
    elses.handle = b"usr_999"
    async with browsing(house.app) as elsewhere:
        for authenticator in (forged, unknown, elses):
            assert is_refused(await log_in(elsewhere, authenticator))


async def test_a_passkey_is_added_only_in_the_session_that_asked(house: OpenHouse, browser: httpx2.AsyncClient) -> None:
    async with browsing(house.app) as bob:
        await register(bob, username="bob", email="bob@example.com")
        made = Authenticator().make(await options_for(browser, "/v1/me/passkeys/options"))
        assert (await bob.post("/v1/me/passkeys", json={"credential": made})).status_code == 422
        assert (await browser.post("/v1/me/passkeys", json={"credential": made})).status_code == 201
        assert (await browser.post("/v1/me/passkeys", json={"credential": made})).status_code == 422


async def test_a_challenge_is_good_for_five_minutes(house: OpenHouse) -> None:
    now, keys, store = [1_000_000.0], InstallationKeys(bytes(32)), IdentityTables(house.database)
    sessions = Sessions(store, AccessTokens(keys), Ended())
    passkeys, phone, within = Passkeys(store, keys, sessions, clock=lambda: now[0]), Authenticator(), uuid.uuid4()
    ada = await house.stage.customer("ada")
    offered = json.loads(await passkeys.offer(PLACE, ada, "ada", within))
    await passkeys.add(PLACE, ada, within, phone.make(offered), "phone")
    fresh, old = (json.loads(passkeys.ask(PLACE, "cookie")) for _ in range(2))
    now[0] += 299
    assert (await passkeys.log_in(PLACE, "cookie", phone.sign(fresh), device=Device())).customer == ada
    now[0] += 1
    with pytest.raises(PasskeyRefused):
        await passkeys.log_in(PLACE, "cookie", phone.sign(old), device=Device())


async def test_passkeys_are_listed_renamed_and_removed_by_their_owner_alone(
    house: OpenHouse, browser: httpx2.AsyncClient
) -> None:
    phone = Authenticator()
    passkey = (await add(browser, phone)).json()["id"]
    renamed = await browser.patch(f"/v1/me/passkeys/{passkey}", json={"name": "old phone"})
    assert renamed.json()["name"] == "old phone"
    async with browsing(house.app) as bob:
        await register(bob, username="bob", email="bob@example.com")
        assert (await bob.patch(f"/v1/me/passkeys/{passkey}", json={"name": "mine"})).status_code == 404
        assert (await bob.delete(f"/v1/me/passkeys/{passkey}")).status_code == 404
    assert [each["name"] for each in (await browser.get("/v1/me/passkeys")).json()["items"]] == ["old phone"]
    assert (await browser.delete(f"/v1/me/passkeys/{passkey}")).status_code == 204
    assert (await browser.delete("/v1/me/passkeys/nonsense")).json()["code"] == "passkey_unknown"
    async with browsing(house.app) as elsewhere:
        assert is_refused(await log_in(elsewhere, phone))


async def test_nobody_has_more_passkeys_than_twenty_or_one_twice(house: OpenHouse, browser: httpx2.AsyncClient) -> None:
    phone = Authenticator()
    assert (await add(browser, phone)).status_code == 201
    assert (await add(browser, phone)).json()["code"] == "passkey_taken"
    for _ in range(LIVE_MAX - 1):
        assert (await add(browser, Authenticator())).status_code == 201
    assert (await add(browser, Authenticator())).json()["code"] == "passkeys_limit"


@pytest.mark.parametrize(
    "broken",
    [
        {"response": 1},
        {"response": None, "id": None},
        {"response": {}},
        {"rawId": "é"},
        {"rawId": 5},
        {"clientDataJSON": encoded(b"[")},
        {"clientDataJSON": encoded(b"[" * 5000)},
        {"clientDataJSON": encoded(client_data("x", "", ORIGIN))},
        {"attestationObject": "AAAA", "authenticatorData": "AAAA"},
        {"attestationObject": encoded(b"\xff" * 50), "authenticatorData": encoded(b"\xff" * 50)},
        {"attestationObject": 7, "signature": 7},
        {"signature": "", "attestationObject": ""},
    ],
    ids=lambda broken: str(broken)[:40],
)
async def test_what_is_no_answer_of_an_authenticator_is_refused_and_breaks_nothing(
    browser: httpx2.AsyncClient, broken: dict[str, Any]
) -> None:
    phone = Authenticator()
    await add(browser, phone)
    made = break_it(Authenticator().make(await options_for(browser, "/v1/me/passkeys/options")), broken)
    refused = await browser.post("/v1/me/passkeys", json={"credential": made})
    assert (refused.status_code, refused.json()["code"]) == (422, PasskeyInvalid.code)
    signed = break_it(phone.sign(await options_for(browser, "/v1/auth/passkey/options")), broken)
    assert is_refused(await browser.post("/v1/auth/passkey", json={"credential": signed}))


def break_it(answer: dict[str, Any], broken: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with something else in it, outside or in its response."""
    outer = {name: value for name, value in broken.items() if name in answer}
    inner = {name: value for name, value in broken.items() if name not in answer}
    return {**answer, "response": {**answer["response"], **inner}, **outer}


async def test_where_the_server_has_no_domain_there_are_no_passkeys(house: OpenHouse) -> None:
    login = replace(house.services.login, passkey_place=None)
    async with browsing(create_app(replace(house.services, login=login))) as browser:
        answer = await browser.post("/v1/auth/passkey/options")
    assert (answer.status_code, answer.json()["code"]) == (404, "passkeys_unavailable")
