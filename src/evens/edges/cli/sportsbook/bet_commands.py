"""`evens bet`: bets with the house at fixed odds."""

from enum import StrEnum
from typing import Annotated, Final

import typer

from evens.edges.cli.api import Answer, Document, connect
from evens.edges.cli.asking import YesOption, confirm
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
from evens.edges.cli.sportsbook.paths import (
    BETS_PATH,
    MAIN,
    NOTHING,
    WIN,
    KnownEvents,
    acting_for,
    bet_path,
    odds_text,
)
from evens.edges.cli.wording import amount_text, moment_text, money_text

bets = typer.Typer(help="Bet with the house at fixed odds.", cls=ConsoleGroup)

_COLUMNS: Final = ("Id", "Placed", "On", "Odds", "Stake", "To pay", "Paid", "", "Status")
_LEGS: Final = ("On", "Odds", "Status", "Reduced by")
_ARGUMENTS_MAX: Final = 4
"""Most that can be said of a bet without `--leg`: event, market, selection and amount."""

BetArgument = Annotated[str, typer.Argument(metavar="BET", help="The bet's id, as `evens bet list` shows it.")]


class Accept(StrEnum):
    """Which odds do if they have changed."""

    ANY = "any"
    BETTER = "better"
    NONE = "none"


class Status(StrEnum):
    """How a bet stands."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    VOID = "void"
    CASHED_OUT = "cashed_out"


@bets.command("place", cls=ConsoleCommand)
def place(
    user: UserArgument,
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="EVENT [MARKET] [SELECTION] AMOUNT",
            help="By id and keys. Left out: the market main, the selection win. With --leg: AMOUNT alone.",
            show_default=False,
        ),
    ],
    legs: Annotated[
        list[str] | None,
        typer.Option(
            "--leg",
            metavar="EVENT/MARKET/SELECTION[@ODDS]",
            help="A leg of an accumulator, all of which have to win. Once for each. EVENT/SELECTION is on main.",
        ),
    ] = None,
    odds: Annotated[
        str | None, typer.Option("--odds", metavar="ODDS", help="The odds that you saw, such as 2.5.")
    ] = None,
    accept: Annotated[
        Accept, typer.Option("--accept", metavar="any|better|none", help="Which odds do if they have changed.")
    ] = Accept.BETTER,
    currency: CurrencyOption = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bet on one selection of an event, or with --leg on several that all have to win."""
    body = _several(what, legs, odds) if legs else _one(what, odds)
    with connect(data, url) as api:
        customer = api.find_user(user)
        more = {"currency": currency, "accept": accept.value, "user_id": acting_for(user, customer)}
        answer = api.post(BETS_PATH, body | more, key=key)
        text = "" if as_json else _legs_text(KnownEvents(api), answer.document)
    bet = answer.document
    screen = Screen(as_json=as_json)
    if as_json:
        screen.document(bet)
        return
    stake, pays = (money_text(bet[name], bet["currency"]) for name in ("amount", "potential_payout"))
    who = f"[bold]{escape(customer['username'])}[/] bets {stake} on {escape(text)} at {odds_text(bet['odds'])}"
    screen.done(f"{who}, to be paid {pays}. [dim]{bet['id']}[/]", replayed=answer.replayed)


@bets.command("list", cls=ConsoleCommand)
def list_bets(
    user: UserArgument,
    status: Annotated[
        Status | None, typer.Option("--status", metavar="open|won|lost|void|cashed_out", help="Only these.")
    ] = None,
    event: Annotated[str | None, typer.Option("--event", metavar="EVENT", help="Only on this event, by id.")] = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List a user's bets, newest first."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        customer = api.find_user(user)
        params = {
            "user_id": acting_for(user, customer),
            "status": None if status is None else status.value,
            "event_id": event,
        }
        found = list(api.items(BETS_PATH, **params))
        if as_json:
            screen.document({"items": found})
            return
        known = KnownEvents(api)
        rows = [_row(bet, known) for bet in found]
    if rows:
        numbers = ("Odds", "Stake", "To pay", "Paid")
        whole = ("Id", "Placed", "Status")
        screen.table(_COLUMNS, rows, numbers=numbers, whole=whole, names=("On",), spare=("Placed", "To pay"))
    else:
        screen.say("There is no such bet.")


@bets.command("show", cls=ConsoleCommand)
def show(bet: BetArgument, data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Show a bet with its legs."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = api.get(bet_path(bet))
        if as_json:
            screen.document(found)
            return
        known = KnownEvents(api)
        legs = [
            (
                known.leg_text(leg),
                odds_text(leg["odds"]),
                str(leg["status"]).replace("_", " "),
                f"{leg['reduction_bps'] / 100:g} %" if leg["reduction_bps"] else "",
            )
            for leg in found["legs"]
        ]
    currency = found["currency"]
    facts = {
        "Id": found["id"],
        "Stake": money_text(found["amount"], currency),
        "Odds": odds_text(found["odds"]),
        "To pay": money_text(found["potential_payout"], currency),
        "Paid": NOTHING if found["payout"] is None else money_text(found["payout"], currency),
        "Status": _status(found),
        "Placed": moment_text(found["placed_at"]),
    }
    screen.facts(facts | ({} if found["settled_at"] is None else {"Over": moment_text(found["settled_at"])}))
    screen.say()
    screen.table(_LEGS, legs, numbers=("Odds", "Reduced by"), whole=("Status",), names=("On",))


@bets.command("cash-out", cls=ConsoleCommand)
def cash_out(
    bet: BetArgument,
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take what a bet is worth now instead of waiting for the result. Asks first; the quote is good for 5 seconds."""
    with connect(data, url) as api:
        quote = api.get(bet_path(bet, "cash-out"))
        confirm(f"The bet is over for {money_text(quote['amount'], quote['currency'])}.", yes=yes)
        answer = api.post(bet_path(bet, "cash-out"), {"quote_id": quote["quote_id"]}, key=key)
    _print_over(answer, "is cashed out", as_json=as_json)


@bets.command("void", cls=ConsoleCommand)
def void(
    bet: BetArgument,
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give the stake of an open bet back, as an operator."""
    with connect(data, url) as api:
        confirm(f"The stake of {bet} is given back.", yes=yes)
        answer = api.post(bet_path(bet, "void"), {}, key=key)
    _print_over(answer, "is void", as_json=as_json)


def _one(what: list[str], odds: str | None) -> Document:
    """Return the body of a single. Raises :class:`Misused` for too few or too many arguments."""
    if not 2 <= len(what) <= _ARGUMENTS_MAX:
        raise Misused("A bet takes an EVENT and an AMOUNT.", "Write EVENT [MARKET] [SELECTION] AMOUNT, or --leg.")
    event, *on, amount = what
    # With one word between them, it is the selection: most events have one market.
    market, selection = (MAIN, WIN) if not on else (MAIN, on[0]) if len(on) == 1 else (on[0], on[1])
    return {"event_id": event, "market": market, "selection": selection, "odds": odds, "amount": amount}


def _several(what: list[str], legs: list[str], odds: str | None) -> Document:
    """Return the body of an accumulator. Raises :class:`Misused` for anything but an amount beside the legs."""
    if len(what) != 1:
        raise Misused("With --leg, a bet takes nothing but an AMOUNT.", "Write every event as a --leg.")
    if odds is not None:
        raise Misused("--odds is for a bet on one selection.", "Write the odds behind each leg, as in a/home@2.5.")
    return {"legs": [_read_leg(leg) for leg in legs], "amount": what[0]}


def _read_leg(text: str) -> Document:
    on, at, odds = text.rpartition("@")
    parts = (on if at else text).split("/")
    if not 1 <= len(parts) <= 3 or not all(parts):
        raise Misused(f"{text!r} is no leg.", "Write EVENT/MARKET/SELECTION, with @ODDS if you like.")
    market = parts[1] if len(parts) == 3 else MAIN
    leg: Document = {"event_id": parts[0], "market": market, "selection": WIN if len(parts) == 1 else parts[-1]}
    return leg | ({"odds": odds} if at else {})


def _print_over(answer: Answer, what: str, *, as_json: bool) -> None:
    screen = Screen(as_json=as_json)
    bet = answer.document
    if as_json:
        screen.document(bet)
        return
    paid = money_text(bet["payout"], bet["currency"])
    screen.done(f"[bold]{bet['id']}[/] {what}: {paid} is paid.", replayed=answer.replayed)


def _row(bet: Document, known: KnownEvents) -> tuple[str, ...]:
    return (
        bet["id"],
        moment_text(bet["placed_at"]),
        _legs_text(known, bet),
        odds_text(bet["odds"]),
        amount_text(bet["amount"]),
        amount_text(bet["potential_payout"]),
        NOTHING if bet["payout"] is None else amount_text(bet["payout"]),
        bet["currency"],
        _status(bet),
    )


def _legs_text(known: KnownEvents, bet: Document) -> str:
    return " × ".join(known.leg_text(leg) for leg in bet["legs"])


def _status(bet: Document) -> str:
    return str(bet["status"]).replace("_", " ")
