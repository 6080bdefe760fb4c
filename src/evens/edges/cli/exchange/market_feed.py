"""A copy of a market that is kept up to date by the stream, views of it, and the differences between views."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from evens.edges.cli.api import Document

TRADES_KEPT: Final = 100
"""How many of the latest trades a view has; no delta has more."""

_BEST_PRICES: Final = 3
_WAYS: Final = ("to_back", "to_lay")
_ENVELOPE: Final = frozenset({"type", "channel", "seq"})
_RUNNER_FIELDS: Final = ("status", "to_back", "to_lay", "last_odds", "matched")
_MARKET_FIELDS: Final = ("status", "working")


@dataclass(frozen=True, slots=True)
class View:
    """A market with its best prices, and its latest trades, the newest first."""

    market: Document
    trades: tuple[Document, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether the market is settled or void, and all of that is booked."""
        return self.market["status"] in {"settled", "void"} and not self.market["working"]


class MarketCopy:
    """A market with all its prices, composed from the stream's messages; ``trades`` are earlier ones, newest first.

    ``seq`` is that of the last message.
    """

    def __init__(self, snapshot: Document, trades: Iterable[Document]) -> None:
        self.seq: int = snapshot["seq"]
        self._market = {name: value for name, value in snapshot.items() if name not in _ENVELOPE}
        self._runners: dict[str, Document] = {runner["id"]: _with_book(runner) for runner in snapshot["runners"]}
        self._trades = tuple(trades)[:TRADES_KEPT]

    def follows(self, delta: Document) -> bool:
        """Return whether a delta begins at this copy's ``seq``, so that nothing was missed."""
        return delta["prev_seq"] == self.seq

    def take(self, delta: Document) -> None:
        """Apply a delta."""
        self.seq = delta["seq"]
        self._market |= {name: delta[name] for name in ("status", "working", "version") if name in delta}
        known = {trade["id"] for trade in self._trades}
        fresh = [trade for trade in reversed(delta.get("trades", ())) if trade["id"] not in known]
        self._trades = (*fresh, *self._trades)[:TRADES_KEPT]
        for changed in delta["runners"]:
            runner = self._runners[changed["id"]]
            runner |= {name: value for name, value in changed.items() if name not in _WAYS}
            for way in _WAYS:
                _change_sizes(runner[way], changed.get(way, ()))

    def view(self) -> View:
        """Return the current view of the market."""
        runners = [_with_best(runner) for runner in self._runners.values()]
        return View({**self._market, "runners": runners}, self._trades)


def changes(before: View, after: View) -> Iterator[Document]:
    """Yield what changed, each as one document: of the market, of runners, and trades, the oldest first."""
    if any(before.market[name] != after.market[name] for name in _MARKET_FIELDS):
        market_id, name = after.market["id"], after.market["name"]
        fields = {field: after.market[field] for field in _MARKET_FIELDS}
        yield {"change": "market", "market_id": market_id, "name": name, **fields}
    known = {trade["id"] for trade in before.trades}
    for trade in reversed(after.trades):
        if trade["id"] not in known:
            yield {"change": "trade", "name": _runner_name(after.market, trade["runner_id"]), **trade}
    for old, new in zip(before.market["runners"], after.market["runners"], strict=True):
        if any(old[field] != new[field] for field in _RUNNER_FIELDS):
            fields = {field: new[field] for field in _RUNNER_FIELDS}
            yield {"change": "runner", "runner_id": new["id"], "name": new["name"], **fields}


def _with_book(runner: Document) -> Document:
    return {**runner, **{way: dict(runner[way]) for way in _WAYS}}


def _change_sizes(sizes: dict[str, str], levels: Sequence[Sequence[str]]) -> None:
    """Set the new sizes by odds; odds at which nothing is left are removed."""
    for odds, size in levels:
        if Decimal(size):
            sizes[odds] = size
        else:
            sizes.pop(odds, None)


def _with_best(runner: Document) -> Document:
    return {
        **runner,
        "to_back": _best(runner["to_back"], is_highest_best=True),
        "to_lay": _best(runner["to_lay"], is_highest_best=False),
    }


def _best(sizes: Mapping[str, str], *, is_highest_best: bool) -> list[dict[str, Any]]:
    best = sorted(sizes, key=Decimal, reverse=is_highest_best)[:_BEST_PRICES]
    return [{"odds": odds, "size": sizes[odds]} for odds in best]


def _runner_name(market: Document, runner_id: str) -> str:
    return next((str(runner["name"]) for runner in market["runners"] if runner["id"] == runner_id), runner_id)
