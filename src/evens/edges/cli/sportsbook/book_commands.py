"""`evens book`: what the house can lose on fixed odds and what it takes; for operators."""

from typing import Annotated, Final

import typer

from evens.edges.cli.api import Document, connect, user_path
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
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
from evens.edges.cli.sportsbook.paths import CONFLICTS_PATH, EXPOSURE_PATH, LIMITS_PATH
from evens.edges.cli.wording import amount_text, moment_text, money_text, percent_text

book = typer.Typer(help="See what the house can lose on fixed odds, and limit it.", cls=ConsoleGroup)

_EXPOSURE: Final = ("Event", "Title", "Market", "Bets", "Staked", "Worst case", "")
_ACCUMULATORS: Final = ("Event", "Title", "Accumulators", "Staked", "Worst case", "")
_CONFLICTS: Final = ("Event", "Title", "Market", "Stands", "Contradicts", "At")


@book.command("exposure", cls=ConsoleCommand)
def exposure(
    event: Annotated[str | None, typer.Option("--event", metavar="EVENT", help="Only of this event, by id.")] = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what open bets can cost: singles market by market, accumulators event by event, and what is reserved."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = api.get(EXPOSURE_PATH, event_id=event)
    if as_json:
        screen.document(found)
        return
    if not found["reserved"]:
        screen.say("No bet is open.")
        return
    _print_singles(screen, found["items"])
    _print_accumulators(screen, found["accumulators"])
    for one in found["reserved"]:
        singles, accumulators, reserved = (
            money_text(one[name], one["currency"]) for name in ("singles", "accumulators", "reserved")
        )
        screen.say(f"Reserved: {reserved}, {singles} of it for singles and {accumulators} for accumulators.")


def _print_singles(screen: Screen, found: list[Document]) -> None:
    if found:
        rows = [
            (
                one["event_id"],
                one["title"],
                one["market"],
                f"{one['bets']:,}",
                amount_text(one["staked"]),
                amount_text(one["worst_case"]),
                one["currency"],
            )
            for one in found
        ]
        numbers = ("Bets", "Staked", "Worst case")
        screen.table(_EXPOSURE, rows, numbers=numbers, whole=("Event",), names=("Title",), spare=("Title",))


def _print_accumulators(screen: Screen, found: list[Document]) -> None:
    """Print what accumulators can cost; each counts in full with every event that it has a leg on."""
    if found:
        rows = [
            (
                one["event_id"],
                one["title"],
                f"{one['bets']:,}",
                amount_text(one["staked"]),
                amount_text(one["worst_case"]),
                one["currency"],
            )
            for one in found
        ]
        numbers = ("Accumulators", "Staked", "Worst case")
        screen.table(_ACCUMULATORS, rows, numbers=numbers, whole=("Event",), names=("Title",), spare=("Title",))


@book.command("conflicts", cls=ConsoleCommand)
def conflicts(data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """List markets whose provider said two different things."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = list(api.items(CONFLICTS_PATH))
    if as_json:
        screen.document({"items": found})
    elif found:
        rows = [
            (
                one["event_id"],
                one["title"],
                one["market"],
                _said(one["stands"]),
                _said(one["contradicts"]),
                moment_text(one["at"]) if one["at"] else "",
            )
            for one in found
        ]
        screen.table(_CONFLICTS, rows, whole=("Event",), names=("Title",), spare=("Title", "At"))
        screen.say("To replace what stands: evens event settle EVENT --correction; to keep it: evens book keep EVENT")
    else:
        screen.say("Nothing contradicts.")


@book.command("keep", cls=ConsoleCommand)
def keep(
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Its id.")],
    market: Annotated[str, typer.Argument(metavar="[MARKET]", help="Its key.")] = "main",
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a market's result as it stands, whatever its provider said later."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        answer = api.post(f"{CONFLICTS_PATH}/close", {"event_id": event, "market": market}, key=key)
    if as_json:
        screen.document(answer.document)
    else:
        screen.done(f"The result of {escape(market)} in {escape(event)} stays as it is.", replayed=answer.replayed)


@book.command("limits", cls=ConsoleCommand)
def limits(
    min_stake: Annotated[str | None, typer.Option("--min-stake", metavar="AMOUNT", help="The least stake.")] = None,
    max_stake: Annotated[str | None, typer.Option("--max-stake", metavar="AMOUNT", help="The largest stake.")] = None,
    max_payout: Annotated[
        str | None, typer.Option("--max-payout", metavar="AMOUNT", help="The most that one bet may pay.")
    ] = None,
    max_event_liability: Annotated[
        str | None,
        typer.Option("--max-event-liability", metavar="AMOUNT", help="The most that the house may lose on one event."),
    ] = None,
    margin_bps: Annotated[
        int | None,
        typer.Option("--cash-out-margin-bps", min=0, max=10_000, metavar="N", help="Kept of a bet that is cashed out."),
    ] = None,
    unlimited: Annotated[bool, typer.Option("--unlimited", help="Take every limit back that is not given.")] = False,
    currency: CurrencyOption = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the house takes in a currency, or change it; limits that are not given stay as they are."""
    given = {
        "min_stake": min_stake,
        "max_stake": max_stake,
        "max_payout": max_payout,
        "max_event_liability": max_event_liability,
        "cash_out_margin_bps": margin_bps,
    }
    given = {name: value for name, value in given.items() if value is not None}
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = api.get(LIMITS_PATH, currency=currency)
        if given or unlimited:
            kept = {"currency": found["currency"]} if unlimited else found
            found = api.put(LIMITS_PATH, kept | given, key=key).document
    if as_json:
        screen.document(found)
    else:
        screen.facts(_limits(found))


@book.command("stake-factor", cls=ConsoleCommand)
def stake_factor(
    user: UserArgument,
    percent: Annotated[
        int | None, typer.Argument(metavar="[PERCENT]", min=0, max=1000, help="100 is what everybody may.")
    ] = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show or change which part of the largest stake a user may stake."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        customer = api.find_user(user)
        path = user_path(customer["id"], "stake-factor")
        found = api.get(path) if percent is None else api.put(path, {"percent": percent}, key=key).document
    if as_json:
        screen.document(found)
    else:
        screen.say(f"{escape(customer['username'])} may stake {found['percent']} % of the largest stake.")


def _said(results: list[dict[str, str]]) -> str:
    return ", ".join(f"{one['selection']} {one['result'].replace('_', ' ')}" for one in results)


def _limits(found: Document) -> dict[str, str]:
    """Return limits by name, in words."""

    def amount(name: str) -> str:
        return "no limit" if found[name] is None else money_text(found[name], found["currency"])

    return {
        "Least stake": amount("min_stake"),
        "Largest stake": amount("max_stake"),
        "Most a bet pays": amount("max_payout"),
        "Most an event costs": amount("max_event_liability"),
        "Kept at cash-out": percent_text(found["cash_out_margin_bps"]),
    }
