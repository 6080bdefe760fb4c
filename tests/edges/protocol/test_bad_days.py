"""Requests that go wrong: what is said, with which status, and that it is always said in the same form."""

import re

import pytest
from fastapi.routing import APIRoute
from structlog.testing import capture_logs

from evens.edges.http.app import create_app
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.metrics import Metrics
from evens.edges.http.reads import Reads
from evens.edges.http.services import compose_services
from evens.sequencer.errors import CommandFailed, KeyReused, NotLeading, OutcomeUnknown, Overloaded
from evens.store.database import Database
from tests.edges.conftest import Caller, OpenHouse, talking_to

MEMBERS = {"type", "title", "status", "detail", "code"}


def add_route(house: OpenHouse, error: Exception) -> None:
    async def break_down() -> None:
        raise error

    house.app.router.routes.append(APIRoute("/broken", break_down))


async def test_an_address_that_is_not_there_is_404(house: OpenHouse) -> None:
    answer = await house.nobody.get("/v1/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:evens:problem:not_found",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address; /docs shows what there is.",
        "code": "not_found",
    }


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/users", "GET, HEAD, POST"),
        ("PUT", "/v1/users/me", "GET, HEAD"),
        ("GET", "/v1/transfers", "POST"),
        ("PATCH", "/v1/api-keys/x", "DELETE"),
        ("POST", "/healthz", "GET, HEAD"),
    ],
)
async def test_a_method_that_is_not_there_is_405_with_those_that_are(
    house: OpenHouse, method: str, path: str, allowed: str
) -> None:
    answer = await house.http.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Overloaded(), 503, "overloaded"),
        (NotLeading("it is starting"), 503, "not_leading"),
        (OutcomeUnknown(), 503, "outcome_unknown"),
        (CommandFailed(), 500, "command_failed"),
        (KeyReused(), 422, "idempotency_key_reused"),
        (RuntimeError("secret details"), 500, "internal_error"),
    ],
)
async def test_what_stands_in_the_way_of_booking_is_told(
    house: OpenHouse, error: Exception, status: int, code: str
) -> None:
    add_route(house, error)
    answer = await house.nobody.get("/broken")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("retry-after" in answer.headers) == (status == 503)
    assert "secret" not in answer.text
    assert set(answer.json()) >= MEMBERS


async def test_a_crash_names_the_request_to_the_caller_and_the_error_to_the_log(house: OpenHouse) -> None:
    add_route(house, RuntimeError("the cause"))
    with capture_logs() as lines:
        answer = await house.http.get("/broken", headers={"X-Request-Id": "my-request-7"})
    assert "my-request-7" in answer.json()["detail"]
    broke, request = lines
    assert (broke["event"], broke["log_level"]) == ("request_broke", "error")
    assert (request["event"], request["status"]) == ("request", 500)


async def test_while_the_house_does_not_write_booking_is_503_and_reading_goes_on(
    house: OpenHouse, ada: Caller, bob: Caller
) -> None:
    house.stage.sequencer.stop()
    answer = await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "1"}, key="k")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_leading")
    assert answer.headers["retry-after"] == "1"
    assert (await ada.get("/v1/users/me/balance")).json()["cash"] == "100.00"
    assert (await ada.get("/v1/outcomes/k")).status_code == 404
    ready = await house.nobody.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "not_ready")
    assert [check["name"] for check in ready.json()["checks"] if not check["ok"]] == ["sequencer"]


async def test_while_the_database_is_away_everything_says_so(house: OpenHouse, ada: Caller, bob: Caller) -> None:
    away = await Database.open("postgresql://nobody@/nothing?host=/nonexistent")
    services = house.services
    lost = compose_services(
        services.gateway,
        Reads.on(away),
        services.identity,
        services.operator.webhooks,
        challenge_links=services.challenges.links,
        metrics=Metrics(),
        currencies=services.currencies,
    )
    async with talking_to(create_app(lost)) as http:
        ada = Caller(http, ada.bearer)
        for answer in (
            await ada.get("/v1/users/me/balance"),
            await ada.get("/v1/users/me/statement.csv"),
            await ada.post("/v1/transfers", {"to_username": "bob", "amount": "1"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
            assert answer.headers["retry-after"] == "1"
        ready = await ada.get("/readyz")
        assert ready.status_code == 503
        assert [check["name"] for check in ready.json()["checks"] if check["ok"]] == ["sequencer", "clock"]
        assert (await ada.get("/metrics")).status_code == 200
        assert (await ada.get("/healthz")).status_code == 200
    await away.close()


async def test_before_the_currencies_are_known_callers_are_asked_to_come_back(house: OpenHouse, ada: Caller) -> None:
    services = house.services
    starting = compose_services(
        services.gateway,
        Reads.on(house.database),
        services.identity,
        services.operator.webhooks,
        challenge_links=services.challenges.links,
        metrics=Metrics(),
        currencies=Currencies(),
    )
    async with talking_to(create_app(starting)) as http:
        answer = await Caller(http, ada.bearer).get("/v1/users/me/balance")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_leading")


async def test_a_request_id_is_made_where_none_is_given(house: OpenHouse) -> None:
    ids = [(await house.nobody.get("/healthz")).headers["x-request-id"] for _ in range(2)]
    assert ids[0] != ids[1]
    assert all(re.fullmatch(r"req_[0-9a-f]{24}", each) for each in ids)


@pytest.mark.parametrize("given", ["a", "01J9-xyz_1.2:3/4+5=6@7", "x" * 128])
async def test_a_sane_request_id_is_kept(house: OpenHouse, given: str) -> None:
    answer = await house.http.get("/v1/nowhere", headers={"X-Request-Id": given})
    assert answer.headers.get_list("x-request-id") == [given]


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, 'a"b', "<script>"])
async def test_any_other_request_id_is_replaced(house: OpenHouse, given: str) -> None:
    answer = await house.http.get("/v1/nowhere", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"].startswith("req_")
