"""The demo's markets: one of each kind of contest at any time, run by a thread of their own."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from threading import Event, Lock
from typing import Final

from evens.demo.market_series import PREFIX, MarketSeries, MarketState, Stopped
from evens.edges.cli.api import Api, Document
from evens.edges.cli.exchange.markets import MARKETS_PATH, OVER
from evens.edges.cli.operations import Operations

_IN_PLAY_SHARE: Final = 0.25
_OPEN_SHARES: Final[Mapping[str, float]] = {"match": 30.0, "final": 2.5}
"""How much longer other contests are open than a race; the match outlasts most visits."""

_UPDATE_EVERY_S: Final = 1.0
_EVENT: Final = re.compile(rf"{PREFIX}-([a-z]+)-([1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class MarketsOverview:
    """The current markets, and the results of those that have ended, the latest last."""

    states: Sequence[MarketState] = ()
    results: Sequence[str] = ()


class DemoMarkets:
    """Runs the markets until ``stop`` is set."""

    def __init__(
        self, api: Api, operations: Operations, user_ids: Mapping[str, str], market_minutes: float, stop: Event
    ) -> None:
        race_s = market_minutes * 60
        self._api = api
        self._update_every_s = min(_UPDATE_EVERY_S, race_s * _IN_PLAY_SHARE / 2)
        self._stop = stop
        self._lock = Lock()
        self._shown: list[MarketState] = []
        self._results: list[str] = []
        self._series = [
            MarketSeries(
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
    def overview(self) -> "MarketsOverview":
        """The markets as last read; any thread may call this."""
        with self._lock:
            return MarketsOverview(tuple(self._shown), tuple(self._results))

    def open(self) -> None:
        """Continue with the markets of an earlier demo, and open the missing ones. Raises :class:`Stopped`."""
        left_over = self._left_over()
        for one in self._series:
            market, number = left_over.get(one.kind, (None, 0))
            is_current = market is not None and market["status"] not in OVER
            one.begin(market if is_current else None, number if is_current else number + 1)
        self._update()

    def work(self) -> None:
        """Trade on the markets, turn them in-play and settle them, until ``stop`` is set."""
        update_at = 0.0
        try:
            for one in cycle(self._series):
                one.trade()
                if time.monotonic() >= update_at:
                    self._update()
                    update_at = time.monotonic() + self._update_every_s
        except Stopped:
            return

    def _update(self) -> None:
        for one in self._series:
            one.update()
        with self._lock:
            self._shown = [one.state for one in self._series]

    def _left_over(self) -> dict[str, tuple[Document, int]]:
        """Return the newest market of each kind that a demo opened on this data, and its number."""
        newest: dict[str, tuple[Document, int]] = {}
        for market in self._api.items(MARKETS_PATH):
            match = _EVENT.fullmatch(market["event"] or "")
            if match is not None and match[1] not in newest:
                newest[match[1]] = (market, int(match[2]))
                if len(newest) == len(self._series):
                    break
        return newest
