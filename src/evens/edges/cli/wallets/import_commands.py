"""`evens import`: books a payments history with its real dates; each row once, however often it is run."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Final

import typer

from evens.edges.cli.api import Api, connect
from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.failures import ExitCode, Interrupted, Misused, Refused, Unavailable
from evens.edges.cli.options import DATA_DIR, CurrencyOption, DataOption, JsonOption, UrlOption
from evens.edges.cli.screen import Advance, Screen, progress
from evens.edges.cli.wallets.history_file import BadRow, Row, count_rows, open_history
from evens.edges.cli.wording import count_text

CHUNK_ROWS_MAX: Final = 1000
CHUNK_CHARACTERS_MAX: Final = 150_000
BAD_ROWS_SHOWN_MAX: Final = 50

_AGAIN: Final = "Run the same command again: it continues, and books nothing twice."
_COLUMNS: Final = ("Line", "Account", "Reference", "Why it was refused")


@dataclass(slots=True)
class Tally:
    """How many rows were booked or refused so far."""

    booked: int = 0
    already_booked: int = 0
    bad: list[BadRow] = field(default_factory=list[BadRow])

    @property
    def rows(self) -> int:
        """How many rows were processed."""
        return self.booked + self.already_booked + len(self.bad)

    @property
    def exit_code(self) -> ExitCode:
        """Whether all rows were booked, some were refused, or none could be booked."""
        if not self.bad:
            return ExitCode.OK
        return ExitCode.REFUSED if self.booked or self.already_booked else ExitCode.MISUSED


def register(app: typer.Typer, panel: str) -> None:
    """Add the command to the program."""
    app.command("import", cls=ConsoleCommand, rich_help_panel=panel)(import_history)


def import_history(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv", help="Columns effective_date, account, kind, amount, reference; others are ignored."
        ),
    ],
    currency: CurrencyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Book a payments history from a file, with its real dates.

    Each account becomes a customer of that name. Running it again continues, and books nothing twice.
    Exit codes: 0 every row is booked, 1 some were refused, 2 nothing could be booked.
    """
    tally = Tally()
    began = time.monotonic()
    with open_history(file) as rows, connect(data, url) as api, progress("Importing", count_rows(file)) as advance:
        _book_all(api, rows, currency, tally, advance)
    _show(Screen(as_json=as_json), file, tally, time.monotonic() - began)
    raise typer.Exit(tally.exit_code)


def _book_all(api: Api, rows: Iterable[Row | BadRow], currency: str | None, tally: Tally, advance: Advance) -> None:
    """Book rows in chunks, one after the other, so that the order within each account is kept."""
    try:
        for chunk in _chunks(rows, tally):
            _book(api, chunk, currency, tally)
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


def _chunks(rows: Iterable[Row | BadRow], tally: Tally) -> Iterator[list[Row]]:
    """Yield good rows in chunks that fit into a request, and add bad ones to the tally."""
    chunk: list[Row] = []
    characters = 0
    for row in rows:
        if isinstance(row, BadRow):
            tally.bad.append(row)
            continue
        chunk.append(row)
        characters += sum(map(len, row.cells.values()))
        if len(chunk) >= CHUNK_ROWS_MAX or characters >= CHUNK_CHARACTERS_MAX:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def _book(api: Api, chunk: Sequence[Row], currency: str | None, tally: Tally) -> None:
    body = {"currency": currency, "rows": [row.cells for row in chunk]}
    for row, result in zip(chunk, api.post("/v1/imports", body).document["results"], strict=True):
        if result["outcome"] == "booked":
            tally.booked += 1
        elif result["outcome"] == "already_booked":
            tally.already_booked += 1
        else:
            account, reference = row.cells["account"], row.cells["reference"]
            tally.bad.append(BadRow(row.line, result["reason"], result["detail"], account, reference))


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
                "seconds": round(seconds, 3),
                "problems": [asdict(row) for row in bad],
            }
        )
        return
    if bad:
        rows = [(f"{row.line:,}", row.account, row.reference, row.reason) for row in bad[:BAD_ROWS_SHOWN_MAX]]
        screen.table(_COLUMNS, rows, numbers=("Line",))
        if len(bad) > BAD_ROWS_SHOWN_MAX:
            screen.say(f"… and {len(bad) - BAD_ROWS_SHOWN_MAX:,} more; --json lists them all.")
        screen.say()
    counts = [("Booked", tally.booked), ("Booked before", tally.already_booked), ("Refused", len(bad))]
    screen.table((file.name, "Rows"), [(name, f"{count:,}") for name, count in counts], numbers=("Rows",))
    screen.say()
    _conclude(screen, tally, seconds)


def _conclude(screen: Screen, tally: Tally, seconds: float) -> None:
    took = f"[dim]({seconds:.1f} s)[/]"
    if tally.exit_code is ExitCode.MISUSED:
        screen.failed(f"No row could be booked. {took}")
    elif tally.bad:
        screen.failed(f"{count_text(len(tally.bad), 'row')} refused; all the others are booked. {took}")
    else:
        screen.done(f"Every row is booked. {took}")
