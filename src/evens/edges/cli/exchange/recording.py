"""Reads a recorded market, line by line, and says what a quoting customer has to do for the same prices to be here.

All of it is pure. Each price of the recording is an order of its size: what can be backed there is laid by the quoter,
and the other way round.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

from evens.core.values.betting import Side

Place = tuple[int, Side, int]
"""Where an order waits: the runner's number here, the quoter's side, odds in hundredths."""

_OF_MARKETS: Final = ("marketTime", "status", "inPlay", "numberOfWinners", "runners")
_OF_RUNNERS: Final = ("id", "sortPriority", "status")
_SIDES: Final = (("atb", Side.LAY), ("atl", Side.BACK))


class RecordingInvalid(ValueError):
    """A line is none of a recorded market with all its prices; the message says why."""


@dataclass(slots=True)
class Recording:
    """A recorded market as of the line that was read last.

    ``at_ms`` is when that was sent, ``runners`` are the selections' ids in the order in which they are numbered here,
    from 1, and ``waiting`` what waits in hundredths of the currency. Only the first market of a file is read.
    """

    market: str = ""
    at_ms: int = 0
    definition: Mapping[str, Any] = field(default_factory=dict[str, Any])
    runners: list[int] = field(default_factory=list[int])
    waiting: dict[Place, int] = field(default_factory=dict[Place, int])

    def take(self, text: bytes) -> None:
        """Apply a line. Raises :class:`RecordingInvalid`."""
        try:
            message: dict[str, Any] = json.loads(text, parse_float=Decimal, parse_int=Decimal)
            self.at_ms = int(message["pt"])
            for entry in cast("list[dict[str, Any]]", message.get("mc") or []):
                self.market = self.market or entry["id"]
                if entry["id"] == self.market:
                    self._apply(entry)
        except RecordingInvalid:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
            raise RecordingInvalid(
                "it is no message of a recorded market, such as a line of Betfair's historic data"
            ) from error

    def number_of(self, selection: int) -> int:
        """Return the number that a selection has here."""
        return self.runners.index(selection) + 1

    def _apply(self, entry: dict[str, Any]) -> None:
        definition = entry.get("marketDefinition")
        if definition is not None:
            _require(definition, _OF_MARKETS, "market's definition")
            for runner in definition["runners"]:
                _require(runner, _OF_RUNNERS, "runner's definition")
            self.definition = definition
            ordered = sorted(definition["runners"], key=lambda runner: runner["sortPriority"])
            self.runners += [int(each["id"]) for each in ordered if int(each["id"]) not in self.runners]
        if entry.get("img"):
            self.waiting.clear()
        for row in entry.get("rc") or ():
            number = self.number_of(int(row["id"]))
            for name, side in _SIDES:
                for odds, size in row.get(name) or ():
                    place = number, side, _hundredths(odds)
                    self.waiting[place] = _hundredths(size)
                    if not self.waiting[place]:
                        del self.waiting[place]


@dataclass(frozen=True, slots=True)
class Quotes:
    """What to do, in this order: take ``reductions`` off orders by their ids, and then place what is missing."""

    reductions: Mapping[str, int]
    missing: Mapping[Place, int]


def requote(orders: Mapping[Place, tuple[str, int]], wanted: Mapping[Place, int], least_minor: int = 1) -> Quotes:
    """Return how orders become what is wanted. An order that has to grow is taken back, and placed anew.

    ``orders`` has at most one order for each place, with its id and what remains of it. What is wanted and less than
    ``least_minor`` cannot be placed and is left out.
    """
    reductions: dict[str, int] = {}
    missing: dict[Place, int] = {}
    for place, (order, remaining_minor) in orders.items():
        wanted_minor = wanted.get(place, 0)
        if wanted_minor < least_minor:
            wanted_minor = 0
        if wanted_minor < remaining_minor:
            reductions[order] = remaining_minor - wanted_minor
        elif wanted_minor > remaining_minor:
            reductions[order] = remaining_minor
    for place, wanted_minor in wanted.items():
        known = orders.get(place)
        if wanted_minor >= least_minor and (known is None or known[1] < wanted_minor):
            missing[place] = wanted_minor
    return Quotes(reductions, missing)


def _require(definition: Mapping[str, Any], names: Iterable[str], what: str) -> None:
    missing = [name for name in names if name not in definition]
    if missing:
        raise RecordingInvalid(f"a {what} has no {' and no '.join(missing)}")


def _hundredths(number: Decimal) -> int:
    return int((number * 100).to_integral_value())
