"""A series of demo markets, one at a time: each is traded, turned in-play and settled, then the next one opens."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Final, TypeVar

from evens.demo.market_opening import CURRENCY, open_market, order_of, place_all
from evens.edges.cli.api import Answer, Api, Document
from evens.edges.cli.exchange.market_view import winners_text
from evens.edges.cli.exchange.markets import ORDERS_PATH, OVER, market_path, order_path
from evens.edges.cli.failures import Refused, Unavailable
from evens.edges.cli.operations import Operations
from evens.edges.cli.simulator import Bid, Traders

PREFIX: Final = "demo"

_TRADED: Final = frozenset({"open", "in_play"})
_NEEDS_MONEY: Final = ("insufficient_funds", "owes_house")
_BANKROLL: Final = "500.00"
_AGAIN_AFTER_S: Final = 1.0

_Result = TypeVar("_Result")
_Quote = tuple[int, str, int]
"""A runner's position, a side and a level."""


class Stopped(Exception):
    """The demo ended during a wait."""


@dataclass(frozen=True, slots=True)
class MarketState:
    """A market, and when its next step is due, in seconds since 1970."""

    market: Document
    changes_at: float


class MarketSeries:
    """The markets of one kind of contest, one after the other, each open for ``open_s`` and in-play for ``in_play_s``.

    ``market`` is the current one, as last read. The result of each is appended to ``results``, in words.
    """

    def __init__(
        self,
        api: Api,
        operations: Operations,
        user_ids: Mapping[str, str],
        kind: str,
        *,
        open_s: float,
        in_play_s: float,
        results: list[str],
        stop: Event,
    ) -> None:
        self.kind = kind
        self._results = results
        self._api = api
        self._operations = operations
        self._user_ids = user_ids
        self._open_s = open_s
        self._in_play_s = in_play_s
        self._stop = stop
        self._number = 0
        self._quotes: dict[_Quote, str] = {}
        self._quoted_odds: dict[_Quote, str] = {}

    @property
    def state(self) -> MarketState:
        """The current market."""
        return MarketState(
            self.market, self._starts_at + (self._in_play_s if self.market["status"] == "in_play" else 0.0)
        )

    def begin(self, left_over: Document | None, number: int) -> None:
        """Continue with the market of an earlier demo, else open the one with this number."""
        self._number = number
        if left_over is None or not self._continue_with(left_over):
            self._open()

    def trade(self) -> None:
        """Wait for the traders' next turn and place their bids. Raises :class:`Stopped`."""
        turn = self._traders.turn()
        if self._stop.wait(turn.pause_s):
            raise Stopped
        if self.market["status"] not in _TRADED or self.market["working"]:
            return
        if not self._quotes:
            self._quote_all()
        for bid in turn.bids:
            self._place_or_move(bid)

    def update(self) -> None:
        """Read the market, and take the step that is due."""
        self._read()
        now = time.time()
        if self.market["status"] in OVER:
            # A user of the demo has ended it.
            won = winners_text(self.market)
            self._end(f"{won} won" if won else "void")
        elif self.market["working"] or now < self._starts_at:
            return
        elif self.market["status"] == "open":
            self._take_step("in-play", {})
            self._read()
        elif now >= self._starts_at + self._in_play_s:
            self._settle()

    def _read(self) -> None:
        self.market = self._retry(lambda: self._api.get(market_path(self.market["id"])))
        if self.market["in_play_since"] is not None and not self._in_play:
            self._in_play = True
            self._traders.turn_in_play()
            # The quotes have lapsed.
            self._forget_quotes()

    def _open(self) -> None:
        fixture = self._operations.fixture(self.kind, self._number)
        starts_at, key = time.time() + self._open_s, _new_key()
        self._set_market(self._retry(lambda: open_market(self._api, PREFIX, fixture, starts_at, key)))
        self._quote_all()
        self._read()

    def _continue_with(self, market: Document) -> bool:
        """Return whether the market is one that this version of the simulator would have opened; else it is voided."""
        fixture = self._operations.fixture(self.kind, self._number)
        runners = [runner["name"] for runner in market["runners"]]
        self._set_market(market)
        if runners != list(fixture.runners) or market["currency"] != CURRENCY:
            self._take_step("void", {})
            self._number += 1
            return False
        if market["status"] in _TRADED:
            body = {"market_id": market["id"], "user_id": self._user_ids[self._traders.maker]}
            self._request(lambda key: self._api.post(f"{ORDERS_PATH}/cancel", body, key=key))
            self._read()
            self._quote_all()
        return True

    def _set_market(self, market: Document) -> None:
        fixture = self._operations.fixture(self.kind, self._number)
        self.market = market
        self._traders: Traders = self._operations.traders(fixture, list(self._user_ids))
        self._starts_at = datetime.fromisoformat(market["starts_at"]).timestamp()
        self._in_play = False
        self._forget_quotes()

    def _forget_quotes(self) -> None:
        self._quotes.clear()
        self._quoted_odds.clear()

    def _quote_all(self) -> None:
        bids = self._traders.open()
        market, key = self.market, _new_key()
        answer = self._retry(lambda: place_all(self._api, bids, market, self._user_ids, key))
        for bid, result in zip(bids, answer.document["results"], strict=True):
            if "id" in result:
                self._remember(bid, result)

    def _settle(self) -> None:
        places = self._traders.draw_winners()
        won = [self.market["runners"][place - 1]["id"] for place in places]
        if self._take_step("settle", {"winners": won}):
            names = [self.market["runners"][place - 1]["name"] for place in places]
            self._end(f"{' and '.join(names)} won")
        elif self._take_step("void", {}):
            self._end("void")

    def _take_step(self, step: str, body: Document) -> bool:
        """Return whether the step was accepted."""
        path = market_path(self.market["id"], step)
        return self._request(lambda key: self._api.post(path, body, key=key)) is not None

    def _end(self, result: str) -> None:
        self._results.append(f"{self.market['name']}: {result}")
        self._next()

    def _next(self) -> None:
        self._number += 1
        self._open()

    def _place_or_move(self, bid: Bid) -> None:
        """Place a taker's order, or move the quote that the bid replaces: by changing its odds, else by a new order."""
        if bid.level is None:
            self._place(bid)
            return
        order_id = self._quotes.pop(_quote(bid), None)
        moved = self._move(order_id, bid) if order_id is not None else None
        if moved is None:
            moved = self._place(bid)
        if moved is not None:
            self._remember(bid, moved)

    def _move(self, order_id: str, bid: Bid) -> Document | None:
        """Change the odds of a quote and return it. If they are the same, cancel it and return ``None``."""
        if self._quoted_odds[_quote(bid)] == bid.odds:
            self._request(lambda key: self._api.delete(order_path(order_id), key=key))
            return None
        return self._request(lambda key: self._api.put(order_path(order_id), {"odds": bid.odds}, key=key))

    def _place(self, bid: Bid) -> Document | None:
        order = order_of(bid, self.market, self._user_ids)
        return self._request(lambda key: self._api.post(ORDERS_PATH, order, key=key), bid.username)

    def _remember(self, bid: Bid, order: Document) -> None:
        self._quotes[_quote(bid)] = order["id"]
        self._quoted_odds[_quote(bid)] = order["odds"]

    def _request(self, ask: Callable[[str], Answer], username: str | None = None) -> Document | None:
        """Return the answer, or ``None`` if it is a refusal. A maker who lacks money deposits some."""
        key = _new_key()
        try:
            return self._retry(lambda: ask(key)).document
        except Refused as refusal:
            if refusal.code in _NEEDS_MONEY and username == self._traders.maker:
                self._deposit(self._traders.maker)
            return None

    def _deposit(self, username: str) -> None:
        body = {"user_id": self._user_ids[username], "amount": _BANKROLL, "currency": CURRENCY, "reference": "bankroll"}
        key = _new_key()
        self._retry(lambda: self._api.post("/v1/deposits", body, key=key))

    def _retry(self, ask: Callable[[], _Result]) -> _Result:
        """Send until there is an answer. Raises :class:`Refused`, or :class:`Stopped` when the demo ends."""
        while True:
            try:
                return ask()
            except Unavailable:
                if self._stop.wait(_AGAIN_AFTER_S):
                    raise Stopped from None


def _quote(bid: Bid) -> _Quote:
    assert bid.level is not None
    return bid.runner, bid.side, bid.level


def _new_key() -> str:
    return f"demo-{uuid.uuid4().hex}"
