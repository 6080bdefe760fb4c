"""What the demo shows: where everything is, some commands to try, and calm numbers that move."""

import shlex
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from rich.console import Group
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evens import __version__
from evens.demo.actors import Standing
from evens.demo.market_opening import CURRENCY
from evens.demo.markets import Showing
from evens.demo.pitch import Stand
from evens.edges.cli.api import Document
from evens.edges.cli.exchange.market_view import NOTHING, best_odds, favourite, matched_text, status_markup, status_text
from evens.edges.cli.operations import Serving
from evens.edges.cli.screen import Screen, console, escape, printable
from evens.edges.cli.server_file import KEY_FILE
from evens.edges.cli.wording import count_text, money_text

LINE_EVERY_S: Final = 10.0
_TRY_ODDS: Final = "3.0"
_MARKET_COLUMNS: Final = ("Market", "Status", "Left", "Favourite", "Back", "Lay", f"Matched {CURRENCY}")
_MARKET_TEXTS: Final = frozenset({"Market", "Status", "Favourite"})
_HOUR_S: Final = 3600
_MINUTE_S: Final = 60


class DemoScreen:
    """Writes the welcome once, then a panel that renews itself; where there is no terminal, now and then a line.

    For scripts there is one JSON document once all is ready, and nothing else.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._screen = Screen(as_json=as_json)
        self._live: Live | None = None
        self._line_at = 0.0

    def welcome(self, serving: Serving, usernames: Sequence[str], showing: Showing) -> None:
        """Say what this is, where things are, and what to try."""
        key_file = str(serving.data_dir / KEY_FILE)
        markets = [stand.market for stand in showing.stands]
        commands = _commands(serving, key_file, usernames, markets[0])
        if self._screen.as_json:
            self._screen.document(
                {
                    "url": serving.url,
                    "docs": f"{serving.url}/docs",
                    "data": str(serving.data_dir),
                    "operator_key": serving.operator_key,
                    "customers": len(usernames),
                    "markets": [{"id": market["id"], "name": market["name"]} for market in markets],
                    "try": commands,
                }
            )
            return
        say = self._screen.say
        self._screen.done(
            f"[bold]Evens {__version__}[/] is ready: {count_text(len(usernames), 'customer')} pay each other and "
            f"bet on {count_text(len(markets), 'market')}."
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
        say("[bold]Commands to try[/], from this folder in another terminal:")
        say()
        for line in "\n".join(commands).splitlines():
            say(f"  [cyan]{escape(line)}[/]")
        say()
        if console().is_terminal:
            self._live = Live(console=console(), refresh_per_second=4, transient=True)
            self._live.start()
        self._line_at = time.monotonic() + 1.0

    def update(self, standing: Standing, totals: Sequence[Document], showing: Showing) -> None:
        """Show how it goes, what all customers hold, and how the markets stand."""
        if self._live is not None:
            self._live.update(_panel(standing, totals, showing))
        elif not self._screen.as_json and time.monotonic() >= self._line_at:
            self._line_at = time.monotonic() + LINE_EVERY_S
            held, bet = (", ".join(_sums(totals, name)) for name in ("total_cash", "locked"))
            self._screen.say(f"{_counts(standing)}; customers hold {held}; in bets {bet or 'nothing'}")
            for line in _market_lines(showing):
                self._screen.say(f"  {escape(line)}")

    def end(self) -> None:
        """Take the panel away."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def goodbye(self, data_dir: Path, standing: Standing, showing: Showing) -> None:
        """Say that all has ended well."""
        if not self._screen.as_json:
            done = count_text(standing.made, "payment")
            if showing.results:
                done = f"{done} and {count_text(len(showing.results), 'settled market')}"
            self._screen.done(f"Stopped after {done}; everything stays in {data_dir}.")


def _commands(serving: Serving, key_file: str, usernames: Sequence[str], market: Document) -> list[str]:
    program, data = shlex.quote(_program()), shlex.quote(str(serving.data_dir))
    payer, payee = usernames[0], usernames[1]
    name = shlex.quote(market["name"])
    runner = shlex.quote(_runner_to_back(market)["name"])
    by_http = f'curl -H "Authorization: Bearer $(cat {shlex.quote(key_file)})" \\\n  {serving.url}/v1/tvl'
    return [
        f"{program} market list --data {data}",
        f"{program} watch {name} --data {data}",
        f"{program} order place {payer} {name} {runner} back {_TRY_ODDS} 5 --data {data}",
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


def _runner_to_back(market: Document) -> Document:
    """Return a runner that can be backed at once at the odds proposed, if there is one."""
    runners: list[Document] = market["runners"]
    offered = [runner for runner in runners if runner["to_back"]]
    at_once = [runner for runner in offered if Decimal(runner["to_back"][0]["odds"]) >= Decimal(_TRY_ODDS)]
    return min(at_once, key=lambda runner: Decimal(runner["to_back"][0]["odds"]), default=runners[0])


def _panel(standing: Standing, totals: Sequence[Document], showing: Showing) -> Group:
    latest = "waiting for the database…" if standing.waiting else standing.latest
    lines = (
        ("Payments", _counts(standing)),
        ("Customers hold", "   ".join(_sums(totals, "total_cash"))),
        ("In bets", "   ".join(_sums(totals, "locked"))),
        ("Latest", latest),
        ("Latest result", showing.results[-1] if showing.results else "none yet"),
    )
    panel = Text(no_wrap=True, overflow="ellipsis")
    for name, value in lines:
        panel.append(f"  {name:<16}", style="dim")
        panel.append(f"{printable(value)}\n")
    return Group(panel, _market_table(showing.stands), Text("\n  Ctrl-C stops everything.", style="dim"))


def _market_table(stands: Sequence[Stand]) -> Padding:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in _MARKET_COLUMNS:
        justify = "left" if column in _MARKET_TEXTS else "right"
        table.add_column(column, justify=justify, no_wrap=True, overflow="ellipsis")
    for stand in stands:
        market, best = stand.market, favourite(stand.market)
        table.add_row(
            escape(market["name"]),
            status_markup(market),
            _left_text(stand),
            escape(best["name"]),
            best_odds(best["to_back"]),
            best_odds(best["to_lay"]),
            matched_text(market),
        )
    return Padding(table, (0, 0, 0, 2))


def _left_text(stand: Stand) -> str:
    """Return how long a market stays as it is."""
    left_s = int(stand.changes_at - time.time())
    if left_s < 0:
        return NOTHING
    return f"{left_s // _HOUR_S} h" if left_s >= _HOUR_S else f"{left_s // _MINUTE_S}:{left_s % _MINUTE_S:02d}"


def _market_lines(showing: Showing) -> Iterator[str]:
    for stand in showing.stands:
        market, best = stand.market, favourite(stand.market)
        prices = f"{best['name']} {best_odds(best['to_back'])} to back, {best_odds(best['to_lay'])} to lay"
        yield f"{market['name']}: {status_text(market)}, {prices}, {matched_text(market)} {market['currency']} matched"
    if showing.results:
        yield f"Latest result: {showing.results[-1]}"


def _counts(standing: Standing) -> str:
    refused = f", {standing.refused:,} refused" if standing.refused else ""
    return f"{standing.made:,} made, {standing.per_second():.1f} a second{refused}"


def _sums(totals: Sequence[Document], name: str) -> list[str]:
    return [money_text(total[name], total["currency"]) for total in totals if total[name].strip("0.")]
