"""The frame around every request: its id, its log line, its measurement, and the last word if something unknown breaks.

What holds for every address is seen to here as well: HEAD is GET without the body, a header that must stand alone does,
whoever is not known does not ask too often, the cookie of a browser's session becomes the request's credential, and
every answer tells browsers what not to do with it.

Pure ASGI: nothing is buffered, and a request costs a few microseconds more.
"""

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from time import perf_counter
from typing import Final, Protocol

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, unbind_contextvars

from evens.edges.http.protocol.addresses import client_address
from evens.edges.http.protocol.cookies import SET_COOKIE, SessionCookies
from evens.edges.http.protocol.cors import REQUEST_ID_HEADER, CrossOrigin
from evens.edges.http.protocol.problem import Problem, Refused, answer_problem, problem
from evens.edges.http.protocol.security_headers import HTTPS_ONLY, OWN_HEADERS, security_headers

_ID: Final = REQUEST_ID_HEADER.lower().encode()
_AUTHORIZATION: Final = b"authorization"
_COOKIE: Final = b"cookie"
_ALONE: Final = {
    name.lower().encode(): name
    for name in (
        "Authorization",
        "Content-Encoding",
        "Content-Length",
        "Content-Type",
        "Host",
        "Idempotency-Key",
        "X-Authentication",
    )
}
"""Headers that mean one thing. Of two, one would be ignored, and a proxy before us may have looked at the other."""

_SANE: Final = re.compile(rb"[A-Za-z0-9_.:/+=@-]{1,128}")
_UNMATCHED: Final = "(none)"
_PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_BOUND: Final = ("request_id", "caller", "account", "outcome")
"""What may be bound to the log lines of a request."""

_SECRET: Final = re.compile(r"ev[ckprs]_[A-Za-z0-9_-]+|[1-9][0-9]*-[a-z2-7]{24}|eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+")
"""API keys, reset and refresh tokens, cookies, the tokens of challenges, and access tokens, wherever in a path."""

_log: Final = structlog.get_logger("evens.http")


class Door(Protocol):
    """Who is let in."""

    async def admit(self, scope: Scope, authorization: str | None) -> None:
        """Count a request on its way in, and note whose it is. Raises :class:`Refused`."""
        ...

    def turn_away(self, scope: Scope) -> None:
        """Count a request that is refused whoever sent it. Raises :class:`Refused`."""
        ...


class Measures(Protocol):
    """What counts answers."""

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an HTTP request under its route's template."""
        ...


class Frame:
    """Wraps the application: takes or makes the request's id, echoes it, logs, measures, answers a crash with 500.

    Pages of ``cors_origins`` may use the API from scripts. Where the server ``is_public_by_https``, browsers are told
    to stay with that. Without ``cookies``, none counts.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Measures,
        door: Door,
        *,
        cors_origins: Collection[str] = (),
        is_public_by_https: bool = False,
        cookies: SessionCookies | None = None,
    ) -> None:
        self._cookies = cookies
        self._cors_origins = cors_origins
        self._app = self._open_to_pages(app)
        self._metrics = metrics
        self._door = door
        self._more_headers = (HTTPS_ONLY,) if is_public_by_https else ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = _Head(scope)
        is_head = scope["method"] == "HEAD"
        # A copy: the server must know that it is asked for a head alone, and what the client sent.
        asked = {**scope, "method": "GET" if is_head else scope["method"]} if is_head or head.has_cookie else scope
        sender = _Sender(send, asked, ((_ID, head.request_id), *self._more_headers), with_body=not is_head)
        bind_contextvars(request_id=head.request_id.decode())
        started = perf_counter()
        try:
            refused = await self._refusal(asked, head, sender)
            await (self._app if refused is None else refused)(asked, receive, sender.send)
        except Exception:
            _log.exception("request_broke", method=scope["method"], path=_loggable(scope["path"]))
            if sender.status:
                raise
            broken = _broken(head.request_id)
            bind_contextvars(outcome=broken.code)
            await self._open_to_pages(answer_problem(broken))(asked, receive, sender.send)
        finally:
            self._note(scope, asked, sender.status, perf_counter() - started)
            unbind_contextvars(*_BOUND)

    async def _refusal(self, scope: Scope, head: "_Head", sender: "_Sender") -> ASGIApp | None:
        """Count a request; return the answer to one that is refused wherever it goes, ``None`` if it goes on."""
        try:
            if head.repeated:
                self._door.turn_away(scope)
                detail = f"Send the header {head.repeated} once; this request has it more than once."
                raise Refused(problem(400, "header_repeated", detail))
            if head.has_cookie and self._cookies is not None:
                await self._admit_cookie(scope, head, sender, self._cookies)
            elif scope["path"] not in _PROBES:
                await self._door.admit(scope, head.authorization)
        except Refused as refused:
            bind_contextvars(outcome=refused.problem.code)
            return self._open_to_pages(answer_problem(refused.problem, refused.headers))
        return None

    async def _admit_cookie(self, scope: Scope, head: "_Head", sender: "_Sender", cookies: SessionCookies) -> None:
        """Let the cookie be the credential, for the application as for the door; set it anew if it goes on."""
        try:
            token = cookies.credential_in(scope)
        except Refused:
            self._door.turn_away(scope)
            raise
        if token is not None:
            head.authorization = f"Bearer {token}"
            scope["headers"] = [*scope["headers"], (_AUTHORIZATION, head.authorization.encode("latin-1"))]
        await self._door.admit(scope, head.authorization)
        sender.cookie = None if token is None else cookies.renewal_of(token)

    def _open_to_pages(self, app: ASGIApp) -> ASGIApp:
        return CrossOrigin(app, self._cors_origins) if self._cors_origins else app

    def _note(self, scope: Scope, asked: Scope, status: int, seconds: float) -> None:
        path, route = scope["path"], getattr(asked.get("route"), "path", _UNMATCHED)
        self._metrics.answered(scope["method"], route, status, seconds)
        # Probes and scrapes come every few seconds for ever, and say nothing.
        log = _log.debug if route in _PROBES else _log.info
        log(
            "request",
            address=client_address(scope),
            method=scope["method"],
            # What is the route itself has nothing in it but what this program says.
            path=path if path == route else _loggable(path),
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 3),
        )


class _Head:
    """What the frame needs to know of a request's headers."""

    __slots__ = ("authorization", "has_cookie", "repeated", "request_id")

    def __init__(self, scope: Scope) -> None:
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        values = dict(headers)
        # Nearly always no header is there twice.
        self.repeated = "" if len(values) == len(headers) else _repeated_in(headers)
        authorization = values.get(_AUTHORIZATION)
        self.authorization = None if authorization is None else authorization.decode("latin-1")
        # Whoever sends another credential means that one.
        self.has_cookie = authorization is None and _COOKIE in values
        self.request_id = _request_id_in(headers) if _ID in values else _new_request_id()


class _Sender:
    """Adds headers to the answer, leaves its body out if asked to, and remembers its status; 0 until it begins.

    ``cookie`` is set with the answer, unless the answer sets one itself.
    """

    __slots__ = ("_headers", "_scope", "_send", "_with_body", "cookie", "status")

    def __init__(self, send: Send, scope: Scope, headers: Sequence[tuple[bytes, bytes]], *, with_body: bool) -> None:
        self.cookie: bytes | None = None
        self._send = send
        self._scope = scope
        self._headers = headers
        self._with_body = with_body
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            # Whoever serves pages says what browsers may do with them; all else follows from the address.
            for_browsers = self._scope.get(OWN_HEADERS) or security_headers(self._scope["path"])
            given = message.get("headers", ())
            message["headers"] = [*given, *self._headers, *for_browsers]
            if self.cookie is not None and not any(name == SET_COOKIE for name, _ in given):
                message["headers"].append((SET_COOKIE, self.cookie))
        elif not self._with_body:
            message = _without_body(message)
        await self._send(message)


def _repeated_in(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the name of a header that must stand alone and does not, empty if there is none."""
    counts = Counter(name for name, _ in headers)
    return next((text for name, text in _ALONE.items() if counts[name] > 1), "")


def _request_id_in(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the first id that the client gave and that can be echoed, else a new one."""
    return next((value for name, value in headers if name == _ID and _SANE.fullmatch(value)), None) or _new_request_id()


def _new_request_id() -> bytes:
    return b"req_" + os.urandom(12).hex().encode()


def _without_body(message: Message) -> Message:
    return {**message, "body": b""} if message["type"] == "http.response.body" else message


def _loggable(path: str) -> str:
    """Return a path without what opens something to whoever reads it."""
    return _SECRET.sub("…", path)


def _broken(request_id: bytes) -> Problem:
    detail = (
        "Something broke on our side. Ask again with the same Idempotency-Key; "
        f"if it breaks again, report the request {request_id.decode()}."
    )
    return problem(500, "internal_error", detail)
