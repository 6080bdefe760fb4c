"""Accepting connections of the Exchange Stream: each has a place from its first moment on, before it has said anything.

A connection that is still agreeing on TLS holds a descriptor like any other. So it takes one of the server's places
(:mod:`evens.edges.http.protocol.places`) as soon as it is accepted, may be sent away for another one, and has so long
for TLS. A proxy that is trusted may say before everything else whose connection it passes on; then the place is one of
that address (:mod:`evens.edges.betfair.stream.proxy_header`). While the process has no descriptor left, connections
wait in the system's queue.
"""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from typing import Final

import structlog

from evens.edges.betfair.stream.connection import LineConnection
from evens.edges.betfair.stream.metrics import BetfairStreamMetrics
from evens.edges.betfair.stream.proxy_header import BEGINNINGS, first_byte, read_client
from evens.edges.http.protocol.places import Places

_AT_ONCE: Final = 100
"""After so many connections other tasks get a turn."""

_HEADER_S: Final = 0.25
"""How long a proxy's header is waited for without TLS. It comes with the connection, or not at all."""

_PAUSE_S: Final = 1.0
_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

_log: Final = structlog.get_logger("evens.betfair.stream")


class Acceptor:
    """Accepts connections on ``listener`` until :meth:`close`, with TLS if there is a ``context`` for it.

    ``make`` returns the protocol of a connection from an address; it agrees on TLS within ``handshake_s``.
    """

    def __init__(
        self,
        listener: socket.socket,
        places: Places,
        context: ssl.SSLContext | None,
        make: Callable[[str], LineConnection],
        metrics: BetfairStreamMetrics,
        handshake_s: float,
    ) -> None:
        self._listener = listener
        self._places = places
        self._context = context
        self._make = make
        self._metrics = metrics
        self._handshake_s = handshake_s
        self._loop = asyncio.get_running_loop()
        self._opening: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        listener.setblocking(False)
        self._begin()

    def close(self) -> None:
        """Accept nothing more, and let go of connections that have not agreed on TLS yet."""
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._listener)
        self._listener.close()
        for task in list(self._opening):
            task.cancel()

    def _begin(self) -> None:
        self._pause = None
        self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                connection, address = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as trouble:
                if trouble.errno not in _EXHAUSTED:
                    raise
                _log.warning("betfair_stream_accepts_nothing", error=str(trouble))
                self._loop.remove_reader(self._listener)
                self._pause = self._loop.call_later(_PAUSE_S, self._begin)
                return
            self._admit(connection, address[0])

    def _admit(self, connection: socket.socket, address: str) -> None:
        """Give a connection a place and open it, or close it if there is no place."""
        made = self._make(address)
        place = self._places.take(address, made.leave)
        if place is None:
            self._metrics.refused.labels("full").inc()
            connection.close()
            return
        made.place = place
        connection.setblocking(False)
        task = made.opening = self._loop.create_task(self._open(connection, made))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _open(self, connection: socket.socket, made: LineConnection) -> None:
        """Agree on TLS, and hand the connection over. One that fails gives its place back."""
        handshake_s = None if self._context is None else self._handshake_s
        try:
            if self._places.is_shared(made.address) and await self._has_header(connection):
                async with asyncio.timeout(self._handshake_s):
                    await self._find_client(connection, made)
            await self._loop.connect_accepted_socket(
                lambda: made, connection, ssl=self._context, ssl_handshake_timeout=handshake_s
            )
        except OSError as trouble:
            if made.place is not None:
                self._metrics.refused.labels("handshake").inc()
            _log.debug("betfair_stream_handshake_failed", error=str(trouble))
        finally:
            made.opening = None
            if not made.is_open:
                connection.close()
                made.release()

    async def _has_header(self, connection: socket.socket) -> bool:
        """Return whether a connection begins with a header. Raises ``TimeoutError`` if nothing comes before TLS."""
        try:
            async with asyncio.timeout(_HEADER_S if self._context is None else self._handshake_s):
                return await first_byte(connection) in BEGINNINGS
        except TimeoutError:
            if self._context is not None:
                raise
            # Without TLS the server speaks first, and a client of its own waits for that.
            return False

    async def _find_client(self, connection: socket.socket, made: LineConnection) -> None:
        """Take the header off a connection, and count it by the client's address.

        Raises :class:`evens.edges.betfair.stream.proxy_header.HeaderWrong`, and ``ConnectionError`` without a place.
        """
        client = await read_client(connection)
        if client is None:
            return
        made.release()
        made.address = client
        made.place = self._places.take(client, made.leave)
        if made.place is None:
            self._metrics.refused.labels("full").inc()
            raise ConnectionRefusedError("there is no place for another connection from this address")
