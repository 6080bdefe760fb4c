"""`evens line-provider`: the line provider, until Ctrl-C."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from evens import __version__
from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.failures import Unavailable
from evens.edges.cli.operations import AddressInUse, LineServing, Location, Operations
from evens.edges.cli.operator.serve_commands import RUN_PANEL
from evens.edges.cli.options import HOST, DatabaseOption, JsonOption
from evens.edges.cli.screen import Screen, remark

DATA_DIR: Final = Path("line-provider-data")
PORT: Final = 8001


def register(app: typer.Typer, operations: Operations) -> None:
    """Add the command to the program."""

    @app.command("line-provider", cls=ConsoleCommand, rich_help_panel=RUN_PANEL)
    def line_provider(
        data: Annotated[
            Path, typer.Option("--data", envvar="LINE_PROVIDER_DATA", metavar="DIR", help="Folder of the provider.")
        ] = DATA_DIR,
        port: Annotated[
            int, typer.Option("--port", envvar="LINE_PROVIDER_PORT", min=0, max=65535, help="Port to listen on.")
        ] = PORT,
        host: Annotated[str, typer.Option("--host", envvar="LINE_PROVIDER_HOST", help="Address to listen on.")] = HOST,
        simulate: Annotated[
            int | None,
            typer.Option("--simulate", metavar="SEED", help="Publish a line that moves and ends within minutes."),
        ] = None,
        evens_data: Annotated[
            Path | None,
            typer.Option(
                "--evens-data", metavar="DIR", help="Use the private PostgreSQL of the Evens that runs on this folder."
            ),
        ] = None,
        database_url: DatabaseOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Publish events, prices and results, until Ctrl-C."""
        screen = Screen(as_json=as_json)
        remark("Starting the database and the line provider…")
        try:
            code = operations.serve_line(
                Location(data, database_url),
                of_evens=evens_data,
                host=host,
                port=port,
                simulate=simulate,
                ready=lambda serving: _announce(screen, serving),
            )
        except AddressInUse as error:
            raise Unavailable(
                f"Port {port} on {host} is taken by another program.", f"Choose another one: --port {port + 1}"
            ) from error
        raise typer.Exit(code)


def _announce(screen: Screen, serving: LineServing) -> None:
    if screen.as_json:
        screen.document(
            {
                "url": serving.url,
                "pid": os.getpid(),
                "data": str(serving.data_dir),
                "key_file": str(serving.key_file),
                "version": __version__,
            }
        )
        return
    screen.done(f"[bold]Line provider {__version__}[/] is ready [dim]after {serving.startup_s:.1f} s[/]")
    screen.say()
    screen.facts(
        {
            "API": serving.url,
            "Docs": f"{serving.url}/docs",
            "Data": str(serving.data_dir),
            "Key": f"in {serving.key_file}",
            "Evens": f"EVENS_LINE_SOURCES=main=evens+{serving.url} EVENS_LINE_KEYS=main=@{serving.key_file}",
            "Stop": "Ctrl-C",
        }
    )
