"""The checks that the fault tests rely on find what is wrong."""

from decimal import Decimal
from typing import Any

import pytest

from tests.faults.bettors import Bettors
from tests.faults.intact import Levels, Order, assert_none_lost_and_none_doubled, assert_not_crossed, levels_of


def _order(id: str, side: str = "back", odds: str = "2.00", remaining: str = "3.00", **other: Any) -> Order:
    terms = {"user_id": "usr_1", "market_id": "mkt_1", "time_in_force": "gtc", "placed_at": id, "client_ref": None}
    shares = {"stake": "5.00", "matched": "2.00", "cancelled": "0.00", "lapsed": "0.00"}
    return {"id": id, "runner_id": "1", "side": side, "odds": odds, "remaining": remaining} | terms | shares | other


A, B = _order("a"), _order("b")


def _told(*orders: Order) -> Bettors:
    return Bettors(["usr_1"], "mkt_1", orders={order["id"]: order for order in orders})


def _level(odds: str, stake: str, orders: int) -> tuple[Decimal, Decimal, int]:
    return Decimal(odds), Decimal(stake), orders


def test_orders_that_went_on_as_they_may_are_in_order() -> None:
    later = _order("b", remaining="0.00", matched="4.00", cancelled="1.00")
    assert_none_lost_and_none_doubled([A, later], _told(A, B))


@pytest.mark.parametrize(
    "found",
    [
        pytest.param([B], id="lost"),
        pytest.param([A, B, A], id="listed twice"),
        pytest.param([A, B, _order("c")], id="never told of"),
        pytest.param([_order("a", odds="2.02"), B], id="other odds"),
        pytest.param([_order("a", user_id="usr_2"), B], id="another user's"),
        pytest.param([_order("a", matched="1.00", remaining="4.00"), B], id="no longer matched"),
        pytest.param([_order("a", remaining="2.00"), B], id="stake gone"),
        pytest.param([_order("a", matched="6.00", remaining="-1.00"), B], id="matched too much"),
    ],
)
def test_orders_that_are_not_what_was_told_are_found(found: list[Order]) -> None:
    with pytest.raises(AssertionError):
        assert_none_lost_and_none_doubled(found, _told(A, B))


def test_a_book_is_made_of_what_remains_with_the_next_to_be_matched_first() -> None:
    book = levels_of(
        [
            _order("a", odds="2.04"),
            _order("b", odds="2.02"),
            _order("c", odds="2.02", remaining="1.00"),
            _order("d", odds="2.00", remaining="0.00"),
            _order("e", "lay", "1.95"),
            _order("f", "lay", "1.98"),
        ]
    )
    assert book["1", "back"] == [_level("2.02", "4.00", 2), _level("2.04", "3.00", 1)]
    assert book["1", "lay"] == [_level("1.98", "3.00", 1), _level("1.95", "3.00", 1)]
    assert book["2", "back"] == book["2", "lay"] == []
    assert_not_crossed(book)


def test_a_back_and_a_lay_that_wait_at_the_same_odds_are_found() -> None:
    crossed: Levels = levels_of([_order("a"), _order("b", "lay")])
    with pytest.raises(AssertionError):
        assert_not_crossed(crossed)
