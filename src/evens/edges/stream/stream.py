"""The stream as a whole: accepts WebSockets, runs the background tasks, and composes the parts."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from evens.edges.http.protocol.addresses import client_address
from evens.edges.http.protocol.cookies import SessionCookies
from evens.edges.http.protocol.own_origin import OwnOrigin
from evens.edges.http.protocol.problem import answer_problem, problem
from evens.edges.http.protocol.security_headers import harden
from evens.edges.http.protocol.throttle import CallerThrottle
from evens.edges.stream.channel import Channel
from evens.edges.stream.credential_check import CredentialCheck
from evens.edges.stream.heartbeat import send_heartbeats
from evens.edges.stream.hub import Hub
from evens.edges.stream.idleness import close_idle
from evens.edges.stream.metrics import StreamMetrics
from evens.edges.stream.protocol import connection_of
from evens.edges.stream.reader import Reader
from evens.edges.stream.request_handler import RequestHandler
from evens.edges.stream.running import run_beside
from evens.identity.service import Identity

PATH: Final = "/v1/stream"

_RETRY_AFTER: Final = {"Retry-After": "5"}

_log: Final = structlog.get_logger("evens.stream")

Application = Callable[..., Awaitable[Any]]
"""An ASGI application."""


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """The stream's settings. ``pause_s`` is the shortest time between two rounds of messages.

    ``origins`` are those of web pages, besides the server's own, that may connect. Who neither authenticates nor
    follows anything for ``idle_s`` is disconnected. ``public_url`` is where browsers reach this server.
    """

    pause_s: float = 0.05
    heartbeat_s: float = 5
    stalled_after_s: float = 10
    idle_s: float = 30
    connections_max: int = 5_000
    subscriptions_max: int = 100
    origins: frozenset[str] = frozenset()
    public_url: str = ""


class Stream:
    """Serves WebSockets at :data:`PATH`. :meth:`run` must be running meanwhile."""

    def __init__(
        self,
        channels: Sequence[Channel],
        identity: Identity,
        throttle: CallerThrottle,
        registry: CollectorRegistry,
        cookies: SessionCookies,
        settings: StreamSettings | None = None,
    ) -> None:
        settings = settings or StreamSettings()
        self._settings = settings
        self._cookies = cookies
        self._own = OwnOrigin(settings.public_url)
        self.metrics: Final = StreamMetrics(registry)
        self._readers: dict[Reader, None] = {}
        self.hub: Final = Hub(
            channels,
            self.metrics,
            pause_s=settings.pause_s,
            subscriptions_max=settings.subscriptions_max,
        )
        self._credentials = CredentialCheck(self._readers, self.hub, identity)
        self._requests = RequestHandler(channels, self.hub, identity, throttle)
        self._stopping = asyncio.Event()

    def before(self, app: Application) -> Application:
        """Return an application that serves WebSockets here, and passes everything else on to ``app``."""

        def route(scope: Scope, receive: Receive, send: Send) -> Awaitable[Any]:
            return (self.serve if scope["type"] == "websocket" else app)(scope, receive, send)

        return route

    async def run(self) -> None:
        """Send readers changes and heartbeats until :meth:`stop`.

        Raises what went wrong if one of the background tasks ends. It can then be run again: the views, and what the
        readers have been sent, are kept.
        """
        settings, readers = self._settings, self._readers
        try:
            await run_beside(
                self._stopping,
                self.hub.broadcaster.run(),
                send_heartbeats(readers, self.metrics, settings.heartbeat_s),
                self._credentials.run(settings.heartbeat_s),
                close_idle(readers, settings.idle_s),
            )
        finally:
            if self._stopping.is_set():
                self.hub.close()

    def stop(self) -> None:
        """Make :meth:`run` return."""
        self._stopping.set()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one WebSocket from its handshake until it ends."""
        refusal = self._refusal(scope)
        if refusal is not None:
            await harden(refusal, is_public_by_https=self._own.is_by_https)(scope, receive, send)
            return
        address = client_address(scope)
        bind_contextvars(address=address)
        await receive()
        await send({"type": "websocket.accept"})
        connection = connection_of(scope)
        reader = Reader(connection, self.metrics, address, self._cookie_of(scope))
        self._readers[reader] = None
        self.metrics.connections.inc()
        connection.watch(
            resumed=partial(self.hub.broadcaster.resume, reader),
            stalled=self.metrics.dropped.inc,
            stalled_after_s=self._settings.stalled_after_s,
        )
        try:
            while (message := await receive())["type"] == "websocket.receive":
                text = message.get("text")
                await self._requests.handle(reader, message["bytes"] if text is None else text)
                # A client that does not receive its answers must not make more of them pile up.
                await connection.drain()
        finally:
            self._readers.pop(reader)
            self.metrics.connections.dec()
            self.hub.unsubscribe_all(reader)
        _log.debug("stream_closed", code=message.get("code"))

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a handshake that is refused, ``None`` if it is accepted."""
        if scope["path"] != PATH:
            return answer_problem(problem(404, "not_found", f"The only WebSocket here is {PATH}."))
        if not self._is_origin_allowed(scope):
            self.metrics.refused.labels("origin").inc()
            return answer_problem(problem(403, "origin_foreign", "Pages of other sites may not open this stream."))
        if len(self._readers) >= self._settings.connections_max:
            self.metrics.refused.labels("full").inc()
            detail = "There are as many connections as this server can serve; try again in a moment."
            return answer_problem(problem(503, "overloaded", detail), _RETRY_AFTER)
        return None

    def _is_origin_allowed(self, scope: Scope) -> bool:
        """Return whether a web page of this origin may connect. Clients that are no web pages send no origin."""
        origin = Headers(scope=scope).get("origin")
        return origin is None or origin in self._settings.origins or self._is_own(scope)

    def _is_own(self, scope: Scope) -> bool:
        """Return whether one of our own pages connects."""
        headers = Headers(scope=scope)
        return self._own.has(headers.get("origin", ""), headers.get("host"))

    def _cookie_of(self, scope: Scope) -> str | None:
        """Return the cookie of a browser's session, but only if it was not another site's page that made it sent."""
        return self._cookies.token_in(scope["headers"]) if self._is_own(scope) else None
