"""HTTP connections with bounds: how long and how large a request may be before it is understood.

uvicorn's protocol reads a head of any length for any time, and so lets anybody hold memory and descriptors without ever
asking for anything. Here:

- a head (request line and headers) has at most :data:`HEAD_BYTES_MAX` bytes and :data:`HEADERS_MAX` headers; 431;
- of HTTP/1.1, it names the host that it is for; 400;
- it must be complete :data:`HEAD_S_MAX` seconds after the connection was opened, or its first byte came, else the
  connection is closed; a body must be complete after :data:`BODY_S_MAX` seconds; 408;
- what is neither head nor body (chunk extensions, trailers) is bounded like a head;
- an answer that is not fetched within :data:`FLUSH_S_MAX` seconds after the last one was given is dropped;
- a connection needs a place (:mod:`evens.edges.http.protocol.places`); 503 without one.

A request that comes in one piece, as nearly all do, starts no timer and is counted by its length alone. An answer that
is given in one piece is sent in one piece: see :mod:`evens.edges.http.protocol.answer_writer`.
"""

import asyncio
from collections.abc import Mapping
from enum import Enum, auto
from functools import partial
from http import HTTPStatus
from typing import Any, Final, cast

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from evens.edges.http.protocol.answer_writer import AnswerWriter
from evens.edges.http.protocol.places import Place, Places
from evens.edges.http.protocol.problem import MEDIA_TYPE, Problem, problem
from evens.edges.http.protocol.security_headers import Headers, of_refusals

HEAD_BYTES_MAX: Final = 32 * 1024
HEADERS_MAX: Final = 100
HEAD_S_MAX: Final = 10.0
BODY_S_MAX: Final = 60.0
FLUSH_S_MAX: Final = 30.0

_HOST: Final = b"host"

_TOO_LARGE: Final = problem(
    431,
    "head_too_large",
    f"The request's head is too large: at most {HEAD_BYTES_MAX // 1024} KiB and {HEADERS_MAX} headers are read.",
)
_TOO_SLOW: Final = problem(408, "request_too_slow", "The request's body did not arrive in time; send it again.")
_FULL: Final = problem(
    503, "overloaded", "There are as many connections as this server can serve; try again in a moment."
)
_NO_HOST: Final = problem(
    400, "host_missing", "Send the header Host: HTTP/1.1 requires it, and a proxy before us may go by it."
)
_MALFORMED: Final = problem(400, "malformed_request", "This is not HTTP/1.1 that can be read.")


class _Awaited(Enum):
    """What of a request must come before the timer runs out."""

    HEAD = auto()
    BODY = auto()


class _HeadRefused(Exception):
    """Stops the parser at a head that is refused."""


class BoundedHttp(HttpToolsProtocol):
    """One connection. ``places`` are those of all connections of the server; see :func:`bounded_by`."""

    places: Places
    is_public_by_https = False
    head_s_max = HEAD_S_MAX
    body_s_max = BODY_S_MAX

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._place: Place | None = None
        self._is_over = False
        self._refusal = _MALFORMED
        self._in_head = False
        self._in_body = False
        self._has_progressed = False
        self._chunk_bytes = 0
        self._head_bytes_most = 0
        self._stray_bytes = 0
        self._awaited: _Awaited | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Take a place, and begin to wait for a request."""
        super().connection_made(transport)
        self._answers = AnswerWriter(self.loop, transport)
        address = None if self.client is None else self.client[0]
        self._place = self.places.take(address, transport.abort)
        if self._place is None:
            self._refuse(_FULL, {"Retry-After": "5"})
        else:
            self._await(_Awaited.HEAD)

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self._await(None)
        if self._place is not None:
            self._place.release()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, unless the connection is refused."""
        if self._is_over:
            return
        self._has_progressed = False
        self._chunk_bytes = len(data)
        self._head_bytes_most += len(data)
        super().data_received(data)
        if self._is_over or self.transport.is_closing():
            return
        if self._has_progressed or not (self._in_head or self._in_body):
            self._stray_bytes = 0
        else:
            # Neither was a head begun or ended with these bytes, nor has any become a part of a body.
            self._stray_bytes += len(data)
            if self._stray_bytes > HEAD_BYTES_MAX:
                self._refuse(_TOO_LARGE)
                return
        self._await(self._next_awaited())

    def on_message_begin(self) -> None:
        """Begin to read a head, which has its own time."""
        super().on_message_begin()
        self._in_head = self._has_progressed = True
        self._head_bytes_most = self._chunk_bytes
        self._await(None)

    def on_headers_complete(self) -> None:
        """Refuse a head that is too large or names no host, or have its request served."""
        # The bytes that came since it began may be those of a body, too; only if they are many, it is measured.
        is_long = self._head_bytes_most > HEAD_BYTES_MAX and self._measure_head() > HEAD_BYTES_MAX
        if is_long or len(self.headers) > HEADERS_MAX:
            self._refusal = _TOO_LARGE
            raise _HeadRefused
        if self._lacks_host():
            self._refusal = _NO_HOST
            raise _HeadRefused
        self._in_head, self._in_body, self._has_progressed = False, True, True
        if self._place is not None:
            self._place.busy()
        super().on_headers_complete()
        if (cycle := self._latest) is not None:
            cycle.transport = self._answers

    def on_body(self, body: bytes) -> None:
        """Take in a part of a body."""
        self._has_progressed = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the request is complete."""
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, and let others have the place meanwhile."""
        self._answers.flush()
        super().on_response_complete()
        if self.transport.is_closing():
            self._drop_unfetched()
        elif self._place is not None and not self._is_answering:
            self._place.idle()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over to the WebSocket, with its place."""
        self._is_over = True
        self._await(None)
        self.ws_protocol_class = partial(cast("Any", self.ws_protocol_class), place=self._place)
        self._place = None
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser could not or may not read, in our own words."""
        self._refuse(self._refusal)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nothing was asked any more."""
        self._close()

    def _measure_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _lacks_host(self) -> bool:
        parser = self.parser
        is_required = parser is not None and parser.get_http_version() == "1.1"
        return is_required and not any(name == _HOST for name, _ in self.headers)

    @property
    def _is_answering(self) -> bool:
        cycle = self._latest
        return cycle is not None and not cycle.response_complete

    @property
    def _latest(self) -> RequestResponseCycle | None:
        """The latest request whose head is complete, if there was one."""
        return cast("RequestResponseCycle | None", self.cycle)

    def _next_awaited(self) -> _Awaited | None:
        if self._in_body:
            return _Awaited.BODY
        # Bytes that begin no request, such as empty lines, are waited for no longer than a head.
        return _Awaited.HEAD if self._in_head or not self._is_answering else None

    def _await(self, awaited: _Awaited | None) -> None:
        """Start the timer for what is awaited; a timer for the same thing goes on."""
        if awaited is self._awaited:
            return
        self._awaited = awaited
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if awaited is not None:
            self._timer = self.loop.call_later(
                self.head_s_max if awaited is _Awaited.HEAD else self.body_s_max, self._run_out, awaited
            )

    def _run_out(self, awaited: _Awaited) -> None:
        """End a request that has not come in time; while an earlier one is being answered, wait once more."""
        self._awaited = self._timer = None
        if self.transport.is_closing():
            return
        if awaited is _Awaited.HEAD and self._is_answering:
            self._await(awaited)
        elif awaited is _Awaited.HEAD:
            # Nobody has asked for anything yet.
            self._close()
        else:
            self._refuse(_TOO_SLOW)

    def _refuse(self, refusal: Problem, headers: Mapping[str, str] | None = None) -> None:
        """Answer with a problem, if the client waits for an answer to this request, and close the connection."""
        self._is_over = True
        self._await(None)
        if self._awaits_answer:
            secured = of_refusals(is_public_by_https=self.is_public_by_https)
            self._answers.write(_answer(refusal, headers or {}, secured))
        if (cycle := self._latest) is not None:
            # Whoever makes an answer, or waits for a body, hears that nobody wants it any more.
            cycle.disconnected = True
            cycle.message_event.set()
        self._close()

    @property
    def _awaits_answer(self) -> bool:
        """Whether the next answer that is sent would be taken for that to the request which is being read."""
        cycle = self._latest
        if cycle is not None and not cycle.response_complete:
            return self._in_body and not cycle.response_started
        return cycle is None or not self._in_body

    def _close(self) -> None:
        """Close the connection."""
        self._answers.close()
        self._drop_unfetched()

    def _drop_unfetched(self) -> None:
        """Wait for the client to fetch its answer, but not for ever."""
        if self.transport.get_write_buffer_size():
            self.loop.call_later(FLUSH_S_MAX, self.transport.abort)


def bounded_by(places: Places, *, is_public_by_https: bool = False) -> type[BoundedHttp]:
    """Return the protocol of a server whose connections share these places; browsers may be told to stay with TLS."""
    return type("PlacedHttp", (BoundedHttp,), {"places": places, "is_public_by_https": is_public_by_https})


def _answer(refusal: Problem, headers: Mapping[str, str], secured: Headers) -> bytes:
    """Return the whole answer as it is sent, since it is given outside of any application."""
    content = msgspec.json.encode(refusal.document())
    lines = {
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(content)),
        "Connection": "close",
        **{name.decode().title(): value.decode() for name, value in secured},
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}\r\n{head}\r\n".encode() + content
