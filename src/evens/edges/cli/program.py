"""The program: every command in its place."""

import typer

from evens.edges.cli.commands import books, demo, importing, maintenance, payments, seed, serving
from evens.edges.cli.commands.markets import markets
from evens.edges.cli.commands.orders import orders
from evens.edges.cli.commands.positions import positions
from evens.edges.cli.commands.users import users
from evens.edges.cli.commands.watching import watch
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.operations import Operations

_RUN = "Run a server"
_MONEY = "Move money (on the running server)"
_EXCHANGE = "Bet (on the running server)"
_CARE = "Look after it (beside the server's data)"
_EPILOG = "Exit codes: 0 done, 1 refused, 2 misused, 3 no server answers.  Every command knows --help and --json."


def build(operations: Operations) -> typer.Typer:
    """Return the `evens` program; calling it reads the command line, and exits."""
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

    demo.register(app, operations, _RUN)
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
