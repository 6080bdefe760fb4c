"""The commands of pools."""

from typing import Final

import typer

from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.operations import Operations
from evens.edges.cli.pools import verify_command
from evens.edges.cli.pools.pool_commands import pools
from evens.edges.cli.pools.round_commands import rounds
from evens.edges.cli.pools.value_commands import tvl

_PANEL: Final = "Pools (on the running server)"


def register(app: typer.Typer, operations: Operations) -> None:
    """Add the commands to the program. They call the HTTP API; who verifies asks a calendar of ``operations``."""
    verify_command.register(rounds, operations)
    app.add_typer(pools, name="pool", rich_help_panel=_PANEL)
    app.add_typer(rounds, name="round", rich_help_panel=_PANEL)
    app.command(cls=ConsoleCommand, rich_help_panel=_PANEL)(tvl)
