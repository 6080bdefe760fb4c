"""`evens round`: what operators do with rounds, and how anybody checks one."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Final

import typer

from evens.edges.cli.api import Document, connect
from evens.edges.cli.asking import YesOption, confirm
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.options import DATA_DIR, DataOption, JsonOption, KeyOption, UrlOption
from evens.edges.cli.pools.paths import NOTHING, CodeArgument, PoolOption, find_pool, pool_path
from evens.edges.cli.screen import Screen
from evens.edges.cli.wording import amount_text, moment_text

rounds = typer.Typer(help="Rounds of pools: open, lock, settle, check.", cls=ConsoleGroup)

_COLUMNS: Final = ("Pool", "Code", "Up", "Down", "", "Status", "Before", "Close", "Next")


class Result(StrEnum):
    """How a round ended; auto asks the pool's sources."""

    AUTO = "auto"
    UP = "up"
    DOWN = "down"


class Corrected(StrEnum):
    """How a round ended in truth."""

    UP = "up"
    DOWN = "down"
    VOID = "void"


class Status(StrEnum):
    """Where a round stands."""

    OPEN = "open"
    LOCKED = "locked"
    SETTLED = "settled"
    VOID = "void"


@rounds.command("list", cls=ConsoleCommand)
def list_rounds(
    pool: PoolOption = None,
    status: Annotated[
        Status | None, typer.Option("--status", metavar="open|locked|settled|void", help="Only these.")
    ] = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the rounds of a pool, newest first, each with what comes next."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        wanted = find_pool(api, pool)["key"]
        params = {"limit": 50, "status": None if status is None else status.value}
        found = api.get(pool_path(wanted, "rounds"), **params)["items"]
    if as_json:
        screen.document({"items": found})
    elif found:
        rows = [_row(each) for each in found]
        numbers = ("Up", "Down", "Before", "Close")
        screen.table(_COLUMNS, rows, numbers=numbers, whole=("Code", "Next"), spare=("Pool", "Before", "Close"))
    else:
        screen.say("There is no such round.")


@rounds.command("open", cls=ConsoleCommand)
def open_round(
    code: Annotated[
        str | None, typer.Argument(metavar="[CODE]", help="Left out: the next one by the pool's calendar.")
    ] = None,
    pool: PoolOption = None,
    locks_at: Annotated[str | None, typer.Option("--locks-at", metavar="TIME", help="With --settles-at.")] = None,
    settles_at: Annotated[str | None, typer.Option("--settles-at", metavar="TIME", help="With --locks-at.")] = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let people bet in a new round."""
    with connect(data, url) as api:
        wanted = find_pool(api, pool)["key"]
        body = {"code": code, "locks_at": locks_at, "settles_at": settles_at}
        answer = api.post(pool_path(wanted, "rounds"), body, key=key)
    _print(answer.document, "takes bets", replayed=answer.replayed, as_json=as_json)


@rounds.command("lock", cls=ConsoleCommand)
def lock(
    code: CodeArgument,
    pool: PoolOption = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take no more bets in a round whose time has come."""
    with connect(data, url) as api:
        answer = api.post(pool_path(find_pool(api, pool)["key"], "rounds", code, "lock"), {}, key=key)
    _print(answer.document, "takes no more bets", replayed=answer.replayed, as_json=as_json)


@rounds.command("settle", cls=ConsoleCommand)
def settle(
    code: CodeArgument,
    result: Annotated[Result, typer.Option("--result", metavar="auto|up|down", help="auto asks the sources.")] = (
        Result.AUTO
    ),
    price: Annotated[str | None, typer.Option("--price", metavar="PRICE", help="The close, for the evidence.")] = None,
    against_sources: Annotated[
        str | None,
        typer.Option("--against-sources", metavar="WHY", help="Needed if they have decided otherwise; it is public."),
    ] = None,
    pool: PoolOption = None,
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how a locked round ended, or have its sources asked now. Asks first."""
    with connect(data, url) as api:
        wanted = find_pool(api, pool)["key"]
        if result is not Result.AUTO:
            confirm(f"{code} is paid to those who said {result.value}.", yes=yes)
        body = {"result": result.value, "price": price, "against_sources": against_sources}
        answer = api.post(pool_path(wanted, "rounds", code, "settle"), body, key=key)
    _print(answer.document, f"ended {answer.document['result']}", replayed=answer.replayed, as_json=as_json)


@rounds.command("price", cls=ConsoleCommand)
def tell_price(
    code: CodeArgument,
    price: Annotated[str, typer.Option("--price", metavar="PRICE", help="The close, such as 15003.25.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="How you know; it is public.")],
    source: Annotated[
        str | None, typer.Option("--source", metavar="NAME", help="Left out: the only source that asks operators.")
    ] = None,
    pool: PoolOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell the close of a locked round, where a source of its pool is an operator. It counts to the quorum."""
    with connect(data, url) as api:
        wanted = find_pool(api, pool)["key"]
        body = {"price": price, "reason": reason, "source": source}
        told = api.post(pool_path(wanted, "rounds", code, "price"), body).document
    screen = Screen(as_json=as_json)
    if as_json:
        screen.document(told)
    else:
        screen.done(f"{told['source']} says {told['price']} for [bold]{told['code']}[/] of {told['pool']}.")


@rounds.command("void", cls=ConsoleCommand)
def void(
    code: CodeArgument,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Whoever bet is told.")],
    pool: PoolOption = None,
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give every stake of a round without a result back. Asks first."""
    with connect(data, url) as api:
        wanted = find_pool(api, pool)["key"]
        confirm(f"All stakes in {code} are given back.", yes=yes)
        answer = api.post(pool_path(wanted, "rounds", code, "void"), {"reason": reason}, key=key)
    _print(answer.document, "is void", replayed=answer.replayed, as_json=as_json)


@rounds.command("correct", cls=ConsoleCommand)
def correct(
    code: CodeArgument,
    result: Annotated[Corrected, typer.Option("--result", metavar="up|down|void", help="How it ended in truth.")],
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="What was wrong.")] = None,
    price: Annotated[
        str | None, typer.Option("--price", metavar="PRICE", help="The close, with which the next round is compared.")
    ] = None,
    pool: PoolOption = None,
    yes: YesOption = False,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replace a result that was wrong; what was paid is corrected. Asks first."""
    with connect(data, url) as api:
        wanted = find_pool(api, pool)["key"]
        confirm(f"What was paid for {code} is corrected to {result.value}.", yes=yes)
        body = {"result": result.value, "reason": reason, "price": price}
        answer = api.post(pool_path(wanted, "rounds", code, "correct"), body, key=key)
    _print(answer.document, f"ended {answer.document['result']}", replayed=answer.replayed, as_json=as_json)


def _print(state: Document, result: str, *, replayed: bool, as_json: bool) -> None:
    screen = Screen(as_json=as_json)
    if as_json:
        screen.document(state)
        return
    coming = f" {state['coming']}" if state["coming"] else ""
    screen.done(f"[bold]{state['code']}[/] of {state['pool']} {result}.{coming}", replayed=replayed)


def _row(each: Document) -> tuple[str, ...]:
    sides = each["sides"]
    return (
        each["pool"],
        each["code"],
        amount_text(sides["up"]["staked"]),
        amount_text(sides["down"]["staked"]),
        each["currency"],
        each["result"] or each["status"],
        each["reference_price"] or NOTHING,
        each["closing_price"] or NOTHING,
        _next(each),
    )


def _next(each: Document) -> str:
    """Return what comes next for a round, in words."""
    if each["status"] == "open":
        return f"locks {moment_text(each['locks_at'])}"
    if each["status"] == "locked":
        is_due = datetime.fromisoformat(each["settles_at"]) <= datetime.now(UTC)
        return f"{'waits since' if is_due else 'settles'} {moment_text(each['settles_at'])}"
    return NOTHING if each["fee"] is not None else "is being paid"
