"""The log: one line for each request, with who asked from where and what came of it, and with nothing secret."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from evens.identity.principal import Role
from tests.edges.challenges.dares import offer
from tests.edges.conftest import Caller, OpenHouse

PASSWORD = "correct horse battery"


@pytest.fixture
def logged() -> Iterator[list[dict[str, Any]]]:
    """Keep every line that is logged, with what is bound to it."""
    lines: list[dict[str, Any]] = []

    def keep(_logger: object, _method: str, line: Any) -> Any:
        lines.append(dict(line))
        raise structlog.DropEvent

    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, keep],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    yield lines
    structlog.reset_defaults()


async def test_every_request_leaves_one_line_with_its_id_its_address_and_its_caller(
    house: OpenHouse, ada: Caller, logged: list[dict[str, Any]]
) -> None:
    """Hold 25: log lines carry address and principal."""
    headers = {"Authorization": f"Bearer {ada.bearer}", "X-Request-Id": "r-1"}
    await house.http.get(f"/v1/users/{ada.id}/balance", params={"currency": "USD"}, headers=headers)
    await house.http.get("/nowhere")
    first, second = logged
    assert first.pop("milliseconds") > 0
    assert first == {
        "event": "request",
        "request_id": "r-1",
        "address": "127.0.0.1",
        "caller": f"customer:{ada.customer}",
        "method": "GET",
        "path": f"/v1/users/{ada.id}/balance",
        "route": "/v1/users/{id}/balance",
        "status": 200,
    }
    assert "caller" not in second
    assert (second["route"], second["status"], second["outcome"]) == ("(none)", 404, "not_found")


async def test_the_log_tells_who_logged_in_and_whose_login_failed(
    house: OpenHouse, logged: list[dict[str, Any]]
) -> None:
    """Hold 25: outcomes of logins, with the address and whom they are about."""
    ada = await house.user("ada", PASSWORD)
    for login, password in (("ada", PASSWORD), ("ADA", "wrong password"), (PASSWORD, "ada"), ("\0", "x")):
        await house.nobody.post("/v1/auth/login", {"login": login, "password": password})
    await house.nobody.post("/v1/auth/refresh", {"refresh_token": "evr_nonsense"})
    registered, fine, wrong, unknown, nonsense, refreshed = logged
    for line in (registered, fine):
        assert (line["caller"], line["address"]) == (f"customer:{ada.customer}", "127.0.0.1")
        assert "outcome" not in line
    assert (wrong["account"], wrong["outcome"], wrong["status"]) == (ada.id, "wrong_credentials", 401)
    for line in (unknown, nonsense):
        assert line["outcome"] == "wrong_credentials"
        assert "account" not in line
    assert refreshed["outcome"] == "refresh_token_invalid"
    operator = await house.someone(Role.OPERATOR, "desk")
    token = (await operator.post(f"/v1/users/{ada.id}/reset-token")).json()["token"]
    await house.nobody.post("/v1/auth/reset", {"token": token, "new": f"{PASSWORD}!"})
    assert (logged[-1]["account"], logged[-1]["status"]) == (ada.id, 204)
    # What one request binds, the next does not have.
    await house.nobody.get("/version")
    assert logged[-1].keys() & {"caller", "account", "outcome"} == set()


async def test_the_log_tells_why_the_core_refused(
    house: OpenHouse, ada: Caller, bob: Caller, logged: list[dict[str, Any]]
) -> None:
    """Hold 25: refusals by the books have their outcome like those before them, first and when asked again."""
    body = {"to_user_id": bob.id, "amount": "1000000.00", "currency": "USD"}
    for _ in range(2):
        await ada.post("/v1/transfers", body, key="too-much")
        assert (logged[-1]["status"], logged[-1]["outcome"]) == (402, "insufficient_funds")
    taken = {"username": "taken", "email": "taken@example.org", "password": PASSWORD}
    await house.nobody.post("/v1/auth/register", taken)
    assert "outcome" not in logged[-1]
    for email in ("taken@example.org", "other@example.org"):
        await house.nobody.post("/v1/auth/register", taken | {"email": email})
        assert (logged[-1]["status"], logged[-1]["outcome"]) == (409, "username_taken")


async def test_nothing_secret_is_logged_wherever_it_stands(
    house: OpenHouse, ada: Caller, operator: Caller, logged: list[dict[str, Any]]
) -> None:
    """Hold 25: never a token, not even one in an address."""
    tokens = (
        await house.nobody.post(
            "/v1/auth/register", {"username": "cleo", "email": "cleo@example.com", "password": PASSWORD}
        )
    ).json()
    cleo = Caller(house.http, tokens["access_token"])
    challenge = await offer(ada, resolver="cleo")
    service = await house.someone(Role.SERVICE, "billing")
    secrets = [
        tokens["access_token"],
        tokens["refresh_token"],
        ada.bearer,
        service.bearer,
        challenge["token"],
        (await operator.post(f"/v1/users/{ada.id}/reset-token")).json()["token"],
        PASSWORD,
    ]
    for secret in secrets:
        for path in (
            f"/v1/challenges/{secret}",
            f"/v1/challenges/{secret}/nowhere",
            f"/v1/users/{secret}",
            f"/{secret}",
        ):
            await house.nobody.get(path)
            await service.get(path)
        await house.http.get("/v1/me", headers={"Authorization": f"Bearer {secret}"})
        await house.http.get("/v1/me", headers={"Authorization": f"Bearer {secret}x"})
        await house.http.get("/v1/me", params={"access_token": secret})
        await house.nobody.post("/v1/auth/refresh", {"refresh_token": f"{secret}x"})
    await house.nobody.get(f"/v1/challenges/{challenge['token']}")
    await cleo.post("/v1/auth/logout")
    text = json.dumps(logged, default=repr)
    assert len(logged) > 50
    for secret in secrets[:-1]:
        assert str(secret) not in text
    assert any(line["path"] == "/v1/challenges/…" and line["status"] == 200 for line in logged)
