"""Why orders are refused, in Betfair's codes, and which of several reasons is told."""

from typing import Any

import pytest

from tests.betfair.conftest import Floor, Program, limit

ONE_WRONG: list[tuple[str, dict[str, Any]]] = [
    (
        "MARKET_NOT_OPEN_FOR_BSP_BETTING",
        {"orderType": "LIMIT_ON_CLOSE", "limitOnCloseOrder": {"liability": 5, "price": 2}},
    ),
    ("MARKET_NOT_OPEN_FOR_BSP_BETTING", {"orderType": "MARKET_ON_CLOSE", "marketOnCloseOrder": {"liability": 5}}),
    ("INVALID_ORDER_TYPE", {"limitOrder": None}),
    ("INVALID_ODDS", {"limitOrder": {"price": 2.01, "size": 5}}),
    ("INVALID_ODDS", {"limitOrder": {"price": 1.0, "size": 0.01}}),
    ("INVALID_ODDS", {"limitOrder": {"price": 1e300, "size": 5}}),
    ("INVALID_BET_SIZE", {"limitOrder": {"price": 2, "size": 0.99}}),
    ("INVALID_BET_SIZE", {"limitOrder": {"price": 2, "size": 5.001}}),
    ("INVALID_BET_SIZE", {"limitOrder": {"price": 2, "size": -5}}),
    ("INVALID_BET_SIZE", {"limitOrder": {"price": 2}}),
    ("INVALID_ORDER_TYPE", {"limitOrder": {"price": 2, "betTargetType": "PAYOUT", "betTargetSize": 10}}),
    ("INVALID_RUNNER", {"selectionId": 3}),
    ("INVALID_RUNNER", {"selectionId": -1}),
    ("INVALID_RUNNER", {"handicap": 1.5}),
    ("INVALID_CUSTOMER_ORDER_REF", {"customerOrderRef": "x" * 33}),
    ("INVALID_PERSISTENCE_TYPE", {"limitOrder": {"price": 2, "size": 5, "persistenceType": "MARKET_ON_CLOSE"}}),
    ("UNEXPECTED_MIN_FILL_SIZE", {"limitOrder": {"price": 2, "size": 5, "minFillSize": 2}}),
    (
        "UNEXPECTED_PERSISTENCE_TYPE",
        {"limitOrder": {"price": 2, "size": 5, "timeInForce": "FILL_OR_KILL", "persistenceType": "PERSIST"}},
    ),
    (
        "INVALID_MIN_FILL_SIZE",
        {"limitOrder": {"price": 2, "size": 5, "timeInForce": "FILL_OR_KILL", "minFillSize": 6}},
    ),
]


@pytest.fixture(scope="module")
def market(floor: Floor) -> str:
    """A market that takes orders."""
    return floor.market()


@pytest.mark.parametrize(("code", "wrong"), ONE_WRONG)
def test_one_wrong_instruction_stops_them_all(ann: Program, market: str, code: str, wrong: dict[str, Any]) -> None:
    before = ann.funds()
    asked = [limit(1, "LAY", 2.0, 5), limit(1, "LAY", 2.0, 5) | wrong]
    # By hand: strict clients could not read what is echoed of such an instruction.
    report = ann.call("SportsAPING/v1.0/placeOrders", {"marketId": market, "instructions": asked})["result"]
    assert (report["status"], report["errorCode"]) == ("FAILURE", "BET_ACTION_ERROR")
    assert [each["errorCode"] for each in report["instructionReports"]] == ["RELATED_ACTION_FAILED", code]
    assert ann.funds() == before


def test_the_first_of_several_reasons_is_told(floor: Floor, market: str) -> None:
    poor = floor.program("5.00")
    wrong = [
        ("INVALID_ODDS", limit(9, "BACK", 2.01, 0.5, customerOrderRef="x" * 33)),
        ("INVALID_BET_SIZE", limit(9, "BACK", 2.0, 0.5, customerOrderRef="x" * 33)),
        ("INVALID_RUNNER", limit(9, "BACK", 2.0, 50, customerOrderRef="x" * 33)),
        ("INVALID_CUSTOMER_ORDER_REF", limit(1, "BACK", 2.0, 50, customerOrderRef="x" * 33)),
        ("INSUFFICIENT_FUNDS", limit(1, "BACK", 2.0, 50)),
    ]
    for code, instruction in wrong:
        (report,) = poor.api.betting.place_orders(market, [instruction], lightweight=True)["instructionReports"]
        assert report["errorCode"] == code
    report = poor.api.betting.place_orders(market, [limit(1, "BACK", 2.0, 50)], lightweight=True)
    assert report["errorCode"] == "INSUFFICIENT_FUNDS"


def test_a_back_and_a_lay_that_would_meet_are_not_placed(ann: Program, market: str) -> None:
    asked = [limit(1, "LAY", 2.0, 5), limit(1, "BACK", 2.0, 5)]
    report = ann.api.betting.place_orders(market, asked, lightweight=True)
    assert [each["errorCode"] for each in report["instructionReports"]] == [
        "RELATED_ACTION_FAILED",
        "INVALID_BACK_LAY_COMBINATION",
    ]


def test_one_order_that_the_house_refuses_stops_them_all(floor: Floor, market: str) -> None:
    poor = floor.program("12.00")
    asked = [limit(1, "BACK", 9.0, 8), limit(1, "BACK", 9.0, 4), limit(2, "LAY", 2.0, 8), limit(1, "BACK", 9.4, 1)]

    def place(reference: str) -> Any:
        return poor.api.betting.place_orders(market, asked, customer_ref=reference, lightweight=False)

    report = place("poor")
    assert (report.status, report.error_code) == ("FAILURE", "BET_ACTION_ERROR")
    others = "RELATED_ACTION_FAILED"
    assert [each.error_code for each in report.place_instruction_reports] == [
        others,
        others,
        "INSUFFICIENT_FUNDS",
        others,
    ]
    assert (poor.funds(), poor.api.betting.list_current_orders().orders) == ((12.0, 0.0), [])
    floor.post("/v1/deposits", {"user_id": poor.user_id, "amount": "88.00", "currency": "USD"})
    assert [each.error_code for each in place("poor").place_instruction_reports][2] == "INSUFFICIENT_FUNDS"
    assert place("rich").status == "SUCCESS"
    assert len(poor.api.betting.list_current_orders().orders) == 4


def test_an_order_that_would_meet_one_of_ones_own_stops_the_others(floor: Floor, ann: Program) -> None:
    market = floor.market()
    assert ann.api.betting.place_orders(market, [limit(1, "LAY", 2.0, 5)], lightweight=False).status == "SUCCESS"
    asked = [limit(2, "LAY", 2.0, 5), limit(1, "BACK", 2.0, 5)]
    report = ann.api.betting.place_orders(market, asked, lightweight=True)
    assert (report["status"], report["errorCode"]) == ("FAILURE", "BET_ACTION_ERROR")
    assert [each["errorCode"] for each in report["instructionReports"]] == [
        "RELATED_ACTION_FAILED",
        "INVALID_BACK_LAY_COMBINATION",
    ]
    assert len(ann.api.betting.list_current_orders(market_ids=[market]).orders) == 1


def test_what_speaks_against_every_order_is_told_of_each(floor: Floor, ann: Program) -> None:
    market = floor.market()
    floor.operate(market, "suspend")
    report = ann.api.betting.place_orders(market, [limit(1, "LAY", 2.0, 5)] * 2, lightweight=True)
    assert (report["status"], report["errorCode"]) == ("FAILURE", "MARKET_SUSPENDED")
    assert [each["errorCode"] for each in report["instructionReports"]] == ["ERROR_IN_ORDER"] * 2


def test_a_market_says_why_it_takes_no_orders(floor: Floor, ann: Program) -> None:
    market = floor.market("Ann", "Bo", "Cy")

    def codes(selection: int = 1, **more: Any) -> tuple[str, str]:
        asked = [limit(selection, "BACK", 3.0, 5)]
        report = ann.api.betting.place_orders(market, asked, lightweight=True, **more)
        return report["errorCode"], report["instructionReports"][0]["errorCode"]

    floor.operate(market, "suspend")
    assert codes() == ("MARKET_SUSPENDED", "ERROR_IN_ORDER")
    floor.operate(market, "runners/3/remove", {"reduction_bps": 100})
    floor.operate(market, "resume")
    assert codes(3) == ("BET_ACTION_ERROR", "RUNNER_REMOVED")
    assert codes(market_version={"version": 1}) == ("INVALID_MARKET_VERSION", "ERROR_IN_ORDER")
    floor.operate(market, "close")
    assert codes() == ("MARKET_NOT_OPEN_FOR_BETTING", "MARKET_NOT_OPEN_FOR_BETTING")
    floor.operate(market, "settle", {"winners": ["1"]})
    assert codes() == ("MARKET_NOT_OPEN_FOR_BETTING", "MARKET_NOT_OPEN_FOR_BETTING")


def test_a_request_that_is_wrong_as_a_whole_says_so(ann: Program, market: str) -> None:
    betting = ann.api.betting
    assert betting.place_orders("1.999999999", [limit(1, "BACK", 2.0, 5)], lightweight=True)["errorCode"] == (
        "INVALID_MARKET_ID"
    )
    many = betting.place_orders(market, [limit(1, "BACK", 2.0, 5)] * 201, lightweight=True)
    assert (many["status"], many["errorCode"]) == ("FAILURE", "TOO_MANY_INSTRUCTIONS")
    twice = betting.cancel_orders(market, [{"betId": "5"}, {"betId": "5"}], lightweight=True)
    assert twice["errorCode"] == "DUPLICATE_BETIDS"
    (strategy,) = betting.place_orders(
        market, [limit(1, "BACK", 2.0, 5)], customer_strategy_ref="x" * 16, lightweight=True
    )["instructionReports"]
    assert strategy["errorCode"] == "INVALID_CUSTOMER_STRATEGY_REF"
