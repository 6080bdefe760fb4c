"""`evens serve`: the server itself, until Ctrl-C."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import typer

from evens import __version__
from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.failures import Unavailable
from evens.edges.cli.operations import AddressInUse, Location, Operations, Serving
from evens.edges.cli.options import (
    DATA_DIR,
    HOST,
    PORT,
    DatabaseOption,
    DataOption,
    HostOption,
    JsonOption,
    PortOption,
)
from evens.edges.cli.screen import Screen, escape, remark
from evens.edges.cli.server_file import KEY_FILE

RUN_PANEL: Final = "Run a server"
"""The heading in the help under which commands stand that run a server."""


def register(app: typer.Typer, operations: Operations) -> None:
    """Add the command to the program."""

    @app.command(cls=ConsoleCommand, rich_help_panel=RUN_PANEL)
    def serve(
        data: DataOption = DATA_DIR,
        port: PortOption = PORT,
        host: HostOption = HOST,
        database_url: DatabaseOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Serve the API until Ctrl-C."""
        screen = Screen(as_json=as_json)

        def ready(serving: Serving) -> None:
            _announce(screen, serving)

        # No spinner: log lines go to the same terminal.
        remark("Starting the database and the API…")
        code = serve_on(
            operations,
            Location(data, database_url),
            host,
            port,
            ready,
            lambda: remark("Stopping the API and the database…"),
        )
        if not as_json:
            where = "the database" if database_url else escape(str(data))
            screen.done(f"Stopped; everything that was booked stays in {where}.")
        raise typer.Exit(code)


def serve_on(
    operations: Operations,
    location: Location,
    host: str,
    port: int,
    ready: Callable[[Serving], None],
    stopping: Callable[[], None] | None = None,
    log_file: Path | None = None,
    *,
    demo: bool = False,
) -> int:
    """Serve until a signal; return the exit code. Raises :class:`Unavailable` naming ``--port`` if it is taken."""
    try:
        return operations.serve(
            location, host=host, port=port, ready=ready, stopping=stopping, log_file=log_file, demo=demo
        )
    except AddressInUse as error:
        raise Unavailable(
            f"Port {port} on {host} is taken by another program.", f"Choose another one: --port {port + 1}"
        ) from error


def _announce(screen: Screen, serving: Serving) -> None:
    key_file = serving.data_dir / KEY_FILE
    if screen.as_json:
        screen.document(
            {
                "url": serving.url,
                "betfair_stream": serving.betfair_stream,
                "pid": os.getpid(),
                "data": str(serving.data_dir),
                "operator_key_file": str(key_file),
                "version": __version__,
            }
        )
        return
    screen.done(f"[bold]Evens {__version__}[/] is ready [dim]after {serving.startup_s:.1f} s[/]")
    screen.say()
    screen.facts(
        {
            "API": serving.url,
            "Docs": f"{serving.url}/docs",
            "Betfair stream": serving.betfair_stream,
            "Data": str(serving.data_dir),
            "Operator key": f"in {key_file}",
            "Stop": "Ctrl-C",
        }
    )
