"""One TCP connection as the Exchange Stream needs it: whole lines in, lines out, and an eye on how fast the reader is.

What comes in is bounded: a line that is longer than :data:`LINE_BYTES_MAX` ends the connection, and while
:data:`LINES_MAX` wait to be handled, nothing more is read. What goes out waits in the transport's buffer; while that is
above its high-water mark the reader is *behind*, and whoever stays behind for too long is disconnected.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from socket import SO_SNDBUF, SOL_SOCKET
from typing import Final, cast

from evens.edges.http.protocol.places import Place

LINE_BYTES_MAX: Final = 64 * 1024
LINES_MAX: Final = 16

_SEND_BUFFER_BYTES: Final = 64 * 1024
_CLOSE_GRACE_S: Final = 1.0


class LineTooLong(Exception):
    """A line is longer than the server takes."""


class LineConnection(asyncio.Protocol):
    """A connection from ``address``, from when it was accepted until it is lost.

    ``opened`` is called with it once lines can come and go. ``stalled`` is called before a reader is disconnected that
    stayed behind for ``stalled_after_s``. ``place`` is its place, and ``opening`` the task that opens it, meanwhile.
    """

    def __init__(
        self,
        address: str,
        opened: Callable[["LineConnection"], None],
        stalled: Callable[[], None],
        stalled_after_s: float,
    ) -> None:
        self.address = address
        self.place: Place | None = None
        self.opening: asyncio.Task[None] | None = None
        self._opened = opened
        self._stalled = stalled
        self._stalled_after_s = stalled_after_s
        self._transport: asyncio.Transport | None = None
        self._partial = bytearray()
        self._lines: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._trouble: LineTooLong | None = None
        self._is_lost = False
        self._stall_timer: asyncio.TimerHandle | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self.resumed: Callable[[], None] = _nothing
        """Called whenever the reader has caught up."""

    @property
    def is_open(self) -> bool:
        """Whether it was opened; it may be lost by now."""
        return self._transport is not None

    @property
    def is_behind(self) -> bool:
        """Whether so much of what was written is still unsent that nothing more should be written."""
        return not self._writable.is_set()

    @property
    def is_lost(self) -> bool:
        """Whether the client is gone."""
        return self._is_lost

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to take lines."""
        self._transport = made = cast("asyncio.Transport", transport)
        peer = made.get_extra_info("socket")
        if peer is not None:
            # The socket's own buffer may be megabytes, which a slow reader would have to read before newer messages.
            with suppress(OSError):
                peer.setsockopt(SOL_SOCKET, SO_SNDBUF, _SEND_BUFFER_BYTES)
        self._opened(self)

    def data_received(self, data: bytes) -> None:
        """Take what came apart into lines."""
        if self._trouble is not None or self._is_lost:
            return
        self._partial += data
        if b"\n" in data:
            *lines, rest = self._partial.split(b"\n")
            self._partial = rest
        else:
            lines, rest = [], self._partial
        if max(map(len, (*lines, rest))) > LINE_BYTES_MAX:
            self._trouble = LineTooLong()
            self._partial = bytearray()
        self._lines += [bytes(line) for line in lines if line.strip() and len(line) <= LINE_BYTES_MAX]
        self._wake.set()
        if self._transport is not None and (len(self._lines) >= LINES_MAX or self._trouble is not None):
            self._transport.pause_reading()

    async def read_line(self) -> bytes | None:
        """Return the next line without its end, ``None`` once the client is gone. Raises :class:`LineTooLong`."""
        while not self._lines:
            if self._is_lost:
                return None
            if self._trouble is not None:
                raise self._trouble
            self._wake.clear()
            await self._wake.wait()
        line = self._lines.popleft()
        if len(self._lines) < LINES_MAX and self._trouble is None and self._transport is not None:
            self._transport.resume_reading()
        return line

    def busy(self) -> None:
        """Say that the client is being served: it is not sent away for another."""
        if self.place is not None:
            self.place.busy()

    def leave(self) -> None:
        """End at once: another connection gets the place."""
        if self._transport is not None:
            self._transport.abort()
        elif self.opening is not None:
            self.opening.cancel()

    def release(self) -> None:
        """Give the place back."""
        if self.place is not None:
            self.place.release()

    def write(self, line: bytes) -> None:
        """Write a whole line; this does nothing once the connection is ending."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(line)

    async def drain(self) -> None:
        """Wait until the reader is no longer behind, or is gone."""
        await self._writable.wait()

    def close(self) -> None:
        """Close the connection once what was written is sent, without waiting long for the client to read it.

        What the client has sent and was not read yet is not read any more.
        """
        self._is_lost = True
        self._lines.clear()
        self._wake.set()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()
            asyncio.get_running_loop().call_later(_CLOSE_GRACE_S, self._transport.abort)

    def pause_writing(self) -> None:
        """Note that the reader is behind, and start the timer that disconnects it."""
        self._writable.clear()
        if self._stall_timer is None:
            self._stall_timer = asyncio.get_running_loop().call_later(self._stalled_after_s, self._disconnect_stalled)

    def resume_writing(self) -> None:
        """Note that the reader has caught up."""
        self._writable.set()
        self._cancel_stall_timer()
        self.resumed()

    def eof_received(self) -> bool:
        """Close the connection: a client that sends nothing more does not listen either."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Let whoever waits for the client know, and give the place back."""
        self._is_lost = True
        self._cancel_stall_timer()
        self.release()
        self.resumed = _nothing
        self._writable.set()
        self._wake.set()

    def _disconnect_stalled(self) -> None:
        self._stall_timer = None
        self._stalled()
        if self._transport is not None:
            self._transport.abort()

    def _cancel_stall_timer(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None


def _nothing() -> None:
    """Do nothing."""
