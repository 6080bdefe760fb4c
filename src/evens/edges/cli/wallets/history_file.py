"""Reads a payments history from CSV: its columns, and numbered lines of cells, or lines that are malformed."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from evens.edges.cli.failures import Misused

CELL_LENGTH_MAX: Final = 1000

MALFORMED: Final = "malformed_csv"
"""The code of rows that cannot be parsed."""

INVALID: Final = "validation_failed"
"""The code of rows with a value that is none."""

# The characters that stand for bytes that are not UTF-8.
_UNREADABLE: Final = re.compile("[\udc80-\udcff]")
_DELIMITERS: Final = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Line:
    """A line's cells without blanks around them, as many as there are columns; ``number`` is where it begins."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not booked, and why; ``code`` is for programs. What could not be told is empty.

    ``column`` is the column at fault, as the file names it.
    """

    line: int
    code: str
    reason: str
    account: str = ""
    reference: str = ""
    column: str = ""


class HistoryFile:
    """A text whose header was read. Iterate over it once.

    ``columns`` are the names in the header, as they are written there. Raises :class:`Misused` if there is no header.
    """

    def __init__(self, lines: Iterator[str], *, skip_lines: int = 0) -> None:
        for _ in range(skip_lines):
            next(lines, "")
        header = next(lines, "")
        if not header.strip():
            where = f"Line {skip_lines + 1}" if skip_lines else "The first line"
            raise Misused(
                f"{where} names no column; it is empty.", "Begin the file with its columns, or --skip-lines to them."
            )
        delimiter = max(_DELIMITERS, key=header.count)
        self._line_of_header: Final = skip_lines + 1
        self.columns: Final = [name.strip() for name in next(csv.reader([header], delimiter=delimiter))]
        self._reader = csv.reader(lines, delimiter=delimiter, strict=True)

    def __iter__(self) -> Iterator[Line | BadRow]:
        """Yield the lines in the order of the file, without those that have nothing in any cell."""
        while True:
            # The header was taken from the lines before the reader began to count them.
            number = self._reader.line_num + self._line_of_header + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                end = self._reader.line_num + self._line_of_header
                reach = f"; nothing was read up to line {end}" if end > number else ""
                quotes = 'put cells with a delimiter or quote into quotes, and write a quote inside as ""'
                yield BadRow(number, MALFORMED, f"is not CSV: {error}{reach}; {quotes}")
                continue
            if any(cell.strip() for cell in cells):
                yield self._line(number, cells)

    def _line(self, number: int, cells: Sequence[str]) -> Line | BadRow:
        count, wanted = len(cells), len(self.columns)
        # Spreadsheets write empty cells behind the last column, and some leave them out.
        if count > wanted and not any(cell.strip() for cell in cells[wanted:]):
            cells = cells[:wanted]
        elif count != wanted:
            reason = f"has {count} columns where the first line has {wanted}; put a cell with a comma into quotes"
            return BadRow(number, MALFORMED, reason)
        for column, cell in zip(self.columns, cells, strict=True):
            if len(cell) > CELL_LENGTH_MAX:
                reason = f"{column} is longer than {CELL_LENGTH_MAX} characters; shorten it"
                return BadRow(number, INVALID, reason, column=column)
        return Line(number, tuple([cell.strip() for cell in cells]))


def is_readable(cell: str) -> bool:
    """Return whether a cell is text, and not bytes in another encoding than the file's."""
    return _UNREADABLE.search(cell) is None
