"""`evens balance` and `evens statement`: a customer's balances, now or at a date, and the movements behind them."""

from collections.abc import Iterable, Sequence
from typing import Annotated

import typer

from evens.edges.cli.api import Api, Document, connect, user_path
from evens.edges.cli.failures import Misused
from evens.edges.cli.options import DATA_DIR, CurrencyOption, DataOption, JsonOption, UrlOption, UserArgument
from evens.edges.cli.output import write_utf8
from evens.edges.cli.screen import Advance, Screen, escape, progress
from evens.edges.cli.wallets.balances import show_wallets
from evens.edges.cli.wording import amount_text, day_begin, day_end, next_day_begin, value_date_text

_COLUMNS = ("Date", "What", "Amount", "", "Balance", "Note")


def balance(
    user: UserArgument,
    currency: CurrencyOption = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="WHEN", help="As of a day's end (2026-11-20) or a time (…T09:30:00Z)."),
    ] = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a customer has, now or at any date."""
    screen = Screen(as_json=as_json)
    moment = day_end(at) if at is not None else None
    with connect(data, url) as api:
        customer = api.find_user(user)
        balances = _balances(api, customer["id"], currency, moment)
    if as_json:
        screen.document(balances[0] if currency is not None else {"items": balances})
        return
    when = f" [dim]as of {escape(at)}[/]" if at is not None else ""
    screen.say(f"[bold]{escape(customer['username'])}[/]{when}")
    screen.say()
    show_wallets(screen, balances, empty_too=currency is not None)


def statement(
    user: UserArgument,
    currency: CurrencyOption = None,
    begin: Annotated[
        str | None, typer.Option("--from", metavar="WHEN", help="First day (2026-11-20) or time (…T09:30:00Z).")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="WHEN", help="Last day, or the time to end before.")
    ] = None,
    recorded: Annotated[
        bool, typer.Option("--recorded", help="In the order of recording, not of value dates, with balances to match.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, for spreadsheets.")] = False,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every movement of a customer's money by value date, each with the balance at that date."""
    if as_csv and as_json:
        raise Misused("--csv and --json exclude each other.", "Choose one.")
    span = {
        "currency": currency,
        "from": day_begin(begin) if begin is not None else None,
        "to": next_day_begin(end) if end is not None else None,
        "order": "recorded" if recorded else "value_date",
    }
    with connect(data, url) as api:
        customer = api.find_user(user)
        if as_csv:
            for piece in api.text(user_path(customer["id"], "statement.csv"), **span):
                write_utf8(piece)
            return
        transactions = _transactions(api, customer["id"], span)
        screen = Screen(as_json=as_json)
        if as_json:
            screen.document({"items": transactions})
            return
    screen.say(f"[bold]{escape(customer['username'])}[/]")
    screen.say()
    if transactions:
        screen.table(_COLUMNS, [_row(transaction) for transaction in transactions], numbers=("Amount", "Balance"))
    else:
        screen.say("Nothing happened in this time.")


def _balances(api: Api, user_id: str, currency: str | None, at: str | None) -> list[Document]:
    if currency is not None:
        return [api.get(user_path(user_id, "balance"), currency=currency, at=at)]
    wallets: list[Document] = api.get(user_path(user_id, "wallets"))["items"]
    if at is None:
        return wallets
    return [api.get(user_path(user_id, "balance"), currency=wallet["currency"], at=at) for wallet in wallets]


def _transactions(api: Api, user_id: str, span: dict[str, str | None]) -> list[Document]:
    with progress("Reading the statement") as advance:
        return _counted(api.items(user_path(user_id, "transactions"), **span), advance)[::-1]


def _counted(items: Iterable[Document], advance: Advance) -> list[Document]:
    found: list[Document] = []
    for item in items:
        found.append(item)
        advance(len(found))
    return found


def _row(transaction: Document) -> Sequence[str]:
    is_out = transaction["direction"] == "out"
    sign = "-" if is_out else ""
    about = transaction["about"] or {"name": None}
    notes = (about["name"], transaction["memo"], transaction["reference"], transaction["destination"])
    return (
        value_date_text(transaction["effective_at"]),
        _what(transaction, is_out=is_out),
        sign + amount_text(transaction["amount"]),
        transaction["currency"],
        amount_text(transaction["balance_after"]),
        ", ".join(note for note in notes if note),
    )


def _what(transaction: Document, *, is_out: bool) -> str:
    other = transaction["counterparty_username"]
    if other is not None:
        return f"{'to' if is_out else 'from'} {other}"
    status = transaction["status"]
    return transaction["kind"] if status == "completed" else f"{transaction['kind']} ({status})"
