"""`evens seed`: creates customers for trying things out."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Final

import typer

from evens.edges.cli.api import connect
from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.operations import Operations
from evens.edges.cli.options import DATA_DIR, DataOption, JsonOption, UrlOption
from evens.edges.cli.screen import Screen, escape, progress
from evens.edges.cli.wallets.seeding import CONNECTIONS, Seeded, seed
from evens.edges.cli.wording import amount_text, count_text

_FOREIGN_SHOWN_MAX: Final = 5


def register(app: typer.Typer, operations: Operations, panel: str) -> None:
    """Add the command to the program."""

    @app.command("seed", cls=ConsoleCommand, rich_help_panel=panel)
    def seed_customers(
        users: Annotated[int, typer.Option("--users", min=1, max=1_000_000, metavar="N", help="How many.")] = 40,
        data: DataOption = DATA_DIR,
        url: UrlOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Make customers with some money, to try things with.

        They are the same ones every time, each with USD, EUR and USDC; doing it again makes nothing twice.
        """
        newcomers = operations.newcomers(users)
        with connect(data, url, connections_max=CONNECTIONS) as api, progress("Seeding", users) as advance:
            seeded = seed(api, newcomers, advance)
        _show(Screen(as_json=as_json), seeded)


def _show(screen: Screen, seeded: Sequence[Seeded]) -> None:
    foreign = [one.username for one in seeded if one.user_id is None]
    made = sum(one.made for one in seeded)
    before = len(seeded) - made - len(foreign)
    sums = _sums(seeded)
    if screen.as_json:
        deposited = {currency: str(total) for currency, total in sums.items()}
        screen.document({"made": made, "there_before": before, "left_alone": foreign, "deposited": deposited})
        return
    screen.done(f"{count_text(made, 'customer')} made{f', {before:,} were there before' if before else ''}.")
    if sums:
        screen.say()
        rows = [(currency, amount_text(str(total))) for currency, total in sums.items()]
        screen.table(("Currency", "Deposited"), rows, numbers=("Deposited",))
    if foreign:
        shown = ", ".join(foreign[:_FOREIGN_SHOWN_MAX]) + (" …" if len(foreign) > _FOREIGN_SHOWN_MAX else "")
        screen.say(f"{count_text(len(foreign), 'name')} taken by others, who were left alone: {escape(shown)}")


def _sums(seeded: Sequence[Seeded]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for one in seeded:
        for amount, currency in one.deposited:
            sums[currency] = sums.get(currency, Decimal()) + Decimal(amount)
    return sums
