"""What users learn of their own orders: each fill exactly, which order took whose place, and how an order ended."""

from decimal import Decimal

import pytest

from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import ANN, BO, check_books, items, open_market, place

MATCHES = "/v1/exchange/matches"


@pytest.fixture
async def market(operator: Caller) -> str:
    """An open market of three runners."""
    return await open_market(operator)


@pytest.fixture
async def bob(house: OpenHouse) -> Caller:
    """Another customer with 100.00 USD."""
    return await house.customer("bob", USD=100_00)


async def test_own_fills_are_listed_exactly_and_nobody_elses(
    operator: Caller, ada: Caller, bob: Caller, market: str
) -> None:
    """Hold 20: `GET /v1/exchange/matches` has order, odds, size and time of each fill."""
    first = await place(bob, market, "lay", "2.50", "3.00")
    second = await place(bob, market, "lay", "2.46", "2.00")
    taken = await place(ada, market, "back", "2.40", "6.00")
    other = await place(ada, market, "back", "3.00", "1.00", runner=BO)
    fills = await items(ada, MATCHES)
    assert [(each["order_id"], each["side"], each["odds"], each["size"], each["currency"]) for each in fills] == [
        (taken["id"], "back", "2.46", "2.00", "USD"),
        (taken["id"], "back", "2.50", "3.00", "USD"),
    ]
    theirs = await items(bob, MATCHES, market_id=market)
    assert [(each["order_id"], each["side"], each["user_id"]) for each in theirs] == [
        (second["id"], "lay", bob.id),
        (first["id"], "lay", bob.id),
    ]
    assert [each["id"] for each in theirs] == [each["id"] for each in fills]
    assert [each["runner_id"] for each in theirs] == [ANN, ANN]
    assert await items(bob, MATCHES, order_id=first["id"]) == theirs[1:]
    assert await items(ada, MATCHES, order_id=other["id"]) == []
    assert (await ada.get(MATCHES, order_id=first["id"])).status_code == 404
    assert (await ada.get(MATCHES, user_id=bob.id)).status_code == 403
    assert await items(operator, MATCHES, user_id=bob.id) == theirs
    assert await items(operator, MATCHES, order_id=first["id"]) == theirs[1:]
    assert [each["user_id"] for each in await items(operator, MATCHES, market_id=market)] == [ada.id, bob.id] * 2


async def test_fills_come_page_by_page(operator: Caller, ada: Caller, bob: Caller, market: str) -> None:
    """Hold 20: a page ends anywhere, also between the two sides of one match."""
    for _ in range(3):
        await place(bob, market, "lay", "2.00", "1.00")
        await place(ada, market, "back", "2.00", "1.00")
    for caller, query in ((ada, {}), (operator, {"market_id": market})):
        whole = await items(caller, MATCHES, **query)
        found, after = [], None
        while True:
            page = (await caller.get(MATCHES, limit=1, **query, **({"after": after} if after else {}))).json()
            found += page["items"]
            after = page["next"]
            if after is None:
                break
        assert found == whole
        assert len(whole) == (3 if caller is ada else 6)


async def test_trades_carry_order_ids_to_those_whose_orders_they_are(
    operator: Caller, ada: Caller, bob: Caller, house: OpenHouse, market: str
) -> None:
    """Hold 20: in a market's trades everybody finds their own orders, and nobody else's."""
    cleo = await house.customer("cleo", USD=100_00)
    maker = await place(bob, market, "lay", "2.00", "5.00")
    taker = await place(ada, market, "back", "2.00", "5.00")
    path = f"/v1/exchange/markets/{market}/trades"
    own = [(await items(caller, path))[0]["order_id"] for caller in (ada, bob, cleo, operator)]
    assert own == [taker["id"], maker["id"], None, None]
    assert (await items(Caller(house.http), path))[0]["order_id"] is None
    wrong = await Caller(house.http, "evk_not_a_key").get(path)
    assert (wrong.status_code, wrong.json()["code"]) == (401, "not_authenticated")


async def test_the_average_odds_are_exact(ada: Caller, bob: Caller, market: str) -> None:
    """Hold 20: the stake times the average odds is what a win returns, to the cent."""
    await place(bob, market, "lay", "2.50", "4.00")
    await place(bob, market, "lay", "2.00", "3.00")
    order = await place(ada, market, "back", "2.00", "7.00")
    assert order["average_odds"] == "2.28571"
    assert round(Decimal(order["matched"]) * Decimal(order["average_odds"]), 2) == Decimal("16.00")


async def test_an_order_that_takes_anothers_place_keeps_its_name_and_both_name_each_other(
    house: OpenHouse, ada: Caller, market: str
) -> None:
    """Hold 20: replacing keeps `client_ref`, links both ways, and lists filter by it."""
    first = await place(ada, market, "back", "3.00", "5.00", client_ref="mine")
    await place(ada, market, "back", "3.00", "5.00", client_ref="other")
    second = (await ada.put(f"/v1/exchange/orders/{first['id']}", {"odds": "3.50"}, key="k")).json()
    assert (second["client_ref"], second["replaces"], second["replaced_by"]) == ("mine", first["id"], None)
    third = (await ada.put(f"/v1/exchange/orders/{second['id']}", {"stake": "9.00"})).json()
    named = await items(ada, "/v1/exchange/orders", client_ref="mine")
    assert [(each["id"], each["replaces"], each["replaced_by"]) for each in named] == [
        (third["id"], second["id"], None),
        (second["id"], first["id"], third["id"]),
        (first["id"], None, second["id"]),
    ]
    # The same request hears the same answer, whatever has become of the order since.
    assert (await ada.put(f"/v1/exchange/orders/{first['id']}", {"odds": "3.50"}, key="k")).json() == second
    await check_books(house)


async def test_a_refusal_after_the_end_of_an_order_says_how_it_ended(
    operator: Caller, ada: Caller, bob: Caller, market: str
) -> None:
    """Hold 20: filled, cancelled or lapsed, with what was matched of it."""
    filled = await place(ada, market, "back", "2.00", "5.00")
    await place(bob, market, "lay", "2.00", "5.00")
    cancelled = await place(ada, market, "back", "2.00", "5.00")
    await place(bob, market, "lay", "2.00", "2.00")
    await ada.delete(f"/v1/exchange/orders/{cancelled['id']}")
    lapsed = await place(ada, market, "back", "2.00", "5.00", time_in_force="fok")
    for order, status, matched in (
        (filled, "complete", "5.00"),
        (cancelled, "cancelled", "2.00"),
        (lapsed, "lapsed", "0.00"),
    ):
        path = f"/v1/exchange/orders/{order['id']}"
        for answer in (await ada.delete(path), await ada.put(path, {"odds": "3.00"})):
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (409, "order_not_executable")
            assert (problem["order_status"], problem["matched"], problem["currency"]) == (status, matched, "USD")


async def test_no_rest_below_the_least_stake_is_left(operator: Caller, ada: Caller) -> None:
    """Hold 11: the refusal names the field that asked for it, and the least."""
    market = await open_market(operator, min_stake="2.00")
    order = await place(ada, market, "back", "2.00", "5.00")
    path = f"/v1/exchange/orders/{order['id']}"
    for answer, field in (
        (await ada.delete(path, reduce_by="3.01"), "reduce_by"),
        (await ada.put(path, {"stake": "1.99"}), "stake"),
    ):
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["limit"]) == (422, "stake_too_small", "2.00")
        assert [error["field"] for error in problem["errors"]] == [field]
    assert (await ada.delete(path, reduce_by="3.00")).json()["remaining"] == "2.00"
    assert (await ada.delete(path)).json()["status"] == "cancelled"
