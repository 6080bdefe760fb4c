"""Clients of the Exchange Stream, in a process of their own, that note when they see each of an order's traces.

Each order that is looked for adds the same size at a price where nobody else has orders, so that what waits there says
how many of them a client has seen.
"""

import asyncio
import json
import re
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Self, cast

import uvloop

PROBE_SIZE: Final = 10

_WAITS: Final = re.compile(rb"\[1\.01,(\d+)")


def unverified() -> ssl.SSLContext:
    """Return TLS as Betfair's clients speak it on the stream: without looking at the certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@dataclass(slots=True)
class Subscribers:
    """The process, once all of its clients follow the market."""

    process: asyncio.subprocess.Process

    @classmethod
    @asynccontextmanager
    async def started(cls, port: int, market: int, sessions: Sequence[str]) -> AsyncGenerator[Self]:
        """Start a client for each session."""
        command = sys.executable, "-m", "bench.betfair_subscribers", str(port), str(market)
        process = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=2**26
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(list(sessions)).encode() + b"\n")
        assert await process.stdout.readline() == b"ready\n"
        yield cls(process)
        assert await process.wait() == 0

    async def heard(self, probes: int) -> dict[int, list[int]]:
        """Wait until everybody has seen so many orders; return when each was seen, once by each client."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{probes}\n".encode())
        found: dict[str, list[int]] = json.loads(await self.process.stdout.readline())
        return {int(probe): times for probe, times in found.items()}


class _Client(asyncio.Protocol):
    """A client that authenticates, follows a market and notes what it sees."""

    def __init__(self, session: str, market: str, heard: dict[int, list[int]]) -> None:
        self._requests = [
            {"op": "authentication", "id": 1, "appKey": "bench", "session": session},
            {
                "op": "marketSubscription",
                "id": 2,
                "marketFilter": {"marketIds": [f"1.{market}"]},
                "marketDataFilter": {"fields": ["EX_ALL_OFFERS", "EX_TRADED", "EX_MARKET_DEF"]},
            },
        ]
        self._heard = heard
        self._buffer = b""
        self._transport: asyncio.WriteTransport | None = None
        self.is_following = False
        self.seen = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first line."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        """Take the complete lines that have come."""
        now = time.time_ns()
        *lines, self._buffer = (self._buffer + data).split(b"\r\n")
        for line in lines:
            self._take(line, now)

    def _take(self, line: bytes, now: int) -> None:
        if not line.startswith(b'{"op":"mcm"'):
            assert b'"FAILURE"' not in line, line
            if self._requests:
                assert self._transport is not None
                self._transport.write(json.dumps(self._requests.pop(0)).encode() + b"\r\n")
            return
        self.is_following = True
        waits = _WAITS.search(line)
        while waits is not None and self.seen < int(waits[1]) // PROBE_SIZE:
            self.seen += 1
            self._heard.setdefault(self.seen, []).append(now)


async def _subscribe(port: int, market: str) -> None:
    """Subscribe, print that it is done, and print what was seen once all clients have seen what stdin says."""
    loop, heard = asyncio.get_running_loop(), dict[int, list[int]]()
    context = unverified()
    clients: list[_Client] = []
    for session in json.loads(sys.stdin.readline()):
        made = await loop.create_connection(
            lambda session=session: _Client(session, market, heard), "127.0.0.1", port, ssl=context
        )
        clients.append(made[1])
    await _until_each(clients, 0)
    print("ready", flush=True)
    await _until_each(clients, int(await asyncio.to_thread(sys.stdin.readline)))
    print(json.dumps(heard), flush=True)


async def _until_each(clients: Sequence[_Client], seen: int) -> None:
    while True:
        if all(client.is_following and client.seen >= seen for client in clients):
            return
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    uvloop.run(_subscribe(int(sys.argv[1]), sys.argv[2]))
