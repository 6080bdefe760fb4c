"""`evens api-key`: keys for programs; made beside the server's data, listed and revoked on the running server."""

from typing import Annotated, Final
from urllib.parse import quote

import typer

from evens.edges.cli.api import connect
from evens.edges.cli.asking import YesOption, confirm
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.failures import Misused, Refused
from evens.edges.cli.known_users import KnownUsers
from evens.edges.cli.operations import Location, Operations
from evens.edges.cli.options import DATA_DIR, DatabaseOption, DataOption, JsonOption, UrlOption
from evens.edges.cli.output import note_change
from evens.edges.cli.screen import Screen, escape, progress
from evens.edges.cli.wording import moment_text
from evens.identity.principal import Role

KEYS_PATH: Final = "/v1/api-keys"
_COLUMNS: Final = ("Id", "Role", "User", "Label", "Made by", "Made", "Revoked")


def register(app: typer.Typer, operations: Operations, panel: str) -> None:
    """Add the commands to the program."""
    api_keys = typer.Typer(help="Make API keys for programs, list and revoke them.", cls=ConsoleGroup)
    app.add_typer(api_keys, name="api-key", rich_help_panel=panel)
    _register_create(api_keys, operations)
    api_keys.command("list", cls=ConsoleCommand)(list_keys)
    api_keys.command("revoke", cls=ConsoleCommand)(revoke)


def _register_create(api_keys: typer.Typer, operations: Operations) -> None:
    @api_keys.command(cls=ConsoleCommand)
    def create(
        role: Annotated[Role, typer.Option("--role", help="What the key may do.")],
        user: Annotated[
            str | None,
            typer.Option("--user", metavar="USER", help="Whom it acts for, by name or id; a customer's needs one."),
        ] = None,
        name: Annotated[str | None, typer.Option("--name", metavar="LABEL", help="To recognise the key by.")] = None,
        data: DataOption = DATA_DIR,
        database_url: DatabaseOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Make an API key and print it, once and alone, on stdout."""
        if role is Role.CUSTOMER and user is None:
            raise Misused("A customer's key acts for a customer, and none is named.", "Add --user USER.")
        screen = Screen(as_json=as_json)
        with progress("Making the key"):
            key = operations.create_api_key(Location(data, database_url), role=role.value, username=user, name=name)
        note_change()
        if as_json:
            screen.document({"key": key, "role": role.value, "user": user, "name": name})
        else:
            screen.say(escape(key))


def list_keys(
    every: Annotated[bool, typer.Option("--all", help="Those that are revoked, too.")] = False,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List API keys, newest first."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = [key for key in api.items(KEYS_PATH) if every or key["revoked_at"] is None]
        if as_json:
            screen.document({"items": found})
            return
        users = KnownUsers(api)
        rows = [
            (
                key["id"],
                key["role"],
                "" if key["user_id"] is None else users.name(key["user_id"]),
                key["name"] or "",
                key["created_by"],
                moment_text(key["created_at"]),
                "" if key["revoked_at"] is None else moment_text(key["revoked_at"]),
            )
            for key in found
        ]
    if rows:
        screen.table(_COLUMNS if every else _COLUMNS[:-1], rows, whole=("Id",), names=("Label",), spare=("Made",))
    else:
        screen.say("There is no key in use.")


def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its id, as `evens api-key list` shows it.")],
    yes: YesOption = False,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Revoke an API key, for good."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = next((each for each in api.items(KEYS_PATH) if each["id"] == key), None)
        if found is None:
            raise Refused(f"There is no key {key}.", "To see them: evens api-key list")
        label = f" ({found['name']})" if found["name"] else ""
        confirm(f"The {found['role']} key {key}{label} stops working for good.", yes=yes)
        api.delete(f"{KEYS_PATH}/{quote(key, safe='')}")
    if as_json:
        screen.document({"id": key, "revoked": True})
    else:
        screen.done(f"The key {escape(key)}{escape(label)} is revoked.")
