"""Betting with the house by the real `evens` command, on a house that listens on a real port."""

import asyncio

from evens.core.values.fixed_odds import LineMarket, LineSelection
from tests.edges.conftest import Caller, Desk, OpenHouse
from tests.edges.sportsbook.counter import MATCH, ONE, fund, over, publish


async def test_a_bet_is_placed_shown_listed_and_settled(house: OpenHouse, desk: Desk, ada: Caller) -> None:
    await fund(house)
    await publish(house, "m1", MATCH, title="Ann v Bo", sport="tennis")
    listed = (await desk.call("event", "list")).out
    assert "Ann v Bo" in listed
    assert "Ann 2.5, Draw 3, Bo 4" in listed
    shown = (await desk.call("event", "show", "m1")).out
    assert ["Match", "odds", "Ann", "main", "home", "2.5", "open"] in [line.split() for line in shown.splitlines()]
    placed = await desk.call("bet", "place", "ada", "m1", "home", "10", "--odds", "2.4")
    assert "ada bets 10.00 USD on Ann in Ann v Bo at 2.5, to be paid 25.00 USD." in placed.out, placed
    (bet,) = (await desk.ask("bet", "list", "ada", "--status", "open"))["items"]
    (one,) = (await desk.ask("book", "exposure"))["items"]
    assert one["worst_case"] == "15.00"
    assert "15.00" in (await desk.call("book", "exposure")).out
    refused = await desk.call("bet", "place", "ada", "m1", "main", "home", "10", "--odds", "2.6")
    assert (refused.code, "The odds have changed" in refused.err) == (1, True)
    assert (await desk.call("event", "settle", "m1", "--result", "home=won")).code == 0
    await over(ada, bet["id"])
    details = (await desk.call("bet", "show", bet["id"])).out
    assert "25.00 USD" in details
    assert "won" in details
    assert "won" in (await desk.call("bet", "list", "ada")).out
    corrected = await desk.call(
        "event", "settle", "m1", "--result", "home=lost", "--result", "away=won", "--correction"
    )
    assert (corrected.code, "--yes" in corrected.err) == (2, True)


async def test_several_legs_are_an_accumulator(house: OpenHouse, desk: Desk, ada: Caller) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    await publish(house, "m2", ONE)
    bet = await desk.ask("bet", "place", "ada", "10", "--leg", "m1/main/home@2.50", "--leg", "m2", "--accept", "none")
    assert (bet["kind"], bet["odds"], len(bet["legs"])) == ("accumulator", "5.00", 2)
    lines = [line.split() for line in (await desk.call("book", "exposure")).out.splitlines()]
    assert "m2 Event m2 1 10.00 40.00 USD".split() in lines
    reserved = "Reserved: 40.00 USD, 0.00 USD of it for singles and 40.00 USD for accumulators."
    assert " ".join(lines[-1]) == reserved
    assert "Ann in Event m1 × Yes in Event m2" in (await desk.call("bet", "list", "ada")).out
    void = await desk.call("bet", "void", bet["id"], "--yes")
    assert f"{bet['id']} is void: 10.00 USD is paid." in void.out, void


async def test_a_bet_is_cashed_out_after_a_question(house: OpenHouse, desk: Desk, ada: Caller) -> None:
    await fund(house)
    await publish(house, "m1", LineMarket("main", "Win", (LineSelection("win", "Yes", 300),)))
    bet = await desk.ask("bet", "place", "ada", "m1", "10")
    await publish(house, "m1", ONE, version=2)
    asked = await desk.call("bet", "cash-out", bet["id"])
    assert (asked.code, "14.25 USD" in asked.err) == (2, True), asked
    done = await desk.call("bet", "cash-out", bet["id"], "--yes")
    assert f"{bet['id']} is cashed out: 14.25 USD is paid." in done.out, done


async def test_operators_take_back_what_was_wrong(house: OpenHouse, desk: Desk, ada: Caller) -> None:
    await fund(house)
    await publish(house, "m1", MATCH, title="Ann v Bo")
    bet = await desk.ask("bet", "place", "ada", "m1", "home", "10")
    await desk.ask("event", "settle", "m1", "--result", "home=won")
    await over(ada, bet["id"])
    asked = await desk.call("event", "rollback", "m1")
    assert (asked.code, "The result of Ann v Bo is taken back" in asked.err) == (2, True), asked
    async with asyncio.timeout(30):
        # The house may still be at the last part of the settlement.
        while (done := await desk.call("event", "rollback", "m1", "--market", "main", "--yes")).code == 1:
            assert "are being dealt with" in done.err, done
    assert "opened again" in done.out, done
    assert (await desk.ask("event", "show", "m1"))["markets"][0]["status"] == "suspended"
    await publish(house, "m1", MATCH, title="Ann v Bo", version=2)
    async with asyncio.timeout(30):
        while (await desk.ask("event", "show", "m1"))["markets"][0]["status"] != "open":
            pass
    removed = await desk.call("event", "remove", "m1", "away", "--reduction-bps", "1000", "--yes")
    assert "goes on without away" in removed.out, removed
    async with asyncio.timeout(30):
        while (await desk.ask("event", "show", "m1"))["markets"][0]["status"] != "open":
            pass
    cancelled = await desk.call("event", "cancel", "m1", "--from", bet["placed_at"], "--yes")
    assert "being given back" in cancelled.out, cancelled
    assert (await over(ada, bet["id"]))["status"] == "void"
    wrong = await desk.call("event", "cancel", "m1", "--from", "yesterday", "--yes")
    assert (wrong.code, "from" in wrong.err) == (1, True), wrong


async def test_operators_stop_resume_and_void_events(house: OpenHouse, desk: Desk) -> None:
    await publish(house, "m1", ONE)
    assert "takes no bets" in (await desk.call("event", "suspend", "m1")).out
    assert "suspended" in (await desk.call("event", "list", "--all")).out
    assert "takes bets again" in (await desk.call("event", "resume", "m1")).out
    assert (await desk.call("event", "void", "m1")).code == 2
    assert "is void" in (await desk.call("event", "void", "m1", "--yes")).out
