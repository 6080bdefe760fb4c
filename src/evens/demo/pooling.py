"""The demo's pool: a round a minute on a simulated price, and customers who say up or down."""

import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Lock
from typing import Any, Final

from evens.demo.market_opening import CURRENCY
from evens.demo.market_series import Stopped
from evens.edges.cli.api import Api, Document
from evens.edges.cli.failures import Refused, Unavailable
from evens.edges.cli.operations import Operations
from evens.edges.cli.pools.paths import POOLS_PATH, pool_path
from evens.edges.cli.simulator import Opinion
from evens.edges.cli.wording import amount_text, clock_text

POOL: Final = "minute"
_TERMS: Final[Mapping[str, Any]] = {
    "key": POOL,
    "name": "A minute's walk",
    "symbol": "WALK",
    "currency": CURRENCY,
    "fee_bps": 100,
    "calendar": "every:60",
    "lock_before_close_s": 10,
    "settle_after_close_s": 1,
    "sources": [{"name": "walk", "kind": "simulated", "seed": 7}],
}
_PAUSE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class PoolOverview:
    """The open round in words, and how the last one ended."""

    current: str = ""
    latest: str = ""


class Pooling:
    """Lets customers bet in the pool until ``stop`` is set."""

    def __init__(self, api: Api, operations: Operations, user_ids: Mapping[str, str], stop: Event) -> None:
        self._api = api
        self._user_ids = user_ids
        self._stop = stop
        self._bettors = operations.pool_bettors(list(user_ids))
        self._lock = Lock()
        self._shown = PoolOverview()

    @property
    def overview(self) -> PoolOverview:
        """The pool as last read; any thread may call this."""
        with self._lock:
            return self._shown

    def open(self) -> None:
        """Create the pool, unless an earlier demo has."""
        key = f"demo-{uuid.uuid4().hex}"
        while not self._stop.is_set():
            try:
                if all(pool["key"] != POOL for pool in self._api.get(POOLS_PATH)["items"]):
                    self._api.post(POOLS_PATH, dict(_TERMS), key=key)
            except Unavailable:
                self._stop.wait(_PAUSE_S)
            else:
                return
        raise Stopped

    def work(self) -> None:
        """Bet, and read how the rounds stand, until ``stop`` is set."""
        while True:
            opinion = self._bettors.turn()
            if self._stop.wait(opinion.pause_s):
                return
            # What is refused, because a round has just locked or somebody has spent their money, is let go.
            with suppress(Refused, Unavailable):
                self._bet(opinion)
            with suppress(Refused, Unavailable):
                self._read()

    def _bet(self, opinion: Opinion) -> None:
        body = {"side": opinion.side, "amount": opinion.stake, "user_id": self._user_ids[opinion.username]}
        self._api.post(pool_path(POOL, "bets"), body, key=f"demo-{uuid.uuid4().hex}")

    def _read(self) -> None:
        rounds = self._api.get(pool_path(POOL, "rounds"), limit=5)["items"]
        current = next((each for each in rounds if each["status"] == "open"), None)
        over = next((each for each in rounds if each["result"] is not None), None)
        shown = PoolOverview("" if current is None else _open_text(current), "" if over is None else _over_text(over))
        with self._lock:
            self._shown = shown


def _open_text(each: Document) -> str:
    up, down = (amount_text(each["sides"][side]["staked"]) for side in ("up", "down"))
    return f"{up} up and {down} down {CURRENCY}, locks at {clock_text(each['locks_at'])}"


def _over_text(each: Document) -> str:
    if each["result"] == "void":
        return f"void: {each['void_reason']}"
    pays = each["sides"][each["result"]]["pays_per_unit"]
    paid = "nobody was on the other side" if pays is None else f"1 paid {float(pays):.2f}"
    return f"{each['result']}, {each['reference_price']} to {each['closing_price']}; {paid}"
