"""`evens import`: books a payments history with its real dates; each row once, however often it is run.

A file is read as a whole before anything is booked, because its rows are booked in the order of time.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Final

import typer

from evens.edges.cli.api import Api, connect
from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.failures import ExitCode, Interrupted, Misused, Refused, Unavailable
from evens.edges.cli.importing import HISTORY, imports
from evens.edges.cli.options import DATA_DIR, CurrencyOption, DataOption, JsonOption, UrlOption
from evens.edges.cli.screen import Advance, Screen, progress
from evens.edges.cli.wallets.history_file import BadRow, HistoryFile
from evens.edges.cli.wallets.import_files import lines_of, read_text
from evens.edges.cli.wallets.import_rows import Row, RowReader, in_order_of_time
from evens.edges.cli.wallets.import_shapes import MAPPED, Asked, Preset, shape_of
from evens.edges.cli.wording import count_text

CHUNK_ROWS_MAX: Final = 1000
CHUNK_CHARACTERS_MAX: Final = 150_000
BAD_ROWS_SHOWN_MAX: Final = 50

_AGAIN: Final = "Run the same command again: it continues, and books nothing twice."
_COLUMNS: Final = ("Line", "Column", "Account", "Reference", "Why it was refused")


FileArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FILE.csv",
        help="Columns effective_date, account, kind, amount, reference and perhaps currency; others are ignored. "
        "UTF-8, UTF-16 or gzip; - is standard input.",
    ),
]
PresetOption = Annotated[Preset | None, typer.Option("--preset", help="The file is such an export.")]
ColumnsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="FIELD=COLUMN,…", help=f"What the file calls its columns. Fields: {', '.join(MAPPED)}."
    ),
]
DateFormatOption = Annotated[
    str | None, typer.Option("--date-format", metavar="FORMAT", help="Such as DD.MM.YYYY or %d.%m.%Y.")
]
DecimalOption = Annotated[
    str | None, typer.Option("--decimal", metavar="MARK", help="The decimal mark: a comma or a point.")
]
SignOption = Annotated[
    bool, typer.Option("--sign", help="Amounts have signs: a negative one is a withdrawal. Takes no kind.")
]
SkipLinesOption = Annotated[
    int, typer.Option("--skip-lines", min=0, metavar="N", help="Lines before the one with the columns.")
]
AccountOption = Annotated[
    str | None, typer.Option("--account", metavar="USER", help="Whose payments these are, if no column says so.")
]
EncodingOption = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help="Such as cp1252, if it is neither UTF-8 nor UTF-16.")
]


@dataclass(slots=True)
class Tally:
    """How many rows were booked or refused so far."""

    booked: int = 0
    already_booked: int = 0
    skipped: int = 0
    bad: list[BadRow] = field(default_factory=list[BadRow])

    @property
    def rows(self) -> int:
        """How many rows were processed, without those that moved no money."""
        return self.booked + self.already_booked + len(self.bad)

    @property
    def exit_code(self) -> ExitCode:
        """Whether all rows were booked, some were refused or there are none, or none could be booked."""
        if not self.bad:
            return ExitCode.OK if self.rows or self.skipped else ExitCode.REFUSED
        return ExitCode.REFUSED if self.booked or self.already_booked else ExitCode.MISUSED


def register(app: typer.Typer, panel: str) -> None:
    """Add the command to the program."""
    imports.command(HISTORY, cls=ConsoleCommand)(import_history)
    app.add_typer(
        imports, name="import", help="Book a payments history, or play a recorded market.", rich_help_panel=panel
    )


def import_history(
    file: FileArgument,
    currency: CurrencyOption = None,
    preset: PresetOption = None,
    columns: ColumnsOption = None,
    date_format: DateFormatOption = None,
    decimal: DecimalOption = None,
    sign: SignOption = False,
    skip_lines: SkipLinesOption = 0,
    account: AccountOption = None,
    encoding: EncodingOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Book a payments history from a file, with its real dates and in their order.

    Each account becomes a customer of that name; one that is an id, such as usr_6, is that customer's. Without a column
    for it, the account of a preset has the preset's name, and a row's reference follows from all that it says.
    Times without an offset are UTC. Our own `evens statement --csv` imports as it is. Running it again continues, and
    books nothing twice. Exit codes: 0 every row is booked, 1 some were refused or there is no row, 2 nothing could be
    booked.

    A market that Betfair recorded is played by `evens import betfair`.
    """
    asked = Asked(preset, columns or (), date_format, decimal, sign, skip_lines, account)
    tally = Tally()
    began = time.monotonic()
    reader, rows = _read(file, asked, encoding, tally)
    if rows or tally.bad:
        with connect(data, url) as api, progress("Importing", len(rows)) as advance:
            _book_all(api, reader, rows, currency, tally, advance)
    _show(Screen(as_json=as_json), file, tally, time.monotonic() - began)
    raise typer.Exit(tally.exit_code)


def _read(file: Path, asked: Asked, encoding: str | None, tally: Tally) -> tuple[RowReader, list[Row]]:
    """Return what read the file, and the good rows in the order of time; add the others to the tally."""
    lines = HistoryFile(lines_of(read_text(file, encoding)), skip_lines=asked.skip_lines)
    reader = RowReader(shape_of(asked, lines.columns), lines.columns)
    rows: list[Row] = []
    for row in reader.read(lines):
        if row is None:
            tally.skipped += 1
        elif isinstance(row, BadRow):
            tally.bad.append(row)
        else:
            rows.append(row)
    return reader, in_order_of_time(rows)


def _book_all(
    api: Api, reader: RowReader, rows: Sequence[Row], currency: str | None, tally: Tally, advance: Advance
) -> None:
    """Book rows in chunks, one after the other, so that the order within each account is kept."""
    try:
        for chunk in _chunks(rows):
            _book(api, reader, chunk, currency, tally)
            advance(tally.rows)
    except Refused as refusal:
        raise Misused(str(refusal), refusal.next_step, refusal.problem) from refusal
    except Unavailable as failure:
        if not tally.rows:
            raise
        message = f"{failure} {count_text(tally.rows, 'row')} had been processed."
        raise Unavailable(message, _AGAIN, failure.problem) from failure
    except KeyboardInterrupt as interrupt:
        raise Interrupted(f"Stopped after {count_text(tally.rows, 'row')}.", _AGAIN) from interrupt


def _chunks(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield rows in chunks that fit into a request."""
    chunk: list[Row] = []
    characters = 0
    for row in rows:
        chunk.append(row)
        characters += sum(map(len, row.cells.values()))
        if len(chunk) >= CHUNK_ROWS_MAX or characters >= CHUNK_CHARACTERS_MAX:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def _book(api: Api, reader: RowReader, chunk: Sequence[Row], currency: str | None, tally: Tally) -> None:
    body = {"currency": currency, "rows": [row.cells for row in chunk]}
    for row, result in zip(chunk, api.post("/v1/imports", body).document["results"], strict=True):
        if result["outcome"] == "booked":
            tally.booked += 1
        elif result["outcome"] == "already_booked":
            tally.already_booked += 1
        else:
            account, reference = row.cells["account"], row.cells["reference"]
            field, detail = result["field"], result["detail"]
            column = "" if field is None else reader.column_of(field)
            if column:
                detail = f"{column}{detail.removeprefix(field)}"
            tally.bad.append(BadRow(row.line, result["reason"], detail, account, reference, column))


def _show(screen: Screen, file: Path, tally: Tally, seconds: float) -> None:
    bad = sorted(tally.bad, key=lambda row: row.line)
    if screen.as_json:
        screen.document(
            {
                "file": str(file),
                "rows": tally.rows,
                "booked": tally.booked,
                "already_booked": tally.already_booked,
                "refused": len(bad),
                "skipped": tally.skipped,
                "seconds": round(seconds, 3),
                "problems": [asdict(row) for row in bad],
            }
        )
        return
    if bad:
        rows = [
            (f"{row.line:,}", row.column, row.account, row.reference, row.reason) for row in bad[:BAD_ROWS_SHOWN_MAX]
        ]
        screen.table(_COLUMNS, rows, numbers=("Line",))
        if len(bad) > BAD_ROWS_SHOWN_MAX:
            screen.say(f"… and {len(bad) - BAD_ROWS_SHOWN_MAX:,} more; --json lists them all.")
        screen.say()
    counts = [("Booked", tally.booked), ("Booked before", tally.already_booked), ("Refused", len(bad))]
    if tally.skipped:
        counts.append(("Moved no money", tally.skipped))
    screen.table((file.name, "Rows"), [(name, f"{count:,}") for name, count in counts], numbers=("Rows",))
    screen.say()
    _conclude(screen, tally, seconds)


def _conclude(screen: Screen, tally: Tally, seconds: float) -> None:
    took = f"[dim]({seconds:.1f} s)[/]"
    if not tally.rows and not tally.skipped:
        screen.failed("There are no rows below the first line.")
    elif tally.exit_code is ExitCode.MISUSED:
        screen.failed(f"No row could be booked. {took}")
    elif tally.bad:
        screen.failed(f"{count_text(len(tally.bad), 'row')} refused; all the others are booked. {took}")
    else:
        screen.done(f"Every row is booked. {took}")
