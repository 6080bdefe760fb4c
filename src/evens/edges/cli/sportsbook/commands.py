"""The commands of the sportsbook."""

from typing import Final

import typer

from evens.edges.cli.operations import Operations
from evens.edges.cli.sportsbook.bet_commands import bets
from evens.edges.cli.sportsbook.book_commands import book
from evens.edges.cli.sportsbook.event_commands import events
from evens.edges.cli.sportsbook.house_commands import house

_PANEL: Final = "Bet (on the running server)"


def register(app: typer.Typer, operations: Operations) -> None:
    """Add the commands to the program. They call the HTTP API only, and need none of ``operations``."""
    app.add_typer(events, name="event", rich_help_panel=_PANEL)
    app.add_typer(bets, name="bet", rich_help_panel=_PANEL)
    app.add_typer(book, name="book", rich_help_panel=_PANEL)
    app.add_typer(house, name="house", rich_help_panel=_PANEL)
