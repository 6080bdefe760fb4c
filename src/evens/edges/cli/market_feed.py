"""A market as it moves: what it is now, and what changed about it since."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from evens.edges.cli.api import Document

TRADES_SHOWN: Final = 6
_RUNNER_FIELDS: Final = ("status", "to_back", "to_lay", "last_odds", "matched")
_MARKET_FIELDS: Final = ("status", "working")


@dataclass(frozen=True, slots=True)
class View:
    """A market with its prices, and its latest trades, the newest first."""

    market: Document
    trades: tuple[Document, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether everybody has what the result gives them."""
        return self.market["status"] in {"settled", "void"} and not self.market["working"]

    def traded(self, trades: Sequence[Document]) -> "View":
        """Return the view with these trades, of which it may know some; the newest first."""
        known = {trade["id"] for trade in self.trades}
        fresh = [trade for trade in trades if trade["id"] not in known]
        return replace(self, trades=(*fresh, *self.trades)[:TRADES_SHOWN])


def changes(before: View, after: View) -> Iterator[Document]:
    """Yield what changed, each as one document: of the market, of runners, and trades, the oldest first."""
    if any(before.market[name] != after.market[name] for name in _MARKET_FIELDS):
        market_id, name = after.market["id"], after.market["name"]
        told = {field: after.market[field] for field in _MARKET_FIELDS}
        yield {"change": "market", "market_id": market_id, "name": name, **told}
    known = {trade["id"] for trade in before.trades}
    for trade in reversed(after.trades):
        if trade["id"] not in known:
            yield {"change": "trade", "name": _runner_name(after.market, trade["runner_id"]), **trade}
    for old, new in zip(before.market["runners"], after.market["runners"], strict=True):
        if any(old[field] != new[field] for field in _RUNNER_FIELDS):
            told = {field: new[field] for field in _RUNNER_FIELDS}
            yield {"change": "runner", "runner_id": new["id"], "name": new["name"], **told}


def _runner_name(market: Document, runner_id: str) -> str:
    return next((str(runner["name"]) for runner in market["runners"] if runner["id"] == runner_id), runner_id)
