"""What the demo shows: where everything is, three commands to try, and calm numbers that move."""

import shlex
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.live import Live
from rich.text import Text

from evens import __version__
from evens.edges.cli.api import Document
from evens.edges.cli.demo_actors import Standing
from evens.edges.cli.operations import Serving
from evens.edges.cli.screen import Screen, console, escape
from evens.edges.cli.server_file import KEY_FILE
from evens.edges.cli.wording import count_text, money_text

LINE_EVERY_S: Final = 10.0


class DemoScreen:
    """Writes the welcome once, then a panel that renews itself; where there is no terminal, now and then a line.

    For scripts there is one JSON document once all is ready, and nothing else.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._screen = Screen(as_json=as_json)
        self._live: Live | None = None
        self._line_at = 0.0

    def welcome(self, serving: Serving, usernames: Sequence[str]) -> None:
        """Say what this is, where things are, and what to try."""
        key_file = str(serving.data_dir / KEY_FILE)
        commands = _commands(serving, key_file, usernames)
        if self._screen.as_json:
            self._screen.document(
                {
                    "url": serving.url,
                    "docs": f"{serving.url}/docs",
                    "data": str(serving.data_dir),
                    "operator_key": serving.operator_key,
                    "customers": len(usernames),
                    "try": commands,
                }
            )
            return
        say = self._screen.say
        self._screen.done(
            f"[bold]Evens {__version__}[/] is ready: {count_text(len(usernames), 'customer')} pay each other "
            "through its API."
        )
        say()
        self._screen.facts(
            {
                "API": serving.url,
                "Docs": f"{serving.url}/docs",
                "Data": f"{serving.data_dir}  (PostgreSQL and logs; delete it to begin anew)",
                "Operator key": f"made just now, and kept in {key_file}:",
            }
        )
        # On a line of its own it fits into eighty columns, so that it can be marked with a double click.
        say(f"  {escape(serving.operator_key)}")
        say()
        say("[bold]Three commands to try[/], from this folder in another terminal:")
        say()
        for line in "\n".join(commands).splitlines():
            say(f"  [cyan]{escape(line)}[/]")
        say()
        if console().is_terminal:
            self._live = Live(console=console(), refresh_per_second=4, transient=True)
            self._live.start()
        self._line_at = time.monotonic() + 1.0

    def update(self, standing: Standing, totals: Sequence[Document]) -> None:
        """Show how it goes, and what all customers hold."""
        if self._live is not None:
            self._live.update(_panel(standing, totals))
        elif not self._screen.as_json and time.monotonic() >= self._line_at:
            self._line_at = time.monotonic() + LINE_EVERY_S
            self._screen.say(f"{_counts(standing)}; customers hold {', '.join(_held(totals))}")

    def end(self) -> None:
        """Take the panel away."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def goodbye(self, data_dir: Path, standing: Standing) -> None:
        """Say that all has ended well."""
        if not self._screen.as_json:
            made = count_text(standing.made, "payment")
            self._screen.done(f"Stopped after {made}; they stay in {data_dir}.")


def _commands(serving: Serving, key_file: str, usernames: Sequence[str]) -> list[str]:
    program, data = shlex.quote(_program()), shlex.quote(str(serving.data_dir))
    payer, payee = usernames[0], usernames[1]
    by_http = f'curl -H "Authorization: Bearer $(cat {shlex.quote(key_file)})" \\\n  {serving.url}/v1/tvl'
    return [
        f"{program} statement {payer} --data {data}",
        f"{program} transfer {payer} {payee} 12.50 --memo lunch --data {data}",
        # A bare system has no curl, and what is offered to be tried has to work.
        by_http if shutil.which("curl") else f"{program} audit --data {data}",
    ]


def _program() -> str:
    """Return how to call this program from the current folder, as it is now."""
    called = Path(sys.argv[0])
    found = shutil.which("evens")
    if found is not None and called.exists() and Path(found).samefile(called):
        return "evens"
    absolute = called.absolute()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(absolute)


def _panel(standing: Standing, totals: Sequence[Document]) -> Text:
    latest = "waiting for the database…" if standing.waiting else standing.latest
    lines = (
        ("Payments", _counts(standing)),
        ("Customers hold", "   ".join(_held(totals))),
        ("Latest", latest),
        ("", "Ctrl-C stops everything."),
    )
    panel = Text(no_wrap=True, overflow="ellipsis")
    for name, value in lines:
        panel.append(f"  {name:<16}", style="dim")
        panel.append(f"{value}\n", style="" if name else "dim")
    return panel


def _counts(standing: Standing) -> str:
    refused = f", {standing.refused:,} refused" if standing.refused else ""
    return f"{standing.made:,} made, {standing.per_second():.1f} a second{refused}"


def _held(totals: Sequence[Document]) -> list[str]:
    return [
        money_text(total["total_cash"], total["currency"]) for total in totals if total["total_cash"].strip("0.") != ""
    ]
