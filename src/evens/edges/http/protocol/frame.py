"""The frame around every request: its id, its log line, its measurement, and the last word if something unknown breaks.

Pure ASGI: nothing is buffered, and a request costs a few microseconds more.
"""

import re
import secrets
from collections.abc import Sequence
from time import perf_counter
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, unbind_contextvars

from evens.edges.http.protocol.metrics import Metrics
from evens.edges.http.protocol.problem import answer_problem, problem

REQUEST_ID_HEADER: Final = "X-Request-Id"
_HEADER: Final = b"x-request-id"
_API_PREFIX: Final = "/v1/"
_API_HEADERS: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
_SANE: Final = re.compile(rb"[A-Za-z0-9_.:/+=@-]{1,128}")
_UNMATCHED: Final = "(none)"
_PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})

_log: Final = structlog.get_logger("evens.http")


class Frame:
    """Wraps the application: takes or makes the request's id, echoes it, logs, measures, answers a crash with 500."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        headers = (_HEADER, request_id), *(_API_HEADERS if scope["path"].startswith(_API_PREFIX) else ())
        sender = _Sender(send, headers)
        bind_contextvars(request_id=request_id.decode())
        started = perf_counter()
        try:
            await self._app(scope, receive, sender.send)
        except Exception:
            _log.exception("request_broke", method=scope["method"], path=scope["path"])
            if sender.status:
                raise
            await _answer_broken(request_id)(scope, receive, sender.send)
        finally:
            self._note(scope, sender.status, perf_counter() - started)
            unbind_contextvars("request_id", "caller")

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", _UNMATCHED)
        self._metrics.answered(scope["method"], route, status, seconds)
        # Probes and scrapes come every few seconds for ever, and say nothing.
        log = _log.debug if route in _PROBES else _log.info
        log(
            "request",
            method=scope["method"],
            path=scope["path"],
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 3),
        )


class _Sender:
    """Adds headers to the answer and remembers its status; 0 until it begins."""

    __slots__ = ("_headers", "_send", "status")

    def __init__(self, send: Send, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._headers = headers
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._headers]
        await self._send(message)


def _request_id(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == _HEADER and _SANE.fullmatch(value):
            return value
    return b"req_" + secrets.token_hex(12).encode()


def _answer_broken(request_id: bytes) -> ASGIApp:
    detail = (
        "Something broke on our side. Ask again with the same Idempotency-Key; "
        f"if it breaks again, report the request {request_id.decode()}."
    )
    return answer_problem(problem(500, "internal_error", detail))
