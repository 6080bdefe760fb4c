"""Follows a market on a server's stream, and connects again whenever the connection breaks."""

import json
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.frames import CloseCode
from websockets.http11 import Response
from websockets.sync.client import ClientConnection, connect

from evens.edges.cli.api import Api, Document
from evens.edges.cli.exchange.market_feed import TRADES_KEPT, MarketCopy, View
from evens.edges.cli.exchange.markets import market_path
from evens.edges.cli.failures import Failure, Refused, Unavailable
from evens.one_machine import is_on_this_machine

STREAM_PATH: Final = "/v1/stream"
PAUSES_S: Final = (0.5, 1.0, 2.0, 5.0)
"""How long to wait before each retry, unless the server says; after these, always as long as the last."""

_OPEN_S_MAX: Final = 5.0
_CLOSE_S_MAX: Final = 1.0
_PING_EVERY_S: Final = 5.0
_PONG_S_MAX: Final = 10.0
_WORDS: Final = {
    "not_leading": "This server does not lead now",
    "database_unavailable": "The server cannot reach its database",
    "resync": "The server has lost its place",
}
"""The meaning of the stream's codes for the user."""


@dataclass(frozen=True, slots=True)
class Interruption:
    """Why no messages come, as a sentence without its full stop, and in how many seconds it is tried again."""

    because: str
    retry_in_s: float


def follow(find_server: Callable[[], Api], market_id: str, *, pace_s: float) -> Generator[View | Interruption]:
    """Yield a market as it is and whenever it has changed, at most once in ``pace_s``; without end.

    A change after a pause is yielded at once; of several within ``pace_s``, only the last view is. After an
    :class:`Interruption` the server is looked up again: it may have a new address and key after a restart. Raises
    :class:`Failure` if trying again cannot help.
    """
    tries = 0
    while True:
        try:
            for view in _views(find_server, market_id, pace_s):
                tries = 0
                yield view
        except _Interrupted as interrupted:
            pause_s = interrupted.retry_after_s or PAUSES_S[min(tries, len(PAUSES_S) - 1)]
            yield Interruption(str(interrupted), pause_s)
            tries += 1
            time.sleep(pause_s)


class _Interrupted(Exception):
    """A connection ended, and a new one may work. ``retry_after_s`` is the wait that the server asked for, if any."""

    def __init__(self, because: str, retry_after_s: float | None = None) -> None:
        super().__init__(because)
        self.retry_after_s = retry_after_s


def _views(find_server: Callable[[], Api], market_id: str, pace_s: float) -> Iterator[View]:
    """Yield views over one connection. Raises :class:`_Interrupted`, or :class:`Failure`."""
    try:
        with find_server() as api, _open(api.url) as socket:
            yield from _Subscription(socket, api, market_id).views(pace_s)
    except ConnectionClosed as closed:
        is_stopping = closed.rcvd is not None and closed.rcvd.code == CloseCode.GOING_AWAY
        raise _Interrupted("The server has stopped" if is_stopping else "The connection broke") from closed
    except Unavailable as failure:
        raise _Interrupted(str(failure).rstrip(".")) from failure


def _open(url: str) -> ClientConnection:
    """Open a connection to the stream. Raises :class:`_Interrupted`, or :class:`Failure`."""
    try:
        return connect(
            url.replace("http", "ws", 1) + STREAM_PATH,
            compression=None,
            proxy=None if is_on_this_machine(url) else True,
            open_timeout=_OPEN_S_MAX,
            close_timeout=_CLOSE_S_MAX,
            ping_interval=_PING_EVERY_S,
            ping_timeout=_PONG_S_MAX,
            max_size=None,
        )
    except InvalidStatus as refused:
        raise _refused(refused.response) from refused
    except (OSError, InvalidHandshake) as error:
        raise _Interrupted(f"No server at {url} answers") from error


class _Subscription:
    """One market on one connection."""

    def __init__(self, socket: ClientConnection, api: Api, market_id: str) -> None:
        self._socket = socket
        self._api = api
        self._market_id = market_id
        self._copy: MarketCopy | None = None

    def views(self, pace_s: float) -> Iterator[View]:
        """Subscribe, and yield views."""
        self._request("subscribe")
        due_at = time.monotonic()
        while True:
            self._take(self._receive())
            # What has been received is yielded before the end of the connection is reported.
            with suppress(TimeoutError, ConnectionClosed):
                while (left_s := due_at - time.monotonic()) > 0:
                    self._take(self._receive(left_s))
            if self._copy is not None:
                yield self._copy.view()
                due_at = time.monotonic() + pace_s

    def _request(self, op: str) -> None:
        self._socket.send(json.dumps({"op": op, "channel": "market", "id": self._market_id}))

    def _receive(self, timeout_s: float | None = None) -> Document:
        message: Document = json.loads(self._socket.recv(timeout_s))
        return message

    def _take(self, message: Document) -> None:
        """Apply a message. Some, such as heartbeats, change nothing."""
        if message["type"] == "snapshot":
            # Requested after the snapshot, so that no trade can be missed between them; one may be in both.
            trades = self._api.get(market_path(self._market_id, "trades"), limit=TRADES_KEPT)["items"]
            self._copy = MarketCopy(message, trades)
        elif message["type"] == "delta" and self._copy is not None:
            if self._copy.follows(message):
                self._copy.take(message)
            else:
                self._resubscribe()
        elif message["type"] == "error":
            raise _ended(message)

    def _resubscribe(self) -> None:
        """Ask for a new snapshot. Deltas that arrive before it are ignored."""
        self._copy = None
        self._request("unsubscribe")
        self._request("subscribe")


def _ended(error: Document) -> Failure | _Interrupted:
    if "retry_after_s" in error:
        return _Interrupted(_WORDS.get(error["code"], str(error["detail"])), error["retry_after_s"])
    return Refused(error["detail"])


def _refused(response: Response) -> Failure | _Interrupted:
    message = f"The stream refused the connection: the answer was {response.status_code} {response.reason_phrase}"
    if response.status_code in {HTTPStatus.TOO_MANY_REQUESTS, *range(500, 600)}:
        retry_after = response.headers.get("Retry-After", "")
        return _Interrupted(message, float(retry_after) if retry_after.isdecimal() else None)
    return Refused(f"{message}.", "Whatever is in between must let WebSockets through.")
