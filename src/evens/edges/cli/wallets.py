"""What a customer has, as a table."""

from collections.abc import Sequence

from evens.edges.cli.api import Document
from evens.edges.cli.screen import Screen
from evens.edges.cli.wording import amount_text

_COLUMNS = ("Currency", "Cash", "In bets", "Withdrawing", "Total")


def show_wallets(screen: Screen, balances: Sequence[Document]) -> None:
    """Write one line for each currency."""
    if not balances:
        screen.say("No money yet, in any currency.")
        return
    rows = [
        (
            balance["currency"],
            amount_text(balance["cash"]),
            amount_text(balance["escrow"]),
            amount_text(balance["withdrawing"]),
            amount_text(balance["total"]),
        )
        for balance in balances
    ]
    screen.table(_COLUMNS, rows, numbers=_COLUMNS[1:])
