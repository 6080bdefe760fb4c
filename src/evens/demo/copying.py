"""The demo's leaders and those who copy them: what the leaders bet, and what became of it for their followers."""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any, Final

from evens.demo.market_opening import CURRENCY
from evens.edges.cli.api import Api, Document
from evens.edges.cli.exchange.markets import MARKETS_PATH, ORDERS_PATH
from evens.edges.cli.failures import Refused, Unavailable
from evens.edges.cli.operations import Operations
from evens.edges.cli.pools.paths import POOLS_PATH, pool_path
from evens.edges.cli.server_file import Target
from evens.edges.cli.simulated_leaders import Follower, Pick
from evens.edges.cli.social.follow_wording import REASONS
from evens.edges.cli.social.following import COPIES_STEP, FOLLOWS_PATH, follow_path
from evens.edges.cli.social.profile_commands import OWN_PATH
from evens.edges.cli.sportsbook.paths import BETS_PATH, EVENTS_PATH
from evens.edges.cli.wording import money_text

_AGAIN_AFTER_S: Final = 1.0
_READ_EVERY_S: Final = 2.0
_COPIES_READ: Final = 50


@dataclass(slots=True)
class _Follow:
    """A follow that is under way, and the newest copy that was seen of it."""

    id: str
    follower: str
    leader: str
    newest: str | None = None


@dataclass(frozen=True, slots=True)
class CopiesOverview:
    """How many bets were copied and skipped since the demo began, and what became of the latest one, in words."""

    copied: int = 0
    skipped: int = 0
    latest: str = ""


@dataclass(slots=True)
class _Board:
    """What can be bet on, as last read."""

    markets: Sequence[Document] = ()
    events: Sequence[Document] = ()
    rounds: Sequence[Document] = ()
    follows: list[_Follow] = field(default_factory=list[_Follow])


class Copying:
    """Lets the leaders bet until ``stop`` is set, and reads what was copied."""

    def __init__(self, api: Api, operations: Operations, url: str, user_ids: Mapping[str, str], stop: Event) -> None:
        self._api = api
        self._url = url
        self._user_ids = user_ids
        self._stop = stop
        self._leading = operations.leading(list(user_ids))
        self._lock = Lock()
        self._shown = CopiesOverview()
        self._board = _Board()

    @property
    def leaders(self) -> Sequence[str]:
        """The usernames of the leaders."""
        return [leader.username for leader in self._leading.leaders]

    @property
    def overview(self) -> CopiesOverview:
        """What was copied, as last read; any thread may call this."""
        with self._lock:
            return self._shown

    def work(self) -> None:
        """Let the leaders be followed, bet as they do, and read what was copied, until ``stop`` is set."""
        if not self._leading.leaders:
            return
        for leader in self._leading.leaders:
            shown = {"display_name": leader.display_name, "bio": leader.bio, "visibility": "public", "copyable": True}
            self._as(leader.username, lambda api, body=shown: api.patch(OWN_PATH, body))
        for follower in self._leading.followers:
            self._as(follower.username, lambda api, wish=follower: self._follow(api, wish))
        read_at = 0.0
        while not self._stop.is_set():
            if time.monotonic() >= read_at:
                with suppress(Unavailable):
                    self._read()
                read_at = time.monotonic() + _READ_EVERY_S
            board = self._board
            pick = self._leading.turn(board.markets, board.events, board.rounds)
            if self._stop.wait(pick.pause_s):
                return
            # What is refused, because odds or times have moved, is let go.
            with suppress(Refused, Unavailable):
                self._bet(pick)

    def _as(self, username: str, do: Callable[[Api], object]) -> None:
        """Do something with a key of the customer's own, until it is done or refused, or the demo ends."""
        while not self._stop.is_set():
            try:
                self._with_key(username, do)
            except Unavailable:
                self._stop.wait(_AGAIN_AFTER_S)
            except Refused:
                return
            else:
                return

    def _with_key(self, username: str, do: Callable[[Api], object]) -> None:
        body = {"role": "customer", "user_id": self._user_ids[username], "name": "demo"}
        made = self._api.post("/v1/api-keys", body, key=_new_key()).document
        try:
            with Api(Target(self._url, made["key"]), pauses_s=()) as own:
                do(own)
        finally:
            self._api.delete(f"/v1/api-keys/{made['id']}")

    def _follow(self, own: Api, wish: Follower) -> None:
        """Begin to follow, or go on with the follow of an earlier demo."""
        with suppress(Refused):
            own.post(FOLLOWS_PATH, {"leader": f"@{wish.leader}", "currency": CURRENCY, **wish.limits}, key=_new_key())
        for each in own.items(FOLLOWS_PATH):
            if each["leader"] == wish.leader and each["status"] != "ended":
                known = own.get(follow_path(each["id"], COPIES_STEP), limit=1)["items"]
                newest = known[0]["leader_bet"] if known else None
                self._board.follows.append(_Follow(each["id"], wish.username, wish.leader, newest))
                return

    def _bet(self, pick: Pick) -> None:
        if pick.body is None:
            return
        body: dict[str, Any] = {**pick.body, "user_id": self._user_ids[pick.username]}
        if pick.product == "exchange":
            path = ORDERS_PATH
        elif pick.product == "sportsbook":
            path = BETS_PATH
            body["currency"] = CURRENCY
        else:
            path = pool_path(body.pop("pool"), "bets")
        self._api.post(path, body, key=_new_key())

    def _read(self) -> None:
        """Read what can be bet on, and what was copied since it was read last."""
        board = self._board
        board.markets = [
            market
            for market in self._api.get(MARKETS_PATH, status="open", limit=20)["items"]
            if market["currency"] == CURRENCY and not market["working"]
        ]
        board.events = [event for event in self._api.items(EVENTS_PATH) if not event["stale"]]
        pools = [pool["key"] for pool in self._api.get(POOLS_PATH)["items"] if pool["currency"] == CURRENCY]
        board.rounds = [
            each for pool in pools for each in self._api.get(pool_path(pool, "rounds"), status="open", limit=1)["items"]
        ]
        for follow in board.follows:
            self._read_copies(follow)

    def _read_copies(self, follow: _Follow) -> None:
        fresh: list[Document] = []
        for copy in self._api.get(follow_path(follow.id, COPIES_STEP), limit=_COPIES_READ)["items"]:
            if copy["leader_bet"] == follow.newest:
                break
            fresh.append(copy)
        if not fresh:
            return
        follow.newest = fresh[0]["leader_bet"]
        skipped = sum([copy["status"] == "skipped" for copy in fresh])
        with self._lock:
            before = self._shown
            self._shown = CopiesOverview(
                before.copied + len(fresh) - skipped, before.skipped + skipped, _words(follow, fresh[0])
            )


def _words(follow: _Follow, copy: Document) -> str:
    """Return what became of a leader's bet for a follower."""
    where = {"exchange": "on the exchange", "sportsbook": "with the house", "pools": "in a pool"}[copy["product"]]
    if copy["status"] == "skipped":
        why = REASONS.get(copy["reason"], copy["reason"])
        return f"{follow.follower} did not copy {follow.leader} {where}: {why}"
    odds = "" if copy["average_odds"] is None else f" at {copy['average_odds']}"
    stake = money_text(copy["matched"] or copy["stake"], CURRENCY)
    return f"{follow.follower} copied {follow.leader} {where}: {stake}{odds}"


def _new_key() -> str:
    return f"demo-{uuid.uuid4().hex}"
