"""`evens follow`: copying what a leader bets, within limits of one's own. It takes one's own key."""

from typing import Annotated, Any, Final

import typer

from evens.edges.cli.api import Answer, Document, connect
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.failures import Misused
from evens.edges.cli.options import DATA_DIR, CurrencyOption, DataOption, JsonOption, KeyOption, UrlOption
from evens.edges.cli.screen import Screen, escape
from evens.edges.cli.social.follow_wording import (
    copy_row,
    follow_facts,
    follow_row,
    terms_text,
)
from evens.edges.cli.social.following import (
    COPIES_STEP,
    FOLLOWS_PATH,
    NO_LIMIT,
    Bounds,
    CopiedProduct,
    agreed_fee,
    find_follow,
    follow_path,
    terms_body,
)

follows = typer.Typer(help="Copy what a leader bets, within limits of your own.", cls=ConsoleGroup)

_FOLLOWS: Final = ("Id", "Leader", "Status", "Each copy", "At risk", "Of", "Today", "A day", "Result", "Fee", "")
_COPIES: Final = ("When", "Leader's bet on", "Status", "Copy", "Stake", "Odds", "Risk", "Result", "Why not")
_USUAL_PRODUCTS: Final = (CopiedProduct.EXCHANGE, CopiedProduct.SPORTSBOOK)

FollowArgument = Annotated[
    str, typer.Argument(metavar="FOLLOW", help="Its id, or the leader's username while you follow them.")
]
StakeOption = Annotated[
    str | None, typer.Option("--stake", metavar="AMOUNT", help="What copies of one bet stake together.")
]
RatioOption = Annotated[
    str | None,
    typer.Option("--ratio", metavar="RATIO", help="Instead of --stake: a share of the leader's stake, such as 0.25."),
]
SlippageOption = Annotated[
    int | None,
    typer.Option("--slippage", metavar="TICKS", min=0, help="How many ticks worse the odds may be (exchange)."),
]
MinOddsOption = Annotated[
    str | None,
    typer.Option("--min-odds", metavar="ODDS", help=f"The lowest odds of a copied bet (sportsbook), or `{NO_LIMIT}`."),
]
ProductsOption = Annotated[
    list[CopiedProduct] | None,
    typer.Option("--product", help="Where to copy, once for each. Pools, whose price nothing bounds, must be named."),
]
StopLossOption = Annotated[
    str | None,
    typer.Option(
        "--stop-loss",
        metavar="PERCENT",
        help=f"Pause when so much of the allocation or less is left, open copies valued; or `{NO_LIMIT}`.",
    ),
]
MarketsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--market",
        metavar="ID",
        help=f"Copy only in this market, event or pool, once for each; `{NO_LIMIT}`: everywhere.",
    ),
]


@follows.command("start", cls=ConsoleCommand)
def start(
    leader: Annotated[str, typer.Argument(metavar="USERNAME", help="Whose bets to copy; they must let others copy.")],
    allocation: Annotated[
        str, typer.Option("--allocation", metavar="AMOUNT", help="The most that all copies together may risk.")
    ],
    per_bet_cap: Annotated[
        str, typer.Option("--per-bet-cap", metavar="AMOUNT", help="The most that one copy may risk.")
    ],
    daily_cap: Annotated[
        str, typer.Option("--daily-cap", metavar="AMOUNT", help="The most that the copies of a UTC day may risk.")
    ],
    stake: StakeOption = None,
    ratio: RatioOption = None,
    slippage: SlippageOption = None,
    min_odds: MinOddsOption = None,
    stop_loss: StopLossOption = None,
    products: ProductsOption = None,
    markets: MarketsOption = None,
    fee: Annotated[
        str | None,
        typer.Option("--fee", metavar="SHARE", help="The leader's fee, such as 0.1, to agree to it."),
    ] = None,
    currency: CurrencyOption = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy from now on what a leader bets. Without --product: on the exchange and in the sportsbook."""
    if (stake is None) == (ratio is None):
        raise Misused("A copy stakes either a fixed amount or a share.", "Give --stake or --ratio, and not both.")
    caps = {"allocation": allocation, "per_bet_cap": per_bet_cap, "daily_cap": daily_cap}
    bounds = Bounds(slippage, min_odds, stop_loss, products or list(_USUAL_PRODUCTS), markets)
    body = terms_body(stake, ratio, caps, bounds)
    with connect(data, url) as api:
        body |= {"leader": leader, "currency": currency, "performance_fee": agreed_fee(api, leader, fee)}
        answer = api.post(FOLLOWS_PATH, body, key=key)
    _say(answer, "follows", as_json=as_json)


@follows.command("list", cls=ConsoleCommand)
def list_follows(
    everything: Annotated[bool, typer.Option("--all", help="Those that ended, too.")] = False,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List whom you follow, and what is used of your limits, newest first."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = [each for each in api.items(FOLLOWS_PATH) if everything or each["status"] != "ended"]
    if as_json:
        screen.document({"items": found})
    elif found:
        numbers = _FOLLOWS[3:10]
        rows = [follow_row(each) for each in found]
        screen.table(_FOLLOWS, rows, numbers=numbers, whole=("Id", "Status"), names=("Leader",))
    else:
        screen.say("You follow nobody. To begin: evens follow start --help")


@follows.command("show", cls=ConsoleCommand)
def show(
    follow: FollowArgument, data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False
) -> None:
    """Show a follow with its limits and what is used of them."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = find_follow(api, follow)
    if as_json:
        screen.document(found)
    else:
        screen.facts(follow_facts(found))


@follows.command("change", cls=ConsoleCommand)
def change(
    follow: FollowArgument,
    stake: StakeOption = None,
    ratio: RatioOption = None,
    allocation: Annotated[
        str | None, typer.Option("--allocation", metavar="AMOUNT", help="The most that all copies may risk.")
    ] = None,
    per_bet_cap: Annotated[
        str | None, typer.Option("--per-bet-cap", metavar="AMOUNT", help="The most that one copy may risk.")
    ] = None,
    daily_cap: Annotated[
        str | None, typer.Option("--daily-cap", metavar="AMOUNT", help="The most that the copies of a day may risk.")
    ] = None,
    slippage: SlippageOption = None,
    min_odds: MinOddsOption = None,
    stop_loss: StopLossOption = None,
    products: ProductsOption = None,
    markets: MarketsOption = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change limits of a follow; what is left out stays. What was used of them stays used."""
    if stake is not None and ratio is not None:
        raise Misused("A copy stakes either a fixed amount or a share.", "Give --stake or --ratio, and not both.")
    caps = {"allocation": allocation, "per_bet_cap": per_bet_cap, "daily_cap": daily_cap}
    body = terms_body(stake, ratio, caps, Bounds(slippage, min_odds, stop_loss, products, markets))
    if not body:
        raise Misused("Nothing is to be changed.", "Give one of the limits; see: evens follow change --help")
    with connect(data, url) as api:
        answer = api.patch(follow_path(find_follow(api, follow)["id"]), body, key=key)
    _say(answer, "follows", as_json=as_json)


@follows.command("pause", cls=ConsoleCommand)
def pause(
    follow: FollowArgument,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy nothing until it is resumed."""
    with connect(data, url) as api:
        answer = api.post(follow_path(find_follow(api, follow)["id"], "pause"), {}, key=key)
    _say(answer, "copies nothing for now of", as_json=as_json)


@follows.command("resume", cls=ConsoleCommand)
def resume(
    follow: FollowArgument,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy again what the leader bets from now on."""
    with connect(data, url) as api:
        answer = api.post(follow_path(find_follow(api, follow)["id"], "resume"), {}, key=key)
    _say(answer, "follows", as_json=as_json)


@follows.command("stop", cls=ConsoleCommand)
def stop(
    follow: FollowArgument,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop following. What was copied stays a bet of yours."""
    with connect(data, url) as api:
        answer = api.delete(follow_path(find_follow(api, follow)["id"]), key=key)
    _say(answer, "no longer follows", as_json=as_json)


@follows.command("copies", cls=ConsoleCommand)
def list_copies(
    follow: FollowArgument, data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False
) -> None:
    """List what became of the leader's bets: copied, or skipped and why, newest first."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        followed = find_follow(api, follow)
        found = list(api.items(follow_path(followed["id"], COPIES_STEP)))
    if as_json:
        screen.document({"items": found})
    elif found:
        whole = ("When", "Leader's bet", "Status", "Copy")
        screen.table(_COPIES, [copy_row(each) for each in found], numbers=_COPIES[4:8], whole=whole, spare=("When",))
        screen.say(f"In {followed['currency']}.")
    else:
        screen.say(f"{escape(followed['leader'])} has bet nothing since that could be copied.")


def _say(answer: Answer, what: str, *, as_json: bool) -> None:
    found: Document = answer.document
    screen = Screen(as_json=as_json)
    if as_json:
        screen.document(found)
        return
    names: dict[str, Any] = {name: f"[bold]{escape(found[name])}[/]" for name in ("follower", "leader")}
    terms = f": {escape(terms_text(found))}" if found["status"] == "active" else ""
    sentence = f"{names['follower']} {what} {names['leader']}{terms}. [dim]{found['id']}[/]"
    screen.done(sentence, replayed=answer.replayed)
