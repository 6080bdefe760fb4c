"""`evens serve`: the server itself, until Ctrl-C."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from threading import Lock

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
from evens.edges.cli.screen import Screen, progress
from evens.edges.cli.server_file import KEY_FILE


def register(app: typer.Typer, operations: Operations, panel: str) -> None:
    """Add the command to the program."""

    @app.command(cls=ConsoleCommand, rich_help_panel=panel)
    def serve(
        data: DataOption = DATA_DIR,
        port: PortOption = PORT,
        host: HostOption = HOST,
        database_url: DatabaseOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Serve the API until Ctrl-C."""
        screen = Screen(as_json=as_json)
        waiting = Waiting("Starting the database and the API")

        def ready(serving: Serving) -> None:
            waiting.end()
            _announce(screen, serving)

        with waiting:
            code = serve_on(operations, Location(data, database_url), host, port, ready)
        raise typer.Exit(code)


class Waiting:
    """A spinner from entering the ``with`` block until :meth:`end`, which may come from any thread, and again."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._shown = ExitStack()
        self._lock = Lock()

    def __enter__(self) -> None:
        self._shown.enter_context(progress(self._title))

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Take the spinner away."""
        with self._lock:
            self._shown.close()


def serve_on(
    operations: Operations,
    location: Location,
    host: str,
    port: int,
    ready: Callable[[Serving], None],
    stopping: Callable[[], None] | None = None,
    log_file: Path | None = None,
) -> int:
    """Serve until a signal; return the exit code. Raises :class:`Unavailable` naming ``--port`` if it is taken."""
    try:
        return operations.serve(location, host=host, port=port, ready=ready, stopping=stopping, log_file=log_file)
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
                "pid": os.getpid(),
                "data": str(serving.data_dir),
                "operator_key_file": str(key_file),
                "version": __version__,
            }
        )
        return
    screen.done(f"[bold]Evens {__version__}[/] is ready [dim]after {serving.startup_s:.1f} s[/]")
    screen.facts(
        {
            "API": serving.url,
            "Docs": f"{serving.url}/docs",
            "Data": str(serving.data_dir),
            "Operator key": f"in {key_file}",
            "Stop": "Ctrl-C",
        }
    )
