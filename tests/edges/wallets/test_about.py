"""A statement says what money was moved for, whatever the product."""

import csv
import io
from typing import Any

import pytest

from tests.edges.challenges import dares
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange import floor
from tests.edges.pools import window
from tests.edges.sportsbook import counter


@pytest.fixture
async def bob(house: OpenHouse) -> Caller:
    """A customer with 100.00 USD."""
    return await house.customer("bob", USD=100_00)


async def told(caller: Caller) -> list[tuple[str, Any]]:
    """Return the kinds of a statement's lines with what they are about, the oldest first."""
    items = (await caller.get("/v1/users/me/transactions", order="recorded")).json()["items"]
    return [(item["kind"], item["about"]) for item in items[::-1]]


async def test_a_market_is_named_from_the_stake_to_the_correction(operator: Caller, ada: Caller, bob: Caller) -> None:
    market = await floor.open_market(operator, commission_bps=500)
    waiting = await floor.place(ada, market, "back", "3.00", "10.00")
    await ada.post(f"/v1/exchange/orders/{waiting['id']}/cancel")
    await floor.place(ada, market, "back", "2.00", "10.00")
    await floor.place(bob, market, "lay", "2.00", "10.00")
    await floor.settle(operator, market, floor.ANN)
    await floor.settle(operator, market, floor.BO, correction=True)
    about = {"kind": "market", "id": market, "name": "Match odds"}
    assert ("release", about) in await told(ada), "what was cancelled"
    for caller in (ada, bob):
        (first, *moved) = await told(caller)
        assert first == ("deposit", None)
        assert {kind for kind, _ in moved} >= {"stake", "reversal"}
        assert [each for _, each in moved] == [about] * len(moved)


async def test_an_event_is_named_and_an_accumulator_by_its_legs(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    await counter.fund(house)
    for key in ("a", "b"):
        await counter.publish(house, key, counter.MATCH, title=f"York v {key.upper()}")
    single = await counter.place(ada, counter.single("a", "10.00"))
    legs = [{"event_id": key, "selection": "home"} for key in ("a", "b")]
    both = await counter.place(ada, {"legs": legs, "amount": "5.00"})
    for key in ("a", "b"):
        await counter.settle(operator, key, ("home", "won"))
    for bet in (single, both):
        await counter.over(ada, bet["id"])
    event = {"kind": "event", "id": "a", "name": "York v A"}
    accumulator = {"kind": "bet", "id": both["id"], "name": "Accumulator of 2"}
    moved = (await told(ada))[1:]
    assert [each for kind, each in moved if kind == "stake"] == [event, accumulator]
    assert next(each for kind, each in moved if kind == "payout") == event
    assert all(each is not None for _, each in moved)


async def test_a_round_and_a_challenge_are_named(house: OpenHouse, operator: Caller, ada: Caller, bob: Caller) -> None:
    await window.create(operator)
    await window.open_round(operator, **window.soon())
    await window.bet(ada, "up", "10.00")
    await window.bet(bob, "down", "10.00")
    await window.locked(operator)
    await window.change(operator, "settle", {"result": "up"})
    challenge = await dares.offer(ada, resolver=(await house.customer("eve")).id)
    await dares.act(bob, challenge, "accept")
    lapsed = await dares.offer(ada, title="Bo beats Cy", resolver=bob.id)
    await dares.act(ada, lapsed, "cancel")
    round_ = {"kind": "round", "id": f"ndx-daily/{window.CODE}", "name": f"NASDAQ Composite, daily, {window.CODE}"}
    first = {"kind": "challenge", "id": challenge["token"], "name": "Ann beats Bo"}
    second = {"kind": "challenge", "id": lapsed["token"], "name": "Bo beats Cy"}
    moved = (await told(ada))[1:]
    assert [each for _, each in moved] == [round_] * (len(moved) - 3) + [first, second, second]
    assert {kind for kind, each in moved if each == round_} == {"stake", "release", "payout"}
    assert (await told(bob))[-1] == ("stake", first)


async def test_payments_are_about_nothing_and_the_file_names_what_bets_were_for(
    operator: Caller, ada: Caller, bob: Caller
) -> None:
    market = await floor.open_market(operator, name="=SUM(A1)")
    await floor.place(ada, market, "back", "3.00", "10.00")
    await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "1"})
    await ada.post("/v1/withdrawals", {"amount": "1"})
    assert [each and each["id"] for _, each in await told(ada)] == [None, market, None, None]
    text = (await ada.get("/v1/users/me/statement.csv")).text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    # A spreadsheet would work it out.
    assert [row["about"] for row in rows] == ["", "'=SUM(A1)", "", ""]
