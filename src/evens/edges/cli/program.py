"""Composes the `evens` program of the commands that each product exports."""

from collections.abc import Callable
from typing import Annotated, Final

import typer

from evens import __version__
from evens.edges.cli.chain import signer_commands
from evens.edges.cli.challenges import commands as challenges
from evens.edges.cli.console_command import UTC_OPTION, ConsoleGroup
from evens.edges.cli.exchange import commands as exchange
from evens.edges.cli.line import serve_commands as line_provider
from evens.edges.cli.operations import Operations
from evens.edges.cli.operator import backup_commands, maintenance_commands, secret_commands, serve_commands
from evens.edges.cli.pools import commands as pools
from evens.edges.cli.screen import Screen
from evens.edges.cli.social import commands as social
from evens.edges.cli.sportsbook import commands as sportsbook
from evens.edges.cli.wallets import commands as wallets
from evens.edges.cli.wording import show_times_in_utc

_EPILOG: Final = (
    "Exit codes: 0 done, 1 refused, 2 misused, 3 no server answers, 4 done but the result could not be printed. "
    "Every command knows --help, --json and --utc."
)

Register = Callable[[typer.Typer, Operations], None]
"""Adds commands to the program."""

_COMMANDS: Final[tuple[Register, ...]] = (
    serve_commands.register,
    line_provider.register,
    signer_commands.register,
    wallets.register,
    exchange.register,
    challenges.register,
    sportsbook.register,
    pools.register,
    social.register,
    maintenance_commands.register,
    backup_commands.register,
    secret_commands.register,
)
"""What the packages of this edge add, in the order of the help."""


def _print_version(wanted: bool) -> None:
    if wanted:
        Screen(as_json=False).say(f"evens {__version__}")
        raise typer.Exit


def build(operations: Operations, *more: Register) -> typer.Typer:
    """Return the `evens` program; calling it reads the command line, and exits.

    ``more`` add the commands of packages that may import this edge but not the other way round; they come first.
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
    def _evens(
        context: typer.Context,
        version: Annotated[
            bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
        ] = False,
        utc: Annotated[
            bool, typer.Option(UTC_OPTION, help="Show times in UTC, and not in this terminal's zone.")
        ] = False,
    ) -> None:
        """Evens: wallets and payments that add up, an exchange and a sportsbook to bet on."""
        show_times_in_utc(wanted=utc)
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    for register in (*more, *_COMMANDS):
        register(app, operations)
    return app
