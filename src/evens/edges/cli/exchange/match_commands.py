"""`evens order matches`: what was matched of a user's orders."""

from typing import Annotated, Final

import typer

from evens.edges.cli.api import connect
from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.exchange.known_markets import KnownMarkets, acting_for
from evens.edges.cli.exchange.market_view import odds_text
from evens.edges.cli.exchange.markets import find_market
from evens.edges.cli.options import DATA_DIR, DataOption, JsonOption, UrlOption, UserArgument
from evens.edges.cli.screen import Screen
from evens.edges.cli.wording import amount_text, moment_text

MATCHES_PATH: Final = "/v1/exchange/matches"

_COLUMNS: Final = ("At", "Order", "Market", "Runner", "Side", "Odds", "Size")


def matches(
    user: UserArgument,
    market: Annotated[
        str | None, typer.Option("--market", metavar="MARKET", help="In this market only, by id or name.")
    ] = None,
    order: Annotated[
        str | None, typer.Option("--order", metavar="ORDER", help="Of this order only, by its id.")
    ] = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what was matched of a user's orders, newest first: each match with its order, odds, size and time."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        customer = api.find_user(user)
        params = {
            "user_id": acting_for(user, customer),
            "market_id": find_market(api, market)["id"] if market is not None else None,
            "order_id": order,
        }
        found = list(api.items(MATCHES_PATH, **params))
        if as_json:
            screen.document({"items": found})
            return
        known = KnownMarkets(api)
        rows = [
            (
                moment_text(each["at"]),
                each["order_id"],
                known.of(each["market_id"])["name"],
                known.runner(each),
                each["side"],
                odds_text(each["odds"]),
                amount_text(each["size"]),
            )
            for each in found
        ]
    if rows:
        screen.table(
            _COLUMNS, rows, numbers=("Odds", "Size"), whole=("At", "Order", "Side"), names=("Market", "Runner")
        )
    else:
        screen.say("Nothing was matched.")


def register(orders: typer.Typer) -> None:
    """Add the command to those about orders."""
    orders.command(cls=ConsoleCommand)(matches)
