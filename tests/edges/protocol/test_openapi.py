"""The OpenAPI document: kept beside this test, so that no change of the API goes unseen."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.edges.conftest import OpenHouse

SNAPSHOT = Path(__file__).with_name("openapi.json")
PROMISED = """
POST /v1/auth/register, POST /v1/auth/login, POST /v1/auth/refresh, POST /v1/auth/logout, GET /v1/me,
POST /v1/api-keys, GET /v1/api-keys, DELETE /v1/api-keys/{id},
POST /v1/users, GET /v1/users/{id}, GET /v1/users, GET /v1/users/{id}/balance, GET /v1/users/{id}/wallets,
POST /v1/deposits, POST /v1/withdrawals, POST /v1/withdrawals/{id}/complete, POST /v1/withdrawals/{id}/reject,
POST /v1/transfers, POST /v1/transfers/batch, GET /v1/transactions/{id}, GET /v1/users/{id}/transactions,
GET /v1/users/{id}/statement.csv, GET /v1/me/limits, PUT /v1/me/limits, POST /v1/webhooks, POST /v1/imports,
POST /v1/exchange/markets, GET /v1/exchange/markets, GET /v1/exchange/markets/{id},
GET /v1/exchange/markets/{id}/book, GET /v1/exchange/markets/{id}/trades, GET /v1/exchange/markets/{id}/candles,
POST /v1/exchange/markets/{id}/suspend, POST /v1/exchange/markets/{id}/resume, POST /v1/exchange/markets/{id}/in-play,
POST /v1/exchange/markets/{id}/close, POST /v1/exchange/markets/{id}/void, POST /v1/exchange/markets/{id}/settle,
POST /v1/exchange/markets/{id}/runners/{runner_id}/remove, POST /v1/exchange/orders, POST /v1/exchange/orders/batch,
PUT /v1/exchange/orders/{id}, DELETE /v1/exchange/orders/{id}, POST /v1/exchange/orders/cancel,
GET /v1/exchange/orders, GET /v1/exchange/orders/{id}, GET /v1/exchange/positions,
PUT /v1/users/{id}/commission-discount, GET /v1/receivables,
POST /v1/challenges, GET /v1/challenges, GET /v1/challenges/{token}, POST /v1/challenges/{token}/accept,
POST /v1/challenges/{token}/cancel, POST /v1/challenges/{token}/resolve, POST /v1/challenges/{token}/dispute,
POST /v1/challenges/{token}/rule,
POST /v1/house/deposits, POST /v1/house/withdrawals, GET /v1/house/balances,
GET /v1/sportsbook/events, GET /v1/sportsbook/events/{id}, POST /v1/sportsbook/bets, GET /v1/sportsbook/bets,
GET /v1/sportsbook/bets/{id}, GET /v1/sportsbook/bets/{id}/cash-out, POST /v1/sportsbook/bets/{id}/cash-out,
POST /v1/sportsbook/events/{id}/void, POST /v1/sportsbook/events/{id}/suspend,
POST /v1/sportsbook/events/{id}/resume, POST /v1/sportsbook/events/{id}/settle, POST /v1/sportsbook/bets/{id}/void,
GET /v1/sportsbook/exposure, GET /v1/sportsbook/limits, PUT /v1/sportsbook/limits,
PUT /v1/users/{id}/stake-factor, GET /v1/sportsbook/conflicts,
GET /healthz, GET /readyz, GET /version, GET /metrics, GET /v1/tvl, GET /v1/outcomes/{idempotency_key}
"""


@pytest.fixture
async def document(house: OpenHouse) -> dict[str, Any]:
    return (await house.http.get("/openapi.json")).json()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def references(document: dict[str, Any]) -> set[str]:
    return set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))


async def test_bounds_are_told_in_the_words_of_json_schema(document: dict[str, Any]) -> None:
    assert re.findall(r'"(?:ge|gt|le|lt|multiple_of)":', json.dumps(document)) == []


async def test_the_document_is_the_one_that_was_agreed_on(document: dict[str, Any]) -> None:
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    if "EVENS_SNAPSHOT" in os.environ:
        SNAPSHOT.write_text(text, "utf-8")
    agreed = SNAPSHOT.read_text("utf-8")
    assert text == agreed, "If this change is meant, run this test with EVENS_SNAPSHOT=1 and look at the difference."


async def test_every_promised_route_is_there(document: dict[str, Any]) -> None:
    promised = {route.strip() for route in PROMISED.replace("\n", " ").split(",")}
    assert promised <= {name for name, _ in operations(document)}


async def test_no_route_takes_the_requests_of_a_later_one(document: dict[str, Any]) -> None:
    routes = [(method, path) for path, methods in document["paths"].items() for method in methods]
    hidden = [
        f"{method} {later} by {earlier}"
        for place, (method, later) in enumerate(routes)
        for other, earlier in routes[:place]
        if method == other and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", earlier), later)
    ]
    assert hidden == []


async def test_operations_have_ids_that_make_good_function_names(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    assert all(each.isidentifier() and "__" not in each and "v1" not in each for each in ids)


async def test_every_error_is_a_problem_document(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400" and name not in {"GET /healthz", "GET /readyz"}:
                schema = response["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, f"{name} {status}"


PUBLIC = {
    "GET /v1/challenges",
    "GET /v1/challenges/{token}",
    "GET /v1/exchange/markets",
    "GET /v1/exchange/markets/{id}",
    "GET /v1/exchange/markets/{id}/book",
    "GET /v1/exchange/markets/{id}/candles",
    "GET /v1/exchange/markets/{id}/traded",
    "GET /v1/exchange/markets/{id}/trades",
    "GET /v1/leaderboard",
    "GET /v1/feed",
    "GET /v1/pools",
    "GET /v1/pools/rounds",
    "GET /v1/pools/{pool}",
    "GET /v1/pools/{pool}/rounds",
    "GET /v1/pools/{pool}/rounds/current",
    "GET /v1/pools/{pool}/rounds/{code}",
    "GET /v1/pools/{pool}/rounds/{code}/proof",
    "GET /v1/pools/{pool}/rounds/{code}/quote",
    "GET /v1/profiles/{username}",
    "GET /v1/sportsbook/events",
    "GET /v1/sportsbook/events/{id}",
    "GET /v1/sportsbook/sports",
}
"""What everybody may read, as on the live stream; of challenges, those that everybody can accept or has the link of."""


async def test_whatever_needs_a_credential_says_so(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        is_open = "/v1/" not in name or ("/v1/auth/" in name and not name.endswith(("logout", "password")))
        # What is signed needs no credential.
        is_open = is_open or name == "POST /v1/sportsbook/webhooks/line" or name in PUBLIC
        is_open = is_open or name in {"GET /v1/config", "POST /v1/demo/enter"}
        assert ("security" in operation) != is_open, name
        assert is_open or {"401", "403", "422", "503"} <= set(operation["responses"]), name


async def test_whatever_books_takes_an_idempotency_key(document: dict[str, Any]) -> None:
    without = {
        "POST /v1/auth/login",
        "POST /v1/auth/refresh",
        "POST /v1/auth/logout",
        "POST /v1/demo/enter",
        "POST /v1/auth/passkey/options",
        "POST /v1/auth/passkey",
        "POST /v1/me/passkeys/options",
        "POST /v1/me/passkeys",
        # What shows a secret or takes one is not kept to be answered again.
        "POST /v1/auth/password",
        "POST /v1/auth/reset",
        "POST /v1/users/{id}/reset-token",
        "POST /v1/me/totp",
        "POST /v1/me/totp/confirm",
        # Doing it again changes nothing.
        "PUT /v1/users/{id}/role",
        "PUT /v1/me/preferences",
        "PUT /v1/me/favourites/{kind}/{id}",
        "POST /v1/notifications/read",
        "POST /v1/imports",
        "POST /v1/webhooks/{id}/test",
        # A preview books nothing, a decision is made once, an audit is one at a time, a note is no command.
        "POST /v1/audits",
        # Telling a close again is telling the same.
        "POST /v1/pools/{pool}/rounds/{code}/price",
        "POST /v1/users/{id}/notes",
        "POST /v1/previews",
        "POST /v1/approvals/{id}/approve",
        "POST /v1/approvals/{id}/reject",
        # A provider's message says by itself which it is.
        "POST /v1/sportsbook/webhooks/line",
    }
    books = {f"{method} {path}" for path in document["paths"] for method in ("POST", "PUT")} - without
    books |= {"DELETE /v1/exchange/orders/{id}", "PATCH /v1/pools/{pool}", "PATCH /v1/sportsbook/events/{id}"}
    books |= {"PATCH /v1/follows/{id}", "DELETE /v1/follows/{id}"}
    for name, operation in operations(document):
        names = {parameter["name"] for parameter in operation.get("parameters", ())}
        assert ("Idempotency-Key" in names) == (name in books), name


async def test_every_schema_is_used_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    assert references(document) == set(document["components"]["schemas"])


async def test_the_pages_for_people_need_nothing_from_elsewhere(house: OpenHouse) -> None:
    page = (await house.http.get("/docs")).text
    assert re.findall(r"[a-z]+://", page) == []
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"):
        assert f"/docs/assets/{asset}" in page
        assert (await house.http.get(f"/docs/assets/{asset}")).status_code == 200


async def test_what_is_answered_to_an_unknown_token_is_documented(house: OpenHouse) -> None:
    asked = [
        (method, path, operation["responses"])
        for path, operations in house.app.openapi()["paths"].items()
        for method, operation in operations.items()
    ]
    headers = {"Authorization": "Bearer evk_unknown_unknown"}
    for method, path, documented in asked:
        body: dict[str, str] | None = None if method in {"get", "delete"} else {}
        answer = await house.http.request(method, re.sub(r"\{[^}]*\}", "1", path), json=body, headers=headers)
        assert str(answer.status_code) in documented, (method, path, answer.text)
    assert sum("401" in documented for _, _, documented in asked) > len(asked) / 2
