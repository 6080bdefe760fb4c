"""`evens secret rotate` and `show`: the secret that tokens, links and webhook secrets derive from."""

from typing import Annotated, Final

import typer

from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.operations import Location, Operations, SecretReport, UsedSecret
from evens.edges.cli.operator.maintenance_commands import PANEL
from evens.edges.cli.options import DATA_DIR, DatabaseOption, DataOption, JsonOption
from evens.edges.cli.screen import Screen, escape, progress

_HOUR_S: Final = 3600
_OVERLAP_HOURS: Final = 24
_HELP: Final = "The secret that tokens, links and webhook secrets derive from."


def register(app: typer.Typer, operations: Operations) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help=_HELP, cls=ConsoleGroup)
    app.add_typer(group, name="secret", rich_help_panel=PANEL)

    @group.callback()
    def _describe() -> None:
        """The secret that tokens, links and webhook secrets derive from."""

    _register_rotate(group, operations)
    _register_show(group, operations)


def _register_rotate(group: typer.Typer, operations: Operations) -> None:
    @group.command(cls=ConsoleCommand)
    def rotate(
        overlap_hours: Annotated[
            int,
            typer.Option(
                "--overlap-hours", min=0, max=8760, help="How long what the secret before made counts; 0 if it leaked."
            ),
        ] = _OVERLAP_HOURS,
        data: DataOption = DATA_DIR,
        database_url: DatabaseOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Replace the secret, on purpose or because it was lost.

        Prints the webhooks' new secrets, for their receivers. While the secret before counts, messages to them are
        signed with both, and tokens and links that it made are accepted; if it was lost, they are not. API keys and
        sessions go on. Restart every server afterwards. A secret in EVENS_SECRET is yours to change: set
        EVENS_SECRET_PREVIOUS to what it was, EVENS_SECRET to the new one, and run this with both.
        """
        screen = Screen(as_json=as_json)
        with progress("Replacing the secret"):
            report = operations.rotate_secret(Location(data, database_url), overlap_s=overlap_hours * _HOUR_S)
        if as_json:
            screen.document(_document(report))
            return
        screen.done("The secret is replaced. Restart every server; until then they use the one before.")
        _show(screen, report)


def _register_show(group: typer.Typer, operations: Operations) -> None:
    @group.command(cls=ConsoleCommand)
    def show(
        webhooks: Annotated[
            bool, typer.Option("--webhooks", help="Print the secrets that receivers of webhooks check messages with.")
        ] = False,
        data: DataOption = DATA_DIR,
        database_url: DatabaseOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Show which secret the database is used with, by its fingerprint."""
        screen = Screen(as_json=as_json)
        with progress("Looking"):
            report = operations.show_secret(Location(data, database_url), webhooks=webhooks)
        if as_json:
            screen.document(_document(report))
        else:
            _show(screen, report)


def _show(screen: Screen, report: SecretReport) -> None:
    facts = {"Fingerprint": f"{report.in_use.fingerprint}, in use since {report.in_use.since:%Y-%m-%d %H:%M} UTC"}
    for number, each in enumerate(report.earlier):
        facts["Before" + " " * number] = f"{each.fingerprint}, counts until {each.until:%Y-%m-%d %H:%M} UTC"
    screen.facts(facts)
    for webhook in report.webhooks:
        screen.say(f"  {webhook.id}  {webhook.secret}  {escape(webhook.url)}")


def _document(report: SecretReport) -> dict[str, object]:
    return {
        "in_use": _used(report.in_use),
        "earlier": [_used(each) for each in report.earlier],
        "webhooks": [{"id": each.id, "url": each.url, "secret": each.secret} for each in report.webhooks],
    }


def _used(each: UsedSecret) -> dict[str, object]:
    return {
        "fingerprint": each.fingerprint,
        "since": each.since.isoformat(),
        "until": None if each.until is None else each.until.isoformat(),
    }
