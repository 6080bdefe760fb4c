"""A customer's balances as a table."""

from collections.abc import Sequence

from evens.edges.cli.api import Document
from evens.edges.cli.screen import Screen
from evens.edges.cli.wording import amount_text

_COLUMNS = ("Currency", "Cash", "In bets", "Withdrawing", "Total")


def show_wallets(screen: Screen, balances: Sequence[Document], *, empty_too: bool = False) -> None:
    """Print one line for each currency; those with nothing in them only if ``empty_too``."""
    shown = [balance for balance in balances if empty_too or balance["total"].strip("0.")]
    if not shown:
        screen.say("Nothing, in any currency.")
        return
    rows = [
        (
            balance["currency"],
            amount_text(balance["cash"]),
            amount_text(balance["escrow"]),
            amount_text(balance["withdrawing"]),
            amount_text(balance["total"]),
        )
        for balance in shown
    ]
    screen.table(_COLUMNS, rows, numbers=_COLUMNS[1:])
