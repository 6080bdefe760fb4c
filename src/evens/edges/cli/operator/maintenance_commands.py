"""Commands that need the server's data: `evens migrate`, `audit`, `doctor`, `version`."""

import platform
from typing import Final

import typer

from evens import __version__
from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.failures import ExitCode
from evens.edges.cli.operations import AuditReport, Finding, Location, Operations
from evens.edges.cli.operator import api_key_commands
from evens.edges.cli.operator.anchor_file import AnchorOption, add_anchor, read_anchors
from evens.edges.cli.options import DATA_DIR, DatabaseOption, DataOption, JsonOption
from evens.edges.cli.output import note_change
from evens.edges.cli.screen import Screen, escape, progress
from evens.edges.cli.wording import count_text

PROBLEMS_SHOWN_MAX = 20

PANEL: Final = "Look after it (beside the server's data)"
"""The heading in the help under which commands stand that need the server's data."""


def register(app: typer.Typer, operations: Operations) -> None:
    """Add the commands to the program."""
    _register_migrate(app, operations)
    api_key_commands.register(app, operations, PANEL)
    _register_audit(app, operations)
    _register_doctor(app, operations)
    app.command(cls=ConsoleCommand, rich_help_panel=PANEL)(version)


def version(as_json: JsonOption = False) -> None:
    """Print the version."""
    screen = Screen(as_json=as_json)
    if as_json:
        screen.document({"version": __version__, "python": platform.python_version()})
    else:
        screen.say(f"evens {__version__} [dim](Python {platform.python_version()})[/]")


def _register_migrate(app: typer.Typer, operations: Operations) -> None:
    @app.command(cls=ConsoleCommand, rich_help_panel=PANEL)
    def migrate(data: DataOption = DATA_DIR, database_url: DatabaseOption = None, as_json: JsonOption = False) -> None:
        """Bring the database up to this version.

        `evens serve` does so by itself, unless the database is one of your own.
        """
        screen = Screen(as_json=as_json)
        with progress("Migrating"):
            applied = operations.migrate(Location(data, database_url))
        note_change()
        if as_json:
            screen.document({"applied": applied})
        elif applied:
            screen.done(f"The database is up to date; {count_text(len(applied), 'migration')} applied.")
            for name in applied:
                screen.say(f"  {escape(name)}")
        else:
            screen.done("The database was up to date already.")


def _register_audit(app: typer.Typer, operations: Operations) -> None:
    @app.command(cls=ConsoleCommand, rich_help_panel=PANEL)
    def audit(
        anchor: AnchorOption = None,
        data: DataOption = DATA_DIR,
        database_url: DatabaseOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Prove that the books are right.

        Replays the whole journal into an empty house and compares the result with every table, account by account. The
        anchor that it prints is the last record with its hash. Kept where nobody who can write the database can change
        it, it proves later that no record up to there was changed or taken away.
        """
        screen = Screen(as_json=as_json)
        anchors = [] if anchor is None else read_anchors(anchor)
        with progress("Auditing") as advance:
            report = operations.audit(Location(data, database_url), anchors=anchors, progress=advance)
        if anchor is not None and not report.problems and report.anchor not in anchors:
            add_anchor(anchor, report.anchor)
        if as_json:
            screen.document(
                {
                    "ok": not report.problems,
                    "records": report.records,
                    "entries": report.entries,
                    "transfers": report.transfers,
                    "accounts": report.accounts,
                    "seconds": round(report.seconds, 3),
                    "anchor": report.anchor,
                    "problems": report.problems,
                }
            )
        else:
            _show_audit(screen, report)
        raise typer.Exit(ExitCode.REFUSED if report.problems else ExitCode.OK)


def _show_audit(screen: Screen, report: AuditReport) -> None:
    if report.problems:
        screen.failed(f"The books are wrong: {count_text(len(report.problems), 'difference')}.")
        for number, text in enumerate(report.problems[:PROBLEMS_SHOWN_MAX], 1):
            screen.say(f"  {number}. {escape(text)}")
        if len(report.problems) > PROBLEMS_SHOWN_MAX:
            screen.say(f"  … and {len(report.problems) - PROBLEMS_SHOWN_MAX:,} more; --json prints them all.")
        screen.say()
    else:
        screen.done("The books are right: replaying the journal gives exactly what the tables say.")
    speed = report.entries / report.seconds if report.seconds else 0
    screen.facts(
        {
            "Journal": count_text(report.records, "record"),
            "Transfers": f"{report.transfers:,} (two ledger entries each)",
            "Accounts": f"{report.accounts:,}",
            "Anchor": report.anchor,
            "Took": f"{report.seconds:.1f} s ({speed:,.0f} entries a second)",
        }
    )


def _register_doctor(app: typer.Typer, operations: Operations) -> None:
    @app.command(cls=ConsoleCommand, rich_help_panel=PANEL)
    def doctor(data: DataOption = DATA_DIR, database_url: DatabaseOption = None, as_json: JsonOption = False) -> None:
        """Check what may be wrong, and say what to do."""
        screen = Screen(as_json=as_json)
        with progress("Checking"):
            findings = operations.doctor(Location(data, database_url))
        ok = all(finding.ok for finding in findings)
        if as_json:
            screen.document({"ok": ok, "findings": [_document(finding) for finding in findings]})
        else:
            _show_findings(screen, findings)
        raise typer.Exit(ExitCode.OK if ok else ExitCode.REFUSED)


def _document(finding: Finding) -> dict[str, object]:
    return {"name": finding.name, "ok": finding.ok, "detail": finding.detail, "remedy": finding.remedy}


def _show_findings(screen: Screen, findings: list[Finding]) -> None:
    screen.checks([(finding.ok, finding.name, finding.detail, finding.remedy) for finding in findings])
    screen.say()
    bad = sum(not finding.ok for finding in findings)
    if bad:
        screen.failed(f"{count_text(bad, 'check')} failed.")
    else:
        screen.done("Every check passed.")
