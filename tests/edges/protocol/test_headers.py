"""Headers of every request and answer: HEAD, headers that stand alone, what browsers are told, other sites' pages."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from evens.edges.http.app import create_app
from evens.edges.http.protocol.security_headers import HTTPS_ONLY, OF_DATA
from evens.edges.http.services import Services
from tests.edges.conftest import Caller, OpenHouse, talking_to
from tests.edges.protocol.test_authorisation import RULES, fill, gather_callers, gather_things

FRONT = Path(__file__).resolve().parents[3] / "deploy" / "kubernetes" / "haproxy.cfg"
PAGE = "https://tips.example"


def choosing(house: OpenHouse, **choices: Any) -> Services:
    """Return the house's services as another operator would have them."""
    return replace(house.services, settings=replace(house.services.settings, **choices))


async def test_head_answers_wherever_get_does_without_a_body(house: OpenHouse) -> None:
    """Hold 25: HEAD says what GET would, and sends nothing of it."""
    callers = await gather_callers(house)
    things, operator = await gather_things(house, callers), callers["operator"]
    headers = {"Authorization": f"Bearer {operator.bearer}"}
    paths = [fill(rule.route.partition(" ")[2], things) for rule in RULES if rule.route.startswith("GET ")]
    for path in (*paths, "/openapi.json", "/docs/assets/swagger-ui.css", "/v1/nowhere"):
        head = await house.http.head(path, headers=headers)
        got = await house.http.get(path, headers=headers)
        assert (path, head.status_code) == (path, got.status_code)
        assert head.content == b""
        for name in ("content-type", "location", "allow", "etag"):
            assert head.headers.get(name) == got.headers.get(name), path
        # The metrics have counted the request for the head when they are got; the others name the moment.
        if not path.startswith(("/metrics", "/v1/config", "/v1/sportsbook/events")) and not path.endswith("/cash-out"):
            assert head.headers.get("content-length") == got.headers.get("content-length"), path


async def test_head_is_405_where_there_is_no_get(house: OpenHouse, ada: Caller) -> None:
    answer = await house.http.head("/v1/transfers", headers={"Authorization": f"Bearer {ada.bearer}"})
    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "POST", b"")


@pytest.mark.parametrize(
    "name", ["Authorization", "Idempotency-Key", "Content-Type", "Content-Encoding", "Content-Length", "Host"]
)
async def test_a_header_that_must_stand_alone_is_refused_if_it_does_not(
    house: OpenHouse, ada: Caller, bob: Caller, name: str
) -> None:
    """Hold 25: of two keys or credentials, a proxy may have looked at the other one."""
    headers = [
        ("Authorization", f"Bearer {ada.bearer}"),
        ("Idempotency-Key", "k"),
        ("Content-Type", "application/json"),
        ("Content-Encoding", "identity"),
        ("Content-Length", "2"),
        ("Host", "house"),
    ]
    again = next(each for each in headers if each[0] == name)
    answer = await house.http.post("/v1/transfers", content=b"{}", headers=[*headers, again])
    assert (answer.status_code, answer.json()["code"]) == (400, "header_repeated")
    assert f"Send the header {name} once" in answer.json()["detail"]
    assert "x-request-id" in answer.headers
    single = await house.http.post("/v1/transfers", content=b"{}", headers=headers)
    assert single.status_code == 422


async def test_a_second_key_in_other_letters_is_a_second_key(house: OpenHouse, ada: Caller, bob: Caller) -> None:
    """Hold 25: nothing is booked under either of two keys."""
    headers = [("Authorization", f"Bearer {ada.bearer}"), ("Idempotency-Key", "a"), ("idempotency-key", "b")]
    answer = await house.http.post("/v1/transfers", json={"to_user_id": bob.id, "amount": "1"}, headers=headers)
    assert answer.status_code == 400
    assert (await bob.get("/v1/users/me/balance")).json()["cash"] == "0.00"


async def test_every_answer_tells_browsers_what_not_to_do_with_it(house: OpenHouse, ada: Caller) -> None:
    """Hold 25: security headers on every answer and page, whatever it is about."""

    async def broken() -> None:
        raise RuntimeError

    house.app.router.routes.append(APIRoute("/broken", broken))
    for path in (
        "/",
        "/docs",
        "/docs/start.js",
        "/docs/assets/swagger-ui.css",
        "/docs/assets/nothing",
        "/openapi.json",
        "/healthz",
        "/readyz",
        "/metrics",
        "/version",
        "/v1/me",
        "/v1/nowhere",
        "/nowhere",
        "/broken",
        "/v1/users/me/statement.csv",
    ):
        for caller in (house.nobody, ada):
            headers = (await caller.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff", path
            assert headers["x-frame-options"] == "DENY", path
            assert headers["referrer-policy"] == "no-referrer", path
            assert headers["cross-origin-resource-policy"] == "same-origin", path
            assert headers["content-security-policy"].startswith("default-src 'none'; "), path
            assert "frame-ancestors 'none'" in headers["content-security-policy"], path
            assert len(headers.get_list("content-security-policy")) == 1, path
            may_be_kept = path.startswith("/docs/assets/")
            assert (headers.get("cache-control") == "no-store") != may_be_kept, path


async def test_the_pages_run_no_script_but_those_that_come_with_the_program(house: OpenHouse) -> None:
    """Hold 25: /docs works under a policy that forbids scripts within pages and from elsewhere."""
    page = await house.http.get("/docs")
    assert "script-src 'self';" in page.headers["content-security-policy"]
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page.text, re.DOTALL)
    assert [inner for _, inner in scripts] == ["", ""]
    assert " style=" not in page.text
    assert not re.search(r"\son[a-z]+=", page.text)
    for source in re.findall(r'(?:src|href)="([^"]*)"', page.text):
        assert source.startswith("/docs/")
        assert (await house.http.get(source)).status_code == 200
    assert (await house.http.get("/docs/start.js")).headers["content-type"].startswith("text/javascript")


async def test_with_a_public_address_with_tls_browsers_are_told_to_stay_with_it(house: OpenHouse) -> None:
    assert "strict-transport-security" not in (await house.http.get("/healthz")).headers
    async with talking_to(create_app(choosing(house, is_public_by_https=True))) as http:
        assert (await http.get("/healthz")).headers["strict-transport-security"].startswith("max-age=")


async def test_pages_of_other_sites_can_do_nothing_unless_they_are_named(house: OpenHouse) -> None:
    """Hold 25: without the setting there is no header that would let them."""
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
    preflight = await house.http.options("/v1/transfers", headers=asked)
    assert preflight.status_code == 405
    plain = await house.http.get("/version", headers={"Origin": PAGE})
    for answer in (preflight, plain):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_pages_that_are_named_can_use_the_api_and_read_every_answer(house: OpenHouse, ada: Caller) -> None:
    """Hold 25: CORS by setting, for refusals and crashes as well."""

    async def broken() -> None:
        raise RuntimeError

    app = create_app(choosing(house, cors_origins=frozenset([PAGE])))
    app.router.routes.append(APIRoute("/broken", broken))
    async with talking_to(app) as http:
        preflight = await http.options(
            "/v1/transfers",
            headers={
                "Origin": PAGE,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization, content-type, idempotency-key, x-request-id",
            },
        )
        assert (preflight.status_code, preflight.content) == (204, b"")
        assert preflight.headers["access-control-allow-origin"] == PAGE
        assert {"POST", "DELETE"} <= set(preflight.headers["access-control-allow-methods"].split(", "))
        assert "Idempotency-Key" in preflight.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in preflight.headers
        credential = {"Authorization": f"Bearer {ada.bearer}", "Origin": PAGE}
        for path, status in (("/v1/me", 200), ("/v1/users", 403), ("/v1/nowhere", 404), ("/broken", 500)):
            answer = await http.get(path, headers=credential)
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, PAGE)
            assert "Idempotency-Replayed" in answer.headers["access-control-expose-headers"]
        twice = await http.get("/v1/me", headers=[*credential.items(), ("Authorization", "Bearer x")])
        assert (twice.status_code, twice.headers["access-control-allow-origin"]) == (400, PAGE)
        other = await http.get("/v1/me", headers={**credential, "Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize(
    "asked",
    [
        {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
        {"Origin": PAGE, "Access-Control-Request-Method": "TRACE"},
        {"Origin": PAGE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-other"},
    ],
)
async def test_a_page_that_may_not_is_told_so_in_the_form_of_every_refusal(
    house: OpenHouse, asked: dict[str, str]
) -> None:
    """Hold 25: in our own words, not in the web framework's."""
    async with talking_to(create_app(choosing(house, cors_origins=frozenset([PAGE])))) as http:
        answer = await http.options("/v1/transfers", headers=asked)
    assert (answer.status_code, answer.json()["code"]) == (400, "cross_origin_refused")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "EVENS_CORS_ORIGINS" in answer.json()["detail"]


async def test_every_page_may_if_the_operator_says_so(house: OpenHouse) -> None:
    async with talking_to(create_app(choosing(house, cors_origins=frozenset("*")))) as http:
        answer = await http.get("/version", headers={"Origin": PAGE})
    assert answer.headers["access-control-allow-origin"] == "*"


def test_the_front_tells_browsers_what_the_api_tells_them() -> None:
    """What the front says itself has the headers of the application's own answers, with the same values."""
    lines = re.findall(
        r'^ +http-after-response set-header (\S+) (?:"(.*?)"|(\S+))', FRONT.read_text("utf-8"), re.MULTILINE
    )
    set_by_front = {(name.lower().encode(), (quoted or plain).encode()) for name, quoted, plain in lines}
    assert set_by_front == {*OF_DATA, HTTPS_ONLY}
