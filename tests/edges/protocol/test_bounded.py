"""Connections with bounds: heads without end, silence, slow bodies, and what is neither head nor body."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn

from evens.edges.http.protocol.bounded import HEAD_BYTES_MAX, HEADERS_MAX, bounded_by
from evens.edges.http.protocol.places import ConnectionLimits, Places
from evens.edges.http.protocol.security_headers import HTTPS_ONLY, OF_DATA
from evens.edges.stream.protocol import StreamProtocol
from tests.waiting import until

pytestmark = pytest.mark.anyio

PATIENCE_S = 20.0
HEAD_S = 0.3
BODY_S = 0.5
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\n"


async def count_bytes(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the number of bytes in the body; at /early before reading it; close a WebSocket when it speaks."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        await send({"type": "websocket.close"})
        return
    length, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message["body"])
        more = message["more_body"]
    content = str(length).encode()
    headers = [(b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


@dataclass
class Bounded:
    """A server whose connections are bounded, and have little time."""

    port: int
    places: Places
    writers: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    async def connect(self) -> "Client":
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        return Client(reader, writer)


@dataclass
class Client:
    """A connection to it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *pieces: bytes) -> None:
        """Send pieces, each in a packet of its own as far as the system lets that be."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0)

    async def status(self) -> int:
        """Return the status of the next answer, and skip the rest of it."""
        async with asyncio.timeout(PATIENCE_S):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            self.head = head
            self.body = await self.reader.readexactly(length)
        return int(head[9:12])

    async def ended(self) -> bytes:
        """Return what still comes until the server closes the connection."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self.reader.read()
        except ConnectionResetError:
            return b""


@pytest.fixture
async def bounded() -> AsyncIterator[Bounded]:
    listener = socket.create_server(("127.0.0.1", 0))
    places = Places(ConnectionLimits(total_max=4, per_address_max=100))
    config = uvicorn.Config(count_bytes, ws=StreamProtocol, lifespan="off", log_config=None, access_log=False)
    protocol = config.http = bounded_by(places, is_public_by_https=True)
    protocol.head_s_max, protocol.body_s_max = HEAD_S, BODY_S
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    bounded = Bounded(listener.getsockname()[1], places)
    yield bounded
    for writer in bounded.writers:
        writer.close()
    server.should_exit = True
    await serving


async def test_requests_are_served_one_after_the_other(bounded: Bounded) -> None:
    client = await bounded.connect()
    for _ in range(3):
        await client.send(GET + b"\r\n")
        assert await client.status() == 200
    await client.send(GET + b"\r\n" + POST + b"Content-Length: 3\r\n\r\nabc" + GET + b"Connection: close\r\n\r\n")
    assert [await client.status() for _ in range(3)] == [200, 200, 200]
    assert await client.ended() == b""
    assert not bounded.places.taken


async def test_a_request_without_host_is_refused(bounded: Bounded) -> None:
    """HTTP/1.1 requires the header Host, for WebSockets too; HTTP/1.0 does not know it."""
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: a\r\n"
    for more in (b"", b"X-Host: x\r\n", upgrade):
        client = await bounded.connect()
        await client.send(b"GET / HTTP/1.1\r\n" + more + b"\r\n")
        assert await client.status() == 400
        assert json.loads(client.body)["code"] == "host_missing"
        assert await client.ended() == b""
    old = await bounded.connect()
    await old.send(b"GET / HTTP/1.0\r\n\r\n")
    assert await old.status() == 200


async def test_a_head_with_too_many_bytes_is_refused(bounded: Bounded) -> None:
    """Hold 3: the bytes of a head are limited; 431."""
    client = await bounded.connect()
    await client.send(GET + b"X-A: " + b"a" * HEAD_BYTES_MAX + b"\r\n\r\n")
    assert await client.status() == 431
    assert json.loads(client.body)["code"] == "head_too_large"
    assert await client.ended() == b""


async def test_a_head_that_does_not_end_is_refused(bounded: Bounded) -> None:
    """Hold 3: neither many headers nor one header without end are kept."""
    for endless in (b"X-A: " + b"a" * 1000 + b"\r\n", b"a" * 1000):
        client = await bounded.connect()
        sent = 0
        client.writer.write(GET + b"X-B: ")
        try:
            while not client.reader.at_eof() and sent < 100 * HEAD_BYTES_MAX:
                client.writer.write(endless)
                sent += len(endless)
                await asyncio.sleep(0)
                await client.writer.drain()
        except ConnectionError:
            pass
        assert sent < 100 * HEAD_BYTES_MAX


async def test_a_head_with_too_many_headers_is_refused(bounded: Bounded) -> None:
    """Hold 3: the number of headers is limited; 431."""
    fine, many = await bounded.connect(), await bounded.connect()
    await fine.send(GET + b"X-A: a\r\n" * (HEADERS_MAX - 1) + b"\r\n")
    assert await fine.status() == 200
    await many.send(GET + b"X-A: a\r\n" * HEADERS_MAX + b"\r\n")
    assert await many.status() == 431


async def test_a_long_body_behind_a_head_in_pieces_is_fine(bounded: Bounded) -> None:
    client = await bounded.connect()
    body = b"x" * 1_000_000
    await client.send(POST[:10], POST[10:], b"Content-Length: 1000000\r\n\r\n", body)
    assert await client.status() == 200
    assert client.body == b"1000000"
    pieces = b"".join(b"%x\r\n%b\r\n" % (5_000, b"y" * 5_000) for _ in range(100))
    await client.send(POST + b"Transfer-Encoding: chunked\r\n\r\n", pieces, b"0\r\n\r\n" + GET + b"\r\n")
    assert await client.status() == 200
    assert client.body == b"500000"
    assert await client.status() == 200


@pytest.mark.parametrize("said", [b"", GET, b"\r\n", b"GET / HT"], ids=repr)
async def test_who_asks_for_nothing_is_disconnected(bounded: Bounded, said: bytes) -> None:
    """Hold 3: a head has its time, from when the connection was opened; a silent connection is closed."""
    client = await bounded.connect()
    began = asyncio.get_running_loop().time()
    if said:
        await client.send(said)
    assert await client.ended() == b""
    assert asyncio.get_running_loop().time() - began < 10 * HEAD_S
    assert not bounded.places.taken


async def test_a_head_that_comes_drop_by_drop_has_no_more_time(bounded: Bounded) -> None:
    """Hold 3: sending a little now and then does not keep a connection open."""
    client = await bounded.connect()
    began = asyncio.get_running_loop().time()
    ended = asyncio.create_task(client.ended())
    while not ended.done():
        if not client.writer.is_closing():
            client.writer.write(b"\r\n")
        await asyncio.wait([ended], timeout=HEAD_S / 10)
    assert asyncio.get_running_loop().time() - began < 10 * HEAD_S


async def test_a_second_request_has_its_own_time(bounded: Bounded) -> None:
    client = await bounded.connect()
    await client.send(GET + b"\r\n")
    assert await client.status() == 200
    await client.send(GET)
    assert await client.ended() == b""


async def test_a_body_that_does_not_come_is_refused(bounded: Bounded) -> None:
    """Hold 3: a body has its time, too; 408."""
    client = await bounded.connect()
    await client.send(POST + b"Content-Length: 5\r\n\r\n", b"ab")
    assert await client.status() == 408
    assert json.loads(client.body)["code"] == "request_too_slow"
    assert await client.ended() == b""


async def test_a_body_that_nobody_reads_does_not_keep_the_connection(bounded: Bounded) -> None:
    client = await bounded.connect()
    await client.send(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n")
    assert await client.status() == 200
    assert await client.ended() == b""


@pytest.mark.parametrize(
    "endless", [b"1;" + b"e" * 300_000, b"0\r\nX-A: " + b"t" * 300_000], ids=["extension", "trailer"]
)
async def test_what_is_neither_head_nor_body_is_limited(bounded: Bounded, endless: bytes) -> None:
    """Hold 3: extensions of chunks, and trailers, are heads without end in another place."""
    client = await bounded.connect()
    try:
        await client.send(POST + b"Transfer-Encoding: chunked\r\n\r\n", endless, endless[10:] * 4)
        assert await client.status() == 431
    except ConnectionError:
        pass


async def test_what_is_not_http_is_refused_in_our_words(bounded: Bounded) -> None:
    client = await bounded.connect()
    await client.send(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
    assert await client.status() == 400
    assert json.loads(client.body)["code"] == "malformed_request"


async def test_a_silent_connection_gives_way_and_a_full_server_says_so(bounded: Bounded) -> None:
    """Hold 2: no more connections than places; who is served keeps theirs, others hear 503."""
    served = [await bounded.connect() for _ in range(4)]
    for client in served[1:]:
        await client.send(POST + b"Content-Length: 5\r\n\r\n")
    await served[0].send(POST)
    next_one = await bounded.connect()
    await next_one.send(POST + b"Content-Length: 5\r\n\r\n")
    assert await served[0].ended() == b""
    refused = await bounded.connect()
    assert await refused.status() == 503
    assert await refused.ended() == b""
    for client in (*served[1:], next_one):
        await client.send(b"abcde")
        assert await client.status() == 200


async def test_a_websocket_keeps_its_place_until_it_ends(bounded: Bounded) -> None:
    client = await bounded.connect()
    await client.send(
        GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    async with asyncio.timeout(PATIENCE_S):
        assert (await client.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    await asyncio.sleep(2 * HEAD_S)
    assert len(bounded.places.taken) == 1
    assert not bounded.places.idle
    await client.send(b"\x81\x82\0\0\0\0hi")
    await client.ended()
    client.writer.close()
    await until(lambda: not bounded.places.taken)


async def test_every_refusal_tells_browsers_what_not_to_do_with_it(bounded: Bounded) -> None:
    """What is said before a request is understood carries the headers of every other answer, each once."""
    said = {
        400: b"nonsense\r\n\r\n",
        408: POST + b"Content-Length: 3\r\n\r\na",
        431: GET + b"X-A: a\r\n" * HEADERS_MAX + b"\r\n",
    }
    refused: dict[int, Client] = {}
    for status, request in said.items():
        refused[status] = await bounded.connect()
        await refused[status].send(request)
        assert await refused[status].status() == status
    for _ in range(4):
        served = await bounded.connect()
        await served.send(POST + b"Content-Length: 3\r\n\r\n")
    await until(lambda: len(bounded.places.taken) == 4 and not bounded.places.idle)
    refused[503] = await bounded.connect()
    assert await refused[503].status() == 503
    for status, client in refused.items():
        lines = client.head.lower().split(b"\r\n")
        for name, value in (*OF_DATA, HTTPS_ONLY):
            assert lines.count(name + b": " + value.lower()) == 1, (status, name)
            assert len([line for line in lines if line.startswith(name + b":")]) == 1
