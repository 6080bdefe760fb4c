"""What is wrong with a request, in our own words: all bodies and parameters of all routes, given nonsense."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from starlette.exceptions import HTTPException

from evens.edges.http.protocol.strict import BATCH_BYTES_MAX
from evens.validation_messages import OTHERWISE, message_of
from tests.edges.conftest import Caller, OpenHouse

NONSENSE: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    float("1e300"),
    "",
    "x",
    "x" * 2000,
    "\ud800",
    "\x00",
    "2.50",
    "1e3",
    [],
    [None],
    [{}],
    ["x"] * 2000,
    {},
    {"x": 1},
)
LIBRARIES: Final = (
    "Input should", "Value error", "valid string", "at least 1 character", "should have", "Field required", "permitted",
    "Extra inputs", "unable to parse", "String should", "List should", "parsing the body", "Expecting",
)  # fmt: skip


def bodies(app: FastAPI) -> Iterator[tuple[str, type[Any]]]:
    """Yield every type of body that a route takes."""
    for route in app.routes:
        if isinstance(route, APIRoute) and route.body_field is not None:
            yield route.path, route.body_field.field_info.annotation  # pyright: ignore[reportReturnType]


def wrong_bodies(schema: dict[str, Any], definitions: dict[str, Any], depth: int = 0) -> Iterator[Any]:
    """Yield bodies with nonsense everywhere that the schema has something."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    for inner in schema.get("anyOf", ()):
        yield from wrong_bodies(inner, definitions, depth)
    yield from NONSENSE
    if depth > 2:
        return
    for name, inner in schema.get("properties", {}).items():
        for value in wrong_bodies(inner, definitions, depth + 1):
            yield {name: value}
    if "items" in schema:
        for value in wrong_bodies(schema["items"], definitions, depth + 1):
            yield [value]


def errors_of(kind: Any, value: Any) -> list[Any]:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        return list(error.errors(include_url=False))
    return []


async def test_every_kind_of_error_in_every_body_has_words_of_our_own(house: OpenHouse) -> None:
    """Hold 25: messages in our own words everywhere, none of a library's."""
    kinds: set[str] = set()
    for path, kind in bodies(house.app):
        schema = TypeAdapter(kind).json_schema()
        for value in wrong_bodies(schema, schema.get("$defs", {})):
            for error in errors_of(kind, value):
                kinds.add(error["type"])
                message = message_of(error)
                assert message != OTHERWISE, (path, error)
                assert error["msg"].lower() not in message.lower(), (path, error)
                assert not [words for words in LIBRARIES if words in message], (path, error)
    assert len(kinds) > 12


async def test_every_parameter_of_every_route_has_words_of_our_own(house: OpenHouse, operator: Caller) -> None:
    """Hold 25: queries, paths and headers too; an empty one is said to be empty."""
    empty: set[str] = set()
    for path, item in house.app.openapi()["paths"].items():
        for method, operation in item.items():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] != "query":
                    continue
                for value in ("", "x" * 3000, "-1", "1.5", "0", "9" * 5000, "\x00", "é", "1e3", "true", "2026-11-20"):
                    address = path.replace("{id}", "me").replace("{runner_id}", "1")
                    headers = {"Authorization": f"Bearer {operator.bearer}"}
                    answer = await house.http.request(
                        method, address, params={parameter["name"]: value}, headers=headers
                    )
                    text = answer.text
                    assert answer.status_code < 500, (address, parameter["name"], value, text)
                    assert OTHERWISE not in text, (address, text)
                    assert not [words for words in LIBRARIES if words in text], (address, parameter["name"], text)
                    if value == "" and answer.status_code == 422 and "must not be empty" in text:
                        empty.add(f"{address} {parameter['name']}")
    assert "/v1/users/me/balance currency" in empty


async def test_nothing_is_there_by_a_name_that_no_text_can_be(house: OpenHouse, operator: Caller) -> None:
    """Hold 25: a NUL in an address is a 404, and none of the database's errors."""
    for path, item in house.app.openapi()["paths"].items():
        if "{" in path:
            address = re.sub(r"\{[^}]+\}", "%00", path)
            for method in item:
                headers = {"Authorization": f"Bearer {operator.bearer}"}
                answer = await house.http.request(method, address, headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), address


async def test_an_empty_currency_is_said_to_be_empty(house: OpenHouse, ada: Caller) -> None:
    """Hold 25: `?currency=`."""
    answer = await ada.get("/v1/users/me/balance", currency="")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "currency", "message": "must not be empty"}]


async def test_a_key_given_twice_is_named_by_its_path(house: OpenHouse, ada: Caller) -> None:
    """Hold 25: `deposit.day`."""
    content = b'{"currency": "USD", "deposit": {"day": "1.00", "day": "2.00"}}'
    headers = {"Authorization": f"Bearer {ada.bearer}", "Content-Type": "application/json"}
    answer = await house.http.put("/v1/me/limits", content=content, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "deposit.day", "message": "is given more than once"}]


async def test_a_time_that_no_calendar_has_is_refused_in_our_own_words(house: OpenHouse, ada: Caller) -> None:
    """Hold 25: not in those of the standard library."""
    for at in ("2026-02-30T00:00:00Z", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00+00:99"):
        answer = await ada.get("/v1/users/me/balance", at=at)
        message = "names no moment of the calendar; check the day, the time and the offset"
        assert answer.json()["errors"] == [{"field": "at", "message": message}]


@pytest.mark.parametrize("status", [400, 401, 403, 406, 413, 418, 431])
async def test_what_the_web_framework_refuses_is_said_in_our_own_words(house: OpenHouse, status: int) -> None:
    """Hold 25: its own sentences are for programmers."""

    async def refuse() -> None:
        raise HTTPException(status, "There was an error parsing the body")

    house.app.router.routes.append(APIRoute("/refused", refuse))
    answer = await house.nobody.get("/refused")
    assert (answer.status_code, answer.json()["code"]) == (status, "request_refused")
    assert answer.json()["detail"] == "The request could not be read; check it and send it again."


@pytest.mark.parametrize("content", [b"[" * 3000, b'"', b"nul", b"{]", b"[1,,2]", b"\xff", b"\x00", b"1 2"])
async def test_whatever_is_no_json_is_said_without_the_words_of_the_parser(
    house: OpenHouse, ada: Caller, content: bytes
) -> None:
    assert len(content) < BATCH_BYTES_MAX
    headers = {"Authorization": f"Bearer {ada.bearer}", "Content-Type": "application/json"}
    answer = await house.http.post("/v1/transfers", content=content, headers=headers)
    assert answer.status_code in {400, 422}
    assert not [words for words in (*LIBRARIES, "codec", "delimiter") if words in answer.text]


async def test_an_error_of_a_kind_that_nobody_knows_is_no_reason_to_quote_it(house: OpenHouse) -> None:
    error = {"type": "brand_new", "loc": ("body", "amount"), "msg": "Input should be wonderful", "input": "x"}

    async def refuse() -> None:
        raise RequestValidationError([error])

    house.app.router.routes.append(APIRoute("/refused", refuse))
    answer = await house.nobody.get("/refused")
    assert answer.json()["errors"] == [{"field": "amount", "message": OTHERWISE}]
