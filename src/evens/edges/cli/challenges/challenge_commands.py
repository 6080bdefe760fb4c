"""`evens challenge`: bets between two customers, and the operator's last word on them."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final
from urllib.parse import quote

import typer

from evens.edges.cli.api import Answer, Document, connect
from evens.edges.cli.asking import YesOption, confirm
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.exchange.known_markets import acting_for
from evens.edges.cli.exchange.market_view import odds_text
from evens.edges.cli.exchange.markets import find_market, find_runner
from evens.edges.cli.exchange.order_commands import Side
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
from evens.edges.cli.wording import day_begin, moment_text, money_text

challenges = typer.Typer(help="Let two customers bet each other.", cls=ConsoleGroup)

CHALLENGES_PATH: Final = "/v1/challenges"
_COLUMNS: Final = ("Token", "Title", "Challenger", "Side", "Odds", "Stake", "", "Decided by", "Status")
_EXPIRES_IN: Final = timedelta(days=1)

TokenArgument = Annotated[str, typer.Argument(metavar="CHALLENGE", help="Its token, or the link that ends in it.")]


class Outcome(StrEnum):
    """How a challenge ended, as the backer sees it."""

    WON = "won"
    LOST = "lost"
    VOID = "void"


OutcomeArgument = Annotated[
    Outcome, typer.Argument(metavar="won|lost|void", help="As the backer sees it; void gives both their stakes back.")
]


@challenges.command("offer", cls=ConsoleCommand)
def offer(
    user: UserArgument,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What it is about, such as 'Ann beats Bo'.")],
    side: Annotated[Side, typer.Argument(metavar="back|lay", help="Whoever accepts takes the other.")],
    odds: Annotated[str, typer.Argument(metavar="ODDS", help="Decimal odds such as 2.5.")],
    stake: Annotated[str, typer.Argument(metavar="STAKE", help="The backer's stake, a decimal such as 10.50.")],
    market: Annotated[
        str | None, typer.Option("--market", metavar="MARKET", help="What decides, with --runner.")
    ] = None,
    runner: Annotated[str | None, typer.Option("--runner", metavar="RUNNER", help="Name or number.")] = None,
    resolver: Annotated[str | None, typer.Option("--resolver", metavar="USER", help="Or whose word decides.")] = None,
    expires_at: Annotated[
        str | None, typer.Option("--expires-at", metavar="WHEN", help="A day or a time.  Default: in a day.")
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="Everybody finds it in the list.")] = False,
    currency: CurrencyOption = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Offer a bet to whoever accepts first."""
    if (market is None) != (runner is None) or (market is None) == (resolver is None):
        raise Misused("It takes something that decides.", "Add --market and --runner, or --resolver.")
    until = datetime.now(UTC) + _EXPIRES_IN
    with connect(data, url) as api:
        customer = api.find_user(user)
        found = None if market is None else find_market(api, market)
        body = {
            "user_id": acting_for(user, customer),
            "title": title,
            "side": side.value,
            "odds": odds,
            "stake": stake,
            "currency": currency,
            "market_id": None if found is None else found["id"],
            "runner_id": None if found is None or runner is None else find_runner(found, runner)["id"],
            "resolver": resolver,
            "expires_at": f"{until:%Y-%m-%dT%H:%M:%S}Z" if expires_at is None else day_begin(expires_at),
            "public": public,
        }
        answer = api.post(CHALLENGES_PATH, body, key=key)
    _print_answer(answer, "offered", as_json=as_json)
    if not as_json:
        # On a line of its own, with nothing behind it, a link is selected whole.
        Screen(as_json=as_json).facts({"Send this link": answer.document["url"]})


@challenges.command("list", cls=ConsoleCommand)
def list_challenges(
    user: Annotated[
        str | None,
        typer.Argument(metavar="USER", help="Whose: offered, accepted or to be resolved.", show_default=False),
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="Those that everybody can accept now.")] = False,
    disputed: Annotated[bool, typer.Option("--disputed", help="Those that wait for the operator's word.")] = False,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List challenges, newest first: a user's own, public or disputed ones."""
    if (user is not None) + public + disputed != 1:
        raise Misused("Which challenges are meant?", "Give a USER, --public or --disputed.")
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        customer = None if user is None else api.find_user(user)
        whose = None if customer is None else customer["id"]
        flags = {"public": "true" if public else None, "disputed": "true" if disputed else None}
        found = list(api.items(CHALLENGES_PATH, user_id=whose, **flags))
    if as_json:
        screen.document({"items": found})
    elif found:
        screen.table(
            _COLUMNS, [_row(each) for each in found], numbers=("Odds", "Stake"), whole=("Token",), names=("Title",)
        )
    elif customer is not None:
        screen.say(f"{escape(customer['username'])} has no challenges.")
    else:
        screen.say("Nobody offers a public challenge now." if public else "No challenge waits for the operator's word.")


@challenges.command("show", cls=ConsoleCommand)
def show(
    challenge: TokenArgument, data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False
) -> None:
    """Show a challenge."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = api.get(_path(challenge))
    if as_json:
        screen.document(found)
        return
    screen.say(f"[bold]{escape(found['title'])}[/]  {found['status']}")
    acceptor = found["acceptor"]
    said = {
        "Resolver says": found["resolver_outcome"],
        "Outcome": found["outcome"],
        "Disputed by": found["disputed_by"],
    }
    screen.facts(
        {
            "Id": found["id"],
            "Link": found["url"],
            "Challenger": f"{found['challenger']['username']}, who {found['side']}s",
            "Accepted by": "nobody yet" if acceptor is None else acceptor["username"],
            "Bet": f"{money_text(found['stake'], found['currency'])} at {odds_text(found['odds'])}",
            "Decided by": _decider(found),
            "Expires": moment_text(found["expires_at"]),
            **{name: value for name, value in said.items() if value is not None},
        }
    )


def _add_step(step: str, description: str, *, result: str) -> None:
    """Add a command that takes nothing but the user and the challenge."""

    def take_step(
        user: UserArgument,
        challenge: TokenArgument,
        key: KeyOption = None,
        data: DataOption = DATA_DIR,
        url: UrlOption = None,
        as_json: JsonOption = False,
    ) -> None:
        with connect(data, url) as api:
            acting = acting_for(user, api.find_user(user))
            answer = api.post(_path(challenge, step), {"user_id": acting}, key=key)
        _print_answer(answer, result, as_json=as_json)

    challenges.command(step, help=description, cls=ConsoleCommand)(take_step)


_add_step("accept", "Take the other side of a challenge.", result="accepted")
_add_step("cancel", "Take back a challenge that nobody has accepted.", result="cancelled")
_add_step("dispute", "Contest what the resolver said; nothing is paid until an operator decides.", result="disputed")


@challenges.command("resolve", cls=ConsoleCommand)
def resolve(
    user: UserArgument,
    challenge: TokenArgument,
    outcome: OutcomeArgument,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say, as the resolver, how it ended; it is paid unless one of the two disputes it in time."""
    with connect(data, url) as api:
        body = {"user_id": acting_for(user, api.find_user(user)), "outcome": outcome.value}
        answer = api.post(_path(challenge, "resolve"), body, key=key)
    _print_answer(answer, f"resolved: {outcome.value}", as_json=as_json)


@challenges.command("rule", cls=ConsoleCommand)
def rule(
    challenge: TokenArgument,
    outcome: OutcomeArgument,
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say, as the operator, how it ended, whatever the resolver said. It is the last word, and paid at once."""
    with connect(data, url) as api:
        found = api.get(_path(challenge))
        confirm(f"{found['title']}: {outcome.value}. This is the last word, and paid at once.", yes=yes)
        answer = api.post(_path(challenge, "rule"), {"outcome": outcome.value}, key=key)
    _print_answer(answer, f"ruled: {outcome.value}", as_json=as_json)


def _path(challenge: str, *rest: str) -> str:
    token = challenge.rstrip("/").rpartition("/")[2]
    return "/".join((CHALLENGES_PATH, quote(token, safe=""), *rest))


def _print_answer(answer: Answer, result: str, *, as_json: bool) -> None:
    screen = Screen(as_json=as_json)
    challenge = answer.document
    if as_json:
        screen.document(challenge)
        return
    title = f"[bold]{escape(challenge['title'])}[/]"
    screen.done(f"{title} is {escape(result)}. [dim]{challenge['token']}[/]", replayed=answer.replayed)


def _row(challenge: Document) -> tuple[str, ...]:
    return (
        challenge["token"],
        challenge["title"],
        challenge["challenger"]["username"],
        challenge["side"],
        odds_text(challenge["odds"]),
        challenge["stake"],
        challenge["currency"],
        _decider(challenge),
        challenge["status"],
    )


def _decider(challenge: Document) -> str:
    runner = challenge["runner"]
    if runner is not None:
        return f"{runner['runner_name']} in {runner['market_name']}"
    return str(challenge["resolver"]["username"])
