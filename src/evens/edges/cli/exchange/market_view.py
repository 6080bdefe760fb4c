"""Markets as text and tables."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from evens.edges.cli.api import Document
from evens.edges.cli.screen import escape, printable
from evens.edges.cli.wording import amount_text, moment_text, percent_text

DEPTH: Final = 3
"""How many prices are shown on each side."""

NOTHING: Final = "–"

_STATUS_STYLES: Final[Mapping[str, str]] = {
    "open": "green",
    "in_play": "bold yellow",
    "suspended": "red",
    "closed": "dim",
    "settled": "dim",
    "void": "dim",
}


def status_text(market: Document) -> str:
    """Return a market's status in words, with "working" if work on it is being done in parts."""
    words = "in-play" if market["status"] == "in_play" else str(market["status"])
    return f"{words}, working" if market.get("working") else words


def status_markup(market: Document) -> str:
    """Return the status with its colour."""
    style = _STATUS_STYLES.get(market["status"], "")
    text = escape(status_text(market))
    return f"[{style}]{text}[/]" if style else text


def odds_text(odds: str | None) -> str:
    """Return odds as people read them, ``"3.50"`` as ``"3.5"``."""
    if odds is None:
        return NOTHING
    return odds.rstrip("0").rstrip(".") if "." in odds else odds


def best_odds(levels: Sequence[Document]) -> str:
    """Return the best of some prices."""
    return odds_text(levels[0]["odds"] if levels else None)


def price_text(levels: Sequence[Document]) -> str:
    """Return the best of some prices with what there is at it."""
    return f"{best_odds(levels)} × {amount_text(levels[0]['size'])}" if levels else NOTHING


def matched_text(market: Document) -> str:
    """Return what was matched in all of a market."""
    return amount_text(str(sum((Decimal(runner["matched"]) for runner in market["runners"]), Decimal())))


def favourite(market: Document) -> Document:
    """Return the runner with the lowest odds to back, or last matched at; the first one if there are none at all."""

    def likely(runner: Document) -> Decimal:
        best = runner["to_back"][0]["odds"] if runner["to_back"] else runner["last_odds"]
        return Decimal(best) if best is not None else Decimal("Infinity")

    standing = [runner for runner in market["runners"] if runner["status"] != "removed"]
    return min(standing or market["runners"], key=likely)


def winners_text(market: Document) -> str:
    """Return who won, if it is known, else nothing."""
    return " and ".join(runner["name"] for runner in market["runners"] if runner["status"] == "winner")


def leader_text(market: Document) -> str:
    """Return who won, else the favourite."""
    won = winners_text(market)
    return f"{won} won" if won else str(favourite(market)["name"])


def market_facts(market: Document) -> dict[str, str]:
    """Return a market's terms by name."""
    facts = {
        "Id": str(market["id"]),
        "Event": market.get("event") or "",
        "Event type": market.get("event_type") or "",
        "Competition": market.get("competition") or "",
        "Where": ", ".join(each for each in (market.get("venue"), market.get("country")) if each),
        "Market type": market.get("market_type") or "",
        "Starts": moment_text(market["starts_at"]),
        "Winners": str(market["winners"]) if market["winners"] != 1 else "",
        "Commission": percent_text(market["commission_bps"]),
        "Least stake": f"{amount_text(market['min_stake'])} {market['currency']}",
        "Bet delay": f"{market['bet_delay_seconds']} s in-play" if market.get("bet_delay_seconds") else "",
        "Matched": f"{matched_text(market)} {market['currency']}",
    }
    return {name: value for name, value in facts.items() if value}


def ladder(market: Document, *, width: int | None = None) -> Table:
    """Return the best prices of every runner, the best ones in the middle; as many as fit into the width.

    What can be backed is on the left and what can be laid on the right: odds, and beside them how much.
    """
    depth = _depth(market, width)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column("", justify="right", style="dim")
    table.add_column("Runner", overflow="ellipsis", no_wrap=True, max_width=_RUNNER_WIDTH)
    for place in range(depth, 0, -1):
        table.add_column("Back" if place == 1 else "", justify="right", no_wrap=True, min_width=_PRICE_WIDTH)
    for place in range(1, depth + 1):
        table.add_column("Lay" if place == 1 else "", justify="right", no_wrap=True, min_width=_PRICE_WIDTH)
    table.add_column("Last", justify="right", no_wrap=True)
    table.add_column("Matched", justify="right", no_wrap=True)
    for number, runner in enumerate(market["runners"], 1):
        backs, lays = _levels(runner["to_back"], depth), _levels(runner["to_lay"], depth)
        table.add_row(
            str(number),
            _runner_cell(runner),
            *(_price_cell(level, "cyan", best=place == depth - 1) for place, level in enumerate(reversed(backs))),
            *(_price_cell(level, "magenta", best=place == 0) for place, level in enumerate(lays)),
            odds_text(runner["last_odds"]),
            amount_text(runner["matched"]),
        )
    return table


_RUNNER_WIDTH: Final = 24
_PRICE_WIDTH: Final = 11
_OTHERS_WIDTH: Final = 24
"""The width of all columns but the runner's name and the prices, with the space between them."""


def _depth(market: Document, width: int | None) -> int:
    """Return how many prices on each side fit. The prices do not matter, so that the layout stays when they change."""
    if width is None:
        return DEPTH
    runner_width = min(max(len(runner["name"]) for runner in market["runners"]), _RUNNER_WIDTH)
    room = (width - _OTHERS_WIDTH - runner_width) // (2 * (_PRICE_WIDTH + 2))
    return min(max(room, 1), DEPTH)


def _levels(levels: Sequence[Document], depth: int) -> list[Document | None]:
    return [levels[place] if place < len(levels) else None for place in range(depth)]


def _price_cell(level: Document | None, colour: str, *, best: bool) -> Text:
    if level is None:
        return Text(NOTHING if best else "", style="dim")
    cell = Text(odds_text(level["odds"]), style=f"bold {colour}" if best else colour)
    return cell.append(f" {amount_text(level['size'])}", style="not bold dim")


def _runner_cell(runner: Document) -> Text:
    name = printable(runner["name"])
    if runner["status"] == "winner":
        return Text(f"{name} ✓", style="bold green")
    if runner["status"] == "removed":
        return Text(f"{name} (removed)", style="dim strike")
    return Text(name, style="dim" if runner["status"] == "loser" else "")
