"""Profiles and the leaderboard over HTTP: figures of what was settled, shown as their owners choose."""

from typing import Any

import pytest

from evens.core.commands.wallets import FreezeCustomer, TagCustomer
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import change
from tests.edges.social.board import BOARD, bet, board, keep

ME = "/v1/me/profile"


@pytest.fixture
async def eve(house: OpenHouse) -> Caller:
    """A customer with 1,000.00 USD, against whom the others bet."""
    return await house.customer("eve", USD=1_000_00)


async def test_a_profile_has_records_by_product_and_period_and_its_curve(
    house: OpenHouse, operator: Caller, ada: Caller, eve: Caller
) -> None:
    market = await bet(operator, ada, eve, "1")
    await bet(operator, ada, eve, "2")
    await keep(house)
    await ada.patch(ME, {"visibility": "public", "display_name": "Ada L.", "bio": "Draws."})
    shown = (await house.nobody.get("/v1/profiles/ADA")).json()
    assert (shown["username"], shown["display_name"], shown["bio"]) == ("ada", "Ada L.", "Draws.")
    assert {(each["product"], each["period"]) for each in shown["records"]} == {
        (product, period) for product in ("all", "exchange") for period in ("day", "week", "month", "all")
    }
    for each in shown["records"]:
        assert (each["profit"], each["turnover"], each["roi"]) == ("10.00", "20.00", "0.500000")
        assert (each["win_rate"], each["settled"], each["won"], each["longest_streak"]) == ("0.500000", 2, 1, 1)
        assert (each["max_drawdown"], each["sharpe"], each["since"] is None) == ("0.00", None, each["period"] == "all")
    (point,) = shown["equity"]
    assert (point["profit"], point["equity"]) == ("10.00", "10.00")
    assert [(each["profit"], each["product"]) for each in shown["recent"]] == [
        ("-10.00", "exchange"),
        ("20.00", "exchange"),
    ]
    assert shown["recent"][1]["id"] == market


async def test_owners_choose_what_is_shown(house: OpenHouse, operator: Caller, ada: Caller, eve: Caller) -> None:
    await bet(operator, ada, eve, "1")
    await keep(house)
    path = "/v1/profiles/ada"
    assert (await house.nobody.get(path)).json()["recent"] is None
    assert (await ada.get(path)).json()["recent"] is not None
    assert (await ada.patch(ME, {"visibility": "private"})).json()["visibility"] == "private"
    for caller, status in ((house.nobody, 404), (eve, 404), (ada, 200), (operator, 200)):
        assert (await caller.get(path)).status_code == status
    assert [name for _, name, _ in await board(house, limit=9)] == ["eve"]
    await ada.patch(ME, {"visibility": "figures", "listed": False, "copyable": True})
    assert (await ada.get(ME)).json() | {"joined_at": ""} == {
        "username": "ada",
        "display_name": None,
        "bio": None,
        "visibility": "figures",
        "listed": False,
        "copyable": True,
        "performance_fee": "0",
        "joined_at": "",
    }


async def test_whoever_registers_has_a_profile_at_once(house: OpenHouse) -> None:
    assert (await house.nobody.get("/v1/profiles/newcomer")).status_code == 404
    await house.customer("newcomer")
    assert (await house.nobody.get("/v1/profiles/newcomer")).status_code == 200


WRONG: list[tuple[Any, str]] = [
    ({"visibility": "secret"}, "visibility"),
    ({"listed": "yes"}, "listed"),
    ({"display_name": "x" * 41}, "display_name"),
    ({"display_name": ""}, "display_name"),
    ({"display_name": "a\nb"}, "display_name"),
    ({"bio": "x" * 281}, "bio"),
    ({"username": "ann"}, "username"),
]


@pytest.mark.parametrize(("body", "field"), WRONG)
async def test_what_cannot_be_shown_is_refused(ada: Caller, body: Any, field: str) -> None:
    answer = await ada.patch(ME, body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_null_takes_a_name_away_and_leaves_the_rest(ada: Caller) -> None:
    await ada.patch(ME, {"display_name": "Ada", "bio": "x"})
    after = (await ada.patch(ME, {"display_name": None, "visibility": None})).json()
    assert (after["display_name"], after["bio"], after["visibility"]) == (None, "x", "figures")


async def test_places_are_in_order_and_follow_corrections(
    house: OpenHouse, operator: Caller, ada: Caller, eve: Caller
) -> None:
    cy = await house.customer("cy", USD=100_00)
    market = await bet(operator, ada, eve, "1")
    await bet(operator, cy, eve, "1", "4.00")
    await keep(house)
    expected = [(1, "ada", "20.00"), (2, "cy", "8.00"), (3, "eve", "-28.00")]
    for period in ("day", "week", "month", "all"):
        assert await board(house, period=period) == expected
    assert await board(house, product="sportsbook") == []
    assert await board(house, currency="EUR") == []
    assert await board(house, limit=1) == expected[:1]
    await change(operator, market, "settle", {"winners": ["2"], "correction": True})
    await keep(house)
    assert await board(house, product="exchange", limit=50) == [
        (1, "cy", "8.00"),
        (2, "eve", "2.00"),
        (3, "ada", "-10.00"),
    ]


async def test_a_rank_by_a_share_takes_enough_of_them(
    house: OpenHouse, operator: Caller, ada: Caller, eve: Caller
) -> None:
    cy = await house.customer("cy", USD=100_00)
    await bet(operator, cy, eve, "1")
    for winner in ("1", "1", "1", "1", "2"):
        await bet(operator, ada, eve, winner, "20.00")
    await keep(house)
    answer = (await house.nobody.get(BOARD, metric="roi")).json()
    assert answer["minimum"] == {"turnover": "100.00", "bets": 5}
    assert [item["username"] for item in answer["items"]] == ["ada", "eve"], "cy won more a unit, with one bet"
    assert [item["roi"] for item in answer["items"]] == ["1.400000", "-0.727272"]
    assert [name for _, name, _ in await board(house, metric="win_rate")] == ["ada", "eve"]
    assert [name for _, name, _ in await board(house, metric="drawdown")] == ["ada", "eve"]
    assert await board(house, metric="sharpe") == [], "nobody has bet for thirty days"


async def test_who_is_frozen_or_trades_with_themselves_has_no_place(
    house: OpenHouse, operator: Caller, ada: Caller, eve: Caller
) -> None:
    assert ada.customer is not None
    assert eve.customer is not None
    await bet(operator, ada, eve, "1")
    for customer in (ada.customer, eve.customer):
        await house.stage.submit(TagCustomer(customer, ("card:4711",)))
    await keep(house)
    assert await board(house) == []
    await house.stage.submit(TagCustomer(eve.customer, ()))
    await keep(house)
    await house.stage.submit(FreezeCustomer(ada.customer))
    assert await board(house, limit=7) == [(1, "eve", "-20.00")]


@pytest.mark.parametrize(
    ("query", "field"), [("period=year", "period"), ("metric=luck", "metric"), ("limit=0", "limit")]
)
async def test_what_no_leaderboard_has_is_refused(house: OpenHouse, query: str, field: str) -> None:
    answer = await house.nobody.get(f"{BOARD}?{query}")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_nobody_has_the_profile_of_nobody(house: OpenHouse) -> None:
    answer = await house.nobody.get("/v1/profiles/whoever")
    assert (answer.status_code, answer.json()["code"]) == (404, "profile_unknown")
