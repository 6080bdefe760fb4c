"""Plays a recorded market into one of the server's, as an operator and the customers who quote its prices."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from evens.core.values.betting import Side
from evens.core.values.money import format_minor, parse_amount
from evens.core.values.odds import BPS_UNIT, format_odds, parse_odds
from evens.edges.cli.api import Api, Document
from evens.edges.cli.exchange.markets import MARKETS_PATH, ORDERS_PATH, market_path, order_path
from evens.edges.cli.exchange.recording import Place, Recording, requote
from evens.edges.cli.failures import Refused

ORDERS_AT_ONCE: Final = 200
CONNECTIONS: Final = 16
"""How many reductions are asked for at once: there is no request for several, but what comes together is one commit."""

_HUNDREDTHS: Final = 2
_SIDES: Final = {Side.BACK: "back", Side.LAY: "lay"}
_LEAST: Final = "0.01"
_BUSY_PAUSE_S: Final = 0.05
_BETTING: Final = frozenset({"open", "in_play"})


@dataclass(slots=True)
class RecordedMarket:
    """A market here that follows a recording. ``cash`` is what each of its two quoters is given.

    ``refused`` says how often what was asked for was refused, by the reason's code.
    """

    api: Api
    currency: str
    cash: str
    market: Document = field(default_factory=dict[str, Any])
    quoters: dict[Side, str] = field(default_factory=dict[Side, str])
    placed: int = 0
    refused: Counter[str] = field(default_factory=Counter[str])

    def open(self, recording: Recording) -> None:
        """Open the market, and register who quotes: one customer backs and the other one lays."""
        definition = recording.definition
        names = {int(runner["id"]): str(runner.get("name") or runner["id"]) for runner in definition["runners"]}
        body = {
            "name": str(definition.get("name") or definition.get("marketType") or recording.market),
            "event": _text(definition.get("eventName")),
            "starts_at": definition["marketTime"],
            "runners": [{"name": names[selection]} for selection in recording.runners],
            "winners": int(definition["numberOfWinners"]),
            "commission_bps": int(definition.get("marketBaseRate", 0) * BPS_UNIT / 100),
            "min_stake": _LEAST,
            "currency": self.currency,
            "bet_delay_seconds": 0,
            "country": _text(definition.get("countryCode")),
            "venue": _text(definition.get("venue")),
            "market_type": _text(definition.get("marketType")),
        }
        self.market = self.api.post(MARKETS_PATH, body).document
        for side, name in _SIDES.items():
            username = f"quoter-{self.market['id'].removeprefix('mkt_')}-{name}"
            user = self.api.post("/v1/users", {"username": username}).document["id"]
            self.api.post("/v1/deposits", {"user_id": user, "amount": self.cash, "currency": self.currency})
            self.quoters[side] = user

    def follow(self, recording: Recording) -> bool:
        """Make the market and its prices what they are in the recording; return whether there is more to come."""
        definition = recording.definition
        self._remove_runners(recording)
        status, is_in_play = definition["status"], bool(definition["inPlay"])
        if status == "CLOSED":
            self._end(recording)
            return False
        if is_in_play and self.market.get("in_play_since") is None and self.market["status"] != "in_play":
            self._operate("in-play")
        if status == "OPEN" and self.market["status"] == "suspended":
            self._operate("resume")
        if self.market["status"] in _BETTING:
            self._quote(recording)
        if status != "OPEN" and self.market["status"] in _BETTING:
            self._operate("suspend")
        return True

    def _remove_runners(self, recording: Recording) -> None:
        removed = {each["id"] for each in self.market["runners"] if each.get("status") == "removed"}
        for runner in recording.definition["runners"]:
            number = str(recording.number_of(int(runner["id"])))
            if runner["status"] == "REMOVED" and number not in removed:
                bps = int(runner.get("adjustmentFactor", 0) * BPS_UNIT / 100)
                self._operate(f"runners/{number}/remove", {"reduction_bps": bps})

    def _end(self, recording: Recording) -> None:
        won = [
            str(recording.number_of(int(runner["id"])))
            for runner in recording.definition["runners"]
            if runner["status"] == "WINNER"
        ]
        places = int(recording.definition["numberOfWinners"])
        if not won:
            self._operate("void", {})
        elif len(won) > places:
            self._operate("settle", {"winners": [], "tied": won})
        else:
            self._operate("settle", {"winners": won})

    def _operate(self, what: str, body: Document | None = None) -> None:
        """Do something with the market, and wait until it is done."""
        self.api.post(market_path(self.market["id"], what), body or {})
        while (market := self.api.get(market_path(self.market["id"])))["working"]:
            time.sleep(_BUSY_PAUSE_S)
        self.market = market

    def _quote(self, recording: Recording) -> None:
        quotes = requote(self._orders(), recording.waiting)
        # They are of different orders, so it does not matter in which order they are carried out.
        with ThreadPoolExecutor(CONNECTIONS) as threads:
            for code in threads.map(self._reduce, quotes.reductions, quotes.reductions.values()):
                if code is not None:
                    self.refused[code] += 1
        missing = list(quotes.missing.items())
        for first in range(0, len(missing), ORDERS_AT_ONCE):
            orders = [self._order(place, minor) for place, minor in missing[first : first + ORDERS_AT_ONCE]]
            for result in self.api.post(f"{ORDERS_PATH}/batch", {"orders": orders}).document["results"]:
                if "code" in result:
                    self.refused[result["code"]] += 1
                else:
                    self.placed += 1

    def _reduce(self, order: str, by_minor: int) -> str | None:
        """Take something off an order; return why that was refused, if it was."""
        try:
            self.api.delete(order_path(order), reduce_by=format_minor(by_minor, _HUNDREDTHS))
        except Refused as refusal:
            # Somebody took it in the meantime: that is what it was there for.
            return refusal.code or "refused"
        return None

    def _orders(self) -> dict[Place, tuple[str, int]]:
        """Return the quoters' open orders by where they wait."""
        found: dict[Place, tuple[str, int]] = {}
        for side, user in self.quoters.items():
            asked = {"market_id": self.market["id"], "status": "executable", "user_id": user}
            for order in self.api.items(ORDERS_PATH, **asked):
                place = int(order["runner_id"]), side, parse_odds(order["odds"])
                found[place] = order["id"], parse_amount(order["remaining"], _HUNDREDTHS)
        return found

    def _order(self, place: Place, minor: int) -> Document:
        runner, side, odds = place
        return {
            "market_id": self.market["id"],
            "runner_id": str(runner),
            "side": _SIDES[side],
            "odds": format_odds(odds),
            "stake": format_minor(minor, _HUNDREDTHS),
            "persistence": "persist",
            "user_id": self.quoters[side],
        }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
