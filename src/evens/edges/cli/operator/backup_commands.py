"""`evens backup` and `evens restore`: the private database in one file."""

from pathlib import Path
from typing import Annotated

import typer

from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.operations import Location, Operations
from evens.edges.cli.operator.maintenance_commands import PANEL
from evens.edges.cli.options import DATA_DIR, DatabaseOption, DataOption, JsonOption
from evens.edges.cli.screen import Screen, escape, progress
from evens.edges.cli.wording import count_text


def register(app: typer.Typer, operations: Operations) -> None:
    """Add the commands to the program."""
    _register_backup(app, operations)
    _register_restore(app, operations)


def _register_backup(app: typer.Typer, operations: Operations) -> None:
    @app.command(cls=ConsoleCommand, rich_help_panel=PANEL)
    def backup(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, which only you may read.")],
        data: DataOption = DATA_DIR,
        database_url: DatabaseOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Write the private database into one file.

        A server may go on meanwhile. The file has everything but the secret, of which it has the fingerprint: keep the
        secret somewhere else.
        """
        screen = Screen(as_json=as_json)
        with progress("Backing up"):
            report = operations.back_up(Location(data, database_url), file)
        if as_json:
            screen.document(
                {
                    "file": str(report.file),
                    "bytes": report.size_bytes,
                    "records": report.records,
                    "anchor": report.anchor,
                    "secret": report.secret,
                }
            )
            return
        screen.done(f"{count_text(report.records, 'record')} in {escape(str(report.file))}.")
        secret = f"not in it; keep {data / 'secret'} somewhere else (fingerprint {report.secret or 'unknown'})"
        screen.facts({"Size": f"{report.size_bytes:,} bytes", "Anchor": report.anchor, "Secret": secret})


def _register_restore(app: typer.Typer, operations: Operations) -> None:
    @app.command(cls=ConsoleCommand, rich_help_panel=PANEL)
    def restore(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="What `evens backup` wrote.")],
        data: DataOption = DATA_DIR,
        database_url: DatabaseOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Make the private database of a folder that has none from a backup.

        It is brought to this version and audited, and kept only if the books are right. Put the secret that the backup
        belongs to into the folder first, or into EVENS_SECRET.
        """
        screen = Screen(as_json=as_json)
        with progress("Restoring") as advance:
            report = operations.restore(Location(data, database_url), file, progress=advance)
        if as_json:
            screen.document(
                {
                    "records": report.records,
                    "anchor": report.anchor,
                    "made_at": report.made_at,
                    "migrations": report.migrations,
                    "secret": report.secret,
                    "secret_is_here": report.secret_is_here,
                }
            )
            return
        screen.done(f"{count_text(report.records, 'record')} restored, and the books are right.")
        here = "is here" if report.secret_is_here else f"is missing: put it into {data / 'secret'} before you start"
        screen.facts(
            {
                "Made": report.made_at,
                "Anchor": report.anchor,
                "Migrations": ", ".join(report.migrations) or "none were needed",
                "Secret": f"{report.secret or 'unknown'}, {here}",
            }
        )
