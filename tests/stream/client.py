"""Naive clients of the stream: they send requests, receive messages, and apply them as docs/stream.md says."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE_S = 30

Message = dict[str, Any]
Prices = list[tuple[str, str]]


@dataclass(slots=True)
class Client:
    """A client with a connection."""

    socket: ClientConnection

    async def request(self, op: str, **fields: Any) -> None:
        """Send a request."""
        await self.socket.send(json.dumps({"op": op, **fields}))

    async def receive(self) -> Message:
        """Return the next message that is no heartbeat."""
        while True:
            message = await self.receive_any()
            if message["type"] != "heartbeat":
                return message

    async def receive_any(self) -> Message:
        """Return the next message."""
        async with asyncio.timeout(PATIENCE_S):
            said = await self.socket.recv()
        assert isinstance(said, str)
        return json.loads(said)

    async def authenticate(self, bearer: str | None) -> Message:
        """Authenticate and return the answer."""
        await self.request("auth", token=bearer or "")
        return await self.receive()

    async def ended(self) -> int | None:
        """Read whatever comes until the server ends the connection; return its code."""
        try:
            while True:
                await self.receive_any()
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd is not None else None


@asynccontextmanager
async def connected(url: str, **options: Any) -> AsyncGenerator[Client]:
    """Open a connection to a stream."""
    async with connect(url, proxy=None, max_size=None, **options) as socket:
        yield Client(socket)


@dataclass(slots=True)
class Copy(ABC):
    """The state that a client has from a subscription. Each delta must begin exactly where the last message ended."""

    client: Client
    seq: int = 0
    deltas: int = 0

    async def follow(self, seq: int) -> None:
        """Apply messages until the copy is at ``seq``."""
        while self.seq < seq:
            self.take(await self.client.receive())

    def take(self, message: Message) -> None:
        """Apply a message."""
        if message["type"] == "snapshot":
            assert not self.seq, "a second snapshot"
            self.begin(message)
        else:
            assert message["type"] == "delta", message
            assert message["prev_seq"] == self.seq < message["seq"], (self.seq, message)
            self.deltas += 1
            self.change(message)
        self.seq = message["seq"]

    @abstractmethod
    def begin(self, message: Message) -> None:
        """Take a snapshot."""

    @abstractmethod
    def change(self, message: Message) -> None:
        """Apply a delta."""


@dataclass(slots=True)
class MarketCopy(Copy):
    """A market, composed from the messages."""

    market: Message = field(default_factory=dict[str, Any])
    runners: dict[str, Message] = field(default_factory=dict[str, Message])
    trades: list[Message] = field(default_factory=list[Message])
    omitted: bool = False

    def begin(self, message: Message) -> None:
        """Store the snapshot."""
        self.market = message
        for runner in message["runners"]:
            self.runners[runner["id"]] = {**runner, **{way: dict(runner[way]) for way in ("to_back", "to_lay")}}

    def change(self, message: Message) -> None:
        """Replace what the message has, and remove prices at which nothing waits."""
        self.market |= {name: message[name] for name in ("status", "working", "version") if name in message}
        self.trades += message.get("trades", [])
        self.omitted |= message.get("trades_omitted", False)
        for changes in message["runners"]:
            runner = self.runners[changes["id"]]
            for way in ("to_back", "to_lay"):
                for odds, size in changes.pop(way, []):
                    runner[way][odds] = size
                    if float(size) == 0:
                        del runner[way][odds]
            runner |= changes

    def book(self) -> dict[str, tuple[Prices, Prices]]:
        """Return what waits, per runner: to back, highest odds first, and to lay, lowest first."""
        return {
            number: (
                sorted(runner["to_back"].items(), key=lambda level: -float(level[0])),
                sorted(runner["to_lay"].items(), key=lambda level: float(level[0])),
            )
            for number, runner in self.runners.items()
        }


@dataclass(slots=True)
class AccountCopy(Copy):
    """An account, composed from the messages."""

    balances: dict[str, Message] = field(default_factory=dict[str, Message])
    orders: dict[str, Message] = field(default_factory=dict[str, Message])
    matches: list[Message] = field(default_factory=list[Message])

    def begin(self, message: Message) -> None:
        """Store the snapshot."""
        self.change(message)

    def change(self, message: Message) -> None:
        """Replace what the message has."""
        self.balances |= {balance["currency"]: balance for balance in message.get("balances", [])}
        self.orders |= {order["id"]: order for order in message.get("orders", [])}
        self.matches += message.get("matches", [])
        assert "matches_omitted" not in message

    @property
    def open_orders(self) -> dict[str, Message]:
        """The orders that still wait."""
        return {number: order for number, order in self.orders.items() if order["status"] == "executable"}
