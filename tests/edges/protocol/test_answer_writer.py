"""The head of an answer leaves together with its body, or with the next turn of the loop, and never out of order."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from evens.edges.http.protocol.answer_writer import AnswerWriter

pytestmark = pytest.mark.anyio

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"
BODY = b"{}"


@dataclass
class Line:
    """A writer, and the other end of its connection."""

    writer: AnswerWriter
    transport: asyncio.Transport
    far: socket.socket

    @property
    def arrived(self) -> bytes | None:
        """Return what has arrived and was not read yet; ``None`` if nothing has."""
        try:
            return self.far.recv(65536)
        except BlockingIOError:
            return None


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    near, far = socket.socketpair()
    far.setblocking(False)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=near)
    yield Line(AnswerWriter(loop, transport), transport, far)
    transport.close()
    far.close()


async def test_a_head_waits_for_its_body_and_leaves_with_it(line: Line) -> None:
    line.writer.write(HEAD)
    assert line.arrived is None
    line.writer.write(BODY)
    assert line.arrived == HEAD + BODY
    line.writer.write(b"more")
    assert line.arrived == b"more"


async def test_a_head_whose_body_comes_later_leaves_with_the_next_turn(line: Line) -> None:
    line.writer.write(HEAD)
    await asyncio.sleep(0)
    assert line.arrived == HEAD
    line.writer.write(BODY)
    assert line.arrived == BODY
    await asyncio.sleep(0)
    assert line.arrived is None


async def test_a_head_alone_leaves_when_the_answer_is_complete(line: Line) -> None:
    line.writer.write(HEAD)
    line.writer.flush()
    assert line.arrived == HEAD


async def test_two_heads_leave_in_their_order(line: Line) -> None:
    go_on = b"HTTP/1.1 100 Continue\r\n\r\n"
    line.writer.write(go_on)
    line.writer.write(HEAD)
    line.writer.write(BODY)
    assert line.arrived == go_on + HEAD + BODY


async def test_closing_sends_what_is_kept_before(line: Line) -> None:
    line.writer.write(HEAD)
    line.writer.close()
    assert line.writer.is_closing()
    await asyncio.sleep(0)
    assert line.arrived == HEAD
    assert line.arrived == b""


async def test_a_head_for_a_connection_that_was_lost_is_dropped(line: Line) -> None:
    line.writer.write(HEAD)
    line.transport.abort()
    await asyncio.sleep(0)
    assert line.arrived == b""
