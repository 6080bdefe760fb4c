"""What can go wrong on the way, as problems: one handler for each family of exceptions."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from structlog.contextvars import bind_contextvars

from evens.edges.http.protocol.problem import FieldError, Problem, Refused, answer_problem, problem, refuse_fields
from evens.edges.http.protocol.services import SharedServices
from evens.identity import errors as identity
from evens.identity.judging import Starting
from evens.sequencer.errors import CommandFailed, KeyReused, NotBooked, NotLeading, OutcomeUnknown, Overloaded
from evens.store.errors import StoreUnavailable
from evens.validation_messages import message_of

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
    Starting: 503,
}

_UNREADABLE: Final = "The request could not be read; check it and send it again."
"""What is said where the web framework refuses a request in words of its own."""


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
        return _answer(error.problem, error.headers)
    if error.status_code == 404:
        return _answer(problem(404, "not_found", "There is nothing at this address; /docs shows what there is."))
    if error.status_code == 405:
        allowed = ", ".join(sorted(_methods_at(request)))
        trouble = problem(405, "method_not_allowed", f"This address takes {allowed}, not {request.method}.")
        return _answer(trouble, {"Allow": allowed})
    return _answer(problem(error.status_code, "request_refused", _UNREADABLE), error.headers)


async def _answer_invalid(_request: Request, error: RequestValidationError) -> Response:
    found = [(name_field(each["loc"]), message_of(each)) for each in error.errors()]
    return _answer(refuse_fields(*found).problem)


def present_trouble(error: NotBooked | KeyReused) -> Problem:
    """Return the problem of a command that got no receipt."""
    if isinstance(error, KeyReused):
        return _key_reused(str(error))
    if isinstance(error, CommandFailed):
        return problem(500, "command_failed", str(error))
    return problem(503, _CODE_BY_TROUBLE[type(error)], str(error))


async def _answer_trouble(_request: Request, error: NotBooked | KeyReused) -> Response:
    trouble = present_trouble(error)
    return _answer(trouble, _RETRY if trouble.status == 503 else None)


async def _answer_unavailable(_request: Request, _error: StoreUnavailable) -> Response:
    detail = "The database cannot be reached at the moment; the same request can be sent again."
    return _answer(problem(503, "database_unavailable", detail), _RETRY)


async def _answer_identity(request: Request, error: identity.IdentityError) -> Response:
    services: SharedServices = request.app.state.services
    error = services.identity.judging.answer_to(error)
    status = next(_IDENTITY_STATUS[kind] for kind in type(error).__mro__ if kind in _IDENTITY_STATUS)
    if isinstance(error, identity.ValueRefused):
        return _answer(refuse_fields((error.field, str(error)), code=error.code).problem)
    if isinstance(error, identity.RequestDiffers):
        return _answer(_key_reused(str(error)))
    code = "forbidden" if type(error) is identity.NotPermitted else error.code
    return _answer(problem(status, code, str(error)), _identity_headers(error))


def _answer(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response that carries a problem, and let the request's log line tell its code."""
    bind_contextvars(outcome=problem.code)
    return answer_problem(problem, headers)


def _identity_headers(error: identity.IdentityError) -> dict[str, str] | None:
    if isinstance(error, identity.NotAuthenticated):
        return {"WWW-Authenticate": 'Bearer realm="evens"'}
    if isinstance(error, identity.TryLater):
        return {"Retry-After": str(error.retry_after_s)}
    return None


def _key_reused(detail: str) -> Problem:
    errors = [FieldError("Idempotency-Key", "was used before with a different request")]
    return problem(422, "idempotency_key_reused", detail, errors)


def _methods_at(request: Request) -> set[str]:
    """Return every method that some route takes at this address; a route knows only its own."""
    path: str = request.scope["path"]
    return {
        method
        for route in iter_route_contexts(request.app.routes)
        if route.methods and route.path_regex.fullmatch(path)
        for method in _with_head(route.methods)
    }


def _with_head(methods: Iterable[str]) -> set[str]:
    """Return the methods, and HEAD where there is GET: the frame makes it of that."""
    return {*methods, "HEAD"} if "GET" in methods else {*methods}
