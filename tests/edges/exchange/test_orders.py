"""Orders: placed, matched, changed, taken back, and looked at."""

from typing import Any

import pytest

from evens.identity.principal import Role
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import ANN, BO, items, open_market, order_of, place, settle, wallet
from tests.edges.wallets.test_transactions import walk


@pytest.fixture
async def market(operator: Caller) -> str:
    """An open market of three runners."""
    return await open_market(operator)


@pytest.fixture
async def bob(house: OpenHouse) -> Caller:
    """Another customer with 100.00 USD."""
    return await house.customer("bob", USD=100_00)


async def show(caller: Caller, order: str) -> dict[str, Any]:
    return (await caller.get(f"/v1/exchange/orders/{order}")).json()


async def test_an_order_is_told_as_it_waits(ada: Caller, market: str) -> None:
    told = await place(ada, market, "lay", "2.5", "4", client_ref="mine", persistence="persist")
    order = told["id"]
    assert order.startswith("ord_")
    assert told == await show(ada, order)
    assert told.pop("placed_at").endswith("Z")
    assert told == {
        "id": order,
        "user_id": ada.id,
        "market_id": market,
        "runner_id": ANN,
        "side": "lay",
        "odds": "2.50",
        "stake": "4.00",
        "currency": "USD",
        "matched": "0.00",
        "remaining": "4.00",
        "cancelled": "0.00",
        "lapsed": "0.00",
        "average_odds": None,
        "status": "executable",
        "persistence": "persist",
        "time_in_force": "gtc",
        "delayed_until": None,
        "client_ref": "mine",
        "strategy_ref": None,
        "replaces": None,
        "replaced_by": None,
    }
    assert await wallet(ada) == ("94.00", "6.00")


async def test_the_best_odds_are_taken_first_and_the_rest_waits(ada: Caller, bob: Caller, market: str) -> None:
    worse = await place(bob, market, "lay", "1.50", "10.00")
    better = await place(bob, market, "lay", "1.80", "10.00")
    taken = await place(ada, market, "back", "1.40", "25.00")
    assert (taken["status"], taken["matched"], taken["remaining"]) == ("executable", "20.00", "5.00")
    assert taken["average_odds"] == "1.65"
    for maker, odds in ((worse, "1.50"), (better, "1.80")):
        found = await show(bob, maker["id"])
        assert (found["status"], found["matched"], found["average_odds"]) == ("complete", "10.00", odds)
    # What is told at once is what is told afterwards.
    assert await show(ada, taken["id"]) == taken


async def test_fill_or_kill_takes_all_or_nothing(ada: Caller, bob: Caller, market: str) -> None:
    await place(bob, market, "lay", "2.00", "10.00")
    killed = await place(ada, market, "back", "2.00", "10.01", time_in_force="fok")
    assert (killed["status"], killed["matched"], killed["lapsed"]) == ("lapsed", "0.00", "10.01")
    assert await show(ada, killed["id"]) == killed
    assert await wallet(ada) == ("100.00", "0.00")
    filled = await place(ada, market, "back", "2.00", "10.00", time_in_force="fok")
    assert (filled["status"], filled["matched"]) == ("complete", "10.00")


async def test_fill_or_kill_is_content_with_its_least_fill(ada: Caller, bob: Caller, market: str) -> None:
    await place(bob, market, "lay", "2.00", "10.00")
    filled = await place(ada, market, "back", "2.00", "30.00", time_in_force="fok", min_fill="10.00")
    assert (filled["status"], filled["matched"], filled["lapsed"]) == ("lapsed", "10.00", "20.00")
    assert await show(ada, filled["id"]) == filled
    assert await wallet(ada) == ("90.00", "10.00")


async def test_a_smaller_stake_keeps_the_order_and_its_place(ada: Caller, bob: Caller, market: str) -> None:
    first = await place(bob, market, "lay", "2.00", "10.00")
    second = await place(bob, market, "lay", "2.00", "10.00")
    answer = await bob.put(f"/v1/exchange/orders/{first['id']}", {"stake": "4.00"})
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["remaining"], answer.json()["cancelled"]) == (
        first["id"],
        "4.00",
        "6.00",
    )
    await place(ada, market, "back", "2.00", "5.00")
    assert [(await show(bob, order["id"]))["matched"] for order in (first, second)] == ["4.00", "1.00"]


async def test_other_odds_make_a_new_order_that_matches_at_once(ada: Caller, bob: Caller, market: str) -> None:
    await place(bob, market, "lay", "2.00", "10.00")
    waiting = await place(ada, market, "back", "3.00", "8.00", persistence="persist")
    answer = await ada.put(f"/v1/exchange/orders/{waiting['id']}", {"odds": "2.00"})
    instead = answer.json()
    assert (answer.status_code, instead["matched"], instead["average_odds"]) == (200, "8.00", "2.00")
    assert instead["id"] != waiting["id"]
    assert instead["persistence"] == "persist"
    old = await show(ada, waiting["id"])
    assert (old["status"], old["cancelled"]) == ("cancelled", "8.00")
    assert await wallet(ada) == ("92.00", "8.00")


async def test_a_larger_stake_counts_what_is_matched(ada: Caller, bob: Caller, market: str) -> None:
    waiting = await place(ada, market, "back", "2.00", "10.00")
    await place(bob, market, "lay", "2.00", "4.00")
    instead = (await ada.put(f"/v1/exchange/orders/{waiting['id']}", {"stake": "20.00"})).json()
    assert (instead["stake"], instead["matched"]) == ("16.00", "0.00")
    assert await wallet(ada) == ("80.00", "20.00")


async def test_an_order_is_taken_back_by_a_part_and_then_whole(ada: Caller, market: str) -> None:
    order = (await place(ada, market, "lay", "3.00", "10.00"))["id"]
    reduced = await ada.delete(f"/v1/exchange/orders/{order}", reduce_by="4.00")
    assert (reduced.status_code, reduced.json()["remaining"], reduced.json()["status"]) == (200, "6.00", "executable")
    assert await wallet(ada) == ("88.00", "12.00")
    cancelled = await ada.delete(f"/v1/exchange/orders/{order}")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert cancelled.json() == await show(ada, order)
    assert await wallet(ada) == ("100.00", "0.00")


async def test_what_was_told_of_a_smaller_order_is_told_again_whatever_became_of_it(
    ada: Caller, bob: Caller, market: str
) -> None:
    order = (await place(ada, market, "back", "3.00", "10.00"))["id"]
    await place(bob, market, "lay", "3.00", "1.00")
    path = f"/v1/exchange/orders/{order}"
    reduced = await ada.delete(path, reduce_by="2.00", key="reduce")
    replaced = await ada.put(path, {"stake": "6.00"}, key="replace")
    assert [(told["matched"], told["remaining"], told["cancelled"]) for told in (reduced.json(), replaced.json())] == [
        ("1.00", "7.00", "2.00"),
        ("1.00", "5.00", "4.00"),
    ]
    await place(bob, market, "lay", "3.00", "3.00")
    await ada.delete(path)
    again = await ada.delete(path, reduce_by="2.00", key="reduce")
    assert (again.headers["Idempotency-Replayed"], again.json()) == ("true", reduced.json())
    assert (await ada.put(path, {"stake": "6.00"}, key="replace")).json() == replaced.json()


async def test_more_than_is_left_can_be_taken_back(ada: Caller, market: str) -> None:
    order = (await place(ada, market, "back", "3.00", "10.00"))["id"]
    assert (await ada.delete(f"/v1/exchange/orders/{order}", reduce_by="99.00")).json()["cancelled"] == "10.00"


async def test_everything_is_taken_back_in_one_market_or_in_all(operator: Caller, ada: Caller, market: str) -> None:
    other = await open_market(operator)
    here = [await place(ada, market, "back", "3.00", "1.00", runner) for runner in (ANN, BO)]
    there = await place(ada, other, "back", "3.00", "1.00")
    answer = await ada.post("/v1/exchange/orders/cancel", {"market_id": market})
    assert [order["id"] for order in answer.json()["items"]] == [order["id"] for order in reversed(here)]
    assert {order["status"] for order in answer.json()["items"]} == {"cancelled"}
    answer = await ada.post("/v1/exchange/orders/cancel")
    assert [order["id"] for order in answer.json()["items"]] == [there["id"]]
    answer = await ada.post("/v1/exchange/orders/cancel")
    assert (answer.status_code, answer.json()) == (200, {"items": [], "next": None})
    assert await wallet(ada) == ("100.00", "0.00")


async def test_orders_are_listed_newest_first_a_page_at_a_time(ada: Caller, market: str) -> None:
    placed = [await place(ada, market, "back", "3.00", "1.00") for _ in range(7)]
    newest_first = [order["id"] for order in reversed(placed)]
    listed = await walk(ada, "/v1/exchange/orders", limit=3)
    assert [order["id"] for order in listed] == newest_first
    page = (await ada.get("/v1/exchange/orders", limit=7)).json()
    assert ([order["id"] for order in page["items"]], page["next"]) == (newest_first, None)


async def test_orders_are_found_by_market_and_status(operator: Caller, ada: Caller, bob: Caller, market: str) -> None:
    other = await open_market(operator)
    await place(bob, market, "lay", "2.00", "1.00")
    complete = await place(ada, market, "back", "2.00", "1.00")
    executable = await place(ada, market, "back", "3.00", "1.00")
    lapsed = await place(ada, market, "back", "3.00", "1.00", time_in_force="fok")
    cancelled = await place(ada, other, "back", "3.00", "1.00")
    await ada.delete(f"/v1/exchange/orders/{cancelled['id']}")
    by_status = {"complete": complete, "executable": executable, "lapsed": lapsed, "cancelled": cancelled}
    for status, order in by_status.items():
        found = await items(ada, "/v1/exchange/orders", status=status)
        assert [each["id"] for each in found] == [order["id"]]
        assert found[0]["status"] == status
    assert [each["id"] for each in await items(ada, "/v1/exchange/orders", market_id=other)] == [cancelled["id"]]


async def test_positions_are_listed_newest_market_first_a_page_at_a_time(operator: Caller, ada: Caller) -> None:
    markets = [await open_market(operator) for _ in range(5)]
    for each in markets:
        await place(ada, each, "back", "3.00", "1.00")
        await place(ada, each, "back", "3.00", "1.00", BO)
    listed = await walk(ada, "/v1/exchange/positions", limit=2)
    assert [position["market_id"] for position in listed] == markets[::-1]
    assert {(position["exposure"], len(position["runners"])) for position in listed} == {("2.00", 3)}


async def test_an_operator_bets_for_a_user_and_changes_and_sees_it(operator: Caller, ada: Caller, market: str) -> None:
    placed = await place(operator, market, "back", "3.00", "10.00", user_id=ada.id)
    assert placed["user_id"] == ada.id
    assert await show(operator, placed["id"]) == await show(ada, placed["id"]) == placed
    moved = (await operator.put(f"/v1/exchange/orders/{placed['id']}", {"odds": "4.00"})).json()
    assert (await operator.delete(f"/v1/exchange/orders/{moved['id']}", reduce_by="1.00")).status_code == 200
    answer = await operator.post("/v1/exchange/orders/cancel", {"user_id": ada.id})
    assert [order["remaining"] for order in answer.json()["items"]] == ["0.00"]
    assert [order["user_id"] for order in await items(operator, "/v1/exchange/orders", user_id=ada.id)] == [ada.id] * 2
    assert await wallet(ada) == ("100.00", "0.00")


async def test_an_operator_without_an_account_has_to_say_for_whom(operator: Caller, market: str) -> None:
    answer = await operator.post("/v1/exchange/orders", order_of(market, "back", "2.00", "1.00"))
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["user_id"]


async def test_nobody_bets_for_or_sees_somebody_else(house: OpenHouse, ada: Caller, bob: Caller, market: str) -> None:
    service = await house.someone(Role.SERVICE, "shop")
    order = (await place(ada, market, "back", "3.00", "10.00"))["id"]
    for caller in (bob, service):
        body = order_of(market, "back", "2.00", "1.00", user_id=ada.id)
        assert (await caller.post("/v1/exchange/orders", body)).status_code == 403
        changed = [
            await caller.put(f"/v1/exchange/orders/{order}", {"odds": "4.00"}),
            await caller.delete(f"/v1/exchange/orders/{order}"),
            await caller.delete(f"/v1/exchange/orders/{order}", reduce_by="1.00"),
        ]
        assert [(answer.status_code, answer.json()["code"]) for answer in changed] == [(404, "order_unknown")] * 3
    assert (await bob.get(f"/v1/exchange/orders/{order}")).json()["code"] == "order_unknown"
    for path in ("orders", "positions"):
        assert (await bob.get(f"/v1/exchange/{path}", user_id=ada.id)).status_code == 403
    assert (await show(ada, order))["remaining"] == "10.00"


async def test_orders_are_in_the_markets_own_currency(house: OpenHouse, operator: Caller) -> None:
    eve = await house.customer("eve", USDC=10_000000)
    market = await open_market(operator, currency="USDC", min_stake="0.000001")
    order = await place(eve, market, "back", "2.00", "0.000001")
    assert (order["currency"], order["stake"]) == ("USDC", "0.000001")
    assert await wallet(eve, "USDC") == ("9.999999", "0.000001")


async def test_an_order_stays_to_be_seen_when_its_market_is_settled(
    operator: Caller, ada: Caller, bob: Caller, market: str
) -> None:
    await place(bob, market, "lay", "2.00", "1.00")
    order = await place(ada, market, "back", "2.00", "1.00")
    await settle(operator, market, BO)
    assert await show(ada, order["id"]) == order
    answer = await ada.delete(f"/v1/exchange/orders/{order['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "order_not_executable")


async def test_what_becomes_of_an_order_in_play_can_be_changed(ada: Caller, bob: Caller, market: str) -> None:
    told = await place(ada, market, "lay", "2.5", "4", strategy_ref="s1")
    path = f"/v1/exchange/orders/{told['id']}"
    changed = await ada.put(path, {"persistence": "persist"}, key="persist")
    assert (changed.status_code, changed.json()) == (200, told | {"persistence": "persist"})
    assert await show(ada, told["id"]) == changed.json()
    await place(bob, market, "back", "2.5", "1")
    again = await ada.put(path, {"persistence": "persist"}, key="persist")
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (changed.json(), "true")
    assert (await ada.put(path, {"persistence": "persist"})).json()["code"] == "nothing_changes"
    assert (await bob.put(path, {"persistence": "lapse"})).json()["code"] == "order_unknown"
    mixed = await ada.put(path, {"persistence": "lapse", "odds": "2.60"})
    assert (mixed.status_code, mixed.json()["errors"][0]["field"]) == (422, "odds")
    replaced = (await ada.put(path, {"odds": "2.60"})).json()
    assert (replaced["persistence"], replaced["strategy_ref"]) == ("persist", "s1")


async def test_a_change_that_knows_an_old_market_is_refused(ada: Caller, operator: Caller, market: str) -> None:
    path = f"/v1/exchange/orders/{(await place(ada, market, 'lay', '2.5', '4'))['id']}"
    for what in ("suspend", "resume"):
        await operator.post(f"/v1/exchange/markets/{market}/{what}")
    stale = await ada.put(path, {"odds": "2.60", "market_version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "market_version_stale")
    assert (await ada.put(path, {"odds": "2.60", "market_version": 3})).status_code == 200
