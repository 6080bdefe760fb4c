"""The demo's output: addresses and files, commands to try, and a panel that is updated."""

import shlex
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from rich.console import Group
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evens import __version__
from evens.demo.betting import BookOverview, Risk
from evens.demo.copying import CopiesOverview
from evens.demo.market_opening import CURRENCY
from evens.demo.market_series import MarketState
from evens.demo.markets import MarketsOverview
from evens.demo.payments import PaymentCounts
from evens.demo.pooling import PoolOverview
from evens.edges.cli.api import Document
from evens.edges.cli.exchange.market_view import NOTHING, best_odds, favourite, matched_text, status_markup, status_text
from evens.edges.cli.operations import Serving
from evens.edges.cli.screen import Screen, console, escape, printable
from evens.edges.cli.server_file import KEY_FILE
from evens.edges.cli.wording import amount_text, count_text, money_text

LINE_EVERY_S: Final = 10.0
_NO_APP: Final = "not built: stop this, run make web, and start again"
_TRY_ODDS: Final = "3.0"
_MARKET_COLUMNS: Final = ("Market", "Status", "Left", "Favourite", "Back", "Lay", f"Matched {CURRENCY}")
_MARKET_TEXTS: Final = frozenset({"Market", "Status", "Favourite"})
_RISK_COLUMNS: Final = ("Event", "Bets", f"Staked {CURRENCY}", "At worst")
_HOUR_S: Final = 3600
_MINUTE_S: Final = 60


@dataclass(frozen=True, slots=True)
class News:
    """What has happened elsewhere: in the pool, over the chain, who leads today in words, and what was copied."""

    pool: PoolOverview
    chain: str
    leaders: str
    copies: CopiesOverview


class DemoScreen:
    """Prints the welcome once, then a panel that is updated; without a terminal, a line from time to time.

    For scripts it prints one JSON document once everything is ready, and nothing else.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._screen = Screen(as_json=as_json)
        self._live: Live | None = None
        self._line_at = 0.0

    def welcome(
        self,
        serving: Serving,
        usernames: Sequence[str],
        overview: MarketsOverview,
        line_url: str | None,
        *,
        has_app: bool,
    ) -> None:
        """Print what this is, where things are, and what to try. ``has_app``: the browser app was built."""
        key_file = str(serving.data_dir / KEY_FILE)
        markets = [state.market for state in overview.states]
        commands = _commands(serving, key_file, usernames, markets[0])
        if self._screen.as_json:
            self._screen.document(
                {
                    "url": serving.url,
                    "app": serving.url if has_app else None,
                    "docs": f"{serving.url}/docs",
                    "betfair_stream": serving.betfair_stream,
                    "line_provider": line_url,
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
            f"bet on {count_text(len(markets), 'market')}, at fixed odds and in a pool."
        )
        say()
        self._screen.facts(_places(serving, key_file, line_url, has_app=has_app))
        # On a line of its own the key fits into eighty columns, so that a double click selects it.
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

    def update(
        self,
        counts: PaymentCounts,
        totals: Sequence[Document],
        overview: MarketsOverview,
        book: BookOverview,
        news: News,
    ) -> None:
        """Show the payments, what all customers hold, the markets, what the house can lose, and other news."""
        if self._live is not None:
            self._live.update(_panel(counts, totals, overview, book, news))
        elif not self._screen.as_json and time.monotonic() >= self._line_at:
            self._line_at = time.monotonic() + LINE_EVERY_S
            held, bet = (", ".join(_sums(totals, name)) for name in ("total_cash", "locked"))
            self._screen.say(f"Payments: {_counts(counts)}; customers hold {held}; in bets {bet or 'nothing'}")
            for line in (*_market_lines(overview), *_book_lines(book), *_news_lines(news)):
                self._screen.say(f"  {escape(line)}")

    def end(self) -> None:
        """Remove the panel."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def goodbye(self, data_dir: Path, counts: PaymentCounts, overview: MarketsOverview, bets: int) -> None:
        """Print what was done and where it is kept."""
        if not self._screen.as_json:
            done = [count_text(counts.made, "payment")]
            if bets:
                done.append(f"{count_text(bets, 'bet')} with the house")
            if overview.results:
                done.append(count_text(len(overview.results), "settled market"))
            self._screen.done(f"Stopped after {_listed(done)}; everything stays in {data_dir}.")


def _places(serving: Serving, key_file: str, line_url: str | None, *, has_app: bool) -> dict[str, str]:
    """Return where everything is, by what it is called."""
    line = {} if line_url is None else {"Line provider": f"{line_url}  (docs at {line_url}/docs)"}
    return {
        "App": f"{serving.url}  (enter with one click, as a customer or an operator)" if has_app else _NO_APP,
        "API": f"{serving.url}/v1",
        "Docs": f"{serving.url}/docs",
        **line,
        "Betfair stream": serving.betfair_stream,
        "Data": f"{serving.data_dir}  (PostgreSQL and logs; delete it to begin anew)",
        "Operator key": f"made just now, and kept in {key_file}:",
    }


def _commands(serving: Serving, key_file: str, usernames: Sequence[str], market: Document) -> list[str]:
    program, data = shlex.quote(_program()), shlex.quote(str(serving.data_dir))
    payer, payee = usernames[0], usernames[1]
    name = shlex.quote(market["name"])
    runner = shlex.quote(_runner_to_back(market)["name"])
    by_http = f"curl -w '\\n' -H \"Authorization: Bearer $(cat {shlex.quote(key_file)})\" \\\n  {serving.url}/v1/tvl"
    return [
        f"{program} market list --data {data}",
        f"{program} watch {name} --data {data}",
        f"{program} order place {payer} {name} {runner} back {_TRY_ODDS} 5 --data {data}",
        f"{program} event list --data {data}",
        f"{program} round list --data {data}",
        f"{program} leaderboard --period day --data {data}",
        f"{program} profile show {payer} --data {data}",
        f"{program} statement {payer} --data {data}",
        f"{program} transfer {payer} {payee} 12.50 --memo lunch --data {data}",
        # Some systems have no curl, and every suggested command must work.
        by_http if shutil.which("curl") else f"{program} audit --data {data}",
    ]


def _program() -> str:
    """Return the command that runs this program from the current folder."""
    called = Path(sys.argv[0])
    found = shutil.which("evens")
    if found is not None and called.exists() and Path(found).samefile(called):
        return "evens"
    absolute = called.absolute()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(absolute)


def _runner_to_back(market: Document) -> Document:
    """Return a runner that can be backed at once at the suggested odds, if there is one."""
    runners: list[Document] = market["runners"]
    offered = [runner for runner in runners if runner["to_back"]]
    at_once = [runner for runner in offered if Decimal(runner["to_back"][0]["odds"]) >= Decimal(_TRY_ODDS)]
    return min(at_once, key=lambda runner: Decimal(runner["to_back"][0]["odds"]), default=runners[0])


def _panel(
    counts: PaymentCounts,
    totals: Sequence[Document],
    overview: MarketsOverview,
    book: BookOverview,
    news: News,
) -> Group:
    latest = "waiting for the database…" if counts.waiting else counts.latest
    lines = (
        ("Payments", _counts(counts)),
        ("Customers hold", "   ".join(_sums(totals, "total_cash"))),
        ("In bets", "   ".join(_sums(totals, "locked"))),
        ("Latest", latest),
        ("Latest result", overview.results[-1] if overview.results else "none yet"),
        ("House", _house_text(book)),
        ("Latest event", book.results[-1] if book.results else "none yet"),
        ("Pool", news.pool.current or "no round yet"),
        ("Latest round", news.pool.latest or "none yet"),
        ("Over the chain", news.chain or "nothing yet"),
        ("Leading today", news.leaders or "nobody yet"),
        ("Copied", _copied_text(news.copies)),
        ("Latest copy", news.copies.latest or "none yet"),
    )
    panel = Text(no_wrap=True, overflow="ellipsis")
    for name, value in lines:
        panel.append(f"  {name:<16}", style="dim")
        panel.append(f"{printable(value)}\n")
    tables = [_market_table(overview.states), *([_risk_table(book.risks)] if book.risks else [])]
    return Group(panel, *tables, Text("\n  Ctrl-C stops everything.", style="dim"))


def _market_table(states: Sequence[MarketState]) -> Padding:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in _MARKET_COLUMNS:
        justify = "left" if column in _MARKET_TEXTS else "right"
        table.add_column(column, justify=justify, no_wrap=True, overflow="ellipsis")
    for state in states:
        market, best = state.market, favourite(state.market)
        table.add_row(
            escape(market["name"]),
            status_markup(market),
            _left_text(state),
            escape(best["name"]),
            best_odds(best["to_back"]),
            best_odds(best["to_lay"]),
            matched_text(market),
        )
    return Padding(table, (0, 0, 0, 2))


def _risk_table(risks: Sequence[Risk]) -> Padding:
    """Return the events on which the house can lose most."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in _RISK_COLUMNS:
        table.add_column(column, justify="left" if column == "Event" else "right", no_wrap=True, overflow="ellipsis")
    for risk in risks:
        staked, worst = (amount_text(str(amount)) for amount in (risk.staked, risk.worst_case))
        table.add_row(escape(risk.title), f"{risk.bets:,}", staked, worst)
    return Padding(table, (1, 0, 0, 2))


def _house_text(book: BookOverview) -> str:
    bank, reserved = (money_text(amount, CURRENCY) for amount in (book.bank, book.reserved))
    return f"{count_text(book.bets, 'bet')} taken; {reserved} reserved, {bank} free"


def _book_lines(book: BookOverview) -> Iterator[str]:
    yield f"House: {_house_text(book)}"
    for risk in book.risks[:1]:
        worst = money_text(str(risk.worst_case), CURRENCY)
        yield f"{risk.title}: {count_text(risk.bets, 'open bet')}, at worst {worst} lost"
    if book.results:
        yield f"Latest event: {book.results[-1]}"


def _news_lines(news: News) -> Iterator[str]:
    if news.pool.current:
        yield f"Pool: {news.pool.current}"
    if news.pool.latest:
        yield f"Latest round: {news.pool.latest}"
    if news.chain:
        yield f"Over the chain: {news.chain}"
    if news.leaders:
        yield f"Leading today: {news.leaders}"
    if news.copies.latest:
        yield f"Copied: {_copied_text(news.copies)}; {news.copies.latest}"


def _copied_text(copies: CopiesOverview) -> str:
    return f"{count_text(copies.copied, 'bet')}, {copies.skipped:,} skipped"


def _left_text(state: MarketState) -> str:
    """Return how long it is until the market's next step."""
    left_s = int(state.changes_at - time.time())
    if left_s < 0:
        return NOTHING
    return f"{left_s // _HOUR_S} h" if left_s >= _HOUR_S else f"{left_s // _MINUTE_S}:{left_s % _MINUTE_S:02d}"


def _market_lines(overview: MarketsOverview) -> Iterator[str]:
    for state in overview.states:
        market, best = state.market, favourite(state.market)
        prices = f"{best['name']} {best_odds(best['to_back'])} to back, {best_odds(best['to_lay'])} to lay"
        yield f"{market['name']}: {status_text(market)}, {prices}, {matched_text(market)} {market['currency']} matched"
    if overview.results:
        yield f"Latest result: {overview.results[-1]}"


def _listed(parts: Sequence[str]) -> str:
    """Return parts as a list in words: ``"one, two and three"``."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _counts(counts: PaymentCounts) -> str:
    refused = f", {counts.refused:,} refused" if counts.refused else ""
    return f"{counts.made:,} made, {counts.per_second():.1f} a second{refused}"


def _sums(totals: Sequence[Document], name: str) -> list[str]:
    return [money_text(total[name], total["currency"]) for total in totals if total[name].strip("0.")]
