"""Makes rows to be booked of a file's lines, and puts them in the order of time."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final

from evens.core.values.moments import TimeInvalid, parse_time
from evens.edges.cli.failures import Misused
from evens.edges.cli.wallets.history_file import INVALID, MALFORMED, BadRow, Line, is_readable
from evens.edges.cli.wallets.import_shapes import Shape
from evens.edges.cli.wallets.import_values import Unreadable, fits, minus, plain, read_moment, read_signed

_KINDS: Final = {
    "deposit": "deposit", "in": "deposit", "credit": "deposit", "cr": "deposit", "haben": "deposit",
    "withdrawal": "withdrawal", "out": "withdrawal", "debit": "withdrawal", "dr": "withdrawal", "soll": "withdrawal",
}  # fmt: skip
_WITH_CURRENCY: Final = re.compile(r"(.*?)\s*\(([A-Za-z]{3,5}|[£$€])\)")
_AMERICAN: Final = frozenset(f"{zone}{kind}T" for zone in "PMCE" for kind in "SD")
_SYMBOLS: Final = {"£": "GBP", "$": "USD", "€": "EUR"}
_OWN_COLUMNS: Final = "It must name effective_date, account, kind, amount and reference; others are ignored."


@dataclass(frozen=True, slots=True)
class Row:
    """A row to be booked: the line on which it begins, the moment it is sorted by, and its cells for the API."""

    line: int
    at: int
    cells: dict[str, str]


class RowReader:
    """Reads the lines of a file with these columns. Raises :class:`Misused` if a column is missing or there twice."""

    def __init__(self, shape: Shape, columns: Sequence[str]) -> None:
        self._shape = shape
        self._columns = columns
        self._places, self._currency = _find(shape, [name.lower() for name in columns])
        lowered = [name.lower() for name in columns]
        self._conditions = {lowered.index(name): said for name, said in shape.booked.items() if name in lowered}
        self._formats = shape.formats
        self._derived: Counter[str] = Counter()
        _check(shape, self._places)

    def read(self, lines: Iterable[Line | BadRow]) -> Iterator[Row | BadRow | None]:
        """Yield what becomes of each line: a row, a bad row, or ``None`` for what moved no money."""
        known = list(lines)
        if self._shape.choices:
            self._formats = (*self._formats, *self._choose([line for line in known if isinstance(line, Line)]))
        for line in known:
            yield line if isinstance(line, BadRow) else self._read(line)

    def column_of(self, field: str) -> str:
        """Return the name that the file has for one of the API's fields; nothing if it has none."""
        names = {"effective_date": ("date", "at"), "effective_at": ("at", "date"), "amount": ("amount", "in", "out")}
        places = [self._places[name] for name in names.get(field, (field,)) if name in self._places]
        return self._columns[places[0]] if places else ""

    def _read(self, line: Line) -> Row | BadRow | None:
        if any(line.cells[place].lower() not in said for place, said in self._conditions.items()):
            return None
        account, reference = self._cell(line, "account") or self._shape.account or "", self._reference(line)
        for name, place in self._places.items():
            if not is_readable(line.cells[place]):
                reason = f"{self._columns[place]} is not UTF-8 text; save it as UTF-8, or add --encoding cp1252"
                blame = "" if name == "account" else account, "" if name == "reference" else reference
                return BadRow(line.number, MALFORMED, reason, *blame, self._columns[place])
        try:
            moved = self._moved(line)
            if moved is None:
                return None
            kind, amount = moved
            when, written, at = self._moment(line)
        except _BadCell as error:
            return BadRow(line.number, INVALID, str(error), account, reference, error.column)
        cells = {"account": account, "kind": kind, "amount": amount, "reference": reference, when: written}
        currency = self._cell(line, "currency").upper() or self._currency
        return Row(line.number, at, cells | ({"currency": currency} if currency else {}))

    def _cell(self, line: Line, field: str) -> str:
        place = self._places.get(field)
        return line.cells[place] if place is not None else ""

    def _reference(self, line: Line) -> str:
        """Return the row's reference; if it has none, one that follows from what it says and how often it is said."""
        written = self._cell(line, "reference")
        if written or not self._shape.derives_reference:
            return written
        said = "\0".join(line.cells).encode("utf-8", "surrogateescape")
        mark = f"row-{hashlib.sha256(said).hexdigest()[:24]}"
        self._derived[mark] += 1
        return mark if self._derived[mark] == 1 else f"{mark}-{self._derived[mark]}"

    def _moved(self, line: Line) -> tuple[str, str] | None:
        """Return a row's kind and amount as the API reads them, or ``None`` for nothing at all."""
        shape, column = self._shape, self.column_of("amount")
        if shape.signed:
            value = self._signed(line)
            return None if value == 0 else ("deposit" if value > 0 else "withdrawal", plain(value))
        written = self._cell(line, "amount")
        value = self._number(line, "amount")
        if value < 0:
            reason = f"{written!r} has a sign; write it without one and say withdrawal, or add --sign"
            raise _BadCell(column, reason)
        kind = _KINDS.get(self._cell(line, "kind").lower())
        if kind is None:
            raise _BadCell(self.column_of("kind"), 'must be "deposit" or "withdrawal"')
        return kind, written if shape.decimal is None else plain(value)

    def _signed(self, line: Line) -> Decimal:
        if "amount" in self._places and (self._cell(line, "amount") or "in" not in self._places):
            value = self._number(line, "amount")
        else:
            came, went = (
                abs(self._number(line, name)) if self._cell(line, name) else Decimal() for name in ("in", "out")
            )
            value = minus(came, went)
        return minus(value, self._number(line, "fee")) if self._cell(line, "fee") else value

    def _number(self, line: Line, field: str) -> Decimal:
        try:
            return read_signed(self._cell(line, field), self._shape.decimal)
        except Unreadable as error:
            raise _BadCell(self._columns[self._places[field]], str(error)) from error

    def _moment(self, line: Line) -> tuple[str, str, int]:
        """Return a row's value date as the API's field and text, and what to sort it by."""
        date, at = self._cell(line, "date"), self._cell(line, "at")
        column = self._columns[self._places["at" if at or "date" not in self._places else "date"]]
        if date and at:
            raise _BadCell(column, "is there beside another date; leave one of the two empty")
        text = " ".join(part for part in (date or at, self._cell(line, "time")) if part)
        try:
            when, written, moment = read_moment(text, self._formats, self._cell(line, "zone"))
        except Unreadable as error:
            raise _BadCell(column, str(error)) from error
        order = self._cell(line, "order")
        try:
            return when, written, parse_time(order) if order else moment
        except TimeInvalid as error:
            raise _BadCell(self._columns[self._places["order"]], str(error)) from error

    def _choose(self, lines: Sequence[Line]) -> Sequence[str]:
        """Return the one of the shape's choices that fits all dates, and of several the one that puts them in order."""
        texts = [" ".join(filter(None, (self._cell(line, "date"), self._cell(line, "time")))) for line in lines]
        zones = {self._cell(line, "zone") for line in lines}
        possible = [each for each in self._shape.choices if all(fits(text, each) for text in texts)]
        ordered = [each for each in possible if _is_ordered([read_moment(text, (each,), "")[2] for text in texts])]
        found = ordered or possible
        # The month comes first in America, and nowhere else.
        american = any(zone.startswith("America/") or zone in _AMERICAN for zone in zones)
        return found[:1] if american or len(found) < 2 else found[-1:]


def in_order_of_time(rows: Sequence[Row]) -> list[Row]:
    """Return rows from the oldest to the newest. Those of one moment stay as they are, unless the newest come first."""
    falling = sum(later.at < earlier.at for earlier, later in pairwise(rows))
    rising = sum(later.at > earlier.at for earlier, later in pairwise(rows))
    return sorted(reversed(rows) if falling > rising else rows, key=lambda row: row.at)


class _BadCell(Exception):
    """A cell cannot be read; ``str()`` says what to write instead, beginning with the name of its column."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column} {reason}")
        self.column = column


def _is_ordered(moments: Sequence[int]) -> bool:
    return list(moments) in (sorted(moments), sorted(moments, reverse=True))


def _find(shape: Shape, columns: Sequence[str]) -> tuple[Mapping[str, int], str]:
    """Return the place of each field's column, and the currency that the amount's column names in brackets, if any."""
    bare = [match[1] if (match := _WITH_CURRENCY.fullmatch(name)) else "" for name in columns]
    places: dict[str, int] = {}
    for field, names in shape.columns.items():
        for name in names:
            found = columns if name in columns else bare
            if name in found:
                if found.count(name) > 1:
                    raise Misused(f"The first line names {name} more than once.", "Rename one of the columns.")
                places[field] = found.index(name)
                break
    told = next((places[name] for name in ("amount", "in", "out") if name in places), None)
    match = None if told is None else _WITH_CURRENCY.fullmatch(columns[told])
    return places, "" if match is None else _SYMBOLS.get(match[2], match[2].upper())


def _check(shape: Shape, places: Mapping[str, int]) -> None:
    """Raise :class:`Misused` unless all that is needed is there."""
    needed = [name for name in ("date", "account", "kind", "amount", "reference") if name not in places]
    if "at" in places and "date" in needed:
        needed.remove("date")
    if shape.signed and "kind" in needed:
        needed.remove("kind")
    if shape.signed and "amount" in needed and {"in", "out"} <= places.keys():
        needed.remove("amount")
    if shape.account and "account" in needed:
        needed.remove("account")
    if shape.derives_reference and "reference" in needed:
        needed.remove("reference")
    if not needed:
        return
    missing = ", ".join(" or ".join(shape.columns.get(name, (name,))) for name in needed)
    if needed == ["account"]:
        advice = "Say whose payments these are: --account NAME."
    elif needed == ["kind"]:
        advice = "If the amounts have signs, add --sign; else name the column: --map kind=COLUMN."
    else:
        advice = f"{_OWN_COLUMNS} Other names: --map {needed[0]}=COLUMN, or --preset for well-known exports."
    raise Misused(f"The first line names no column {missing}.", advice)
