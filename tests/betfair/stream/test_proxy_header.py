"""Behind a proxy that passes TLS on, clients count by their own addresses if it tells them (PROXY protocol)."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import ExitStack, suppress
from dataclasses import replace

import pytest

from evens.edges.betfair.stream import accepting
from evens.edges.betfair.stream.proxy_header import HeaderWrong, first_byte, read_client
from evens.program.betfair_stream import tls_context
from evens.settings import Settings
from evens.store.database import Database
from tests.betfair.stream.conftest import LIMITS, BetfairServer, betfair_beside
from tests.conftest import Dsns
from tests.stream.conftest import PATIENCE_S, opened, until

pytestmark = pytest.mark.anyio

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
TCP4 = b"PROXY TCP4 203.0.113.7 192.0.2.1 40000 9000\r\n"


def _version_2(command: int, family: int, rest: bytes) -> bytes:
    return SIGNATURE + bytes((command, family)) + len(rest).to_bytes(2, "big") + rest


IPV4 = _version_2(0x21, 0x11, bytes((203, 0, 113, 7, 192, 0, 2, 1, 0, 1, 0, 2)))
IPV6 = _version_2(0x21, 0x21, b"\x20\x01\x0d\xb8" + bytes(11) + b"\x07" + bytes(16) + b"\0\1\0\2" + b"tlv")


async def _read(said: bytes) -> tuple[str | None, bytes]:
    """Return the address that a header tells, and what is left behind it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.sendall(said)
        theirs.shutdown(socket.SHUT_WR)
        assert await first_byte(ours) == said[:1]
        address = await read_client(ours)
        return address, await asyncio.get_running_loop().sock_recv(ours, 100)


@pytest.mark.parametrize(
    ("header", "address"),
    [
        (TCP4, "203.0.113.7"),
        (b"PROXY TCP6 2001:db8::7 2001:db8::1 40000 9000\r\n", "2001:db8::7"),
        (b"PROXY UNKNOWN\r\n", None),
        (b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", None),
        (IPV4, "203.0.113.7"),
        (IPV6, "2001:db8::7"),
        (_version_2(0x20, 0x00, b""), None),
        (_version_2(0x21, 0x31, bytes(216)), None),
    ],
)
async def test_a_header_tells_the_address_and_nothing_behind_it_is_taken(header: bytes, address: str | None) -> None:
    assert await _read(header + b"hello") == (address, b"hello")


@pytest.mark.parametrize(
    "said",
    [
        b"P",
        b"POST / HTTP/1.1\r\n",
        b"PROXY TCP4 203.0.113.7\r\n",
        b"PROXY TCP4 2001:db8::7 192.0.2.1 1 2\r\n",
        b"PROXY TCP4 \xff 192.0.2.1 1 2\r\n",
        b"PROXY TCP4 " + 200 * b"1",
        _version_2(0x11, 0x11, bytes(12)),
        _version_2(0x21, 0x11, bytes(4)),
        _version_2(0x21, 0x11, bytes(4_000)),
        SIGNATURE + b"\x21",
    ],
)
async def test_what_is_no_header_is_refused(said: bytes) -> None:
    with pytest.raises(HeaderWrong):
        await _read(said)


@pytest.fixture(params=["on", "off"])
async def crowded(dsns: Dsns, request: pytest.FixtureRequest) -> AsyncIterator[BetfairServer]:
    """Start a server that takes one connection from an address, with TLS or without."""
    tls = Settings(betfair_stream_tls=request.param)
    database, context = await Database.open(dsns.app), tls_context(tls, "127.0.0.1")
    chosen = Settings(connections_per_address_max=1)
    # Nobody is to be disconnected for being slow: the machine may be busy with other tests.
    patient = replace(LIMITS, handshake_s=PATIENCE_S, silent_s=PATIENCE_S)
    async with opened(dsns, chosen=chosen) as house, betfair_beside(house, database, patient, context) as betfair:
        yield betfair
    await database.close()


def _connect(port: int, header: bytes, *, has_tls: bool) -> socket.socket:
    """Open a connection as a proxy does, and read the first line."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    connection.sendall(header)
    secure = trusting.wrap_socket(connection) if has_tls else connection
    assert b"connectionId" in secure.recv(2**16)
    return secure


async def test_clients_behind_a_proxy_count_by_their_own_addresses(
    crowded: BetfairServer, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a machine that is busy with other tests a header may come late.
    monkeypatch.setattr(accepting, "_HEADER_S", 2.0)
    has_tls = request.node.callspec.params["crowded"] == "on"
    with ExitStack() as open_ones:
        for header in (b"", b"", TCP4, IPV6, _version_2(0x20, 0, b"")):
            open_ones.enter_context(await asyncio.to_thread(_connect, crowded.port, header, has_tls=has_tls))
        assert len(crowded.house.house.places.taken) == 5
        # Another one from the same address takes the place of the silent first.
        open_ones.enter_context(await asyncio.to_thread(_connect, crowded.port, IPV4, has_tls=has_tls))
        await until(lambda: len(crowded.house.house.places.taken) == 5)


async def test_a_wrong_header_ends_the_connection(crowded: BetfairServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", crowded.port)
    writer.write(b"PROXY TCP9\r\n\r\n\r\n")
    async with asyncio.timeout(PATIENCE_S):
        with suppress(ConnectionError):
            assert await reader.read() == b""
    await until(lambda: not crowded.house.house.places.taken)
    writer.close()
