"""The copier from end to end: what leaders bet on each product is copied once, and what became of it is booked."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from asyncpg.pool import PoolConnectionProxy

from evens.edges.jobs.copier import Copier
from evens.sequencer.errors import CommandFailed
from evens.store.auditing.audit import audit
from evens.store.following import due, over
from evens.store.following.due import CopiesDue
from evens.store.sql_files import statements
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import change, open_market, place, settle
from tests.edges.social.following import copies, copy_all, copyable, follow, outcomes, settle_copies, stop_losses
from tests.edges.sportsbook import counter
from tests.edges.sportsbook.counter import MATCH, fund, publish

PATH = "/v1/follows"
ROUND = {"code": "1", "locks_at": "2099-01-01T00:00:00Z", "settles_at": "2099-01-01T00:05:00Z"}


@pytest.fixture
async def bob(house: OpenHouse) -> Caller:
    """A customer with 100.00 USD, who follows."""
    return await house.customer("bob", USD=100_00)


@pytest.fixture
async def eve(house: OpenHouse) -> Caller:
    """A customer with 1,000.00 USD, against whom the others bet."""
    return await house.customer("eve", USD=1_000_00)


async def read(caller: Caller, follow_id: str) -> tuple[str, str, str]:
    """Return what a follow uses of its allocation, what is left of it, and the result."""
    shown = (await caller.get(f"{PATH}/{follow_id}")).json()
    return shown["allocation_used"], shown["allocation_left"], shown["result"]


async def test_each_match_of_an_order_is_copied_once_with_its_portion(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller
) -> None:
    await copyable(ada)
    market = await open_market(operator, commission_bps=0)
    following = (await follow(bob, ada))["id"]
    # Ann waits for 30.00 and is matched in three parts; then the book has more for copies.
    order = await place(ada, market, "back", "3.00", "30.00")
    for _ in range(3):
        await place(eve, market, "lay", "3.00", "10.00")
    await place(eve, market, "lay", "2.98", "50.00")
    await copy_all(house)
    await copy_all(house)
    found = await copies(bob, following)
    assert {copy["title"] for copy in found} == {"Match odds"}
    assert [(copy["status"], copy["stake"], copy["average_odds"], copy["risk"]) for copy in found] == [
        ("copied", "1.66", "2.98", "1.66"),
        ("copied", "1.67", "2.98", "1.67"),
        ("copied", "1.67", "2.98", "1.67"),
    ]
    assert all(copy["bet_id"].startswith("ord_") and copy["leader_bet"].startswith("trd_") for copy in found)
    assert await read(bob, following) == ("5.00", "100.00", "0.00")
    await settle(operator, market, "1")
    await settle_copies(house)
    await settle_copies(house)
    # 1.66 at 2.98 wins 3.2868, and 1.67 3.3066: each is rounded down.
    assert [copy["result"] for copy in await copies(bob, following)] == ["3.28", "3.30", "3.30"]
    assert await read(bob, following) == ("0.00", "109.88", "9.88")
    await settle(operator, market, "2", correction=True)
    await settle_copies(house)
    assert await read(bob, following) == ("0.00", "95.00", "-5.00")
    await change(operator, market, "void", {"correction": True})
    await settle_copies(house)
    assert await read(bob, following) == ("0.00", "100.00", "0.00")
    assert order["id"] not in {copy["bet_id"] for copy in found}
    assert (await audit(house.stage.dsns.app)).problems == []


async def test_a_lay_is_copied_with_its_liability_and_a_removed_runner_reduces_what_it_won(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller
) -> None:
    await copyable(ada)
    market = await open_market(operator, commission_bps=0)
    following = (await follow(bob, ada, mode="proportional", stake=None, ratio="0.5"))["id"]
    await place(eve, market, "back", "3.00", "40.00")
    await place(ada, market, "lay", "3.00", "10.00")
    await copy_all(house)
    assert [(copy["stake"], copy["risk"]) for copy in await copies(bob, following)] == [("5.00", "10.00")]
    answer = await operator.post(f"/v1/exchange/markets/{market}/runners/3/remove", {"reduction_bps": 2500})
    assert answer.status_code == 200, answer.text
    await settle(operator, market, "1")
    await settle_copies(house)
    # The reduction takes a quarter off the odds as the market says; the position that was booked is the copy's.
    (copied,) = await copies(bob, following)
    wallet = (await bob.get("/v1/users/me/balance", currency="USD")).json()
    assert Decimal(wallet["cash"]) - 100 == Decimal(copied["result"]) < 0


async def test_bets_with_the_house_and_stakes_in_pools_are_copied_and_settled(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller
) -> None:
    await copyable(ada)
    await fund(house)
    await publish(house, "final", MATCH)
    await operator.post("/v1/pools", {"key": "daily", "name": "Daily", "symbol": "X", "currency": "USD"})
    await operator.post("/v1/pools/daily/rounds", ROUND)
    following = (await follow(bob, ada))["id"]
    await counter.place(ada, counter.single("final", "10.00"))
    await counter.place(ada, counter.single("final", "10.00", "away"))
    assert (await ada.post("/v1/pools/daily/bets", {"side": "up", "amount": "20.00"})).status_code == 201
    assert (await eve.post("/v1/pools/daily/bets", {"side": "down", "amount": "25.00"})).status_code == 201
    await copy_all(house)
    found = sorted(await copies(bob, following), key=lambda copy: copy["product"], reverse=True)
    assert [(copy["product"], copy["stake"], copy["status"]) for copy in found] == [
        ("sportsbook", "5.00", "copied"),
        ("sportsbook", "5.00", "copied"),
        ("pools", "5.00", "copied"),
    ]
    assert [copy["title"] for copy in found] == ["Event final", "Event final", "Daily 1"]
    assert await read(bob, following) == ("15.00", "100.00", "0.00")
    await counter.settle(operator, "final", ("home", "won"))
    for copy in found[:2]:
        await counter.over(bob, copy["bet_id"])
    await operator.post("/v1/pools/daily/rounds/1/lock")
    await operator.post("/v1/pools/daily/rounds/1/settle", {"result": "up"})
    await _paid(bob, found[2]["bet_id"])
    await settle_copies(house)
    settled = {copy["bet_id"]: copy["result"] for copy in await copies(bob, following)}
    results = [settled[copy["bet_id"]] for copy in found]
    paid = (await bob.get(f"/v1/pools/bets/{found[2]['bet_id']}")).json()["payout"]
    assert results == ["7.50", "-5.00", str(Decimal(paid) - 5)]
    assert (await read(bob, following))[0] == "0.00"
    assert (await audit(house.stage.dsns.app)).problems == []


async def _paid(caller: Caller, bet: str) -> None:
    async with asyncio.timeout(30):
        while (await caller.get(f"/v1/pools/bets/{bet}")).json()["status"] == "open":
            pass


async def test_what_is_skipped_is_there_with_the_reason(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller
) -> None:
    await copyable(ada, bob)
    market = await open_market(operator)
    following = (await follow(bob, ada, products=["exchange"]))["id"]
    looping = (await follow(eve, bob, products=["exchange"]))["id"]
    await place(eve, market, "lay", "3.00", "15.00")
    await place(ada, market, "back", "3.00", "10.00")
    await copy_all(house)
    # Bob's order is a copy, which eve does not copy.
    await copy_all(house)
    assert await outcomes(bob, following) == [("copied", None)]
    assert await outcomes(eve, looping) == [("skipped", "loop")]
    await place(ada, market, "lay", "3.00", "10.00")
    await place(eve, market, "back", "3.00", "10.00")
    await bob.post(f"{PATH}/{following}/pause")
    await copy_all(house)
    assert (await outcomes(bob, following))[-1] == ("skipped", "paused")
    await bob.post(f"{PATH}/{following}/resume")
    await ada.patch("/v1/me/profile", {"copyable": False})
    await place(eve, market, "lay", "3.00", "10.00")
    await place(ada, market, "back", "3.00", "10.00")
    await copy_all(house)
    assert (await outcomes(bob, following))[-1] == ("skipped", "restricted")
    await copyable(ada)
    await operator.post(f"/v1/exchange/markets/{market}/suspend")
    await copy_all(house)
    told = (await bob.get("/v1/notifications")).json()["items"]
    happened = [(each["kind"], each["about"]["id"], each["title"], each["amount"]) for each in told]
    assert [each for each in happened if each[0].startswith("bet_")] == [
        ("bet_skipped", following, "ada", None),
        ("bet_skipped", following, "ada", None),
        ("bet_copied", following, "ada", "5.00"),
    ]
    skipped = await copies(bob, following)
    assert [(copy["reason"], copy["detail"]) for copy in skipped[1:]] == [("paused", None), ("restricted", None)]


async def test_a_copy_that_waited_for_a_bet_delay_frees_what_it_did_not_get(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller
) -> None:
    await copyable(ada)
    market = await open_market(operator, bet_delay_seconds=1)
    following = (await follow(bob, ada, mode="proportional", stake=None, ratio="1"))["id"]
    await place(ada, market, "back", "3.00", "10.00", persistence="persist")
    await place(eve, market, "lay", "3.00", "10.00")
    await change(operator, market, "in-play")
    await place(eve, market, "lay", "2.98", "4.00")
    await copy_all(house)
    assert await read(bob, following) == ("10.00", "100.00", "0.00")
    (pending,) = await copies(bob, following)
    assert pending["status"] == "pending"
    async with asyncio.timeout(30):
        while (await copies(bob, following))[0]["status"] == "pending":
            pass
    await settle_copies(house)
    (copied,) = await copies(bob, following)
    assert (copied["status"], copied["matched"], copied["risk"]) == ("copied", "4.00", "4.00")
    assert await read(bob, following) == ("4.00", "100.00", "0.00")


async def test_copies_that_waited_are_freed_before_what_their_market_came_to_is_booked(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than are looked at once: none is passed over when its market is settled meanwhile."""
    monkeypatch.setattr(over, "COPIES_AT_ONCE", 1)
    await copyable(ada)
    market = await open_market(operator, bet_delay_seconds=1, commission_bps=0)
    following = (await follow(bob, ada, mode="proportional", stake=None, ratio="1"))["id"]
    for _ in range(3):
        await place(ada, market, "back", "3.00", "10.00")
        await place(eve, market, "lay", "3.00", "10.00")
    await place(eve, market, "lay", "3.00", "30.00", persistence="persist")
    await change(operator, market, "in-play")
    await copy_all(house)
    assert await read(bob, following) == ("30.00", "100.00", "0.00")
    async with asyncio.timeout(30):
        while any(copy["status"] == "pending" for copy in await copies(bob, following)):
            pass
    await settle(operator, market, "1")
    await settle_copies(house)
    assert await read(bob, following) == ("0.00", "160.00", "60.00")


async def test_a_window_is_copied_whole_however_short_its_pages_are(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "PAIRS", 1)
    await copyable(ada)
    market = await open_market(operator)
    followings = [(await follow(each, ada))["id"] for each in (bob, eve)]
    carl = await house.customer("carl", USD=1_000_00)
    for _ in range(3):
        await place(ada, market, "back", "3.00", "5.00")
        await place(carl, market, "lay", "3.00", "5.00")
    await place(carl, market, "lay", "3.00", "100.00")
    await copy_all(house)
    for follower, following in zip((bob, eve), followings, strict=True):
        assert await outcomes(follower, following) == [("copied", None)] * 3


async def test_a_copy_that_the_rules_break_on_holds_up_no_other(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await copyable(ada)
    market = await open_market(operator)
    following = (await follow(bob, ada))["id"]
    for _ in range(3):
        await place(ada, market, "back", "3.00", "5.00")
        await place(eve, market, "lay", "3.00", "5.00")
    await place(eve, market, "lay", "3.00", "100.00")
    submit_all = house.services.gateway.submit_all
    second: set[bytes] = set()

    def break_on_the_second(commands: Any, **how: Any) -> list[asyncio.Future[Any]]:
        second.update([command_id for command_id, _command in commands[1:2] if not second])
        return [failed() if each[0] in second else submit_all([each], **how)[0] for each in commands]

    def failed() -> asyncio.Future[Any]:
        broken: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        broken.set_exception(CommandFailed())
        return broken

    monkeypatch.setattr(house.services.gateway, "submit_all", break_on_the_second)
    await copy_all(house)
    assert await outcomes(bob, following) == [("copied", None)] * 2 + [("skipped", "failed")]
    assert not await Copier(house.services.gateway, CopiesDue(house.database)).copy_next(), "the place has moved on"


async def test_a_stop_loss_values_open_copies_and_pauses(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller
) -> None:
    await copyable(ada)
    market = await open_market(operator)
    limits: dict[str, Any] = {"allocation": "10.00", "stop_loss_percent": 80}
    following = (await follow(bob, ada, **limits))["id"]
    await place(eve, market, "lay", "3.00", "15.00")
    await place(ada, market, "back", "3.00", "10.00")
    await copy_all(house)
    await stop_losses(house)
    assert (await bob.get(f"{PATH}/{following}")).json()["status"] == "active", "nobody waits, so it is worth its cost"
    await place(bob, market, "back", "6.00", "10.00")
    await stop_losses(house)
    assert (await bob.get(f"{PATH}/{following}")).json()["status"] == "active", "nobody closes with their own order"
    # 5.00 at 3.00 can be laid at 6.00 for 2.50: a loss of 2.50 leaves 7.50 of 10.00.
    await place(eve, market, "back", "6.00", "10.00")
    await stop_losses(house)
    stopped = (await bob.get(f"{PATH}/{following}")).json()
    assert (stopped["status"], stopped["paused_by"]) == ("paused", "stop_loss")
    await place(ada, market, "lay", "6.00", "2.00")
    await copy_all(house)
    assert (await outcomes(bob, following))[-1] == ("skipped", "stop_loss")
    refused = await bob.post(f"{PATH}/{following}/resume")
    assert (refused.status_code, refused.json()["code"]) == (409, "stop_loss_reached")
    await bob.patch(f"{PATH}/{following}", {"stop_loss_percent": 50})
    assert (await bob.post(f"{PATH}/{following}/resume")).json()["status"] == "active"


async def test_what_was_lost_for_good_stops_copies_before_the_stop_loss_is_looked_for(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller
) -> None:
    await copyable(ada)
    market, lost = await open_market(operator), await open_market(operator)
    following = (await follow(bob, ada, allocation="20.00", stop_loss_percent=80))["id"]
    await place(eve, lost, "lay", "3.00", "15.00")
    await place(ada, lost, "back", "3.00", "10.00")
    await copy_all(house)
    await settle(operator, lost, "2")
    await settle_copies(house)
    assert (await bob.get(f"{PATH}/{following}")).json()["status"] == "active"
    await place(eve, market, "lay", "3.00", "15.00")
    await place(ada, market, "back", "3.00", "10.00")
    await copy_all(house)
    assert (await outcomes(bob, following))[-1] == ("skipped", "stop_loss")
    await stop_losses(house)
    assert (await bob.get(f"{PATH}/{following}")).json()["paused_by"] == "stop_loss"


async def test_an_open_copy_is_valued_with_what_a_removed_runner_takes_off_its_odds(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller
) -> None:
    await copyable(ada)
    market = await open_market(operator)
    following = (await follow(bob, ada, allocation="10.00", stop_loss_percent=85))["id"]
    await place(eve, market, "lay", "3.00", "15.00")
    await place(ada, market, "back", "3.00", "10.00")
    await copy_all(house)
    # 5.00 at 3.00 can be laid at 3.00 for 5.00. With half of the odds gone, 5.00 at 1.50 can be laid for 2.50 only.
    await operator.post(f"/v1/exchange/markets/{market}/runners/3/remove", {"reduction_bps": 5000})
    await operator.post(f"/v1/exchange/markets/{market}/resume")
    await place(eve, market, "back", "3.00", "20.00")
    await stop_losses(house)
    assert (await bob.get(f"{PATH}/{following}")).json()["paused_by"] == "stop_loss"


async def test_a_small_order_at_bad_odds_stops_no_follow(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller
) -> None:
    await copyable(ada)
    market = await open_market(operator, min_stake="0.01")
    following = (await follow(bob, ada, allocation="10.00", stop_loss_percent=80))["id"]
    await place(eve, market, "lay", "3.00", "15.00")
    await place(ada, market, "back", "3.00", "10.00")
    await copy_all(house)
    # 0.75 of the 15.00 can be laid at 15.00 for 0.05: so much is valued at a loss. What nobody takes is at cost.
    await place(eve, market, "back", "15.00", "0.05")
    await stop_losses(house)
    assert (await bob.get(f"{PATH}/{following}")).json()["status"] == "active"


async def test_an_order_of_the_followers_own_that_comes_while_copies_are_valued_stops_no_follow(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await copyable(ada)
    market = await open_market(operator, min_stake="0.01")
    following = (await follow(bob, ada, allocation="10.00", stop_loss_percent=80))["id"]
    await place(eve, market, "lay", "3.00", "15.00")
    await place(ada, market, "back", "3.00", "10.00")
    await copy_all(house)
    await place(eve, market, "back", "2.00", "0.05")
    fetch, levels = PoolConnectionProxy.fetch, statements("following", "queries")["levels"]

    async def betting_behind(wire: Any, sql: str, *arguments: Any) -> Any:
        rows = await fetch(wire, sql, *arguments)
        if sql == levels:
            await place(bob, market, "back", "2.00", "14.00")
        return rows

    monkeypatch.setattr(PoolConnectionProxy, "fetch", betting_behind)
    await stop_losses(house)
    assert (await bob.get(f"{PATH}/{following}")).json()["status"] == "active"
