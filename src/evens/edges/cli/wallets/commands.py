"""The commands about users and their money."""

from typing import Final

import typer

from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.operations import Operations
from evens.edges.cli.wallets import import_commands, login_commands, mark_commands, seed_commands
from evens.edges.cli.wallets.limit_commands import limits
from evens.edges.cli.wallets.payment_commands import deposit, reverse, transfer, withdraw
from evens.edges.cli.wallets.statement_commands import balance, statement
from evens.edges.cli.wallets.user_commands import users

_PANEL: Final = "Move money (on the running server)"


def register(app: typer.Typer, operations: Operations) -> None:
    """Add the commands to the program."""
    mark_commands.register(users)
    login_commands.register(users)
    app.add_typer(users, name="user", rich_help_panel=_PANEL)
    app.add_typer(limits, name="limits", rich_help_panel=_PANEL)
    for command in (deposit, withdraw, transfer, reverse, balance, statement):
        app.command(cls=ConsoleCommand, rich_help_panel=_PANEL)(command)
    import_commands.register(app, _PANEL)
    seed_commands.register(app, operations, _PANEL)
