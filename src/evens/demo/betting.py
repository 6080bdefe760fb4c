"""The demo's sportsbook: punters who bet on the line, and what the house can lose on them."""

import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from threading import Event, Lock
from typing import Final, TypeVar

from evens.demo.market_opening import CURRENCY
from evens.edges.cli.api import Api, Document
from evens.edges.cli.failures import Refused, Unavailable
from evens.edges.cli.operations import Operations
from evens.edges.cli.simulator import Wager
from evens.edges.cli.sportsbook.paths import BETS_PATH, EVENTS_PATH, EXPOSURE_PATH, bet_path

BANK: Final = "50000.00"
"""What the operator has paid into the bank before the first bet."""

SHOWN_MAX: Final = 3

_READ_EVERY_S: Final = 2.0
_AGAIN_AFTER_S: Final = 1.0
_OPEN_BETS_MAX: Final = 100
_RECENT_MAX: Final = 50

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Risk:
    """An event with open singles: how many, and the most that the house can lose on all its markets together."""

    title: str
    bets: int
    staked: Decimal
    worst_case: Decimal


@dataclass(frozen=True, slots=True)
class BookOverview:
    """What the house has in the bank and in reserve, where it can lose most, and how events ended, the latest last."""

    bets: int = 0
    bank: str = "0.00"
    reserved: str = "0.00"
    risks: Sequence[Risk] = ()
    results: Sequence[str] = ()


class Betting:
    """Lets customers bet with the house until ``stop`` is set."""

    def __init__(self, api: Api, operations: Operations, user_ids: Mapping[str, str], stop: Event) -> None:
        self._api = api
        self._user_ids = user_ids
        self._stop = stop
        self._punters = operations.punters(list(user_ids))
        self._lock = Lock()
        self._shown = BookOverview()
        self._bets = 0
        self._open: deque[str] = deque(maxlen=_OPEN_BETS_MAX)
        self._seen: dict[str, str] = {}
        self._results: deque[str] = deque(maxlen=_RECENT_MAX)

    @property
    def overview(self) -> BookOverview:
        """The book as last read; any thread may call this."""
        with self._lock:
            return self._shown

    def open(self) -> None:
        """Pay into the bank, unless an earlier demo has."""
        bank = self._balance()
        if Decimal(bank["bank"]) + Decimal(bank["reserved"]) < Decimal(BANK) / 2:
            key = f"demo-{uuid.uuid4().hex}"
            body = {"amount": BANK, "currency": CURRENCY, "reference": "the demo's bank"}
            self._retry(lambda: self._api.post("/v1/house/deposits", body, key=key))

    def work(self) -> None:
        """Bet, cash out, and read how the book stands, until ``stop`` is set."""
        events: Sequence[Document] = ()
        read_at = 0.0
        while not self._stop.is_set():
            if time.monotonic() >= read_at:
                with suppress(Unavailable):
                    events = self._read()
                read_at = time.monotonic() + _READ_EVERY_S
            wager = self._punters.turn(events)
            if self._stop.wait(wager.pause_s):
                return
            with suppress(Refused, Unavailable):
                self._take(wager)

    def _take(self, wager: Wager) -> None:
        """Place a bet, or cash the oldest one out; what is refused, because odds or times have moved, is let go."""
        key = f"demo-{uuid.uuid4().hex}"
        if wager.legs:
            legs = [{"event_id": leg.event_id, "market": leg.market, "selection": leg.selection} for leg in wager.legs]
            on = legs[0] if len(legs) == 1 else {"legs": legs}
            more = {"amount": wager.stake, "currency": CURRENCY, "user_id": self._user_ids[wager.username]}
            self._open.append(self._api.post(BETS_PATH, {**on, **more}, key=key).document["id"])
            self._bets += 1
        elif self._open:
            path = bet_path(self._open.popleft(), "cash-out")
            self._api.post(path, {"quote_id": self._api.get(path)["quote_id"]}, key=key)

    def _read(self) -> Sequence[Document]:
        """Read the book, and return the events that one can bet on."""
        events = list(self._api.items(EVENTS_PATH))
        for event_id in [known for known in self._seen if known not in {event["id"] for event in events}]:
            self._note_end(event_id)
        self._seen |= {event["id"]: event["title"] for event in events}
        bank, risks = self._balance(), _risks(self._api.get(EXPOSURE_PATH)["items"])
        with self._lock:
            self._shown = BookOverview(self._bets, bank["bank"], bank["reserved"], risks, tuple(self._results))
        return [event for event in events if not event["stale"]]

    def _note_end(self, event_id: str) -> None:
        """Note how an event ended, if it has; one that is only suspended will be seen again."""
        event = self._api.get(f"{EVENTS_PATH}/{event_id}")
        if event["status"] != "new":
            title = self._seen.pop(event_id)
            won = [
                selection["name"]
                for market in event["markets"][:1]
                for selection in market["selections"]
                if selection["result"] == "won"
            ]
            self._results.append(f"{title}: {' and '.join(won) + ' won' if won else event['status']}")

    def _balance(self) -> Document:
        balances: list[Document] = self._retry(lambda: self._api.get("/v1/house/balances"))["items"]
        return next(each for each in balances if each["currency"] == CURRENCY)

    def _retry(self, ask: Callable[[], _Result]) -> _Result:
        """Send until there is an answer, or until the demo ends: then :class:`Unavailable` is raised."""
        while True:
            try:
                return ask()
            except Unavailable:
                if self._stop.wait(_AGAIN_AFTER_S):
                    raise


def _risks(exposures: Sequence[Document]) -> tuple[Risk, ...]:
    """Return the events on which the house can lose most, the worst first."""
    by_event: dict[str, Risk] = {}
    for one in exposures:
        known = by_event.get(one["event_id"], Risk(one["title"], 0, Decimal(0), Decimal(0)))
        by_event[one["event_id"]] = Risk(
            known.title,
            known.bets + one["bets"],
            known.staked + Decimal(one["staked"]),
            known.worst_case + Decimal(one["worst_case"]),
        )
    return tuple(sorted(by_event.values(), key=lambda risk: -risk.worst_case)[:SHOWN_MAX])
