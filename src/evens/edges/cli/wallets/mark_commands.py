"""`evens user tags` and `evens user exclude`: what marks a customer."""

from typing import Annotated

import typer

from evens.edges.cli.api import connect, user_path
from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.failures import Misused
from evens.edges.cli.options import DATA_DIR, DataOption, JsonOption, KeyOption, UrlOption, UserArgument
from evens.edges.cli.screen import Screen, escape
from evens.edges.cli.wording import moment_text


def tags(
    user: UserArgument,
    wanted: Annotated[
        list[str] | None, typer.Argument(metavar="TAG", help="All tags from now on, such as card:5f2c.")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Take all tags away.")] = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a customer's tags, or set them. Who has one in common resolves no challenges for each other."""
    if none and wanted:
        raise Misused("With --none there are no tags.", "Leave out one of them.")
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        customer = api.find_user(user)
        path = user_path(customer["id"], "tags")
        if wanted or none:
            answer = api.post(path, {"tags": wanted or []}, key=key)
            found, replayed = answer.document, answer.replayed
        else:
            found, replayed = api.get(path), None
    if as_json:
        screen.document(found)
        return
    text = escape(", ".join(found["tags"]) or "none")
    if replayed is None:
        screen.facts({"Customer": customer["username"], "Tags": text})
    else:
        screen.done(f"The tags of {escape(customer['username'])} are now: {text}.", replayed=replayed)


def exclude(
    user: UserArgument,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Such as 2027-05-20T00:00:00Z. Left out: look.")
    ] = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Exclude a customer at their wish, or show until when. Nobody can lift it before; it can be made longer.

    The customer is frozen, and their open orders and offered challenges lapse.
    """
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        customer = api.find_user(user)
        path = user_path(customer["id"], "self-exclusion")
        if until is None:
            found, replayed = api.get(path), None
        else:
            answer = api.post(path, {"until": until}, key=key)
            found, replayed = answer.document, answer.replayed
    if as_json:
        screen.document(found)
        return
    end = None if found["until"] is None else f"until {moment_text(found['until'])}"
    if replayed is None:
        screen.facts({"Customer": customer["username"], "Self-exclusion": end or "none"})
    else:
        screen.done(f"{escape(customer['username'])} is excluded {end}.", replayed=replayed)


def register(users: typer.Typer) -> None:
    """Add the commands to those about users."""
    for command in (tags, exclude):
        users.command(cls=ConsoleCommand)(command)
