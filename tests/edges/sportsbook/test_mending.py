"""What operators take back or out when the line was wrong, by the real application on a real database."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from evens.core.values.fixed_odds import LineMarket, LineSelection
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import check_books, wallet
from tests.edges.sportsbook.counter import MATCH, ONE, fund, over, place, publish, settle, single

EVENTS = "/v1/sportsbook/events"
TOTAL = LineMarket("total", "Goals", (LineSelection("over", "Over", 190), LineSelection("under", "Under", 190)))


async def _mend(operator: Caller, event: str, step: str, **body: Any) -> dict[str, Any]:
    """Take a step, once the house has done what it is at."""
    async with asyncio.timeout(30):
        while (answer := await operator.post(f"{EVENTS}/{event}/{step}", body)).json().get("code") == "event_busy":
            pass
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _refused(operator: Caller, event: str, step: str, **body: Any) -> tuple[int, str]:
    answer = await operator.post(f"{EVENTS}/{event}/{step}", body)
    return answer.status_code, answer.json()["code"]


async def _until(caller: Caller, bet: str, status: str) -> dict[str, Any]:
    """Return a bet once it has this status."""
    async with asyncio.timeout(30):
        while True:
            found = (await caller.get(f"/v1/sportsbook/bets/{bet}")).json()
            if found["status"] == status:
                return found


async def test_a_result_that_is_taken_back_opens_its_bets_again(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    bet = await place(ada, single("m1"))
    assert await _refused(operator, "m1", "rollback") == (409, "no_result")
    assert await _refused(operator, "nothing", "rollback") == (404, "event_unknown")
    await settle(operator, "m1", ("home", "won"))
    assert (await over(ada, bet["id"]))["payout"] == "25.00"
    assert await _refused(operator, "m1", "rollback", markets=["corners"]) == (404, "selection_unknown")
    assert await _refused(operator, "m1", "rollback", markets=[]) == (422, "validation_failed")
    said = await _mend(operator, "m1", "rollback", markets=["main"])
    assert (said["status"], said["reopened"], said["decided"]) == ("new", ["main"], None)
    assert (await _until(ada, bet["id"], "open"))["payout"] is None
    assert await wallet(ada) == ("90.00", "10.00")
    await _mend(operator, "m1", "settle", results=[{"selection": "away", "result": "won"}])
    assert (await over(ada, bet["id"]))["status"] == "lost"
    await check_books(house)


async def test_a_ruling_has_the_same_answer_whatever_was_decided_since(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    await fund(house)
    await publish(house, "m1", MATCH, TOTAL)
    bet = await place(ada, single("m1"))
    rulings = [
        {"results": [{"market": market, "selection": selection, "result": "won"}]}
        for market, selection in (("main", "home"), ("total", "over"))
    ]
    path = f"{EVENTS}/m1/settle"
    first = await operator.post(path, rulings[0], key="r-1")
    assert first.status_code == 200, first.text
    await over(ada, bet["id"])
    async with asyncio.timeout(30):
        while (second := await operator.post(path, rulings[1])).json().get("code") == "event_busy":
            pass
    assert second.status_code == 200, second.text
    again = await operator.post(path, rulings[0], key="r-1")
    assert (again.status_code, again.json()) == (200, first.json()), again.text
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (await operator.get(f"{EVENTS}/m1")).json()["status"] == "finished"


async def test_a_ruling_has_the_same_answer_when_fewer_can_win_now(house: OpenHouse, operator: Caller) -> None:
    await publish(house, "m1", replace(MATCH, winners=2))
    path, body = f"{EVENTS}/m1/settle", {"results": [{"selection": each, "result": "won"} for each in ("home", "away")]}
    first = await operator.post(path, body, key="r-1")
    assert first.status_code == 200, first.text
    await _mend(operator, "m1", "rollback")
    await publish(house, "m1", MATCH, version=2)
    again = await operator.post(path, body, key="r-1")
    assert (again.status_code, again.json()) == (200, first.json()), again.text
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await operator.post(path, body, key="r-2")
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "results")


async def test_a_body_that_was_refused_can_be_mended_under_its_key(house: OpenHouse, operator: Caller) -> None:
    await publish(house, "m1", MATCH)
    won = {"selection": "home", "result": "won"}
    wrong_and_right: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("settle", {"results": [won, won]}, {"results": [won]}),
        (
            "cancel",
            {"from": "2026-11-20T19:30:00Z", "to": "2026-11-20T19:30:00Z"},
            {"from": "2026-11-20T19:30:00Z", "to": "2026-11-20T19:31:00Z"},
        ),
    ]
    for step, wrong, right in wrong_and_right:
        path = f"{EVENTS}/m1/{step}"
        assert (await operator.post(path, wrong, key=step)).status_code == 422
        mended = await operator.post(path, right, key=step)
        assert mended.status_code == 200, mended.text
        other = await operator.post(path, wrong, key=step)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_bets_of_a_time_are_void_and_others_stand(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    wrong, right = await place(ada, single("m1")), await place(ada, single("m1", "5.00"))
    window = {"from": wrong["placed_at"], "to": right["placed_at"]}
    said = await _mend(operator, "m1", "cancel", **window)
    assert (said["cancelled"], said["status"]) == (["main"], None)
    assert (await over(ada, wrong["id"]))["status"] == "void"
    assert (await ada.get(f"/v1/sportsbook/bets/{right['id']}")).json()["status"] == "open"
    assert await wallet(ada) == ("95.00", "5.00")
    assert await _refused(operator, "m1", "cancel", **window) == (409, "nothing_changes")
    # It was the right odds after all: the bet is taken again, and then the time is cancelled once more.
    said = await _mend(operator, "m1", "cancel", restored=True, **{"from": wrong["placed_at"]})
    assert said["restored"] == ["main"]
    assert (await _until(ada, wrong["id"], "open"))["payout"] is None
    assert await wallet(ada) == ("85.00", "15.00")
    assert await _refused(operator, "m1", "cancel", restored=True, **window) == (409, "nothing_changes")
    await _mend(operator, "m1", "cancel", **window)
    assert (await over(ada, wrong["id"]))["status"] == "void"
    await _mend(operator, "m1", "settle", results=[{"selection": "home", "result": "won"}])
    assert (await over(ada, right["id"]))["payout"] == "12.50"
    said = await _mend(operator, "m1", "cancel", **{"from": right["placed_at"]})
    assert (said["cancelled"], said["decided"]) == (["main"], ["main"])
    assert (await _until(ada, right["id"], "void"))["payout"] == "5.00"
    # Decided meanwhile, they are what the result pays.
    await _mend(operator, "m1", "cancel", restored=True, **{"from": right["placed_at"]})
    assert (await _until(ada, right["id"], "won"))["payout"] == "12.50"
    await _mend(operator, "m1", "cancel", restored=True, **window)
    assert (await _until(ada, wrong["id"], "won"))["payout"] == "25.00"
    assert await wallet(ada) == ("122.50", "0.00")
    await check_books(house)


async def test_taking_a_cancellation_back_has_the_same_answer_when_another_began_then(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    bet = await place(ada, single("m1"))
    began, path = {"from": bet["placed_at"]}, f"{EVENTS}/m1/cancel"
    await _mend(operator, "m1", "cancel", **began)
    await over(ada, bet["id"])
    first = await operator.post(path, {**began, "restored": True}, key="r-1")
    assert first.status_code == 200, first.text
    await _until(ada, bet["id"], "open")
    await _mend(operator, "m1", "cancel", **began)
    await over(ada, bet["id"])
    again = await operator.post(path, {**began, "restored": True}, key="r-1")
    assert (again.status_code, again.json()) == (200, first.json()), again.text
    assert (await ada.get(f"/v1/sportsbook/bets/{bet['id']}")).json()["status"] == "void"


async def test_a_selection_that_is_taken_out_gives_stakes_back(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    out, other = await place(ada, single("m1", selection="away")), await place(ada, single("m1"))
    said = await _mend(operator, "m1", "remove", selection="away", reduction_bps=2_000)
    assert (said["id"], said["decided"], said["coming"] is not None) == ("m1", None, True)
    assert (await over(ada, out["id"]))["status"] == "void"
    left = (await ada.get(f"/v1/sportsbook/bets/{other['id']}")).json()
    assert (left["potential_payout"], left["legs"][0]["reduction_bps"]) == ("22.00", 2_000)
    assert await _refused(operator, "m1", "remove", selection="away") == (409, "nothing_changes")
    assert await _refused(operator, "m1", "remove", selection="nobody") == (404, "selection_unknown")
    await check_books(house)


@pytest.mark.parametrize(
    ("step", "body", "field"),
    [
        ("rollback", {"markets": []}, "markets"),
        ("rollback", {"result": "won"}, "result"),
        ("cancel", {}, "from"),
        ("cancel", {"from": "2026-11-20T19:30:00"}, "from"),
        ("cancel", {"from": "2026-11-20T19:30:00Z", "to": "2026-11-20T19:30:00Z"}, "to"),
        ("remove", {"market": "main"}, "selection"),
        ("remove", {"selection": "win", "reduction_bps": 9_001}, "reduction_bps"),
    ],
)
async def test_wrong_values_are_422_and_named(
    house: OpenHouse, operator: Caller, step: str, body: dict[str, Any], field: str
) -> None:
    await publish(house, "m1", ONE)
    answer = await operator.post(f"{EVENTS}/m1/{step}", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
