"""One WebSocket connection as the stream needs it: it writes ready-made frames and watches how fast the reader is.

A message for a thousand readers is one bytes object, framed once; the ASGI interface would encode it, and wait, for
each reader anew. Written bytes wait in the transport's buffer. While the buffer is above its high-water mark, the
reader is *behind* and should be written nothing more. A reader that stays behind for too long is disconnected.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from socket import SO_SNDBUF, SOL_SOCKET
from typing import Any, Final, Protocol

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from evens.edges.http.protocol.places import Place

MESSAGE_BYTES_MAX: Final = 64 * 1024
"""Largest message that a client may send."""

GOING_AWAY: Final = 1001
POLICY_VIOLATION: Final = 1008

_EXTENSION: Final = "evens.connection"
_SEND_BUFFER_BYTES: Final = 64 * 1024
_CLOSE_GRACE_S: Final = 1.0
_TEXT: Final = b"\x81"
_SHORT_MAX: Final = 125
_MEDIUM_MAX: Final = 0xFFFF


class Connection(Protocol):
    """A connection as the rest of the stream uses it."""

    def write(self, frame: bytes) -> None:
        """Write a whole frame; this does nothing once the connection is ending."""
        ...

    @property
    def is_behind(self) -> bool:
        """Whether so much of what was written is still unsent that nothing more should be written."""
        ...

    async def drain(self) -> None:
        """Wait until the reader is no longer behind, or is gone."""
        ...

    def watch(self, *, resumed: Callable[[], None], stalled: Callable[[], None], stalled_after_s: float) -> None:
        """Call ``resumed`` whenever the reader has caught up.

        If it stays behind for ``stalled_after_s``, call ``stalled`` and disconnect it.
        """
        ...

    def close(self, code: int, reason: str) -> None:
        """Close the connection, without waiting long for the client to confirm."""
        ...


def frame(message: bytes) -> bytes:
    """Return a text message as a server's frame (RFC 6455, 5.2)."""
    length = len(message)
    if length <= _SHORT_MAX:
        return b"%b%c%b" % (_TEXT, length, message)
    if length <= _MEDIUM_MAX:
        return b"%b\x7e%b%b" % (_TEXT, length.to_bytes(2, "big"), message)
    return b"%b\x7f%b%b" % (_TEXT, length.to_bytes(8, "big"), message)


def connection_of(scope: Scope) -> Connection:
    """Return the connection that an ASGI scope of :class:`StreamProtocol` belongs to."""
    return scope["extensions"][_EXTENSION]["connection"]


class StreamProtocol(WebSocketsSansIOProtocol):
    """Implements :class:`Connection` on top of uvicorn's protocol, which does everything else.

    ``place`` is what the connection was given when it was opened.
    """

    def __init__(self, *arguments: Any, place: Place | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._place = place
        self._resumed: Callable[[], None] = _nothing
        self._stalled: Callable[[], None] = _nothing
        self._stalled_after_s: float | None = None
        self._stall_timer: asyncio.TimerHandle | None = None

    async def run_asgi(self) -> None:
        """Put this connection into the ASGI scope, then run the application."""
        extensions: dict[str, Any] = {**(self.scope.get("extensions") or {}), _EXTENSION: {"connection": self}}
        self.scope["extensions"] = extensions
        await super().run_asgi()
        # A client that does not receive the last bytes must not keep the connection open.
        self._abort_soon()

    def write(self, frame: bytes) -> None:
        """Write a whole frame."""
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(frame)

    @property
    def is_behind(self) -> bool:
        """Whether the buffer is above its high-water mark."""
        return not self.writable.is_set()

    async def drain(self) -> None:
        """Wait until the buffer has drained, or the connection is lost."""
        await self.writable.wait()

    def watch(self, *, resumed: Callable[[], None], stalled: Callable[[], None], stalled_after_s: float) -> None:
        """Begin to watch how fast the reader is, and make the socket's own buffer small."""
        self._resumed, self._stalled, self._stalled_after_s = resumed, stalled, stalled_after_s
        peer = self.transport.get_extra_info("socket")
        if peer is not None:
            # The socket's own buffer may be megabytes, which a slow reader would have to read before newer messages.
            with suppress(OSError):
                peer.setsockopt(SOL_SOCKET, SO_SNDBUF, _SEND_BUFFER_BYTES)

    def pause_writing(self) -> None:
        """Note that the reader is behind, and start the timer that disconnects it."""
        super().pause_writing()
        if self._stalled_after_s is not None and self._stall_timer is None:
            self._stall_timer = self.loop.call_later(self._stalled_after_s, self._disconnect_stalled)

    def resume_writing(self) -> None:
        """Note that the reader has caught up."""
        super().resume_writing()
        self._cancel_stall_timer()
        self._resumed()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching the reader, and give the place back."""
        self._cancel_stall_timer()
        if self._place is not None:
            self._place.release()
        self._resumed = self._stalled = _nothing
        super().connection_lost(exc)

    def handle_ping(self) -> None:
        """Answer a ping, unless the client is behind: answers to a client that reads none would pile up."""
        if self.is_behind:
            self.conn.data_to_send()
        else:
            super().handle_ping()

    def shutdown(self) -> None:
        """Close the connection because the server stops."""
        if self.handshake_complete:
            self.close(GOING_AWAY, "the server stops")
        else:
            super().shutdown()
            self._abort_soon()

    def close(self, code: int, reason: str) -> None:
        """Close the connection; one whose client does not confirm is aborted, so that the server can stop."""
        self.stop_keepalive()
        if not self.close_sent and not self.transport.is_closing():
            self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
            self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            if self.read_paused:
                self.read_paused = False
                self.transport.resume_reading()
        self._abort_soon()

    def _abort_soon(self) -> None:
        if self.close_timer is None:
            self.close_timer = self.loop.call_later(_CLOSE_GRACE_S, self.transport.abort)

    def _disconnect_stalled(self) -> None:
        self._stall_timer = None
        self._stalled()
        self.close(POLICY_VIOLATION, "the reader has stalled")

    def _cancel_stall_timer(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None


def _nothing() -> None:
    """Do nothing."""
