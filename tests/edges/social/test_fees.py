"""Performance fees over HTTP: shown before one follows, agreed to, charged above the mark, and on both statements."""

from typing import Any

import pytest

from evens.store.auditing.audit import audit
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import open_market, place, settle, wallet
from tests.edges.social.board import board, keep
from tests.edges.social.following import LIMITS, copies, copy_all, copyable, follow, settle_copies

ME = "/v1/me/profile"
PATH = "/v1/follows"


@pytest.fixture
async def bob(house: OpenHouse) -> Caller:
    """A customer with 100.00 USD, who follows."""
    return await house.customer("bob", USD=100_00)


@pytest.fixture
async def eve(house: OpenHouse) -> Caller:
    """A customer with 1,000.00 USD, against whom the others bet."""
    return await house.customer("eve", USD=1_000_00)


async def take(leader: Caller, fee: str) -> dict[str, Any]:
    """Let a leader be copied for a fee."""
    answer = await leader.patch(ME, {"copyable": True, "performance_fee": fee})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def fees(caller: Caller, follow_id: str) -> tuple[str, str, str, str]:
    """Return the result of a follow, its mark, and what of the fee is paid and due."""
    shown = (await caller.get(f"{PATH}/{follow_id}")).json()
    return shown["result"], shown["high_water_mark"], shown["fees_paid"], shown["fees_due"]


async def copied_bet(house: OpenHouse, operator: Caller, leader: Caller, other: Caller) -> str:
    """Let a leader back 10.00 at 3.00 with enough left for copies of 5.00, copy it, and return the market."""
    market = await open_market(operator, commission_bps=0)
    await place(other, market, "lay", "3.00", "20.00")
    await place(leader, market, "back", "3.00", "10.00")
    await copy_all(house)
    return market


async def settled_bet(house: OpenHouse, operator: Caller, leader: Caller, other: Caller, winner: str) -> str:
    """Copy a bet, settle it and book the copy; return the market."""
    market = await copied_bet(house, operator, leader, other)
    await settle(operator, market, winner)
    await settle_copies(house)
    return market


async def kinds(caller: Caller) -> list[tuple[str, str, str, str | None]]:
    """Return the fees on somebody's statement: direction, amount, balance behind it, and the other one."""
    items = (await caller.get("/v1/users/me/transactions")).json()["items"]
    return [
        (item["direction"], item["amount"], item["balance_after"], item["counterparty_id"])
        for item in items
        if item["kind"] == "performance_fee"
    ]


async def test_a_leader_publishes_a_fee_that_everybody_sees_before_they_follow(house: OpenHouse, ada: Caller) -> None:
    assert (await ada.get(ME)).json()["performance_fee"] == "0"
    assert (await take(ada, "0.125"))["performance_fee"] == "0.125"
    assert (await ada.patch(ME, {"bio": "Draws."})).json()["performance_fee"] == "0.125"
    assert (await house.nobody.get("/v1/profiles/ada")).json()["performance_fee"] == "0.125"
    assert (await take(ada, "0"))["performance_fee"] == "0"


@pytest.mark.parametrize("fee", ["0.51", "1", "10%", "", "0.00001", "-0.1", 0.1, 2])
async def test_a_fee_that_is_none_is_named_by_field(ada: Caller, bob: Caller, fee: Any) -> None:
    await copyable(ada)
    chosen = await ada.patch(ME, {"performance_fee": fee})
    followed = await bob.post(PATH, {"leader": "ada", **LIMITS, "performance_fee": fee})
    for answer in (chosen, followed):
        assert answer.status_code == 422, answer.text
        assert [error["field"] for error in answer.json()["errors"]] == ["performance_fee"]


async def test_whoever_follows_agrees_to_the_fee_of_the_leader_and_to_no_other(ada: Caller, bob: Caller) -> None:
    await take(ada, "0.1")
    for given in ({}, {"performance_fee": "0.2"}, {"performance_fee": "0"}):
        answer = await bob.post(PATH, {"leader": "ada", **LIMITS, **given})
        assert (answer.status_code, answer.json()["code"]) == (409, "performance_fee_differs")
        assert "give performance_fee 0.1 to agree" in answer.json()["detail"]
    started = await follow(bob, ada, performance_fee="0.10")
    assert [started[name] for name in ("performance_fee", "high_water_mark", "fees_paid", "fees_due")] == [
        "0.1",
        "0.00",
        "0.00",
        "0.00",
    ]
    # Whoever follows already keeps the fee to which they agreed; others are told of the new one.
    await take(ada, "0.3")
    assert (await bob.get(f"{PATH}/{started['id']}")).json()["performance_fee"] == "0.1"
    changed = await bob.patch(f"{PATH}/{started['id']}", {"performance_fee": "0"})
    assert changed.status_code == 422
    await take(ada, "0")
    await bob.delete(f"{PATH}/{started['id']}")
    answer = await bob.post(PATH, {"leader": "ada", **LIMITS, "performance_fee": "0.1"})
    assert (answer.status_code, "leave performance_fee out" in answer.json()["detail"]) == (409, True)


async def test_a_fee_is_charged_above_the_mark_and_is_on_both_statements(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller
) -> None:
    await take(ada, "0.1")
    following = (await follow(bob, ada, performance_fee="0.1"))["id"]
    before = (await wallet(ada))[0]
    await settled_bet(house, operator, ada, eve, "1")
    assert await fees(bob, following) == ("10.00", "10.00", "1.00", "0.00")
    assert await wallet(bob) == ("109.00", "0.00")
    ((direction, amount, after, other),) = await kinds(bob)
    assert (direction, amount, after, other) == ("out", "1.00", "109.00", ada.id)
    ((direction, amount, after, other),) = await kinds(ada)
    assert (direction, amount, other) == ("in", "1.00", bob.id)
    assert float(after) == float(before) + 20 + 1
    # What is lost is won back first: -5.00, +10.00 are 15.00, and 0.50 more.
    await settled_bet(house, operator, ada, eve, "2")
    assert await fees(bob, following) == ("5.00", "10.00", "1.00", "0.00")
    last = await settled_bet(house, operator, ada, eve, "1")
    assert await fees(bob, following) == ("15.00", "15.00", "1.50", "0.00")
    # A correction takes profit away: the fee stays paid, and what is won up to the mark is free.
    await settle(operator, last, "2", correction=True)
    await settle_copies(house)
    assert await fees(bob, following) == ("0.00", "15.00", "1.50", "0.00")
    await settled_bet(house, operator, ada, eve, "1")
    assert await fees(bob, following) == ("10.00", "15.00", "1.50", "0.00")
    assert len(await kinds(bob)) == len(await kinds(ada)) == 2
    # Fees are nobody's profit in records: won twice, lost twice.
    await keep(house)
    assert {name: profit for _, name, profit in await board(house)}["ada"] == "20.00"
    assert {name: profit for _, name, profit in await board(house)}["bob"] == "10.00"
    assert (await audit(house.stage.dsns.app)).problems == []


async def test_open_copies_hold_a_fee_back_until_it_is_safe(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller
) -> None:
    await take(ada, "0.5")
    following = (await follow(bob, ada, performance_fee="0.5"))["id"]
    opened = await copied_bet(house, operator, ada, eve)
    await settled_bet(house, operator, ada, eve, "1")
    assert await fees(bob, following) == ("10.00", "5.00", "2.50", "0.00")
    await settle(operator, opened, "1")
    await settle_copies(house)
    assert await fees(bob, following) == ("20.00", "20.00", "10.00", "0.00")


async def test_what_the_follower_has_not_is_taken_once_they_have_it_and_nothing_is_copied_till_then(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller
) -> None:
    await take(ada, "0.5")
    following = (await follow(bob, ada, performance_fee="0.5"))["id"]
    market = await copied_bet(house, operator, ada, eve)
    await settle(operator, market, "1")
    everything = (await wallet(bob))[0]
    sent = await bob.post("/v1/transfers", {"to_user_id": eve.id, "amount": everything, "currency": "USD"})
    assert sent.status_code == 201, sent.text
    await settle_copies(house)
    await settle_copies(house)
    assert await fees(bob, following) == ("10.00", "10.00", "0.00", "5.00")
    # The bet comes a moment before the money, so its copy is refused although there is enough.
    await place(eve, market := await open_market(operator, commission_bps=0), "lay", "3.00", "20.00")
    await place(ada, market, "back", "3.00", "10.00")
    returned = await eve.post("/v1/transfers", {"to_user_id": bob.id, "amount": "20.00", "currency": "USD"})
    assert returned.status_code == 201, returned.text
    await copy_all(house)
    assert [(copy["status"], copy["reason"]) for copy in await copies(bob, following)][-1] == ("skipped", "funds")
    await settle_copies(house)
    await settle_copies(house)
    assert await fees(bob, following) == ("10.00", "10.00", "5.00", "0.00")
    assert await wallet(bob) == ("15.00", "0.00")
    assert (await audit(house.stage.dsns.app)).problems == []
