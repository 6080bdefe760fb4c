"""A webhook receiver on loopback that answers as a test says, and records the requests."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from tests.listening import listening


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]
    body: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass(frozen=True)
class Reply:
    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


Behaviour = Callable[[Request], Awaitable[Reply]]


class Receiver:
    def __init__(self, port: int, scheme: str) -> None:
        self.port = port
        self.url = f"{scheme}://127.0.0.1:{port}/hook"
        self.requests: list[Request] = []
        self.connections = 0
        self.replies: list[Reply] = []
        self.behave: Behaviour = self.answer_in_turn
        self._arrival = asyncio.Condition()

    async def received(self, count: int) -> list[Request]:
        """Wait until this many requests have come, and return them."""
        async with self._arrival, asyncio.timeout(10):
            await self._arrival.wait_for(lambda: len(self.requests) >= count)
        return self.requests

    async def answer_in_turn(self, _request: Request) -> Reply:
        """Give the replies that were set, and then 204."""
        return self.replies.pop(0) if self.replies else Reply()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while (request := await _read(reader)) is not None:
                self.requests.append(request)
                async with self._arrival:
                    self._arrival.notify_all()
                await _write(writer, await self.behave(request))
        except ConnectionError:
            pass

    @staticmethod
    @asynccontextmanager
    async def open(certificate: ssl.SSLContext | None = None) -> "AsyncGenerator[Receiver]":
        receivers: list[Receiver] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await receivers[0]._serve(reader, writer)

        async with listening(serve, certificate) as port:
            receivers.append(Receiver(port, "https" if certificate else "http"))
            yield receivers[0]


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(first.split()[1], headers, body.decode())


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> None:
    headers = dict(reply.headers)
    if reply.status != HTTPStatus.NO_CONTENT:
        headers.setdefault("content-length", str(len(reply.body)))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {reply.status} Answer\r\n{lines}\r\n".encode() + reply.body)
    await writer.drain()
