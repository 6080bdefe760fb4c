"""`evens export betfair`: a settled market as a file of Betfair's historic data."""

from pathlib import Path
from typing import Annotated

import typer

from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.operations import Location, Operations
from evens.edges.cli.operator.maintenance_commands import PANEL
from evens.edges.cli.options import DATA_DIR, DatabaseOption, DataOption, JsonOption
from evens.edges.cli.screen import Screen, escape, progress
from evens.edges.cli.wording import count_text


def register(app: typer.Typer, operations: Operations) -> None:
    """Add the commands to the program."""
    exports = typer.Typer(cls=ConsoleGroup, no_args_is_help=True, help="Write what happened into files for others.")
    app.add_typer(exports, name="export", rich_help_panel=PANEL)

    @exports.command(cls=ConsoleCommand)
    def betfair(
        market: Annotated[str, typer.Argument(metavar="MARKET", help="A settled market, such as mkt_42 or 1.42.")],
        file: Annotated[
            Path | None,
            typer.Argument(metavar="FILE", help="A new file, compressed if it ends with .bz2; by default 1.42.bz2."),
        ] = None,
        data: DataOption = DATA_DIR,
        database_url: DatabaseOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Write a settled market as Betfair's historic data, which flumine and betfairlightweight replay.

        Every change of its prices, volumes and definition has a line, with the moment at which it was recorded.
        """
        screen = Screen(as_json=as_json)
        target = file or Path(f"1.{market.removeprefix('mkt_').removeprefix('1.')}.bz2")
        with progress("Exporting"):
            report = operations.export_betfair(Location(data, database_url), market, target)
        if as_json:
            screen.document({"file": str(report.file), "lines": report.lines, "bytes": report.size_bytes})
            return
        screen.done(f"{count_text(report.lines, 'line')} in {escape(str(report.file))} ({report.size_bytes:,} bytes).")
