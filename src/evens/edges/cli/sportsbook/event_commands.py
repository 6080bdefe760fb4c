"""`evens event`: what one can bet on, and what operators do when the line is silent or wrong."""

from typing import Annotated, Any, Final

import typer

from evens.edges.cli.api import Answer, Document, connect
from evens.edges.cli.asking import YesOption, confirm
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.failures import Misused
from evens.edges.cli.options import DATA_DIR, DataOption, JsonOption, KeyOption, UrlOption
from evens.edges.cli.screen import Screen, escape
from evens.edges.cli.sportsbook.paths import EVENTS_PATH, MAIN, NOTHING, event_path, odds_text
from evens.edges.cli.wording import moment_text

events = typer.Typer(help="See what the sportsbook takes bets on; lead and settle events.", cls=ConsoleGroup)

_COLUMNS: Final = ("Id", "Event", "Sport", "Deadline", "Odds", "Status")
_SELECTIONS: Final = ("Market", "Selection", "Key", "Odds", "Status", "Result")
_RESULTS: Final = frozenset({"won", "lost", "void", "half_won", "half_lost"})
_SHOWN_MAX: Final = 3

EventArgument = Annotated[str, typer.Argument(metavar="EVENT", help="Its id, as `evens event list` shows it.")]

MarketsOption = Annotated[
    list[str] | None,
    typer.Option("--market", metavar="KEY", help="Only this market; once for each. Left out: all of them."),
]


@events.command("list", cls=ConsoleCommand)
def list_events(
    every: Annotated[bool, typer.Option("--all", help="Those that are over or suspended, too.")] = False,
    sport: Annotated[str | None, typer.Option("--sport", metavar="TEXT", help="Only of this sport.")] = None,
    text: Annotated[
        str | None, typer.Option("--search", metavar="TEXT", help="Only with words that begin with these.")
    ] = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what one can bet on now, newest first."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = list(api.items(EVENTS_PATH, status="all" if every else None, sport=sport, q=text))
    if as_json:
        screen.document({"items": found})
    elif found:
        rows = [_row(event) for event in found]
        whole = ("Id", "Deadline", "Status")
        screen.table(_COLUMNS, rows, whole=whole, names=("Event", "Odds"), spare=("Sport", "Deadline"))
    else:
        screen.say("There is no event." if every else "One can bet on nothing now. To see all events: --all")


@events.command("show", cls=ConsoleCommand)
def show(event: EventArgument, data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Show an event with all its markets."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = api.get(event_path(event))
    if as_json:
        screen.document(found)
        return
    screen.say(f"[bold]{escape(found['title'])}[/]  {_status(found)}")
    facts = {
        "Id": found["id"],
        "Sport": found["sport"],
        "Competition": found["competition"],
        "Starts": found["starts_at"] and moment_text(found["starts_at"]),
        "Deadline": moment_text(found["deadline"]),
        "As of": "never" if found["as_of"] is None else moment_text(found["as_of"]),
    }
    screen.facts({name: value for name, value in facts.items() if value})
    screen.say()
    rows = [
        (
            market["name"],
            selection["name"],
            f"{market['key']} {selection['key']}",
            odds_text(selection["odds"]),
            selection["status"] if market["status"] == "open" else market["status"],
            _result(selection),
        )
        for market in found["markets"]
        for selection in market["selections"]
    ]
    screen.table(_SELECTIONS, rows, numbers=("Odds",), whole=("Status", "Result"), names=("Market", "Selection"))


def _add_step(step: str, description: str, *, result: str, question: str | None = None) -> None:
    """Add a command that takes nothing but the event, and asks ``question`` first if there is one."""

    def take_step(
        event: EventArgument,
        yes: YesOption = False,
        key: KeyOption = None,
        data: DataOption = DATA_DIR,
        url: UrlOption = None,
        as_json: JsonOption = False,
    ) -> None:
        with connect(data, url) as api:
            if question is not None:
                confirm(question.format(api.get(event_path(event))["title"]), yes=yes)
            answer = api.post(event_path(event, step), {}, key=key)
        _print_answer(answer, result, as_json=as_json)

    events.command(step, help=description, cls=ConsoleCommand)(take_step)


_add_step("suspend", "Take no bets on an event, whatever its provider says.", result="takes no bets")
_add_step("resume", "Take bets on an event again.", result="takes bets again, unless its provider has suspended it")
_add_step(
    "void",
    "Say that nothing of an event counts; stakes are given back.",
    result="is void; everybody has back what they staked",
    question="Nothing of {} counts, and all stakes are given back.",
)


@events.command("settle", cls=ConsoleCommand)
def settle(
    event: EventArgument,
    results: Annotated[
        list[str],
        typer.Option(
            "--result",
            metavar="[MARKET:]SELECTION=RESULT",
            help="won, lost, void, half_won or half_lost, by keys; won:1/2 in a dead heat. Once for each; "
            "who is not named in a market has lost.",
        ),
    ],
    correction: Annotated[
        bool, typer.Option("--correction", help="Undo the result there is, and book this one instead.")
    ] = False,
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how an event ended, when its provider is silent or wrong. A correction asks first."""
    named = [_read_result(result) for result in results]
    with connect(data, url) as api:
        if correction:
            title = api.get(event_path(event))["title"]
            confirm(f"The result of {title} is taken back, and this one booked instead.", yes=yes)
        body: dict[str, Any] = {"results": named} | ({"correction": True} if correction else {})
        answer = api.post(event_path(event, "settle"), body, key=key)
    _print_answer(answer, "is settled; its bets are being paid", as_json=as_json)


@events.command("rollback", cls=ConsoleCommand)
def rollback(
    event: EventArgument,
    markets: MarketsOption = None,
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take results back: what was paid is reversed, and the bets are open again. Asks first."""
    with connect(data, url) as api:
        title = api.get(event_path(event))["title"]
        confirm(f"The result of {title} is taken back, and what was paid is reversed.", yes=yes)
        answer = api.post(event_path(event, "rollback"), {"markets": markets}, key=key)
    _print_answer(answer, "has its result no longer; its bets are being opened again", as_json=as_json)


@events.command("cancel", cls=ConsoleCommand)
def cancel(
    event: EventArgument,
    since: Annotated[
        str, typer.Option("--from", metavar="TIME", help="Bets struck then are void; such as 2027-05-20T15:00:00Z.")
    ],
    until: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Bets struck then are good. Left out: now.")
    ] = None,
    markets: MarketsOption = None,
    restored: Annotated[bool, typer.Option("--restored", help="Take such a cancellation back.")] = False,
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Void the bets struck on an event in some time, settled or not, when its odds were wrong. Asks first."""
    with connect(data, url) as api:
        title = api.get(event_path(event))["title"]
        question = (
            f"All bets struck on {title} from {since} on that were cancelled are bets again."
            if restored
            else f"All bets struck on {title} from {since} to {until or 'now'} are void."
        )
        confirm(question, yes=yes)
        body = {"from": since, "to": until, "markets": markets, "restored": restored}
        answer = api.post(event_path(event, "cancel"), body, key=key)
    done = "has the bets of that time again" if restored else "is rid of the bets of that time"
    comes = "their stakes are being taken" if restored else "their stakes are being given back"
    _print_answer(answer, f"{done}; {comes}", as_json=as_json)


@events.command("remove", cls=ConsoleCommand)
def remove(
    event: EventArgument,
    selection: Annotated[str, typer.Argument(metavar="[MARKET:]SELECTION", help="By keys. Left out: the market main.")],
    reduction_bps: Annotated[
        int,
        typer.Option(
            "--reduction-bps",
            min=0,
            max=9_000,
            metavar="N",
            help="By how many hundredths of a percent bets struck before on the others win less.",
        ),
    ] = 0,
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a selection out; bets on it are void, and what bets on the others win is reduced. Asks first."""
    market, colon, chosen = selection.partition(":")
    named: Document = {"market": market if colon else MAIN, "selection": chosen if colon else selection}
    with connect(data, url) as api:
        title = api.get(event_path(event))["title"]
        confirm(f"{named['selection']} is taken out of {title}, and bets on it are void.", yes=yes)
        answer = api.post(event_path(event, "remove"), named | {"reduction_bps": reduction_bps}, key=key)
    _print_answer(answer, f"goes on without {named['selection']}", as_json=as_json)


def _read_result(text: str) -> Document:
    """Return what one option says. Raises :class:`Misused` unless it is a selection and a result."""
    where, equals, outcome = text.rpartition("=")
    result, _, dead_heat = outcome.partition(":")
    if not equals or not where or result not in _RESULTS:
        raise Misused(f"{text!r} is no result.", "Write SELECTION=won, or MARKET:SELECTION=lost, void, half_won…")
    market, colon, selection = where.partition(":")
    read: Document = {
        "market": market if colon else MAIN,
        "selection": selection if colon else where,
        "result": result,
    }
    return read | ({"dead_heat": dead_heat} if dead_heat else {})


def _print_answer(answer: Answer, result: str, *, as_json: bool) -> None:
    screen = Screen(as_json=as_json)
    if as_json:
        screen.document(answer.document)
    else:
        screen.done(f"[bold]{escape(answer.document['id'])}[/] {escape(result)}.", replayed=answer.replayed)


def _row(event: Document) -> tuple[str, ...]:
    return (
        event["id"],
        event["title"],
        event["sport"] or NOTHING,
        moment_text(event["deadline"]),
        _odds(event),
        _status(event),
    )


def _odds(event: Document) -> str:
    """Return the odds of the first market, and how many more markets there are."""
    if event["coefficient"] is not None:
        return odds_text(event["coefficient"])
    if not event["markets"]:
        return NOTHING
    selections = event["markets"][0]["selections"]
    shown = ", ".join(f"{one['name']} {odds_text(one['odds'])}" for one in selections[:_SHOWN_MAX])
    more = " …" if len(selections) > _SHOWN_MAX else ""
    others = len(event["markets"]) - 1
    return f"{shown}{more}" + (f" (+{others})" if others else "")


def _status(event: Document) -> str:
    if event["status"] != "new":
        return str(event["status"])
    if event["suspended"]:
        return "suspended"
    return "stale" if event["stale"] else "open"


def _result(selection: Document) -> str:
    if selection["result"] is None:
        return ""
    words = str(selection["result"]).replace("_", " ")
    return words if selection["dead_heat"] is None else f"{words}, dead heat {selection['dead_heat']}"
