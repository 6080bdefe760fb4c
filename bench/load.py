"""A load generator: keep-alive connections that each send the next request when the last is answered."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Load:
    """The answers: how long each took, and how many had which status."""

    seconds: float = 0.0
    waits_s: list[float] = field(default_factory=list[float])
    statuses: dict[int, int] = field(default_factory=dict[int, int])
    bytes: int = 0
    """How long the last body was."""

    @property
    def per_s(self) -> float:
        """Answers a second."""
        return len(self.waits_s) / self.seconds

    @property
    def p99_ms(self) -> float:
        """The 99th percentile of the wait for an answer."""
        return sorted(self.waits_s)[len(self.waits_s) * 99 // 100] * 1000


class _Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: Load, request: Callable[[], bytes], until: float) -> None:
        self._load = load
        self._request = request
        self._until = until
        self._buffer = b""
        self._asked = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = _LENGTH.search(head)
        assert length is not None, head
        if len(body) < int(length[1]):
            return
        self._buffer = b""
        self._load.bytes = len(body)
        status = int(head[9:12])
        self._load.statuses[status] = self._load.statuses.get(status, 0) + 1
        self._load.waits_s.append(perf_counter() - self._asked)
        if self._asked < self._until:
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _ask(self) -> None:
        self._asked = perf_counter()
        self._transport.write(self._request())


async def drive(port: int, request: Callable[[], bytes], connections: int, seconds: float) -> Load:
    """Send requests over ``connections`` for ``seconds``, none of them twice."""
    load = Load()
    loop = asyncio.get_running_loop()
    started = perf_counter()
    clients = [
        (await loop.create_connection(lambda: _Client(load, request, started + seconds), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(client.done for client in clients))
    load.seconds = perf_counter() - started
    return load


def get(path: str, token: str) -> bytes:
    """Return the bytes of a GET."""
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\r\n".encode()


def post(path: str, token: str, body: bytes, key: str) -> bytes:
    """Return the bytes of a POST with a JSON body and an Idempotency-Key."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n"
        f"content-type: application/json\r\nidempotency-key: {key}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
