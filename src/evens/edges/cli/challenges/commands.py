"""The commands of the challenges."""

from typing import Final

import typer

from evens.edges.cli.challenges.challenge_commands import challenges
from evens.edges.cli.operations import Operations

_PANEL: Final = "Bet (on the running server)"


def register(app: typer.Typer, operations: Operations) -> None:
    """Add the commands to the program. They call the HTTP API only, and need none of ``operations``."""
    app.add_typer(challenges, name="challenge", rich_help_panel=_PANEL)
