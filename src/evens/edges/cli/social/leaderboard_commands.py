"""`evens leaderboard`: whose settled bets did best."""

from enum import StrEnum
from typing import Annotated, Final

import typer

from evens.edges.cli.api import connect
from evens.edges.cli.options import DATA_DIR, CurrencyOption, DataOption, JsonOption, UrlOption
from evens.edges.cli.screen import Screen
from evens.edges.cli.social.records import Product, ratio_text, share_text
from evens.edges.cli.wording import amount_text, money_text

BOARD_PATH: Final = "/v1/leaderboard"
_COLUMNS: Final = ("", "Who", "Profit", "Turnover", "ROI", "Won", "Sharpe", "Drawdown", "Settled")


class Period(StrEnum):
    """The UTC day, week or month of now, or all time."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


class Metric(StrEnum):
    """What the leaderboard is ordered by."""

    PROFIT = "profit"
    ROI = "roi"
    WIN_RATE = "win_rate"
    SHARPE = "sharpe"
    DRAWDOWN = "drawdown"


def leaderboard(
    period: Annotated[Period, typer.Option("--period", help="Of the UTC day, week or month of now.")] = Period.WEEK,
    metric: Annotated[Metric, typer.Option("--metric", help="What to order by.")] = Metric.PROFIT,
    product: Annotated[Product, typer.Option("--product", help="What was bet on.")] = Product.ALL,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=200, help="How many places.")] = 20,
    currency: CurrencyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who won most of what was settled in a period, or did best by another measure."""
    screen = Screen(as_json=as_json)
    asked = {"period": period.value, "metric": metric.value, "product": product.value, "currency": currency}
    with connect(data, url) as api:
        found = api.get(BOARD_PATH, limit=limit, **asked)
    if as_json:
        screen.document(found)
        return
    if not found["items"]:
        screen.say("Nobody has a place yet: nothing was settled in this time, or not enough for a rank.")
    else:
        rows = [
            (
                str(each["rank"]),
                each["username"],
                amount_text(each["profit"]),
                amount_text(each["turnover"]),
                share_text(each["roi"]),
                share_text(each["win_rate"]),
                ratio_text(each["sharpe"]),
                amount_text(each["max_drawdown"]),
                str(each["settled"]),
            )
            for each in found["items"]
        ]
        screen.table(_COLUMNS, rows, numbers=_COLUMNS[2:] + _COLUMNS[:1], names=("Who",), spare=("Sharpe", "Drawdown"))
    least = found["minimum"]
    since = "since the beginning" if found["since"] is None else f"since {found['since']} (UTC)"
    screen.say(
        f"In {found['currency']}, {since}. A rank by anything but profit takes "
        f"{money_text(least['turnover'], found['currency'])} of turnover and {least['bets']} settled."
    )
