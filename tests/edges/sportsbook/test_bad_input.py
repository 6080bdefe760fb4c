"""Whatever is asked of the sportsbook, the answer is a clear problem document, never a crash."""

import asyncio
from typing import Any

import pytest

from evens.core.values.fixed_odds import LineMarket, LineSelection
from evens.identity.principal import Role
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import check_books, wallet
from tests.edges.sportsbook.counter import MATCH, ONE, fund, over, place, publish, refused, settle, single

BETS = "/v1/sportsbook/bets"


@pytest.mark.parametrize("odds", ["0", "-1", "1.234", "1e3", "１.50", "NaN", "Infinity", "1" + "0" * 30, "", 2.5])
async def test_odds_that_are_none_are_refused_by_name(house: OpenHouse, ada: Caller, odds: Any) -> None:
    await publish(house, "m1", MATCH)
    for body, field in (
        (single("m1", odds=odds), "odds"),
        ({"legs": [{"event_id": "m1", "selection": "home", "odds": odds}], "amount": "1.00"}, "legs[0].odds"),
    ):
        answer = await ada.post(BETS, body)
        assert answer.status_code == 422, answer.text
        assert [each["field"] for each in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("amount", ["1.234", "0", "-1.00", "1e3", "１.50", "NaN", "9" * 30, "", 1, True])
async def test_amounts_that_are_none_are_refused_by_name(house: OpenHouse, ada: Caller, amount: Any) -> None:
    await publish(house, "m1", MATCH)
    answer = await ada.post(BETS, single("m1") | {"amount": amount})
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == ["amount"]


@pytest.mark.parametrize("key", ["a\x00b", "a\nb", "a/b", "x" * 300, "", "a\u202eb", 7])
async def test_keys_that_can_be_none_are_unknown_or_refused(house: OpenHouse, ada: Caller, key: Any) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    for field in ("event_id", "market", "selection"):
        status, code = await refused(ada, single("m1") | {field: key})
        assert (status, code) in {(422, "validation_failed"), (404, "event_unknown"), (404, "selection_unknown")}, code


@pytest.mark.parametrize("event_id", ["a%2Fb", "a%00b", "%0A", "x" * 300, "%FF", "..%2F..%2Fmetrics"])
async def test_an_address_of_no_event_is_404(house: OpenHouse, operator: Caller, event_id: str) -> None:
    answers = [
        await operator.get(f"/v1/sportsbook/events/{event_id}"),
        await operator.get(f"{BETS}/{event_id}"),
        await operator.get(f"{BETS}/{event_id}/cash-out"),
        await operator.post(f"/v1/sportsbook/events/{event_id}/suspend"),
        await operator.post(f"{BETS}/{event_id}/void"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    listed = await operator.get(f"{BETS}?event_id={event_id}")
    assert listed.status_code in {404, 422}, listed.text


async def test_legs_that_do_not_go_together_are_refused(house: OpenHouse, ada: Caller) -> None:
    await fund(house, 20_000_00)
    for number in range(21):
        await publish(house, f"m{number}", ONE)
    grouped = LineMarket("main", "Win", (LineSelection("win", "Yes", 200),), group="cup")
    for key in ("g1", "g2"):
        await publish(house, key, grouped)
    await publish(house, "two", ONE, LineMarket("other", "Other", (LineSelection("win", "Yes", 200),)))

    def legs(*keys: str, **more: Any) -> dict[str, Any]:
        return {"legs": [{"event_id": key, "selection": "win", **more} for key in keys], "amount": "1.00"}

    assert (await refused(ada, legs(*[f"m{number}" for number in range(21)])))[0] == 422
    assert (await refused(ada, legs()))[0] == 422
    assert await refused(ada, legs("g1", "g2")) == (409, "legs_related")
    twice = await ada.post(BETS, legs("m1", "m1"))
    assert (twice.status_code, [each["field"] for each in twice.json()["errors"]]) == (422, ["legs[1]"])
    related = {"legs": [*legs("two")["legs"], {"event_id": "two", "market": "other", "selection": "win"}]}
    assert await refused(ada, {**related, "amount": "1.00"}) == (409, "legs_related")
    assert (
        len((await place(ada, legs(*[f"m{number}" for number in range(20)], odds="2.00") | {"amount": "0.01"}))["legs"])
        == 20
    )


async def test_a_bet_is_cashed_out_by_its_owner_once_and_while_it_runs(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller
) -> None:
    await fund(house)
    await publish(house, "m1", ONE)
    bet = await place(ada, single("m1", selection="win"))
    path = f"{BETS}/{bet['id']}/cash-out"
    quote = {"quote_id": (await ada.get(path)).json()["quote_id"]}
    assert (await bob.get(path)).status_code == 404
    assert (await bob.post(path, quote)).status_code == 404
    both = await asyncio.gather(ada.post(path, quote), ada.post(path, quote))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    assert {answer.json()["code"] for answer in both if answer.status_code == 409} == {"cash_out_unavailable"}
    assert await wallet(ada) == ("99.50", "0.00")
    other = await place(ada, single("m1", selection="win"))
    path = f"{BETS}/{other['id']}/cash-out"
    quote = {"quote_id": (await ada.get(path)).json()["quote_id"]}
    await settle(operator, "m1", ("win", "won"))
    await over(ada, other["id"])
    assert (await ada.get(path)).json()["code"] == "cash_out_unavailable"
    assert (await ada.post(path, quote)).json()["code"] == "cash_out_unavailable"
    for wrong in ("", "x", "x" * 1_000, "１", 5, None):
        assert (await ada.post(path, {"quote_id": wrong})).status_code == 422
    await check_books(house)


async def test_limits_of_nothing_take_no_bet(house: OpenHouse, ada: Caller) -> None:
    admin = await house.someone(Role.ADMIN, "root")
    await fund(house)
    await publish(house, "m1", ONE)
    answer = await admin.put(f"/v1/users/{ada.id}/stake-factor", {"percent": 0})
    assert answer.status_code == 200, answer.text
    assert await refused(ada, single("m1", selection="win")) == (409, "stake_limited")
    for percent in (-1, 1.5, "50", 10**30):
        assert (await admin.put(f"/v1/users/{ada.id}/stake-factor", {"percent": percent})).status_code == 422
    none = await admin.put("/v1/sportsbook/limits", {"currency": "USD", "max_payout": "0.00"})
    assert none.status_code in {200, 422}, none.text
    assert await refused(ada, single("m1", selection="win")) == (409, "stake_limited")
