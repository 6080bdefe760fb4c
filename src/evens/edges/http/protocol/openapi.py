"""The OpenAPI document: generated from the routes, with every problem they can answer."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from evens.edges.http.protocol.cors import REQUEST_ID_HEADER
from evens.edges.http.protocol.idempotency import REPLAYED_HEADER
from evens.edges.http.protocol.problem import MEDIA_TYPE, Problem
from evens.edges.http.protocol.strict import StrictRoute

_REF: Final = "#/components/schemas/{model}"
_METHODS: Final = ("get", "post", "put", "patch", "delete")

_DESCRIPTIONS: Final[Mapping[int, str]] = {
    400: "The body is not JSON, or cannot be inflated, or a header that must stand alone is there twice.",
    401: "No credentials, or not valid ones.",
    402: "Not enough money; `detail` says what is needed and what there is.",
    403: "Not the caller's to do.",
    404: "Unknown.",
    409: "The state of things does not allow it.",
    413: "The body is too long.",
    415: "The body is not declared as JSON, or compressed in another way than `gzip` or `deflate`.",
    422: "A field has the wrong shape or value, or the Idempotency-Key stands for another request.",
    429: "Too many requests; come again after `Retry-After` seconds.",
    503: "Nothing can be booked or read at the moment; the same request can be sent again after `Retry-After` seconds.",
}

_API: Final = "/v1/"
_TEXT_HEADER: Final = {"schema": {"type": "string"}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of a route that answers with problems of these statuses."""
    return {status: _describe(status) for status in statuses}


def install(app: FastAPI) -> None:
    """Let the application generate its document here, once."""

    def generate() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _generate(app)
        return app.openapi_schema

    app.openapi = generate


def _generate(app: FastAPI) -> dict[str, Any]:
    for route in app.routes:
        if isinstance(route, StrictRoute):
            route.describe_answer()
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, description=app.description, routes=app.routes
    )
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    problem = TypeAdapter(Problem).json_schema(mode="serialization", ref_template=_REF)
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path, operation in _operations(document):
        _complete(operation, is_api=path.startswith(_API))
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    return document


def _operations(document: Mapping[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, item[method]


def _complete(operation: dict[str, Any], *, is_api: bool) -> None:
    """Add what every operation of a kind can answer, and the headers that come with answers."""
    responses: dict[str, Any] = operation["responses"]
    statuses: set[int] = {400, 422, 429, 503} if is_api or "security" in operation else set()
    if "security" in operation:
        statuses |= {401, 403}
    if "requestBody" in operation:
        statuses |= {400, 413, 415, 422}
    for status in statuses:
        responses[str(status)] = _describe(status)
    has_key = any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", ()))
    for status, response in responses.items():
        headers = response.setdefault("headers", {})
        headers[REQUEST_ID_HEADER] = _TEXT_HEADER
        if has_key and status not in {"401", "503"}:
            headers[REPLAYED_HEADER] = _TEXT_HEADER
        if status in {"429", "503"}:
            headers["Retry-After"] = _TEXT_HEADER
        if status == "401":
            headers["WWW-Authenticate"] = _TEXT_HEADER
    operation["responses"] = dict(sorted(responses.items()))


def _describe(status: int) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
    return {"description": _DESCRIPTIONS[status], "content": content}
