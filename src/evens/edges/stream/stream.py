"""The stream as a whole: the door for WebSockets, what runs beside them, and how it is put together."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from prometheus_client import CollectorRegistry
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.problem import answer_problem, problem
from evens.edges.stream.desk import Desk
from evens.edges.stream.hub import Hub
from evens.edges.stream.metrics import StreamMetrics
from evens.edges.stream.protocol import connection_of
from evens.edges.stream.pulse import Pulse
from evens.edges.stream.reader import Reader
from evens.edges.stream.views import Views
from evens.identity.service import Identity
from evens.store.exchange.snapshots import Snapshots

PATH: Final = "/v1/stream"

_RETRY_AFTER: Final = {"Retry-After": "5"}

_log: Final = structlog.get_logger("evens.stream")

Application = Callable[..., Awaitable[Any]]
"""An ASGI application."""


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What can be chosen. ``origins`` are those of web pages, beside the server's own, that may connect."""

    pause_s: float = 0.05
    heartbeat_s: float = 5
    stalled_after_s: float = 10
    connections_max: int = 5_000
    subscriptions_max: int = 100
    origins: frozenset[str] = frozenset()


class Stream:
    """Serves WebSockets at :data:`PATH`. Runs beside the requests until it is told to stop."""

    def __init__(
        self,
        snapshots: Snapshots,
        currencies: Currencies,
        identity: Identity,
        registry: CollectorRegistry,
        settings: StreamSettings | None = None,
    ) -> None:
        settings = settings or StreamSettings()
        self._settings = settings
        self._metrics = StreamMetrics(registry)
        self._readers: dict[Reader, None] = {}
        self.hub: Final = Hub(
            Views(snapshots, currencies),
            self._metrics,
            pause_s=settings.pause_s,
            subscriptions_max=settings.subscriptions_max,
        )
        self._desk = Desk(self.hub, identity)
        self._pulse = Pulse(self._readers, self.hub, identity, self._metrics, settings.heartbeat_s)
        self._stopping = asyncio.Event()

    def before(self, app: Application) -> Application:
        """Return an application that serves WebSockets here, and everything else by ``app``."""

        def route(scope: Scope, receive: Receive, send: Send) -> Awaitable[Any]:
            return (self.serve if scope["type"] == "websocket" else app)(scope, receive, send)

        return route

    async def run(self) -> None:
        """Tell readers what happens until :meth:`stop`."""
        tasks = [
            asyncio.create_task(work)
            for work in (self.hub.teller.run(), self._pulse.beat(), self._pulse.check_credentials())
        ]
        try:
            await self._stopping.wait()
        finally:
            self.hub.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def stop(self) -> None:
        """Let :meth:`run` return."""
        self._stopping.set()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one WebSocket, from its handshake to its end."""
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.accept"})
        connection = connection_of(scope)
        reader = Reader(connection, self._metrics)
        self._readers[reader] = None
        self._metrics.connections.inc()
        connection.watch(
            resumed=partial(self.hub.teller.resume, reader),
            stalled=self._metrics.dropped.inc,
            stalled_after_s=self._settings.stalled_after_s,
        )
        try:
            while (message := await receive())["type"] == "websocket.receive":
                text = message.get("text")
                await self._desk.answer(reader, message["bytes"] if text is None else text)
                # Nobody gets more answers than they take.
                await connection.caught_up()
        finally:
            self._readers.pop(reader)
            self._metrics.connections.dec()
            self.hub.leave_all(reader)
        _log.debug("stream_closed", code=message.get("code"))

    def _refusal(self, scope: Scope) -> Response | None:
        """Return what to answer a handshake that is not accepted."""
        if scope["path"] != PATH:
            return answer_problem(problem(404, "not_found", f"The only WebSocket here is {PATH}."))
        if not self._is_welcome(scope):
            self._metrics.refused.labels("origin").inc()
            return answer_problem(problem(403, "origin_foreign", "Pages of other sites may not open this stream."))
        if len(self._readers) >= self._settings.connections_max:
            self._metrics.refused.labels("full").inc()
            detail = "There are as many connections as this server can serve; try again in a moment."
            return answer_problem(problem(503, "overloaded", detail), _RETRY_AFTER)
        return None

    def _is_welcome(self, scope: Scope) -> bool:
        """Return whether the page that connects is one of ours; what is no page has no origin."""
        headers: dict[bytes, str] = {name: value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get(b"origin")
        if origin is None or origin in self._settings.origins:
            return True
        try:
            site = urlsplit(origin).netloc
        except ValueError:
            return False
        return site != "" and site.lower() == headers.get(b"host", "").lower()
