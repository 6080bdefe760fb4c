"""`evens order` and `evens positions`: bets on the exchange, and what they come to."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

import typer

from evens.edges.cli.api import Answer, Api, Document, connect
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.failures import Misused
from evens.edges.cli.market_view import odds_text
from evens.edges.cli.markets import ORDERS_PATH, POSITIONS_PATH, find_market, find_runner, market_path, order_path
from evens.edges.cli.options import (
    DATA_DIR,
    DataOption,
    JsonOption,
    KeyOption,
    MarketArgument,
    RunnerArgument,
    UrlOption,
    UserArgument,
)
from evens.edges.cli.screen import Screen, escape
from evens.edges.cli.wording import amount_text, moment_text, money_text

orders = typer.Typer(help="Back and lay on the exchange.", cls=ConsoleGroup)

_COLUMNS: Final = ("Id", "Placed", "Market", "Runner", "", "Odds", "Stake", "Matched", "At", "Waiting", "Status")
_NUMBERS: Final = ("Odds", "Stake", "Matched", "At", "Waiting")
_POSITION_COLUMNS: Final = ("Market", "Runner", "If it wins", "If it loses", "")
_OPEN: Final = "executable"

OrderArgument = Annotated[str, typer.Argument(metavar="ORDER", help="The order's id, as `evens order list` shows it.")]
OddsArgument = Annotated[str, typer.Argument(metavar="ODDS", help="Decimal odds such as 2.5: these or better.")]


class Side(StrEnum):
    """Whether to bet for a runner or against it."""

    BACK = "back"
    LAY = "lay"


@orders.command("place", cls=ConsoleCommand)
def place(
    user: UserArgument,
    market: MarketArgument,
    runner: RunnerArgument,
    side: Annotated[Side, typer.Argument(metavar="back|lay", help="For the runner, or against it.")],
    odds: OddsArgument,
    stake: Annotated[str, typer.Argument(metavar="STAKE", help="The backer's stake, a decimal such as 10.50.")],
    fok: Annotated[bool, typer.Option("--fok", help="Now or not at all (fill or kill).")] = False,
    min_fill: Annotated[
        str | None, typer.Option("--min-fill", metavar="AMOUNT", help="With --fok: enough if this much is matched.")
    ] = None,
    persist: Annotated[bool, typer.Option("--persist", help="Keep it waiting when the market turns in-play.")] = False,
    ref: Annotated[str | None, typer.Option("--ref", metavar="TEXT", help="Your own reference.")] = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Back or lay a runner."""
    if min_fill is not None and not fok:
        raise Misused("--min-fill means nothing without --fok.", "Add --fok, or leave it out.")
    with connect(data, url) as api:
        customer = api.find_user(user)
        found = find_market(api, market)
        chosen = find_runner(found, runner)
        body = {
            "market_id": found["id"],
            "runner_id": chosen["id"],
            "user_id": _acting(user, customer),
            "side": side.value,
            "odds": odds,
            "stake": stake,
            "time_in_force": "fok" if fok else None,
            "min_fill": min_fill,
            "persistence": "persist" if persist else None,
            "client_ref": ref,
        }
        answer = api.post(ORDERS_PATH, body, key=key)
    what = f"{'backs' if side is Side.BACK else 'lays'} [bold]{escape(chosen['name'])}[/]"
    _tell(answer, f"{escape(customer['username'])} {what}", as_json=as_json)


@orders.command("replace", cls=ConsoleCommand)
def replace(
    order: OrderArgument,
    odds: Annotated[str | None, typer.Option("--odds", metavar="ODDS", help="Other odds.")] = None,
    stake: Annotated[
        str | None, typer.Option("--stake", metavar="AMOUNT", help="Another stake, what is matched included.")
    ] = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change the odds or the stake of an order that waits."""
    if odds is None and stake is None:
        raise Misused("Nothing is to be changed.", "Add --odds or --stake.")
    with connect(data, url) as api:
        answer = api.put(order_path(order), {"odds": odds, "stake": stake}, key=key)
    _tell(answer, "The order is changed", as_json=as_json)


@orders.command("cancel", cls=ConsoleCommand)
def cancel(
    order: OrderArgument,
    reduce_by: Annotated[
        str | None, typer.Option("--reduce-by", metavar="AMOUNT", help="Take back only this much.")
    ] = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take back what is unmatched of an order."""
    with connect(data, url) as api:
        answer = api.delete(order_path(order), key=key, reduce_by=reduce_by)
    _tell(answer, "What was asked for is taken back", as_json=as_json)


@orders.command("cancel-all", cls=ConsoleCommand)
def cancel_all(
    user: UserArgument,
    market: Annotated[
        str | None, typer.Option("--market", metavar="MARKET", help="In this market only, by id or name.")
    ] = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take back everything of a user that is unmatched."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        customer = api.find_user(user)
        body = {
            "user_id": _acting(user, customer),
            "market_id": find_market(api, market)["id"] if market is not None else None,
        }
        answer = api.post(f"{ORDERS_PATH}/cancel", body, key=key)
    if as_json:
        screen.document(answer.document)
        return
    where = "in the market" if market is not None else "anywhere"
    screen.done(f"Nothing of {escape(customer['username'])} waits {where} any more.", replayed=answer.replayed)


@orders.command("list", cls=ConsoleCommand)
def list_orders(
    user: UserArgument,
    market: Annotated[
        str | None, typer.Option("--market", metavar="MARKET", help="In this market only, by id or name.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Those that wait no more, too.")] = False,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List a user's orders, newest first."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        customer = api.find_user(user)
        params = {
            "user_id": _acting(user, customer),
            "market_id": find_market(api, market)["id"] if market is not None else None,
            "status": None if every else _OPEN,
        }
        found = list(api.items(ORDERS_PATH, **params))
        if as_json:
            screen.document({"items": found})
            return
        known = _Markets(api)
        rows = [_row(order, known) for order in found]
    if rows:
        screen.table(_COLUMNS, rows, numbers=_NUMBERS)
    else:
        screen.say("No order." if every else "No order waits. Those that are done: --all")


@orders.command("show", cls=ConsoleCommand)
def show(order: OrderArgument, data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Show an order."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = api.get(order_path(order))
        if as_json:
            screen.document(found)
            return
        known = _Markets(api)
        market = known.of(found["market_id"])
        runner = known.runner(found)
    currency = found["currency"]
    facts = {
        "Id": found["id"],
        "Market": market["name"],
        "Bet": f"{found['side']} {runner} at {odds_text(found['odds'])} or better",
        "Stake": money_text(found["stake"], currency),
        "Matched": _matched(found),
        "Waiting": money_text(found["remaining"], currency),
        "Cancelled": money_text(found["cancelled"], currency),
        "Lapsed": money_text(found["lapsed"], currency),
        "Status": found["status"],
        "Placed": moment_text(found["placed_at"]),
        "Reference": found["client_ref"] or "none",
    }
    screen.facts(facts)


def positions(
    user: UserArgument,
    market: Annotated[
        str | None, typer.Argument(metavar="[MARKET]", help="In this market only, by id or name.", show_default=False)
    ] = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a user has at stake: what each runner's win or loss would bring."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        customer = api.find_user(user)
        params = {
            "user_id": _acting(user, customer),
            "market_id": find_market(api, market)["id"] if market is not None else None,
        }
        found: list[Document] = api.get(POSITIONS_PATH, **params)["items"]
        if as_json:
            screen.document({"items": found})
            return
        known = _Markets(api)
        rows = [row for position in found for row in _position_rows(position, known)]
    screen.say(f"[bold]{escape(customer['username'])}[/]")
    screen.say()
    if rows:
        screen.table(_POSITION_COLUMNS, rows, numbers=("If it wins", "If it loses"))
    else:
        screen.say("Nothing at stake.")


class _Markets:
    """Markets by id, each asked for once."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[str, Document] = {}

    def of(self, market_id: str) -> Document:
        if market_id not in self._known:
            self._known[market_id] = self._api.get(market_path(market_id))
        return self._known[market_id]

    def runner(self, named: Document) -> str:
        runners: list[Document] = self.of(named["market_id"])["runners"]
        return next((str(one["name"]) for one in runners if one["id"] == named["runner_id"]), named["runner_id"])


def _acting(user: str, customer: Document) -> str | None:
    """Return whose orders an operator means; a customer's key means its own, and says nothing."""
    return customer["id"] if user != "me" else None


def _matched(order: Document) -> str:
    matched = money_text(order["matched"], order["currency"])
    return matched if order["average_odds"] is None else f"{matched} at {odds_text(order['average_odds'])}"


def _tell(answer: Answer, sentence: str, *, as_json: bool) -> None:
    screen = Screen(as_json=as_json)
    order = answer.document
    if as_json:
        screen.document(order)
        return
    parts = [f"{money_text(order['stake'], order['currency'])} at {odds_text(order['odds'])}", *_parts(order)]
    screen.done(f"{sentence}: {'; '.join(parts)}. [dim]{order['id']}[/]", replayed=answer.replayed)


def _parts(order: Document) -> Iterable[str]:
    """Yield what became of the parts of an order that there are."""
    if Decimal(order["matched"]):
        yield f"[bold]{_matched(order)}[/] matched"
    for name, words in (("remaining", "waits"), ("cancelled", "taken back"), ("lapsed", "lapsed")):
        if Decimal(order[name]):
            yield f"{money_text(order[name], order['currency'])} {words}"


def _row(order: Document, known: _Markets) -> tuple[str, ...]:
    return (
        order["id"],
        moment_text(order["placed_at"]),
        known.of(order["market_id"])["name"],
        known.runner(order),
        order["side"],
        odds_text(order["odds"]),
        amount_text(order["stake"]),
        amount_text(order["matched"]),
        odds_text(order["average_odds"]),
        amount_text(order["remaining"]),
        order["status"],
    )


def _position_rows(position: Document, known: _Markets) -> Iterable[tuple[str, ...]]:
    """Yield a row for each runner bet on, and one for all of the market."""
    currency = position["currency"]
    name = known.of(position["market_id"])["name"]
    for runner in position["runners"]:
        yield (name, runner["name"], amount_text(runner["if_win"]), amount_text(runner["if_lose"]), currency)
        name = ""
    if position["profit"] is None:
        told = f"at risk: {money_text(position['exposure'], currency)}"
    else:
        told = f"settled: {money_text(position['profit'], currency)}"
        if Decimal(position["commission"]):
            told = f"{told} less {money_text(position['commission'], currency)} commission"
    yield (name, f"({told})", "", "", "")
