"""Letting scripts of other web pages use the API: only of the origins that the operator has named.

Browsers send them no cookie of ours (no answer allows credentials), so a page can send only what it was given.
"""

from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp
from structlog.contextvars import bind_contextvars

from evens.edges.http.protocol.idempotency import REPLAYED_HEADER
from evens.edges.http.protocol.problem import answer_problem, problem

REQUEST_ID_HEADER: Final = "X-Request-Id"

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_ASKED_WITH: Final = ("Authorization", "Content-Encoding", "Content-Type", "Idempotency-Key", REQUEST_ID_HEADER)
_ANSWERED_WITH: Final = (REPLAYED_HEADER, REQUEST_ID_HEADER, "Retry-After", "WWW-Authenticate", "Allow")


class CrossOrigin(CORSMiddleware):
    """The web framework's middleware, with refusals in the form of all others. An origin ``*`` is every page."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_ASKED_WITH,
            expose_headers=_ANSWERED_WITH,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """Return the answer to a browser that asks what a page may do."""
        response = super().preflight_response(request_headers)
        del response.headers["content-type"]
        if response.status_code < 400:
            return Response(status_code=204, headers=_without_length(response))
        detail = (
            "This page may not send this request: either EVENS_CORS_ORIGINS does not name its origin, or the method is "
            f"none of {', '.join(_METHODS)}, or there are headers besides {', '.join(_ASKED_WITH)}."
        )
        bind_contextvars(outcome="cross_origin_refused")
        return answer_problem(problem(400, "cross_origin_refused", detail), _without_length(response))


def _without_length(response: Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name != "content-length"}
