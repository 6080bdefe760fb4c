"""`evens profile`: what people show of themselves."""

from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer

from evens.edges.cli.api import ME, Document, connect
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.failures import Misused
from evens.edges.cli.options import DATA_DIR, CurrencyOption, DataOption, JsonOption, UrlOption
from evens.edges.cli.screen import Screen, escape
from evens.edges.cli.social.records import NOTHING, Product, fee_text, ratio_text, share_text
from evens.edges.cli.wording import amount_text, moment_text

profiles = typer.Typer(help="What people show of themselves, and their records.", cls=ConsoleGroup)

OWN_PATH: Final = "/v1/me/profile"
_RECORDS: Final = ("Product", "Period", "Profit", "Turnover", "ROI", "Won", "Streak", "Drawdown", "Sharpe", "Settled")
_RECENT: Final = ("Settled", "What", "Staked", "Profit")


class Visibility(StrEnum):
    """What others see: all, figures without single bets, or nothing."""

    PUBLIC = "public"
    FIGURES = "figures"
    PRIVATE = "private"


@profiles.command("show", cls=ConsoleCommand)
def show(
    username: Annotated[str, typer.Argument(metavar="USERNAME", help="Whose; me with one's own key.")],
    product: Annotated[Product, typer.Option("--product", help="Only what was bet on this.")] = Product.ALL,
    currency: CurrencyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what somebody has won and lost, by product and period, and what was settled last."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        name = api.find_user(username)["username"] if username == ME else username.removeprefix("@")
        found = api.get(f"/v1/profiles/{quote(name, safe='')}", currency=currency)
    if as_json:
        screen.document(found)
        return
    shown = "" if found["display_name"] is None else f" ({escape(found['display_name'])})"
    screen.say(f"[bold]{escape(found['username'])}[/]{shown}")
    if found["bio"] is not None:
        screen.say(escape(found["bio"]))
    if found["copyable"] and found["performance_fee"] != "0":
        screen.say(f"Can be copied for {fee_text(found['performance_fee'])} of the net profit.")
    screen.say()
    records = [each for each in found["records"] if product is Product.ALL or each["product"] == product.value]
    if records:
        rows = [_row(each) for each in records]
        screen.table(_RECORDS, rows, numbers=_RECORDS[2:], spare=("Sharpe", "Streak", "Drawdown"))
        screen.say(f"In {found['currency']}, of what was settled up to {moment_text(found['as_of'])}.")
    else:
        screen.say(f"Nothing in {found['currency']} was settled yet.")
    if found["recent"]:
        screen.say()
        screen.table(_RECENT, [_recent(each) for each in found["recent"]], numbers=_RECENT[2:], names=("What",))


@profiles.command("set", cls=ConsoleCommand)
def set_profile(
    name: Annotated[
        str | None, typer.Option("--name", metavar="TEXT", help="What you are called; '' for none.")
    ] = None,
    bio: Annotated[str | None, typer.Option("--bio", metavar="TEXT", help="A line about you; '' for none.")] = None,
    visibility: Annotated[Visibility | None, typer.Option("--visibility", help="What others see.")] = None,
    listed: Annotated[
        bool | None, typer.Option("--listed/--unlisted", help="Whether to be on the leaderboard.")
    ] = None,
    copyable: Annotated[
        bool | None, typer.Option("--copyable/--not-copyable", help="Whether others may copy your bets.")
    ] = None,
    fee: Annotated[
        str | None,
        typer.Option("--fee", metavar="SHARE", help="Your share of what new followers win net, such as 0.1."),
    ] = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Choose what to show of yourself; it takes your own key. What is left out stays as it is."""
    texts = {"display_name": name, "bio": bio}
    body: dict[str, Any] = {field: text or None for field, text in texts.items() if text is not None}
    chosen = {"visibility": None if visibility is None else visibility.value, "listed": listed, "copyable": copyable}
    chosen |= {"performance_fee": fee}
    body |= {field: value for field, value in chosen.items() if value is not None}
    if not body:
        raise Misused("Nothing is to be set.", "Give --name, --bio, --visibility, --listed, --copyable or --fee.")
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        answer = api.patch(OWN_PATH, body)
    if as_json:
        screen.document(answer.document)
        return
    found = answer.document
    screen.done(f"Others see this of [bold]{escape(found['username'])}[/] now:")
    screen.facts(
        {
            "Name": escape(found["display_name"] or NOTHING),
            "About": escape(found["bio"] or NOTHING),
            "Visibility": found["visibility"],
            "Leaderboard": "listed" if found["listed"] else "not listed",
            "Copying": "allowed" if found["copyable"] else "not allowed",
            "Fee": "none" if found["performance_fee"] == "0" else f"{fee_text(found['performance_fee'])} of net profit",
        }
    )


def _row(record: Document) -> tuple[str, ...]:
    return (
        record["product"],
        record["period"],
        amount_text(record["profit"]),
        amount_text(record["turnover"]),
        share_text(record["roi"]),
        share_text(record["win_rate"]),
        str(record["longest_streak"]),
        amount_text(record["max_drawdown"]),
        ratio_text(record["sharpe"]),
        str(record["settled"]),
    )


def _recent(settled: Document) -> tuple[str, ...]:
    amounts = amount_text(settled["turnover"]), amount_text(settled["profit"])
    return moment_text(settled["at"]), settled["title"] or settled["id"], *amounts
