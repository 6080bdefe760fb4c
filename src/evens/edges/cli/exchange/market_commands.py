"""`evens market`: opening markets on the exchange, managing and settling them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final

import typer

from evens.edges.cli.api import Answer, connect
from evens.edges.cli.asking import YesOption, confirm
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.exchange import market_options as asked
from evens.edges.cli.exchange.market_view import (
    best_odds,
    favourite,
    ladder,
    leader_text,
    market_facts,
    matched_text,
    status_markup,
    status_text,
)
from evens.edges.cli.exchange.markets import MARKETS_PATH, OVER, find_market, find_runner, market_path
from evens.edges.cli.failures import Misused
from evens.edges.cli.options import (
    DATA_DIR,
    CurrencyOption,
    DataOption,
    JsonOption,
    KeyOption,
    MarketArgument,
    RunnerArgument,
    UrlOption,
)
from evens.edges.cli.screen import Screen, console, escape
from evens.edges.cli.wording import day_begin, moment_text

markets = typer.Typer(help="Open markets on the exchange, lead and settle them.", cls=ConsoleGroup)

_LIST: Final = ("Id", "Market", "Status", "Starts", "Leader", "Back", "Lay", "Matched", "")
_NUMBERS: Final = ("Back", "Lay", "Matched")
_WHOLE: Final = ("Id", "Status", "Starts", "")
_NAMES: Final = ("Market", "Leader")
_STARTS_IN: Final = timedelta(days=1)


@markets.command("create", cls=ConsoleCommand)
def create(
    name: asked.Name,
    runners: asked.Runners,
    event: asked.Event = None,
    starts_at: asked.StartsAt = None,
    winners: asked.Winners = 1,
    winners_min: asked.WinnersMin = None,
    commission_bps: asked.CommissionBps = None,
    ladder_name: asked.Ladder = None,
    min_stake: asked.MinStake = None,
    currency: CurrencyOption = None,
    bet_delay: asked.BetDelay = None,
    cover_removals: asked.CoverRemovals = False,
    event_type: asked.EventType = None,
    competition: asked.Competition = None,
    country: asked.Country = None,
    venue: asked.Venue = None,
    market_type: asked.MarketType = None,
    cross_matching: asked.CrossMatching = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open a market."""
    body = {
        "name": name,
        "event": event,
        "starts_at": day_begin(starts_at) if starts_at is not None else _default_start(),
        "runners": [{"name": runner} for runner in runners],
        "winners": winners,
        "winners_min": winners_min,
        "commission_bps": commission_bps,
        "ladder": ladder_name,
        "min_stake": min_stake,
        "currency": currency,
        "bet_delay_seconds": bet_delay,
        "cover_removals": cover_removals,
        "event_type": event_type,
        "competition": competition,
        "country": country,
        "venue": venue,
        "market_type": market_type,
        "cross_matching": cross_matching,
    }
    with connect(data, url) as api:
        answer = api.post(MARKETS_PATH, body, key=key)
    market = answer.document
    _print_answer(answer, f"[bold]{escape(market['name'])}[/] is open.", as_json=as_json)


@markets.command("list", cls=ConsoleCommand)
def list_markets(
    every: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the markets, newest first."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = [market for market in api.items(MARKETS_PATH) if every or market["status"] not in OVER]
    if as_json:
        screen.document({"items": found})
    elif found:
        rows = [_row(market) for market in found]
        screen.table(_LIST, rows, numbers=_NUMBERS, whole=_WHOLE, names=_NAMES, spare=("Starts",))
    else:
        screen.say("No market is open. To open one: evens market create NAME --runner A --runner B")


@markets.command("show", cls=ConsoleCommand)
def show(
    market: MarketArgument, data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False
) -> None:
    """Show a market: its terms, and the best prices of every runner."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = find_market(api, market)
    if as_json:
        screen.document(found)
        return
    screen.say(f"[bold]{escape(found['name'])}[/]  {status_markup(found)}")
    screen.facts(market_facts(found))
    screen.say()
    out = console()
    out.print(ladder(found, width=out.width))


def _add_step(step: str, description: str, *, result: str) -> None:
    """Add a command that takes nothing but the market."""

    def take_step(
        market: MarketArgument,
        key: KeyOption = None,
        data: DataOption = DATA_DIR,
        url: UrlOption = None,
        as_json: JsonOption = False,
    ) -> None:
        with connect(data, url) as api:
            answer = api.post(market_path(find_market(api, market)["id"], step), {}, key=key)
        _print_answer(answer, _sentence(answer, result), as_json=as_json)

    markets.command(step, help=description, cls=ConsoleCommand)(take_step)


_add_step("suspend", "Take no orders for a while; what waits keeps its place.", result="is suspended")
_add_step("resume", "Take orders again after a suspension.", result="takes orders again")
_add_step("in-play", "Say that the contest has begun; orders lapse unless they persist.", result="is in-play")


@markets.command("close", cls=ConsoleCommand)
def close(
    market: MarketArgument,
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """End betting for good; what is unmatched lapses."""
    with connect(data, url) as api:
        found = find_market(api, market)
        confirm(f"Betting on {found['name']} ends for good, and what is unmatched lapses.", yes=yes)
        answer = api.post(market_path(found["id"], "close"), {}, key=key)
    _print_answer(answer, _sentence(answer, "is closed; settle it: evens market settle"), as_json=as_json)


_Correction = Annotated[bool, typer.Option("--correction", help="Undo the result there is, and book this one instead.")]


@markets.command("void", cls=ConsoleCommand)
def void(
    market: MarketArgument,
    correction: _Correction = False,
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo all bets: everybody has back what they staked."""
    with connect(data, url) as api:
        found = find_market(api, market)
        confirm(f"All bets on {found['name']} are undone.", yes=yes)
        path = market_path(found["id"], "void")
        answer = api.post(path, {"correction": True} if correction else {}, key=key)
    _print_answer(answer, _sentence(answer, "is void; everybody has back what they staked"), as_json=as_json)


@markets.command("settle", cls=ConsoleCommand)
def settle(
    market: MarketArgument,
    winners: Annotated[
        list[str] | None,
        typer.Option(
            "--winner",
            metavar="RUNNER",
            help="Who won: its number, or as much of its name as no other has. Once for each.",
        ),
    ] = None,
    tied: Annotated[
        list[str] | None,
        typer.Option("--tied", metavar="RUNNER", help="Who shares the places that the winners leave. Once for each."),
    ] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="Nobody won: all lays win.")] = False,
    dead_heat: Annotated[bool, typer.Option("--dead-heat", help="All of the winners tied for the only place.")] = False,
    correction: _Correction = False,
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say who won, and pay. A correction, which takes back what others were paid, asks first."""
    with connect(data, url) as api:
        found = find_market(api, market)
        won, shared = ([find_runner(found, name) for name in named or ()] for named in (winners, tied))
        if nobody == bool(won or shared):
            raise Misused("Somebody won or nobody did.", "Say who with --winner and --tied, or else --nobody.")
        if correction:
            named = " and ".join(runner["name"] for runner in (*won, *shared)) or "nobody"
            confirm(f"The result of {found['name']} is taken back, and {named} won instead.", yes=yes)
        body: dict[str, Any] = {"winners": [runner["id"] for runner in won]}
        body |= {"tied": [runner["id"] for runner in shared]} if shared else {}
        body |= {name: True for name, asked in (("dead_heat", dead_heat), ("correction", correction)) if asked}
        answer = api.post(market_path(found["id"], "settle"), body, key=key)
    names = " and ".join(escape(runner["name"]) for runner in won) or ("nobody" if nobody else "")
    ties = " and ".join(escape(runner["name"]) for runner in shared)
    words = "; ".join(filter(None, (f"{names} won" if names else "", f"{ties} tied" if ties else "")))
    _print_answer(answer, _sentence(answer, f"is settled: {words}"), as_json=as_json)


@markets.command("remove-runner", cls=ConsoleCommand)
def remove_runner(
    market: MarketArgument,
    runner: RunnerArgument,
    reduction_bps: Annotated[
        int,
        typer.Option(
            "--reduction-bps",
            min=0,
            max=10_000,
            metavar="N",
            help="By how many hundredths of a percent matched odds on the others shrink.",
        ),
    ],
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take out a runner that will not run; the market is suspended. Again with another reduction, it is corrected."""
    with connect(data, url) as api:
        found = find_market(api, market)
        removed = find_runner(found, runner)
        confirm(f"{removed['name']} is taken out of {found['name']}, and bets on it are undone.", yes=yes)
        path = market_path(found["id"], "runners", str(removed["id"]), "remove")
        answer = api.post(path, {"reduction_bps": reduction_bps}, key=key)
    words = f"goes on without {escape(removed['name'])}{_suspended(answer)}"
    _print_answer(answer, _sentence(answer, words), as_json=as_json)


@markets.command("reinstate-runner", cls=ConsoleCommand)
def reinstate_runner(
    market: MarketArgument,
    runner: RunnerArgument,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the removal of a runner back: matched bets are what they were; the market is suspended."""
    with connect(data, url) as api:
        found = find_market(api, market)
        back = find_runner(found, runner)
        path = market_path(found["id"], "runners", str(back["id"]), "reinstate")
        answer = api.post(path, {}, key=key)
    words = f"goes on with {escape(back['name'])}{_suspended(answer)}"
    _print_answer(answer, _sentence(answer, words), as_json=as_json)


def _suspended(answer: Answer) -> str:
    """Say what the house lends for a change of removals, and how the market goes on."""
    market = answer.document
    lent = f"; the house lends {market['lent']} {market['currency']} for it" if Decimal(market["lent"]) else ""
    return lent + ("; it is suspended until: evens market resume" if market["status"] == "suspended" else "")


def _default_start() -> str:
    starts_at = datetime.now(UTC) + _STARTS_IN
    return f"{starts_at:%Y-%m-%dT%H:%M:%S}Z"


def _sentence(answer: Answer, words: str) -> str:
    return f"[bold]{escape(answer.document['name'])}[/] {words}."


def _print_answer(answer: Answer, sentence: str, *, as_json: bool) -> None:
    screen = Screen(as_json=as_json)
    if as_json:
        screen.document(answer.document)
    else:
        screen.done(f"{sentence} [dim]{answer.document['id']}[/]", replayed=answer.replayed)


def _row(market: dict[str, Any]) -> tuple[str, ...]:
    best = favourite(market)
    return (
        market["id"],
        market["name"],
        status_text(market),
        moment_text(market["starts_at"]),
        leader_text(market),
        best_odds(best["to_back"]),
        best_odds(best["to_lay"]),
        matched_text(market),
        market["currency"],
    )
