"""Placing, replacing, updating and taking back orders, through betfairlightweight's typed results."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.betfair.conftest import Floor, Program, limit


def place(program: Program, market: str, *instructions: dict[str, Any], **more: Any) -> Any:
    """Place orders, and return the typed report."""
    return program.api.betting.place_orders(market, list(instructions), lightweight=False, **more)


def current(program: Program, market: str, **asked: Any) -> list[Any]:
    """Return the current orders of a program in a market."""
    return program.api.betting.list_current_orders(market_ids=[market], lightweight=False, **asked).orders


def test_reports_come_in_the_order_of_the_instructions(floor: Floor, ann: Program, bob: Program) -> None:
    market = floor.market()
    report = place(
        ann,
        market,
        limit(1, "LAY", 2.0, 5, customerOrderRef="first"),
        limit(2, "BACK", 3.0, 6.5, persistenceType="PERSIST"),
        customer_ref="reports",
        customer_strategy_ref="s1",
    )
    assert (report.status, report.market_id, report.customer_ref) == ("SUCCESS", market, "reports")
    first, second = report.place_instruction_reports
    assert (first.order_status, first.instruction.customer_order_ref) == ("EXECUTABLE", "first")
    assert (second.size_matched, second.instruction.limit_order.persistence_type) == (0.0, "PERSIST")
    taken = place(bob, market, limit(1, "BACK", 1.9, 3)).place_instruction_reports[0]
    assert (taken.size_matched, taken.average_price_matched, taken.order_status) == (3.0, 2.0, "EXECUTION_COMPLETE")
    lay, back = current(ann, market)
    assert (lay.bet_id, lay.customer_order_ref, lay.customer_strategy_ref) == (first.bet_id, "first", "s1")
    assert (lay.size_matched, lay.size_remaining, lay.status, lay.matched_date is None) == (
        3.0,
        2.0,
        "EXECUTABLE",
        False,
    )
    assert (back.persistence_type, back.price_size.price, back.side) == ("PERSIST", 3.0, "BACK")


def test_current_orders_are_found_by_every_condition(floor: Floor, ann: Program, bob: Program) -> None:
    market = floor.market()
    place(ann, market, limit(1, "LAY", 2.0, 5, customerOrderRef="a"), customer_strategy_ref="x")
    place(ann, market, limit(1, "LAY", 1.9, 5, customerOrderRef="b"), customer_strategy_ref="y")
    place(bob, market, limit(1, "BACK", 2.0, 5))
    assert [each.customer_order_ref for each in current(ann, market, order_projection="EXECUTABLE")] == ["b"]
    assert [each.customer_order_ref for each in current(ann, market, order_projection="EXECUTION_COMPLETE")] == ["a"]
    assert [each.customer_order_ref for each in current(ann, market, customer_strategy_refs=["y"])] == ["b"]
    assert [each.customer_order_ref for each in current(ann, market, customer_order_refs=["a"])] == ["a"]
    assert [each.customer_order_ref for each in current(ann, market, order_by="BY_MATCH_TIME")] == ["a"]
    assert [each.customer_order_ref for each in current(ann, market, sort_dir="LATEST_TO_EARLIEST")] == ["b", "a"]
    page = ann.api.betting.list_current_orders(market_ids=[market], record_count=1, lightweight=False)
    assert (len(page.orders), page.more_available) == (1, True)
    rest = ann.api.betting.list_current_orders(market_ids=[market], from_record=1, lightweight=False)
    assert ([each.customer_order_ref for each in rest.orders], rest.more_available) == (["b"], False)
    (named,) = ann.api.betting.list_current_orders(bet_ids=[rest.orders[0].bet_id], lightweight=False).orders
    assert named.customer_order_ref == "b"


def test_fill_or_kill_takes_what_it_asks_for_or_nothing(floor: Floor, ann: Program, bob: Program) -> None:
    market = floor.market()
    place(bob, market, limit(1, "LAY", 2.0, 5))
    killed = place(ann, market, limit(1, "BACK", 2.0, 8, timeInForce="FILL_OR_KILL"))
    (report,) = killed.place_instruction_reports
    assert (killed.status, report.order_status, report.size_matched) == ("SUCCESS", "EXPIRED", 0.0)
    filled = place(ann, market, limit(1, "BACK", 2.0, 8, timeInForce="FILL_OR_KILL", minFillSize=4))
    (report,) = filled.place_instruction_reports
    assert (report.order_status, report.size_matched) == ("EXECUTION_COMPLETE", 5.0)


def test_an_order_that_is_killed_does_not_stop_the_others(floor: Floor, ann: Program, bob: Program) -> None:
    market = floor.market()
    place(bob, market, limit(1, "LAY", 2.0, 5))
    report = place(
        ann,
        market,
        limit(1, "BACK", 2.0, 8, timeInForce="FILL_OR_KILL"),
        limit(1, "BACK", 2.0, 3),
        limit(1, "BACK", 2.0, 3),
    )
    assert report.status == "SUCCESS"
    assert [(each.order_status, each.size_matched) for each in report.place_instruction_reports] == [
        ("EXPIRED", 0.0),
        ("EXECUTION_COMPLETE", 3.0),
        ("EXECUTABLE", 2.0),
    ]


def test_each_order_is_looked_at_after_those_before_it(floor: Floor, bob: Program) -> None:
    market = floor.market("Red", "Blue")
    poor = floor.program("10.00")
    place(bob, market, limit(1, "LAY", 3.0, 10))
    asked = [limit(1, "BACK", 3.0, 10), limit(2, "BACK", 2.0, 10), limit(1, "BACK", 4.0, 10)]
    assert [each.error_code for each in place(poor, market, *asked).place_instruction_reports] == [
        "RELATED_ACTION_FAILED",
        "RELATED_ACTION_FAILED",
        "INSUFFICIENT_FUNDS",
    ]
    place(bob, market, limit(2, "LAY", 2.0, 10))
    report = place(poor, market, *asked)
    assert [each.size_matched for each in report.place_instruction_reports] == [10.0, 10.0, 0.0]
    assert poor.funds() == (0.0, -10.0)


def test_the_same_reference_gives_the_first_report_again(floor: Floor, ann: Program) -> None:
    market = floor.market()
    asked = [limit(1, "LAY", 2.0, 5), limit(2, "LAY", 2.0, 5)]

    def send(_: int) -> Any:
        return ann.call(
            "SportsAPING/v1.0/placeOrders", {"marketId": market, "instructions": asked, "customerRef": "once"}
        )["result"]

    with ThreadPoolExecutor(8) as pool:
        first, *others = pool.map(send, range(8))
    assert first["status"] == "SUCCESS"
    assert others == [first] * 7
    assert len(current(ann, market)) == 2
    other = place(ann, market, limit(1, "LAY", 2.0, 9), customer_ref="once")
    assert (other.status, other.error_code) == ("FAILURE", "DUPLICATE_TRANSACTION")
    assert len(current(ann, market)) == 2


def test_an_order_placed_asynchronously_is_found_by_its_reference(floor: Floor, ann: Program) -> None:
    market = floor.market()
    (report,) = place(
        ann, market, limit(1, "LAY", 2.0, 5, customerOrderRef="later"), async_=True
    ).place_instruction_reports
    assert (report.status, report.order_status, report.bet_id) == ("SUCCESS", "PENDING", None)
    assert len(current(ann, market, customer_order_refs=["later"])) == 1


def test_orders_are_taken_back_whole_in_part_by_market_and_all(floor: Floor) -> None:
    cleo = floor.program()
    market, other = floor.market(), floor.market()
    reports = place(cleo, market, *[limit(1, "LAY", 2.0, 10)] * 3).place_instruction_reports
    one, two, _ = [report.bet_id for report in reports]
    place(cleo, other, limit(1, "LAY", 2.0, 10))

    def cancel(**asked: Any) -> Any:
        return cleo.api.betting.cancel_orders(lightweight=False, **asked)

    cancelled = cancel(market_id=market, instructions=[{"betId": one}, {"betId": two, "sizeReduction": 4}])
    assert cancelled.status == "SUCCESS"
    assert [each.size_cancelled for each in cancelled.cancel_instruction_reports] == [10.0, 4.0]
    again = cancel(market_id=market, instructions=[{"betId": one}, {"betId": "999999999"}, {"betId": two}])
    assert (again.status, again.error_code) == ("PROCESSED_WITH_ERRORS", "PROCESSED_WITH_ERRORS")
    assert [each.error_code for each in again.cancel_instruction_reports] == [
        "BET_TAKEN_OR_LAPSED",
        "INVALID_BET_ID",
        None,
    ]
    by_market = cancel(market_id=market)
    assert [each.size_cancelled for each in by_market.cancel_instruction_reports] == [10.0]
    assert (current(cleo, market), len(current(cleo, other))) == ([], 1)
    assert cancel().status == "SUCCESS"
    assert cancel().status == "SUCCESS"
    assert cleo.funds() == (1000.0, 0.0)


def test_an_order_is_replaced_at_another_price(floor: Floor, ann: Program, bob: Program) -> None:
    market = floor.market()
    (placed,) = place(
        ann, market, limit(1, "LAY", 2.0, 10, customerOrderRef="r"), customer_strategy_ref="s"
    ).place_instruction_reports
    place(bob, market, limit(1, "BACK", 2.0, 4))
    replaced = ann.api.betting.replace_orders(market, [{"betId": placed.bet_id, "newPrice": 2.2}], lightweight=False)
    (report,) = replaced.replace_instruction_reports
    assert (replaced.status, report.status) == ("SUCCESS", "SUCCESS")
    assert report.cancel_instruction_reports.size_cancelled == 6.0
    new = report.place_instruction_reports
    assert (new.instruction.limit_order.price, new.instruction.limit_order.size) == (2.2, 6.0)
    order = current(ann, market, order_projection="EXECUTABLE")[0]
    assert (order.bet_id, order.customer_order_ref, order.customer_strategy_ref) == (new.bet_id, "r", "s")
    for price, code in ((2.2, "NO_ACTION_REQUIRED"), (2.203, "INVALID_ODDS")):
        failed = ann.api.betting.replace_orders(market, [{"betId": new.bet_id, "newPrice": price}], lightweight=True)
        assert failed["instructionReports"][0]["errorCode"] == code
        assert failed["status"] == "FAILURE"
    gone = ann.api.betting.replace_orders(market, [{"betId": placed.bet_id, "newPrice": 3}], lightweight=True)
    assert gone["instructionReports"][0]["cancelInstructionReport"]["errorCode"] == "BET_TAKEN_OR_LAPSED"


def test_what_becomes_of_an_order_in_play_can_be_updated(floor: Floor, ann: Program) -> None:
    market = floor.market()
    keeps, lapses = [
        each.bet_id for each in place(ann, market, *[limit(1, "LAY", 2.0, 5)] * 2).place_instruction_reports
    ]
    updated = ann.api.betting.update_orders(
        market, [{"betId": keeps, "newPersistenceType": "PERSIST"}], lightweight=False
    )
    assert (updated.status, updated.update_instruction_reports[0].status) == ("SUCCESS", "SUCCESS")
    same = ann.api.betting.update_orders(market, [{"betId": lapses, "newPersistenceType": "LAPSE"}], lightweight=False)
    assert same.update_instruction_reports[0].error_code == "NO_ACTION_REQUIRED"
    floor.operate(market, "in-play")
    assert [each.bet_id for each in current(ann, market)] == [keeps]


@pytest.mark.parametrize("version", [1, 7])
def test_an_order_that_knows_the_markets_version_is_taken(floor: Floor, ann: Program, version: int) -> None:
    market = floor.market()
    assert place(ann, market, limit(1, "LAY", 2.0, 5), market_version={"version": version}).status == "SUCCESS"


def test_200_orders_are_placed_in_one_request(floor: Floor, ann: Program) -> None:
    market = floor.market()
    report = place(ann, market, *[limit(1 + place % 2, "LAY", 1.5, 1) for place in range(200)], customer_ref="many")
    assert report.status == "SUCCESS"
    bets = [int(each.bet_id) for each in report.place_instruction_reports]
    assert bets == list(range(bets[0], bets[0] + 200))
