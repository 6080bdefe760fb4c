"""A customer's balances as a table."""

from collections.abc import Sequence

from evens.edges.cli.api import Document
from evens.edges.cli.screen import Screen
from evens.edges.cli.wording import amount_text

_COLUMNS = ("Currency", "Cash", "In bets", "Withdrawing", "Total", "Owed")


def show_wallets(screen: Screen, balances: Sequence[Document], *, empty_too: bool = False) -> None:
    """Print one line for each currency; those with nothing in them only if ``empty_too``.

    What is owed to the house has a column if anything is.
    """
    shown = [balance for balance in balances if empty_too or balance["total"].strip("0.") or _owes(balance)]
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
            amount_text(balance["owed"]),
        )
        for balance in shown
    ]
    columns = _COLUMNS if any(_owes(balance) for balance in shown) else _COLUMNS[:-1]
    screen.table(columns, [row[: len(columns)] for row in rows], numbers=columns[1:])


def _owes(balance: Document) -> bool:
    return bool(balance["owed"].strip("0."))
