"""Prices, trades and own bets in a market, through betfairlightweight's typed results."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.betfair.conftest import APIError, Floor, Program, limit


@pytest.fixture(scope="module")
def market(floor: Floor, ann: Program, bob: Program) -> str:
    """A market in which bob lays at five prices, and ann has backed 4.20 at the best."""
    market = floor.market("Ann", "Bo", "Cy")
    lays = [limit(1, "LAY", price, 10) for price in (2.0, 2.1, 2.2, 2.3, 2.4)]
    bob.api.betting.place_orders(market, [*lays, limit(2, "BACK", 3.0, 7)], customer_strategy_ref="ladder")
    ann.api.betting.place_orders(market, [limit(1, "BACK", 2.3, 4.2)], customer_strategy_ref="s1")
    return market


def prices(market: str, ann: Program, data: list[str], **overrides: Any) -> Any:
    """Return the prices of the first runner."""
    projection = {"priceData": data, **({"exBestOffersOverrides": overrides} if overrides else {})}
    (book,) = ann.api.betting.list_market_book([market], price_projection=projection, lightweight=False)
    return book.runners[0].ex


def test_a_book_tells_the_market_and_its_best_prices(market: str, ann: Program) -> None:
    (book,) = ann.api.betting.list_market_book(
        [market], price_projection={"priceData": ["EX_BEST_OFFERS", "EX_TRADED"]}, lightweight=False
    )
    assert (book.status, book.inplay, book.number_of_active_runners, book.version) == ("OPEN", False, 3, 1)
    assert (book.total_matched, book.runners[0].last_price_traded) == (8.4, 2.4)
    first, second, _ = book.runners
    assert [(each.price, each.size) for each in first.ex.available_to_back] == [(2.4, 5.8), (2.3, 10.0), (2.2, 10.0)]
    assert [(each.price, each.size) for each in second.ex.available_to_lay] == [(3.0, 7.0)]
    assert [(each.price, each.size) for each in first.ex.traded_volume] == [(2.4, 8.4)]


def test_depth_and_roll_up_are_as_asked_for(market: str, ann: Program) -> None:
    assert len(prices(market, ann, ["EX_ALL_OFFERS"]).available_to_back) == 5
    assert len(prices(market, ann, ["EX_BEST_OFFERS"], bestPricesDepth=4).available_to_back) == 4
    rolled = prices(market, ann, ["EX_BEST_OFFERS"], rollupModel="STAKE", rollupLimit=15).available_to_back
    assert [(each.price, each.size) for each in rolled] == [(2.3, 15.8), (2.1, 20.0), (2.0, 10.0)]
    with pytest.raises(APIError, match="INVALID_INPUT_DATA"):
        prices(market, ann, ["EX_BEST_OFFERS"], rollupModel="PAYOUT")


def test_own_orders_and_matches_are_projected(market: str, bob: Program) -> None:
    def runner(**asked: Any) -> Any:
        (book,) = bob.api.betting.list_market_book([market], lightweight=False, **asked)
        return book.runners[0]

    both = runner(order_projection="ALL", match_projection="NO_ROLLUP")
    assert len(both.orders) == 5
    assert [(each.side, each.price, each.size) for each in both.matches] == [("LAY", 2.4, 4.2)]
    assert runner(order_projection="EXECUTION_COMPLETE").orders == []
    rolled = runner(match_projection="ROLLED_UP_BY_PRICE")
    assert [(each.price, each.size, each.bet_id) for each in rolled.matches] == [(2.4, 4.2, None)]
    (book,) = bob.api.betting.list_market_book(
        [market], match_projection="ROLLED_UP_BY_AVG_PRICE", partition_matched_by_strategy_ref=True, lightweight=True
    )
    assert book["runners"][0]["matchesByStrategy"] == {"ladder": [{"side": "LAY", "price": 2.4, "size": 4.2}]}


def test_one_runner_can_be_asked_for(market: str, ann: Program) -> None:
    (book,) = ann.api.betting.list_runner_book(
        market, 2, price_projection={"priceData": ["EX_BEST_OFFERS"]}, lightweight=False
    )
    assert [runner.selection_id for runner in book.runners] == [2]
    with pytest.raises(APIError, match="INVALID_INPUT_DATA"):
        ann.api.betting.list_runner_book(market, 9)


def test_a_market_that_is_suspended_in_play_or_over_says_so(floor: Floor, ann: Program) -> None:
    market = floor.market("Ann", "Bo", "Cy", bet_delay_seconds=5)

    def book() -> Any:
        return ann.api.betting.list_market_book([market], lightweight=False)[0]

    floor.operate(market, "suspend")
    assert (book().status, book().version) == ("SUSPENDED", 2)
    floor.operate(market, "runners/3/remove", {"reduction_bps": 1250})
    assert (book().runners[2].status, book().runners[2].adjustment_factor) == ("REMOVED", 12.5)
    floor.operate(market, "resume")
    floor.operate(market, "in-play")
    assert (book().status, book().inplay, book().bet_delay) == ("OPEN", True, 5)
    floor.operate(market, "settle", {"winners": ["2"]})
    assert (book().status, [runner.status for runner in book().runners]) == ("CLOSED", ["LOSER", "WINNER", "REMOVED"])
    assert ann.api.betting.list_market_catalogue(filter={"marketIds": [market]}, max_results=1) == []
    assert ann.api.betting.list_market_book(["1.999999999"]) == []


def test_a_book_is_of_one_moment_while_bets_are_matched(floor: Floor, ann: Program, bob: Program) -> None:
    market, reader, pairs = floor.market(), floor.program(), 40

    def bet() -> None:
        for _ in range(pairs):
            bob.api.betting.place_orders(market, [limit(1, "LAY", 3.0, 5)])
            ann.api.betting.place_orders(market, [limit(1, "BACK", 3.0, 5)])

    with ThreadPoolExecutor() as threads:
        betting, matched = threads.submit(bet), 0.0
        while matched < pairs * 10:
            is_over = betting.done()
            (book,) = reader.api.betting.list_market_book([market], {"priceData": ["EX_ALL_OFFERS", "EX_TRADED"]})
            matched = book.total_matched
            assert sum(level.size for level in book.runners[0].ex.traded_volume) == matched
            # Each lay waits by itself, until it is matched with the back that comes next.
            assert sum(level.size for level in book.runners[0].ex.available_to_back) in {0, 5}
            assert not is_over or matched == pairs * 10
        betting.result()


def test_cross_matching_is_told_and_virtual_prices_are_told_if_asked_for(
    floor: Floor, ann: Program, bob: Program
) -> None:
    market = floor.market("Ann", "Bo", "Cy", cross_matching=True)
    bob.api.betting.place_orders(market, [limit(2, "BACK", 3.0, 40), limit(3, "BACK", 6.0, 10)])

    def asked(**how: bool) -> Any:
        projection = {"priceData": ["EX_BEST_OFFERS"], **how}
        (book,) = ann.api.betting.list_market_book([market], price_projection=projection, lightweight=False)
        assert book.cross_matching is True
        return [[(each.price, each.size) for each in runner.ex.available_to_back] for runner in book.runners]

    assert asked() == [[], [], []]
    assert asked(virtualise=True) == [[(2.0, 30.0)], [], []]
    report = ann.api.betting.place_orders(market, [limit(1, "BACK", 1.5, 30)])
    (told,) = report.place_instruction_reports
    assert (told.average_price_matched, told.size_matched) == (2.0, 30.0)
    assert asked(virtualise=True) == [[], [], []]
    other = floor.market("Ann", "Bo", "Cy")
    (book,) = ann.api.betting.list_market_book([other], lightweight=False)
    assert book.cross_matching is False


def test_totals_count_each_customer_who_bets_in_a_set_as_if_they_had_met(
    floor: Floor, ann: Program, bob: Program
) -> None:
    direct, crossed = floor.market(), floor.market(cross_matching=True)
    bob.api.betting.place_orders(direct, [limit(1, "LAY", 2.0, 10)])
    bob.api.betting.place_orders(crossed, [limit(2, "BACK", 2.0, 10)])
    for market, traded in ((direct, [20.0, 0.0]), (crossed, [10.0, 10.0])):
        (report,) = ann.api.betting.place_orders(market, [limit(1, "BACK", 2.0, 10)]).place_instruction_reports
        assert (report.average_price_matched, report.size_matched) == (2.0, 10.0)
        (book,) = ann.api.betting.list_market_book([market], {"priceData": ["EX_TRADED"]}, lightweight=False)
        assert book.total_matched == 20.0
        assert [runner.total_matched for runner in book.runners] == traded
        levels = [[(level.price, level.size) for level in runner.ex.traded_volume] for runner in book.runners]
        assert levels == [[(2.0, size)] if size else [] for size in traded]
        (listed,) = ann.api.betting.list_market_catalogue({"marketIds": [market]}, lightweight=False)
        assert listed.total_matched == 20.0
    # Both have the same total. With a bet of 2.00 more, the first has the greater one.
    bob.api.betting.place_orders(direct, [limit(1, "LAY", 2.0, 2)])
    ann.api.betting.place_orders(direct, [limit(1, "BACK", 2.0, 2)])
    both = {"marketIds": [crossed, direct]}
    found = ann.api.betting.list_market_catalogue(both, sort="MAXIMUM_TRADED", max_results=2)
    assert [each.market_id for each in found] == [direct, crossed]


def test_virtual_prices_are_told_if_the_least_stake_has_them(floor: Floor, ann: Program, bob: Program) -> None:
    told: list[Any] = []
    for least in ("0.10", "0.11"):
        market = floor.market("Ann", "Bo", "Cy", cross_matching=True, min_stake=least)
        # The chances of these two come to more than a certainty.
        bob.api.betting.place_orders(market, [limit(2, "BACK", 1.5, 66.67), limit(3, "BACK", 2.0, 50)])
        projection = {"priceData": ["EX_BEST_OFFERS"], "virtualise": True}
        (book,) = ann.api.betting.list_market_book([market], price_projection=projection, lightweight=False)
        told.append([[(each.price, each.size) for each in runner.ex.available_to_back] for runner in book.runners])
    assert told == [[[(1000.0, 0.1)], [], []], [[], [], []]]
