"""`evens user`: making customers and looking them up."""

from typing import Annotated

import typer

from evens.edges.cli.api import Answer, connect, user_path
from evens.edges.cli.asking import YesOption, confirm
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.options import DATA_DIR, DataOption, JsonOption, KeyOption, UrlOption, UserArgument
from evens.edges.cli.screen import Screen, escape
from evens.edges.cli.wallets.balances import show_wallets
from evens.edges.cli.wording import moment_text

users = typer.Typer(help="Make customers and look them up.", cls=ConsoleGroup)


@users.command("create", cls=ConsoleCommand)
def create(
    username: Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, dots, dashes and underscores.")],
    email: Annotated[str | None, typer.Option("--email", metavar="ADDRESS", help="For the customer to log in.")] = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a customer, with an account in every currency."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        answer = api.post("/v1/users", {"username": username, "email": email}, key=key)
    user = answer.document
    if as_json:
        screen.document(user)
    else:
        screen.done(f"{user['username']} is a customer now. [dim]{user['id']}[/]", replayed=answer.replayed)


@users.command("show", cls=ConsoleCommand)
def show(
    user: UserArgument,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a customer and what they have."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = api.find_user(user)
        wallets = api.get(user_path(found["id"], "wallets"))["items"]
    if as_json:
        screen.document({**found, "wallets": wallets})
        return
    screen.say(f"[bold]{found['username']}[/]")
    screen.facts(
        {
            "Id": found["id"],
            "Email": found["email"] or "none",
            "Status": found["status"],
            "Since": moment_text(found["created_at"]),
        }
    )
    screen.say()
    show_wallets(screen, wallets)


@users.command("freeze", cls=ConsoleCommand)
def freeze(
    user: UserArgument,
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop a user from moving money out and from betting. Receiving money stays possible."""
    with connect(data, url) as api:
        found = api.find_user(user)
        confirm(f"{found['username']} can move no money any more, until unfrozen.", yes=yes)
        answer = api.post(user_path(found["id"], "freeze"), {}, key=key)
    _print_status(answer, found["username"], "is frozen", as_json=as_json)


@users.command("unfreeze", cls=ConsoleCommand)
def unfreeze(
    user: UserArgument,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a frozen user move money again."""
    with connect(data, url) as api:
        found = api.find_user(user)
        answer = api.post(user_path(found["id"], "unfreeze"), {}, key=key)
    _print_status(answer, found["username"], "can move money again", as_json=as_json)


def _print_status(answer: Answer, username: str, words: str, *, as_json: bool) -> None:
    screen = Screen(as_json=as_json)
    if as_json:
        screen.document(answer.document)
    else:
        screen.done(f"{escape(username)} {words}. [dim]{answer.document['id']}[/]", replayed=answer.replayed)
