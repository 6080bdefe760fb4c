"""The output of `evens watch`: at a terminal a ladder that is redrawn, elsewhere a line for each change."""

from typing import Final

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from evens.edges.cli.api import Document
from evens.edges.cli.exchange.market_feed import View, changes
from evens.edges.cli.exchange.market_stream import Interruption
from evens.edges.cli.exchange.market_view import ladder, matched_text, odds_text, price_text, status_markup, status_text
from evens.edges.cli.screen import Screen, console, escape, print_document
from evens.edges.cli.wording import amount_text, clock_text

_TRADES_SHOWN: Final = 6
_REDRAW_S: Final = 0.1
"""The shortest time between two drawings, for the sake of eyes and slow terminals."""


class WatchScreen:
    """Shows one view after the other while its ``with`` block lasts; the last one stays on the screen.

    ``pace_s`` is how long each should stay before the next.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._screen = Screen(as_json=as_json)
        self._as_json = as_json
        self._out = console()
        self._live: Live | None = None
        self._shown: View | None = None
        self._told: dict[str, str] = {}
        """The last line of each runner, where there is no terminal."""
        if self._out.is_terminal and not as_json:
            self._live = Live(console=self._out, auto_refresh=False, vertical_overflow="crop")
        self.pace_s: Final = _REDRAW_S if self._live is not None else 0.0

    def __enter__(self) -> "WatchScreen":
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, view: View) -> None:
        """Show the market as it is now."""
        before, self._shown = self._shown, view
        if self._live is not None:
            self._live.update(_render(view, self._out.width), refresh=True)
        elif before is None:
            self._begin(view)
        else:
            for change in changes(before, view):
                if self._as_json:
                    print_document(change)
                else:
                    self._tell(change)

    def interrupted(self, interruption: Interruption) -> None:
        """Show why there are no changes. Without a terminal, the whole market is printed when it continues."""
        because, retry_in_s = interruption.because, interruption.retry_in_s
        message = f"{because}; trying again in {retry_in_s:g} s."
        if self._live is not None:
            foot = f"[yellow]{escape(message)}[/] {_HOW_TO_END}"
            self._live.update(_render(self._shown, self._out.width, foot), refresh=True)
            return
        self._shown = None
        self._told.clear()
        if self._as_json:
            print_document({"change": "interrupted", "detail": f"{because}.", "retry_after_s": retry_in_s})
        else:
            self._screen.say(escape(message))

    def _begin(self, view: View) -> None:
        if self._as_json:
            print_document({"change": "snapshot", "market": view.market, "trades": list(view.trades)})
            return
        market = view.market
        self._screen.say(f"{escape(market['name'])} is {status_text(market)}, {_volume(market)} matched")
        for runner in market["runners"]:
            self._tell({"change": "runner", "runner_id": runner["id"], **runner})

    def _tell(self, change: Document) -> None:
        """Print a change; of a runner only if its line differs: what changes deeper in the book is not in it."""
        line = _line(change)
        if change["change"] == "runner":
            if self._told.get(change["runner_id"]) == line:
                return
            self._told[change["runner_id"]] = line
        self._screen.say(line)


_HOW_TO_END: Final = "[dim]Ctrl-C ends this.[/]"


def _render(view: View | None, width: int, foot: str = _HOW_TO_END) -> RenderableType:
    """Return a ladder with the latest trades and a line below; without a view, only that line."""
    if view is None:
        return Text.from_markup(foot)
    market = view.market
    head = f"[bold]{escape(market['name'])}[/]  {status_markup(market)}  [dim]{_volume(market)} matched[/]"
    parts: list[RenderableType] = [Text.from_markup(head), Text(), ladder(market, width=width), Text()]
    if view.trades:
        parts += [_trades(view), Text()]
    return Group(*parts, Text.from_markup("[dim]It is over.[/]" if view.is_over else foot))


def _trades(view: View) -> Table:
    names = {runner["id"]: str(runner["name"]) for runner in view.market["runners"]}
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=24)
    table.add_column(justify="right")
    table.add_column()
    for trade in view.trades[:_TRADES_SHOWN]:
        name = escape(names[trade["runner_id"]])
        verb = "backed" if trade["taker_side"] == "back" else "laid"
        table.add_row(
            clock_text(trade["at"]), name, amount_text(trade["size"]), f"{verb} at {odds_text(trade['odds'])}"
        )
    return table


def _line(change: Document) -> str:
    """Return a change in one line of words."""
    if change["change"] == "market":
        return f"{escape(change['name'])} is {status_text(change)}"
    name = escape(change["name"])
    if change["change"] == "trade":
        verb = "backed" if change["taker_side"] == "back" else "laid"
        return f"{clock_text(change['at'])} {name}: {amount_text(change['size'])} {verb} at {odds_text(change['odds'])}"
    if change["status"] != "active":
        return f"{name}: {change['status']}"
    prices = f"back {price_text(change['to_back'])}, lay {price_text(change['to_lay'])}"
    return f"{name}: {prices}, last {odds_text(change['last_odds'])}, matched {amount_text(change['matched'])}"


def _volume(market: Document) -> str:
    return f"{matched_text(market)} {market['currency']}"
