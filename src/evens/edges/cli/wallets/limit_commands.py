"""`evens limits`: what customers let be deposited for them at the most."""

from typing import Annotated, Final

import typer

from evens.edges.cli.api import Document, connect, user_path
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.failures import Misused
from evens.edges.cli.options import (
    DATA_DIR,
    CurrencyOption,
    DataOption,
    JsonOption,
    KeyOption,
    UrlOption,
    UserArgument,
)
from evens.edges.cli.screen import Screen, escape
from evens.edges.cli.wording import amount_text, moment_text

limits = typer.Typer(help="Limit what is deposited for a customer.", cls=ConsoleGroup)

PERIODS: Final = ("day", "week", "month")
NO_LIMIT: Final = "none"

_LIMIT_HELP: Final = "The most a {}, or `none`. Left out: as it is."
DayOption = Annotated[str | None, typer.Option("--day", metavar="AMOUNT", help=_LIMIT_HELP.format("day"))]
WeekOption = Annotated[str | None, typer.Option("--week", metavar="AMOUNT", help=_LIMIT_HELP.format("week"))]
MonthOption = Annotated[str | None, typer.Option("--month", metavar="AMOUNT", help=_LIMIT_HELP.format("month"))]


@limits.command("show", cls=ConsoleCommand)
def show(
    user: UserArgument,
    currency: CurrencyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a customer's deposit limits, and what was deposited in the current day, week and month (UTC)."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        customer = api.find_user(user)
        found = api.get(user_path(customer["id"], "limits"), currency=currency)
    if as_json:
        screen.document(found)
        return
    screen.say(f"[bold]{escape(customer['username'])}[/]")
    screen.say()
    _show(screen, found)


@limits.command("set", cls=ConsoleCommand)
def set_limits(
    user: UserArgument,
    day: DayOption = None,
    week: WeekOption = None,
    month: MonthOption = None,
    currency: CurrencyOption = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set a customer's deposit limits. A lower limit counts at once, a higher one or none after 24 hours.

    What is left out is read first and sent along. So with --key, the same command is the same request only while nobody
    else changes the limits.
    """
    given = dict(zip(PERIODS, (day, week, month), strict=True))
    if all(amount is None for amount in given.values()):
        raise Misused("Nothing is to be set.", "Give --day, --week or --month.")
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        customer = api.find_user(user)
        path = user_path(customer["id"], "limits")
        wanted = _asked_for(api.get(path, currency=currency))
        wanted |= {
            period: None if amount == NO_LIMIT else amount for period, amount in given.items() if amount is not None
        }
        answer = api.put(path, {"currency": currency, "deposit": wanted}, key=key)
    if as_json:
        screen.document(answer.document)
        return
    screen.done(f"The deposit limits of {escape(customer['username'])} are set.", replayed=answer.replayed)
    screen.say()
    _show(screen, answer.document)


def _asked_for(found: Document) -> dict[str, str | None]:
    """Return the limits that the customer asked for last: those that count, or higher ones that wait."""
    raises = {each["period"]: each["limit"] for each in found["raises"]}
    return {period: raises.get(period, found["deposit"][period]) for period in PERIODS}


def _show(screen: Screen, found: Document) -> None:
    raises = {each["period"]: each for each in found["raises"]}
    deposited = found["deposited"]
    rows: list[list[str]] = []
    for period in PERIODS:
        later = raises.get(period)
        change = "" if later is None else f"{_limit(later['limit'])} from {moment_text(later['effective_at'])} on"
        sums = [] if deposited is None else [amount_text(deposited[period])]
        rows.append([f"A {period}", _limit(found["deposit"][period]), *sums, change])
    columns = [found["currency"], "Limit", *([] if deposited is None else ["Deposited"]), "Later"]
    screen.table(columns, rows, numbers=("Limit", "Deposited"))


def _limit(amount: str | None) -> str:
    return NO_LIMIT if amount is None else amount_text(amount)
