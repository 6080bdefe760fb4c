"""Writing an answer: its head and the first part of its body in one packet, with one system call.

The server writes the head of an answer as soon as it is known, and the body after it. Nearly always both are known in
the same turn of the event loop, and sending twice costs more than making the answer. So a head is kept until the body
follows, the answer is complete, or the next turn begins, whichever is first.
"""

import asyncio
from typing import Final

_HEAD: Final = b"HTTP/1.1 "


class AnswerWriter(asyncio.Transport):
    """What the server writes the answers of one connection to. It is no more of a transport than answers need."""

    __slots__ = ("_head", "_loop", "_transport")

    def __init__(self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport) -> None:
        super().__init__()
        self._loop = loop
        self._transport = transport
        self._head = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes after those that were written before."""
        if self._head:
            data = b"".join((self._head, data))
            self._head = b""
        elif data[: len(_HEAD)] == _HEAD:
            self._head = bytes(data)
            self._loop.call_soon(self.flush)
            return
        self._transport.write(data)

    def flush(self) -> None:
        """Send a head that is kept, unless the connection is over."""
        if self._head:
            head, self._head = self._head, b""
            if not self._transport.is_closing():
                self._transport.write(head)

    def close(self) -> None:
        """Send what is kept, then close the connection."""
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Return whether the connection is closed, or about to be."""
        return self._transport.is_closing()
