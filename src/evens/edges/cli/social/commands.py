"""The commands of profiles, the leaderboard and following."""

from typing import Final

import typer

from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.operations import Operations
from evens.edges.cli.social.follow_commands import follows
from evens.edges.cli.social.leaderboard_commands import leaderboard
from evens.edges.cli.social.profile_commands import profiles

_PANEL: Final = "People (on the running server)"


def register(app: typer.Typer, operations: Operations) -> None:
    """Add the commands to the program. They call the HTTP API only, and need none of ``operations``."""
    app.command(cls=ConsoleCommand, rich_help_panel=_PANEL)(leaderboard)
    app.add_typer(profiles, name="profile", rich_help_panel=_PANEL)
    app.add_typer(follows, name="follow", rich_help_panel=_PANEL)
