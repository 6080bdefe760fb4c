"""`evens market orders, positions, matches, payouts, trades`: what operators see of a market."""

from decimal import Decimal
from typing import Annotated, Final

import typer

from evens.edges.cli.api import Document, connect
from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.exchange.market_view import odds_text
from evens.edges.cli.exchange.markets import find_market, find_runner, market_path
from evens.edges.cli.known_users import KnownUsers
from evens.edges.cli.options import DATA_DIR, DataOption, JsonOption, MarketArgument, UrlOption
from evens.edges.cli.screen import Screen, escape
from evens.edges.cli.wording import amount_text, moment_text

MATCHES_PATH: Final = "/v1/exchange/matches"

_ORDERS: Final = ("Id", "Placed", "User", "Runner", "Side", "Odds", "Stake", "Matched", "Waiting", "Status")
_POSITIONS: Final = ("User", "Runner", "If it wins", "If it loses", "At risk", "Settled")
_MATCHES: Final = ("At", "Order", "User", "Runner", "Side", "Odds", "Size")
_TRADES: Final = ("At", "Trade", "Runner", "Taker", "Odds", "Size")
_PAYOUTS: Final = ("If these win", "Users", "Won", "Commission", "Paid", "Lost", "Rounding")


def register(markets: typer.Typer) -> None:
    """Add the commands to those about markets."""
    for name, command in (
        ("orders", orders),
        ("positions", positions),
        ("matches", matches),
        ("payouts", payouts),
        ("trades", trades),
    ):
        markets.command(name, cls=ConsoleCommand)(command)


def orders(
    market: MarketArgument,
    every: Annotated[bool, typer.Option("--all", help="Those that wait no more, too.")] = False,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List everybody's orders in a market, newest first."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = find_market(api, market)
        path = market_path(found["id"], "orders")
        listed = list(api.items(path, status=None if every else "executable"))
        if as_json:
            screen.document({"items": listed})
            return
        users = KnownUsers(api)
        rows = [
            (
                order["id"],
                moment_text(order["placed_at"]),
                users.name(order["user_id"]),
                _runner(found, order),
                order["side"],
                odds_text(order["odds"]),
                amount_text(order["stake"]),
                amount_text(order["matched"]),
                amount_text(order["remaining"]),
                order["status"],
            )
            for order in listed
        ]
    _show(screen, found, _ORDERS, rows, "No order waits. Those that are done: --all" if not every else "No order.")


def positions(
    market: MarketArgument, data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False
) -> None:
    """Show what everybody has at stake in a market, and what came of it once it is settled."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = find_market(api, market)
        listed = list(api.items(market_path(found["id"], "positions")))
        if as_json:
            screen.document({"items": listed})
            return
        users = KnownUsers(api)
        rows: list[tuple[str, ...]] = []
        for position in listed:
            name, risk, settled = users.name(position["user_id"]), amount_text(position["exposure"]), _settled(position)
            for runner in position["runners"]:
                whole = runner["market_if_win"]
                if_lose = "" if whole is not None else amount_text(runner["if_lose"])
                if_win = amount_text(runner["if_win"] if whole is None else whole)
                rows.append((name, runner["name"], if_win, if_lose, risk, settled))
                name = risk = settled = ""
    _show(screen, found, _POSITIONS, rows, "Nobody has anything at stake.")


def matches(
    market: MarketArgument, data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False
) -> None:
    """List what was matched in a market and whose it was, newest first; each match has two sides."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = find_market(api, market)
        listed = list(api.items(MATCHES_PATH, market_id=found["id"]))
        if as_json:
            screen.document({"items": listed})
            return
        users = KnownUsers(api)
        rows = [
            (
                moment_text(match["at"]),
                match["order_id"],
                users.name(match["user_id"]),
                _runner(found, match),
                match["side"],
                odds_text(match["odds"]),
                amount_text(match["size"]),
            )
            for match in listed
        ]
    _show(screen, found, _MATCHES, rows, "Nothing was matched.")


def trades(
    market: MarketArgument,
    runner: Annotated[str | None, typer.Option("--runner", metavar="RUNNER", help="Only on this one.")] = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what was matched in a market as everybody may see it, newest first."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = find_market(api, market)
        wanted = None if runner is None else str(find_runner(found, runner)["id"])
        listed = list(api.items(market_path(found["id"], "trades"), runner=wanted))
    if as_json:
        screen.document({"items": listed})
        return
    rows = [
        (
            moment_text(trade["at"]),
            trade["id"],
            _runner(found, trade),
            trade["taker_side"],
            odds_text(trade["odds"]),
            amount_text(trade["size"]),
        )
        for trade in listed
    ]
    _show(screen, found, _TRADES, rows, "Nothing was matched.")


def payouts(
    market: MarketArgument,
    winners: Annotated[
        list[str] | None, typer.Option("--winner", metavar="RUNNER", help="Only if this one wins. Once for each.")
    ] = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what each way in which a market can end would pay, from what is matched now."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = find_market(api, market)
        won = ",".join(str(find_runner(found, winner)["id"]) for winner in winners) if winners else None
        listed = api.get(market_path(found["id"], "payouts"), winners=won)["items"]
    if as_json:
        screen.document({"items": listed})
        return
    names = {runner["id"]: str(runner["name"]) for runner in found["runners"]}
    rows = [
        (
            " and ".join(names[runner] for runner in outcome["winners"]),
            f"{outcome['winning_users']:,} win, {outcome['losing_users']:,} lose",
            *(amount_text(outcome[name]) for name in ("won", "commission", "paid", "lost", "rounding")),
        )
        for outcome in listed
    ]
    _show(screen, found, _PAYOUTS, rows, "Nobody can win any more.")


def _runner(market: Document, named: Document) -> str:
    return next((str(one["name"]) for one in market["runners"] if one["id"] == named["runner_id"]), named["runner_id"])


def _settled(position: Document) -> str:
    if position["profit"] is None:
        return ""
    profit = amount_text(position["profit"])
    return f"{profit} less {amount_text(position['commission'])}" if Decimal(position["commission"]) else profit


def _show(
    screen: Screen, market: Document, columns: tuple[str, ...], rows: list[tuple[str, ...]], otherwise: str
) -> None:
    screen.say(f"[bold]{escape(market['name'])}[/]  [dim]{market['id']}, amounts in {escape(market['currency'])}[/]")
    screen.say()
    if not rows:
        screen.say(otherwise)
        return
    numbers = {"Odds", "Stake", "Matched", "Waiting", "If it wins", "If it loses", "At risk", "Size"}
    numbers |= {"Won", "Commission", "Paid", "Lost", "Rounding"}
    screen.table(
        columns,
        rows,
        numbers=[column for column in columns if column in numbers],
        whole=[column for column in columns if column in {"Id", "Order", "Trade", "Side", "Status"}],
        names=[column for column in columns if column in {"User", "Runner", "If these win"}],
        spare=[column for column in columns if column in {"Placed", "At", "Rounding", "Trade"}],
    )
