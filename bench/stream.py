"""The live stream: a thousand subscribers to one market, in a process of their own, while orders are placed in it."""

import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

import uvloop

from bench.environment import ACTOR, leading, new_database
from bench.exchange import CASH_MINOR, CUSTOMERS, an_order, new_market
from bench.report import AT_MOST, Report
from evens.core.commands.every import Command
from evens.core.commands.exchange import CancelOrder, SuspendMarket
from evens.core.events.exchange import OrderPlaced
from evens.core.receipts import Receipt
from evens.core.values.ids import CustomerId, MarketId
from evens.edges.http.app import create_app
from evens.edges.stream.stream import PATH
from evens.identity.keys import InstallationKeys
from evens.program.logs import configure
from evens.program.postgres import Postgres
from evens.program.server import House, open_house, server_of
from evens.settings import Settings
from evens.store.embedded import APP_ROLE, OWNER_ROLE, Running

SUBSCRIBERS: Final = 1_000
CALLERS: Final = 50
PACED_PER_S: Final = 500
PACED_S: Final = 10.0
AT_ONCE: Final = 30_000

_SECRET: Final = bytes(32)
_PREV_SEQ: Final = b'"prev_seq":'
_SEQ: Final = b'"seq":'


@dataclass(slots=True)
class Figures:
    """The result of a period of trading: commands a second, and the delays of the deltas to subscribers, sorted."""

    per_s: float
    waits_ms: list[float] = field(default_factory=list[float])
    deltas: int = 0

    def percentile(self, percent: int) -> float:
        """Return the delay that this share of the deltas did not exceed."""
        return self.waits_ms[len(self.waits_ms) * percent // 100]


async def run(server: Running, report: Report) -> None:
    """Measure from before the commit of the oldest change in each delta until a subscriber has the delta."""
    configure("error", Path("/dev/null"))
    name = await new_database(server)
    async with leading(server.dsn(APP_ROLE, name)) as bench:
        customers = await bench.customers(CUSTOMERS, CASH_MINOR)
        markets = [await new_market(bench) for _ in range(3)]
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    port = listener.getsockname()[1]
    postgres = Postgres(server.dsn(OWNER_ROLE, name), server.dsn(APP_ROLE, name), Path())
    async with open_house(postgres, Settings(), InstallationKeys(_SECRET), f"http://127.0.0.1:{port}") as house:
        http = server_of(house, create_app(house.services))
        serving = asyncio.create_task(http.serve(sockets=[listener]))
        await house.opened()
        alone = await _measure(house, port, customers, markets[0], subscribers=1, pace=None)
        paced = await _measure(house, port, customers, markets[1], subscribers=SUBSCRIBERS, pace=PACED_PER_S)
        flat_out = await _measure(house, port, customers, markets[2], subscribers=SUBSCRIBERS, pace=None)
        http.should_exit = True
        await serving
    report.add("stream: orders with 1,000 subscribers", paced.per_s, "orders/s")
    report.add("… deltas to each subscriber", paced.deltas / SUBSCRIBERS / PACED_S, "deltas/s")
    report.add("… commit to received, median", paced.percentile(50), "ms")
    report.add("… commit to received, p99", paced.percentile(99), "ms", 250, AT_MOST)
    report.add("stream: orders, 50 callers, one subscriber", alone.per_s, "orders/s")
    report.add("… with 1,000 subscribers", flat_out.per_s, "orders/s")
    report.add("… with 1,000 ÷ with one", flat_out.per_s / alone.per_s, "×")
    report.add("… commit to received, p99", flat_out.percentile(99), "ms")


async def _measure(
    house: House, port: int, customers: Sequence[CustomerId], market: MarketId, *, subscribers: int, pace: int | None
) -> Figures:
    """Trade in a market with this many subscribers; without a ``pace``, as fast as possible."""
    arguments = "-m", "bench.stream", str(port), str(market), str(subscribers)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    traders = Traders(house, customers, market)
    started = time.perf_counter()
    await (traders.trade_flat_out() if pace is None else traders.trade_paced(pace))
    figures = Figures(len(traders.decided_at) / (time.perf_counter() - started))
    last = await traders.book(SuspendMarket(market))
    process.stdin.write(f"{last.seq}\n".encode())
    heard: dict[str, list[int]] = json.loads(await process.stdout.read())
    assert await process.wait() == 0
    for prev_seq, received_at in heard.items():
        # The oldest command that the delta may contain. It was decided, and stamped, before its commit.
        oldest_at = traders.decided_at.get(int(prev_seq) + 1)
        if oldest_at is not None:
            figures.waits_ms += [(at - oldest_at) / 1e6 for at in received_at]
    figures.waits_ms.sort()
    figures.deltas = sum(map(len, heard.values()))
    return figures


class Traders:
    """Callers that place (70 %) and cancel (30 %). ``decided_at`` is when each command was decided, by its seq."""

    def __init__(self, house: House, customers: Sequence[CustomerId], market: MarketId) -> None:
        self._gateway = house.services.gateway
        self._customers = customers
        self._market = market
        self._draw = random.Random(market)
        self._waiting: list[OrderPlaced] = []
        self.decided_at: dict[int, int] = {}

    async def trade_flat_out(self) -> None:
        """Let every caller send its next command as soon as it is answered."""

        async def call() -> None:
            for _ in range(AT_ONCE // CALLERS):
                await self._ask()

        await asyncio.gather(*(call() for _ in range(CALLERS)))

    async def trade_paced(self, per_s: int, seconds: float = PACED_S) -> None:
        """Send this many commands a second, whether answers come or not."""
        clock = asyncio.get_running_loop().time
        started = clock()
        async with asyncio.TaskGroup() as asking:
            for number in range(int(per_s * seconds)):
                await asyncio.sleep(max(0.0, started + number / per_s - clock()))
                asking.create_task(self._ask())

    async def book(self, command: Command) -> Receipt:
        """Book a command."""
        receipt, _ = await self._gateway.submit(command, command_id=os.urandom(16), actor=ACTOR)
        return receipt

    async def _ask(self) -> None:
        receipt = await self.book(self._command())
        self.decided_at[receipt.seq] = receipt.at
        placed = receipt.events[0]
        if isinstance(placed, OrderPlaced):
            self._waiting.append(placed)

    def _command(self) -> Command:
        draw = self._draw
        if self._waiting and draw.random() < 0.3:
            placed = self._waiting.pop(draw.randrange(len(self._waiting)))
            return CancelOrder(placed.customer, placed.order)
        return an_order(draw, draw.choice(self._customers), self._market)


class _Subscriber(asyncio.Protocol):
    """A client that records when each delta came, and checks that none is missing."""

    def __init__(self, market: str, heard: dict[int, list[int]]) -> None:
        self._market = market
        self._heard = heard
        self._buffer = b""
        self._is_open = False
        self._transport: asyncio.WriteTransport | None = None
        self.seq = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the handshake."""
        self._transport = cast("asyncio.WriteTransport", transport)
        request = (
            f"GET {PATH} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        self._transport.write(request.encode())

    def data_received(self, data: bytes) -> None:
        """Process the complete frames that have come."""
        now = time.time_ns()
        self._buffer += data
        if not self._is_open:
            _head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            self._is_open, self._buffer = True, rest
            self._send(0x81, json.dumps({"op": "subscribe", "channel": "market", "id": self._market}).encode())
        while (frame := _first_frame(self._buffer)) is not None:
            opcode, start, end = frame
            if opcode == 0x89:
                self._send(0x8A, self._buffer[start:end])
            else:
                self._take(self._buffer[start : min(start + 200, end)], now)
            self._buffer = self._buffer[end:]

    def _take(self, message: bytes, now: int) -> None:
        if message.startswith(b'{"type":"delta"'):
            prev_seq = _number(message, _PREV_SEQ)
            assert prev_seq == self.seq, (prev_seq, self.seq)
            self._heard.setdefault(prev_seq, []).append(now)
        elif not message.startswith(b'{"type":"snapshot"'):
            assert message.startswith(b'{"type":"heartbeat"'), message
            return
        self.seq = _number(message, _SEQ)

    def _send(self, opcode: int, payload: bytes) -> None:
        assert self._transport is not None
        # Clients must mask; a mask of zeros changes nothing.
        self._transport.write(bytes((opcode, 0x80 | len(payload), 0, 0, 0, 0)) + payload)


def _first_frame(buffer: bytes) -> tuple[int, int, int] | None:
    """Return the first frame's first byte, and where its payload starts and ends; ``None`` if it is incomplete."""
    if len(buffer) < 2:
        return None
    length, start = buffer[1], 2
    if length > 125:
        start = 4 if length == 126 else 10
        length = int.from_bytes(buffer[2:start], "big")
    return (buffer[0], start, start + length) if len(buffer) >= start + length else None


def _number(message: bytes, name: bytes) -> int:
    start = message.index(name) + len(name)
    return int(message[start : message.index(b",", start)])


async def _subscribe(port: int, market: str, count: int) -> None:
    """Subscribe, print that it is done, and print the delays once all clients are at the seq that stdin names."""
    loop = asyncio.get_running_loop()
    heard: dict[int, list[int]] = {}
    subscribers: list[_Subscriber] = []
    for _ in range(count):
        _transport, subscriber = await loop.create_connection(lambda: _Subscriber(market, heard), "127.0.0.1", port)
        subscribers.append(subscriber)
    await _until_all_are_at(subscribers, 1)
    print("ready", flush=True)
    await _until_all_are_at(subscribers, int(await asyncio.to_thread(sys.stdin.readline)))
    print(json.dumps(heard), flush=True)


async def _until_all_are_at(subscribers: Sequence[_Subscriber], seq: int) -> None:
    while True:
        if all(subscriber.seq >= seq for subscriber in subscribers):
            return
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    uvloop.run(_subscribe(int(sys.argv[1]), f"mkt_{sys.argv[2]}", int(sys.argv[3])))
