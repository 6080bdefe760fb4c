"""Naive copies of what the Exchange Stream sends, kept as Betfair's documentation says."""

from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]

_BY_PRICE = ("atb", "atl", "trd")
_BY_LEVEL = ("batb", "batl", "bdatb", "bdatl")


@dataclass(slots=True)
class MarketCopy:
    """A market, composed from entries of ``mc``. By price there are sizes, and by level a price with its size."""

    definition: Message | None = None
    volume: float = 0
    runners: dict[int, Message] = field(default_factory=dict[int, Message])

    def take(self, entry: Message) -> None:
        """Apply an entry."""
        if entry.get("img"):
            self.runners.clear()
            self.definition, self.volume = None, 0
        self.definition = entry.get("marketDefinition", self.definition)
        self.volume = entry.get("tv", self.volume)
        for row in entry.get("rc", ()):
            runner = self.runners.setdefault(row["id"], {})
            for name, value in row.items():
                if name in _BY_PRICE:
                    _apply(runner.setdefault(name, {}), [(price, size, size) for price, size in value])
                elif name in _BY_LEVEL:
                    levels = [(level, (price, size), size) for level, price, size in value]
                    _apply(runner.setdefault(name, {}), levels)
                else:
                    runner[name] = value

    def runner(self, number: int) -> Message:
        """Return what is known of a runner."""
        return self.runners.get(number, {})


def _apply(known: dict[Any, Any], rows: list[tuple[Any, Any, float]]) -> None:
    for key, value, size in rows:
        if size == 0:
            # What is deleted must have been there.
            del known[key]
        else:
            known[key] = value


@dataclass(slots=True)
class BetsCopy:
    """One's own bets, composed from entries of ``oc``: orders by id, and what was matched by runner and side."""

    orders: dict[str, Message] = field(default_factory=dict[str, Message])
    matched: dict[tuple[str, int, str], dict[float, float]] = field(
        default_factory=dict[tuple[str, int, str], dict[float, float]]
    )
    closed: set[str] = field(default_factory=set[str])

    def take(self, entry: Message) -> None:
        """Apply an entry."""
        if entry.get("fullImage"):
            self.matched = {key: sizes for key, sizes in self.matched.items() if key[0] != entry["id"]}
        if entry.get("closed"):
            self.closed.add(entry["id"])
        for runner in entry.get("orc", ()):
            for name in ("mb", "ml"):
                known = self.matched.setdefault((entry["id"], runner["id"], name), {})
                if runner.get("fullImage"):
                    known.clear()
                _apply(known, [(price, size, size) for price, size in runner.get(name, ())])
            for order in runner.get("uo", ()):
                self.orders[order["id"]] = {**order, "market": entry["id"], "runner": runner["id"]}
