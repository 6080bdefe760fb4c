"""The commands of the exchange."""

from typing import Final

import typer

from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.exchange import export_commands, import_commands, match_commands, oversight_commands
from evens.edges.cli.exchange.account_commands import discounts, receivables
from evens.edges.cli.exchange.market_commands import markets
from evens.edges.cli.exchange.order_commands import orders
from evens.edges.cli.exchange.position_commands import positions
from evens.edges.cli.exchange.watch_commands import watch
from evens.edges.cli.operations import Operations

_PANEL: Final = "Bet (on the running server)"


def register(app: typer.Typer, operations: Operations) -> None:
    """Add the commands to the program. All but the export call the HTTP API only."""
    app.add_typer(markets, name="market", rich_help_panel=_PANEL)
    match_commands.register(orders)
    app.add_typer(orders, name="order", rich_help_panel=_PANEL)
    app.add_typer(discounts, name="discount", rich_help_panel=_PANEL)
    oversight_commands.register(markets)
    export_commands.register(app, operations)
    import_commands.register()
    for command in (positions, watch, receivables):
        app.command(cls=ConsoleCommand, rich_help_panel=_PANEL)(command)
