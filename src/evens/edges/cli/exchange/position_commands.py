"""`evens positions`: a user's bets on the exchange, and what each outcome would bring."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Final

import typer

from evens.edges.cli.api import Document, connect
from evens.edges.cli.exchange.known_markets import KnownMarkets, acting_for
from evens.edges.cli.exchange.markets import POSITIONS_PATH, find_market
from evens.edges.cli.options import DATA_DIR, DataOption, JsonOption, UrlOption, UserArgument
from evens.edges.cli.screen import Screen, escape
from evens.edges.cli.wording import amount_text, money_text

_COLUMNS: Final = ("Market", "Runner", "If it wins", "If it loses", "")
_NUMBERS: Final = ("If it wins", "If it loses")


def positions(
    user: UserArgument,
    market: Annotated[
        str | None, typer.Argument(metavar="MARKET", help="In this market only, by id or name.", show_default=False)
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
            "user_id": acting_for(user, customer),
            "market_id": find_market(api, market)["id"] if market is not None else None,
        }
        found: list[Document] = api.get(POSITIONS_PATH, **params)["items"]
        if as_json:
            screen.document({"items": found})
            return
        known = KnownMarkets(api)
        rows = [row for position in found for row in _rows(position, known)]
    screen.say(f"[bold]{escape(customer['username'])}[/]")
    screen.say()
    if rows:
        screen.table(_COLUMNS, rows, numbers=_NUMBERS)
    else:
        screen.say("Nothing at stake.")


def _rows(position: Document, known: KnownMarkets) -> Iterable[tuple[str, ...]]:
    """Yield a row for each runner, and one for all of the market.

    If the market has one winner, the amounts are those of the whole market. If several can win, each runner's bets
    are settled separately.
    """
    currency = position["currency"]
    name = known.of(position["market_id"])["name"]
    for runner in position["runners"]:
        if runner["market_if_win"] is not None:
            if_win, if_lose = amount_text(runner["market_if_win"]), ""
        else:
            if_win, if_lose = amount_text(runner["if_win"]), amount_text(runner["if_lose"])
        yield (name, runner["name"], if_win, if_lose, currency)
        name = ""
    if position["profit"] is None:
        note = f"at risk: {money_text(position['exposure'], currency)}"
    else:
        note = f"settled: {money_text(position['profit'], currency)}"
        if Decimal(position["commission"]):
            note = f"{note} less {money_text(position['commission'], currency)} commission"
    yield (name, f"({note})", "", "", "")
