"""Connections of the Exchange Stream count with all others from their first moment on, and nobody waits for ever."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx2
import pytest

from evens.program.betfair_stream import tls_context
from evens.settings import Settings
from evens.store.database import Database
from tests.betfair.stream.conftest import BetfairServer, betfair_beside
from tests.cli.program import running
from tests.conftest import Dsns
from tests.folders import passable_folder
from tests.stream.conftest import PATIENCE_S, opened, until

pytestmark = pytest.mark.anyio

SOON_S = 4
"""Sooner than HTTP and the Exchange Stream part with whoever is silent."""


@pytest.fixture
async def by_tls(dsns: Dsns) -> AsyncIterator[BetfairServer]:
    """Start a server with its Exchange Stream by TLS."""
    database, context = await Database.open(dsns.app), tls_context(Settings(), "127.0.0.1")
    async with opened(dsns) as house, betfair_beside(house, database, context=context) as betfair:
        yield betfair
    await database.close()


def test_connections_of_both_ports_share_the_servers_places() -> None:
    with (
        passable_folder() as folder,
        running(["serve", "--port", "0"], folder / "data", {"EVENS_CONNECTIONS_MAX": "1"}) as server,
    ):
        url = httpx2.URL(server.url)
        host, port = server.announced["betfair_stream"].rsplit(":", 1)
        http, stream, trusting = (url.host, url.port), (host, int(port)), ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(http) as first:
            first.sendall(b"GET /healthz HTTP/1.1\r\nHost: evens\r\n\r\n")
            assert first.recv(2**16)
            with socket.create_connection(stream):
                assert _is_ended(first)
        with trusting.wrap_socket(socket.create_connection(stream)) as first:
            assert b"connectionId" in first.recv(2**16)
            with socket.create_connection(http):
                assert _is_ended(first)


def _is_ended(connection: socket.socket) -> bool:
    connection.settimeout(SOON_S)
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


async def test_who_never_agrees_on_tls_has_a_place_and_so_long(by_tls: BetfairServer) -> None:
    places = by_tls.house.house.places
    _reader, writer = await asyncio.open_connection("127.0.0.1", by_tls.port)
    await until(lambda: len(places.taken) == 1)
    await until(lambda: by_tls.metric("refused_total", reason="handshake") == 1)
    await until(lambda: not places.taken)
    assert by_tls.metric("connections") == 0
    writer.close()


async def test_who_speaks_no_tls_gives_the_place_back(by_tls: BetfairServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", by_tls.port)
    writer.write(b'{"op":"heartbeat"}\r\n')
    async with asyncio.timeout(PATIENCE_S):
        with suppress(ConnectionError):
            await reader.read()
    await until(lambda: not by_tls.house.house.places.taken)
    writer.close()


async def test_other_lines_give_nobody_more_time_to_say_who_they_are(betfair: BetfairServer) -> None:
    async with betfair.connected() as client:
        codes: list[str] = []
        while "TIMEOUT" not in codes:
            await client.send("dance")
            codes.append((await client.receive())["errorCode"])
            await asyncio.sleep(0.1)
            assert len(codes) < 100
        assert set(codes) == {"INVALID_INPUT", "TIMEOUT"}


async def test_a_connection_that_makes_room_for_another_is_ended(betfair: BetfairServer) -> None:
    places = betfair.house.house.places
    async with betfair.connected() as client:
        (place,) = places.taken
        place.send_away()
        assert await client.ended() == []
        await until(lambda: betfair.metric("connections") == 0)
    assert not places.taken
