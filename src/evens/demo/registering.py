"""`evens demo` on the command line. What runs it is imported when it is called: no other command needs it."""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Final

import typer

from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.operations import Operations
from evens.edges.cli.operator.serve_commands import RUN_PANEL
from evens.edges.cli.options import PORT, DataOption, JsonOption, PortOption

DATA_DIR: Final = Path("evens-demo-data")
MARKET_MINUTES: Final = 4.0
"""How long a race is open before it starts."""


def register(app: typer.Typer, operations: Operations) -> None:
    """Add the command to the program."""

    @app.command(cls=ConsoleCommand, rich_help_panel=RUN_PANEL)
    def demo(
        data: DataOption = DATA_DIR,
        port: PortOption = PORT,
        market_minutes: Annotated[
            float,
            typer.Option(
                "--market-minutes", min=0.01, max=10_000, metavar="N", help="How long a race's market is open."
            ),
        ] = MARKET_MINUTES,
        as_json: JsonOption = False,
    ) -> None:
        """Start a server and a line provider with simulated customers who pay each other and bet."""
        import_module("evens.demo.command").run_demo(operations, data, port, market_minutes, as_json=as_json)
