"""Reading a payments history: rows, their line numbers, and malformed rows."""

import gzip
from pathlib import Path

import pytest

from evens.edges.cli.failures import Misused
from evens.edges.cli.wallets import import_files
from evens.edges.cli.wallets.history_file import BadRow, HistoryFile
from evens.edges.cli.wallets.import_files import lines_of, read_text
from evens.edges.cli.wallets.import_rows import Row, RowReader
from evens.edges.cli.wallets.import_shapes import Asked, shape_of

HEADER = b"effective_date,account,kind,amount,reference\n"


def read(folder: Path, content: bytes) -> list[Row | BadRow]:
    path = folder / "history.csv"
    path.write_bytes(content)
    lines = HistoryFile(lines_of(read_text(path, None)))
    reader = RowReader(shape_of(Asked(), lines.columns), lines.columns)
    return [row for row in reader.read(lines) if row is not None]


def test_rows_know_their_lines_though_cells_span_some(tmp_path: Path) -> None:
    rows = read(tmp_path, HEADER + b'2020-01-01,a,deposit,1,"one\nand a half"\n\n2020-01-02,b,deposit,2,two\r\n')
    assert [(row.line, row.cells["reference"]) for row in rows if isinstance(row, Row)] == [
        (2, "one\nand a half"),
        (5, "two"),
    ]


def test_other_columns_are_ignored_and_blanks_around_cells_too(tmp_path: Path) -> None:
    content = b" Amount ;note;ACCOUNT;kind;reference;effective_at\n 1.50 ;x;a;deposit;r ;2020-01-01T00:00:00Z\n"
    assert read(tmp_path, content) == [
        Row(
            2,
            1_577_836_800_000_000_000,
            {
                "account": "a",
                "kind": "deposit",
                "amount": "1.50",
                "reference": "r",
                "effective_at": "2020-01-01T00:00:00Z",
            },
        )
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"2020-01-01,a,deposit,1", "has 4 columns where the first line has 5"),
        (b"2020-01-01,a,deposit,1,000,r", "has 6 columns where the first line has 5"),
        (b"2020-01-01,\xe9va,deposit,1,r", "account is not UTF-8 text"),
        (b"2020-01-01," + b"a" * 1001 + b",deposit,1,r", "account is longer than 1000 characters"),
        (b'2020-01-01,"a"b,deposit,1,r', "is not CSV: ',' expected after '\"'"),
    ],
)
def test_a_malformed_row_is_reported_and_the_next_one_is_read(tmp_path: Path, row: bytes, reason: str) -> None:
    bad, good = read(tmp_path, HEADER + row + b"\n2020-01-02,b,deposit,2,two\n")
    assert isinstance(bad, BadRow)
    assert bad.line == 2
    assert bad.reason.startswith(reason)
    assert isinstance(good, Row)
    assert good.line == 3


def test_an_unclosed_quote_is_reported_with_the_lines_it_spans(tmp_path: Path) -> None:
    good, bad = read(
        tmp_path, HEADER + b'2020-01-01,a,deposit,1,r\n2020-01-01,"a,deposit,1,s\n2020-01-01,a,deposit,1,t\n'
    )
    assert isinstance(good, Row)
    assert isinstance(bad, BadRow)
    assert bad.line == 3
    assert "nothing was read up to line 4" in bad.reason


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (b"", "names no column; it is empty"),
        (b"purpose\n", "no column effective_date, account, kind, amount, reference"),
        (b"account,kind,amount,reference\n", "no column effective_date"),
        (HEADER.strip() + b",amount\n", "names amount more than once"),
    ],
)
def test_a_header_that_will_not_do_is_a_misuse(tmp_path: Path, header: bytes, told: str) -> None:
    with pytest.raises(Misused, match=told):
        read(tmp_path, header)


def test_a_file_that_is_not_there_is_a_misuse(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(Misused, match="cannot be read"):
            read_text(path, None)


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small gzip file can hold more than there is memory."""
    assert import_files.UNPACKED_BYTES_MAX == 2**30
    monkeypatch.setattr(import_files, "UNPACKED_BYTES_MAX", 3 * 2**20)
    path = tmp_path / "history.csv.gz"
    path.write_bytes(gzip.compress(b"x" * 3 * 2**20))
    assert len(read_text(path, None)) == 3 * 2**20
    # In two members, as gzip files may be.
    path.write_bytes(gzip.compress(b"x" * 3 * 2**20) + gzip.compress(b"x"))
    with pytest.raises(Misused, match="unpacks to more than 3 MiB"):
        read_text(path, None)
