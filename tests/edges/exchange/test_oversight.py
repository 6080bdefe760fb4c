"""What operators see of a market: everybody's orders and positions, and what each outcome would pay."""

from typing import Any

from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import ANN, BO, CY, change, items, open_market, place, settle, wallet


async def trade(operator: Caller, ada: Caller, bob: Caller, market: str) -> list[str]:
    """Have two bets and an order that waits in a market, and return the ids of all orders, newest first."""
    await operator.post("/v1/deposits", {"user_id": bob.id, "amount": "100.00", "currency": "USD"})
    orders = [
        await place(bob, market, "lay", "3.00", "10"),
        await place(ada, market, "back", "3.00", "10"),
        await place(bob, market, "back", "2.00", "5", BO),
        await place(ada, market, "lay", "2.00", "5", BO),
        await place(ada, market, "back", "9.00", "1", CY),
    ]
    return [order["id"] for order in reversed(orders)]


async def test_operators_see_all_orders_of_a_market(operator: Caller, ada: Caller, bob: Caller) -> None:
    """Hold 21: a market's orders."""
    market, other = await open_market(operator), await open_market(operator)
    await place(ada, other, "back", "2.00", "1")
    orders = await trade(operator, ada, bob, market)
    path = f"/v1/exchange/markets/{market}/orders"
    assert [order["id"] for order in await items(operator, path)] == orders
    assert [order["id"] for order in await items(operator, path, status="executable")] == orders[:1]
    assert [order["id"] for order in await items(operator, path, status="complete")] == orders[1:]
    first = (await operator.get(path, limit=2)).json()
    assert [order["user_id"] for order in first["items"]] == [ada.id, ada.id]
    rest = (await operator.get(path, limit=200, after=first["next"])).json()
    assert [order["id"] for order in first["items"] + rest["items"]] == orders
    assert (await ada.get(path)).status_code == 403
    assert (await operator.get("/v1/exchange/markets/mkt_999/orders")).status_code == 404


async def test_operators_see_everybodys_position_in_a_market(operator: Caller, ada: Caller, bob: Caller) -> None:
    """Hold 21: a market's positions."""
    market = await open_market(operator)
    await trade(operator, ada, bob, market)
    found = await items(operator, f"/v1/exchange/markets/{market}/positions")
    assert [position["user_id"] for position in found] == [ada.id, bob.id]
    for position, caller in zip(found, (ada, bob), strict=True):
        (own,) = await items(caller, "/v1/exchange/positions")
        assert {name: value for name, value in position.items() if name != "user_id"} == own
    first = (await operator.get(f"/v1/exchange/markets/{market}/positions", limit=1)).json()
    second = (await operator.get(f"/v1/exchange/markets/{market}/positions", limit=1, after=first["next"])).json()
    assert [*first["items"], *second["items"]] == found
    await settle(operator, market, ANN)
    booked = await items(operator, f"/v1/exchange/markets/{market}/positions")
    assert [position["profit"] for position in booked] == ["25.00", "-25.00"]


async def test_projected_payouts_are_what_settling_books(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller
) -> None:
    """Hold 21: projected payouts."""
    market = await open_market(operator, commission_bps=500)
    await trade(operator, ada, bob, market)
    await operator.put(f"/v1/users/{ada.id}/commission-discount", {"discount_bps": 2000})
    path = f"/v1/exchange/markets/{market}/payouts"
    outcomes = await items(operator, path)
    assert [outcome["winners"] for outcome in outcomes] == [[ANN], [BO], [CY]]
    assert [outcome["won"] for outcome in outcomes] == ["25.00", "15.00", "5.00"]
    assert [outcome["lost"] for outcome in outcomes] == ["25.00", "15.00", "5.00"]
    # Ada, who wins the first, pays a fifth less.
    assert [outcome["commission"] for outcome in outcomes] == ["1.00", "0.75", "0.25"]
    assert await items(operator, path, winners=BO) == outcomes[1:2]
    before = await wallet(ada)
    await settle(operator, market, ANN)
    cash, escrow = await wallet(ada)
    assert (float(cash) + float(escrow)) - (float(before[0]) + float(before[1])) == float(outcomes[0]["paid"])
    assert await items(operator, path, winners=ANN) == outcomes[:1]


async def test_with_several_places_every_way_to_win_is_projected(operator: Caller, ada: Caller, bob: Caller) -> None:
    """Hold 21: projected payouts."""
    market = await open_market(operator, winners=2)
    await trade(operator, ada, bob, market)
    path = f"/v1/exchange/markets/{market}/payouts"
    outcomes = await items(operator, path)
    assert [outcome["winners"] for outcome in outcomes] == [[ANN, BO], [ANN, CY], [BO, CY]]
    assert [outcome["won"] for outcome in outcomes] == ["15.00", "25.00", "15.00"]
    await change(operator, market, f"runners/{CY}/remove", {"reduction_bps": 0})
    assert [outcome["winners"] for outcome in await items(operator, path)] == [[ANN, BO]]


async def test_winners_that_cannot_be_are_named(operator: Caller) -> None:
    runners = [{"name": f"Runner {number}"} for number in range(12)]
    market = await open_market(operator, runners=runners, winners=4)
    path = f"/v1/exchange/markets/{market}/payouts"
    assert problem(await operator.get(path))["field"] == "winners"
    for winners in ("13", "1,1", "x", "", "1,2,3,4,5"):
        assert problem(await operator.get(path, winners=winners))["field"] == "winners"
    assert len(await items(operator, path, winners="1,2,3,4")) == 1


def problem(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    return error


async def test_discounts_are_listed_and_shown(operator: Caller, ada: Caller, bob: Caller) -> None:
    """Hold 21: discounts."""
    for caller in (ada, bob):
        await operator.put(f"/v1/users/{caller.id}/commission-discount", {"discount_bps": 1000})
    await operator.put(f"/v1/users/{bob.id}/commission-discount", {"discount_bps": 0})
    assert await items(operator, "/v1/commission-discounts") == [{"user_id": ada.id, "discount_bps": 1000}]
    for caller, discount_bps in ((ada, 1000), (bob, 0)):
        answer = await operator.get(f"/v1/users/{caller.id}/commission-discount")
        assert answer.json() == {"user_id": caller.id, "discount_bps": discount_bps}
    assert (await operator.get("/v1/users/usr_999/commission-discount")).status_code == 404
