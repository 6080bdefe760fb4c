"""Pools by the real `evens` command, on a house that listens on a real port."""

import asyncio
from pathlib import Path

import pytest

from tests.edges.conftest import Caller, Desk, OpenHouse
from tests.edges.exchange.floor import wallet
from tests.edges.pools.window import bet, change, create, locked, open_round, soon

TIMES = ("--locks-at", "2099-01-02T20:59:59Z", "--settles-at", "2099-01-02T21:05:00Z")
CODE = "20990102"


async def begun(desk: Desk) -> None:
    """Create a pool with an open round, by command."""
    made = await desk.call(
        "pool",
        "create",
        "ndx-daily",
        "--name",
        "NASDAQ Composite, daily",
        "--symbol",
        "IXIC",
        "--currency",
        "USD",
        "--min-stake",
        "0.01",
    )
    assert "ndx-daily begins: NASDAQ Composite, daily in USD." in made.out, made
    opened = await desk.call("round", "open", CODE, *TIMES)
    assert f"{CODE} of ndx-daily takes bets." in opened.out, opened


async def paid(desk: Desk) -> None:
    """Wait until the round is paid."""
    async with asyncio.timeout(60):
        while (await desk.ask("round", "list"))["items"][0]["fee"] is None:
            pass


async def test_a_round_is_opened_bet_in_settled_corrected_and_verified(
    house: OpenHouse, desk: Desk, ada: Caller
) -> None:
    bob = await house.customer("bob", USD=100_00)
    assert "There is no pool yet; evens pool create makes one." in (await desk.call("pool", "list")).out
    await begun(desk)
    placed = await desk.call("pool", "bet", "--user", "ada", "--side", "up", "--amount", "10")
    assert f"ada bets 10.00 USD on up in {CODE}; nobody is on the other side yet." in placed.out, placed
    await desk.ask("pool", "bet", "--user", "bob", "--side", "down", "--amount", "10", "--round", CODE)
    more = await desk.call("pool", "bet", "--user", "bob", "--side", "down", "--amount", "0.01")
    assert "1 pays 1.98" in more.out, more
    (listed,) = (await desk.ask("pool", "list"))["items"]
    assert listed["key"] == "ndx-daily"
    row = (await desk.call("pool", "list")).out
    assert all(text in row for text in ("ndx-daily", "10.00", "10.01", CODE, "1 %")), row
    unlocked = await desk.call("round", "settle", CODE, "--result", "up", "--yes")
    assert (unlocked.code, "lock it first" in unlocked.err) == (1, True), unlocked
    locked = await desk.call("round", "lock", CODE)
    assert f"{CODE} of ndx-daily takes no more bets." in locked.out, locked
    asked = await desk.call("round", "settle", CODE, "--result", "up")
    assert (asked.code, "paid to those who said up" in asked.err) == (2, True), asked
    nobody_tells = await desk.call("round", "settle", CODE)
    assert (nobody_tells.code, "say up or down" in nobody_tells.err) == (1, True), nobody_tells
    settled = await desk.call("round", "settle", CODE, "--result", "up", "--price", "15003.25", "--yes")
    assert f"{CODE} of ndx-daily ended up." in settled.out, settled
    await paid(desk)
    assert await wallet(ada) == ("109.91", "0.00")
    bets = (await desk.call("pool", "bets", "--user", "ada")).out
    assert all(text in bets for text in ("10.00", "19.91", "won")), bets
    verified = await desk.call("round", "verify", CODE)
    assert (verified.code, "All 3 payouts are right." in verified.out) == (1, True), verified
    assert "It was locked before its time, and not because it was void." in verified.out, verified
    corrected = await desk.call("round", "correct", CODE, "--result", "down", "--reason", "wrong source", "--yes")
    assert f"{CODE} of ndx-daily ended down." in corrected.out, corrected
    await paid(desk)
    assert await wallet(bob) == ("109.89", "0.00")


async def test_a_round_that_was_run_in_its_time_is_verified(desk: Desk, operator: Caller, ada: Caller) -> None:
    await create(operator)
    await open_round(operator, **soon())
    await bet(ada, "up", "10.00")
    await locked(operator)
    await change(operator, "settle", {"result": "up", "price": "15003.25"})
    verified = await desk.call("round", "verify", CODE)
    assert (verified.code, "is an operator's word" in verified.out) == (0, True), verified
    await change(operator, "correct", {"result": "down", "reason": "wrong source"})
    checked = await desk.ask("round", "verify", CODE)
    assert (checked["holds"], checked["code"]) == (True, CODE)


async def test_a_round_is_void_after_a_question(house: OpenHouse, desk: Desk, ada: Caller) -> None:
    await begun(desk)
    await desk.ask("pool", "bet", "--user", "ada", "--side", "up", "--amount", "10")
    asked = await desk.call("round", "void", CODE, "--reason", "closed")
    assert (asked.code, f"All stakes in {CODE} are given back." in asked.err) == (2, True), asked
    void = await desk.call("round", "void", CODE, "--reason", "closed", "--yes")
    assert f"{CODE} of ndx-daily is void." in void.out, void
    await paid(desk)
    assert await wallet(ada) == ("100.00", "0.00")
    assert "refunded" in (await desk.call("pool", "bets", "--user", "ada")).out
    assert "closed" in (await desk.call("round", "verify", CODE)).out


async def test_a_customer_bets_with_a_key_of_their_own(desk: Desk, ada: Caller) -> None:
    await begun(desk)
    mine = Desk(desk.url, ada)
    placed = await mine.call("pool", "bet", "--user", "me", "--side", "down", "--amount", "1", "--key", "k")
    assert "ada bets 1.00 USD on down" in placed.out, placed
    again = await mine.call("pool", "bet", "--user", "me", "--side", "down", "--amount", "1", "--key", "k")
    assert again.code == 0, again
    assert len((await mine.ask("pool", "bets", "--user", "me"))["items"]) == 1
    assert len((await mine.ask("pool", "bets"))["items"]) == 1
    assert len((await desk.ask("pool", "bets", "--round", CODE))["items"]) == 1
    assert ada.id in (await desk.call("pool", "bets", "--round", CODE)).out
    assert (await mine.call("round", "lock", CODE)).code == 1
    too_much = await mine.call("pool", "bet", "--user", "me", "--side", "up", "--amount", "1000")
    assert (too_much.code, "USD" in too_much.err) == (1, True), too_much


async def test_which_pool_is_meant_is_asked_when_there_are_several(desk: Desk, tmp_path: Path) -> None:
    running = tmp_path / "minute.toml"
    running.write_text('quorum = 1\n[[sources]]\nname = "walk"\nkind = "simulated"\nseed = 7\n', encoding="utf-8")
    without = await desk.call("round", "list")
    assert (without.code, "evens pool create" in without.err) == (2, True), without
    await begun(desk)
    made = await desk.ask(
        *("pool", "create", "minute", "--name", "By the minute", "--symbol", "SIM", "--calendar", "every:60"),
        *("--currency", "USDC", "--fee-bps", "250", "--running", str(running)),
    )
    assert (made["calendar"], made["sources"]) == ("every:60", [{"name": "walk", "kind": "simulated"}])
    for arguments in (("round", "list"), ("pool", "bet", "--user", "x", "--side", "up", "--amount", "1")):
        asked = await desk.call(*arguments)
        assert asked.code in (1, 2), asked
    asked = await desk.call("round", "list")
    assert "Say which pool with --pool: minute, ndx-daily." in asked.err, asked
    assert "There is no such round." in (await desk.call("round", "list", "--pool", "minute")).out
    wrong = await desk.call("pool", "create", "x", "--name", "X", "--symbol", "X", "--calendar", "never")
    assert (wrong.code, "calendar" in wrong.err) == (1, True), wrong


@pytest.mark.parametrize("columns", [80, 120])
async def test_lists_fit_the_screen_and_cut_no_code_amount_or_next_step(desk: Desk, ada: Caller, columns: int) -> None:
    await begun(desk)
    await desk.ask("pool", "bet", "--user", "ada", "--side", "up", "--amount", "99.99")
    await desk.ask("round", "open", "20990105", *TIMES)
    # Of rounds that lock at the same time the oldest is the current one.
    assert CODE in (await desk.call("pool", "list")).out
    await desk.ask("round", "lock", CODE)
    for arguments, more in (
        (("pool", "list"), "2099-01-02 20:59:59 UTC"),
        (("pool", "bets", "--user", "ada"), "open"),
        (("round", "list"), "settles 2099-01-02 21:05:00 UTC"),
    ):
        out = await desk.look(*arguments, columns=columns)
        lines = out.splitlines()
        assert max(map(len, lines)) <= columns, out
        assert "…" not in out, out
        assert more in out, out
    assert ("NASDAQ" in await desk.look("pool", "list", columns=columns)) is (columns == 120)
