"""What can go wrong on the way, as problems: one handler for each family of exceptions."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from evens.edges.http.protocol.problem import FieldError, Problem, Refused, answer_problem, problem, refuse_fields
from evens.identity import errors as identity
from evens.sequencer.errors import CommandFailed, KeyReused, NotBooked, NotLeading, OutcomeUnknown, Overloaded
from evens.store.errors import StoreUnavailable

RETRY_AFTER_S: Final = "1"
_RETRY: Final = {"Retry-After": RETRY_AFTER_S}

_CODE_BY_TROUBLE: Final[Mapping[type[NotBooked], str]] = {
    Overloaded: "overloaded",
    NotLeading: "not_leading",
    OutcomeUnknown: "outcome_unknown",
}

_IDENTITY_STATUS: Final[Mapping[type[identity.IdentityError], int]] = {
    identity.NotAuthenticated: 401,
    identity.NotPermitted: 403,
    identity.NotFound: 404,
    identity.AlreadySo: 409,
    identity.ValueRefused: 422,
    identity.RequestDiffers: 422,
    identity.TooManyAttempts: 429,
    identity.PasswordsBusy: 503,
}

_MESSAGES: Final[Mapping[str, str]] = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this request",
    "string_type": "must be a string",
    "string_unicode": "must be valid Unicode text",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}
"""What to say instead of the validator's own words, by kind of error."""


def install(app: FastAPI) -> None:
    """Make every known exception end in a problem document. What is unknown is the frame's business."""
    handlers: dict[type[Exception], Callable[[Request, Any], Any]] = {
        HTTPException: _answer_refused,
        RequestValidationError: _answer_invalid,
        NotBooked: _answer_trouble,
        KeyReused: _answer_trouble,
        StoreUnavailable: _answer_unavailable,
        identity.IdentityError: _answer_identity,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def name_field(location: Iterable[int | str]) -> str:
    """Return a field's path as people write it, such as ``transfers[3].amount``."""
    _place, *rest = location
    name = ""
    for step in rest:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name or "body"


async def _answer_refused(request: Request, error: HTTPException) -> Response:
    if isinstance(error, Refused):
        return answer_problem(error.problem, error.headers)
    if error.status_code == 404:
        return answer_problem(problem(404, "not_found", "There is nothing at this address; /docs shows what there is."))
    if error.status_code == 405:
        allowed = ", ".join(sorted(_methods_at(request)))
        trouble = problem(405, "method_not_allowed", f"This address takes {allowed}, not {request.method}.")
        return answer_problem(trouble, {"Allow": allowed})
    return answer_problem(problem(error.status_code, "request_refused", str(error.detail)), error.headers)


async def _answer_invalid(_request: Request, error: RequestValidationError) -> Response:
    found = [(name_field(each["loc"]), _message(each)) for each in error.errors()]
    return answer_problem(refuse_fields(*found).problem)


def present_trouble(error: NotBooked | KeyReused) -> Problem:
    """Return the problem of a command that got no receipt."""
    if isinstance(error, KeyReused):
        return _key_reused(str(error))
    if isinstance(error, CommandFailed):
        return problem(500, "command_failed", str(error))
    return problem(503, _CODE_BY_TROUBLE[type(error)], str(error))


async def _answer_trouble(_request: Request, error: NotBooked | KeyReused) -> Response:
    trouble = present_trouble(error)
    return answer_problem(trouble, _RETRY if trouble.status == 503 else None)


async def _answer_unavailable(_request: Request, _error: StoreUnavailable) -> Response:
    detail = "The database cannot be reached at the moment; the same request can be sent again."
    return answer_problem(problem(503, "database_unavailable", detail), _RETRY)


async def _answer_identity(_request: Request, error: identity.IdentityError) -> Response:
    status = next(_IDENTITY_STATUS[kind] for kind in type(error).__mro__ if kind in _IDENTITY_STATUS)
    if isinstance(error, identity.ValueRefused):
        return answer_problem(refuse_fields((error.field, str(error)), code=error.code).problem)
    if isinstance(error, identity.RequestDiffers):
        return answer_problem(_key_reused(str(error)))
    code = "forbidden" if type(error) is identity.NotPermitted else error.code
    return answer_problem(problem(status, code, str(error)), _identity_headers(error))


def _identity_headers(error: identity.IdentityError) -> dict[str, str] | None:
    if isinstance(error, identity.NotAuthenticated):
        return {"WWW-Authenticate": 'Bearer realm="evens"'}
    if isinstance(error, identity.TryLater):
        return {"Retry-After": str(error.retry_after_s)}
    return None


def _key_reused(detail: str) -> Problem:
    errors = [FieldError("Idempotency-Key", "was used before with a different request")]
    return problem(422, "idempotency_key_reused", detail, errors)


def _message(error: Mapping[str, Any]) -> str:
    known = _MESSAGES.get(error["type"])
    if known is not None:
        return known
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _methods_at(request: Request) -> set[str]:
    """Return every method that some route takes at this address; a route knows only its own."""
    path: str = request.scope["path"]
    return {
        method
        for route in iter_route_contexts(request.app.routes)
        if route.methods and route.path_regex.fullmatch(path)
        for method in route.methods
    }
