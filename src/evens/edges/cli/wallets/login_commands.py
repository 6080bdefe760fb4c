"""`evens user reset-password`, `role` and `remove-second-factor`: how customers get into their account."""

from enum import StrEnum
from typing import Annotated

import typer

from evens.edges.cli.api import connect, user_path
from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.options import DATA_DIR, DataOption, JsonOption, UrlOption, UserArgument
from evens.edges.cli.screen import Screen, escape
from evens.edges.cli.wording import moment_text


class LoginRole(StrEnum):
    """As what people can log in; programs of the role service have keys alone."""

    CUSTOMER = "customer"
    OPERATOR = "operator"
    ADMIN = "admin"


def register(users: typer.Typer) -> None:
    """Add the commands to `evens user`."""
    users.command("reset-password", cls=ConsoleCommand)(reset_password)
    users.command("role", cls=ConsoleCommand)(set_role)
    users.command("remove-second-factor", cls=ConsoleCommand)(remove_second_factor)


def reset_password(
    user: UserArgument,
    mail: Annotated[bool, typer.Option("--mail", help="Have the server mail the token, and do not show it.")] = False,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a token with which a customer sets a new password, or their first.

    It is good once, for a day, and replaces the one before. Using it ends their sessions and revokes their
    API keys. Customers who were imported, or made by `evens user create`, get in this way.
    """
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = api.find_user(user)
        body = {"delivery": "mail" if mail else "answer"}
        made = api.post(user_path(found["id"], "reset-token"), body).document
        server = api.url
    if as_json:
        screen.document(made)
        return
    until = moment_text(made["expires_at"])
    if mail:
        screen.done(f"A token is on its way to {escape(made['mailed_to'])}. [dim]Good until {until}[/]")
        return
    screen.done(f"Hand this token to {escape(found['username'])}. [dim]Good once, until {until}[/]")
    screen.say(made["token"])
    screen.say(f"[dim]They set the password with POST {server}/v1/auth/reset and the body[/]")
    screen.say(escape(f'{{"token": "{made["token"]}", "new": "…"}}'))


def set_role(
    user: UserArgument,
    role: Annotated[LoginRole, typer.Argument(help="As what they log in.")],
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a user log in as operator or admin, or as customer again. Their sessions end."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = api.find_user(user)
        api.put(user_path(found["id"], "role"), {"role": role.value})
    if as_json:
        screen.document({"user_id": found["id"], "role": role.value})
    else:
        screen.done(f"{escape(found['username'])} logs in as {role.value} from now on.")


def remove_second_factor(
    user: UserArgument,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a customer log in without the second factor that they have lost."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = api.find_user(user)
        api.delete(user_path(found["id"], "totp"))
    if as_json:
        screen.document({"user_id": found["id"], "second_factor": False})
    else:
        screen.done(f"{escape(found['username'])} logs in with the password alone.")
