"""`evens house`: the house's own money."""

from typing import Final

import typer

from evens.edges.cli.api import connect
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.options import (
    DATA_DIR,
    AmountArgument,
    CurrencyOption,
    DataOption,
    JsonOption,
    KeyOption,
    ReferenceOption,
    UrlOption,
)
from evens.edges.cli.screen import Screen
from evens.edges.cli.wording import amount_text, money_text

house = typer.Typer(help="Pay into the bank that covers bets, and out of it.", cls=ConsoleGroup)

_COLUMNS: Final = ("", "Bank", "Reserved", "Fees", "Rounding", "Users owe", "Owner owes")


@house.command("balance", cls=ConsoleCommand)
def balance(data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Show what the house has of its own, in each currency."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = api.get("/v1/house/balances")
    if as_json:
        screen.document(found)
        return
    kept = ("bank", "reserved", "fees", "rounding", "receivable", "owed")
    rows = [(one["currency"], *(amount_text(one[name]) for name in kept)) for one in found["items"]]
    screen.table(_COLUMNS, rows, numbers=_COLUMNS[1:])


def _add_move(name: str, description: str, path: str, *, words: str) -> None:
    """Add a command that moves the house's money."""

    def move(
        amount: AmountArgument,
        currency: CurrencyOption = None,
        reference: ReferenceOption = None,
        key: KeyOption = None,
        data: DataOption = DATA_DIR,
        url: UrlOption = None,
        as_json: JsonOption = False,
    ) -> None:
        with connect(data, url) as api:
            answer = api.post(path, {"amount": amount, "currency": currency, "reference": reference}, key=key)
        screen, moved = Screen(as_json=as_json), answer.document
        if as_json:
            screen.document(moved)
            return
        paid, left = (money_text(moved[each], moved["currency"]) for each in ("amount", "bank_after"))
        screen.done(f"{paid} {words}; it has {left} now. [dim]{moved['id']}[/]", replayed=answer.replayed)

    house.command(name, help=description, cls=ConsoleCommand)(move)


_add_move("deposit", "Pay into the bank, out of which bets are covered.", "/v1/house/deposits", words="is in the bank")
_add_move("withdraw", "Pay out what no bet needs.", "/v1/house/withdrawals", words="is paid out of the bank")
