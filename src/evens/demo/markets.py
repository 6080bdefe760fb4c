"""The demo's markets: one of each kind at any time, on a thread of its own beside the payments."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from threading import Event, Lock
from typing import Final

from evens.demo.pitch import PREFIX, Pitch, Stand, Stopped
from evens.edges.cli.api import Api, Document
from evens.edges.cli.exchange.markets import MARKETS_PATH, OVER
from evens.edges.cli.operations import Operations

MARKET_MINUTES: Final = 4.0
"""How long a race is open before it starts."""

_IN_PLAY_SHARE: Final = 0.25
_OPEN_SHARES: Final[Mapping[str, float]] = {"match": 30.0, "final": 2.5}
"""How much longer other contests are open than a race; the match stays for as long as one plays around."""

_LOOK_EVERY_S: Final = 1.0
_EVENT: Final = re.compile(rf"{PREFIX}-([a-z]+)-([1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class Showing:
    """How the markets stand, and how those that are over ended, the latest last."""

    stands: Sequence[Stand] = ()
    results: Sequence[str] = ()


class DemoMarkets:
    """Keeps the markets going until told to stop."""

    def __init__(
        self, api: Api, operations: Operations, user_ids: Mapping[str, str], market_minutes: float, stop: Event
    ) -> None:
        race_s = market_minutes * 60
        self._api = api
        self._look_every_s = min(_LOOK_EVERY_S, race_s * _IN_PLAY_SHARE / 2)
        self._stop = stop
        self._lock = Lock()
        self._shown: list[Stand] = []
        self._results: list[str] = []
        self._pitches = [
            Pitch(
                api,
                operations,
                user_ids,
                kind,
                open_s=race_s * _OPEN_SHARES.get(kind, 1.0),
                in_play_s=race_s * _IN_PLAY_SHARE,
                results=self._results,
                stop=stop,
            )
            for kind in operations.fixture_kinds()
        ]

    @property
    def shown(self) -> "Showing":
        """The markets as last looked at; any thread may ask."""
        with self._lock:
            return Showing(tuple(self._shown), tuple(self._results))

    def open(self) -> None:
        """Go on with what an earlier demo left, and open what is missing. Raises :class:`Stopped` if told to stop."""
        left_over = self._left_over()
        for pitch in self._pitches:
            market, number = left_over.get(pitch.kind, (None, 0))
            going_on = market is not None and market["status"] not in OVER
            pitch.begin(market if going_on else None, number if going_on else number + 1)
        self._look()

    def work(self) -> None:
        """Let them trade, turn in-play and be settled, until told to stop."""
        look_at = 0.0
        try:
            for pitch in cycle(self._pitches):
                pitch.turn()
                if time.monotonic() >= look_at:
                    self._look()
                    look_at = time.monotonic() + self._look_every_s
        except Stopped:
            return

    def _look(self) -> None:
        for pitch in self._pitches:
            pitch.look()
        with self._lock:
            self._shown = [pitch.stand for pitch in self._pitches]

    def _left_over(self) -> dict[str, tuple[Document, int]]:
        """Return the newest market of each kind that a demo opened on this data, and its number."""
        newest: dict[str, tuple[Document, int]] = {}
        for market in self._api.items(MARKETS_PATH):
            match = _EVENT.fullmatch(market["event"] or "")
            if match is not None and match[1] not in newest:
                newest[match[1]] = (market, int(match[2]))
                if len(newest) == len(self._pitches):
                    break
        return newest
