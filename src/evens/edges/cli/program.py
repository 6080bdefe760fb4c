"""The program: every command in its place."""

from collections.abc import Callable

import typer

from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.exchange.market_commands import markets
from evens.edges.cli.exchange.order_commands import orders
from evens.edges.cli.exchange.position_commands import positions
from evens.edges.cli.exchange.watch_commands import watch
from evens.edges.cli.operations import Operations
from evens.edges.cli.operator import maintenance_commands as maintenance
from evens.edges.cli.operator import serve_commands as serving
from evens.edges.cli.wallets import import_commands as importing
from evens.edges.cli.wallets import payment_commands as payments
from evens.edges.cli.wallets import seed_commands as seed
from evens.edges.cli.wallets import statement_commands as books
from evens.edges.cli.wallets.user_commands import users

_RUN = "Run a server"
_MONEY = "Move money (on the running server)"
_EXCHANGE = "Bet (on the running server)"
_CARE = "Look after it (beside the server's data)"
_EPILOG = "Exit codes: 0 done, 1 refused, 2 misused, 3 no server answers.  Every command knows --help and --json."


Register = Callable[[typer.Typer, Operations, str], None]
"""Adds commands to the program, under the heading of a part of its help."""


def build(operations: Operations, *more_to_run: Register) -> typer.Typer:
    """Return the `evens` program; calling it reads the command line, and exits.

    ``more_to_run`` add commands that run a server and stand above this room.
    """
    app = typer.Typer(
        name="evens",
        cls=ConsoleGroup,
        epilog=_EPILOG,
        context_settings={"help_option_names": ["--help", "-h"]},
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @app.callback(invoke_without_command=True)
    def _evens(context: typer.Context) -> None:
        """Evens: wallets and payments that add up, and an exchange to bet on."""
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    for register in more_to_run:
        register(app, operations, _RUN)
    serving.register(app, operations, _RUN)
    app.add_typer(users, name="user", rich_help_panel=_MONEY)
    for command in (payments.deposit, payments.withdraw, payments.transfer, books.balance, books.statement):
        app.command(cls=ConsoleCommand, rich_help_panel=_MONEY)(command)
    importing.register(app, _MONEY)
    seed.register(app, operations, _MONEY)
    app.add_typer(markets, name="market", rich_help_panel=_EXCHANGE)
    app.add_typer(orders, name="order", rich_help_panel=_EXCHANGE)
    for command in (positions, watch):
        app.command(cls=ConsoleCommand, rich_help_panel=_EXCHANGE)(command)
    maintenance.register(app, operations, _CARE)
    return app
