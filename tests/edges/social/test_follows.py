"""Follows over HTTP: beginning, changing, pausing and ending them; what is wrong with a request is said by field."""

import asyncio
from typing import Any

import pytest

from evens.identity.principal import Role
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import open_market
from tests.edges.social.following import LIMITS, copyable, follow
from tests.edges.sportsbook.counter import ONE, publish

PATH = "/v1/follows"


@pytest.fixture
async def bob(house: OpenHouse) -> Caller:
    """A customer with 100.00 USD, who follows."""
    return await house.customer("bob", USD=100_00)


async def test_a_follow_is_shown_with_all_its_limits_and_nothing_used(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller
) -> None:
    await copyable(ada)
    market = await open_market(operator)
    await publish(house, "final", ONE)
    await operator.post("/v1/pools", {"key": "daily", "name": "Daily", "symbol": "X", "currency": "USD"})
    named = [market, "final", "daily"]
    shown = await follow(bob, ada, markets=named, stop_loss_percent=40, min_odds="1.50", max_slippage_ticks=3)
    assert shown | {"id": "", "started_at": "", "markets": sorted(shown["markets"])} == {
        "id": "",
        "follower": "bob",
        "leader": "ada",
        "status": "active",
        "paused_by": None,
        "currency": "USD",
        "mode": "fixed",
        "stake": "5.00",
        "ratio": None,
        "allocation": "100.00",
        "allocation_used": "0.00",
        "allocation_left": "100.00",
        "result": "0.00",
        "per_bet_cap": "50.00",
        "daily_cap": "80.00",
        "used_today": "0.00",
        "max_slippage_ticks": 3,
        "min_odds": "1.50",
        "products": ["exchange", "sportsbook", "pools"],
        "markets": sorted(named),
        "stop_loss_percent": 40,
        "performance_fee": "0",
        "high_water_mark": "0.00",
        "fees_paid": "0.00",
        "fees_due": "0.00",
        "started_at": "",
        "ended_at": None,
    }
    assert (await bob.get(f"{PATH}/{shown['id']}")).json() == shown
    assert (await bob.get(PATH)).json()["items"] == [shown]
    assert (await operator.get(f"{PATH}/{shown['id']}")).json() == shown
    assert (await bob.get(f"{PATH}/{shown['id']}/copies")).json()["items"] == []


async def test_the_same_key_has_the_same_answer_and_another_request_under_it_none(
    ada: Caller, bob: Caller, operator: Caller
) -> None:
    await copyable(ada)
    body = {"leader": "ada", **LIMITS}
    first = await bob.post(PATH, body, key="k1")
    again = await bob.post(PATH, body, key="k1")
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await bob.post(PATH, {**body, "stake": "6.00"}, key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    path = f"{PATH}/{first.json()['id']}"
    changed = await bob.patch(path, {"daily_cap": "70.00"}, key="k2")
    assert (changed.status_code, changed.json()["daily_cap"]) == (200, "70.00")
    # The answer is the one that was given then, whatever was changed since.
    await bob.patch(path, {"daily_cap": "60.00"})
    assert (await bob.patch(path, {"daily_cap": "70.00"}, key="k2")).json()["daily_cap"] == "70.00"


async def test_a_follow_is_changed_paused_resumed_and_ended(ada: Caller, bob: Caller) -> None:
    await copyable(ada)
    path = f"{PATH}/{(await follow(bob, ada))['id']}"
    changed = await bob.patch(path, {"mode": "proportional", "ratio": "0.25", "products": ["exchange"]})
    assert [changed.json()[name] for name in ("mode", "stake", "ratio", "products")] == [
        "proportional",
        None,
        "0.25",
        ["exchange"],
    ]
    assert (await bob.patch(path, {"stop_loss_percent": 50})).json()["stop_loss_percent"] == 50
    assert (await bob.patch(path, {"stop_loss_percent": None})).json()["stop_loss_percent"] is None
    unchanged = await bob.patch(path, {})
    assert (unchanged.status_code, unchanged.json()["code"]) == (409, "nothing_changes")
    paused = (await bob.post(f"{path}/pause")).json()
    assert (paused["status"], paused["paused_by"]) == ("paused", "customer")
    assert (await bob.post(f"{path}/pause")).status_code == 409
    resumed = (await bob.post(f"{path}/resume")).json()
    assert (resumed["status"], resumed["paused_by"]) == ("active", None)
    ended = await bob.delete(path)
    assert ended.json()["status"] == "ended"
    assert ended.json()["ended_at"] is not None
    for answer in (
        await bob.delete(path),
        await bob.post(f"{path}/resume"),
        await bob.patch(path, {"daily_cap": "1.00"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "follow_unknown")
    assert (await bob.get(path)).json()["status"] == "ended"
    assert (await follow(bob, ada))["status"] == "active"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"mode": "some"}, "mode"),
        ({"stake": None}, "stake"),
        ({"ratio": "0.5"}, "ratio"),
        ({"mode": "proportional", "stake": None}, "ratio"),
        ({"mode": "proportional", "stake": None, "ratio": "0"}, "ratio"),
        ({"mode": "proportional", "stake": None, "ratio": "100.000001"}, "ratio"),
        ({"mode": "proportional", "ratio": "0.5"}, "stake"),
        ({"stake": "0.001"}, "stake"),
        ({"allocation": "0.00"}, "allocation"),
        ({"per_bet_cap": "-1.00"}, "per_bet_cap"),
        ({"daily_cap": None}, "daily_cap"),
        ({"max_slippage_ticks": 351}, "max_slippage_ticks"),
        ({"min_odds": "1.00"}, "min_odds"),
        ({"products": []}, "products"),
        ({"products": ["exchange", "exchange"]}, "products"),
        ({"products": ["casino"]}, "products[0]"),
        ({"stop_loss_percent": 0}, "stop_loss_percent"),
        ({"stop_loss_percent": 100}, "stop_loss_percent"),
        ({"markets": ["mkt_999"]}, "markets[0]"),
        ({"markets": [f"mkt_{number}" for number in range(1, 52)]}, "markets"),
        ({"performance_fee": "10"}, "performance_fee"),
    ],
)
async def test_what_is_wrong_is_said_by_field(ada: Caller, bob: Caller, change: dict[str, Any], field: str) -> None:
    await copyable(ada)
    body = {name: value for name, value in {"leader": "ada", **LIMITS, **change}.items() if value is not None}
    answer = await bob.post(PATH, body)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_who_cannot_be_followed_and_who_cannot_follow(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller
) -> None:
    unasked = await bob.post(PATH, {"leader": "ada", **LIMITS})
    assert (unasked.status_code, unasked.json()["code"]) == (409, "leader_not_copyable")
    await copyable(ada, bob)
    for leader, status, code in (("nobody", 404, "leader_unknown"), ("bob", 409, "follows_self")):
        answer = await bob.post(PATH, {"leader": leader, **LIMITS})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await operator.post(PATH, {"leader": "ada", **LIMITS})).status_code == 403
    judge = await house.user("judge", "judge's password")
    await copyable(judge)
    admin = await house.someone(Role.ADMIN, "root")
    assert (await admin.put(f"/v1/users/{judge.id}/role", {"role": "operator"})).status_code == 200
    answer = await bob.post(PATH, {"leader": "judge", **LIMITS})
    assert (answer.status_code, answer.json()["code"]) == (409, "leader_not_copyable")
    await follow(bob, ada)
    again = await bob.post(PATH, {"leader": ada.id, **LIMITS})
    assert (again.status_code, again.json()["code"]) == (409, "follows_already")


async def test_a_follow_of_somebody_else_is_not_there(ada: Caller, bob: Caller, house: OpenHouse) -> None:
    await copyable(ada)
    path = f"{PATH}/{(await follow(bob, ada))['id']}"
    eve = await house.customer("eve", USD=1_00)
    for answer in (
        await eve.get(path),
        await ada.get(path),
        await eve.patch(path, {"stake": "1.00"}),
        await eve.post(f"{path}/pause"),
        await eve.post(f"{path}/resume"),
        await eve.delete(path),
        await eve.get(f"{path}/copies"),
        await eve.get(f"{PATH}/fol_0"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "follow_unknown")


async def test_leaders_see_who_follows_unless_they_keep_themselves_private(
    ada: Caller, bob: Caller, house: OpenHouse
) -> None:
    await copyable(ada)
    eve = await house.customer("eve", USD=1_00)
    await follow(bob, ada)
    await follow(eve, ada)
    seen = (await ada.get("/v1/me/followers")).json()
    assert (seen["count"], [each["username"] for each in seen["items"]]) == (2, ["eve", "bob"])
    await eve.patch("/v1/me/profile", {"visibility": "private"})
    seen = (await ada.get("/v1/me/followers")).json()
    assert (seen["count"], [each["username"] for each in seen["items"]]) == (2, ["bob"])


async def test_two_changes_at_once_keep_what_each_of_them_gave(ada: Caller, bob: Caller) -> None:
    await copyable(ada)
    path = f"{PATH}/{(await follow(bob, ada))['id']}"
    changes = [{"daily_cap": "20.00"}, {"per_bet_cap": "4.00"}, {"allocation": "60.00"}, {"stop_loss_percent": 30}]
    answers = await asyncio.gather(*(bob.patch(path, change) for change in changes))
    assert [answer.status_code for answer in answers] == [200] * len(changes)
    shown = (await bob.get(path)).json()
    assert shown | {name: value for change in changes for name, value in change.items()} == shown


async def test_who_keeps_their_profile_private_is_not_there_to_be_followed(ada: Caller, bob: Caller) -> None:
    await copyable(ada)
    await ada.patch("/v1/me/profile", {"visibility": "private"})
    for leader in ("ada", ada.id):
        hidden = await bob.post(PATH, {"leader": leader, **LIMITS})
        unknown = await bob.post(PATH, {"leader": "nobody", **LIMITS})
        assert (hidden.status_code, hidden.json()) == (404, unknown.json())


async def test_names_of_several_things_count_for_each_of_them(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller
) -> None:
    """An event and a pool may have one name: fifty names can be more than fifty places."""
    await copyable(ada)
    names = [f"twice{number}" for number in range(26)]
    for name in names:
        await publish(house, name, ONE)
        await operator.post("/v1/pools", {"key": name, "name": name, "symbol": "X", "currency": "USD"})
    many = await bob.post(PATH, {"leader": "ada", **LIMITS, "markets": names})
    assert many.status_code == 422, many.text
    assert [error["field"] for error in many.json()["errors"]] == ["markets"]
    path = f"{PATH}/{(await follow(bob, ada, markets=names[:25]))['id']}"
    assert (await bob.patch(path, {"markets": names})).status_code == 422
