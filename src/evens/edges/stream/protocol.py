"""One WebSocket connection as the stream needs it: whole frames written as they are, and an eye on the reader's pace.

A message for a thousand readers is one bytes object, framed once; the server's own way would encode, and wait, for each
reader anew. What is written waits in a bounded buffer: above its mark the reader counts as behind, and one that stays
behind is cut off.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from socket import SO_SNDBUF, SOL_SOCKET
from typing import Any, Final, Protocol

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

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
    """What the stream does with a connection."""

    def write(self, frame: bytes) -> None:
        """Write a whole frame; nothing happens once the connection is ending."""
        ...

    @property
    def is_behind(self) -> bool:
        """Whether the reader has not taken what was written before, so that nothing more should be."""
        ...

    async def caught_up(self) -> None:
        """Wait until the reader is not behind, or gone."""
        ...

    def watch(self, *, resumed: Callable[[], None], stalled: Callable[[], None], stalled_after_s: float) -> None:
        """Call ``resumed`` whenever the reader has caught up; drop one that does not in time, and say ``stalled``."""
        ...

    def close(self, code: int, reason: str) -> None:
        """End the connection; a client that does not answer is left behind."""
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
    """Return the connection of a WebSocket that :class:`StreamProtocol` serves."""
    return scope["extensions"][_EXTENSION]["connection"]


class StreamProtocol(WebSocketsSansIOProtocol):
    """Implements :class:`Connection` on uvicorn's own protocol, which does everything else."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._resumed: Callable[[], None] = _nothing
        self._stalled: Callable[[], None] = _nothing
        self._stalled_after_s: float | None = None
        self._stall_timer: asyncio.TimerHandle | None = None

    async def run_asgi(self) -> None:
        """Let the application find this connection."""
        extensions: dict[str, Any] = {**(self.scope.get("extensions") or {}), _EXTENSION: {"connection": self}}
        self.scope["extensions"] = extensions
        await super().run_asgi()
        # Whoever does not take the last bytes must not keep them here.
        self._abort_soon()

    def write(self, frame: bytes) -> None:
        """Write a whole frame."""
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(frame)

    @property
    def is_behind(self) -> bool:
        """Whether the buffer is above its mark."""
        return not self.writable.is_set()

    async def caught_up(self) -> None:
        """Wait until the buffer has drained, or the connection is lost."""
        await self.writable.wait()

    def watch(self, *, resumed: Callable[[], None], stalled: Callable[[], None], stalled_after_s: float) -> None:
        """Begin to look after the reader's pace, with a small buffer in the system as well."""
        self._resumed, self._stalled, self._stalled_after_s = resumed, stalled, stalled_after_s
        peer = self.transport.get_extra_info("socket")
        if peer is not None:
            # The system's own buffer may be megabytes, in which a slow reader would find nothing but old news.
            with suppress(OSError):
                peer.setsockopt(SOL_SOCKET, SO_SNDBUF, _SEND_BUFFER_BYTES)

    def pause_writing(self) -> None:
        """Note that the reader is behind, and give it so long."""
        super().pause_writing()
        if self._stalled_after_s is not None and self._stall_timer is None:
            self._stall_timer = self.loop.call_later(self._stalled_after_s, self._drop)

    def resume_writing(self) -> None:
        """Note that the reader has caught up."""
        super().resume_writing()
        self._forget_stall()
        self._resumed()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget everything."""
        self._forget_stall()
        self._resumed = self._stalled = _nothing
        super().connection_lost(exc)

    def handle_ping(self) -> None:
        """Answer a ping, unless the client asks without taking the answers."""
        if self.is_behind:
            self.conn.data_to_send()
        else:
            super().handle_ping()

    def shutdown(self) -> None:
        """Say that the server goes away."""
        if self.handshake_complete:
            self.close(GOING_AWAY, "the server stops")
        else:
            super().shutdown()
            self._abort_soon()

    def close(self, code: int, reason: str) -> None:
        """End the connection; a client that does not answer is left behind, so that the server can end."""
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

    def _drop(self) -> None:
        self._stall_timer = None
        self._stalled()
        self.close(POLICY_VIOLATION, "the reader has stalled")

    def _forget_stall(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None


def _nothing() -> None:
    """Do nothing."""
