"""`evens order`: bets on the exchange."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

import typer

from evens.edges.cli.api import Answer, Document, connect
from evens.edges.cli.asking import YesOption, confirm
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.exchange.known_markets import KnownMarkets, acting_for
from evens.edges.cli.exchange.market_view import odds_text
from evens.edges.cli.exchange.markets import ORDERS_PATH, find_market, find_runner, order_path
from evens.edges.cli.failures import Misused
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

_COLUMNS: Final = ("Id", "Placed", "Market", "Runner", "Side", "Odds", "Stake", "Matched", "At", "Waiting", "Status")
_NUMBERS: Final = ("Odds", "Stake", "Matched", "At", "Waiting")
_WHOLE: Final = ("Id", "Placed", "Side", "Status")
_NAMES: Final = ("Market", "Runner")
_SPARE: Final = ("Placed", "At")
_SPARE_OF_ALL: Final = (*_SPARE, "Waiting")
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
            "user_id": acting_for(user, customer),
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
    _print_answer(answer, f"{escape(customer['username'])} {what}", as_json=as_json)


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
    _print_answer(answer, "The order is changed", as_json=as_json)


@orders.command("cancel", cls=ConsoleCommand)
def cancel(
    order: OrderArgument,
    reduce_by: Annotated[
        str | None, typer.Option("--reduce-by", metavar="AMOUNT", help="Cancel only this much.")
    ] = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Cancel what is unmatched of an order."""
    with connect(data, url) as api:
        answer = api.delete(order_path(order), key=key, reduce_by=reduce_by)
    sentence = "The unmatched part is cancelled" if reduce_by is None else "The order is reduced"
    _print_answer(answer, sentence, as_json=as_json)


@orders.command("cancel-all", cls=ConsoleCommand)
def cancel_all(
    user: UserArgument,
    market: Annotated[
        str | None, typer.Option("--market", metavar="MARKET", help="In this market only, by id or name.")
    ] = None,
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Cancel what is unmatched of all orders of a user."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        customer = api.find_user(user)
        found = find_market(api, market) if market is not None else None
        place = f" in {found['name']}" if found is not None else ""
        confirm(f"All that waits of {customer['username']}'s orders{place} is cancelled.", yes=yes)
        body = {
            "user_id": acting_for(user, customer),
            "market_id": found["id"] if found is not None else None,
        }
        answer = api.post(f"{ORDERS_PATH}/cancel", body, key=key)
    if as_json:
        screen.document(answer.document)
        return
    where = " in the market" if market is not None else ""
    screen.done(
        f"Every unmatched order of {escape(customer['username'])}{where} is cancelled.", replayed=answer.replayed
    )


@orders.command("list", cls=ConsoleCommand)
def list_orders(
    user: UserArgument,
    market: Annotated[
        str | None, typer.Option("--market", metavar="MARKET", help="In this market only, by id or name.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Those that wait no more, too.")] = False,
    client_ref: Annotated[
        str | None, typer.Option("--ref", metavar="TEXT", help="Only those with this reference of yours.")
    ] = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List a user's orders, newest first."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        customer = api.find_user(user)
        params = {
            "user_id": acting_for(user, customer),
            "market_id": find_market(api, market)["id"] if market is not None else None,
            "status": None if every else _OPEN,
            "client_ref": client_ref,
        }
        found = list(api.items(ORDERS_PATH, **params))
        if as_json:
            screen.document({"items": found})
            return
        known = KnownMarkets(api)
        rows = [_row(order, known) for order in found]
    if rows:
        # All that wait have the same status.
        columns, spare = (_COLUMNS, _SPARE_OF_ALL) if every else (_COLUMNS[:-1], _SPARE)
        screen.table(columns, rows, numbers=_NUMBERS, whole=_WHOLE, names=_NAMES, spare=spare)
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
        known = KnownMarkets(api)
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
    links = {"Replaces": found["replaces"], "Replaced by": found["replaced_by"]}
    facts |= {name: linked for name, linked in links.items() if linked is not None}
    screen.facts(facts)


def _matched(order: Document) -> str:
    matched = money_text(order["matched"], order["currency"])
    return matched if order["average_odds"] is None else f"{matched} at {odds_text(order['average_odds'])}"


def _print_answer(answer: Answer, sentence: str, *, as_json: bool) -> None:
    screen = Screen(as_json=as_json)
    order = answer.document
    if as_json:
        screen.document(order)
        return
    parts = [f"{money_text(order['stake'], order['currency'])} at {odds_text(order['odds'])}", *_parts(order)]
    screen.done(f"{sentence}: {'; '.join(parts)}. [dim]{order['id']}[/]", replayed=answer.replayed)


def _parts(order: Document) -> Iterable[str]:
    """Yield what became of each part of an order, without empty parts."""
    if Decimal(order["matched"]):
        yield f"[bold]{_matched(order)}[/] matched"
    waits = "waits" if order["delayed_until"] is None else "waits out the in-play delay"
    for name, words in (("remaining", waits), ("cancelled", "cancelled"), ("lapsed", "lapsed")):
        if Decimal(order[name]):
            yield f"{money_text(order[name], order['currency'])} {words}"


def _row(order: Document, known: KnownMarkets) -> tuple[str, ...]:
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
