"""Markets with cross-matching over HTTP: how they are opened, what is matched, and what they refuse."""

from typing import Any

import pytest

from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import ANN, BO, CY, MARKET, items, open_market, order_of, place
from tests.edges.exchange.test_refusals import fields, told


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"winners": 2}, "cross_matching"),
        ({"winners_min": 0}, "cross_matching"),
        ({"cover_removals": True}, "cover_removals"),
        ({"runners": [{"name": str(number)} for number in range(21)]}, "cross_matching"),
    ],
)
async def test_a_market_in_which_sets_are_not_balanced_is_not_opened(
    operator: Caller, terms: dict[str, Any], field: str
) -> None:
    answer = await operator.post("/v1/exchange/markets", {**MARKET, "cross_matching": True, **terms})
    assert answer.status_code == 422
    assert fields(answer) == [field]


async def test_orders_on_all_runners_are_matched_and_each_told_what_it_has(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    bob = await house.customer("bob", USD=100_00)
    market = await open_market(operator, cross_matching=True)
    assert (await ada.get(f"/v1/exchange/markets/{market}")).json()["cross_matching"] is True
    blue = await place(bob, market, "back", "3.00", "40.00", BO)
    green = await place(bob, market, "back", "6.00", "10.00", CY)
    answer = (await ada.post("/v1/exchange/orders", order_of(market, "back", "1.80", "50.00", ANN))).json()
    assert (answer["matched"], answer["average_odds"], answer["remaining"]) == ("30.00", "2.00", "20.00")
    for order, matched in ((blue, "20.00"), (green, "10.00")):
        assert (await bob.get(f"/v1/exchange/orders/{order['id']}")).json()["matched"] == matched
    fills = await items(ada, "/v1/exchange/matches")
    assert [(fill["order_id"], fill["odds"], fill["size"]) for fill in fills] == [(answer["id"], "2.00", "30.00")]
    of_everybody = await items(operator, "/v1/exchange/matches", market_id=market)
    assert {fill["order_id"] for fill in of_everybody} == {answer["id"], blue["id"], green["id"]}
    book = (await ada.get(f"/v1/exchange/markets/{market}")).json()["runners"]
    assert [[level["size"] for level in runner["to_lay"]] for runner in book] == [["20.00"], ["20.00"], []]
    removal = await operator.post(f"/v1/exchange/markets/{market}/runners/{CY}/remove", {"reduction_bps": 0})
    assert told(removal) == (409, "runners_final")
    nobody = await operator.post(f"/v1/exchange/markets/{market}/settle", {"winners": []})
    assert told(nobody) == (422, "winners_wrong")
