"""`evens pool`: pools, and bets in them."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from evens.edges.cli.api import Document, connect
from evens.edges.cli.console_command import ConsoleCommand, ConsoleGroup
from evens.edges.cli.failures import Misused
from evens.edges.cli.options import (
    DATA_DIR,
    CurrencyOption,
    DataOption,
    JsonOption,
    KeyOption,
    UrlOption,
)
from evens.edges.cli.pools.paths import BETS_PATH, NOTHING, POOLS_PATH, PoolOption, find_pool, pool_path
from evens.edges.cli.screen import Screen, escape
from evens.edges.cli.wording import amount_text, moment_text, money_text

pools = typer.Typer(help="Bet in pools: up or down until the close.", cls=ConsoleGroup)

_COLUMNS: Final = ("Pool", "Name", "Round", "Locks", "Up", "Down", "", "Fee")
_BETS: Final = ("Id", "User", "Placed", "Round", "Side", "Stake", "Paid", "", "Status")


class Side(StrEnum):
    """What the price does until the close."""

    UP = "up"
    DOWN = "down"


@pools.command("list", cls=ConsoleCommand)
def list_pools(data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """List the pools, each with the round in which one can bet."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = api.get(POOLS_PATH)["items"]
        if as_json:
            screen.document({"items": found})
            return
        opened = [list(api.items(pool_path(pool["key"], "rounds"), status="open")) for pool in found]
    rows = [_row(pool, _current(each)) for pool, each in zip(found, opened, strict=True)]
    if rows:
        numbers, whole = ("Up", "Down", "Fee"), ("Pool", "Round", "Locks")
        screen.table(_COLUMNS, rows, numbers=numbers, whole=whole, names=("Name",), spare=("Name",))
    else:
        screen.say("There is no pool yet; [bold]evens pool create[/] makes one.")


@pools.command("create", cls=ConsoleCommand)
def create(
    key_name: Annotated[str, typer.Argument(metavar="KEY", help="What the pool is called, such as ndx-daily.")],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="What people see.")],
    symbol: Annotated[str, typer.Option("--symbol", metavar="TEXT", help="What the price is of, such as IXIC.")],
    calendar: Annotated[
        str,
        typer.Option("--calendar", metavar="XNAS|every:SECONDS", help="An exchange's days, or their length."),
    ] = "XNAS",
    fee_bps: Annotated[int, typer.Option("--fee-bps", metavar="N", help="Of what the losing side staked.")] = 100,
    min_stake: Annotated[str | None, typer.Option("--min-stake", metavar="AMOUNT")] = None,
    max_stake: Annotated[str | None, typer.Option("--max-stake", metavar="AMOUNT")] = None,
    running: Annotated[
        Path | None,
        typer.Option("--running", metavar="FILE", help="A TOML file with sources, quorum and the like.", exists=True),
    ] = None,
    currency: CurrencyOption = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin a series of rounds."""
    body: dict[str, Any] = {"calendar": calendar} | ({} if running is None else _read_running(running))
    body |= {"key": key_name, "name": name, "symbol": symbol, "fee_bps": fee_bps, "currency": currency}
    body |= {"min_stake": min_stake, "max_stake": max_stake}
    with connect(data, url) as api:
        answer = api.post(POOLS_PATH, body, key=key)
    screen = Screen(as_json=as_json)
    if as_json:
        screen.document(answer.document)
    else:
        pool = answer.document
        screen.done(
            f"[bold]{pool['key']}[/] begins: {escape(pool['name'])} in {pool['currency']}.", replayed=answer.replayed
        )


@pools.command("stop", cls=ConsoleCommand)
def stop(
    pool: Annotated[str, typer.Argument(metavar="POOL", help="By its key.")],
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
) -> None:
    """Open no further rounds; what is open goes on to its end."""
    with connect(data, url) as api:
        answer = api.post(pool_path(pool, "stop"), {}, key=key)
    Screen(as_json=False).done(f"[bold]{escape(pool)}[/] opens no further rounds.", replayed=answer.replayed)


@pools.command("resume", cls=ConsoleCommand)
def resume(
    pool: Annotated[str, typer.Argument(metavar="POOL", help="By its key.")],
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
) -> None:
    """Open rounds again, beginning with the next one by the calendar."""
    with connect(data, url) as api:
        answer = api.post(pool_path(pool, "resume"), {}, key=key)
    Screen(as_json=False).done(f"[bold]{escape(pool)}[/] opens rounds again.", replayed=answer.replayed)


@pools.command("bet", cls=ConsoleCommand)
def bet(
    user: Annotated[str, typer.Option("--user", metavar="USER", help="By name or id; me with one's own key.")],
    side: Annotated[Side, typer.Option("--side", metavar="up|down", help="What the price does until the close.")],
    amount: Annotated[str, typer.Option("--amount", metavar="AMOUNT", help="The stake.")],
    pool: PoolOption = None,
    code: Annotated[
        str | None, typer.Option("--round", metavar="CODE", help="Left out: the open round that locks first.")
    ] = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bet that the price closes up or down."""
    with connect(data, url) as api:
        customer = api.find_user(user)
        wanted = find_pool(api, pool)["key"]
        body = {"side": side.value, "amount": amount, "round": code}
        body["user_id"] = None if user == "me" else customer["id"]
        answer = api.post(pool_path(wanted, "bets"), body, key=key)
        placed = answer.document
        known = {} if as_json else api.get(pool_path(wanted, "rounds", placed["round"]))
    screen = Screen(as_json=as_json)
    if as_json:
        screen.document(placed)
        return
    pays = known["sides"][placed["side"]]["pays_per_unit"]
    tells = "nobody is on the other side yet" if pays is None else f"1 pays {amount_text(pays)} as things stand"
    staked = money_text(placed["amount"], placed["currency"])
    screen.done(
        f"[bold]{escape(customer['username'])}[/] bets {staked} on {placed['side']} in {placed['round']}; {tells}. "
        f"[dim]{placed['id']}[/]",
        replayed=answer.replayed,
    )


@pools.command("bets", cls=ConsoleCommand)
def list_bets(
    user: Annotated[
        str | None,
        typer.Option("--user", metavar="USER", help="By name or id. Left out: one's own, with --round everybody's."),
    ] = None,
    pool: PoolOption = None,
    code: Annotated[str | None, typer.Option("--round", metavar="CODE", help="Only in this round.")] = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """List bets in pools, newest first: a user's, or everybody's in a round."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        whose = None if user is None else api.find_user(user)["id"]
        # Without a round, bets in all pools are listed unless one is named.
        wanted = None if pool is None and code is None else find_pool(api, pool)["key"]
        found = list(api.items(BETS_PATH, user_id=whose, pool=wanted, round=code))
    if as_json:
        screen.document({"items": found})
    elif found:
        rows = [_bet_row(each) for each in found]
        screen.table(
            _BETS,
            rows,
            numbers=("Stake", "Paid"),
            whole=("Id", "Placed", "Round", "Side"),
            spare=("User", "Placed", "Id"),
        )
    else:
        screen.say("There is no such bet.")


def _current(rounds: list[Document]) -> Document | None:
    """Return the round in which a bet would be placed: of those that lock first, the oldest. The newest comes first."""
    return min(reversed(rounds), key=lambda each: each["locks_at"], default=None)


def _row(pool: Document, current: Document | None) -> tuple[str, ...]:
    fee = f"{pool['fee_bps'] / 100:g} %"
    if current is None:
        return pool["key"], pool["name"], NOTHING, NOTHING, NOTHING, NOTHING, pool["currency"], fee
    sides = current["sides"]
    return (
        pool["key"],
        pool["name"],
        current["code"],
        moment_text(current["locks_at"]),
        amount_text(sides["up"]["staked"]),
        amount_text(sides["down"]["staked"]),
        pool["currency"],
        fee,
    )


def _bet_row(each: Document) -> tuple[str, ...]:
    paid = NOTHING if each["payout"] is None else amount_text(each["payout"])
    return (
        each["id"],
        each["user_id"],
        moment_text(each["placed_at"]),
        each["round"],
        each["side"],
        amount_text(each["amount"]),
        paid,
        each["currency"],
        each["status"],
    )


def _read_running(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Misused(f"{file} cannot be read as TOML: {error}") from error
