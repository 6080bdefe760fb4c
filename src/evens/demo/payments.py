"""The demo's payments: one after the other through the HTTP API, each of them made exactly once."""

import time
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Final

from evens.edges.cli.api import Api
from evens.edges.cli.failures import Refused, Unavailable
from evens.edges.cli.simulator import Move
from evens.edges.cli.wording import money_text

_RATE_WINDOW_S: Final = 10.0
_AGAIN_AFTER_S: Final = 1.0


@dataclass(slots=True)
class PaymentCounts:
    """How many payments were made and refused, the latest in words, and when the recent ones were made."""

    made: int = 0
    refused: int = 0
    latest: str = ""
    waiting: bool = False
    recent: deque[float] = field(default_factory=deque[float])

    def per_second(self) -> float:
        """Return the payments a second over the last ten seconds."""
        now = time.monotonic()
        while self.recent and self.recent[0] < now - _RATE_WINDOW_S:
            self.recent.popleft()
        if not self.recent:
            return 0.0
        return len(self.recent) / max(now - self.recent[0], 1.0)


class Payments:
    """Makes the payments of ``moves`` among the customers in ``user_ids`` until ``stop`` is set."""

    def __init__(self, api: Api, moves: Iterator[Move], user_ids: Mapping[str, str], stop: Event) -> None:
        self.counts = PaymentCounts()
        self._api = api
        self._moves = moves
        self._user_ids = user_ids
        self._stop = stop
        self._run = uuid.uuid4().hex

    def work(self) -> Iterator[PaymentCounts]:
        """Make one payment for each iteration, until ``stop`` is set."""
        for number, move in enumerate(self._moves):
            if self._stop.wait(move.pause_s):
                return
            while not self._make(move, f"demo-{self._run}-{number}"):
                yield self.counts
                if self._stop.wait(_AGAIN_AFTER_S):
                    return
            yield self.counts

    def _make(self, move: Move, key: str) -> bool:
        """Return whether the outcome of the payment is known; if not, it must be sent again with the same key."""
        path, body = self._request(move)
        counts = self.counts
        try:
            self._api.post(path, body, key=key)
        except Refused:
            counts.refused += 1
        except Unavailable:
            counts.waiting = True
            return False
        else:
            counts.made += 1
            counts.recent.append(time.monotonic())
            counts.latest = _words(move)
        counts.waiting = False
        return True

    def _request(self, move: Move) -> tuple[str, dict[str, str | None]]:
        body = {"amount": move.amount, "currency": move.currency}
        user_id = self._user_ids[move.username]
        if move.payee is not None:
            payee = self._user_ids[move.payee]
            return "/v1/transfers", {**body, "from_user_id": user_id, "to_user_id": payee, "memo": move.memo}
        return f"/v1/{move.kind}s", {**body, "user_id": user_id}


def _words(move: Move) -> str:
    money = money_text(move.amount, move.currency)
    if move.payee is not None:
        return f"{move.username} paid {money} to {move.payee} ({move.memo})"
    return f"{move.username} {'brought in' if move.kind == 'deposit' else 'took out'} {money}"
