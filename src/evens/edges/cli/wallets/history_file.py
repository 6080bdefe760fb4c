"""Reads a payments history from a CSV file: rows with their line numbers, and rows that are malformed."""

import csv
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evens.edges.cli.failures import Misused

REQUIRED: Final = ("account", "kind", "amount", "reference")
DATES: Final = ("effective_date", "effective_at")
CELL_LENGTH_MAX: Final = 1000

MALFORMED: Final = "malformed_csv"
"""The code of rows that cannot be parsed."""

# The characters that stand for bytes that are not UTF-8.
_UNREADABLE: Final = re.compile("[\udc80-\udcff]")
_DELIMITERS: Final = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Row:
    """A row to be booked: its relevant columns as text, and the line on which it begins."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not booked, and why; ``code`` is for programs. Fields that could not be read are empty."""

    line: int
    code: str
    reason: str
    account: str = ""
    reference: str = ""


class HistoryFile:
    """An open file whose header was read. Iterate over it once."""

    def __init__(self, lines: Iterator[str]) -> None:
        header = next(lines, "").removeprefix("\ufeff")
        delimiter = max(_DELIMITERS, key=header.count)
        self._columns = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter), list[str]())]
        self._wanted = _wanted(self._columns)
        self._reader = csv.reader(lines, delimiter=delimiter, strict=True)

    def __iter__(self) -> Iterator[Row | BadRow]:
        """Yield the rows in the order of the file, without empty lines."""
        while True:
            # The header was taken from the lines before the reader began to count them.
            line = self._reader.line_num + 2
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                end = self._reader.line_num + 1
                reach = f"; nothing was read up to line {end}" if end > line else ""
                yield BadRow(line, MALFORMED, f"is not CSV: {error}{reach}")
                continue
            if cells:
                yield self._row(line, cells)

    def _row(self, line: int, cells: Sequence[str]) -> Row | BadRow:
        if len(cells) != len(self._columns):
            reason = f"has {len(cells)} columns where the first line has {len(self._columns)}"
            return BadRow(line, MALFORMED, reason)
        texts = {name: cells[position].strip() for name, position in self._wanted.items()}
        row = Row(line, {name: text for name, text in texts.items() if text or name not in DATES})
        for name, cell in row.cells.items():
            if _UNREADABLE.search(cell):
                return BadRow(line, MALFORMED, f"{name} is not UTF-8 text")
            if len(cell) > CELL_LENGTH_MAX:
                return BadRow(line, "validation_failed", f"{name} is longer than {CELL_LENGTH_MAX} characters")
        return row


@contextmanager
def open_history(path: Path) -> Generator[HistoryFile]:
    """Open a file and read its header. Raises :class:`Misused` if it cannot be read or lacks a column."""
    try:
        stream = path.open(encoding="utf-8", errors="surrogateescape", newline="")
    except OSError as error:
        raise Misused(f"{path} cannot be read: {error.strerror}.") from error
    with stream:
        yield HistoryFile(stream)


def count_rows(path: Path) -> int:
    """Return about how many rows a file has, from its line ends; 0 if it cannot be read."""
    try:
        with path.open("rb") as stream:
            line_ends = sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))
            return max(line_ends - 1, 0)
    except OSError:
        return 0


def _wanted(columns: Sequence[str]) -> dict[str, int]:
    """Return the position of each relevant column. Raises :class:`Misused` if one is missing or there twice."""
    names = {name: columns.index(name) for name in (*REQUIRED, *DATES) if name in columns}
    missing = [name for name in REQUIRED if name not in names]
    if not any(name in names for name in DATES):
        missing.insert(0, DATES[0])
    if missing:
        raise Misused(
            f"The first line names no column {', '.join(missing)}.",
            "It must name effective_date, account, kind, amount and reference; others are ignored.",
        )
    twice = [name for name in names if columns.count(name) > 1]
    if twice:
        raise Misused(f"The first line names {twice[0]} more than once.", "Rename one of the columns.")
    return names
