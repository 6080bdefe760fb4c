"""The PROXY protocol (HAProxy's specification, versions 1 and 2): how a proxy says whose connection it passes on.

A proxy that passes TLS on cannot add a header to what is inside, so it writes one before it. Nothing behind the header
is read, because that is the client's.
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

BEGINNINGS: Final = (b"P", b"\r")
"""The first byte of a header of version 1 or 2. What a client says first, in TLS, begins with another one."""

_SIGNATURE: Final = b"\r\n\r\n\0\r\nQUIT\n"
_LINE_BYTES_MAX: Final = 107
_REST_BYTES_MAX: Final = 2_048
_LOCAL: Final = 0x20
_PROXY: Final = 0x21
_TCP4: Final = 0x11
_TCP6: Final = 0x21
_V1_WORDS: Final = 6


class HeaderWrong(ConnectionError):
    """What begins like a header is none."""

    def __init__(self) -> None:
        super().__init__("the connection begins like the PROXY protocol and is not")


async def first_byte(connection: socket.socket) -> bytes:
    """Wait for the first byte of a connection, and return it without taking it; empty if there will be none."""
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()

    def note() -> None:
        if not readable.done():
            readable.set_result(None)

    loop.add_reader(connection, note)
    try:
        await readable
    finally:
        loop.remove_reader(connection)
    return connection.recv(1, socket.MSG_PEEK)


async def read_client(connection: socket.socket) -> str | None:
    """Take a header off a connection, and return the client's address; ``None`` if the proxy speaks for itself.

    Raises :class:`HeaderWrong`.
    """
    head = await _take(connection, len(_SIGNATURE))
    if head == _SIGNATURE:
        return await _version_2(connection)
    while not head.endswith(b"\r\n"):
        if len(head) >= _LINE_BYTES_MAX:
            raise HeaderWrong
        head += await _take(connection, 1)
    return _version_1(head)


def _version_1(line: bytes) -> str | None:
    try:
        words = line.removesuffix(b"\r\n").decode("ascii").split(" ")
        if words[:2] == ["PROXY", "UNKNOWN"]:
            return None
        kinds = {"TCP4": IPv4Address, "TCP6": IPv6Address}
        if len(words) == _V1_WORDS and words[0] == "PROXY" and words[1] in kinds:
            return str(kinds[words[1]](words[2]))
    except ValueError as error:
        raise HeaderWrong from error
    raise HeaderWrong


async def _version_2(connection: socket.socket) -> str | None:
    command, family, *length = await _take(connection, 4)
    count = int.from_bytes(bytes(length), "big")
    if command not in (_LOCAL, _PROXY) or count > _REST_BYTES_MAX:
        raise HeaderWrong
    rest = await _take(connection, count)
    size = {_TCP4: 4, _TCP6: 16}.get(family)
    if command == _LOCAL or size is None:
        return None
    if count < 2 * size:
        raise HeaderWrong
    return str(ip_address(rest[:size]))


async def _take(connection: socket.socket, count: int) -> bytes:
    """Return exactly so many bytes. Raises :class:`HeaderWrong` if the connection ends before."""
    loop, taken = asyncio.get_running_loop(), b""
    while len(taken) < count:
        more = await loop.sock_recv(connection, count - len(taken))
        if not more:
            raise HeaderWrong
        taken += more
    return taken
