"""`evens discount` and `evens receivables`: what users pay for winning, and what they owe the house."""

from typing import Annotated

import typer

from evens.edges.cli.api import Document, connect, user_path
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.known_users import KnownUsers
from evens.edges.cli.options import DATA_DIR, DataOption, JsonOption, KeyOption, UrlOption, UserArgument
from evens.edges.cli.screen import Screen, escape
from evens.edges.cli.wording import amount_text, percent_text

discounts = typer.Typer(help="Take a part off the commission that a user pays.", cls=ConsoleGroup)


@discounts.command("set", cls=ConsoleCommand)
def set_discount(
    user: UserArgument,
    discount_bps: Annotated[
        int,
        typer.Argument(metavar="BPS", min=0, max=10_000, help="Hundredths of a percent of the commission; 0: none."),
    ],
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set what part of every commission a user does not pay from now on."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        customer = api.find_user(user)
        path = user_path(customer["id"], "commission-discount")
        answer = api.put(path, {"discount_bps": discount_bps}, key=key)
    if as_json:
        screen.document(answer.document)
        return
    part = percent_text(answer.document["discount_bps"])
    screen.done(f"{escape(customer['username'])} pays {part} less commission.", replayed=answer.replayed)


@discounts.command("show", cls=ConsoleCommand)
def show_discount(
    user: UserArgument, data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False
) -> None:
    """Show what part of every commission a user does not pay."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        customer = api.find_user(user)
        found = api.get(user_path(customer["id"], "commission-discount"))
    if as_json:
        screen.document(found)
    else:
        screen.say(f"{escape(customer['username'])} pays {percent_text(found['discount_bps'])} less commission.")


@discounts.command("list", cls=ConsoleCommand)
def list_discounts(data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """List who pays less commission."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = list(api.items("/v1/commission-discounts"))
        if as_json:
            screen.document({"items": found})
            return
        users = KnownUsers(api)
        rows = [(users.name(each["user_id"]), percent_text(each["discount_bps"])) for each in found]
    _show(screen, ("User", "Less"), rows, "Everybody pays the whole commission.")


def receivables(data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """List who owes the house, after a correction, a removal or a reversal."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found: list[Document] = list(api.items("/v1/receivables"))
        if as_json:
            screen.document({"items": found})
            return
        users = KnownUsers(api)
        rows = [(users.name(each["user_id"]), amount_text(each["owed"]), each["currency"]) for each in found]
    _show(screen, ("User", "Owes", ""), rows, "Nobody owes the house anything.")


def _show(screen: Screen, columns: tuple[str, ...], rows: list[tuple[str, ...]], otherwise: str) -> None:
    if rows:
        screen.table(columns, rows, numbers=(columns[1],))
    else:
        screen.say(otherwise)
